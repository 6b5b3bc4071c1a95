"""Tables that a run creates: their definitions, in the dialect of the target."""

from dataclasses import dataclass, field
from typing import Any

from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, Plan, TablePlan
from faasera.plan.origins import Origins, not_synthetic
from faasera.policy.keys import identifying_columns
from faasera.schema.dialects import Dialect, dialect_of
from faasera.schema.dialects.standard import ANSI
from faasera.schema.dialects.types import type_tree
from faasera.schema.dialects.unsayable import UnsayableError
from faasera.schema.rendering import render

MARK = "synthetic data, made by faasera"
_MOST_NAMED = 10


@dataclass
class Definition:
    """How a table comes about.

    Attributes:
        create: the statement that makes it, and those that describe it.
        keys: statements for when its rows are there.
        references: statements for when all tables have their keys.
        warnings: what the database cannot promise.
        columns: as the database will know them.
    """

    create: list[str]
    keys: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    columns: list[ColumnStructure] = field(default_factory=list)


def define(plan: Plan, table: TablePlan, database: Database, known: set[str], *, inline: bool) -> Definition:
    """The definition of a table.

    Args:
        plan: the whole.
        table: the one.
        database: where it will be.
        known: the tables that are there before it.
        inline: whether all constraints are part of the table from the start, also where they can follow the rows.
    """
    return _Definer(plan, table, database, known, inline=inline).definition()


class _Definer:
    def __init__(self, plan: Plan, table: TablePlan, database: Database, known: set[str], *, inline: bool) -> None:
        self.plan = plan
        self.table = table
        self.database = database
        self.known = known
        self.dialect = dialect_of(database)
        self.inline = inline or database.inline_constraints
        self.made = Definition([])
        self.name = database.table(table.name)

    def definition(self) -> Definition:
        parts = [self._column(column) for column in self.table.visible]
        parts += self._keys() + self._checks() + self._references()
        comment = comment_of(self.plan, self.table)
        self.made.create = self.dialect.table(self.database, self.table.name, parts, comment)
        return self.made

    def _listed(self, columns: tuple[str, ...]) -> str:
        return ", ".join(self.database.quote(column) for column in columns)

    def _has(self, column: str) -> bool:
        return any(one.name == column for one in self.table.columns)

    def _hidden(self, columns: tuple[str, ...]) -> bool:
        return any(self.table.column(column).hidden for column in columns)

    def _column(self, column: ColumnPlan) -> str:
        kind = self._type(column)
        self.made.columns.append(_column_of(column.name, kind, self.dialect, nullable=column.generator.nullable))
        required = "" if column.generator.nullable else " NOT NULL"
        return f"{self.database.quote(column.name)} {kind}{required}"

    def _type(self, column: ColumnPlan) -> str:
        given = database_type(self.plan, self.table.name, column.name)
        kind = type_tree(given) if given is not None else None
        if given is not None and kind is None:
            self.made.warnings.append(f"{self.table.name}.{column.name}: the type {given} cannot be read")
        made = self.dialect.given_type(kind, textual=column.data_type.is_text) if kind is not None else None
        return made or self._default(column)

    def _default(self, column: ColumnPlan) -> str:
        keyed = any(column.name in key for key in self.table.keys) or self._is_referring(column.name)
        return self.dialect.column_type(column.data_type, column.generator.max_length, keyed=keyed)

    def _is_referred_to(self) -> bool:
        tables = self.plan.tables.values()
        return any(key.parent == self.table.name for table in tables for key in table.foreign_keys.values())

    def _is_referring(self, column: str) -> bool:
        return any(column in key.columns for key in self.table.foreign_keys.values())

    def _keys(self) -> list[str]:
        parts = []
        primary = identifying_columns(_policy_of(self.plan, self.table.name))
        for key in self.table.keys:
            if self._hidden(key):
                continue
            word = "PRIMARY KEY" if key == primary else "UNIQUE"
            made = f"{word} ({self._listed(key)})"
            if self._with_table(primary=key == primary):
                parts.append(made)
            else:
                self.made.keys.append(f"ALTER TABLE {self.name} ADD {made}")
        return parts

    def _with_table(self, *, primary: bool) -> bool:
        """Whether a key is made with its table, not after its rows."""
        if primary and self.dialect.primary_key_after_rows and not self._is_referred_to():
            return False
        return self.inline or (primary and self.dialect.primary_key_with_table)

    def _checks(self) -> list[str]:
        parts = []
        for redraw in self.table.redraws:
            for check in redraw.checks:
                hidden = [one for one in check.value.uses if not self._has(one) or self._hidden((one,))]
                try:
                    if hidden:
                        raise UnsayableError(f"{hidden[0]} is no column of the table")
                    shown = render(check.text, self.dialect)
                except UnsayableError as error:
                    self.made.warnings.append(
                        f"{self.table.name}: the check '{check.name}' is kept, not created: {error}"
                    )
                else:
                    parts.append(f"CONSTRAINT {self.database.quote(check.name[:60])} CHECK {_enclosed(shown)}")
        if not self.dialect.enumeration_type:
            parts += self._enumerations()
        return parts

    def _enumerations(self) -> list[str]:
        """What an enumeration allows, where the dialect has no type for it."""
        parts = []
        for column in self.table.visible:
            given = database_type(self.plan, self.table.name, column.name)
            if given is not None and given.upper().startswith("ENUM"):
                values = ", ".join(self.database.text(one) for one in ANSI.read_type(given).values)
                parts.append(f"CHECK ({self.database.quote(column.name)} IN ({values}))")
        return parts

    def _references(self) -> list[str]:
        parts = []
        for key in self.table.foreign_keys.values():
            if key.virtual or key.several or self._hidden(key.columns):
                continue
            clause = (
                f"FOREIGN KEY ({self._listed(key.columns)}) REFERENCES {self.database.table(key.parent)} "
                f"({self._listed(key.parent_columns)})"
            )
            if not self.dialect.refers_to_later and not self._declarable(key):
                label = f"{self.table.name}: the foreign key ({', '.join(key.columns)}) → {key.parent}"
                self.made.warnings.append(
                    f"{label} is kept, not created: {self.dialect.label} refers only to tables that are there before"
                )
            elif self.inline:
                parts.append(clause)
            else:
                self.made.references.append(f"ALTER TABLE {self.name} ADD {clause}")
            covered = any(one[: len(key.columns)] == key.columns for one in self.table.keys)
            if self.dialect.index_for_references and not covered:
                index = self.database.quote(f"{self.table.name} {' '.join(key.columns)} index"[:60])
                self.made.references.append(f"CREATE INDEX {index} ON {self.name} ({self._listed(key.columns)})")
        return parts

    def _declarable(self, key: ForeignKeyPlan) -> bool:
        return key.parent in self.known


def database_type(plan: Plan, table: str, column: str) -> str | None:
    """The type that a policy gives a column in databases; a foreign key's column has its parent's."""
    rule = _policy_of(plan, table).get("columnRuleMap", {}).get(column) or {}
    if rule.get("databaseType"):
        return str(rule["databaseType"])
    for key in plan.tables[table].foreign_keys.values() if table in plan.tables else ():
        if column in key.columns and not key.virtual:
            other = key.parent_columns[key.columns.index(column)]
            return None if (key.parent, other) == (table, column) else database_type(plan, key.parent, other)
    return None


def _policy_of(plan: Plan, table: str) -> dict[str, Any]:
    """A table's part of the policy."""
    tables = plan.policy.get("tables", [plan.policy])
    return next((one for one in tables if one.get("tableName") == table), {})


def comment_of(plan: Plan, table: TablePlan) -> str:
    """What marks a table that a run created."""
    others = not_synthetic(Origins(plan).table(table))
    listed = [f"{name} ({marking})" for name, marking in others.items()]
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    exception = f"; not synthetic: {', '.join(listed[:_MOST_NAMED])}{more}" if listed else ""
    return f"{MARK}: policy {plan.name}, seed {plan.seed}, digest {plan.policy_digest[:12]}{exception}"


def _column_of(name: str, kind: str, dialect: Dialect, *, nullable: bool) -> ColumnStructure:
    read = dialect.read_type(kind)
    return ColumnStructure(
        name,
        dialect.catalog_type(kind),
        read.data_type,
        read.length,
        read.fixed,
        nullable,
        values=read.values,
        array=read.array,
    )


def _enclosed(text: str) -> str:
    return text if text.startswith("(") else f"({text})"
