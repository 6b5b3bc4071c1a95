"""From the structure of a source to a policy that keeps all of it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from faasera.core.types import DATE, TIMESTAMP
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, Structure, TableStructure
from faasera.policy.model import DEFAULT_ROWS
from faasera.schema.check_constraints import UntranslatableError, column_text, translate
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.dialects import dialect_named
from faasera.schema.drafts import Draft, Note, TableDraft
from faasera.schema.facts import ConstraintFacts, facts_of
from faasera.schema.guesses import empty, guesses
from faasera.schema.partial_keys import PartialKeys
from faasera.schema.repair import Repair
from faasera.schema.trials import SourceTrial, Trials
from faasera.schema.without_rows import WithoutRows

_BAD_TABLE = re.compile(r"[/\\\x00-\x1f]")
_BAD_COLUMN = re.compile(r"[{}|\x00-\x1f]")


def policy_of(
    structure: Structure,
    *,
    name: str,
    scale: float | None = None,
    locale: str | None = None,
    trial: SourceTrial | None = None,
) -> Draft:
    """A policy that keeps what a structure promises, with every guess and its reason.

    Args:
        structure: of the source.
        name: of the policy.
        scale: row counts are the source's statistics times this; without it each table has the default number.
        locale: of names and forms.
        trial: asks the source's database whether rows meet a constraint that no expression says.
    """
    return _Importer(structure, name, scale, locale, trial).draft()


class _Importer:
    def __init__(
        self,
        structure: Structure,
        name: str,
        scale: float | None,
        locale: str | None,
        trial: SourceTrial | None,
    ) -> None:
        self.structure = structure
        self.dialect = dialect_named(structure.dialect)
        self.name = name
        self.scale = scale
        self.locale = locale
        self.trial = trial
        self.notes: list[Note] = []
        self.tables: dict[str, TableDraft] = {}

    def note(self, table: str, subject: str, text: str, *, broken: bool = False) -> None:
        made = Note(table, subject, text, broken)
        if made not in self.notes:
            self.notes.append(made)

    def draft(self) -> Draft:
        for table in self.structure:
            if _BAD_TABLE.search(table.name):
                self.note(table.name, "", "a name with such characters cannot be a file's", broken=True)
                continue
            self.tables[table.name] = TableDraft(table, self._rows(table))
        for text in self.structure.unread:
            self.note("", "", text, broken=True)
        for made in self.tables.values():
            self._keys(made)
        for made in list(self.tables.values()):
            self._columns(made)
        for made in self.tables.values():
            PartialKeys(self.dialect, self.notes).add(made)
            for place, text in enumerate(made.table.unread, start=1):
                kind, _, sql = text.partition(": ")
                made.checks.append({"name": f"{kind} {place}", "sql": sql})
                self.note(made.table.name, "", f"not honoured: {text}", broken=True)
        for made in [one for one in self.tables.values() if not one.order]:
            self.note(made.table.name, "", "there is no column that may be written", broken=True)
            del self.tables[made.table.name]
        if self.trial is not None:
            for made in self.tables.values():
                Trials(self.trial, self.dialect, self.notes).run(made)
        repair = Repair(self.tables, self._policy, self.dialect, self.notes)
        problems = WithoutRows(self.tables, self.notes, repair).leave_out(repair.run())
        return Draft(self._policy(), self.notes, problems)

    def _policy(self) -> dict[str, Any]:
        made: dict[str, Any] = {"name": self.name}
        if self.locale is not None:
            made["locale"] = self.locale
        made["tables"] = [table.as_policy() for table in self.tables.values()]
        return made

    def _rows(self, table: TableStructure) -> int:
        if self.scale is not None and table.rows is None:
            self.note(table.name, "", f"the source has no statistics of it: {DEFAULT_ROWS:,} rows")
        if self.scale is None or table.rows is None:
            return DEFAULT_ROWS
        return max(1, round(table.rows * self.scale)) if table.rows else 0

    # keys

    def _keys(self, made: TableDraft) -> None:
        table = made.table
        writable = {column.name for column in table.columns if self._writable(column)}
        for key in table.foreign_keys:
            self._foreign_key(made, key, writable)
        made.primary = table.primary_key if set(table.primary_key) <= writable else ()
        if len(made.primary) > 1 and any("+" in name for name in made.primary):
            made.uniques.append(made.primary)
            made.primary = ()
        for unique in table.unique_keys:
            if unique.where is None and set(unique.columns) <= writable:
                self._add_unique(made, unique.columns)
            elif unique.where is None:
                self.note(table.name, ", ".join(unique.columns), "not promised: the database computes a part of it")
        for key in self._references_to(table):
            if key.references and not table.is_key(key.references):
                self._add_unique(made, key.references)

    def _foreign_key(self, made: TableDraft, key: ForeignKeyStructure, writable: set[str]) -> None:
        """Keep a foreign key, or say why not."""
        table = made.table
        label = f"{', '.join(key.columns)} → {key.table}"
        if key.table not in self.structure.tables or key.table not in self.tables:
            self._lost_parent(table, key, label)
        elif not set(key.columns) <= writable or len(key.references) != len(key.columns):
            self.note(table.name, label, "not honoured: its columns cannot be written", broken=True)
        elif _implied(key, table.foreign_keys):
            self.note(table.name, label, "follows from a wider key to the same table")
        elif not any(set(one.columns) == set(key.columns) and one.table == key.table for one in made.keys):
            made.keys.append(key)

    def _references_to(self, table: TableStructure) -> Iterator[ForeignKeyStructure]:
        """The foreign keys of all tables that lead to one."""
        return (key for other in self.structure for key in other.foreign_keys if key.table == table.name)

    def _add_unique(self, made: TableDraft, columns: tuple[str, ...]) -> None:
        known = [set(one) for one in (*made.uniques, made.primary)]
        if set(columns) not in known:
            made.uniques.append(columns)

    def _lost_parent(self, table: TableStructure, key: ForeignKeyStructure, label: str) -> None:
        columns = [table.column(name) for name in key.columns]
        optional = all(one is not None and one.nullable for one in columns)
        text = f"{key.table} is not among the tables" + (": the column stays empty" if optional else "")
        self.note(table.name, label, text, broken=not optional)

    # columns

    def _writable(self, column: ColumnStructure) -> bool:
        return column.data_type is not None and not column.generated and not _BAD_COLUMN.search(column.name)

    def _columns(self, made: TableDraft) -> None:
        table = made.table
        self._checks(made)
        expressions = [one["expression"] for one in made.checks if "expression" in one]
        facts = facts_of(expressions)
        made.required = {name for name, one in facts.items() if one.required}
        keyed = {name for key in (made.primary, *made.uniques) for name in key}
        foreign = {name for key in made.keys for name in key.columns}
        needed = keyed | {name for key in self._references_to(table) for name in key.references}
        dates: list[str] = []
        for column in table.columns:
            own = facts.get(column.name, ConstraintFacts())
            if column.name in foreign:
                made.order.append(column.name)
            elif self._kept(made, column, needed | set(own.after) | self._named(expressions, column)):
                single = made.primary == (column.name,) or (column.name,) in made.uniques
                place = ColumnPlace(table, column, own, single, column.name in keyed, tuple(dates), self.dialect)
                if self._ruled(made, place) and _dated(column):
                    dates.append(column.name)

    def _ruled(self, made: TableDraft, place: ColumnPlace) -> bool:
        """Give a column rules to choose from; False where there are none."""
        column = place.column
        lost = any(column.name in key.columns for key in made.table.foreign_keys if key not in made.keys)
        choices = [self._empty(column)] if lost and column.nullable else guesses(place)
        made.order.append(column.name)
        made.choices[column.name] = choices
        if not choices:
            self._without(made, column, f"there is no rule for {column.type}")
        return bool(choices)

    def _empty(self, column: ColumnStructure) -> Guess:
        """A column that stays empty."""
        assert column.data_type is not None
        return {**empty(column.data_type), "databaseType": self.dialect.standard_type(column.type)}

    def _named(self, expressions: list[str], column: ColumnStructure) -> set[str]:
        shown = column_text(column.name)
        return {column.name} if any(shown in text for text in expressions) else set()

    def _kept(self, made: TableDraft, column: ColumnStructure, needed: set[str]) -> bool:
        """Whether a column gets a rule; what is left to the database is noted."""
        if column.generated:
            return False
        if column.identity and column.name not in needed:
            self.note(made.table.name, column.name, "left to the database, which numbers it")
            return False
        if self._writable(column):
            return True
        reason = f"policies do not know {column.type}" if column.data_type is None else "of its name"
        self._without(made, column, reason)
        return False

    def _without(self, made: TableDraft, column: ColumnStructure, reason: str) -> None:
        if column.name in made.order:
            made.order.remove(column.name)
            made.choices.pop(column.name, None)
        if column.nullable or column.default is not None:
            left = "its default" if column.default is not None else "null"
            self.note(made.table.name, column.name, f"left out, so that it is {left}: {reason}")
        else:
            self.note(made.table.name, column.name, f"not honoured: it needs a value, and {reason}", broken=True)

    def _checks(self, made: TableDraft) -> None:
        table = made.table
        names: Counter[str] = Counter()
        for place, check in enumerate(table.checks, start=1):
            label = check.name or f"{table.name} check {place}"
            names[label] += 1
            label = label if names[label] == 1 else f"{label} {names[label]}"
            try:
                text = translate(check.sql, self.dialect, table)
            except UntranslatableError as error:
                left = self._left_to_database(made, check.sql)
                if left is not None:
                    self.note(table.name, label, f"no row can break it: {left} is left to the database")
                    continue
                made.checks.append({"name": label, "sql": check.sql})
                self.note(table.name, label, f"not honoured: {check.sql}: {error}", broken=True)
                continue
            if text is not None:
                made.checks.append({"name": label, "expression": text})

    def _left_to_database(self, made: TableDraft, sql: str) -> str | None:
        """A column that makes a constraint hold by being null in all rows, as policies do not write it."""
        for column in made.table.columns:
            unknown = column.data_type is None and column.nullable and column.default is None
            if unknown and re.search(rf"\b{re.escape(column.name)}\b", sql) and "null" not in sql.lower():
                return column.name
        return None


def _dated(column: ColumnStructure) -> bool:
    """Whether a column holds a date in every row."""
    return column.data_type is not None and column.data_type in (DATE, TIMESTAMP) and not column.nullable


def _implied(key: ForeignKeyStructure, others: tuple[ForeignKeyStructure, ...]) -> bool:
    """Whether another key has the same pairs of columns and more."""
    pairs = set(zip(key.columns, key.references, strict=False))
    return any(
        other.table == key.table and pairs < set(zip(other.columns, other.references, strict=False)) for other in others
    )


def mark_keys(policy: dict[str, Any], keys: Mapping[tuple[str, str], str]) -> None:
    """Mark keys that were guessed, by table and column, with their reasons."""
    for table in policy["tables"]:
        for key in table.get("foreignKeys", []):
            reason = keys.get((table["tableName"], key["columns"][0]))
            if reason is not None:
                key["guess"] = "; ".join(part for part in (reason, key.get("guess")) if part)
        primary = table.get("primaryKeyColumn")
        reason = keys.get((table["tableName"], str(primary)))
        if reason is not None and table["columnRuleMap"].get(primary):
            table["columnRuleMap"][primary]["guess"] = reason


def guessed(policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each guess of a policy: its table, its column or foreign key, and its reason."""
    for table in policy["tables"]:
        for key in table.get("foreignKeys", []):
            if key.get("guess"):
                yield table["tableName"], ", ".join(key["columns"]), key["guess"]
        for column, rule in table["columnRuleMap"].items():
            if rule.get("guess"):
                yield table["tableName"], column, rule["guess"]
