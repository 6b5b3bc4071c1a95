"""What catalogs of live databases tell: types with a text form, partitions, inheritance, triggers, what is not ours."""

import json
import re

import pytest
from database_fixtures import ask, do, opened, structure

import faasera
from faasera.core.errors import PolicyError, RunError
from faasera.run.importing import import_schema
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan
from faasera.schema.dialects import dialect_of
from faasera.schema.live import read_database


@pytest.fixture
def filled(monkeypatch, tmp_path):
    """Imports a database, loads it with nothing touched, and tells the policy's file and what the import said."""

    def fill(url, **options):
        monkeypatch.setenv("FAASERA_CONNECTION_HERE", url)
        imported = import_schema("here", tmp_path / "policy.json", fresh=True)
        assert not imported.problems, imported.problems
        load(url, tmp_path / "policy.json", **options)
        return tmp_path / "policy.json", imported

    return fill


def some_rows(policy):
    """Two hundred rows of each table that the policy does not leave empty."""
    tables = (policy if isinstance(policy, dict) else json.loads(policy.read_text()))["tables"]
    return {table["tableName"]: 200 for table in tables if table.get("rowCount") != 0}


def load(url, policy, *, rows=None, **options):
    database = opened(url)
    try:
        return DatabaseRun(load_plan(policy, rows=rows or some_rows(policy)), database, **options).execute()
    finally:
        database.close()


def checked(policy):
    report = faasera.check("here", policy, rows=some_rows(policy))
    return {(one.table, one.subject) for one in report.failed}, report


# types

POSTGRES_TYPES = """
CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('a "x"', 'b,c', 'd''e', 'f\\g', 'null', '{}'); CREATE TYPE pair AS (a int, b varchar(3), c numeric(5,2), d mood);
CREATE DOMAIN positive AS int CHECK (value > 0); CREATE DOMAIN small AS positive NOT NULL CHECK (value < 500); CREATE DOMAIN moods AS mood;
CREATE TYPE reals AS RANGE (subtype = float8)
"""
POSTGRES_COLUMNS = {
    "some": """i inet NOT NULL, iv interval NOT NULL, dr daterange NOT NULL, fr reals NOT NULL, tv tsvector NOT NULL, p point NOT NULL, vb varbit NOT NULL UNIQUE, mo money NOT NULL,
  h hstore NOT NULL, moods mood[] NOT NULL, s small, ia inet[] NOT NULL, pr pair NOT NULL, n65 numeric(65,30) NOT NULL, hundreds numeric(3,-2) NOT NULL""",
    "others": """iu inet NOT NULL UNIQUE, c cidr NOT NULL, m macaddr NOT NULL, m8 macaddr8 NOT NULL, years interval year NOT NULL, tr tstzrange NOT NULL, ir int4range NOT NULL,
  mr int4multirange NOT NULL, tq tsquery NOT NULL, po polygon NOT NULL, bx box NOT NULL, ci circle NOT NULL, b bit(5) NOT NULL, x xml NOT NULL, l ltree NOT NULL, ct citext NOT NULL UNIQUE,
  lsn pg_lsn NOT NULL, o oid NOT NULL, ch "char" NOT NULL, jp jsonpath NOT NULL, rc regclass NOT NULL, d moods NOT NULL, ss positive[] NOT NULL, js jsonb[] NOT NULL,
  n1000 numeric(1000,500) NOT NULL, tiny numeric(3,5) NOT NULL, part numeric(20,20) NOT NULL, twice int GENERATED ALWAYS AS (2) STORED""",
}


@pytest.mark.parametrize("columns", ["some", pytest.param("others", marks=pytest.mark.slow)])
def test_types_that_have_a_text_form_are_filled_and_a_break_is_found(columns, fresh, filled):
    url = fresh("postgres")
    key = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    do(url, *POSTGRES_TYPES.split(";"), f"CREATE TABLE t ({key}, {POSTGRES_COLUMNS[columns]})")
    policy, imported = filled(url)
    assert not [note for note in imported.notes if note.broken]
    failed, report = checked(policy)
    assert not failed and report.guesses > 10
    if columns == "others":
        assert ask(url, "SELECT count(DISTINCT iu), count(DISTINCT ct) FROM t") == [(200, 200)]
        do(url, "UPDATE t SET c = '8.8.8.8', tr = '[2020-01-01,2020-02-02)', js = '{}' WHERE id = 3")
        assert checked(policy)[0] == {("t", one) for one in ("c", "tr", "js")}
        return
    assert ask(url, "SELECT count(DISTINCT vb), min(n65) > 0 FROM t") == [(200, True)]
    do(
        url,
        "UPDATE t SET i = '8.8.8.8', iv = '25 days' WHERE id = 3",
        "UPDATE t SET dr = '[2020-01-01,2020-02-02)', moods = '{}', pr = ROW(1, 'A', 1, 'b,c') WHERE id = 4",
    )
    assert checked(policy)[0] == {("t", one) for one in ("i", "iv", "dr", "moods", "pr")}


def test_texts_are_compared_as_the_database_prints_them(fresh):
    url = fresh("postgres")
    do(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, i inet NOT NULL, iv interval NOT NULL, v tsvector NOT NULL, j jsonb NOT NULL)",
    )
    rules = {
        "i": {"type": "CONSTANT", "value": "10.0.0.7/32"},
        "iv": {"type": "SEED", "values": ["36 hours", "1 day", "P1DT2H"]},
        "v": {"type": "RANDOM", "semanticType": "sentence"},
        "j": {"type": "CONSTANT", "dataType": "JSON", "value": '{"b":1,  "a":2}'},
    }
    policy = {"tables": [{"tableName": "t", "rowCount": 200, "primaryKeyColumn": "id", "columnRuleMap": rules}]}
    load(url, policy)
    report = faasera.check(url, policy, rows=200)
    assert report.ok, report.failed
    assert [one.detail for one in report.skipped if one.subject == "v"] == [
        "the database prints tsvector in its own way"
    ]
    do(url, "UPDATE t SET iv = '25 days', j = '{}' WHERE id = 3")
    assert {one.subject for one in faasera.check(url, policy, rows=200).failed} == {"iv", "j"}


MARIADB_TYPES = """
CREATE TABLE lang (id tinyint unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL);
CREATE TABLE t (id int unsigned zerofill AUTO_INCREMENT PRIMARY KEY, lang_id tinyint unsigned NOT NULL, f float unsigned NOT NULL, f2 float(7,4) NOT NULL,
  big decimal(65,30) NOT NULL, bits bit(8) NOT NULL, p point NOT NULL, po polygon NOT NULL, i6 inet6 NOT NULL UNIQUE, j json NOT NULL,
  hidden int NOT NULL DEFAULT 3 INVISIBLE, {} FOREIGN KEY (lang_id) REFERENCES lang (id))
"""
MARIADB_OTHERS = """d double unsigned NOT NULL, flag bit NOT NULL, most bit(64) NOT NULL, g geometry NOT NULL, l linestring NOT NULL, mp multipoint NOT NULL,
  s set('a', 'b c') NOT NULL, y year NOT NULL, i4 inet4 NOT NULL, later int GENERATED ALWAYS AS (id + 1) VIRTUAL,"""


@pytest.mark.parametrize("columns", ["", pytest.param(MARIADB_OTHERS, marks=pytest.mark.slow, id="all")])
@pytest.mark.parametrize("files", [True, False])
def test_types_of_mariadb_are_filled_by_files_and_by_statements(files, columns, fresh, monkeypatch, tmp_path):
    url = fresh("mysql")
    do(url, *MARIADB_TYPES.format(columns).split(";"))
    monkeypatch.setenv("FAASERA_CONNECTION_HERE", url)
    imported = import_schema("here", tmp_path / "policy.json")
    assert not imported.problems and not [note for note in imported.notes if note.broken]
    assert {table["tableName"]: table.get("rowCount") for table in imported.policy["tables"]} == {
        "lang": 255,
        "t": None,
    }
    database = opened(url)
    database.may_load_files = files
    DatabaseRun(load_plan(tmp_path / "policy.json", rows=200), database).execute()
    database.close()
    failed, _ = checked(tmp_path / "policy.json")
    assert not failed
    do(url, "UPDATE t SET p = ST_GeomFromText('POINT(0 0)'), bits = 0 WHERE id = 3")
    assert checked(tmp_path / "policy.json")[0] >= {("t", "p")}


# partitions and inheritance

PARTITIONS = {
    "postgres": """
CREATE TABLE m (id bigint NOT NULL, kind text NOT NULL, at date NOT NULL, PRIMARY KEY (id, kind, at)) PARTITION BY LIST (kind);
CREATE TABLE m_i PARTITION OF m FOR VALUES IN ('Issue', 'Bug'); CREATE TABLE m_e PARTITION OF m FOR VALUES IN ('Epic') PARTITION BY RANGE (at);
CREATE TABLE m_e1 PARTITION OF m_e FOR VALUES FROM ('2024-01-01') TO ('2024-07-01'); CREATE TABLE m_e2 PARTITION OF m_e FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE e (id bigserial, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE e1 PARTITION OF e FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00'); CREATE TABLE e2 PARTITION OF e FOR VALUES FROM ('2024-02-01 00:00+00') TO ('2024-03-01 00:00+00');
CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 0); CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 1);
CREATE TABLE d (id int NOT NULL, k int) PARTITION BY LIST (k); CREATE TABLE d1 PARTITION OF d FOR VALUES IN (1, 2); CREATE TABLE d_rest PARTITION OF d DEFAULT; CREATE UNIQUE INDEX ON d1 (id);
CREATE TABLE runners (id bigint NOT NULL, kind smallint NOT NULL, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE own_runners PARTITION OF runners FOR VALUES IN (1); CREATE TABLE all_runners PARTITION OF runners FOR VALUES IN (2); ALTER TABLE own_runners ADD UNIQUE (id); ALTER TABLE all_runners ADD UNIQUE (id);
CREATE TABLE own_costs (id int PRIMARY KEY, runner_id bigint NOT NULL REFERENCES own_runners (id)); CREATE TABLE all_costs (id int PRIMARY KEY, runner_id bigint REFERENCES all_runners (id));
CREATE TABLE boxes (id bigint NOT NULL, kind int NOT NULL, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE boxes_1 PARTITION OF boxes FOR VALUES IN (1); CREATE TABLE boxes_2 PARTITION OF boxes FOR VALUES IN (2); ALTER TABLE boxes_1 ADD UNIQUE (id);
CREATE TABLE lids (box_id bigint PRIMARY KEY REFERENCES boxes_1 (id));
CREATE TABLE owners (id int PRIMARY KEY); CREATE TABLE n (id bigint PRIMARY KEY, owner int) PARTITION BY RANGE (id); CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (1) TO (100000);
ALTER TABLE n1 ADD FOREIGN KEY (owner) REFERENCES owners; ALTER TABLE n1 ADD CHECK (owner > 3);
CREATE TABLE closed (k int) PARTITION BY LIST (k); CREATE TABLE animals (id int PRIMARY KEY, name text NOT NULL); CREATE TABLE dogs (bark int) INHERITS (animals); ALTER TABLE dogs ADD PRIMARY KEY (id)
""",
    "mysql": """
CREATE TABLE r (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at)) (PARTITION a VALUES LESS THAN (2022), PARTITION b VALUES LESS THAN (2024));
CREATE TABLE r2 (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at)) (PARTITION a VALUES LESS THAN (to_days('2024-06-01')));
CREATE TABLE r3 (id int NOT NULL, at timestamp NOT NULL) PARTITION BY RANGE (unix_timestamp(at)) (PARTITION a VALUES LESS THAN (unix_timestamp('2024-03-01')));
CREATE TABLE l (id int NOT NULL, k int) PARTITION BY LIST (k) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (5, NULL));
CREATE TABLE lc (id int NOT NULL, k varchar(10) NOT NULL) PARTITION BY LIST COLUMNS (k) (PARTITION a VALUES IN ('x', 'y'));
CREATE TABLE rc (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE COLUMNS (k) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (500));
CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4
""",
}  # fmt: skip


@pytest.mark.parametrize("dialect", PARTITIONS)
def test_every_row_finds_a_partition_and_what_holds_of_one_alone_is_kept(dialect, fresh, filled):
    url = fresh(dialect)
    do(url, *PARTITIONS[dialect].split(";"))
    policy, imported = filled(url)
    failed, report = checked(policy)
    assert not failed, report.failed
    names = {table["tableName"] for table in imported.policy["tables"]}
    broken = {note.table: note.text for note in imported.notes if note.broken}
    if dialect == "mysql":
        assert names == {"r", "r2", "r3", "l", "lc", "rc", "h"} and not broken
        return
    assert not names & {"m_i", "e1", "h0", "n1", "own_runners"} and "dogs" in names
    assert set(broken) == {"closed"} and "no partition that takes a row" in broken["closed"]
    assert ask(url, "SELECT count(*) FROM closed UNION ALL SELECT count(*) FROM ONLY animals") == [(0,), (200,)]
    assert (
        ask(url, "SELECT count(*) > 0 FROM own_runners UNION ALL SELECT count(*) > 0 FROM all_runners") == [(True,)] * 2
    )
    assert [note.text for note in imported.notes if note.table == "boxes"] == [
        "all rows are put into boxes_1, of 2 partitions"
    ]


FUNCTIONS = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, code varchar(20) NOT NULL, tag text, org int, k int, p text NOT NULL, mixed varchar(20) NOT NULL, boss int REFERENCES users);
CREATE UNIQUE INDEX ON users (lower(email)); CREATE UNIQUE INDEX ON users (md5(code)); CREATE UNIQUE INDEX ON users (org, coalesce(k, -1)); CREATE UNIQUE INDEX ON users (TRIM(lower(p)) varchar_pattern_ops);
CREATE UNIQUE INDEX ON users (lower(mixed) COLLATE "C"); CREATE UNIQUE INDEX ON users (tag, boss) NULLS NOT DISTINCT
"""


def test_unique_indexes_over_functions_are_keys_of_their_columns(fresh, filled):
    url = fresh("postgres")
    do(url, *FUNCTIONS.split(";"))
    policy, imported = filled(url)
    keys = {tuple(key) for key in imported.policy["tables"][0]["uniqueKeys"]}
    assert keys == {("email",), ("code",), ("org", "k"), ("p",), ("mixed",), ("tag", "boss")}
    assert not checked(policy)[0]
    assert ask(url, "SELECT count(DISTINCT lower(email)), count(DISTINCT lower(trim(p))), count(k) FROM users") == [
        (200, 200, 200)
    ]


# what is not the application's


def test_tables_of_extensions_and_of_migrations_are_left_alone(fresh, filled):
    url = fresh("postgres")
    do(
        url,
        "CREATE EXTENSION hstore",
        "CREATE TABLE systems (id int PRIMARY KEY)",
        "ALTER EXTENSION hstore ADD TABLE systems",
        "INSERT INTO systems VALUES (7)",
        "CREATE TABLE schema_migrations (version text PRIMARY KEY)",
        "INSERT INTO schema_migrations VALUES ('20240101')",
        "CREATE TABLE migrations (id int PRIMARY KEY, species text NOT NULL, batch int)",
        "CREATE TABLE places (id int PRIMARY KEY, system_id int REFERENCES systems)",
    )
    policy, imported = filled(url)
    assert {table["tableName"] for table in imported.policy["tables"]} == {"migrations", "places"}
    told = [note.text for note in imported.notes if not note.table]
    assert told == [
        "systems: left alone, as it belongs to the extension hstore",
        "schema_migrations: left alone, as it belongs to the tool that migrates the schema",
    ]
    load(url, policy, mode="truncate", overwrite_source=True)
    document = json.loads(policy.read_text())
    for name, modes in (("systems", ("truncate", "append")), ("schema_migrations", ("replace",))):
        rules = {"id": {"type": "SEQUENCE"}}
        wanted = {"tables": [*document["tables"], {"tableName": name, "columnRuleMap": rules}]}
        for mode in modes:
            with pytest.raises(PolicyError, match="belongs to the") as raised:
                load(url, wanted, mode=mode)
            assert [one.code for one in raised.value.problems] == ["reserved-table"]
    with pytest.raises(PolicyError, match="'systems' belongs to the extension hstore"):
        import_schema("here", tables=["systems"])
    assert ask(url, "SELECT id::text FROM systems UNION ALL SELECT version FROM schema_migrations") == [
        ("7",),
        ("20240101",),
    ]


def test_tables_of_the_modules_of_sqlite_are_left_alone(fresh, filled):
    url = fresh("sqlite")
    do(
        url,
        "CREATE TABLE docs (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
        "CREATE TABLE docs_data (id INTEGER PRIMARY KEY)",
        *(
            f"CREATE VIRTUAL TABLE {name} USING {module}"
            for name, module in (("f", "fts5(body)"), ("f4", "fts4(body)"), ("r", "rtree(id, a, b)"))
        ),
        "CREATE TRIGGER indexed AFTER INSERT ON docs BEGIN INSERT INTO f(rowid, body) VALUES (new.id, new.body); END",
    )
    _, imported = filled(url)
    assert {table["tableName"] for table in imported.policy["tables"]} == {"docs", "docs_data"}
    assert "f_docsize" in imported.notes[0].text and "the virtual tables of SQLite" in imported.notes[0].text
    assert ask(url, "SELECT count(*) FROM f") == [(200,)]


def test_the_source_itself_is_emptied_only_where_that_is_said(fresh, filled):
    url = fresh("sqlite")
    do(url, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
    policy, _ = filled(url, rows={"t": 20})
    for mode in ("truncate", "replace"):
        with pytest.raises(PolicyError, match="where the policy was imported from") as raised:
            load(url, policy, mode=mode)
        assert raised.value.problems[0].code == "target-is-source"
    assert ask(url, "SELECT count(*) FROM t") == [(20,)]
    assert load(url, policy, mode="truncate", overwrite_source=True).rows == 200
    other = fresh("sqlite")
    load(other, policy)
    assert load(other, policy, mode="truncate").rows == 200


# triggers


def test_triggers_are_named_and_disabled_where_one_may(fresh, filled):
    url = fresh("postgres")
    do(
        url,
        "CREATE TABLE films (id int PRIMARY KEY, title text NOT NULL, updated date NOT NULL, words tsvector NOT NULL)",
        "CREATE TRIGGER indexed BEFORE INSERT OR UPDATE ON films FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.simple', title)",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated := '1999-01-01'; RETURN NEW; END $$",
        "CREATE TRIGGER touched BEFORE INSERT ON films FOR EACH ROW EXECUTE FUNCTION touch()",
        "CREATE TRIGGER off BEFORE INSERT ON films FOR EACH ROW EXECUTE FUNCTION touch()",
        "ALTER TABLE films DISABLE TRIGGER off",
        "ALTER TABLE films ENABLE ALWAYS TRIGGER touched",
    )
    policy, imported = filled(url)
    assert {note.subject: note.text for note in imported.notes if note.broken} == {
        "indexed": "a trigger, BEFORE INSERT OR UPDATE, runs at each row: tsvector_update_trigger(), and sets words",
        "touched": "a trigger, BEFORE INSERT, runs at each row: touch(), and sets updated",
    }
    failed, report = checked(policy)
    assert not failed
    assert any("the trigger touched may have made so" in one.detail for one in report.skipped)
    load(url, policy, mode="truncate", overwrite_source=True, disable_triggers=True)
    assert ask(url, "SELECT count(*) FROM films WHERE updated = '1999-01-01'") == [(0,)]
    enabled = {trigger.name: trigger.enabled for trigger in structure(url).tables["films"].triggers}
    assert enabled == {"indexed": "O", "off": "D", "touched": "A"}


@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "duckdb"])
def test_where_triggers_cannot_be_disabled_that_is_refused_by_name(dialect, fresh):
    url = fresh(dialect)
    do(url, "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER NOT NULL)")
    body = "SET NEW.v = 1" if dialect == "mysql" else "BEGIN UPDATE t SET v = 1 WHERE id = NEW.id; END"
    if dialect != "duckdb":
        do(
            url,
            f"CREATE TRIGGER one AFTER INSERT ON t FOR EACH ROW {body}".replace(
                "AFTER", "BEFORE" if dialect == "mysql" else "AFTER"
            ),
        )
        found = structure(url).tables["t"].triggers[0]
        assert (found.name, found.events, found.on_insert) == ("one", ("INSERT",), True)
        assert found.timing == ("BEFORE" if dialect == "mysql" else "AFTER") and "1" in found.action
    policy = {"tables": [{"tableName": "t", "primaryKeyColumn": "id", "columnRuleMap": {"v": {"type": "RANDOM", "range": {"min": 2, "max": 9}}}}]}  # fmt: skip
    with pytest.raises(PolicyError) as raised:
        load(url, policy, disable_triggers=True)
    (problem,) = raised.value.problems
    assert problem.code == ("no-effect" if dialect == "duckdb" else "triggers-stay")
    assert dialect == "duckdb" or "one of t" in problem.message
    assert ask(url, "SELECT count(*) FROM t") == [(0,)]


# bad input


def test_a_role_without_rights_imports_and_is_refused_at_the_load(fresh, monkeypatch, tmp_path, server_url):
    url = fresh("postgres")
    role = f"reader_{url[-8:]}"
    do(
        url,
        "CREATE SCHEMA inner_one",
        "CREATE TABLE inner_one.t (id int PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY, z text)",
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'",
        f"GRANT SELECT ON t TO {role}",
    )
    server = server_url("postgres")
    asked = url.replace(server.partition("://")[2].partition("@")[0], f"{role}:x", 1)
    monkeypatch.setenv("FAASERA_CONNECTION_READER", asked)
    imported = import_schema("reader", tmp_path / "policy.json")
    assert not imported.problems and {table["tableName"] for table in imported.policy["tables"]} == {"inner_one.t", "t"}
    with pytest.raises(PolicyError) as raised:
        load(asked, tmp_path / "policy.json")
    assert [(one.code, one.message) for one in raised.value.problems] == [
        ("rights-missing", "whoever asks has no right to USAGE, SELECT, INSERT on inner_one.t"),
        ("rights-missing", "whoever asks has no right to INSERT on t"),
    ]
    assert load(url, tmp_path / "policy.json").rows == 400
    do(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_schema_that_changes_while_it_is_read_is_read_again(fresh, monkeypatch):
    database = opened(fresh("sqlite"))
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    kind, changes = type(dialect_of(database)), [2]
    read = kind.read

    def changing(self, database):
        if changes[0]:
            changes[0] -= 1
            database.query("SELECT 1 FROM gone")
        return read(self, database)

    monkeypatch.setattr(kind, "read", changing)
    monkeypatch.setattr("faasera.schema.live._CHANGED", re.compile("no such table: gone"))
    assert set(read_database(database).tables) == {"t"}
    changes[0] = 100
    with pytest.raises(RunError, match="changed 5 times while it was read"):
        read_database(database)
    database.close()


def test_a_table_without_a_key_after_an_index_loads_in_little_memory(fresh, monkeypatch):
    monkeypatch.setattr("faasera.databases.duckdb._MEMORY", 12_000_000)
    url = fresh("duckdb")
    do(
        url,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x VARCHAR)",
        "CREATE INDEX ax ON a (x)",
        "CREATE TABLE b (y INTEGER)",
    )
    tables = [
        {"tableName": "a", "primaryKeyColumn": "id", "columnRuleMap": {"x": {"type": "RANDOM", "pattern": "[a-z]{20}"}}},
        {"tableName": "b", "columnRuleMap": {"y": {"type": "RANDOM", "dataType": "INTEGER"}}},
    ]  # fmt: skip
    for mode in ("fail", "append"):
        assert load(url, {"tables": tables}, rows={"a": 200_000, "b": 10}, mode=mode).rows == 200_010
