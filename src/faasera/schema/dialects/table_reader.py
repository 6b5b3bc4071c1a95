"""One table from the parts of its statements."""

import re
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.types import JSON, STRING
from faasera.databases.structure import CheckConstraint, ColumnStructure, ForeignKeyStructure, TableStructure, UniqueKey
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.indexes import index_column
from faasera.schema.dialects.parts import TableParts
from faasera.schema.dialects.types import ReadType

JSON_CHECK = re.compile(r"^\(?\s*JSON_VALID\([`\"]?([^`\"()]+)[`\"]?\)\s*\)?$", re.I)
"""How MariaDB keeps that a column is JSON."""


class Names:
    """What statements before defined: enumerations and domains, and how tables are named.

    Attributes:
        dialect: of the statements.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._enumerations: dict[str, tuple[str, ...]] = {}
        self._domains: dict[str, tuple[ColumnStructure, list[CheckConstraint]]] = {}

    def add_enumeration(self, name: str, values: tuple[str, ...]) -> None:
        """Remember a type of some values."""
        self._enumerations[_folded(name)] = values

    def add_domain(self, name: str, column: ColumnStructure, checks: list[CheckConstraint]) -> None:
        """Remember a domain, by a column of it and that column's checks."""
        self._domains[_folded(name)] = column, checks

    def table(self, table: Any) -> str:
        """A table's name, with its schema where that is not the default one."""
        if isinstance(table, exp.Schema):
            table = table.this
        schema = table.db if isinstance(table, exp.Table) else ""
        return f"{schema}.{table.name}" if schema and schema.lower() != self.dialect.schema else str(table.name)

    def column_type(self, kind: Any) -> tuple[ReadType, list[CheckConstraint], ColumnStructure | None]:
        """A column's type; of a domain, the base type with the domain's checks and the column that stands for it."""
        if kind is None:
            return ReadType(STRING, "TEXT") if self.dialect.untyped_columns else ReadType(None, ""), [], None
        text = self.dialect.written(kind) if hasattr(kind, "sql") else str(kind)
        array = text.endswith("[]")
        key = _folded(text.removesuffix("[]"))
        if key in self._enumerations:
            values = self._enumerations[key]
            length = max(map(len, values), default=None)
            return ReadType(STRING, text, length, values=values, array=array), [], None
        if key in self._domains and not array:
            domain, checks = self._domains[key]
            base = self.dialect.read_type(domain.type)
            return replace(base, values=domain.values, shown=domain.type), checks, domain
        return self.dialect.read_type(kind if isinstance(kind, exp.DataType) else text), [], None


def _folded(name: str) -> str:
    """A type's name without its schema, in small letters."""
    return name.strip('"').rpartition(".")[2].strip('"').lower()


class TableReader:
    """The parts of one table.

    Args:
        names: what statements before defined.
        made: what is known of the table.
    """

    def __init__(self, names: Names, made: TableParts) -> None:
        self.names = names
        self.dialect = names.dialect
        self.made = made

    def table(self) -> TableStructure:
        """What was read."""
        json = {match[1] for check in self.made.checks if (match := JSON_CHECK.match(check.sql))}
        self.made.checks = [check for check in self.made.checks if not JSON_CHECK.match(check.sql)]
        self.made.columns = [self._finished(column, json=column.name in json) for column in self.made.columns]
        return self.made.table()

    def _finished(self, column: ColumnStructure, *, json: bool) -> ColumnStructure:
        """A column, with what only the table's constraints say of it."""
        if column.name in self.made.primary_key:
            column = replace(column, nullable=False)
        return replace(column, data_type=JSON, type="JSON", length=None) if json else column

    def part(self, part: Any, name: str = "") -> None:
        """A column or a constraint."""
        if isinstance(part, exp.ColumnDef):
            self._column(part)
        elif isinstance(part, exp.Identifier) and self.dialect.untyped_columns:
            self._column(exp.ColumnDef(this=part))
        elif isinstance(part, exp.Constraint):
            for one in part.expressions:
                self.part(one, part.name)
            options = " ".join(self.dialect.written(one) for one in part.expressions[1:]).upper()
            if "DEFERRABLE" in options and "NOT DEFERRABLE" not in options and self.made.foreign_keys:
                self.made.foreign_keys[-1] = replace(self.made.foreign_keys[-1], deferrable=True)
        elif isinstance(part, exp.PrimaryKey):
            self.made.primary_key = self._listed(part.expressions)
        elif isinstance(part, exp.PrimaryKeyColumnConstraint) and isinstance(part.this, exp.Schema):
            self.made.primary_key = self._listed(part.this.expressions)
        elif isinstance(part, exp.UniqueColumnConstraint):
            self._unique(part, name)
        elif isinstance(part, exp.ForeignKey):
            reference = part.args.get("reference")
            deferrable = any("DEFERRABLE" in str(one).upper() for one in part.args.get("options") or [])
            self._reference(self._listed(part.expressions), reference, name, deferrable=deferrable)
        elif isinstance(part, exp.CheckColumnConstraint):
            self.made.checks.append(CheckConstraint(self.dialect.written(part.this), name))
        elif isinstance(part, exp.ExcludeColumnConstraint):
            self.made.unread.append(f"an exclusion constraint: {short(self.dialect.written(part))}")

    def _listed(self, nodes: Any) -> tuple[str, ...]:
        known = {column.name.casefold(): column.name for column in self.made.columns}
        found = [index_column(node) or node.name for node in nodes]
        return tuple(known.get(one.casefold(), one) for one in found)

    def _unique(self, part: exp.UniqueColumnConstraint, name: str) -> None:
        schema = part.this
        columns = schema.expressions if isinstance(schema, exp.Schema) else []
        if columns:
            label = name or (schema.this.name if schema.this is not None else "")
            self.made.unique_keys.append(UniqueKey(self._listed(columns), label))

    def _reference(self, columns: tuple[str, ...], reference: Any, name: str, *, deferrable: bool = False) -> None:
        if reference is None:
            return
        target = reference.this
        listed = target.expressions if isinstance(target, exp.Schema) else []
        table = self.names.table(target)
        options = " ".join(str(one) for one in reference.args.get("options") or []).upper()
        deferred = deferrable or ("DEFERRABLE" in options and "NOT DEFERRABLE" not in options)
        self.made.foreign_keys.append(
            ForeignKeyStructure(columns, table, tuple(one.name for one in listed), name, deferred)
        )

    def _column(self, part: exp.ColumnDef) -> None:
        name = part.name
        kind, checks, domain = self.names.column_type(part.args.get("kind"))
        column = ColumnStructure(
            name,
            kind.shown,
            kind.data_type,
            kind.length,
            kind.fixed,
            nullable=domain.nullable if domain is not None else True,
            identity=kind.serial,
            values=kind.values,
            array=kind.array,
            unsigned=kind.unsigned,
            bits=kind.bits,
            form=kind.form,
        )
        self.made.columns.append(column)
        for check in checks:
            self.made.checks.append(CheckConstraint(self._of_domain(check.sql, name), check.name))
        for constraint in part.args.get("constraints") or []:
            column = self._constrained(column, constraint.args.get("kind"), constraint.name)
        self.made.columns[-1] = column

    def _of_domain(self, sql: str, column: str) -> str:
        """A domain's check, about a column of it."""
        tree = sqlglot.parse_one(sql, read=self.dialect.sqlglot or None)
        for node in list(tree.find_all(exp.Column)):
            if node.name.upper() == "VALUE":
                node.replace(exp.column(column, quoted=True))
        return self.dialect.written(tree)

    def _constrained(self, column: ColumnStructure, kind: Any, name: str) -> ColumnStructure:
        if isinstance(kind, exp.NotNullColumnConstraint):
            return replace(column, nullable=bool(kind.args.get("allow_null")))
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            self.made.primary_key = (column.name,)
            rowid = self.dialect.numbered_integer_keys and column.type.upper() == "INTEGER"
            return replace(column, nullable=False, identity=column.identity or rowid)
        if isinstance(kind, exp.UniqueColumnConstraint):
            self.made.unique_keys.append(UniqueKey((column.name,), name))
        elif isinstance(kind, exp.CheckColumnConstraint):
            self.made.checks.append(CheckConstraint(self.dialect.written(kind.this), name))
        elif isinstance(kind, exp.Reference):
            self._reference((column.name,), kind, name)
        elif isinstance(kind, exp.DefaultColumnConstraint):
            default = self.dialect.written(kind.this)
            serial = "nextval" in default.lower()
            return replace(
                column, default=None if default.upper() == "NULL" else default, identity=column.identity or serial
            )
        elif isinstance(kind, exp.AutoIncrementColumnConstraint | exp.GeneratedAsIdentityColumnConstraint):
            computed = isinstance(kind, exp.GeneratedAsIdentityColumnConstraint) and kind.args.get("expression")
            return replace(column, generated=True) if computed else replace(column, identity=True)
        elif isinstance(kind, exp.ComputedColumnConstraint | exp.GeneratedAsRowColumnConstraint):
            return replace(column, generated=True)
        elif isinstance(kind, exp.CommentColumnConstraint):
            return replace(column, comment=kind.this.name)
        return column


def short(sql: str) -> str:
    """A statement as messages show it."""
    text = " ".join(sql.split())
    return text if len(text) <= 120 else text[:117] + "…"
