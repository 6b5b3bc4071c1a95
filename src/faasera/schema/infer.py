"""From the structure of a source to a policy that keeps all of it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from faasera.core.types import DATE, TIMESTAMP
from faasera.databases.structure import EXCLUSION, ColumnStructure, ForeignKeyStructure, Structure, TableStructure
from faasera.generators.expression_syntax import parse_expression
from faasera.policy.model import DEFAULT_ROWS
from faasera.schema.arcs import arrange_presence
from faasera.schema.check_constraints import translate
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.common_values import arrange_common_values
from faasera.schema.condition_nodes import columns_of
from faasera.schema.dialects import dialect_named
from faasera.schema.drafts import Draft, Note, TableDraft
from faasera.schema.exclusions import lay_apart
from faasera.schema.facts import ConstraintFacts, facts_of
from faasera.schema.guesses import guesses
from faasera.schema.number_guesses import type_bounds
from faasera.schema.partial_keys import PartialKeys
from faasera.schema.repair import Repair
from faasera.schema.reserved import told
from faasera.schema.translator import UntranslatableError, column_text
from faasera.schema.trials_in_database import SourceTrial, Trials
from faasera.schema.tried_texts import tried_texts
from faasera.schema.without_rows import WithoutRows

_BAD_TABLE = re.compile(r"[/\\\x00-\x1f]")
_BAD_COLUMN = re.compile(r"[\x00-\x1f]")


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
        for text in self.structure.notes:
            self.note("", "", text)
        for text in told(self.structure.reserved):
            self.note("", "", text)
        for made in self.tables.values():
            self._keys(made)
        for made in list(self.tables.values()):
            self._columns(made)
            self._capped(made)
        for made in self.tables.values():
            PartialKeys(self.dialect, self.notes).add(made)
            for text in made.table.unread:
                kind, _, sql = text.partition(": ")
                empty = made.table.kept_by_null(sql, made.order) if kind == EXCLUSION else None
                if empty is not None:
                    self.note(made.table.name, "", f"no row can break {text}: {empty} is left to the database")
                    continue
                apart = lay_apart(made, sql) if kind == EXCLUSION else None
                if apart is None:
                    made.leave_empty(text)
                    continue
                made.checks.append({"name": f"{kind} by {apart}", "sql": sql, "assumed": True})
                self.note(made.table.name, apart, f"no range overlaps another, as {text} says")
            for text in made.table.remarks:
                self.note(made.table.name, "", text)
            self._triggers(made.table)
        arrange_common_values(self.tables)
        for made in [one for one in self.tables.values() if not one.order]:
            self.note(made.table.name, "", "there is no column that may be written", broken=True)
            del self.tables[made.table.name]
        if self.trial is not None:
            for made in self.tables.values():
                Trials(self.trial, self.dialect, self.notes).run(made)
        repair = Repair(self.tables, self._policy, self.dialect, self.notes)
        problems = WithoutRows(self.tables, self.notes, repair).run()
        return Draft(self._policy(), self.notes, problems)

    def _triggers(self, table: TableStructure) -> None:
        """Name what the database does by itself when rows are added."""
        for trigger in table.triggers:
            if trigger.on_insert:
                sets = f", and sets {', '.join(trigger.sets)}" if trigger.sets else ""
                text = f"a trigger, {trigger.timing} {' OR '.join(trigger.events)}, runs at each row: {trigger.action}{sets}"
                self.note(table.name, trigger.name, text, broken=True)

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
            self._lost_parent(made, key, label)
        elif not set(key.columns) <= writable or len(key.references) != len(key.columns):
            self.note(table.name, label, "not honoured: its columns cannot be written", broken=True)
            made.leave_empty(f"{label} cannot be honoured: its columns cannot be written")
        elif _goes_nowhere(key, table):
            self.note(
                table.name, label, "the rows refer to nothing, or to themselves, as no other key says which they may"
            )
        elif _implied(key, table.foreign_keys):
            self.note(table.name, label, "follows from a wider key to the same table")
        elif not any(set(one.columns) == set(key.columns) and one.table == key.table for one in made.keys):
            made.keys.append(key)
            if key.where is not None:
                self._some_parents(made, key, label)

    def _some_parents(self, made: TableDraft, key: ForeignKeyStructure, label: str) -> None:
        """Let a key refer to the rows of a partition alone, by a weight of the others that is none."""
        parent = self.tables[key.table]
        try:
            text = translate(str(key.where), self.dialect, parent.table)
        except UntranslatableError as error:
            self.note(made.table.name, label, f"not honoured: only rows where {key.where}: {error}", broken=True)
            made.leave_empty(f"{label} cannot be honoured: only rows where {key.where}")
            return
        if text is not None:
            name = f"rows where {key.where}".translate(dict.fromkeys(map(ord, "{}|.()'\"")))
            parent.extra[name] = {
                "type": "PRESERVE",
                "dataType": "INTEGER",
                "expression": f"if({text}, 1, 0)",
                "hidden": True,
            }
            made.weights[key.columns] = name
            self.note(made.table.name, label, f"only rows where {key.where}")

    def _references_to(self, table: TableStructure) -> Iterator[ForeignKeyStructure]:
        """The foreign keys of all tables that lead to one."""
        return iter(self._referring.get(table.name, ()))

    @cached_property
    def _referring(self) -> Mapping[str, list[ForeignKeyStructure]]:
        """The foreign keys of all tables, by the table that they lead to."""
        found: dict[str, list[ForeignKeyStructure]] = {}
        for other in self.structure:
            for key in other.foreign_keys:
                found.setdefault(key.table, []).append(key)
        return found

    def _add_unique(self, made: TableDraft, columns: tuple[str, ...]) -> None:
        known = [set(one) for one in (*made.uniques, made.primary)]
        if set(columns) not in known:
            made.uniques.append(columns)

    def _lost_parent(self, made: TableDraft, key: ForeignKeyStructure, label: str) -> None:
        table = made.table
        columns = [table.column(name) for name in key.columns]
        optional = all(one is not None and one.nullable for one in columns)
        text = f"{key.table} is not among the tables" + (": the column stays empty" if optional else "")
        self.note(table.name, label, text, broken=not optional)
        if not optional:
            owner = self.structure.reserved.get(key.table)
            where = "is not among the tables" if owner is None else f"belongs to {owner}"
            made.leave_empty(f"it needs a row of {key.table}, which {where}")

    # columns

    def _writable(self, column: ColumnStructure) -> bool:
        return column.data_type is not None and not column.generated and not _BAD_COLUMN.search(column.name)

    def _columns(self, made: TableDraft) -> None:
        table = made.table
        tried = self._checks(made)
        expressions = [one["expression"] for one in made.checks if "expression" in one]
        facts = facts_of(expressions)
        keyed = {name for key in (made.primary, *made.uniques) for name in key}
        foreign = {name for key in made.keys for name in key.columns}
        needed = keyed | {name for key in self._references_to(table) for name in key.references}
        dates: list[str] = []
        for column in table.columns:
            own = facts.get(column.name, ConstraintFacts())
            if column.name in tried and own.values is None:
                own.values, own.tried = list(tried[column.name]), True
            if column.name in foreign:
                made.order.append(column.name)
            elif self._kept(made, column, needed | set(own.after) | self._named(expressions, column)):
                single = made.primary == (column.name,) or (column.name,) in made.uniques
                alone = tuple(text for text in expressions if columns_of(parse_expression(text)) == {column.name})
                place = ColumnPlace(table, column, own, single, column.name in keyed, tuple(dates), self.dialect, alone)
                if self._ruled(made, place) and _dated(column):
                    dates.append(column.name)
        made.required |= {name for name, own in facts.items() if own.required}
        ruled = [column for column in table.columns if made.choices.get(column.name)]
        empty = {column.name: {**self._empty(column)} for column in ruled}
        for rule in empty.values():
            del rule["databaseType"]
        arrange_presence(made, empty)

    def _capped(self, made: TableDraft) -> None:
        """As many rows as counted keys have numbers."""
        for name, choices in made.choices.items():
            column = made.table.column(name)
            if column is None or column.data_type is None or not choices or choices[0]["type"] != "SEQUENCE":
                continue
            most = int(type_bounds(column, column.data_type)[1]) - int(choices[0].get("start", 1)) + 1
            if made.rows > most:
                made.rows = max(most, 0)
                self.note(made.table.name, "", f"has {made.rows:,} rows, as {name} has no more numbers")

    def _ruled(self, made: TableDraft, place: ColumnPlace) -> bool:
        """Give a column rules to choose from; False where there are none."""
        column = place.column
        lost = any(column.name in key.columns for key in made.table.foreign_keys if key not in made.keys)
        choices = [self._empty(column)] if lost and column.nullable else guesses(place)
        choices = _of_itself(made, column) or choices
        made.order.append(column.name)
        made.choices[column.name] = choices
        if not choices:
            self._without(made, column, f"there is no rule for {column.type}")
        return bool(choices)

    def _empty(self, column: ColumnStructure) -> Guess:
        """A column that stays empty."""
        assert column.data_type is not None
        values: dict[str, Any] = {
            "STRING": "",
            "BOOLEAN": False,
            "DATE": "2025-01-01",
            "TIMESTAMP": "2025-01-01 00:00:00",
        }
        value = values.get(column.data_type.name, 0 if column.data_type.is_number else None)
        database_type = self.dialect.standard_type(column.type)
        if value is None:
            return {
                "type": "RANDOM",
                "dataType": str(column.data_type),
                "nullFraction": 1,
                "databaseType": database_type,
            }
        return {
            "type": "CONSTANT",
            "value": value,
            "nullFraction": 1,
            "databaseType": database_type,
            "dataType": str(column.data_type),
        }

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
            made.leave_empty(f"{column.name} needs a value, and {reason}")

    def _checks(self, made: TableDraft) -> dict[str, tuple[str, ...]]:
        """Keep the constraints of a table; texts of those that were met by trying, by column."""
        table, tried = made.table, dict[str, tuple[str, ...]]()
        names: Counter[str] = Counter()
        keyed = {name for key in (made.primary, *made.uniques) for name in key}
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
                found = tried_texts(check.sql, self.dialect, table, keyed)
                if found is not None and found.column not in tried:
                    tried[found.column] = found.texts
                    made.checks.append({"name": label, "sql": check.sql, "assumed": True})
                    text = f"met by {len(found.texts):,} texts that were tried one by one, as expressions cannot say it"
                    self.note(table.name, label, f"{text}: {error}")
                    continue
                made.checks.append({"name": label, "sql": check.sql})
                self.note(table.name, label, f"not honoured: {check.sql}: {error}", broken=True)
                continue
            if text is not None:
                made.checks.append({"name": label, "expression": text})
        return tried

    def _left_to_database(self, made: TableDraft, sql: str) -> str | None:
        """A column that makes a constraint hold by being null in all rows, as policies do not write it."""
        for column in made.table.columns:
            unknown = column.data_type is None and column.nullable and column.default is None
            if unknown and re.search(rf"\b{re.escape(column.name)}\b", sql) and "null" not in sql.lower():
                return column.name
        return None


def _of_itself(made: TableDraft, column: ColumnStructure) -> list[Guess]:
    """A rule for a column that refers to its own table, and can lead to the row itself alone."""
    for key in made.table.foreign_keys:
        if column.name in key.columns and not column.nullable and _goes_nowhere(key, made.table):
            other = key.references[key.columns.index(column.name)]
            if other != column.name:
                text = {"expression": column_text(other), "dataType": str(column.data_type)}
                return [{"type": "PRESERVE", **text, "guess": "the row itself"}]
    return []


def _dated(column: ColumnStructure) -> bool:
    """Whether a column holds a date in every row."""
    return column.data_type is not None and column.data_type in (DATE, TIMESTAMP) and not column.nullable


def _goes_nowhere(key: ForeignKeyStructure, table: TableStructure) -> bool:
    """Whether a row must agree with a row of its own table on a column that no other foreign key decides."""
    same = {own for own, other in zip(key.columns, key.references, strict=True) if own == other}
    led = {column for other in table.foreign_keys if other.table != table.name for column in other.columns}
    return key.table == table.name and bool(same - led)


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
