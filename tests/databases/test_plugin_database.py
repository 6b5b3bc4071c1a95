"""A database and its dialect that another package declares: they take part in everything that the built-in ones do."""

import importlib
import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from faasera.core import registry
from faasera.core.errors import PolicyError
from faasera.databases.base import DATABASES, open_database
from faasera.databases.connections import find_connection, is_database
from faasera.frontends.cli import app
from faasera.frontends.command import WRONG_DATA
from faasera.lineage.datasets import DatasetName, table_dataset
from faasera.schema.ddl import guess_dialect
from faasera.schema.dialects import DIALECTS
from faasera.schema.live import read_database

PLUGIN = Path(__file__).parents[1] / "plugins/faasera_plugins/memo.py"
MODULE = "memo_database"
POLICY = {
    "name": "desk",
    "tables": [
        {
            "tableName": "drawers",
            "rowCount": 20,
            "columnRuleMap": {
                "id": {"type": "SEQUENCE"},
                "opened": {"type": "DATE_RANDOM", "dataType": "DATE", "range": {"start": "2024-01-01", "end": "2024-12-31"}},
            },
            "primaryKeyColumn": "id",
        },
        {
            "tableName": "memos",
            "rowCount": 300,
            "columnRuleMap": {
                "id": {"type": "SEQUENCE"},
                "drawer_id": {},
                "words": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 99}},
                "body": {"type": "RANDOM", "dataType": "JSON", "pattern": '\\{"n": [1-9]\\}'},
            },
            "primaryKeyColumn": "id",
            "foreignKeys": [{"columns": ["drawer_id"], "references": [{"table": "drawers", "columns": ["id"]}]}],
            "checks": [{"name": "some words", "expression": "words >= 1 and words < 100"}],
        },
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """The package, found by its entry points; the registries forget it afterwards."""
    site = tmp_path / "site"
    metadata = site / "memo-1.0.dist-info"
    metadata.mkdir(parents=True)
    shutil.copyfile(PLUGIN, site / f"{MODULE}.py")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: memo\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[faasera.databases]\nmemo = {MODULE}\n\n[faasera.dialects]\nmemo = {MODULE}\n"
    )
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    registry._installed.cache_clear()
    for entries in (DATABASES, DIALECTS):
        monkeypatch.setattr(entries, "_entries", dict(entries._entries))
        monkeypatch.setattr(entries, "_loaded", False)
    yield
    sys.modules.pop(MODULE, None)
    registry._installed.cache_clear()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A policy, and the URL of a file for its rows."""
    monkeypatch.chdir(tmp_path)
    Path("desk.json").write_text(json.dumps(POLICY))
    return "memo:///desk.memo"


def run(*command: str) -> str:
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return result.output


def rows(url: str, table: str) -> int:
    database = open_database(find_connection(url))
    try:
        return int(database.query(f"SELECT count(*) FROM {table}")[0][0])
    finally:
        database.close()


def test_it_is_found_by_its_scheme_and_its_files():
    found = find_connection("memo:///desk.memo")
    assert (found.engine, found.database) == ("memo", "desk.memo") and is_database("desk.memo")
    assert str(find_connection("desk.memo")) == "memo:///desk.memo"
    with pytest.raises(PolicyError, match="Use PostgreSQL, MySQL or MariaDB, SQLite, DuckDB or Memo"):
        open_database(find_connection("oracle://somewhere/x"))


def test_rows_are_loaded_appended_and_checked_in_its_own_words(desk):
    run("generate", "desk.json", "--to", desk, "--check")
    assert (rows(desk, "drawers"), rows(desk, "memos")) == (20, 300)
    run("generate", "desk.json", "--to", desk, "--mode", "append", "--rows", "drawers=20,memos=50")
    assert (rows(desk, "drawers"), rows(desk, "memos")) == (40, 350)
    database = open_database(find_connection(desk))
    (definition,) = database.query("SELECT sql FROM sqlite_master WHERE name = 'memos'")[0]
    assert "-- REMARK synthetic data" in definition and '"body" TEXT_DOCUMENT' in definition
    structure = read_database(database)
    database.close()
    assert structure.dialect == "memo" and str(structure.tables["memos"].column("body").data_type) == "JSON"
    assert structure.tables["memos"].foreign_keys[0].table == "drawers"


def test_wrong_rows_are_found_where_they_are(desk):
    run("generate", "desk.json", "--to", desk)
    database = open_database(find_connection(desk))
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute("UPDATE memos SET words = 200 WHERE id = 7")
    database.close()
    result = CliRunner().invoke(app, ["check", desk, "--policy", "desk.json"])
    assert result.exit_code == WRONG_DATA and "some words" in result.output


def test_it_is_imported_as_a_policy_that_fills_it(desk):
    run("generate", "desk.json", "--to", desk)
    run("import", desk, "--out", "imported.json")
    imported = json.loads(Path("imported.json").read_text())
    assert [table["tableName"] for table in imported["tables"]] == ["drawers", "memos"]
    assert imported["tables"][1]["foreignKeys"][0]["columns"] == ["drawer_id"]
    run("generate", "imported.json", "--to", desk, "--mode", "truncate", "--overwrite-source", "--check")


def test_its_definitions_are_known_by_their_looks_and_by_name(tmp_path):
    assert guess_dialect("CREATE TABLE a (b TEXT_DOCUMENT) -- REMARK") == "memo"
    (tmp_path / "a.sql").write_text("CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT_DOCUMENT NOT NULL)")
    run("import", str(tmp_path / "a.sql"), "--dialect", "memo", "--out", str(tmp_path / "a.json"))
    made = json.loads((tmp_path / "a.json").read_text())["tables"][0]["columnRuleMap"]
    assert made["b"]["dataType"] == "JSON"


def test_catalogues_know_its_tables_by_its_own_namespace(tmp_path):
    found = table_dataset(find_connection(f"memo:///{tmp_path}/desk.memo"), "memos")
    assert found == DatasetName(f"memo://{tmp_path}/desk.memo", "desk.memos")
