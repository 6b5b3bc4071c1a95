import duckdb
import pyarrow as pa
import pytest
from data_types import DATA_TYPES
from hypothesis import given, settings

from faasera.core.from_arrow import from_arrow
from faasera.core.types import BIGINT, DATE, DOUBLE, INTEGER, STRING, Field, ListOf, MapOf, Scalar, Struct
from faasera.run.check.duckdb_types import sql_type


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as opened:
        yield opened


@given(DATA_TYPES)
@settings(max_examples=150, deadline=None)
def test_duckdb_has_every_type(database, data_type):
    """It gives a null of it back as the same type of Arrow: what may be null inside is for Arrow alone."""
    (kind,) = database.sql(f"SELECT CAST(NULL AS {sql_type(data_type)}) AS value").to_arrow_table().schema.types
    assert without_nulls(from_arrow(kind)) == without_nulls(from_arrow(data_type.arrow))


def without_nulls(data_type):
    if isinstance(data_type, ListOf):
        return ListOf(without_nulls(data_type.item))
    if isinstance(data_type, MapOf):
        return MapOf(without_nulls(data_type.key), without_nulls(data_type.value))
    if isinstance(data_type, Struct):
        return Struct(tuple(Field(one.name, without_nulls(one.data_type)) for one in data_type.fields))
    return data_type


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (Scalar("DECIMAL", 12, 2), "DECIMAL(12,2)"),
        (ListOf(ListOf(DATE)), "DATE[][]"),
        (MapOf(STRING, ListOf(DOUBLE)), "MAP(VARCHAR, DOUBLE[])"),
        (Struct((Field('a "b', INTEGER), Field("select", BIGINT))), 'STRUCT("a ""b" INTEGER, "select" BIGINT)'),
    ],
)
def test_words_of_duckdb(data_type, expected):
    assert sql_type(data_type) == expected


def test_values_of_a_nested_type_come_back(database):
    kind = Struct((Field("tags", ListOf(STRING)), Field("seen", MapOf(STRING, DATE))))
    rows = pa.table({"value": pa.array([{"tags": ["a", None], "seen": [("b", None)]}, None], kind.arrow)})
    database.register("rows", rows)
    cast = database.sql(f"SELECT CAST(value AS {sql_type(kind)}) AS value FROM rows").to_arrow_table()
    assert cast.column(0).to_pylist() == rows.column(0).to_pylist()
