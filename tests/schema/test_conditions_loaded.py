"""Tables whose constraints say much are filled as they are imported, with nothing touched."""

import pytest
from database_fixtures import do, opened

import faasera
from faasera.run.importing import import_schema
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan
from faasera.schema.infer import policy_of
from faasera.schema.live import read_database

POSTGRESQL = """
CREATE TABLE orgs (id bigint PRIMARY KEY, name text);
CREATE TABLE roles (id bigint PRIMARY KEY, org_id bigint REFERENCES orgs, name text, UNIQUE (org_id, name), CHECK (org_id IS NOT NULL));
CREATE TABLE kinds (id int PRIMARY KEY, vote int NOT NULL CHECK (vote IN (-1, 0, 1)), kind varchar(4) NOT NULL CHECK (upper(kind) IN ('SC', 'VC', 'IN')),
  step int NOT NULL CHECK (step % 15 = 0), code text CHECK (left(code, 3) = 'AB-'), v7 uuid NOT NULL CHECK (substring(v7::text from 15 for 1) = '7'),
  hex text NOT NULL CHECK (hex ~ '^[0-9a-f]+$' AND length(hex) = 40), slug text NOT NULL CHECK (slug = lower(slug) AND char_length(slug) BETWEEN 3 AND 40),
  mail text NOT NULL CHECK (position('@' in mail) > 1), name text NOT NULL CHECK (nullif(btrim(name), '') IS NOT NULL), b bit_like NOT NULL);
CREATE TABLE documents (id int PRIMARY KEY, j jsonb NOT NULL CHECK (jsonb_typeof(j) = 'object'), l jsonb CHECK (jsonb_typeof(l) = 'array' AND jsonb_array_length(l) > 0),
  sha bytea NOT NULL CHECK (octet_length(sha) = 20), small bytea CHECK (octet_length(small) <= 8), tags text[] NOT NULL CHECK (tags <@ ARRAY['red', 'blue'] AND cardinality(tags) BETWEEN 2 AND 5),
  many int[] NOT NULL CHECK (array_length(many, 1) >= 6 AND array_position(many, NULL) IS NULL));
CREATE TABLE times (id int PRIMARY KEY, month date NOT NULL CHECK (month = date_trunc('month', month)), week date CHECK (extract(isodow from week) = 1),
  at timestamptz CHECK (date_trunc('hour', at) = at), born date CHECK (born <= now() - interval '18 years'), expires timestamptz CHECK (expires > now()),
  starts timestamptz NOT NULL, ends timestamptz NOT NULL, CHECK (ends > starts AND ends <= starts + interval '1 year'));
CREATE TABLE only_one (singleton boolean PRIMARY KEY CHECK (singleton IS TRUE), version int NOT NULL);
CREATE TABLE sums (id int PRIMARY KEY, net numeric(10,2) NOT NULL CHECK (net >= 0), tax numeric(10,2) NOT NULL CHECK (tax >= 0), total numeric(12,2) NOT NULL CHECK (total = net + tax));
CREATE TABLE arms (id int PRIMARY KEY, kind text NOT NULL, x int, y text, z date, w text, CHECK ((kind = 'x' AND x IS NOT NULL AND y IS NULL AND z IS NULL)
  OR (kind = 'y' AND x IS NULL AND y IS NOT NULL AND z IS NULL) OR (kind = 'z' AND x IS NULL AND y IS NULL AND z IS NOT NULL)), CHECK (kind <> 'y' OR w IS NOT NULL));
CREATE TABLE payments (id int PRIMARY KEY, state text NOT NULL CHECK (state IN ('open', 'paid', 'gone')), paid_at timestamptz, gone_at timestamptz,
  CHECK ((state = 'paid') = (paid_at IS NOT NULL)), CHECK ((state = 'gone') = (gone_at IS NOT NULL)), CHECK (num_nonnulls(paid_at, gone_at) <= 1));
""".replace(", b bit_like NOT NULL", "")
MARIADB = """
CREATE TABLE kinds (id int PRIMARY KEY, vote int NOT NULL CHECK (vote IN (-1, 0, 1)), kind varchar(4) NOT NULL CHECK (upper(kind) IN ('SC', 'VC')), step int NOT NULL CHECK (step MOD 15 = 0),
  hex varchar(64) NOT NULL CHECK (hex REGEXP '^[0-9a-f]+$' AND char_length(hex) = 40), mail varchar(90) NOT NULL CHECK (locate('@', mail) > 1), j json NOT NULL CHECK (json_type(j) = 'OBJECT'),
  l longtext NOT NULL CHECK (json_valid(l) AND length(l) < 9000), sha varbinary(64) NOT NULL CHECK (octet_length(sha) = 20), month date NOT NULL CHECK (dayofmonth(month) = 1),
  ok tinyint(1) NOT NULL CHECK (ok = 1), starts datetime NOT NULL, ends datetime NOT NULL, CHECK (ends BETWEEN starts AND starts + INTERVAL 1 YEAR));
CREATE TABLE payments (id int PRIMARY KEY, state varchar(10) NOT NULL CHECK (state IN ('open', 'paid')), paid_at datetime, CHECK ((state = 'paid') = (paid_at IS NOT NULL)));
"""
SQLITE = """
CREATE TABLE kinds (id INTEGER PRIMARY KEY, vote INTEGER NOT NULL CHECK (vote IN (-1, 0, 1)), hash BLOB NOT NULL CHECK (typeof(hash) = 'blob' AND length(hash) = 32),
  sha TEXT NOT NULL CHECK (length(sha) = 64 AND sha NOT GLOB '*[^0-9a-f]*'), day TEXT NOT NULL CHECK (date(day) IS day), ids TEXT NOT NULL CHECK (json_valid(ids) AND json_type(ids) = 'array'),
  prefixed TEXT NOT NULL CHECK (length(prefixed) = 12 AND substr(prefixed, 1, 7) = 'sha256:'), amount INTEGER CHECK (amount IS NULL OR (typeof(amount) = 'integer' AND amount > 5000)));
"""


DDL = {"postgres": POSTGRESQL, "mysql": MARIADB, "sqlite": SQLITE}


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_tables_load_as_they_are_imported(dialect, fresh, monkeypatch):
    url = fresh(dialect)
    monkeypatch.setenv("FAASERA_CONNECTION_FILLED", url)
    do(url, *[statement for statement in DDL[dialect].split(";") if statement.strip()])
    database = opened(url)
    try:
        made = policy_of(read_database(database), name="m")
        assert not made.problems and not [note for note in made.notes if note.broken]
        rows = dict.fromkeys(("roles", "kinds", "times", "arms"), 300) if dialect == "postgres" else None
        DatabaseRun(load_plan(made.policy, rows=rows), database).execute()
        report = faasera.check("filled", made.policy, rows=rows)
    finally:
        database.close()
    assert report.ok, [(one.table, one.subject, one.detail) for one in report.failed]


OWN = """
CREATE FUNCTION short(s text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT s ~ '^[a-z]+$' $$;
CREATE FUNCTION even(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT n % 2 = 0 $$;
CREATE FUNCTION never(s text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT s = 'none of them' $$;
CREATE TABLE log (n int);
CREATE FUNCTION writes(n int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (n); RETURN true; END $$;
CREATE TABLE own (id int PRIMARY KEY, slug text NOT NULL CHECK (short(slug)), n int NOT NULL CHECK (even(n)), k jsonb NOT NULL CHECK (k ->> 'id' <> ''));
CREATE TABLE lost (id int PRIMARY KEY, s text NOT NULL CHECK (never(s)));
CREATE TABLE writing (id int PRIMARY KEY, n int NOT NULL CHECK (writes(n)))
"""


def test_functions_of_a_database_are_tried_on_rows(fresh, monkeypatch):
    url = fresh("postgres")
    do(url, *OWN.split(";\n"))
    monkeypatch.setenv("FAASERA_CONNECTION_OWN", url)
    imported = import_schema("own")
    assert not imported.problems
    tables = {table["tableName"]: table for table in imported.policy["tables"]}
    assert all(check["assumed"] for check in tables["own"]["checks"])
    assert {name for name, table in tables.items() if table.get("rowCount") == 0} == {"lost", "writing"}
    database = opened(url)
    try:
        DatabaseRun(load_plan(imported.policy), database).execute()
        assert database.query("SELECT count(*) FROM own")[0][0] == 1000
        assert database.query("SELECT count(*) FROM log")[0][0] == 1000  # The table's own rows, and none of a trial.
    finally:
        database.close()
