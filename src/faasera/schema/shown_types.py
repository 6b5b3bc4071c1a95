"""What a column's type is called for people where no database has named it: in files, documents and models."""

from collections.abc import Mapping

from typing_extensions import override

from faasera.core.types import ListOf, MapOf, Scalar, Struct, TypeMapper


class ShownTypes(TypeMapper[str]):
    """The words that most databases share."""

    scalars: Mapping[str, str] = {
        "STRING": "TEXT",
        "INTEGER": "INT",
        "BIGINT": "BIGINT",
        "DOUBLE": "DOUBLE",
        "BOOLEAN": "BOOLEAN",
        "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP",
        "TIME": "TIME",
        "UUID": "UUID",
        "JSON": "JSON",
        "BINARY": "BLOB",
    }

    @override
    def decimal(self, data_type: Scalar) -> str:
        return f"DECIMAL({data_type.precision}, {data_type.scale})"

    @override
    def list_of(self, data_type: ListOf, item: str) -> str:
        return f"{item}[]"

    @override
    def struct(self, data_type: Struct, fields: tuple[str, ...]) -> str:
        parts = zip(data_type.fields, fields, strict=True)
        return f"STRUCT({', '.join(f'{part.name} {made}' for part, made in parts)})"

    @override
    def map_of(self, data_type: MapOf, key: str, value: str) -> str:
        return f"MAP({key}, {value})"


shown_type = ShownTypes()
"""What a data type is called."""
