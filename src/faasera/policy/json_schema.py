"""The policy's JSON Schema, read off the models and the registry, for editors to complete and explain every key."""

from collections.abc import Iterable
from typing import Any

from faasera.core.version import __version__
from faasera.policy.model import Document, Rule


def policy_schema(rules: Iterable[tuple[str, str, Any, type[Rule]]]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a policy.

    Args:
        rules: for each generation type its name, summary, example and model.
    """
    document = Document.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = document.pop("$defs")
    names: list[str] = []
    branches: list[dict[str, Any]] = []
    for name, summary, example, model in rules:
        schema = model.model_json_schema(by_alias=True)
        definitions |= schema.pop("$defs", {})
        key = f"rule-{name}"
        schema["properties"]["type"] = {"const": name, "description": summary}
        schema |= {
            "title": name,
            "description": summary,
            "examples": [example],
            "required": sorted({*schema.get("required", ()), "type"}),
        }
        definitions[key] = schema
        names.append(name)
        branches.append(
            {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": {"$ref": f"#/$defs/{key}"}}
        )
    definitions["Rule"] = {
        "type": "object",
        "description": "How a column is made. An empty rule fixes the column's place and leaves the rest to Faasera.",
        "if": {"minProperties": 1},
        "then": {
            "properties": {"type": {"enum": names, "description": "The generation type."}},
            "required": ["type"],
            "allOf": branches,
        },
    }
    definitions["Case"]["properties"]["rule"] = {"$ref": "#/$defs/Rule", "description": "The rule for these rows."}
    table = definitions["TablePolicy"]
    table["properties"]["columnRuleMap"]["additionalProperties"] = {"$ref": "#/$defs/Rule"}
    table["properties"]["columnRuleMap"].pop("patternProperties", None)
    shared = {name: value for name, value in document["properties"].items() if name not in ("tables", "description")}
    single = {**table, "properties": {**shared, **table["properties"]}, "title": "A table policy"}
    definitions["TableDocument"] = single
    definitions["Pipeline"] = {**document, "required": ["tables"], "title": "A pipeline of tables"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Faasera policy {__version__}",
        "description": "One table, or a pipeline of tables.",
        "type": "object",
        "if": {"required": ["tables"]},
        "then": {"$ref": "#/$defs/Pipeline"},
        "else": {"$ref": "#/$defs/TableDocument"},
        "$defs": definitions,
    }
