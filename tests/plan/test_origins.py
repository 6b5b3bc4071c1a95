"""Where columns come from: what a policy says of itself, in plans, files, databases and manifests."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from database_fixtures import structure

import faasera
from faasera.plan.origins import Origins, Source
from faasera.run.planning import load_plan


def masked(tmp_path):
    """A policy that draws old numbers from a file and keys from rows that are there, and encodes both."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/legacy.csv").write_text("number\n" + "\n".join(f"{n:07d}" for n in range(40)))
    (tmp_path / "branches.csv").write_text("branch\n" + "\n".join(f"B{n:06d}" for n in range(5)))
    return {
        "name": "masked",
        "seedDirectory": str(tmp_path),
        "tables": [
            {
                "tableName": "accounts",
                "rowCount": 50,
                "primaryKeyColumn": "id",
                "foreignKeys": [{"columns": ["branch"], "references": {"file": "branches.csv", "columns": ["branch"]}}],
                "columnRuleMap": {
                    "id": {"type": "SEQUENCE"},
                    "old": {"type": "SEED", "seedFileName": "lists/legacy.csv", "column": "number", "hidden": True},
                    "number": {"type": "FPE_ENCODED", "source": "old"},
                    "shown": {"type": "PRESERVE", "pattern": "No. {number}"},
                    "branch": {},
                    "at": {"type": "PRESERVE", "expression": "upper(branch)"},
                    "token": {"type": "FPE_ENCODED", "pattern": "####-####"},
                    "drawn": {"type": "RANDOM", "pattern": "[0-9]{8}"},
                    "again": {"type": "FPE_ENCODED", "source": "drawn"},
                    "city": {},
                },
            },
            {
                "tableName": "cards",
                "rowCount": 20,
                "foreignKeys": [{"columns": ["account"], "references": {"table": "accounts", "columns": ["id"]}}],
                "columnRuleMap": {"of": {"type": "PRESERVE", "lookup": "accounts.number"}, "account": {}},
            },
        ],
    }


def test_what_is_encoded_from_outside_is_pseudonymised_and_so_is_all_that_follows(tmp_path):
    plan = load_plan(masked(tmp_path))
    found = Origins(plan).table(plan.tables["accounts"])
    assert {name: (one.method, one.marking) for name, one in found.items()} == {
        "id": ("generated", "synthetic"),
        "number": ("encoded", "pseudonymised"),
        "shown": ("derived", "pseudonymised"),
        "branch": ("taken", "existing"),
        "at": ("derived", "existing"),
        "token": ("generated", "synthetic"),
        "drawn": ("generated", "synthetic"),
        "again": ("encoded", "synthetic"),
        "city": ("generated", "synthetic"),
    }
    cards = Origins(plan).table(plan.tables["cards"])
    assert (cards["of"].method, cards["of"].marking) == ("derived", "pseudonymised")
    assert cards["account"].marking == "synthetic"


def test_sources_look_through_columns_that_are_not_written(tmp_path):
    plan = load_plan(masked(tmp_path))
    accounts = Origins(plan).table(plan.tables["accounts"])
    assert accounts["number"].sources == (Source("file", "lists/legacy.csv", "number"),)
    assert accounts["shown"].sources == (Source("table", "accounts", "number"),)
    assert accounts["branch"].sources == (Source("rows", "branches.csv", "branch"),)
    assert accounts["city"].sources == (Source("reference", "city", "value"),)
    assert Origins(plan).table(plan.tables["cards"])["of"].sources == (Source("table", "accounts", "number"),)


def test_files_and_manifest_say_it(tmp_path):
    out = tmp_path / "out"
    faasera.load(masked(tmp_path)).write(out, format="parquet")
    metadata = pq.read_schema(out / "accounts.parquet").metadata
    assert metadata[b"synthetic"] == b"false"
    assert metadata[b"faasera.marking.number"] == b"pseudonymised"
    assert metadata[b"faasera.marking.branch"] == b"existing"
    assert b"faasera.marking.city" not in metadata
    manifest = json.loads((out / "_manifest.json").read_text())
    assert manifest["synthetic"] is False
    columns = {column["name"]: column for column in manifest["tables"][0]["columns"]}
    assert (columns["number"]["method"], columns["number"]["marking"]) == ("encoded", "pseudonymised")
    assert columns["number"]["from"] == ["lists/legacy.csv.number"]


def test_arrow_files_say_it(tmp_path):
    faasera.load(masked(tmp_path)).write(tmp_path / "out", format="arrow")
    with pa.OSFile(str(tmp_path / "out" / "cards.arrows")) as file:
        metadata = pa.ipc.open_stream(file).schema.metadata
    assert metadata[b"faasera.marking.of"] == b"pseudonymised"


def test_a_table_that_is_made_of_nothing_real_is_synthetic(tmp_path):
    policy = {"tableName": "people", "rowCount": 5, "columnRuleMap": {"first_name": {}, "email": {}}}
    faasera.load(policy).write(tmp_path / "out", format="parquet")
    metadata = pq.read_schema(tmp_path / "out" / "people.parquet").metadata
    assert metadata[b"synthetic"] == b"true"
    assert not [key for key in metadata if key.startswith(b"faasera.marking")]
    assert json.loads((tmp_path / "out" / "_manifest.json").read_text())["synthetic"] is True


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "duckdb"])
def test_database_comments_say_it(tmp_path, fresh, dialect):
    url = fresh(dialect)
    faasera.load(masked(tmp_path)).write_database(url)
    comment = structure(url).tables["accounts"].comment
    assert comment.startswith("synthetic data, made by faasera: policy masked")
    assert comment.endswith(
        "not synthetic: number (pseudonymised), shown (pseudonymised), branch (existing), at (existing)"
    )
