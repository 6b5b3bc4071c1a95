"""Links: from a row to its parent's row number. They hold names and streams, and ask the rows that they are given."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.draws import Draw
from faasera.core.errors import Problems
from faasera.core.prefix_sums import Counts, PrefixSums
from faasera.core.streams import Words
from faasera.generators.context import Context, Tables


class Totals(Protocol):
    """Who keeps running totals: those of a plan, or the plan's rows."""

    def totals(self, key: str, size: int, counts: Counts) -> PrefixSums:
        """The running totals of so many numbers, made once under this key."""


class Link(ABC):
    """How the rows of one foreign key find their parents."""

    @property
    def follows(self) -> bool:
        """Whether another parent can be drawn for a row among those that agree with what another foreign key chose."""
        return False

    @property
    def parents_first(self) -> bool:
        """Whether the parent of a row of the same table has a lower number."""
        return False

    @property
    def redrawable(self) -> bool:
        """Whether a row may have any other parent instead."""
        return False

    @abstractmethod
    def parents(self, context: Context) -> Words:
        """The parent's row number of each row; any row's where there is no parent."""

    def present(self, context: Context) -> Mask | None:  # noqa: ARG002
        """Which rows have a parent; None when all do."""
        return None

    def check(self, tables: Tables, problems: Problems) -> None:  # noqa: B027
        """Report what can be seen only once rows can be made; at the foreign key."""

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class ChildCounts:
    """How many children parents have; by itself, as other processes may do the counting.

    Attributes:
        draw: of each parent's number beyond the fewest.
        least: the fewest.
    """

    draw: Draw
    least: int

    def __call__(self, parents: Words) -> Integers:
        """The numbers."""
        return self.draw.indices(parents).view(np.int64) + np.int64(self.least)


@dataclass(frozen=True)
class CardinalityLink(Link):
    """Each parent draws how many children it has; they follow one another, parent after parent.

    Attributes:
        key: under which the running totals are kept.
        foreign_key: its name, for the plan.
        least: the fewest children.
        most: the most.
        draw: of each parent's number beyond the fewest.
        parent_count: how many parents there are.
        row_count: how many children they have in all.
        largest: how many the parent with the most of them has.
    """

    key: str
    foreign_key: str
    least: int
    most: int
    draw: Draw
    parent_count: int
    row_count: int = 0
    largest: int = 0

    def totals(self, kept: Totals) -> PrefixSums:
        """The running totals of the numbers of children."""
        return kept.totals(self.key, self.parent_count, ChildCounts(self.draw, self.least))

    @override
    def parents(self, context: Context) -> Words:
        return context.siblings().parents

    @override
    def describe(self) -> str:
        shape = f"; {self.draw.describe()}" if self.least < self.most else ""
        return f"{self.least:,} … {self.most:,} children a parent{shape}; {self.row_count:,} in all"


@dataclass(frozen=True)
class ImpliedLink(Link):
    """The same parent that the row of another foreign key has already.

    Attributes:
        path: the foreign keys that lead there, the first one of this table.
    """

    path: tuple[str, ...]

    @override
    def parents(self, context: Context) -> Words:
        for name in self.path:
            context = context.parent(name)
        return context.rows

    @override
    def describe(self) -> str:
        return f"follows from {' → '.join(self.path)}"
