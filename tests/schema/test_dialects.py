"""What every declared dialect keeps: it knows its own statements, and its types lead there and back."""

import pytest
from sqlglot import parse_one

from faasera.core.errors import PolicyError
from faasera.core.types import NAMES, DataType
from faasera.schema.ddl import guess_dialect, read_ddl
from faasera.schema.dialects import DIALECTS, dialect_named
from faasera.schema.dialects.unsayable import UnsayableError

TYPES = [DataType.parse("DECIMAL(12,3)" if name == "DECIMAL" else name) for name in NAMES]
HELD_BY = {
    "UUID": ("UUID", "STRING"),
    "JSON": ("JSON", "STRING"),
    "INTEGER": ("INTEGER", "BIGINT"),
}
"""The types of columns in which a policy's type may be kept, where it is not its own."""
every_dialect = pytest.mark.parametrize("dialect", list(DIALECTS), ids=lambda one: one.name)


@every_dialect
def test_its_example_is_read_and_recognised(dialect):
    found = read_ddl(dialect.example, "the example", dialect.name)
    assert list(found.tables) == ["a"] and not found.unread and found.dialect == dialect.name
    assert guess_dialect(dialect.example) == dialect.name


@every_dialect
@pytest.mark.parametrize("data_type", TYPES, ids=str)
@pytest.mark.parametrize("length", [None, 30])
def test_types_lead_there_and_back(dialect, data_type, length):
    made = dialect.column_type(data_type, length, keyed=False)
    read = dialect.read_type(made)
    assert read.data_type is not None and read.data_type.name in HELD_BY.get(data_type.name, (data_type.name,)), made
    if data_type.name == "DECIMAL":
        assert read.data_type == data_type
    assert read.length is None or length is None or read.length >= length


@every_dialect
def test_a_catalog_spells_types_as_they_are_read(dialect):
    for data_type in TYPES:
        made = dialect.column_type(data_type, 40, keyed=True)
        assert dialect.read_type(dialect.catalog_type(made)).data_type == dialect.read_type(made).data_type


@every_dialect
def test_lists_and_enumerations_are_made_only_where_they_can_be_read(dialect):
    for text, there in (("ARRAY<INT>", dialect.array_types), ("ENUM('a', 'b')", dialect.enumeration_type)):
        kind = dialect_named("ansi").read_type(text)
        made = dialect.given_type(parse_one(f"CAST(x AS {text})").to, textual=False)
        assert (made is not None) == there and (kind.array or kind.values == ("a", "b"))
        if made is not None:
            read = dialect.read_type(made)
            assert (read.array, read.values) == (kind.array, kind.values)


@every_dialect
def test_types_that_nobody_knows_are_said_to_be_unknown(dialect):
    for text in ("gizmo(3)", "int4rang"):
        read = dialect.read_type(text)
        assert read.shown.lower().replace(" ", "") == text and (not dialect.typed or read.data_type is None)


@every_dialect
def test_a_question_is_asked_in_its_words_or_not_at_all(dialect):
    question = "SELECT count(*) FILTER (WHERE a > 1) FROM t WHERE regexp_matches(b, 'x')"
    asked = dialect.written(dialect.question(parse_one(question, read="duckdb")))
    assert parse_one(asked, read=dialect.sqlglot or None) is not None and "a" in asked
    unknown = parse_one("SELECT list_aggregate(a, 'sum') FROM t", read="duckdb")
    if dialect.name != "duckdb":
        with pytest.raises(UnsayableError, match=f"{dialect.name} may not have the same"):
            dialect.question(unknown)


def test_no_name_is_standard_sql_and_a_wrong_one_is_refused():
    assert dialect_named("").name == dialect_named("ansi").name == "ansi"
    with pytest.raises(PolicyError, match="there is no dialect 'postgre'") as raised:
        dialect_named("postgre")
    assert "postgres" in raised.value.problems[0].remedy
