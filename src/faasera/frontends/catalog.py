"""What a policy can ask for, read off the registries."""

from typing import Any

from faasera.core import types
from faasera.core.codes import codes
from faasera.generators import GENERATORS
from faasera.generators.expression_functions import FUNCTIONS
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.generators.shape import PARAMETERS
from faasera.generators.siblings import FAMILY_FUNCTIONS
from faasera.generators.templates import FILTERS
from faasera.policy.json_schema import policy_schema
from faasera.policy.model import Cardinality, Distribution, ForeignKey, Forest, Reference, Rule
from faasera.writers import WRITERS

_COMMON = set(Rule.model_fields)


def _parameters(model: type[Any], *, without: set[str] = frozenset()) -> list[dict[str, Any]]:  # type: ignore[assignment]
    return [
        {"name": field.alias or name, "description": field.description or "", "required": field.is_required()}
        for name, field in model.model_fields.items()
        if name not in without and name != "type"
    ]


_INSIDE: dict[str, type[Any]] = {
    "references": Reference,
    "childrenPerParent": Cardinality,
    "acyclic": Forest,
    "distribution": Distribution,
}


def catalog() -> dict[str, list[dict[str, Any]]]:
    """Everything that can be named in a policy or a call, by kind."""
    return {
        "generationTypes": [
            {
                "name": entry.name,
                "summary": entry.summary,
                "accepts": list(entry.accepts),
                "parameters": _parameters(entry.rule, without=_COMMON),
                "example": entry.example,
            }
            for entry in GENERATORS
        ],
        "rules": [{"name": "every rule", "summary": "What every rule understands.", "parameters": _parameters(Rule)}],
        "semanticTypes": [
            {
                "name": entry.name,
                "summary": entry.summary,
                "example": entry.example,
                "group": entry.kind,
                "locales": ("all" if not entry.locales else list(entry.locales)) if entry.localised else "any",
                "safe": entry.safe,
                "source": entry.source,
                "parameters": _parameters(entry.arguments),
            }
            for entry in SEMANTIC_TYPES
        ],
        "distributions": [
            {"name": name, "summary": f"Takes {', '.join(parameters) or 'no parameters'}."}
            for name, parameters in PARAMETERS.items()
        ],
        "dataTypes": [
            {"name": name, "summary": f"Arrow {types.DataType.parse(example).arrow}."}
            for name, example in zip(types.NAMES, types.EXAMPLES, strict=True)
        ],
        "templateFilters": [{"name": name, "summary": f"{{column|{name}}}"} for name in FILTERS],
        "functions": [
            {"name": name, "summary": function.signature} for name, function in FUNCTIONS.items() if name.isidentifier()
        ]
        + [{"name": "age", "summary": "age(date), in whole years as of asOf"}, {"name": "as_of", "summary": "as_of()"}]
        + [{"name": name, "summary": summary} for name, summary in FAMILY_FUNCTIONS.items()],
        "foreignKeys": [
            {"name": entry["name"], "summary": entry["description"], "parameters": _parameters(inner) if inner else []}
            for entry in _parameters(ForeignKey)
            for inner in [_INSIDE.get(entry["name"])]
        ],
        "formats": [
            {
                "name": entry.name,
                "summary": entry.summary,
                "parameters": _parameters(entry.options),
                "example": entry.example,
            }
            for entry in WRITERS
        ],
    }


def errors_page() -> str:
    """The page of the documentation that lists every problem: ``docs/errors.md``."""
    lines = [
        "# Problems",
        "",
        "Whatever a person can put right is a *problem*: a JSON Pointer into the policy, a code, the reason and a",
        "remedy. All of them come at once, on the command line, in `--json`, over REST and in [logs](lineage.md#logs).",
        "A code has a word and a number, and neither ever changes.",
        "",
        "| number | code | what brings it about | what to do |",
        "|---|---|---|---|",
        *(f"| {one.number} | `{one.word}` | {one.cause} | {one.remedy} |" for one in codes().values()),
    ]
    return "\n".join(lines) + "\n"


def semantic_types_page() -> str:
    """The page of the documentation that lists all semantic types, in Markdown."""
    lines = [
        "# Semantic types",
        "",
        "What a column can mean; how rules name a type is told in the [policy reference](policy.md#semantic-types).",
        "This page is made by `make docs` from the declarations of the types. *Columns* are names that mean the type.",
    ]
    kinds = {
        "person": "Person, one a row",
        "place": "Place, one a row",
        "card": "Card, one a row",
        "employer": "Work, one a row",
    }
    kinds |= {
        "currency": "Currency",
        "hospital": "Hospital",
        "moment": "Date and time, one moment a row",
        "": "On their own",
    }
    for kind, title in kinds.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| type | example | columns | locales | safe because |",
            "|---|---|---|---|---|",
        ]
        for entry in SEMANTIC_TYPES:
            if entry.kind == kind:
                locales = "–" if not entry.localised else (", ".join(entry.locales) or "all")
                arguments = ", ".join(one["name"] for one in _parameters(entry.arguments))
                name = f"`{entry.name}`" + (f" ({arguments})" if arguments else "")
                safe = ". ".join(filter(None, (entry.safe, entry.source)))
                lines.append(f"| {name} | {entry.example} | {', '.join(entry.names[:4])} | {locales} | {safe} |")
    return "\n".join(lines) + "\n"


def schema() -> dict[str, Any]:
    """The policy's JSON Schema."""
    return policy_schema((entry.name, entry.summary, entry.example, entry.rule) for entry in GENERATORS)
