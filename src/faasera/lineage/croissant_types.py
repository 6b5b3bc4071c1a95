"""What Croissant calls a policy's data types."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from faasera.core.types import ListOf, MapOf, Scalar, Struct, TypeMapper

_TEXT = {"dataType": "sc:Text"}


class CroissantTypes(TypeMapper[dict[str, Any]]):
    """The properties of a field that say its type: a ``dataType``, or fields below it; ``repeated`` for lists.

    A list of lists and a map have no words in Croissant 1.0: they are texts, as they are to readers of CSV.
    """

    scalars: Mapping[str, dict[str, Any]] = {
        "STRING": _TEXT,
        "INTEGER": {"dataType": "sc:Integer"},
        "BIGINT": {"dataType": "sc:Integer"},
        "DOUBLE": {"dataType": "sc:Float"},
        "BOOLEAN": {"dataType": "sc:Boolean"},
        "DATE": {"dataType": "sc:Date"},
        "TIMESTAMP": {"dataType": "sc:DateTime"},
        "TIME": _TEXT,
        "UUID": _TEXT,
        "JSON": _TEXT,
        "BINARY": _TEXT,
    }

    @override
    def decimal(self, data_type: Scalar) -> dict[str, Any]:
        return {"dataType": "sc:Float"}

    @override
    def list_of(self, data_type: ListOf, item: dict[str, Any]) -> dict[str, Any]:
        return _TEXT if "repeated" in item else {**item, "repeated": True}

    @override
    def struct(self, data_type: Struct, fields: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        parts = zip(data_type.fields, fields, strict=True)
        return {"subField": [{"@type": "cr:Field", "name": part.name, **made} for part, made in parts]}

    @override
    def map_of(self, data_type: MapOf, key: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
        return _TEXT


croissant_type = CroissantTypes()
"""What a field says of its type."""
