"""The structure of databases: tables, columns and constraints, whatever they were read from."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from faasera.core.types import DataType

EXCLUSION = "an exclusion constraint"
"""What such a constraint is called where it is not understood."""


@dataclass(frozen=True)
class TextForm:
    """How values of a type that policies do not know are written as texts.

    Attributes:
        name: of the type.
        pattern: a regular expression of values that the database prints as they are written; empty for ``values``.
        wide: the same with room for keys; empty where ``pattern`` has it.
        values: examples, where no regular expression says the form.
        semantic: a semantic type whose values have the form.
    """

    name: str
    pattern: str = ""
    wide: str = ""
    values: tuple[str, ...] = ()
    semantic: str = ""


@dataclass(frozen=True)
class ColumnStructure:
    """One column.

    Attributes:
        name: as it is stored.
        type: as the source writes it, in standard SQL where it can be.
        data_type: what a policy calls it; None for a type that policies do not know.
        length: the most characters, or bytes; None for any number.
        fixed: whether texts always have that length.
        nullable: whether null is allowed.
        default: an expression of SQL; None for none.
        generated: whether the database computes it, so that nobody may write it.
        identity: whether the database numbers it where nothing is given.
        values: of an enumeration.
        array: whether it holds lists of the type.
        unsigned: whether numbers below 0 are refused.
        bits: of whole numbers that are narrower or wider than their data type.
        comment: what the source says of it.
        form: how values are written, of a type that policies have as texts only.
    """

    name: str
    type: str
    data_type: DataType | None
    length: int | None = None
    fixed: bool = False
    nullable: bool = True
    default: str | None = None
    generated: bool = False
    identity: bool = False
    values: tuple[str, ...] = ()
    array: bool = False
    unsigned: bool = False
    bits: int | None = None
    comment: str | None = None
    form: TextForm | None = None


@dataclass(frozen=True)
class ForeignKeyStructure:
    """A reference to another table, or to the same; only to rows that meet ``where``, if there is one (SQL)."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    name: str = ""
    deferrable: bool = False
    where: str | None = None


@dataclass(frozen=True)
class UniqueKey:
    """Columns that are unique together.

    Attributes:
        columns: that are unique, or whose values as a function has them are.
        name: of the constraint or index.
        where: a condition on the rows that it holds for (SQL); None for all.
        nulls_equal: whether two rows with null there are alike.
    """

    columns: tuple[str, ...]
    name: str = ""
    where: str | None = None
    nulls_equal: bool = False


@dataclass(frozen=True)
class CheckConstraint:
    """A condition on rows, in SQL."""

    sql: str
    name: str = ""


@dataclass(frozen=True)
class Trigger:
    """What a database does by itself when rows are added or changed.

    Attributes:
        name: of the trigger.
        timing: ``BEFORE``, ``AFTER`` or ``INSTEAD OF``.
        events: ``INSERT``, ``UPDATE``, ``DELETE``, ``TRUNCATE``.
        action: the function that it calls, or the beginning of what it does.
        enabled: how it is enabled, in one letter of PostgreSQL's; ``D`` for not at all.
        sets: columns of the new row that it is seen to set.
    """

    name: str
    timing: str
    events: tuple[str, ...]
    action: str = ""
    enabled: str = "O"
    sets: tuple[str, ...] = ()

    @property
    def on_insert(self) -> bool:
        """Whether it runs when rows are added."""
        return "INSERT" in self.events and self.enabled != "D"


@dataclass(frozen=True)
class TableStructure:
    """One table.

    Attributes:
        name: with its schema in front where that is not the default one.
        columns: in order.
        primary_key: its columns.
        unique_keys: further keys.
        foreign_keys: references.
        checks: conditions.
        rows: how many, by the source's statistics; None where it has none.
        comment: what the source says of it.
        unread: what could not be understood, as sentences.
        remarks: what else a person should know of it, as sentences.
        triggers: what the database does by itself.
        inherited: whether other tables inherit from it, whose rows a question without ONLY would have, too.
        lacking: rights that whoever asks does not have.
    """

    name: str
    columns: tuple[ColumnStructure, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKeyStructure, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    rows: int | None = None
    comment: str | None = None
    unread: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    inherited: bool = False
    lacking: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnStructure | None:
        """The column of that name; None where there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def kept_by_null(self, exclusion: str, written: Container[str] = ()) -> str | None:
        """A column that keeps an exclusion constraint by being null in all rows, as policies do not write it."""
        for column in self.columns:
            free = column.data_type is None and column.nullable and column.default is None
            if free and column.name not in written and re.search(rf"\b{re.escape(column.name)}\b", exclusion):
                return column.name
        return None

    def is_key(self, columns: tuple[str, ...]) -> bool:
        """Whether these columns are unique in all rows."""
        wanted = set(columns)
        keys = [self.primary_key, *(key.columns for key in self.unique_keys if key.where is None)]
        return any(key and set(key) <= wanted for key in keys)


@dataclass(frozen=True)
class Structure:
    """All tables of a source.

    Attributes:
        source: what it was read from, without secrets.
        dialect: of its SQL, as sqlglot names it; empty for none.
        tables: by name.
        views: how many views there are beside them.
        unread: what could not be understood, as sentences.
        notes: what a person should know of the source, as sentences.
        reserved: tables that are not the application's, by name: whose they are.
    """

    source: str
    dialect: str
    tables: dict[str, TableStructure] = field(default_factory=dict)
    views: int = 0
    unread: tuple[str, ...] = ()
    reserved: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[TableStructure]:
        """The tables."""
        return iter(self.tables.values())
