"""Links: from a row to its parent's row number."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.draws import Draw
from faasera.core.prefix_sums import Maker, PrefixSums
from faasera.core.streams import Stream, Words, below_each
from faasera.generators.context import Context


class Link(ABC):
    """How the rows of one foreign key find their parents."""

    @abstractmethod
    def parents(self, context: Context) -> Words:
        """The parent's row number of each row; any row's where there is no parent."""

    def present(self, context: Context) -> Mask | None:  # noqa: ARG002
        """Which rows have a parent; None when all do."""
        return None

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class DrawnLink(Link):
    """Each row draws its parent."""

    draw: Draw

    @override
    def parents(self, context: Context) -> Words:
        return self.draw.indices(context.rows)

    @override
    def describe(self) -> str:
        return self.draw.describe()


@dataclass(frozen=True)
class ChildCounts:
    """How many children parents have; by itself, as other processes may do the counting."""

    draw: Draw
    least: int

    def __call__(self, parents: Words) -> Integers:
        """The numbers."""
        return self.draw.indices(parents).view(np.int64) + np.int64(self.least)


@dataclass(frozen=True)
class CardinalityLink(Link):
    """Each parent draws how many children it has; they follow one another, parent after parent.

    Attributes:
        least: the fewest children.
        most: the most.
        draw: of each parent's number beyond the fewest.
        parent_count: how many parents there are.
        make_sums: makes the running totals.
    """

    least: int
    most: int
    draw: Draw
    parent_count: int
    make_sums: Maker = field(default=PrefixSums, compare=False, repr=False)

    @cached_property
    def sums(self) -> PrefixSums:
        """The running totals of the numbers of children."""
        return self.make_sums(self.parent_count, ChildCounts(self.draw, self.least))

    def place(self, rows: Words) -> tuple[Words, Integers]:
        """Each row's parent, and its rank among the parent's children."""
        return self.sums.find(rows)

    @override
    def parents(self, context: Context) -> Words:
        return context.siblings().parents

    @override
    def describe(self) -> str:
        shape = f"; {self.draw.describe()}" if self.least < self.most else ""
        return f"{self.least:,} … {self.most:,} children a parent{shape}; {self.sums.total:,} in all"


@dataclass(frozen=True)
class ForestLink(Link):
    """Rows of one table under one another: the roots come first, and a parent before its children.

    Attributes:
        roots: how many.
        row_count: of the table.
        stream: of the choice among possible parents.
        levels: where each depth begins, and the end of the last, where the depth shapes the forest.
        sums: of the numbers of children, where branching shapes it.
        own: whether a root refers to itself.
        shape: a phrase for the plan.
    """

    roots: int
    row_count: int
    stream: Stream
    levels: tuple[int, ...] = ()
    sums: PrefixSums | None = None
    own: bool = False
    shape: str = ""

    @override
    def parents(self, context: Context) -> Words:
        rows = context.rows
        inner = np.flatnonzero(rows >= np.uint64(self.roots))
        if len(inner) < len(rows):
            found = rows.copy()
            found[inner] = self._parents(rows[inner])
            return found
        return self._parents(rows)

    def _parents(self, rows: Words) -> Words:
        if self.sums is not None:
            return self.sums.find(rows - np.uint64(self.roots))[0]
        words = self.stream.words(rows)
        if not self.levels:
            return below_each(words, rows)
        starts = np.array(self.levels, dtype=np.uint64)
        level = np.searchsorted(starts, rows, side="right") - 1
        return starts[level - 1] + below_each(words, starts[level] - starts[level - 1])

    @override
    def present(self, context: Context) -> Mask | None:
        return None if self.own else context.rows >= np.uint64(self.roots)

    def depth(self, limit: int) -> int:
        """The most steps from a row to its root; ``limit`` where it is that deep or may be deeper."""
        if self.levels:
            return len(self.levels) - 2
        if self.sums is None:
            # A random recursive tree's height is near e·ln(n) (Pittel, "Note on the heights of random recursive trees
            # and random m-ary search trees", 1994).
            return min(limit, int(2.72 * np.log(max(self.row_count, 2))) + 20)
        end, depth = self.roots, 0
        while end < self.row_count and depth < limit:
            end = self.roots + int(self.sums.starts(np.array([end], dtype=np.uint64))[0])
            depth += 1
        return depth

    @override
    def describe(self) -> str:
        return f"a forest of {self.roots:,} root{'s' * (self.roots != 1)}{self.shape}"


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
