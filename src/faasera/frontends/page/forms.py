"""A form for each generation type, read off its declaration."""

import json
from collections.abc import Callable
from typing import Any

from nicegui import ui

from faasera.core.errors import Problem
from faasera.generators import GENERATORS
from faasera.policy.model import Rule

_COMMON = {field.alias or name for name, field in Rule.model_fields.items()}
_NEVER = {"type", "when", "guess", "databaseType"}


class RuleForm:
    """A dialog that writes the rule of a column.

    Args:
        apply: called with the table's name, the column's, and the rule; gives problems, if there are any.
    """

    def __init__(self, apply: Callable[[str, str, dict[str, Any]], list[Problem]]) -> None:
        self.apply = apply
        self.rules: dict[str, dict[str, Any]] = {}
        self.fields: dict[str, Any] = {}
        with (
            ui.dialog().props('aria-label="Rule of a column"') as self.dialog,
            ui.card().classes("w-full max-w-xl gap-3"),
        ):
            ui.label("Rule of a column").classes("text-lg font-semibold").props('role="heading" aria-level="2"')
            self.table = ui.select([], label="Table", on_change=self._tabled).props("outlined dense").classes("w-full")
            self.column = ui.select(
                [], label="Column, or a new name", with_input=True, new_value_mode="add-unique", on_change=self._named
            )
            self.column.props("outlined dense").classes("w-full")
            options = {entry.name: f"{entry.name}: {entry.summary}" for entry in GENERATORS}
            self.type = ui.select(options, label="Generation type", on_change=self._typed)
            self.type.props("outlined dense options-dense").classes("w-full")
            self.body = ui.column().classes("w-full gap-3")
            self.problems = ui.column().classes("w-full gap-1").props('aria-live="assertive"')
            with ui.row().classes("justify-end w-full"):
                ui.button("Cancel", on_click=self.dialog.close).props("flat no-caps")
                ui.button("Write the rule", on_click=self._write).props("unelevated no-caps")

    def open(self, document: dict[str, Any]) -> None:
        """Show the form for the columns of a policy."""
        tables = document.get("tables") if isinstance(document.get("tables"), list) else [document]
        self.rules = {
            str(table["tableName"]): dict(table.get("columnRuleMap") or {})
            for table in tables or []
            if isinstance(table, dict) and isinstance(table.get("tableName"), str)
        }
        first = next(iter(self.rules), None)
        self.table.set_options(list(self.rules), value=first)
        self._tabled()
        self.problems.clear()
        self.dialog.open()

    def _tabled(self) -> None:
        columns = list(self.rules.get(self.table.value, {}))
        self.column.set_options(columns, value=columns[0] if columns else None)
        self._named()

    def _rule(self) -> dict[str, Any]:
        found = self.rules.get(self.table.value, {}).get(self.column.value)
        return found if isinstance(found, dict) else {}

    def _named(self) -> None:
        wanted = self._rule().get("type")
        self.type.value = wanted if wanted in GENERATORS.names() else "RANDOM"
        self._typed()

    def _typed(self) -> None:
        """The fields of the type, filled from the column's rule where it has that type."""
        entry = GENERATORS.get(self.type.value or "")
        if entry is None:
            return
        rule = self._rule()
        given = rule if rule.get("type") == entry.name else {}
        schema = entry.rule.model_json_schema(by_alias=True)
        fields = {name: field for name, field in schema["properties"].items() if name not in _NEVER}
        self.fields = {}
        self.body.clear()
        with self.body:
            self._add({name: fields[name] for name in fields if name not in _COMMON}, given, schema)
            common = {name: fields[name] for name in fields if name in _COMMON}
            with ui.expansion("What every rule understands").classes("w-full"), ui.column().classes("w-full gap-3"):
                self._add(common, given, schema)

    def _add(self, fields: dict[str, Any], given: dict[str, Any], schema: dict[str, Any]) -> None:
        for name, field in fields.items():
            self.fields[name] = _field(name, field, given.get(name), schema.get("$defs", {}))

    def _write(self) -> None:
        rule: dict[str, Any] = {"type": self.type.value}
        wrong: list[Problem] = []
        for name, field in self.fields.items():
            try:
                value = _read(field)
            except ValueError:
                wrong.append(
                    Problem("", "bad-value", f"'{name}' is no JSON", 'Write for example {"min": 1, "max": 9}.')
                )
                continue
            if value not in (None, "", False):
                rule[name] = value
        if not self.table.value or not self.column.value:
            wrong.append(Problem("", "missing-key", "the rule has no column", "Name a table and a column."))
        kept = {name: value for name, value in self._rule().items() if name in _NEVER - {"type"}}
        wrong = wrong or self.apply(self.table.value, self.column.value, {**rule, **kept})
        self.problems.clear()
        with self.problems:
            for problem in wrong:
                ui.label(f"{problem.message}. {problem.remedy}").classes("faasera-problem text-sm")
        if not wrong:
            self.dialog.close()


def _kinds(field: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """What a field may hold, null aside."""
    kinds = field.get("anyOf", [field])
    found = [definitions.get(kind["$ref"].rpartition("/")[2], {}) if "$ref" in kind else kind for kind in kinds]
    return [kind for kind in found if kind.get("type") != "null"]


def _field(name: str, field: dict[str, Any], value: Any, definitions: dict[str, Any]) -> Any:
    """An input for a field of a rule, with its description as a hint."""
    kinds = _kinds(field, definitions)
    hint = str(field.get("description", ""))[:160]
    types = {kind.get("type") for kind in kinds}
    choices = [choice for kind in kinds for choice in kind.get("enum", [])]
    made: Any
    if choices and not types - {"string"}:
        made = ui.select([None, *choices], label=name, value=value if value in choices else None).props(
            "outlined dense"
        )
    elif types == {"boolean"}:
        made = ui.checkbox(name, value=bool(value))
        if hint:
            made.tooltip(hint)
        return made
    elif types and types <= {"integer", "number"}:
        made = ui.number(name, value=value).props("outlined dense")
    elif types == {"string"} and not isinstance(value, dict | list):
        made = ui.input(name, value=value or "").props("outlined dense")
    else:
        shown = json.dumps(value, ensure_ascii=False) if value is not None else ""
        made = ui.input(f"{name} (JSON)", value=shown).props("outlined dense")
        made.faasera_json = True
    return made.props(f"hint={json.dumps(hint)}").classes("w-full")


def _read(field: Any) -> Any:
    if not getattr(field, "faasera_json", False):
        value = field.value
        return int(value) if isinstance(value, float) and value.is_integer() else value
    text = str(field.value or "").strip()
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        if text[0] in '{["':
            raise
        return text
