"""Rows of a table while they are made, as those who make columns see them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.streams import Words


@dataclass(frozen=True)
class Siblings:
    """Where rows stand among the children of their parents, by the foreign key that decides the table's row count.

    Attributes:
        parents: the parent's row number of each row.
        ranks: how many children of the same parent come before, from 0.
    """

    parents: Words
    ranks: Integers


class Context(ABC):
    """Rows of one table while they are made; columns are made when somebody asks, and once.

    Attributes:
        rows: the row numbers, in any order.
    """

    rows: Words

    @abstractmethod
    def at(self, rows: Words) -> "Context":
        """Other rows of the same table."""

    @abstractmethod
    def elsewhere(self, table: str, rows: Words) -> "Context":
        """Rows of another table of the same plan."""

    @abstractmethod
    def siblings(self) -> Siblings:
        """Each row's place among the children of its parent."""

    @abstractmethod
    def sibling_counts(self) -> Integers:
        """How many children the parent of each row has."""

    @abstractmethod
    def children(self, table: str, start: int, stop: int) -> tuple["Context", Integers]:
        """All children of some of these rows, one parent's after the other's, and how many each has.

        Args:
            table: the table whose row count these rows decide.
            start: the first of these rows, by position.
            stop: the end, excluded.
        """

    @abstractmethod
    def child_counts(self, table: str) -> Integers:
        """How many children each of these rows has in a table."""

    @abstractmethod
    def column(self, name: str) -> pa.Array:
        """The values of a column of these rows."""

    @abstractmethod
    def parent(self, foreign_key: str) -> "Context":
        """The rows of the parent table that these rows refer to."""

    @abstractmethod
    def has_parent(self, foreign_key: str) -> Mask | None:
        """Which rows refer to a parent at all; None when all do."""

    @abstractmethod
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        """Something about these rows that several columns need, made once."""


class Delegating(Context):
    """Rows as another context has them: a subclass says what differs.

    What several columns share is kept here, as the rows are not those of the other context.

    Attributes:
        base: the other context.
    """

    def __init__(self, base: Context, rows: Words) -> None:
        self.base = base
        self.rows = rows
        self._shared: dict[str, Any] = {}

    @override
    def elsewhere(self, table: str, rows: Words) -> Context:
        return self.base.elsewhere(table, rows)

    @override
    def siblings(self) -> Siblings:
        return self.base.siblings()

    @override
    def sibling_counts(self) -> Integers:
        return self.base.sibling_counts()

    @override
    def children(self, table: str, start: int, stop: int) -> tuple[Context, Integers]:
        return self.base.children(table, start, stop)

    @override
    def child_counts(self, table: str) -> Integers:
        return self.base.child_counts(table)

    @override
    def column(self, name: str) -> pa.Array:
        return self.base.column(name)

    @override
    def parent(self, foreign_key: str) -> Context:
        return self.base.parent(foreign_key)

    @override
    def has_parent(self, foreign_key: str) -> Mask | None:
        return self.base.has_parent(foreign_key)

    @override
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]
