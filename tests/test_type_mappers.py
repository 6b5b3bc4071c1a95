"""Every system has a word for every data type."""

import pytest
from data_types import DATA_TYPES
from hypothesis import given

from faasera.core.types import (
    DATE,
    INTEGER,
    NAMES,
    STRING,
    ArrowTypes,
    Field,
    ListOf,
    MapOf,
    Scalar,
    Struct,
)
from faasera.frontends.spark.types import SparkTypes
from faasera.lineage.croissant_types import CroissantTypes
from faasera.run.check.duckdb_types import DuckdbTypes
from faasera.schema.shown_types import ShownTypes, shown_type

MAPPERS = (ArrowTypes, CroissantTypes, DuckdbTypes, ShownTypes, SparkTypes)


@pytest.mark.parametrize("mapper", MAPPERS)
def test_no_scalar_is_forgotten(mapper):
    assert set(mapper.scalars) == set(NAMES) - {"DECIMAL"}


@pytest.mark.parametrize("mapper", MAPPERS)
@given(DATA_TYPES)
def test_every_tree_is_mapped(mapper, data_type):
    assert mapper()(data_type)


def test_words_for_people():
    kind = Struct((Field("a", ListOf(STRING)), Field("b", MapOf(STRING, Scalar("DECIMAL", 9, 2)))))
    assert shown_type(kind) == "STRUCT(a TEXT[], b MAP(TEXT, DECIMAL(9, 2)))"
    assert [shown_type(one) for one in (INTEGER, DATE)] == ["INT", "DATE"]
