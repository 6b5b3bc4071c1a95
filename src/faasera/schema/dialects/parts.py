"""A table while it is read, part by part."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import sqlglot
from sqlglot import exp

from faasera.databases.base import Database
from faasera.databases.structure import (
    CheckConstraint,
    ColumnStructure,
    ForeignKeyStructure,
    TableStructure,
    Trigger,
    UniqueKey,
)
from faasera.schema.dialects.types import Types

Row = TypeVar("Row", bound=NamedTuple)


@dataclass
class TableParts:
    """What is known of a table so far; the fields are those of ``TableStructure``."""

    name: str
    columns: list[ColumnStructure] = field(default_factory=list)
    primary_key: tuple[str, ...] = ()
    unique_keys: list[UniqueKey] = field(default_factory=list)
    foreign_keys: list[ForeignKeyStructure] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    rows: int | None = None
    comment: str | None = None
    unread: list[str] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    inherited: bool = False
    lacking: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, table: TableStructure) -> "TableParts":
        """A table that is read on."""
        return cls(
            table.name,
            list(table.columns),
            table.primary_key,
            list(table.unique_keys),
            list(table.foreign_keys),
            list(table.checks),
            table.rows,
            table.comment,
            list(table.unread),
            list(table.triggers),
            table.inherited,
            table.lacking,
            list(table.remarks),
        )

    def table(self) -> TableStructure:
        """The table."""
        return TableStructure(
            self.name,
            tuple(self.columns),
            self.primary_key,
            tuple(self.unique_keys),
            tuple(self.foreign_keys),
            tuple(self.checks),
            self.rows,
            self.comment,
            tuple(self.unread),
            tuple(self.triggers),
            self.inherited,
            self.lacking,
            tuple(self.remarks),
        )


def rows_of(database: Database, sql: str, kind: type[Row]) -> Iterator[Row]:
    """The rows of an answer, with the names of their fields."""
    return (kind(*row) for row in database.query(sql))


def parsed(text: str, dialect: Types) -> exp.Expr | None:
    """The tree of an expression; None where it cannot be read."""
    try:
        return sqlglot.parse_one(text, read=dialect.sqlglot or None)
    except (sqlglot.ParseError, sqlglot.TokenError):
        return None


def by_name(tables: Iterable[TableParts]) -> dict[str, TableStructure]:
    """Tables by their names."""
    return {parts.name: parts.table() for parts in tables}
