"""A composite key is read in one way by all who read it, however it is spaced."""

import pytest
from database_fixtures import opened, structure

import faasera
from faasera.frontends.page.diagram import entity_diagram
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan


def tree(key: str) -> dict:
    """A table whose key has a reference to the table itself in it, so that roots refer to themselves."""
    return {
        "tableName": "e",
        "rowCount": 50,
        "compositeKeyColumn": key,
        "uniqueKeys": [["id"]],
        "foreignKeys": [{"columns": ["boss"], "references": {"table": "e", "columns": ["id"]}}],
        "columnRuleMap": {"id": {"type": "SEQUENCE", "dataType": "INTEGER"}, "boss": {}},
    }


def junction(key: str) -> list[dict]:
    """Two tables, and one whose key are its references to them."""
    parents = [
        {"tableName": name, "rowCount": 12, "primaryKeyColumn": "id", "columnRuleMap": {"id": {"type": "SEQUENCE"}}}
        for name in "pq"
    ]
    keys = [{"columns": [name], "references": {"table": name, "columns": ["id"]}} for name in "pq"]
    rules: dict = {"p": {}, "q": {}, "n": {"type": "RANDOM", "range": {"min": 1, "max": 9}}}
    child = {"tableName": "c", "rowCount": 60, "compositeKeyColumn": key, "foreignKeys": keys, "columnRuleMap": rules}
    return [*parents, child]


POLICIES = {
    "tree": [tree(key) for key in ("id+boss", "id + boss")],
    "junction": [{"tables": junction(key)} for key in ("p+q", " p  +  q ")],
}


@pytest.fixture(params=POLICIES)
def pair(request) -> list[dict]:
    """A policy, and the same with blanks."""
    return POLICIES[request.param]


def test_plans(pair):
    plain, spaced = (load_plan(policy) for policy in pair)
    for name, table in plain.tables.items():
        assert spaced.tables[name].keys == table.keys
        assert spaced.tables[name].foreign_keys.keys() == table.foreign_keys.keys()
    rows = [{name: made.to_pylist() for name, made in faasera.generate(policy).items()} for policy in pair]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_checks_of_files(pair, format, tmp_path):
    found = []
    for number, policy in enumerate(pair):
        faasera.load(policy).write(tmp_path / str(number), format=format)
        report = faasera.check(tmp_path / str(number), policy)
        found.append([(one.table, one.kind, one.subject, one.status, one.detail) for one in report.findings])
        assert report.ok, report.failed
    assert found[0] == found[1]


# DuckDB takes no row that refers to itself.
@pytest.mark.parametrize(("name", "dialect"), [("tree", "sqlite"), ("junction", "sqlite"), ("junction", "duckdb")])
def test_definitions_and_checks_in_place(name, dialect, fresh, monkeypatch):
    structures, found = [], []
    for policy in POLICIES[name]:
        url = fresh(dialect)
        database = opened(url)
        DatabaseRun(load_plan(policy), database).execute()
        database.close()
        monkeypatch.setenv("FAASERA_CONNECTION_READ", url)
        report = faasera.check("read", policy)
        found.append([(one.table, one.kind, one.subject, one.status, one.detail) for one in report.findings])
        assert report.ok, report.failed
        structures.append({table.name: (table.primary_key, table.unique_keys) for table in structure(url)})
    assert structures[0] == structures[1]
    assert found[0] == found[1]


def test_diagrams(pair):
    plain, spaced = map(entity_diagram, pair)
    assert spaced == plain
    assert plain.count("PK") >= 2
