"""The check finds what is wrong: every promise is broken once, on purpose."""

import datetime
import json
import subprocess
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import scipy.stats
from policies import ROOT, table
from pyarrow import csv, parquet
from warm import program

import faasera
from faasera.run.check.statistics import Fit, survival, zipf_mass

DAY = datetime.date


def policy():
    """Two tables, and a promise of every kind."""
    parents = {
        "tableName": "p",
        "rowCount": 400,
        "primaryKeyColumn": "id",
        "uniqueKeys": [["code"]],
        "foreignKeys": [
            {
                "columns": ["above"],
                "references": {"table": "p", "columns": ["id"]},
                "acyclic": {"roots": 2, "maxDepth": 3},
            }
        ],
        "columnRuleMap": {
            "id": {},
            "above": {},
            "code": {"type": "RANDOM", "pattern": "[A-Z]{4}"},
            "city": {"type": "SEED", "seedFileName": "places.csv", "weightColumn": "weight", "group": "g"},
            "zip": {"type": "SEED", "seedFileName": "places.csv", "weightColumn": "weight", "group": "g"},
            "score": {"type": "RANDOM", "range": {"min": 0, "max": 100}, "distribution": "NORMAL", "nullFraction": 0.3},
            "since": {
                "type": "DATE_RANDOM",
                "range": {"start": "2024-01-01", "end": "2024-06-30"},
                "weekdays": ["MON", "TUE"],
            },
            "total": {
                "type": "PRESERVE",
                "dataType": "DECIMAL(12,2)",
                "aggregate": {"table": "c", "function": "sum", "expression": "amount"},
            },
        },
    }
    children = {
        "tableName": "c",
        "compositeKeyColumn": "p_id+no",
        "foreignKeys": [{"columns": ["p_id"], "references": {"table": "p", "columns": ["id"]}, "childrenPerParent": {"min": 1, "max": 4}}],
        "columnRuleMap": {
            "p_id": {},
            "no": {"type": "PRESERVE", "expression": "{#}"},
            "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 50, "step": 0.5}},
            "double": {"type": "PRESERVE", "expression": "amount * 2"},
            "mail": {"type": "PRESERVE", "pattern": "{kind|upper}.{p_id}@example.com"},
            "kind": {"type": "SEED", "values": ["a", "b", "c"], "weights": [7, 2, 1]},
            "city": {"type": "PRESERVE", "lookup": "p.city"},
            "from": {"type": "DATE_RANDOM", "range": {"start": "{p.since}", "end": "{p.since} + P1Y"}, "ascending": True},
            "until": {"type": "PRESERVE", "expression": "add_days(next(from), -1)"},
            "current": {"type": "PRESERVE", "expression": "last()"},
            "token": {"type": "RANDOM", "length": 6, "alphabet": "xyz", "maxLength": 6},
            "number": {"type": "SEQUENCE", "start": 10, "step": 5},
            "fixed": {"type": "CONSTANT", "value": "EUR"},
        },
    }  # fmt: skip
    return {
        "name": "checked",
        "seed": 3,
        "seedDirectory": str(ROOT / "examples/shop/seeds"),
        "tables": [parents, children],
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("check") / "made"
    faasera.load(policy()).write(out, format="parquet")
    return out


def changed(written, tmp_path, name, change):
    """A copy of the folder, one table changed."""
    for path in written.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rows = change(parquet.read_table(tmp_path / f"{name}.parquet"))
    parquet.write_table(rows, tmp_path / f"{name}.parquet")
    return faasera.check(tmp_path, policy())


def cell(column, value, row=17):
    """Puts one value into a table."""

    def change(rows):
        values = rows[column].to_pylist()
        values[row] = values[value] if callable(value) else value
        return rows.set_column(
            rows.schema.get_field_index(column),
            rows.schema.field(column).with_nullable(True),
            pa.array(values, rows.schema.field(column).type),
        )

    return change


def whole(column, make):
    """Makes a whole column anew."""

    def change(rows):
        values = make(rows)
        return rows.set_column(rows.schema.get_field_index(column), pa.field(column, values.type), values)

    return change


def test_nothing_is_wrong_with_what_was_written(written):
    report = faasera.check(written, policy())
    assert report.ok
    assert not report.skipped
    kinds = {finding.kind for finding in report.passed}
    assert kinds >= {
        "row count", "type", "digest", "no nulls", "null fraction", "primary key", "composite key", "unique", "never null",
        "foreign key", "cardinality", "no cycle", "roots", "depth", "values", "same line", "pattern", "range", "step", "weekdays", "derived",
        "lookup", "aggregate", "ascending", "alphabet", "length", "sequence", "distribution",
    }  # fmt: skip
    assert report.rows == 400 + len(faasera.load(policy())["c"])


BROKEN = [
    ("p", lambda rows: rows.slice(1), "row count", ""),
    ("p", lambda rows: rows.slice(1), "digest", ""),
    ("p", cell("id", 1), "primary key", "id"),
    ("p", cell("id", None), "never null", "id"),
    ("p", cell("id", None), "no nulls", "id"),
    ("p", cell("code", "abcd"), "pattern", "code"),
    ("p", whole("code", lambda rows: pa.array(["ABCD"] * rows.num_rows)), "unique", "code"),
    ("p", cell("above", 399, row=200), "depth", "above → p"),
    ("p", cell("above", 18, row=17), "no cycle", "above → p"),
    ("p", cell("above", None), "roots", "above → p"),
    ("p", cell("above", 4000), "foreign key", "above → p"),
    ("p", cell("city", "Nowhere"), "values", "city"),
    ("p", cell("zip", "00000"), "values", "zip"),
    ("p", whole("zip", lambda rows: rows["zip"].take(pa.array(range(rows.num_rows)[::-1]))), "same line", "city, zip"),
    ("p", cell("score", 101), "range", "score"),
    ("p", whole("score", lambda rows: pc.fill_null(rows["score"], pa.scalar(50, pa.int32()))), "null fraction", "score"),
    ("p", whole("score", lambda rows: pc.if_else(pc.less(rows["score"], 50), pa.scalar(20, pa.int32()), rows["score"])), "distribution", "score"),
    ("p", cell("since", DAY(2024, 7, 1)), "range", "since"),
    ("p", cell("since", DAY(2024, 3, 6)), "weekdays", "since"),
    ("p", cell("total", Decimal("1.01")), "aggregate", "total"),
    ("c", cell("amount", Decimal("1.25")), "step", "amount"),
    ("c", lambda rows: rows.slice(0, rows.num_rows - 4), "cardinality", "p_id → p"),
    ("c", cell("no", 9), "derived", "no"),
    ("c", cell("double", 3.25), "derived", "double"),
    ("c", cell("mail", "x@example.com"), "derived", "mail"),
    ("c", cell("kind", "d"), "values", "kind"),
    ("c", whole("kind", lambda rows: pa.array(["b"] * rows.num_rows)), "distribution", "kind"),
    ("c", cell("city", "Elsewhere"), "lookup", "city"),
    ("c", cell("from", DAY(2023, 1, 1)), "range", "from"),
    ("c", cell("until", DAY(2024, 1, 1)), "derived", "until"),
    ("c", whole("current", lambda rows: pc.invert(rows["current"])), "derived", "current"),
    ("c", cell("token", "xyzabc"), "alphabet", "token"),
    ("c", cell("token", "xyzxyzx"), "length", "token"),
    ("c", cell("number", 11), "sequence", "number"),
    ("c", cell("fixed", "USD"), "values", "fixed"),
    ("c", whole("fixed", lambda rows: pa.array([1] * rows.num_rows)), "type", "fixed"),
    ("c", lambda rows: pa.concat_tables([rows.slice(0, 1), rows.slice(0, rows.num_rows - 1)]), "composite key", "p_id, no"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "kind", "subject"), BROKEN, ids=[f"{one[2]}-{one[3]}" for one in BROKEN])
def test_what_is_broken_is_found(written, tmp_path, name, change, kind, subject):
    report = changed(written, tmp_path, name, change)
    found = {(finding.table, finding.kind, finding.subject): finding for finding in report.failed}
    assert (name, kind, subject) in found, list(found)
    assert found[name, kind, subject].detail
    assert any(finding.kind in ("digest", "type") for finding in report.failed)


def test_children_that_do_not_rise(written, tmp_path):
    report = changed(written, tmp_path, "c", whole("from", lambda rows: pa.array([DAY(2024, 6, 3)] * rows.num_rows)))
    assert "ascending" in {finding.kind for finding in report.failed}


def test_offending_rows_are_shown(written, tmp_path):
    report = changed(written, tmp_path, "c", cell("kind", "d"))
    finding = next(finding for finding in report.failed if finding.kind == "values")
    assert finding.violations == 1
    assert [sample["kind"] for sample in finding.samples] == ["d"]
    json.dumps(report.as_dict())


@pytest.mark.parametrize("format", ["csv", "json", "jsonl"])
def test_text_formats_are_read_as_they_were_written(tmp_path, format):
    rules = {
        "id": {"type": "SEQUENCE"},
        "odd": {
            "type": "SEED",
            "values": ["", " a", 'say "x"', "a,b", "naïve", "null", "two\nlines"],
            "nullFraction": 0.2,
        },
        "bytes": {"type": "RANDOM", "dataType": "BINARY", "length": 5, "nullFraction": 0.1},
        "flag": {"type": "RANDOM", "dataType": "BOOLEAN"},
        "real": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -1, "max": 1}},
        "at": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 00:00:00", "end": "2024-02-01"}},
        "time": {"type": "RANDOM", "dataType": "TIME"},
        "json": {"type": "RANDOM", "dataType": "JSON"},
        "uuid": {"type": "RANDOM", "dataType": "UUID"},
    }
    options = {"compression": "gzip"} | ({"delimiter": ";"} if format == "csv" else {})
    faasera.load(table(rules, 2000)).write(tmp_path / "o", format=format, parts=2, **options)
    report = faasera.check(tmp_path / "o")
    assert report.ok, report.failed
    assert "digest" in {finding.kind for finding in report.passed}


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
@pytest.mark.parametrize(
    "path",
    ["tests/run/sample.json", "tests/run/relations.json", "examples/shop/policy.json", "examples/guide/customers.json"],
)
def test_policies_at_hand_keep_their_promises(tmp_path, path, format):
    faasera.load(ROOT / path).write(tmp_path / "o", format=format)
    report = faasera.check(tmp_path / "o", ROOT / path)
    assert report.ok, report.failed
    assert len(report.skipped) <= 2, report.skipped


def test_texts_that_are_no_numbers(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}}, 5)).write(tmp_path / "o")
    (tmp_path / "o/t.csv").write_text("id\n1\n2\nthree\n4\n5\n")
    found = {finding.kind: finding for finding in faasera.check(tmp_path / "o").failed}
    assert found["type"].violations == 1


def test_columns_of_other_names(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}, "v": {"type": "CONSTANT", "value": 1}}, 5)).write(tmp_path / "o")
    text = (tmp_path / "o/t.csv").read_text()
    (tmp_path / "o/t.csv").write_text(text.replace("id,v", "id,w", 1))
    assert {(finding.kind, finding.subject, finding.detail) for finding in faasera.check(tmp_path / "o").failed} == {
        ("type", "*", "the columns are id, w")
    }


def test_virtual_parents_are_read_from_their_file(tmp_path):
    csv.write_csv(pa.table({"branch": ["007", "008"], "town": ["Ayton", "Beeton"]}), tmp_path / "branches.csv")
    key = {"columns": ["branch"], "references": {"file": "branches.csv", "columns": ["branch"]}}
    rules = {"branch": {}, "town": {"type": "PRESERVE", "lookup": "branches.town"}}
    given = table(rules, 50, foreignKeys=[key])
    (tmp_path / "policy.json").write_text(json.dumps(given))
    faasera.load(tmp_path / "policy.json").write(tmp_path / "o")
    assert faasera.check(tmp_path / "o", tmp_path / "policy.json").ok
    (tmp_path / "branches.csv").write_text("branch,town\n007,Ayton\n")
    found = {finding.kind for finding in faasera.check(tmp_path / "o", tmp_path / "policy.json").failed}
    assert {"foreign key", "lookup"} <= found
    assert {finding.kind for finding in faasera.check(tmp_path / "o").skipped} == {"foreign key", "rule"}


def test_missing_files_and_folders(written, tmp_path):
    with pytest.raises(faasera.PolicyError) as raised:
        faasera.check(tmp_path)
    assert raised.value.problems[0].code == "no-manifest"
    for path in written.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "c.parquet").unlink()
    report = faasera.check(tmp_path, policy())
    assert [(finding.table, finding.kind) for finding in report.failed] == [("c", "files")]
    (tmp_path / "_manifest.json").write_text("{")
    with pytest.raises(faasera.PolicyError):
        faasera.check(tmp_path)


def test_on_the_command_line(tmp_path):
    def run(*arguments):
        return subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, check=False)

    (tmp_path / "policy.json").write_text(json.dumps(policy()))
    good = run("generate", tmp_path / "policy.json", "--out", tmp_path / "o", "--check", "--json")
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["check"]["ok"]
    text = (tmp_path / "o/p.csv").read_text()
    (tmp_path / "o/p.csv").write_text(text.replace("2024-0", "2025-0", 1))
    bad = run("check", tmp_path / "o", "--policy", tmp_path / "policy.json")
    assert bad.returncode == 3
    assert "p: range since: 1 row" in bad.stdout
    assert "2025-0" in bad.stdout
    found = run("check", tmp_path / "o", "--json")
    assert found.returncode == 3
    assert not json.loads(found.stdout)["ok"]
    assert run("check", tmp_path / "none").returncode == 2


def test_the_statistics_are_right():
    for degrees in (1, 2, 5, 19, 200):
        for statistic in (0.1, 1, degrees, degrees * 2, degrees * 5 + 30):
            assert survival(statistic, degrees) == pytest.approx(scipy.stats.chi2.sf(statistic, degrees), rel=1e-9)
    assert zipf_mass(1, 10, 1.2) == pytest.approx(sum(rank**-1.2 for rank in range(1, 11)))
    assert zipf_mass(1, 1_000_000, 1) == pytest.approx(14.392726722865772)
    assert not Fit([100, 110], [1, 1]).problem()
    assert "probability" in Fit([100, 300], [1, 1]).problem()
    assert "no weight" in Fit([100, 1], [1, 0]).problem()


def test_some_tables_without_their_parents(tmp_path):
    faasera.load(policy()).write(tmp_path / "o", tables=["c"])
    report = faasera.check(tmp_path / "o", policy())
    assert report.ok
    skipped = {(finding.table, finding.kind, finding.subject) for finding in report.skipped}
    assert ("p", "files", "") in skipped
    assert ("c", "foreign key", "p_id → p") in skipped
    assert ("c", "rule", "city") in skipped


@pytest.mark.parametrize(("format", "name"), [("parquet", "p.parquet"), ("csv", "p.csv"), ("json", "p.json")])
def test_files_that_are_damaged(tmp_path, format, name):
    faasera.load(policy()).write(tmp_path / "o", format=format)
    data = (tmp_path / "o" / name).read_bytes()
    (tmp_path / "o" / name).write_bytes(data[: len(data) // 2] + b'"}{,,"\n')
    report = faasera.check(tmp_path / "o", policy())
    assert not report.ok
    assert {finding.table for finding in report.failed} <= {"p", "c"}
