"""A policy as it comes about from a structure: tables, the rules that each column may have, and notes."""

from dataclasses import dataclass, field
from typing import Any

from faasera.core.errors import Problem
from faasera.databases.structure import ForeignKeyStructure, TableStructure
from faasera.policy.model import DEFAULT_ROWS
from faasera.schema.column_place import Guess

_NULL_PARENTS = 0.1


@dataclass(frozen=True)
class Note:
    """Something of the source that a person should know.

    Attributes:
        table: where.
        subject: the column or constraint.
        text: what was decided, and why.
        broken: whether it cannot be honoured.
    """

    table: str
    subject: str
    text: str
    broken: bool = False

    @property
    def where(self) -> str:
        """The table and the subject."""
        return " ".join(part for part in (self.table, self.subject) if part) or "schema"


@dataclass
class Draft:
    """A policy as it comes about.

    Attributes:
        policy: the document.
        notes: what a person should know.
        problems: that the policy still has.
    """

    policy: dict[str, Any]
    notes: list[Note]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Presence:
    """In which rows a column has a value, by another column.

    Attributes:
        column: by which is chosen; empty where there never is a value.
        present: its values with which there is one.
        absent: its values with which there is none.
    """

    column: str
    present: tuple[Any, ...]
    absent: tuple[Any, ...]


def _one_or_list(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else list(values)


@dataclass
class TableDraft:
    """One table as it comes about.

    Attributes:
        table: of the structure.
        rows: how many it gets.
        choices: column → rules that may suit it, the chosen one first.
        order: of the columns.
        keys: foreign keys that are kept.
        children: the most children of a parent, by the columns of the foreign key that counts them out.
        uniques: keys beside the primary one.
        primary: the primary key's columns.
        checks: conditions on rows.
        extra: hidden columns.
        required: columns that may be null in the database, and that its conditions ask for a value.
        presence: columns that have a value in some rows alone.
        empty: rules for rows without a value, of columns that need one.
        unfillable: why it has no rows, where nobody can fill it.
        without_parents: the columns of foreign keys to tables without rows.
        weights: the columns of parents that say how often each is referred to, by the columns of the foreign key.
    """

    table: TableStructure
    rows: int
    choices: dict[str, list[Guess]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    keys: list[ForeignKeyStructure] = field(default_factory=list)
    children: dict[tuple[str, ...], int] = field(default_factory=dict)
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    primary: tuple[str, ...] = ()
    checks: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Guess] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    presence: dict[str, Presence] = field(default_factory=dict)
    empty: dict[str, Guess] = field(default_factory=dict)
    unfillable: str = ""
    without_parents: set[tuple[str, ...]] = field(default_factory=set)
    weights: dict[tuple[str, ...], str] = field(default_factory=dict)

    def leave_empty(self, reason: str) -> None:
        """Leave the table without rows; the first reason is told."""
        self.unfillable = self.unfillable or reason

    def nullable(self, key: ForeignKeyStructure) -> bool:
        """Whether a row may have no parent by a foreign key."""
        columns = [self.table.column(name) for name in key.columns]
        alike = [one.columns for one in self.table.unique_keys if one.nulls_equal]
        keyed = {*self.primary, *self.required, *(name for columns in alike for name in columns)}
        return all(one is not None and one.nullable and one.name not in keyed for one in columns)

    def as_policy(self) -> dict[str, Any]:
        """The table's part of the policy."""
        made: dict[str, Any] = {"tableName": self.table.name}
        if self.table.comment:
            made["description"] = self.table.comment
        if self.unfillable:
            made |= {"rowCount": 0, "guess": f"no rows: {self.unfillable}"}
        elif not self.children and self.rows != DEFAULT_ROWS:
            made["rowCount"] = self.rows
        if len(self.primary) == 1:
            made["primaryKeyColumn"] = self.primary[0]
        elif self.primary:
            made["compositeKeyColumn"] = "+".join(self.primary)
        if self.uniques:
            made["uniqueKeys"] = [list(key) for key in self.uniques]
        if self.keys:
            made["foreignKeys"] = [self._foreign_key(key) for key in self.keys]
        if self.checks:
            made["checks"] = self.checks
        foreign = {column for key in self.keys for column in key.columns}
        rules = {name: {} if name in foreign else self._rule(name) for name in self.order}
        made["columnRuleMap"] = rules | self.extra
        return made

    def _rule(self, name: str) -> Guess:
        """The rule of a column, with the rows in which it has no value."""
        rule, presence = self.choices[name][0], self.presence.get(name)
        if name in self.required or presence is not None:
            rule = {key: value for key, value in rule.items() if key != "nullFraction"}
        if presence is None:
            return rule
        if not presence.present:
            kept = {key: value for key, value in rule.items() if key in ("databaseType", "description")}
            return {**self.empty[name], **kept}
        return {**rule, "when": [{"where": {presence.column: _one_or_list(presence.absent)}, "rule": self.empty[name]}]}

    def _foreign_key(self, key: ForeignKeyStructure) -> dict[str, Any]:
        references: dict[str, Any] = {"table": key.table, "columns": list(key.references)}
        made: dict[str, Any] = {"columns": list(key.columns), "references": references}
        if key.columns in self.weights:
            made["distribution"] = {"type": "WEIGHTED", "column": self.weights[key.columns]}
        presence = next((self.presence[name] for name in key.columns if name in self.presence), None)
        if key.columns in self.without_parents:
            made["nullFraction"] = 1
        elif presence is not None and presence.present:
            references["when"] = {presence.column: _one_or_list(presence.present)}
            if key.table == self.table.name:
                made["nullFraction"] = 0
        elif presence is not None:
            made["nullFraction"] = 1
        elif key.columns in self.children and not self.unfillable:
            made["childrenPerParent"] = {"min": 0, "max": self.children[key.columns]}
        elif self.nullable(key):
            made["nullFraction"] = _NULL_PARENTS
            made["guess"] = "a tenth of the rows has no parent, as the columns may be null"
        elif key.table == self.table.name:
            made["nullFraction"] = 0
        return made
