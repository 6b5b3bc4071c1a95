"""What a script says is what a server has once it ran it; and a server that runs one keeps nothing of it."""

import re

import pytest
from database_fixtures import ask, do, structure
from schema_templates import SCHEMAS, statements

from faasera.schema.ddl import read_ddl
from faasera.schema.dialects import dialect_named
from faasera.schema.sources import read_source

CHANGES = """
CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN short AS varchar(9) CHECK (VALUE <> '');
CREATE TABLE "Odd Name" (ID serial PRIMARY KEY, m mood[], s short NOT NULL, n smallint CHECK (n > 0) CHECK (n < 9), UNIQUE (n, s), CHECK (n <> id));
CREATE TABLE child (LIKE "Odd Name" INCLUDING ALL, parent int REFERENCES "Odd Name" DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE heir (more text UNIQUE) INHERITS (child); ALTER TABLE child ADD COLUMN late date NOT NULL DEFAULT now();
ALTER TABLE child RENAME COLUMN n TO number; ALTER TABLE child ADD CHECK (late > '2000-01-01'), DROP COLUMN m, ADD UNIQUE (late);
ALTER TABLE child DROP CONSTRAINT child_late_key; ALTER TABLE child ADD UNIQUE (late); ALTER TYPE mood RENAME TO feeling; ALTER TYPE feeling ADD VALUE 'great';
CREATE UNIQUE INDEX ON child (late, lower(s)) WHERE late IS NOT NULL; ALTER TABLE "Odd Name" ALTER COLUMN id TYPE bigint;
CREATE TABLE copied AS SELECT c.id, max(late) AS last, count(*) AS n FROM child c JOIN "Odd Name" o USING (id) GROUP BY c.id;
CREATE SCHEMA other CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, g int GENERATED ALWAYS AS (1 + 1) STORED);
SET search_path TO other; CREATE TABLE u (a real, b double precision, c char, d timestamptz(3), e time, f numeric(8,3)); COMMENT ON COLUMN u.a IS 'said';
"""


def plain(kind):
    """A type without what servers print of its width, and by the name that they have for truth values."""
    return (
        re.sub(r"\((1|4|\d\d?)\)$", "", kind)
        if re.match(r"U?\w*INT\b|YEAR|CHAR\(1\)", kind)
        else kind.replace("BOOLEAN", "TINYINT")
    )


def of_column(column, dialect):
    """What is said of a column."""
    no_default = column.default is None or column.default.startswith("NULL")
    kind = plain(dialect.standard_type(column.type)), str(column.data_type), column.length, column.values, column.array
    return column.name, kind, column.nullable, column.identity, column.generated, column.comment, no_default


def told(found):
    """All that a structure says, in words that no printing changes; of conditions, the names or how many there are."""
    dialect = dialect_named(found.dialect)
    return {
        table.name: (
            [of_column(one, dialect) for one in table.columns],
            table.primary_key,
            sorted((key.columns, key.where is None) for key in table.unique_keys),
            sorted((key.columns, key.table, key.references, key.deferrable) for key in table.foreign_keys),
            sorted(check.name for check in table.checks) if found.dialect == "postgres" else len(table.checks),
        )
        for table in found
    }


pytestmark = pytest.mark.xdist_group("scripts")


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_a_file_says_what_its_server_says(dialect, fresh):
    for schema in SCHEMAS:
        url, made = fresh(dialect), statements(schema, dialect)
        do(url, *made)
        assert told(read_ddl(";\n".join(made), schema, dialect)) == told(structure(url)), schema


def test_a_file_of_changes_says_what_a_server_says(fresh, tmp_path, monkeypatch):
    server = fresh("postgres")
    monkeypatch.setenv("FAASERA_CONNECTION_TRIAL", server)
    path = tmp_path / "changes.sql"
    path.write_text(CHANGES)
    file, run = read_source(str(path), dialect="postgres")[0], read_source(str(path), via="trial")[0]
    assert not file.unread and not run.unread
    assert told(file) == told(run)


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_a_server_keeps_nothing_of_a_trial(dialect, fresh, tmp_path, monkeypatch):
    server = fresh(dialect)
    own = server.rpartition("/")[2]
    do(server, "CREATE TABLE mine (x int)")
    monkeypatch.setenv("FAASERA_CONNECTION_TRIAL", server)
    names = (
        "SELECT datname FROM pg_database"
        if dialect == "postgres"
        else "SELECT schema_name FROM information_schema.schemata"
    )
    path = tmp_path / "x.sql"
    path.write_text(
        f"CREATE DATABASE shop; USE shop; DROP DATABASE {own}; DROP TABLE IF EXISTS {own}.mine; DROP TABLE mine;\nCREATE EXTENSION nothing_like_it;\n"
        "CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a OWNER TO nobody_here; INSERT INTO a VALUES (1); CREATE ROLE evil; SET ROLE evil;\nCREATE TABLE b (x no_such_type);"
    )
    found, _ = read_source(str(path), via="trial")
    assert set(found.tables) == {"a"} and any("line 4" in one and "no_such_type" in one for one in found.unread)
    assert dialect == "mysql" or any("nothing_like_it" in note for note in found.notes)
    left = {name for (name,) in ask(server, names)}
    assert own in left and "shop" not in left and not [name for name in left if name.startswith("faasera_trial_")]
    assert ask(server, "SELECT count(*) FROM mine") == [(0,)]
