"""Tables from documents that describe data: JSON Schema, OpenAPI components, Avro schemas."""

from collections.abc import Iterator, Mapping
from typing import Any

from faasera.core.errors import refuse
from faasera.core.types import BINARY, JSON, STRING, DataType, ListOf
from faasera.databases.structure import CheckConstraint, ColumnStructure, Structure, TableStructure
from faasera.schema.document_types import AvroTypes, JsonSchemaTypes, flat
from faasera.schema.shown_types import shown_type

_NESTING = 1
"""How deep types are told: lists of scalars are known to policies, all else that is nested is JSON."""


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
        self.types = JsonSchemaTypes(self.resolved)

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
        schema, kind, optional = self._single(self.resolved(given))
        tree = self.types.of(schema, kind, _NESTING)
        data_type, array = flat(tree)
        assert data_type is not None
        shown, nullable, comment = shown_type(data_type), optional or not required, schema.get("description")
        if isinstance(tree, ListOf):
            shown += "[]" if array else ""
            return ColumnStructure(name, shown, data_type, nullable=nullable, array=array, comment=comment), []
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        texts = tuple(str(value) for value in values if value is not None) if data_type == STRING else ()
        length = schema.get("maxLength") if data_type == STRING else None
        if length is not None:
            shown = f"VARCHAR({length})"
        column = ColumnStructure(name, shown, data_type, length, nullable=nullable, values=texts, comment=comment)
        return column, [*_conditions(name, schema, data_type, [] if texts else values)]

    def _single(self, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any, bool]:
        """The one schema that values have where they are not null, its type, and whether they may be null."""
        options = [self.resolved(one) for one in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]]
        types = schema.get("type")
        listed = types if isinstance(types, list) else [types]
        optional = bool(schema.get("nullable")) or "null" in listed or any(one.get("type") == "null" for one in options)
        if options:
            real = [one for one in options if one.get("type") != "null"]
            schema = {**schema, **real[0]} if len(real) == 1 else {"type": "object"}
            listed = [schema.get("type")]
        return schema, next((one for one in listed if one != "null"), None), optional


_LIMITS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}


def _conditions(name: str, schema: Mapping[str, Any], data_type: DataType, values: list[Any]) -> Iterator[str]:
    """What a schema says of a column's values, in SQL."""
    shown = '"' + name.replace('"', '""') + '"'
    if data_type.is_number:
        yield from _of_number(shown, schema, values)
    if data_type == STRING and schema.get("minLength"):
        yield f"LENGTH({shown}) >= {int(schema['minLength'])}"
    if data_type == STRING and schema.get("pattern"):
        text = str(schema["pattern"]).replace("'", "''")
        yield f"REGEXP_LIKE({shown}, '{text}')"


def _of_number(shown: str, schema: Mapping[str, Any], values: list[Any]) -> Iterator[str]:
    for key, operator in _LIMITS.items():
        value = schema.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{shown} {operator} {value}"
    if values:
        yield f"{shown} IN ({', '.join(str(value) for value in values if value is not None)})"


def _avro_tables(document: Any) -> Iterator[TableStructure]:
    records = document if isinstance(document, list) else [document]
    types = AvroTypes({str(one["name"]): one for one in records})
    for record in records:
        if record.get("type") == "record":
            columns = tuple(_avro_column(field, types) for field in record["fields"])
            yield TableStructure(str(record["name"]), columns, comment=record.get("doc"))


def _avro_column(field: Mapping[str, Any], types: AvroTypes) -> ColumnStructure:
    kind, nullable = types.single(field["type"])
    data_type, _ = flat(types.of(kind, _NESTING))
    array = isinstance(kind, Mapping) and kind.get("type") == "array" and data_type != JSON
    shown, values, length = _avro_details(types.single(kind["items"])[0] if array else kind, data_type)
    length = None if array else length
    return ColumnStructure(
        str(field["name"]),
        f"{shown}[]" if array else shown,
        data_type,
        length,
        length is not None and data_type == BINARY,
        nullable,
        values=values,
        array=array,
        comment=field.get("doc"),
    )


def _avro_details(kind: Any, data_type: DataType | None) -> tuple[str, tuple[str, ...], int | None]:
    """What a type is called, its values, and how long they are at most."""
    if data_type is None:
        return f"DECIMAL({kind['precision']}, {kind.get('scale', 0)})", (), None
    named = kind if isinstance(kind, Mapping) else {}
    if named.get("type") == "enum" and data_type == STRING:
        symbols = tuple(named["symbols"])
        return shown_type(data_type), symbols, max(map(len, symbols), default=None)
    if named.get("type") == "fixed" and data_type == BINARY:
        return f"BINARY({named['size']})", (), int(named["size"])
    return shown_type(data_type), (), None
