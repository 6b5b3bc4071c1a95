"""DDL of the four dialects, and of standard SQL."""

import pytest

from faasera.core.errors import PolicyError
from faasera.schema.ddl import guess_dialect, read_ddl

POSTGRES = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN zip AS text NOT NULL CHECK (VALUE ~ '^[0-9]{5}$');
CREATE TABLE "public"."Order" (
  id bigserial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, m mood NOT NULL DEFAULT 'ok', tags text[], zip_code zip,
  price numeric(10,2) CHECK (price > 0), double_price numeric GENERATED ALWAYS AS (price * 2) STORED,
  parent_id int REFERENCES "Order" ON DELETE CASCADE, span int4range, at timestamptz DEFAULT now(), c char(3), v varchar(40),
  EXCLUDE USING gist (span WITH &&), UNIQUE (number, m)
);
CREATE TABLE sales.lines (order_id bigint, n smallint, PRIMARY KEY (order_id, n));
ALTER TABLE ONLY sales.lines ADD CONSTRAINT to_order FOREIGN KEY (order_id) REFERENCES "Order" (id) DEFERRABLE INITIALLY DEFERRED;
CREATE UNIQUE INDEX one ON "Order" (v) WHERE price > 3;
CREATE UNIQUE INDEX two ON "Order" (lower(v), c);
CREATE UNIQUE INDEX three ON "Order" ((price * 2));
COMMENT ON TABLE "Order" IS 'what was ordered';
COMMENT ON COLUMN "Order".v IS 'free';
CREATE VIEW v AS SELECT 1;
INSERT INTO sales.lines VALUES (1, 2);
"""


def test_postgresql():
    found = read_ddl(POSTGRES, "x")
    assert found.dialect == "postgres" and found.views == 1 and set(found.tables) == {"Order", "sales.lines"}
    order, lines = found.tables["Order"], found.tables["sales.lines"]
    columns = {column.name: column for column in order.columns}
    assert columns["id"].identity and columns["number"].identity and columns["double_price"].generated
    assert columns["m"].values == ("sad", "ok") and not columns["m"].nullable
    assert columns["tags"].array and str(columns["tags"].data_type) == "STRING"
    assert not columns["zip_code"].nullable and columns["span"].form is not None
    assert (columns["c"].length, columns["c"].fixed, columns["v"].length) == (3, True, 40)
    assert [check.sql for check in order.checks] == ["\"zip_code\" ~ '^[0-9]{5}$'", "price > 0"]
    assert {(key.columns, key.where) for key in order.unique_keys} == {
        (("number", "m"), None),
        (("v",), "price > 3"),
        (("v", "c"), None),
    }
    assert order.foreign_keys[0].references == ("id",)
    assert lines.foreign_keys[0].table == "Order" and lines.foreign_keys[0].deferrable
    assert order.comment == "what was ordered" and columns["v"].comment == "free"
    assert len(order.unread) == 2 and "exclusion" in order.unread[0] and "price * 2" in order.unread[1]


def test_mysql():
    text = (
        "CREATE TABLE `a` (`id` int(10) unsigned NOT NULL AUTO_INCREMENT, `e` enum('x','y') DEFAULT 'x', `ok` tinyint(1), `small` tinyint, "
        "`j` longtext CHECK (json_valid(`j`)), `y` year(4), `g` int AS (`id` * 2) VIRTUAL, `s` set('a','b'), PRIMARY KEY (`id`), "
        "UNIQUE KEY `u` (`e`,`ok`), UNIQUE KEY `p` (`j`(10)), KEY `k` (`y`), CONSTRAINT `c` CHECK (`y` > 1990)) ENGINE=InnoDB COMMENT='hello';"
    )
    found = read_ddl(text, "x")
    table = found.tables["a"]
    columns = {column.name: column for column in table.columns}
    assert found.dialect == "mysql" and table.comment == "hello"
    assert columns["id"].identity and columns["id"].unsigned and str(columns["id"].data_type) == "BIGINT"
    assert (
        str(columns["ok"].data_type) == "BOOLEAN"
        and columns["small"].bits == 8
        and str(columns["j"].data_type) == "JSON"
    )
    assert columns["g"].generated and columns["s"].values == ("a", "b")
    assert [key.columns for key in table.unique_keys] == [("e", "ok"), ("j",)]
    assert [check.sql for check in table.checks] == ["`y` > 1990"]


def test_sqlite_and_duckdb():
    lite = read_ddl("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n BIGINT, x FLOATING, z)", "x").tables["t"]
    assert [str(column.data_type) for column in lite.columns] == ["BIGINT", "BIGINT", "DOUBLE", "STRING"]
    assert lite.columns[0].identity
    duck = read_ddl(
        "CREATE TABLE t (h HUGEINT, l VARCHAR[], e ENUM('a', 'b'), u UTINYINT, s STRUCT(a INTEGER))", "x"
    ).tables["t"]
    assert [column.array for column in duck.columns] == [False, True, False, False, False]
    assert duck.columns[2].values == ("a", "b") and duck.columns[3].unsigned and duck.columns[4].data_type is None


def test_standard_sql():
    found = read_ddl(
        "create table p (id integer not null, primary key (id)); create table c (p_id integer references P);", "x"
    )
    assert (
        found.dialect == "ansi"
        and found.tables["c"].foreign_keys[0].references == ("id",)
        and found.tables["c"].foreign_keys[0].table == "p"
    )


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE TABLE `a` (b int)", "mysql"),
        ("a::text", "postgres"),
        ("x AUTOINCREMENT", "sqlite"),
        ("x HUGEINT", "duckdb"),
        ("CREATE TABLE a (b int)", "ansi"),
    ],
)
def test_dialects_are_guessed(text, dialect):
    assert guess_dialect(text) == dialect


def test_a_statement_that_cannot_be_read_is_named_and_the_others_are_kept():
    found = read_ddl(
        "CREATE TABLE a (id int); CREATE TABLE b (id int !!! broken); CREATE TABLE c (id int)", "x", "postgres"
    )
    assert set(found.tables) == {"a", "c"} and "CREATE TABLE b" in found.unread[0]


def test_what_is_no_sql_is_refused():
    with pytest.raises(PolicyError, match="is no SQL that can be read"):
        read_ddl("this is (not a table", "notes.txt")


def test_what_is_nested_too_deeply_is_refused_in_words():
    with pytest.raises(PolicyError) as raised:
        read_ddl("CREATE TABLE t (a INT CHECK " + "(" * 50_000 + "1" + ")" * 50_001 + ");", "deep.sql", "postgres")
    assert "nested too deeply" in raised.value.problems[0].message
