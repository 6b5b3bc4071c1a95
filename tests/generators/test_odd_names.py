"""Any name that a database allows works in expressions, templates, lookups and ends of dates."""

from pathlib import Path
from typing import Any

import pytest
from policies import pipeline, problem, table

import faasera
from faasera.policy.names import braced, read_name, split_template

NAMES = ["a.b", "x{y", "p|q", "{}", 'say "hi"', '"q"', "it's", "unit price", " blank ", "ü 漢字 😀", "a:b", "price!", "[0]", "select", "1st", "a+b", "#1", "%d", "--", "\\", "."]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_braces_is_read_again(name: str):
    assert read_name(braced(name)[1:-1]).name == name
    (literal, field), rest = split_template(f"<{{{{{braced(name)[:-1]}|upper}}>")
    assert field is not None
    assert (literal, field.column.name, field.filters, rest) == ("<{", name, ("upper",), (">", None))


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_names_a_column(tmp_path: Path, name: str):
    shown = braced(name)
    path = f"p.{shown[1:-1]}"
    rules: dict[str, Any] = {
        name: {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}, "nullFraction": 0.1},
        "later": {"type": "DATE_RANDOM", "range": {"start": f"{shown} + P1D", "end": f"{shown} + P9D"}},
        "text": {"type": "PRESERVE", "pattern": f"on {shown[:-1]}|left:4}}!"},
        "year": {"type": "PRESERVE", "expression": f"year({shown}) + 1"},
        "same": {
            "type": "CONSTANT",
            "value": "no",
            "when": [{"where": {"year": 2025}, "rule": {"type": "CONSTANT", "value": "yes"}}],
        },
    }
    parent = table({"id": {}, **rules}, 60, primaryKeyColumn="id", checks=[{"expression": f"{shown} < later"}]) | {
        "tableName": "p"
    }
    child = table(
        {
            "copy": {"type": "PRESERVE", "lookup": path},
            "also": {"type": "PRESERVE", "expression": f"coalesce({{{path}}}, as_of())"},
            "told": {"type": "PRESERVE", "pattern": f"<{{{path}}}>"},
        },
        90,
        foreignKeys=[{"columns": ["p"], "references": {"table": "p", "columns": ["id"]}}],
    ) | {"tableName": "c"}
    dataset = faasera.load(pipeline(parent, child))
    dataset.write(tmp_path, format="parquet")
    rows = dataset["p"].to_arrow().to_pylist()
    assert all(row["text"] == (f"on {str(row[name])[:4]}!" if row[name] else None) for row in rows)
    report = faasera.check(tmp_path)
    assert report.ok, report.failed
    assert not [finding for finding in report.skipped if finding.kind == "rule"], report.skipped


def test_a_path_by_a_foreign_key_comes_before_a_column_with_dots():
    parent = table({"id": {}, "b": {"type": "CONSTANT", "value": "parent"}}, 5, primaryKeyColumn="id") | {
        "tableName": "a"
    }
    child = table(
        {
            "a.b": {"type": "CONSTANT", "value": "own"},
            "path": {"type": "PRESERVE", "pattern": "{a.b}"},
            "own": {"type": "PRESERVE", "pattern": '{"a.b"}'},
            "both": {"type": "PRESERVE", "expression": 'concat(a.b, {"a.b"})'},
        },
        5,
        foreignKeys=[{"columns": ["a_id"], "references": {"table": "a", "columns": ["id"]}}],
    )
    row = faasera.generate(pipeline(parent, child))["t"].to_pylist()[0]
    assert (row["path"], row["own"], row["both"]) == ("parent", "own", "parentown")


def test_what_is_no_column_is_refused_by_name():
    rules = {"a": {"type": "CONSTANT", "value": 1}, "c": {"type": "PRESERVE", "expression": '{"a.x"} + 1'}}
    found = problem(table(rules))
    assert (found.code, "'a.x'" in found.message) == ("unknown-column", True)


@pytest.mark.parametrize("name", [one for one in NAMES if one not in ('"q"',)])
def test_an_import_of_a_database_with_such_names(tmp_path: Path, name: str):
    quoted = name.replace('"', '""')
    (tmp_path / "s.sql").write_text(
        f'create table t (id int primary key, "{quoted}" int not null check ("{quoted}" > 5), d date not null,'
        f' "{quoted}2" date not null check ("{quoted}2" > d), check ("{quoted}" < 1000 or d is null));'
    )
    imported = faasera.import_schema(str(tmp_path / "s.sql"), dialect="postgres")
    rows = faasera.generate(imported.policy)["t"].to_pylist()
    assert len(rows) == 1000 and all(row[name] > 5 and row[name + "2"] > row["d"] for row in rows)


def test_an_import_from_a_database_into_one(tmp_path: Path):
    import sqlite3

    ddl = ", ".join(
        f'"{name.replace(chr(34), chr(34) * 2)}" int not null check ("{name.replace(chr(34), chr(34) * 2)}" > 5)'
        for name in NAMES
    )
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute(f"create table t (id integer primary key, {ddl})")
    imported = faasera.import_schema(f"sqlite:///{tmp_path / 's.db'}")
    assert set(NAMES) <= set(imported.policy["tables"][0]["columnRuleMap"])
    faasera.load(imported.policy, rows=50).write_database(f"sqlite:///{tmp_path / 's.db'}")
    report = faasera.check(f"sqlite:///{tmp_path / 's.db'}", imported.policy, rows=50)
    assert report.ok, report.failed
