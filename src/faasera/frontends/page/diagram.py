"""Tables and keys of a policy as an entity diagram."""

import re
from typing import Any

from nicegui import ui

from faasera.policy.keys import identifying_columns

_MOST_COLUMNS, _MOST_TABLES = 14, 60


def entity_diagram(policy: dict[str, Any]) -> str:
    """The diagram in Mermaid's language; names are reduced to what it can hold."""
    tables = policy["tables"] if isinstance(policy.get("tables"), list) else [policy]
    names = {str(table["tableName"]): f"t{place}" for place, table in enumerate(tables)}
    lines = ["erDiagram"]
    for table in tables[:_MOST_TABLES]:
        name = str(table["tableName"])
        keys = _keys(table)
        lines.append(f'  {names[name]}["{_safe(name)}"] {{')
        columns = list(table.get("columnRuleMap", {}).items())
        for column, rule in columns[:_MOST_COLUMNS]:
            kind = (
                rule.get("databaseType")
                or rule.get("dataType")
                or rule.get("type")
                or rule.get("semanticType")
                or "any"
            )
            lines.append(f"    {_word(str(kind))} {_word(column)} {keys.get(column, '')}".rstrip())
        if len(columns) > _MOST_COLUMNS:
            lines.append(f"    and {len(columns) - _MOST_COLUMNS}_more")
        lines.append("  }")
    for table in tables[:_MOST_TABLES]:
        for key in table.get("foreignKeys", []):
            for parent in _parents(key):
                if parent in names:
                    label = _safe(", ".join(_columns(key)))
                    lines.append(f'  {names[parent]} ||--o{{ {names[str(table["tableName"])]} : "{label}"')
    return "\n".join(lines)


def show_diagram(policy: dict[str, Any]) -> None:
    """Draw the diagram, with the same in words for those who do not see it."""
    tables = policy["tables"] if isinstance(policy.get("tables"), list) else [policy]
    with ui.element("div").classes("faasera-diagram").props('role="img" aria-label="Tables and keys"'):
        ui.mermaid(entity_diagram(policy), config={"theme": "neutral", "securityLevel": "strict"})
    with ui.expansion("The same in words").classes("w-full"):
        for table in tables:
            parents = [
                f"{', '.join(_columns(key))} → {' or '.join(_parents(key))}" for key in table.get("foreignKeys", [])
            ]
            refers = f"; refers by {'; '.join(parents)}" if parents else ""
            ui.label(f"{table['tableName']}: {len(table.get('columnRuleMap', {}))} columns{refers}").classes("text-sm")


def _keys(table: dict[str, Any]) -> dict[str, str]:
    found = {column: "FK" for key in table.get("foreignKeys", []) for column in _columns(key)}
    for column in identifying_columns(table):
        found[column] = "PK, FK" if column in found else "PK"
    return found


def _columns(key: dict[str, Any]) -> list[str]:
    found = key.get("columns") or key.get("column") or []
    return [found] if isinstance(found, str) else [str(one) for one in found]


def _parents(key: dict[str, Any]) -> list[str]:
    references = key.get("references") or []
    listed = references if isinstance(references, list) else [references]
    return [str(one["table"]) for one in listed if isinstance(one, dict) and "table" in one]


def _word(text: str) -> str:
    return re.sub(r"[^\w()-]", "_", text)[:40] or "_"


def _safe(text: str) -> str:
    return re.sub(r'["<>{}\[\]\n\r#;&`\\]', "_", text)[:60]
