"""JSON Schemas of OpenLineage events and facets, read off the classes that the project generates from its schemas."""

import enum
import re
import types
import typing
from importlib import import_module
from pkgutil import iter_modules

import attr
import jsonschema
import openlineage.client.generated as generated
from openlineage.client.generated import base

_BASE_KEYS = {"_producer": {"type": "string", "format": "uri"}, "_schemaURL": {"type": "string", "format": "uri"}}


def _kind(annotation: typing.Any, parts: dict[str, dict]) -> dict:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is typing.Any:
        return {}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_kind(one, parts) for one in arguments]}
    if origin is list:
        return {"type": "array", "items": _kind(arguments[0], parts)}
    if origin is dict:
        value = arguments[1]
        facets = isinstance(value, type) and issubclass(value, base.BaseFacet)
        return {"type": "object", "additionalProperties": {"type": "object"} if facets else _kind(value, parts)}
    if annotation is type(None):
        return {"type": "null"}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return {"enum": [one.value for one in annotation]}
    if attr.has(annotation):
        name = f"{annotation.__module__.rpartition('.')[2]}.{annotation.__name__}"
        if name not in parts:
            parts[name] = {}
            parts[name] |= _object(annotation, parts)
        return {"$ref": f"#/$defs/{name}"}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}[annotation]}


def schema(declared: type) -> dict:
    """The JSON Schema of a class of the client."""
    parts: dict[str, dict] = {}
    return _object(declared, parts) | {"$defs": parts}


def _object(declared: type, parts: dict[str, dict]) -> dict:
    hints = typing.get_type_hints(declared, vars(import_module(declared.__module__)) | {"ClassVar": typing.ClassVar})
    fields = {one.name: _kind(hints[one.name], parts) for one in attr.fields(declared)}
    required = [one.name for one in attr.fields(declared) if one.default is attr.NOTHING]
    if issubclass(declared, base.BaseFacet):
        fields, required = fields | _BASE_KEYS, [*required, *_BASE_KEYS]
    if issubclass(declared, base.BaseEvent):
        fields |= {
            "eventTime": {"type": "string", "format": "date-time"},
            "producer": {"type": "string", "format": "uri"},
        }
        required += ["producer", "schemaURL"]
    if declared is base.Run:
        fields["runId"] = {"type": "string", "format": "uuid"}
    return {"type": "object", "properties": fields, "required": required}


def facet_classes() -> dict[str, type]:
    """All facets of the specification by the name in their ``_schemaURL``."""
    found = {}
    for module in iter_modules(generated.__path__):
        for one in vars(import_module(f"openlineage.client.generated.{module.name}")).values():
            if isinstance(one, type) and issubclass(one, base.BaseFacet):
                found[one._get_schema()] = one
    return found


def validate(event: dict, own: dict[str, dict]) -> list[str]:
    """Hold an event and all of its facets against the specification; the names of the facets that were seen.

    Args:
        event: as it was sent.
        own: schemas of facets that are not of the specification, by their ``_schemaURL``.
    """
    known, seen = facet_classes(), []
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema(base.RunEvent), format_checker=formats).validate(event)
    assert event["schemaURL"] == base.RunEvent._get_schema()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", event["eventTime"])

    def look(node: typing.Any, name: str) -> None:
        if isinstance(node, dict):
            if "_schemaURL" in node:
                url = node["_schemaURL"]
                given = own[url] if url in own else schema(known[url])
                jsonschema.Draft202012Validator(given, format_checker=formats).validate(node)
                seen.append(name)
            for key, value in node.items():
                look(value, key)
        if isinstance(node, list):
            for value in node:
                look(value, name)

    look(event, "")
    return seen
