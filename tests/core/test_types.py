import pickle

import pyarrow as pa
import pytest
from data_types import DATA_TYPES, NESTED, SCALARS
from hypothesis import given

from faasera.core.from_arrow import from_arrow
from faasera.core.type_text import parse_type
from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    NAMES,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    DataType,
    Field,
    ListOf,
    MapOf,
    Scalar,
    Struct,
)

DECIMAL = Scalar("DECIMAL", 10, 2)
ALL = (STRING, INTEGER, BIGINT, DECIMAL, DOUBLE, BOOLEAN, DATE, TIMESTAMP, TIME, UUID, JSON, BINARY)


@given(SCALARS)
def test_what_a_policy_says_is_what_is_shown(data_type):
    assert DataType.parse(str(data_type)) == parse_type(str(data_type)) == data_type


@given(DATA_TYPES)
def test_the_text_of_a_tree_says_all_of_it(data_type):
    assert parse_type(str(data_type)) == data_type


@pytest.mark.parametrize(
    ("text", "data_type"),
    [
        ("LIST<STRING>", ListOf(STRING)),
        ("LIST< DATE NOT NULL >", ListOf(DATE, item_nullable=False)),
        ("STRUCT<a: INTEGER, b: LIST<DATE>>", Struct((Field("a", INTEGER), Field("b", ListOf(DATE))))),
        ('STRUCT<"a ""b": DECIMAL(10,2) NOT NULL>', Struct((Field('a "b', DECIMAL, nullable=False),))),
        ("MAP<STRING, BIGINT>", MapOf(STRING, BIGINT)),
    ],
)
def test_texts_that_people_write(text, data_type):
    assert parse_type(text) == data_type


@given(NESTED)
def test_policies_are_not_offered_nested_types(data_type):
    with pytest.raises(ValueError, match="is not a data type"):
        DataType.parse(str(data_type))


@pytest.mark.parametrize(
    "text",
    [
        *("", "LIST", "LIST<", "LIST<>", "LIST<STRING", "LIST<STRING>>", "SET<STRING>"),
        *("STRUCT<", "STRUCT<>", "STRUCT<a INTEGER>", "STRUCT<a: DATE, a: DATE>", "MAP<STRING>"),
        *("STRING NOT NULL", "DECIMAL", "DECIMAL(39,0)", "LIST<DECIMAL(2,3)>", "string", "?"),
    ],
)
def test_texts_that_name_no_type(text):
    with pytest.raises(ValueError):
        parse_type(text)


@given(DATA_TYPES)
def test_trees_are_values(data_type):
    same = parse_type(str(data_type))
    assert same is not data_type and hash(same) == hash(data_type)
    assert pickle.loads(pickle.dumps(data_type)) == data_type


@given(DATA_TYPES)
def test_arrow_holds_every_type_and_hands_it_back(data_type):
    assert pa.nulls(3, data_type.arrow).type == data_type.arrow
    # UUID and JSON are texts there.
    assert from_arrow(data_type.arrow) == parse_type(str(data_type).replace("UUID", "STRING").replace("JSON", "STRING"))


def test_arrow_knows_what_may_be_null():
    kind = Struct((Field("a", ListOf(INTEGER, False), False), Field("b", MapOf(STRING, DATE, False)))).arrow
    assert not kind.field("a").nullable and kind.field("b").nullable
    assert not kind.field("a").type.value_field.nullable
    assert not kind.field("b").type.item_field.nullable


@pytest.mark.parametrize(
    ("kind", "data_type"),
    [
        (pa.int8(), INTEGER),
        (pa.uint16(), INTEGER),
        (pa.uint32(), BIGINT),
        (pa.uint64(), BIGINT),
        (pa.float32(), DOUBLE),
        (pa.date64(), DATE),
        (pa.timestamp("ns", "UTC"), TIMESTAMP),
        (pa.time32("s"), TIME),
        (pa.large_string(), STRING),
        (pa.string_view(), STRING),
        (pa.binary(16), BINARY),
        (pa.large_list(pa.int64()), ListOf(BIGINT)),
        (pa.list_(pa.int64(), 3), ListOf(BIGINT)),
        (pa.decimal256(30, 4), Scalar("DECIMAL", 30, 4)),
        (pa.decimal256(60, 4), None),
        (pa.decimal128(4, -2), None),
        (pa.duration("s"), None),
        (pa.list_(pa.duration("s")), None),
        (pa.map_(pa.string(), pa.duration("s")), None),
        (pa.struct([("a", pa.duration("s"))]), None),
        (pa.struct([]), None),
    ],
)
def test_what_other_programs_keep_in_arrow(kind, data_type):
    assert from_arrow(kind) == data_type


CAPABILITIES = {
    "is_text": (STRING, UUID, JSON),
    "is_whole": (INTEGER, BIGINT),
    "is_decimal": (DECIMAL,),
    "is_exact": (INTEGER, BIGINT, DECIMAL),
    "is_number": (INTEGER, BIGINT, DECIMAL, DOUBLE),
    "has_date": (DATE, TIMESTAMP),
    "has_time": (TIMESTAMP, TIME),
    "is_temporal": (DATE, TIMESTAMP, TIME),
    "is_discrete": (INTEGER, BIGINT, DECIMAL, DATE, TIMESTAMP, TIME),
    "has_axis": (INTEGER, BIGINT, DECIMAL, DOUBLE, DATE, TIMESTAMP, TIME),
    "is_nested": (),
}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_what_scalars_can(capability):
    assert len(ALL) == len(NAMES)
    assert tuple(one for one in ALL if getattr(one, capability)) == CAPABILITIES[capability]


@given(NESTED)
def test_nested_types_can_nothing_that_scalars_can(data_type):
    assert [name for name in CAPABILITIES if getattr(data_type, name)] == ["is_nested"]
    assert (data_type.precision, data_type.scale, data_type.limit) == (0, 0, 0)


def test_units_and_limits():
    assert [one.unit for one in (INTEGER, DECIMAL, DATE, TIMESTAMP, TIME)] == [1, 100, 1, 1_000_000, 1_000_000]
    limits = {INTEGER: 2**31, BIGINT: 2**63, DECIMAL: 10**10, Scalar("DECIMAL", 38, 2): 10**38, DOUBLE: 0, DATE: 0}
    assert {one: one.limit for one in limits} == limits
    assert {one: one.limit_of_arithmetic for one in limits} == {**limits, Scalar("DECIMAL", 38, 2): 2**63}


def test_a_tree_is_walked_from_its_root():
    tree = Struct((Field("a", ListOf(TIME)), Field("b", MapOf(STRING, DECIMAL))))
    assert list(tree.walk()) == [tree, ListOf(TIME), TIME, MapOf(STRING, DECIMAL), STRING, DECIMAL]


def test_a_struct_needs_fields_that_can_be_told_apart():
    for fields in ((), (Field("a", DATE), Field("a", TIME))):
        with pytest.raises(ValueError, match="different names"):
            Struct(fields)
