"""What JSON Schema and Avro say of nested values, as far down as is asked for; and what policies get of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    Field,
    ListOf,
    MapOf,
    Scalar,
    Struct,
)
from faasera.schema.document_types import AvroTypes, JsonSchemaTypes, flat
from faasera.schema.documents import read_document

MONEY = Scalar("DECIMAL", 12, 2)
JSON_SCHEMA = {
    STRING: {"type": "string"},
    INTEGER: {"type": "integer", "format": "int32"},
    BIGINT: {"type": "integer"},
    MONEY: {"type": "number", "multipleOf": 0.01},
    DOUBLE: {"type": "number"},
    BOOLEAN: {"type": "boolean"},
    DATE: {"type": "string", "format": "date"},
    TIMESTAMP: {"type": "string", "format": "date-time"},
    TIME: {"type": "string", "format": "time"},
    UUID: {"type": "string", "format": "uuid"},
    BINARY: {"type": "string", "format": "byte"},
    JSON: {},
}
AVRO = {
    STRING: "string",
    INTEGER: "int",
    BIGINT: "long",
    MONEY: {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
    DOUBLE: "double",
    BOOLEAN: "boolean",
    DATE: {"type": "int", "logicalType": "date"},
    TIMESTAMP: {"type": "long", "logicalType": "timestamp-micros"},
    TIME: {"type": "long", "logicalType": "time-micros"},
    UUID: {"type": "string", "logicalType": "uuid"},
    BINARY: {"type": "fixed", "name": "f", "size": 16},
}


def trees(scalars, nullable):
    def nested(inner):
        fields = st.dictionaries(st.sampled_from("abc"), st.tuples(inner, st.booleans()), min_size=1)
        return st.one_of(
            st.builds(ListOf, inner, nullable),
            st.builds(MapOf, st.just(STRING), inner, nullable),
            fields.map(lambda found: Struct(tuple(Field(name, *rest) for name, rest in found.items()))),
        )

    return st.recursive(st.sampled_from(list(scalars)), nested, max_leaves=6)


def json_schema(data_type):
    if isinstance(data_type, ListOf):
        return {"type": "array", "items": json_schema(data_type.item)}
    if isinstance(data_type, MapOf):
        return {"type": "object", "additionalProperties": json_schema(data_type.value)}
    if isinstance(data_type, Struct):
        properties = {one.name: json_schema(one.data_type) for one in data_type.fields}
        required = [one.name for one in data_type.fields if not one.nullable]
        return {"type": "object", "properties": properties, "required": required}
    return JSON_SCHEMA[data_type]


def avro(data_type, nullable=False):
    if nullable:
        return ["null", avro(data_type)]
    if isinstance(data_type, ListOf):
        return {"type": "array", "items": avro(data_type.item, data_type.item_nullable)}
    if isinstance(data_type, MapOf):
        return {"type": "map", "values": avro(data_type.value, data_type.value_nullable)}
    if isinstance(data_type, Struct):
        fields = [{"name": one.name, "type": avro(one.data_type, one.nullable)} for one in data_type.fields]
        return {"type": "record", "name": "r", "fields": fields}
    return AVRO[data_type]


@given(trees(JSON_SCHEMA, st.just(True)))
def test_json_schema_tells_every_level(data_type):
    schema = json_schema(data_type)
    assert JsonSchemaTypes(lambda given: given).of(schema, schema.get("type"), 9) == data_type


@given(trees(AVRO, st.booleans()))
def test_avro_tells_every_level(data_type):
    assert AvroTypes({}).of(avro(data_type), 9) == data_type


@given(trees(JSON_SCHEMA, st.just(True)))
def test_policies_get_lists_of_scalars_and_else_json(data_type):
    document = {"title": "t", "properties": {"c": json_schema(data_type)}}
    (column,) = read_document(document, "t.json", "t").tables["t"].columns
    assert (column.data_type, column.array) == offered(data_type)


@given(trees(AVRO, st.booleans()))
def test_policies_get_the_same_of_avro(data_type):
    document = {"type": "record", "name": "t", "fields": [{"name": "c", "type": avro(data_type)}]}
    (column,) = read_document(document, "t.avsc", "t").tables["t"].columns
    assert (column.data_type, column.array) == offered(data_type)


def offered(data_type):
    if isinstance(data_type, ListOf) and not data_type.item.is_nested and data_type.item != JSON:
        return data_type.item, True
    return (JSON if data_type.is_nested else data_type), False


@pytest.mark.parametrize(
    ("nesting", "expected"),
    [
        (0, JSON),
        (1, Struct((Field("next", JSON), Field("tags", JSON, nullable=False)))),
        (
            2,
            Struct(
                (
                    Field("next", Struct((Field("next", JSON), Field("tags", JSON, nullable=False)))),
                    Field("tags", ListOf(STRING), nullable=False),
                )
            ),
        ),
    ],
)
def test_types_that_hold_themselves_end_where_is_asked(nesting, expected):
    node = {"type": "object", "properties": {"next": {}, "tags": json_schema(ListOf(STRING))}, "required": ["tags"]}
    node["properties"]["next"] = node
    assert JsonSchemaTypes(lambda given: given).of(node, "object", nesting) == expected
    fields = [{"name": "next", "type": ["null", "node"]}, {"name": "tags", "type": avro(ListOf(STRING, False))}]
    record = {"type": "record", "name": "node", "fields": fields}
    told = AvroTypes({"node": record}).of(record, nesting)
    assert str(told).replace("STRING NOT NULL", "STRING") == str(expected)


def test_what_avro_has_and_policies_have_not():
    long = {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 2}
    fields = [{"name": "a", "type": long}, {"name": "b", "type": {"type": "array", "items": long}}]
    (table,) = read_document({"type": "record", "name": "t", "fields": fields}, "t.avsc", "t")
    assert [(one.data_type, one.type, one.array) for one in table.columns] == [
        (None, "DECIMAL(60, 2)", False),
        (None, "DECIMAL(60, 2)[]", True),
    ]
    assert flat(None) == (None, False)
