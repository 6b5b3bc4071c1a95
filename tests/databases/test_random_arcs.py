"""Random conditions on which columns have a value: SQLite takes the rows of an import that nobody has touched."""

import itertools
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

import faasera
from faasera.run.importing import import_schema

COLUMNS = ("firm_id", "shop_id", "label", "amount")
"""Two foreign keys, and two plain columns."""


def bare() -> st.SearchStrategy[str]:
    """What a condition asks of one column."""
    there = st.sampled_from(COLUMNS).flatmap(lambda name: st.sampled_from([f"{name} IS NULL", f"{name} IS NOT NULL"]))
    return st.one_of(there, st.sampled_from(["kind = 'a'", "kind = 'b'", "kind <> 'c'"]))


CONDITIONS = st.recursive(
    bare(),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"(({two[0]}) = ({two[1]}))"),
        st.tuples(inner, inner, inner).map(lambda three: f"CASE WHEN {three[0]} THEN {three[1]} ELSE {three[2]} END"),
        inner.map(lambda one: f"(NOT ({one}))"),
    ),
    max_leaves=6,
)


def can_be(condition: str) -> bool:
    """Whether there is any row that meets a condition."""
    database = sqlite3.connect(":memory:")
    for values in itertools.product("abc", *[(None, 1)] * len(COLUMNS)):
        row = ", ".join(f"? AS {name}" for name in ("kind", *COLUMNS))
        if database.execute(f"SELECT {condition} FROM (SELECT {row})", values).fetchone()[0] != 0:
            return True
    return False


@settings(max_examples=20)
@given(condition=CONDITIONS, unique=st.sampled_from(["", ", UNIQUE (firm_id)", ", UNIQUE (shop_id, label)", ", UNIQUE (label), UNIQUE (shop_id)"]))  # fmt: skip
def test_rows_of_an_import_meet_any_condition_that_can_be_met(condition, unique):
    ddl = f"""
    CREATE TABLE firms (id bigint PRIMARY KEY);
    CREATE TABLE shops (id bigint PRIMARY KEY);
    CREATE TABLE t (id bigint PRIMARY KEY, kind varchar(5) NOT NULL CHECK (kind IN ('a', 'b', 'c')), firm_id bigint REFERENCES firms (id),
      shop_id bigint REFERENCES shops (id), label varchar(20), amount int, CHECK ({condition}){unique});
    """
    if not can_be(condition):
        return
    policy = import_schema("-", text=ddl, dialect="sqlite").policy
    made = faasera.generate(policy, rows=60)["t"]
    database = sqlite3.connect(":memory:")
    for one in ddl.split(";\n"):
        database.execute(one)
    marks = ", ".join("?" for _ in made.column_names)
    rows = [tuple(row.values()) for row in made.to_pylist()]
    database.executemany(f"INSERT INTO t ({', '.join(made.column_names)}) VALUES ({marks})", rows)
    assert len(rows) == 60
