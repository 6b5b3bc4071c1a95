"""What DuckDB calls a policy's data types."""

from collections.abc import Mapping

from typing_extensions import override

from faasera.core.types import ListOf, MapOf, Scalar, Struct, TypeMapper


class DuckdbTypes(TypeMapper[str]):
    """DuckDB's types as SQL; ``UUID`` and ``JSON`` are compared as the texts that files hold."""

    scalars: Mapping[str, str] = {
        "STRING": "VARCHAR",
        "INTEGER": "INTEGER",
        "BIGINT": "BIGINT",
        "DOUBLE": "DOUBLE",
        "BOOLEAN": "BOOLEAN",
        "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP",
        "TIME": "TIME",
        "UUID": "VARCHAR",
        "JSON": "VARCHAR",
        "BINARY": "BLOB",
    }

    @override
    def decimal(self, data_type: Scalar) -> str:
        return f"DECIMAL({data_type.precision},{data_type.scale})"

    @override
    def list_of(self, data_type: ListOf, item: str) -> str:
        return f"{item}[]"

    @override
    def struct(self, data_type: Struct, fields: tuple[str, ...]) -> str:
        names = ['"' + part.name.replace('"', '""') + '"' for part in data_type.fields]
        return f"STRUCT({', '.join(f'{name} {made}' for name, made in zip(names, fields, strict=True))})"

    @override
    def map_of(self, data_type: MapOf, key: str, value: str) -> str:
        return f"MAP({key}, {value})"


sql_type = DuckdbTypes()
"""The type of DuckDB that holds a policy's."""
