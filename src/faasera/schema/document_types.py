"""Data types from those of documents: JSON Schema (and with it OpenAPI), and Avro.

What a document leaves open is JSON; so is what lies deeper than is asked for, since types of documents may hold themselves.
"""

from collections.abc import Callable, Mapping
from typing import Any

from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    MOST_DIGITS,
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

_FORMATS: dict[str, DataType] = {
    "date": DATE,
    "date-time": TIMESTAMP,
    "time": TIME,
    "uuid": UUID,
    "binary": BINARY,
    "byte": BINARY,
    "int32": INTEGER,
    "int64": BIGINT,
}
_SIMPLE: dict[str, DataType] = {"string": STRING, "integer": BIGINT, "number": DOUBLE, "boolean": BOOLEAN}
_AVRO: dict[str, DataType] = {
    "string": STRING,
    "int": INTEGER,
    "long": BIGINT,
    "float": DOUBLE,
    "double": DOUBLE,
    "boolean": BOOLEAN,
    "bytes": BINARY,
    "enum": STRING,
    "fixed": BINARY,
}
_LOGICAL: dict[str, DataType] = {
    "date": DATE,
    "timestamp-millis": TIMESTAMP,
    "timestamp-micros": TIMESTAMP,
    "local-timestamp-millis": TIMESTAMP,
    "local-timestamp-micros": TIMESTAMP,
    "time-millis": TIME,
    "time-micros": TIME,
    "uuid": UUID,
}

Schema = Mapping[str, Any]


def flat(data_type: DataType | None) -> tuple[DataType | None, bool]:
    """What policies offer for a type, and whether it is a list of that: JSON for whatever is nested but lists of scalars."""
    if isinstance(data_type, ListOf):
        item = data_type.item
        return (JSON, False) if item.is_nested or item == JSON else (item, True)
    return (JSON, False) if data_type is not None and data_type.is_nested else (data_type, False)


class JsonSchemaTypes:
    """The types of JSON Schema.

    Args:
        resolved: gives a schema with its references followed and its parts put together.
    """

    def __init__(self, resolved: Callable[[Any], Schema]) -> None:
        self._resolved = resolved

    def of(self, schema: Schema, kind: Any, nesting: int) -> DataType:
        """The type of the values that a schema describes.

        Args:
            schema: resolved.
            kind: the one of its ``type`` that is not null.
            nesting: how many levels deep a nested type is told.
        """
        if kind == "array" and nesting:
            return ListOf(self._inner(schema.get("items", {}), nesting))
        if schema.get("format") in _FORMATS:
            return _FORMATS[str(schema["format"])]
        if kind == "number" and str(schema.get("multipleOf", "")).startswith("0."):
            return Scalar("DECIMAL", 12, len(str(schema["multipleOf"])) - 2)
        if kind == "object" and nesting:
            return self._object(schema, nesting)
        return _SIMPLE.get(str(kind), JSON)

    def _inner(self, given: Any, nesting: int) -> DataType:
        schema = self._resolved(given)
        return self.of(schema, schema.get("type"), nesting - 1)

    def _object(self, schema: Schema, nesting: int) -> DataType:
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        if isinstance(properties, Mapping) and properties:
            required = schema.get("required")
            needed = set(required) if isinstance(required, list) else set[str]()
            inner = {str(name): self._inner(given, nesting) for name, given in properties.items()}
            return Struct(tuple(Field(name, made, name not in needed) for name, made in inner.items()))
        return MapOf(STRING, self._inner(others, nesting)) if isinstance(others, Mapping) else JSON


class AvroTypes:
    """The types of Avro 1.12 (https://avro.apache.org/docs/1.12.0/specification/).

    Args:
        named: the records, enumerations and fixed types that others refer to.
    """

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named

    def single(self, kind: Any) -> tuple[Any, bool]:
        """A type without its null, references followed, and whether it had one; unions of several are records."""
        nullable = False
        if isinstance(kind, list):
            nullable = "null" in kind
            others = [one for one in kind if one != "null"]
            kind = others[0] if len(others) == 1 else {"type": "record"}
        while isinstance(kind, str) and kind not in _AVRO and kind in self._named:
            kind = self._named[kind]
        return kind, nullable

    def of(self, kind: Any, nesting: int) -> DataType | None:
        """The type of the values of a schema; None for decimals that are too long.

        Args:
            kind: as ``single`` gives it.
            nesting: how many levels deep a nested type is told.
        """
        if not isinstance(kind, Mapping):
            return _AVRO.get(str(kind), JSON)
        logical, plain = kind.get("logicalType"), str(kind.get("type"))
        if logical in _LOGICAL:
            return _LOGICAL[logical]
        if logical == "decimal":
            precision, scale = int(kind["precision"]), int(kind.get("scale", 0))
            return Scalar("DECIMAL", precision, scale) if 0 <= scale <= precision <= MOST_DIGITS else None
        if plain == "array" and nesting:
            item, nullable = self._inner(kind["items"], nesting)
            return ListOf(item, nullable) if item is not None else None
        if plain == "map" and nesting:
            value, nullable = self._inner(kind.get("values"), nesting)
            return MapOf(STRING, value or JSON, nullable)
        if plain == "record" and kind.get("fields") and nesting:
            inner = {str(one.get("name")): self._inner(one.get("type"), nesting) for one in kind["fields"]}
            return Struct(tuple(Field(name, made or JSON, nullable) for name, (made, nullable) in inner.items()))
        return _AVRO.get(plain, JSON)

    def _inner(self, given: Any, nesting: int) -> tuple[DataType | None, bool]:
        kind, nullable = self.single(given)
        return self.of(kind, nesting - 1), nullable
