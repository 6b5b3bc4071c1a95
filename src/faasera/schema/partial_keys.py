"""Unique indexes that hold for some rows only."""

import re

from faasera.core.types import BOOLEAN, STRING
from faasera.databases.structure import UniqueKey
from faasera.generators.expression_syntax import Call, Column, Literal, parse_expression
from faasera.schema.check_constraints import translate
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.condition_nodes import parts_of
from faasera.schema.dialects import Dialect
from faasera.schema.drafts import Note, TableDraft
from faasera.schema.facts import ConstraintFacts, facts_of
from faasera.schema.guesses import guesses
from faasera.schema.translator import UntranslatableError, column_text, text_literal

_CHILDREN = 4
_HIDDEN = re.compile(r"\{([^{}]* of others)\}")


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
        partial = [one for one in made.table.unique_keys if one.where is not None]
        counted = self._counted(made, partial)
        for unique in partial:
            label = f"({', '.join(unique.columns)}) where {unique.where}"
            if not all(name in made.order for name in unique.columns):
                self.note(made.table.name, label, "not honoured: its columns cannot be written", broken=True)
                made.leave_empty(f"the key {label} cannot be honoured: its columns cannot be written")
            elif unique in counted:
                self.note(made.table.name, label, "holds for the first child of each parent alone")
            elif self._follows(made, unique):
                continue
            elif self._avoided(made, unique):
                self.note(made.table.name, label, "there is no such row")
            else:
                made.uniques.append(unique.columns)
                self._as_keyed(made, unique.columns)
                self.note(made.table.name, label, "kept unique in all rows, which is more than asked")

    def _counted(self, made: TableDraft, partial: list[UniqueKey]) -> list[UniqueKey]:
        """The keys that hold for one child of each parent: all of one foreign key, or none."""
        for key in made.keys:
            same = [one for one in partial if set(one.columns) == set(key.columns)]
            whole = any(set(one) <= set(key.columns) for one in (*made.uniques, made.primary) if one)
            if not same or whole or key.table == made.table.name or made.nullable(key):
                continue
            rules = [self._only_first(made, one) for one in same if not self._follows(made, one)]
            if rules and None not in rules:
                for unique, rule in zip(same, rules, strict=False):
                    if rule is not None:
                        self._let_first(made, unique, *rule)
                made.children[key.columns] = _CHILDREN
                return same
        return []

    def _let_first(self, made: TableDraft, unique: UniqueKey, column: str, rule: Guess) -> None:
        """Give a column its rule by the place among the children."""
        former = made.choices[column][0]
        kept = {key: value for key, value in former.items() if key in ("databaseType", "description")}
        if hidden := _HIDDEN.search(str(rule.get("expression"))):
            plain = {
                key: value for key, value in former.items() if key not in ("nullFraction", "databaseType", "guess")
            }
            made.extra[hidden[1]] = {**plain, "hidden": True}
        made.choices[column] = [{**rule, **kept, "guess": f"unique key where {unique.where}"}]

    def _follows(self, made: TableDraft, unique: UniqueKey) -> bool:
        """Whether a key that holds in all rows makes it hold."""
        fixed = {name for name, _ in self._equalities(made, unique)}
        known = [one for one in (*made.uniques, made.primary) if one]
        return any(set(one) <= set(unique.columns) | fixed for one in known)

    def _avoided(self, made: TableDraft, unique: UniqueKey) -> bool:
        """Let no row meet the condition of a key over the very column that it is about."""
        keyed = [name for one in (*made.uniques, made.primary) for name in one]
        for name, value in self._equalities(made, unique):
            column, rule = made.table.column(name), made.choices.get(name, [{}])[0]
            values = [True, False] if column is not None and column.data_type == BOOLEAN else rule.get("values", [])
            others = [one for one in values if one != value]
            if unique.columns == (name,) and name not in keyed and others and "expression" not in rule:
                kept = {key: given for key, given in rule.items() if key not in ("type", "values", "guess", "weights")}
                made.choices[name] = [
                    {"type": "SEED", "values": others, **kept, "guess": f"unique key where {unique.where}"}
                ]
                return True
        return False

    def _equalities(self, made: TableDraft, unique: UniqueKey) -> list[tuple[str, object]]:
        """The columns that a condition sets to one value."""
        try:
            node = parse_expression(translate(str(unique.where), self.dialect, made.table) or "true")
        except UntranslatableError:
            return []
        found: list[tuple[str, object]] = []
        for one in parts_of(node, "and"):
            if isinstance(one, Column):
                found.append((one.name, True))
            elif isinstance(one, Call) and one.function == "not" and isinstance(one.arguments[0], Column):
                found.append((one.arguments[0].name, False))
            elif isinstance(one, Call) and one.function == "=":
                left, right = one.arguments
                left = left.arguments[0] if isinstance(left, Call) and left.function == "coalesce" else left
                if isinstance(left, Column) and isinstance(right, Literal):
                    found.append((left.name, right.value))
        return found

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

    def _only_first(self, made: TableDraft, unique: UniqueKey) -> tuple[str, Guess] | None:
        """A rule by which the condition of a key holds for the first child alone; None where there is none."""
        try:
            condition = translate(str(unique.where), self.dialect, made.table) or ""
        except UntranslatableError:
            return None
        bound = {name for one in made.table.unique_keys for name in one.columns} | {*made.primary}
        bound |= set(made.presence) | {one.column for one in made.presence.values()}
        for name, choices in made.choices.items():
            column = made.table.column(name)
            assert column is not None
            if name in bound or not choices:
                continue
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
                text = f"if(first(), null, {column_text(f'{name} of others')})"
                return name, {"type": "PRESERVE", "dataType": str(column.data_type), "expression": text}
        return None
