"""What can be written where in a policy, read off the declarations, for the editor to complete."""

from functools import lru_cache
from typing import Any

from faasera.core import types
from faasera.frontends.catalog import catalog, schema
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.generators.shape import PARAMETERS


def _entry(label: str, detail: str) -> dict[str, str]:
    return {"label": label, "info": detail}


def _keys(definition: dict[str, Any]) -> list[dict[str, str]]:
    return [_entry(key, entry.get("description", "")) for key, entry in definition.get("properties", {}).items()]


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """Keys of the document, of tables, rules and foreign keys, and values of the keys that have a list of them."""
    definitions = schema()["$defs"]
    entries = catalog()
    rules = {entry["name"]: _keys(definitions[f"rule-{entry['name']}"]) for entry in entries["generationTypes"]}
    names = [_entry(name, type_.summary) for type_ in SEMANTIC_TYPES for name in type_.names]
    return {
        "document": _keys(definitions["Pipeline"]),
        "single": _keys(definitions["TableDocument"]),
        "tables": _keys(definitions["TablePolicy"]),
        "foreignKeys": _keys(definitions["ForeignKey"]),
        "rules": rules,
        "columns": names,
        "values": {
            "type": [_entry(entry["name"], entry["summary"]) for entry in entries["generationTypes"]],
            "dataType": [_entry(name, "") for name in types.EXAMPLES],
            "distribution": [_entry(name, "") for name in PARAMETERS],
            "semanticType": [_entry(entry.name, entry.summary) for entry in SEMANTIC_TYPES],
        },
    }
