"""Rows into databases: made and existing tables, what is there already, circles, counters, names."""

import json

import pytest
from database_fixtures import DIALECTS, ask, do, opened, structure
from policies import ROOT

import faasera
from faasera.core.errors import PolicyError
from faasera.run.carrying_out import carry_out
from faasera.run.into_database import DatabaseRun
from faasera.run.order import IntoDatabase, Order
from faasera.run.planning import load_plan

SHOP = {
    "name": "small shop",
    "seed": 3,
    "tables": [
        {
            "tableName": "customers",
            "rowCount": 500,
            "primaryKeyColumn": "id",
            "uniqueKeys": [["email"]],
            "checks": [{"name": "known since", "expression": "since <= '2025-12-31'"}],
            "columnRuleMap": {
                "email": {"type": "SEED", "semanticType": "email-address"},
                "name": {"type": "SEED", "semanticType": "firstname-lastname", "nullFraction": 0.2},
                "since": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2025-12-31"}},
                "token": {"type": "RANDOM", "dataType": "UUID"},
                "extra": {"type": "RANDOM", "dataType": "JSON", "nullFraction": 0.5},
                "key": {"type": "RANDOM", "dataType": "BINARY", "length": 8},
                "score": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 1}},
                "vip": {"type": "RANDOM", "dataType": "BOOLEAN"},
                "opens": {"type": "RANDOM", "dataType": "TIME"},
                "code": {"type": "RANDOM", "pattern": "[A-Z]{2}", "databaseType": "CHAR(2)"},
                "note": {"type": "SEED", "values": ["", "NULL", "a,b", 'say "hi"', "it's", "back\\slash", "two\nlines", "tab\there", "naïve ☃ 😀"]},
            },
        },
        {
            "tableName": "orders",
            "rowCount": 2000,
            "primaryKeyColumn": "id",
            "foreignKeys": [{"columns": ["customer_id"], "references": {"table": "customers", "columns": ["id"]}, "nullFraction": 0.1}],
            "columnRuleMap": {
                "customer_id": {},
                "placed": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 00:00:00", "end": "2025-12-31"}},
                "total": {"type": "RANDOM", "dataType": "DECIMAL(10,2)", "range": {"min": -5, "max": 900}},
            },
        },
        {
            "tableName": "receipts",
            "rowCount": 2000,
            "compositeKeyColumn": "order_id+number",
            "foreignKeys": [{"columns": ["order_id"], "references": {"table": "orders", "columns": ["id"]}, "unique": True}],
            "columnRuleMap": {"order_id": {}, "number": {"type": "RANDOM", "range": {"min": 1, "max": 9}}},
        },
    ],
}  # fmt: skip


def load(url, policy=SHOP, rows=None, **options):
    database = opened(url)
    try:
        return DatabaseRun(load_plan(policy, rows=rows), database, **options).execute()
    finally:
        database.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_missing_tables_are_made_with_all_that_was_promised(dialect, fresh):
    url = fresh(dialect)
    manifest = load(url)
    assert manifest.rows == 4500
    tables = structure(url).tables
    assert set(tables) == {"customers", "orders", "receipts"}
    customers, receipts = tables["customers"], tables["receipts"]
    assert customers.primary_key == ("id",)
    assert ("email",) in {key.columns for key in customers.unique_keys}
    assert [key.table for key in tables["orders"].foreign_keys] == ["customers"]
    assert receipts.primary_key == ("order_id", "number") and ("order_id",) in {
        key.columns for key in receipts.unique_keys
    }
    nullable = {column.name for column in customers.columns if column.nullable}
    assert nullable == {"name", "extra"}
    assert len(customers.checks) == 1 and "2025-12-31" in customers.checks[0].sql
    if dialect == "sqlite":
        assert (
            "synthetic data, made by faasera"
            in ask(url, "SELECT sql FROM sqlite_master WHERE name = 'customers'")[0][0]
        )
    else:
        assert customers.comment.startswith("synthetic data, made by faasera: policy small shop, seed 3")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_arrive_as_they_were_made(dialect, fresh, monkeypatch):
    url = fresh(dialect)
    load(url)
    made = faasera.generate(SHOP)["customers"].to_pylist()
    rows = ask(
        url,
        'SELECT id, email, name, note, score, vip, code, "key", token FROM customers ORDER BY id'.replace(
            '"', "`" if dialect == "mysql" else '"'
        ),
    )
    for row, expected in zip(rows, made, strict=True):
        assert row[:4] == (expected["id"], expected["email"], expected["name"], expected["note"])
        assert (
            row[4] == pytest.approx(expected["score"], rel=1e-12)
            and bool(row[5]) == expected["vip"]
            and row[6] == expected["code"]
        )
        assert bytes(row[7]) == expected["key"]
        token = row[8].hex() if isinstance(row[8], bytes) else str(row[8]).replace("-", "")
        assert token == expected["token"].replace("-", "")
    monkeypatch.setenv("FAASERA_CONNECTION_MADE", url)
    report = faasera.check("made", SHOP)
    assert report.ok, report.failed[:3]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_that_are_there_are_respected(dialect, fresh):
    url = fresh(dialect)
    load(url)
    with pytest.raises(PolicyError, match=r"has rows already: customers \(500\), orders \(2,000\), receipts \(2,000\)"):
        load(url)
    load(url, mode="append", rows={"customers": 100, "orders": 400, "receipts": 300})
    load(url, mode="append")
    counts = ask(url, "SELECT count(*), count(DISTINCT id), count(DISTINCT email), min(id), max(id) FROM customers")
    assert counts == [(1100, 1100, 1100, 1, 1100)]
    assert ask(url, "SELECT count(*), count(DISTINCT order_id) FROM receipts") == [(4300, 4300)]
    assert ask(url, "SELECT count(*) FROM orders WHERE id > 2400 AND customer_id <= 600") == [(0,)]
    load(url, mode="truncate")
    assert ask(url, "SELECT count(*), max(id) FROM customers") == [(500, 500)]
    load(url, mode="replace", rows=50)
    assert ask(url, "SELECT count(*), max(id) FROM customers") == [(50, 50)]
    assert ask(url, "SELECT count(*) FROM receipts") == [(50,)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_keys_go_on_after_rows_of_others(dialect, fresh):
    url = fresh(dialect)
    do(
        url,
        "CREATE TABLE things (id integer NOT NULL PRIMARY KEY, name varchar(20))",
        "INSERT INTO things VALUES (7, 'a'), (4711, 'b')",
    )
    policy = {
        "tableName": "things",
        "rowCount": 10,
        "primaryKeyColumn": "id",
        "columnRuleMap": {
            "id": {"type": "SEQUENCE", "dataType": "INTEGER"},
            "name": {"type": "RANDOM", "pattern": "[a-z]{5}"},
        },
    }
    load(url, policy, mode="append")
    assert ask(url, "SELECT min(id), max(id), count(*) FROM things WHERE id > 4711") == [(4712, 4721, 10)]


def test_a_unique_value_that_is_there_is_found_before_the_first_row(fresh):
    url = fresh("postgres")
    load(url, rows=50)
    do(url, "DELETE FROM receipts", "DELETE FROM orders", "DELETE FROM customers WHERE id <= 10")
    do(url, "UPDATE customers SET id = id - 10")
    with pytest.raises(PolicyError, match=r"the unique value '.*@example.*' of 'email' is there already"):
        load(url, mode="append", rows=50)


COUNTERS = {
    "postgres": ("integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "INSERT INTO t (v) VALUES (9)"),
    "mysql": ("integer AUTO_INCREMENT PRIMARY KEY", "INSERT INTO t (v) VALUES (9)"),
    "sqlite": ("integer PRIMARY KEY AUTOINCREMENT", "INSERT INTO t (v) VALUES (9)"),
    "duckdb": ("integer DEFAULT nextval('t_id') PRIMARY KEY", "INSERT INTO t (v) VALUES (9)"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_counters_go_on_after_the_largest_key(dialect, fresh):
    url = fresh(dialect)
    kind, insert = COUNTERS[dialect]
    do(url, *(["CREATE SEQUENCE t_id"] if dialect == "duckdb" else []), f"CREATE TABLE t (id {kind}, v integer)")
    policy = {
        "tableName": "t",
        "rowCount": 300,
        "primaryKeyColumn": "id",
        "columnRuleMap": {"v": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 5}}},
    }
    load(url, policy)
    do(url, insert)
    assert ask(url, "SELECT id FROM t WHERE v = 9") == [(301,)]


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
@pytest.mark.parametrize("required", ["NULL", "NOT NULL"])
def test_circles_of_tables(dialect, required, fresh):
    url = fresh(dialect)
    late = "" if dialect != "sqlite" else ", FOREIGN KEY (b_id) REFERENCES b (id)"
    do(
        url,
        f"CREATE TABLE a (id integer NOT NULL PRIMARY KEY, b_id integer {required}, next_id integer {required}, FOREIGN KEY (next_id) REFERENCES a (id){late})",
        "CREATE TABLE b (id integer NOT NULL PRIMARY KEY, a_id integer NOT NULL, FOREIGN KEY (a_id) REFERENCES a (id))",
        *([] if dialect == "sqlite" else ["ALTER TABLE a ADD CONSTRAINT round FOREIGN KEY (b_id) REFERENCES b (id)"]),
    )
    integer = {"type": "SEQUENCE", "dataType": "INTEGER"}
    key = {"columns": ["b_id"], "references": {"table": "b", "columns": ["id"]}}
    own = {"columns": ["next_id"], "references": {"table": "a", "columns": ["id"]}, "acyclic": False}
    back = {"columns": ["a_id"], "references": {"table": "a", "columns": ["id"]}}
    policy = {
        "tables": [
            {
                "tableName": "a",
                "rowCount": 3000,
                "primaryKeyColumn": "id",
                "foreignKeys": [key, own],
                "columnRuleMap": {"id": integer},
            },
            {
                "tableName": "b",
                "rowCount": 200,
                "primaryKeyColumn": "id",
                "foreignKeys": [back],
                "columnRuleMap": {"id": integer},
            },
        ]
    }
    for mode in ("fail", "truncate", "append"):
        load(url, policy, mode=mode)
    assert ask(url, "SELECT count(*), count(b_id), count(next_id) FROM a") == [(6000, 6000, 6000)]
    assert ask(url, "SELECT count(*) FROM a JOIN b ON a.b_id = b.id JOIN a n ON n.id = a.next_id") == [(6000,)]
    if dialect == "postgres":
        assert ask(url, "SELECT count(*) FROM pg_constraint WHERE condeferrable") == [(0,)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_of_any_kind(dialect, fresh, monkeypatch):
    url = fresh(dialect)
    policy = {
        "tables": [
            {
                "tableName": 'Order "Ünïcode" `x`',
                "rowCount": 40,
                "primaryKeyColumn": "Select",
                "checks": [{"name": 'it\'s "odd"', "expression": "{From} >= 1"}],
                "columnRuleMap": {
                    "From": {"type": "RANDOM", "range": {"min": 1, "max": 9}},
                    'quo"te': {"type": "RANDOM", "dataType": "BOOLEAN"},
                    "日本": {"type": "SEED", "values": ["東京", "大阪"]},
                    "back`tick": {"type": "CONSTANT", "value": 1},
                },
            },
            {
                "tableName": "group",
                "rowCount": 90,
                "primaryKeyColumn": "MixedCase",
                "foreignKeys": [
                    {"columns": ["Order Id"], "references": {"table": 'Order "Ünïcode" `x`', "columns": ["Select"]}}
                ],
                "columnRuleMap": {},
            },
        ]
    }
    load(url, policy)
    load(url, policy, mode="truncate")
    monkeypatch.setenv("FAASERA_CONNECTION_ODD", url)
    report = faasera.check("odd", policy)
    assert report.ok and {finding.table for finding in report.findings if finding.status == "passed"} == {
        'Order "Ünïcode" `x`',
        "group",
    }


def test_files_have_names_that_every_disk_takes(tmp_path):
    policy = {"tableName": 'a:b "c"', "rowCount": 3, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}
    faasera.load(policy).write(tmp_path)
    assert (tmp_path / "a%3Ab %22c%22.csv").is_file()
    assert faasera.check(tmp_path).ok


def test_schemas_of_postgresql(fresh):
    url = fresh("postgres")
    policy = {"tables": [{"tableName": "sales.orders", "rowCount": 10, "primaryKeyColumn": "id", "columnRuleMap": {}}]}
    load(url, policy)
    assert ask(url, "SELECT count(*) FROM sales.orders") == [(10,)]
    load(url, policy, mode="append")
    assert ask(url, "SELECT count(*), max(id) FROM sales.orders") == [(20, 20)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_polymorphic_key_and_a_hidden_column_stay_out_of_the_definition(dialect, fresh):
    url = fresh(dialect)
    things = [
        {"tableName": name, "rowCount": 20, "primaryKeyColumn": "id", "columnRuleMap": {}}
        for name in ("photos", "albums")
    ]
    references = [{"table": f"{name}s", "columns": ["id"], "when": {"subject": name}} for name in ("photo", "album")]
    notes = {
        "tableName": "notes",
        "rowCount": 60,
        "primaryKeyColumn": "id",
        "foreignKeys": [{"columns": ["subject_id"], "references": references}],
        "checks": [{"name": "over hidden", "expression": "step < 9 or subject = 'photo'"}],
        "columnRuleMap": {
            "subject": {"type": "SEED", "values": ["photo", "album"]},
            "step": {"type": "RANDOM", "range": {"min": 1, "max": 9}, "hidden": True},
        },
    }
    manifest = load(url, {"tables": [*things, notes]})
    assert any("'over hidden' is kept, not created" in warning for warning in manifest.plan.warnings)
    assert not structure(url).tables["notes"].foreign_keys
    assert [column.name for column in structure(url).tables["notes"].columns] == ["id", "subject_id", "subject"]


def test_duckdb_says_which_circle_it_cannot_declare(fresh):
    url = fresh("duckdb")
    key = {"columns": ["b_id"], "references": {"table": "b", "columns": ["id"]}}
    back = {"columns": ["a_id"], "references": {"table": "a", "columns": ["id"]}}
    policy = {
        "tables": [
            {"tableName": "a", "rowCount": 30, "primaryKeyColumn": "id", "foreignKeys": [key], "columnRuleMap": {}},
            {"tableName": "b", "rowCount": 20, "primaryKeyColumn": "id", "foreignKeys": [back], "columnRuleMap": {}},
        ]
    }
    manifest = load(url, policy)
    assert any(
        "is kept, not created: DuckDB refers only to tables that are there before" in one
        for one in manifest.plan.warnings
    )
    assert ask(url, "SELECT count(*) FROM a JOIN b ON a.b_id = b.id") == [(30,)]


@pytest.mark.parametrize(
    "dialect", [pytest.param(one, marks=[] if one == "postgres" else [pytest.mark.slow]) for one in DIALECTS]
)
def test_the_shop_example(dialect, fresh, monkeypatch):
    url = fresh(dialect)
    path = ROOT / "examples/shop/policy.json"
    manifest = load(url, path)
    monkeypatch.setenv("FAASERA_CONNECTION_SHOP", url)
    report = faasera.check("shop", path)
    assert report.ok, report.failed[:3]
    assert manifest.rows == report.rows == 165_439


def test_the_manifest_tells_the_target_without_a_secret(fresh):
    from servers import ENCODED_PASSWORD, PASSWORD

    url = fresh("postgres")
    text = json.dumps(load(url, rows=20).as_dict())
    assert PASSWORD not in text and ENCODED_PASSWORD not in text and '"format": "PostgreSQL"' in text
    assert "faasera@127.0.0.1" in text


def test_the_python_api(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.sql").write_text(
        "CREATE TABLE people (id serial PRIMARY KEY, name varchar(40) NOT NULL, age int CHECK (age > 17))"
    )
    imported = faasera.import_schema("schema.sql")
    dataset = faasera.load(imported.policy, rows=100)
    manifest = dataset.write_database("people.db")
    assert manifest.rows == 100 and ask("people.db", "SELECT count(*), min(age) > 17 FROM people") == [(100, 1)]
    dataset.write_database("sqlite:///people.db", mode="append")
    assert ask("people.db", "SELECT count(*), max(id) FROM people") == [(200, 200)]
    assert faasera.check("people.db", imported.policy, rows=200).ok


def test_the_check_after_a_load_asks_for_what_was_ordered(tmp_path):
    few = {"columns": ["p"], "references": {"table": "p", "columns": ["id"]}, "childrenPerParent": {"min": 0, "max": 5}}
    pens = {"dataType": "INTEGER", "type": "SEED", "seedFileName": "pens.txt", "header": False}
    (tmp_path / "pens.txt").write_text("1\n2\n3\n")
    policy = {
        "tables": [
            {"tableName": "p", "rowCount": 500, "primaryKeyColumn": "id", "columnRuleMap": {"pen": pens}},
            {"tableName": "c", "primaryKeyColumn": "id", "foreignKeys": [few], "columnRuleMap": {"id": {"type": "SEQUENCE"}}},
        ]
    }  # fmt: skip

    def found(mode, **given):
        target = IntoDatabase(f"sqlite:///{tmp_path / 'shop.db'}", mode)
        return carry_out(Order(policy, target, directory=str(tmp_path), seed=7, check=True, **given)).check

    for mode, given in (("fail", {"tables": ("p",)}), ("fail", {"tables": ("c",)}), ("append", {}), ("truncate", {})):
        report = found(mode, **given)
        assert report.ok, [one for one in report.findings if one.status == "failed"]
        assert not [one for one in report.findings if "not at hand" in one.detail]
        assert report.rows > 0
