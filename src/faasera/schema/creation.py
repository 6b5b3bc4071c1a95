"""Tables that a run creates: their definitions, in the dialect of the target."""

from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.types import DataType
from faasera.databases.base import Database
from faasera.databases.structure import Column
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, Plan, TablePlan
from faasera.plan.origins import Origins, not_synthetic
from faasera.schema.rendering import UnrenderableError, render
from faasera.schema.types import read_type

_TYPES: dict[str, dict[str, str]] = {
    "postgres": {
        "STRING": "text", "INTEGER": "integer", "BIGINT": "bigint", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "timestamp", "TIME": "time", "UUID": "uuid", "JSON": "jsonb", "BINARY": "bytea", "DECIMAL": "numeric({p},{s})",
    },
    "mysql": {
        "STRING": "longtext", "INTEGER": "int", "BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "datetime(6)", "TIME": "time(6)", "UUID": "char(36)", "JSON": "json", "BINARY": "longblob", "DECIMAL": "decimal({p},{s})",
    },
    "sqlite": {
        "STRING": "TEXT", "INTEGER": "INTEGER", "BIGINT": "INTEGER", "DOUBLE": "REAL", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP", "TIME": "TIME", "UUID": "TEXT", "JSON": "TEXT", "BINARY": "BLOB", "DECIMAL": "DECIMAL({p},{s})",
    },
    "duckdb": {
        "STRING": "VARCHAR", "INTEGER": "INTEGER", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP", "TIME": "TIME", "UUID": "UUID", "JSON": "JSON", "BINARY": "BLOB", "DECIMAL": "DECIMAL({p},{s})",
    },
}  # fmt: skip
_MYSQL_KEY_LENGTH = 255
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
    columns: list[Column] = field(default_factory=list)


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
        self.dialect = database.dialect
        self.inline = inline or database.inline_constraints
        self.made = Definition([])
        self.name = database.table(table.name)

    def definition(self) -> Definition:
        parts = [self._column(column) for column in self.table.visible]
        parts += self._keys() + self._checks() + self._references()
        comment = comment_of(self.plan, self.table)
        opening = f"( /* {comment.replace('*/', '')} */" if self.dialect == "sqlite" else "("
        closing = f") CHARACTER SET utf8mb4 COMMENT = {self.database.text(comment)}" if self.dialect == "mysql" else ")"
        body = ",\n  ".join(parts)
        schema, _ = self.database.parts(self.table.name)
        if schema and self.dialect in ("postgres", "duckdb"):
            self.made.create.append(f"CREATE SCHEMA IF NOT EXISTS {self.database.quote(schema)}")
        self.made.create.append(f"CREATE TABLE {self.name} {opening}\n  {body}\n{closing}")
        if self.dialect in ("postgres", "duckdb"):
            self.made.create.append(f"COMMENT ON TABLE {self.name} IS {self.database.text(comment)}")
        return self.made

    def _listed(self, columns: tuple[str, ...]) -> str:
        return ", ".join(self.database.quote(column) for column in columns)

    def _hidden(self, columns: tuple[str, ...]) -> bool:
        return any(self.table.column(column).hidden for column in columns)

    def _column(self, column: ColumnPlan) -> str:
        kind = self._type(column)
        self.made.columns.append(_column_of(column.name, kind, self.dialect, nullable=column.generator.nullable))
        required = "" if column.generator.nullable else " NOT NULL"
        return f"{self.database.quote(column.name)} {kind}{required}"

    def _type(self, column: ColumnPlan) -> str:
        given = database_type(self.plan, self.table.name, column.name)
        if given is not None:
            try:
                kind = exp.DataType.build(given, udt=True)
            except (sqlglot.ParseError, sqlglot.TokenError, ValueError):
                self.made.warnings.append(f"{self.table.name}.{column.name}: the type {given} cannot be read")
            else:
                made = self._given(kind, column)
                if made is not None:
                    return made
        return self._default(column)

    def _given(self, kind: Any, column: ColumnPlan) -> str | None:
        """A type of another dialect in this one; None where there is none like it."""
        name = kind.this
        arrays = self.dialect in ("postgres", "duckdb")
        if name == exp.DataType.Type.ENUM and self.dialect not in ("mysql", "duckdb"):
            return None
        if name in (exp.DataType.Type.ARRAY, exp.DataType.Type.LIST) and not arrays:
            return None
        if name == exp.DataType.Type.USERDEFINED:
            return None
        kinds = exp.DataType.Type
        unsized = name in (kinds.TEXT, kinds.VARCHAR, kinds.VARBINARY, kinds.BINARY) and not kind.expressions
        if self.dialect == "mysql" and unsized:
            return None
        made = str(kind.sql(dialect=self.dialect))
        read = read_type(made, self.dialect)
        return made if read.data_type is not None or read.array or column.data_type.is_text else None

    def _default(self, column: ColumnPlan) -> str:
        data_type: DataType = column.data_type
        kinds = _TYPES[self.dialect]
        length = column.generator.max_length
        if data_type.name == "STRING" and self.dialect == "mysql":
            keyed = any(column.name in key for key in self.table.keys) or self._is_referring(column.name)
            if length is not None and length <= 1000:
                return f"varchar({max(length, 1)})"
            return f"varchar({_MYSQL_KEY_LENGTH})" if keyed else kinds["STRING"]
        if data_type.name == "STRING" and self.dialect == "postgres" and length is not None and length <= 1000:
            return f"varchar({max(length, 1)})"
        return kinds[data_type.name].format(p=data_type.precision, s=data_type.scale)

    def _is_referred_to(self) -> bool:
        tables = self.plan.tables.values()
        return any(key.parent == self.table.name for table in tables for key in table.foreign_keys.values())

    def _is_referring(self, column: str) -> bool:
        return any(column in key.columns for key in self.table.foreign_keys.values())

    def _keys(self) -> list[str]:
        parts = []
        composite = str(_policy_of(self.plan, self.table.name).get("compositeKeyColumn") or "")
        primary = (self.table.primary_key,) if self.table.primary_key else tuple(map(str.strip, composite.split("+")))
        for key in self.table.keys:
            if self._hidden(key):
                continue
            word = "PRIMARY KEY" if key == primary else "UNIQUE"
            if self.dialect == "duckdb" and key == primary and not self._is_referred_to():
                # An index that is made afterwards costs a third; foreign keys want it from the start.
                self.made.keys.append(f"ALTER TABLE {self.name} ADD {word} ({self._listed(key)})")
            elif self.inline or (self.dialect == "mysql" and key == primary):
                parts.append(f"{word} ({self._listed(key)})")
            else:
                self.made.keys.append(f"ALTER TABLE {self.name} ADD {word} ({self._listed(key)})")
        return parts

    def _checks(self) -> list[str]:
        parts = []
        for redraw in self.table.redraws:
            for check in redraw.checks:
                hidden = [one for one in check.value.uses if "." in one or self._hidden((one,))]
                try:
                    if hidden:
                        raise UnrenderableError(f"{hidden[0]} is no column of the table")
                    shown = render(check.text, self.dialect)
                except UnrenderableError as error:
                    self.made.warnings.append(
                        f"{self.table.name}: the check '{check.name}' is kept, not created: {error}"
                    )
                else:
                    parts.append(f"CONSTRAINT {self.database.quote(check.name[:60])} CHECK {_enclosed(shown)}")
        if self.dialect in ("postgres", "sqlite"):
            parts += self._enumerations()
        return parts

    def _enumerations(self) -> list[str]:
        """What an enumeration allows, where the dialect has no type for it."""
        parts = []
        for column in self.table.visible:
            given = database_type(self.plan, self.table.name, column.name)
            if given is not None and given.upper().startswith("ENUM"):
                values = ", ".join(self.database.text(one) for one in read_type(given, "").values)
                parts.append(f"CHECK ({self.database.quote(column.name)} IN ({values}))")
        return parts

    def _references(self) -> list[str]:
        parts = []
        for key in self.table.foreign_keys.values():
            if key.virtual or key.when or self._hidden(key.columns):
                continue
            clause = (
                f"FOREIGN KEY ({self._listed(key.columns)}) REFERENCES {self.database.table(key.parent)} "
                f"({self._listed(key.parent_columns)})"
            )
            if self.dialect == "duckdb" and not self._declarable(key):
                label = f"{self.table.name}: the foreign key ({', '.join(key.columns)}) → {key.parent}"
                self.made.warnings.append(
                    f"{label} is kept, not created: DuckDB refers only to tables that are there before"
                )
            elif self.inline:
                parts.append(clause)
            else:
                self.made.references.append(f"ALTER TABLE {self.name} ADD {clause}")
            covered = any(one[: len(key.columns)] == key.columns for one in self.table.keys)
            if self.dialect in ("postgres", "sqlite") and not covered:
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


def _column_of(name: str, kind: str, dialect: str, *, nullable: bool) -> Column:
    read = read_type(kind, dialect)
    return Column(
        name,
        _spelled(kind, dialect),
        read.data_type,
        read.length,
        read.fixed,
        nullable,
        values=read.values,
        array=read.array,
    )


def _spelled(kind: str, dialect: str) -> str:
    """A type as the database's catalog will spell it."""
    if dialect != "postgres":
        return kind
    short = {
        "timestamp": "timestamp without time zone", "time": "time without time zone", "varchar": "character varying", "int": "integer",
        "char": "character", "decimal": "numeric", "timestamptz": "timestamp with time zone", "double": "double precision", "float": "double precision",
    }  # fmt: skip
    head, bracket, tail = kind.lower().partition("(")
    return short.get(head.strip(), head.strip()) + bracket + tail


def _enclosed(text: str) -> str:
    return text if text.startswith("(") else f"({text})"
