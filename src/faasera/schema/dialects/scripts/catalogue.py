"""What the statements of a script have made so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from faasera.databases.structure import CheckConstraint, Trigger, UniqueKey
from faasera.schema.dialects.partitions import Partition

Name = tuple[str, ...]
"""A name, with what it belongs to in front."""
_LONGEST_NAME = 63


@dataclass(eq=False)
class UserType:
    """A type that the script makes.

    Attributes:
        name: with its schema in front where it was made with one.
        kind: ``enum``, ``domain``, ``composite``, ``range``, or another, of which columns are not known.
        values: of an enumeration.
        base: of a domain: a column that stands for it; of a range: one of the type between its ends.
        checks: of a domain.
        columns: of a composite type.
    """

    name: Name
    kind: str
    values: list[str] = field(default_factory=list)
    base: "Column | None" = None
    checks: list[CheckConstraint] = field(default_factory=list)
    columns: "list[Column]" = field(default_factory=list)


@dataclass(eq=False)
class Column:
    """A column while it is changed."""

    name: str
    type: str = ""
    user_type: UserType | None = None
    array: bool = False
    nullable: bool = True
    default: str | None = None
    generated: bool = False
    identity: bool = False
    comment: str | None = None

    def copy(self) -> "Column":
        """The same column for another table."""
        return Column(**self.__dict__)


@dataclass(eq=False)
class ForeignKey:
    """A reference while it is changed; ``parent`` is the table, or its name until there is one."""

    columns: tuple[str, ...]
    parent: "Table | Name"
    references: tuple[str, ...]
    name: str = ""
    deferrable: bool = False


@dataclass(eq=False)
class PartOf:
    """What a table is part of, and for which rows: ``FOR VALUES …`` or ``DEFAULT``."""

    parent: "Table"
    bound: str


@dataclass(eq=False)
class Table:
    """A table while it is changed.

    Attributes:
        schema: that it is in; empty for none.
        temporary: whether it is gone with its session.
        partition: what it is part of.
        partitioned: how it is cut: ``LIST``, ``RANGE`` or ``HASH``, and what decides; None for a whole one.
        parts: that its own statement lists, as MySQL's does.
        parents: tables that it inherits from.
    """

    schema: str
    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    primary_name: str = ""
    unique_keys: list[UniqueKey] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    other_names: set[str] = field(default_factory=set)
    comment: str | None = None
    unread: list[str] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    temporary: bool = False
    partition: PartOf | None = None
    partitioned: tuple[str, tuple[str, ...]] | None = None
    parts: Partition | None = None
    parents: "list[Table]" = field(default_factory=list)

    def column(self, name: str) -> Column | None:
        """A column by its name, whatever its case."""
        found = self.columns.get(name)
        if found is None:
            folded = name.casefold()
            found = next((one for one in self.columns.values() if one.name.casefold() == folded), None)
        return found

    def spelled(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names of columns in their own case."""
        return tuple(found.name if (found := self.column(one)) is not None else one for one in names)

    def constraint_names(self) -> Iterator[str]:
        """The names of all its constraints."""
        yield self.primary_name
        for listed in (self.unique_keys, self.foreign_keys, self.checks):
            yield from (one.name for one in listed)
        yield from self.other_names


class Catalogue:
    """Tables, types and views by their names.

    Args:
        default: the schema that names without one are in.
        exact: whether names differ by their case.
    """

    def __init__(self, default: str, *, exact: bool) -> None:
        self.default = default
        self.current = default
        self.exact = exact
        self.tables: list[Table] = []
        self.views: set[tuple[str, str]] = set()
        self.virtual: set[str] = set()
        self.lost: dict[tuple[str, str], str] = {}
        self._by_name: dict[tuple[str, str], Table] = {}
        self._types: dict[str, list[UserType]] = {}
        self._constraint_names: dict[str, set[str]] = {}

    def place(self, name: Name) -> tuple[str, str]:
        """Schema and name."""
        return (name[-2], name[-1]) if len(name) > 1 else (self.current, name[-1])

    def _key(self, schema: str, name: str) -> tuple[str, str]:
        return (schema, name) if self.exact else (schema.casefold(), name.casefold())

    def table(self, name: Name) -> Table | None:
        """The table of a name; in any schema where none is named and the usual one has none."""
        schema, own = self.place(name)
        found = self._by_name.get(self._key(schema, own))
        if found is None and len(name) == 1:
            found = self._by_name.get(self._key(self.default, own))
        if found is None and self.exact and own != own.lower():
            folded = (schema.casefold(), own.casefold())
            found = next((one for one in self.tables if (one.schema.casefold(), one.name.casefold()) == folded), None)
        return found

    def meant(self, name: Name) -> Table | None:
        """The table of a name, in the schema that is meant where none is named."""
        return self._by_name.get(self._key(*self.place(name)))

    def is_view(self, name: Name) -> bool:
        """Whether a name is a view's."""
        return self._key(*self.place(name)) in self.views or self._key(self.default, name[-1]) in self.views

    def add_view(self, name: Name) -> None:
        """Remember a view."""
        self.views.add(self._key(*self.place(name)))

    def drop_view(self, name: Name) -> None:
        """Forget a view."""
        self.views.discard(self._key(*self.place(name)))

    def lose(self, name: Name, sentence: str) -> None:
        """Remember a table that cannot be read, with what was said of it."""
        self.lost[self._key(*self.place(name))] = sentence

    def is_lost(self, name: Name) -> bool:
        """Whether a table cannot be read."""
        return self._key(*self.place(name)) in self.lost

    def forget(self, name: Name) -> str:
        """What was said of a lost table, which is gone now; empty where there was none."""
        return self.lost.pop(self._key(*self.place(name)), "")

    def add(self, table: Table) -> None:
        """Add a table."""
        self.tables.append(table)
        self._by_name[self._key(table.schema, table.name)] = table

    def drop(self, table: Table, *, cascade: bool) -> None:
        """Take a table away, with those that are part of it; references to it go with it, or wait for another one of its name."""
        self.free_names()
        for one in [one for one in self.tables if one.partition is not None and one.partition.parent is table]:
            self.drop(one, cascade=cascade)
        for one in [one for one in self.tables if table in one.parents]:
            if cascade:
                self.drop(one, cascade=True)
            else:
                one.parents.remove(table)
        if table in self.tables:
            self.tables.remove(table)
            del self._by_name[self._key(table.schema, table.name)]
        for other in self.tables:
            if cascade:
                other.foreign_keys = [key for key in other.foreign_keys if key.parent is not table]
            for key in other.foreign_keys:
                if key.parent is table:
                    key.parent = (table.schema, table.name) if table.schema else (table.name,)

    def rename(self, table: Table, schema: str, name: str) -> None:
        """Give a table another name."""
        self.free_names()
        self._by_name.pop(self._key(table.schema, table.name), None)
        table.schema, table.name = schema, name
        self._by_name[self._key(schema, name)] = table

    def referring(self, table: Table) -> Iterator[ForeignKey]:
        """References to a table."""
        for other in self.tables:
            for key in other.foreign_keys:
                if key.parent is table:
                    yield key
                elif not isinstance(key.parent, Table) and self.table(key.parent) is table:
                    key.parent = table
                    yield key

    def heirs(self, table: Table) -> list[Table]:
        """The tables that have a table's columns by inheritance, and those that are part of it."""
        direct = [
            one
            for one in self.tables
            if table in one.parents or (one.partition is not None and one.partition.parent is table)
        ]
        return [found for one in direct for found in (one, *self.heirs(one))]

    def add_type(self, made: UserType) -> None:
        """Remember a type."""
        self._types.setdefault(made.name[-1].casefold(), []).append(made)

    def drop_type(self, made: UserType) -> None:
        """Forget a type."""
        self._types[made.name[-1].casefold()].remove(made)

    def type(self, name: Name) -> UserType | None:
        """The type of a name; of another schema where the named one has none."""
        found = self._types.get(name[-1].casefold())
        if not found:
            return None
        wanted = tuple(one.casefold() for one in name)
        return next((one for one in found if tuple(part.casefold() for part in one.name) == wanted), found[-1])

    def new_name(self, schema: str, *parts: str) -> str:
        """A name for a constraint that has none, as PostgreSQL makes it: of at most 63 characters, with a number if need be."""
        taken = self._constraint_names.get(schema)
        if taken is None:
            taken = {name for one in self.tables if one.schema == schema for name in one.constraint_names()}
            self._constraint_names[schema] = taken
        number = 0
        while True:
            made = _joined(parts, f"{number or ''}")
            if made not in taken:
                taken.add(made)
                return made
            number += 1

    def take_name(self, schema: str, name: str) -> str:
        """A constraint's name, which no other gets by itself."""
        if schema in self._constraint_names:
            self._constraint_names[schema].add(name)
        return name

    def free_names(self) -> None:
        """Names of constraints that are gone can be given again."""
        self._constraint_names.clear()


def _joined(parts: tuple[str, ...], number: str) -> str:
    """Parts of a name, the longer of the first two cut until all have room."""
    first, second, label = (parts[0], "", parts[1]) if len(parts) == 2 else parts[:3]
    room = _LONGEST_NAME - len(label) - len(number) - 1 - bool(second)
    while len(first) + len(second) > room:
        first, second = (first[:-1], second) if len(first) > len(second) else (first, second[:-1])
    return "_".join(one for one in (first, second, label + number) if one)
