"""Tables from documents that describe data: JSON Schema, OpenAPI components, Avro schemas."""

from collections.abc import Iterator, Mapping
from typing import Any

from faasera.core.errors import refuse
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
    DataType,
)
from faasera.databases.structure import CheckConstraint, ColumnStructure, Structure, TableStructure

_FORMATS: dict[str, tuple[DataType, str]] = {
    "date": (DATE, "DATE"),
    "date-time": (TIMESTAMP, "TIMESTAMP"),
    "time": (TIME, "TIME"),
    "uuid": (UUID, "UUID"),
    "binary": (BINARY, "BLOB"),
    "byte": (BINARY, "BLOB"),
    "int32": (INTEGER, "INT"),
    "int64": (BIGINT, "BIGINT"),
}
_SIMPLE: dict[str, tuple[DataType, str]] = {
    "string": (STRING, "TEXT"),
    "integer": (BIGINT, "BIGINT"),
    "number": (DOUBLE, "DOUBLE"),
    "boolean": (BOOLEAN, "BOOLEAN"),
    "object": (JSON, "JSON"),
}
_AVRO: dict[str, tuple[DataType, str]] = {
    "string": (STRING, "TEXT"),
    "int": (INTEGER, "INT"),
    "long": (BIGINT, "BIGINT"),
    "float": (DOUBLE, "DOUBLE"),
    "double": (DOUBLE, "DOUBLE"),
    "boolean": (BOOLEAN, "BOOLEAN"),
    "bytes": (BINARY, "BLOB"),
}
_LOGICAL: dict[str, tuple[DataType, str]] = {
    "date": (DATE, "DATE"),
    "timestamp-millis": (TIMESTAMP, "TIMESTAMP"),
    "timestamp-micros": (TIMESTAMP, "TIMESTAMP"),
    "local-timestamp-millis": (TIMESTAMP, "TIMESTAMP"),
    "local-timestamp-micros": (TIMESTAMP, "TIMESTAMP"),
    "time-millis": (TIME, "TIME"),
    "time-micros": (TIME, "TIME"),
    "uuid": (UUID, "UUID"),
}


def read_document(document: Any, source: str, name: str) -> Structure:
    """The tables that a document describes.

    Args:
        document: the JSON value.
        source: for messages.
        name: of a table whose schema has no title.

    Raises:
        PolicyError: it describes none.
    """
    if _is_avro(document):
        return Structure(source, "", {table.name: table for table in _avro_tables(document)})
    if isinstance(document, Mapping):
        components = (
            document.get("components", {}).get("schemas") or document.get("definitions") or document.get("$defs")
        )
        described = dict(components or {})
        if document.get("properties"):
            described = {str(document.get("title") or name): document, **described}
        reader = _JsonSchema(document)
        tables = {key: table for key, value in described.items() if (table := reader.table(key, value)) is not None}
        if tables:
            return Structure(source, "", tables)
    message = f"{source} describes no table"
    remedy = "Name a JSON Schema with 'properties', an OpenAPI document with 'components', or an Avro record."
    refuse("no-tables", message, remedy)


def _is_avro(document: Any) -> bool:
    records = document if isinstance(document, list) else [document]
    return bool(records) and all(
        isinstance(one, Mapping) and one.get("type") in ("record", "enum") and ("fields" in one or "symbols" in one)
        for one in records
    )


class _JsonSchema:
    """JSON Schema, as it stands by itself and in OpenAPI (draft 2020-12, and what came before)."""

    def __init__(self, document: Mapping[Any, Any]) -> None:
        self.document = document

    def resolved(self, schema: Any) -> Mapping[str, Any]:
        """A schema with its references followed and its parts put together."""
        for _ in range(16):
            if not isinstance(schema, Mapping):
                return {}
            if "$ref" in schema:
                target: Any = self.document
                for part in str(schema["$ref"]).removeprefix("#").split("/"):
                    if part:
                        target = (
                            target.get(part.replace("~1", "/").replace("~0", "~"), {})
                            if isinstance(target, Mapping)
                            else {}
                        )
                schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
            elif "allOf" in schema:
                merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
                for one in map(self.resolved, schema["allOf"]):
                    properties = {**one.get("properties", {}), **merged.get("properties", {})}
                    required = [*one.get("required", []), *merged.get("required", [])]
                    merged = {**one, **merged, "properties": properties, "required": required}
                return merged
            else:
                return schema
        return {}

    def table(self, name: str, schema: Any) -> TableStructure | None:
        """The table of an object's schema; None for anything else."""
        schema = self.resolved(schema)
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return None
        required = set(schema.get("required", ()))
        columns, checks = [], list[CheckConstraint]()
        for key, given in properties.items():
            column, conditions = self._column(str(key), given, required=key in required)
            columns.append(column)
            checks += [CheckConstraint(condition) for condition in conditions]
        return TableStructure(name, tuple(columns), checks=tuple(checks), comment=schema.get("description"))

    def _column(self, name: str, given: Any, *, required: bool) -> tuple[ColumnStructure, list[str]]:
        schema = self.resolved(given)
        options = [self.resolved(one) for one in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]]
        types = schema.get("type")
        listed = types if isinstance(types, list) else [types]
        optional = bool(schema.get("nullable")) or "null" in listed or any(one.get("type") == "null" for one in options)
        if options:
            real = [one for one in options if one.get("type") != "null"]
            schema = {**schema, **real[0]} if len(real) == 1 else {"type": "object"}
            listed = [schema.get("type")]
        kind = next((one for one in listed if one != "null"), None)
        nullable = optional or not required
        if kind == "array":
            element = self.resolved(schema.get("items", {}))
            data_type, shown = self._type(element, element.get("type"))
            if data_type == JSON:
                return ColumnStructure(name, "JSON", JSON, nullable=nullable, comment=schema.get("description")), []
            return ColumnStructure(
                name, f"{shown}[]", data_type, nullable=nullable, array=True, comment=schema.get("description")
            ), []
        data_type, shown = self._type(schema, kind)
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        texts = tuple(str(value) for value in values if value is not None) if data_type == STRING else ()
        length = schema.get("maxLength") if data_type == STRING else None
        if length is not None:
            shown = f"VARCHAR({length})"
        column = ColumnStructure(
            name, shown, data_type, length, nullable=nullable, values=texts, comment=schema.get("description")
        )
        return column, list(self._conditions(name, schema, data_type, [] if texts else values))

    def _type(self, schema: Mapping[str, Any], kind: Any) -> tuple[DataType, str]:
        if schema.get("format") in _FORMATS:
            return _FORMATS[str(schema["format"])]
        if kind == "number" and str(schema.get("multipleOf", "")).startswith("0."):
            scale = len(str(schema["multipleOf"])) - 2
            return DataType("DECIMAL", 12, scale), f"DECIMAL(12, {scale})"
        return _SIMPLE.get(str(kind), _SIMPLE["object"])

    @staticmethod
    def _conditions(name: str, schema: Mapping[str, Any], data_type: DataType, values: list[Any]) -> Iterator[str]:
        shown = '"' + name.replace('"', '""') + '"'
        if data_type.is_number:
            for key, operator in (
                ("minimum", ">="),
                ("maximum", "<="),
                ("exclusiveMinimum", ">"),
                ("exclusiveMaximum", "<"),
            ):
                value = schema.get(key)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    yield f"{shown} {operator} {value}"
            if values:
                yield f"{shown} IN ({', '.join(str(value) for value in values if value is not None)})"
        if data_type == STRING and schema.get("minLength"):
            yield f"LENGTH({shown}) >= {int(schema['minLength'])}"
        if data_type == STRING and schema.get("pattern"):
            text = str(schema["pattern"]).replace("'", "''")
            yield f"REGEXP_LIKE({shown}, '{text}')"


def _avro_tables(document: Any) -> Iterator[TableStructure]:
    """Avro 1.12, records (https://avro.apache.org/docs/1.12.0/specification/)."""
    records = document if isinstance(document, list) else [document]
    named = {str(one["name"]): one for one in records}
    for record in records:
        if record.get("type") == "record":
            columns = tuple(_avro_column(field, named) for field in record["fields"])
            yield TableStructure(str(record["name"]), columns, comment=record.get("doc"))


def _avro_column(field: Mapping[str, Any], named: Mapping[str, Any]) -> ColumnStructure:
    kind: Any = field["type"]
    nullable = False
    if isinstance(kind, list):
        nullable = "null" in kind
        others = [one for one in kind if one != "null"]
        kind = others[0] if len(others) == 1 else {"type": "record"}
    data_type, shown, values, array, length = _avro_type(kind, named)
    return ColumnStructure(
        str(field["name"]),
        shown,
        data_type,
        length,
        length is not None and data_type == BINARY,
        nullable,
        values=values,
        array=array,
        comment=field.get("doc"),
    )


def _avro_type(kind: Any, named: Mapping[str, Any]) -> tuple[DataType | None, str, tuple[str, ...], bool, int | None]:
    if isinstance(kind, str):
        if kind in _AVRO:
            return *_AVRO[kind], (), False, None
        return _avro_type(named[kind], named) if kind in named else (JSON, "JSON", (), False, None)
    logical, plain = kind.get("logicalType"), kind.get("type")
    if logical in _LOGICAL:
        return *_LOGICAL[logical], (), False, None
    if logical == "decimal":
        precision, scale = int(kind["precision"]), int(kind.get("scale", 0))
        known = 0 <= scale <= precision <= 38
        return (
            DataType("DECIMAL", precision, scale) if known else None,
            f"DECIMAL({precision}, {scale})",
            (),
            False,
            None,
        )
    if plain == "enum":
        return STRING, "TEXT", tuple(kind["symbols"]), False, max(map(len, kind["symbols"]), default=None)
    if plain == "fixed":
        return BINARY, f"BINARY({kind['size']})", (), False, int(kind["size"])
    if plain == "array":
        data_type, shown, values, nested, _ = _avro_type(kind["items"], named)
        simple = not nested and data_type != JSON
        return (data_type, f"{shown}[]", values, True, None) if simple else (JSON, "JSON", (), False, None)
    if isinstance(plain, str) and plain in _AVRO:
        return *_AVRO[plain], (), False, None
    return JSON, "JSON", (), False, None
