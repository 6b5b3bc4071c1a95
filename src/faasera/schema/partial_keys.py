"""Unique indexes that hold for some rows only."""

import re

from faasera.core.types import BOOLEAN, STRING
from faasera.databases.structure import UniqueKey
from faasera.schema.check_constraints import UntranslatableError, column_text, translate
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.dialects import Dialect
from faasera.schema.drafts import Note, TableDraft
from faasera.schema.facts import ConstraintFacts, facts_of
from faasera.schema.guesses import guesses
from faasera.schema.matching import text_literal

_CHILDREN = 4


class PartialKeys:
    """Keeps them: for the first child of each parent alone, or in all rows.

    Args:
        dialect: of the conditions.
        notes: what a person should know.
    """

    def __init__(self, dialect: Dialect, notes: list[Note]) -> None:
        self.dialect = dialect
        self.notes = notes

    def note(self, table: str, subject: str, text: str, *, broken: bool = False) -> None:
        """Tell a person something."""
        self.notes.append(Note(table, subject, text, broken))

    def add(self, made: TableDraft) -> None:
        """Add what a table's conditional keys ask for to its draft."""
        for unique in made.table.unique_keys:
            if unique.where is None:
                continue
            label = f"({', '.join(unique.columns)}) where {unique.where}"
            if not all(name in made.order for name in unique.columns):
                self.note(made.table.name, label, "not honoured: its columns cannot be written", broken=True)
            elif self._first_child(made, unique):
                self.note(made.table.name, label, "holds for the first child of each parent alone")
            elif any(set(key) <= set(unique.columns) for key in (*made.uniques, made.primary) if key):
                continue
            else:
                made.uniques.append(unique.columns)
                self._as_keyed(made, unique.columns)
                self.note(made.table.name, label, "kept unique in all rows, which is more than asked")

    def _as_keyed(self, made: TableDraft, columns: tuple[str, ...]) -> None:
        """Rules that can be unique, for columns that were no key before."""
        for name in columns:
            column = made.table.column(name)
            if column is not None and name in made.choices and not column.values:
                facts = facts_of([one["expression"] for one in made.checks if "expression" in one]).get(
                    name, ConstraintFacts()
                )
                place = ColumnPlace(made.table, column, facts, len(columns) == 1, True, (), self.dialect)
                made.choices[name] = guesses(place)

    def _first_child(self, made: TableDraft, unique: UniqueKey) -> bool:
        """Let a condition hold for one child of each parent, where the key is a foreign key; False where it is none."""
        key = next((one for one in made.keys if set(one.columns) == set(unique.columns)), None)
        if key is None or made.children or key.table == made.table.name or made.nullable(key):
            return False
        try:
            text = translate(str(unique.where), self.dialect, made.table)
        except UntranslatableError:
            return False
        rule = self._only_first(made, text or "")
        if rule is None:
            return False
        column, made_rule = rule
        kept = {key: value for key, value in made.choices[column][0].items() if key in ("databaseType", "description")}
        made.choices[column] = [{**made_rule, **kept, "guess": f"unique key where {unique.where}"}]
        made.children[key.columns] = _CHILDREN
        return True

    def _only_first(self, made: TableDraft, condition: str) -> tuple[str, Guess] | None:
        for name, choices in made.choices.items():
            column = made.table.column(name)
            assert column is not None
            shown = column_text(name)
            if column.data_type == BOOLEAN and condition in (
                shown,
                f"coalesce({shown}, false) = true",
                f"{shown} = true",
                f"integer({shown}) = 1",
                f"{shown} in (true)",
            ):
                return name, {"type": "PRESERVE", "expression": "first()"}
            match = re.fullmatch(rf"{re.escape(shown)} = '([^']*)'", condition)
            values = choices[0].get("values")
            if match and column.data_type == STRING:
                others = [one for one in values or ["other"] if one != match[1]]
                if others:
                    text = f"if(first(), {text_literal(match[1])}, {text_literal(others[0])})"
                    return name, {"type": "PRESERVE", "expression": text}
            if condition in (f"{shown} is null", f"({shown} is null)"):
                hidden = f"{name} of others"
                rule = {k: v for k, v in choices[0].items() if k not in ("nullFraction", "databaseType", "guess")}
                made.extra[hidden] = {**rule, "hidden": True}
                text = f"if(first(), null, {column_text(hidden)})"
                return name, {"type": "PRESERVE", "dataType": str(column.data_type), "expression": text}
        return None
