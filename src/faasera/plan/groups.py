"""Rows of a parent table in groups that agree on some columns, for foreign keys that share these."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.digest import value_words
from faasera.core.streams import Stream, Words, below_each, mix
from faasera.generators.context import Context
from faasera.plan.links import CardinalityLink, Link

_PIECE = 1 << 16
Ranks = Callable[[Context], Words]
"""Which of the rows that agree with the leader's parent each row takes."""


class Groups(ABC):
    """The rows of a parent table, in groups that agree on some columns.

    Attributes:
        never_empty: whether every row of the leading foreign key's parent has a group with rows.
    """

    never_empty: bool = False

    @abstractmethod
    def of(self, leader: Context) -> Words:
        """The group that goes with each row that the leading foreign key refers to."""

    @abstractmethod
    def sizes(self, groups: Words) -> Integers:
        """How many rows each group has."""

    def room(self, leader: Context) -> Integers:
        """How many rows go with each row that the leading foreign key refers to."""
        return self.sizes(self.of(leader))

    @abstractmethod
    def member(self, groups: Words, ranks: Words) -> Words:
        """The row with a rank within each group."""


@dataclass(frozen=True)
class GroupLink(Link):
    """A parent that agrees with the one of another foreign key on the columns that both share.

    Attributes:
        leader: the other foreign key.
        groups: the possible parents.
        ranks: which of them each row takes; None for any.
        stream: of the choice.
        shared: the columns, for the plan.
    """

    leader: str
    groups: Groups
    stream: Stream
    shared: tuple[str, ...]
    ranks: Ranks | None = field(default=None, repr=False)

    @override
    def parents(self, context: Context) -> Words:
        groups = self.groups.of(context.parent(self.leader))
        if self.ranks is not None:
            return self.groups.member(groups, self.ranks(context))
        sizes = np.maximum(self.groups.sizes(groups), 1).view(np.uint64)
        return self.groups.member(groups, below_each(self.stream.words(context.rows), sizes))

    @override
    def describe(self) -> str:
        way = "uniform" if self.ranks is None else "part of a unique tuple"
        return f"{way}, among those with the same {', '.join(self.shared)} as {self.leader}"


@dataclass(frozen=True, eq=False)
class RangeGroups(Groups):
    """Groups that are the children of one parent, and so a range of rows.

    Attributes:
        cardinality: of the table whose rows are grouped.
        key: the foreign key by which the leader's parents have the same parents; None where these are they.
    """

    cardinality: CardinalityLink
    key: str | None

    @property
    def never_empty(self) -> bool:  # type: ignore[override]
        """Whether every parent has children."""
        return self.cardinality.least > 0

    @override
    def of(self, leader: Context) -> Words:
        return leader.rows if self.key is None else leader.parent(self.key).rows

    @override
    def sizes(self, groups: Words) -> Integers:
        return self.cardinality.sums.counts(groups)

    @override
    def member(self, groups: Words, ranks: Words) -> Words:
        return self.cardinality.sums.starts(groups).view(np.uint64) + ranks


@dataclass(frozen=True, eq=False)
class IndexGroups(Groups):
    """Groups by the values of columns, with a list of the rows of each: four bytes a row.

    Attributes:
        words: makes one word of the values that a row of the grouped table has.
        row_count: of that table.
        columns: the leader's parent's columns that must have the same values.
    """

    words: Callable[[Words], Words]
    row_count: int
    columns: tuple[str, ...]

    @cached_property
    def _index(self) -> tuple[Words, Integers, Words]:
        """The groups' words in order, where each begins, and the rows group by group."""
        pieces = [np.empty(0, dtype=np.uint64)]
        for start in range(0, self.row_count, _PIECE):
            pieces.append(self.words(np.arange(start, min(start + _PIECE, self.row_count), dtype=np.uint64)))
        words = np.concatenate(pieces)
        order = np.argsort(words, kind="stable")
        known, starts = np.unique(words[order], return_index=True)
        return known, np.append(starts, len(words)), order.astype(np.uint32)

    @override
    def of(self, leader: Context) -> Words:
        known = self._index[0]
        words = words_of(leader, self.columns)
        places = np.minimum(np.searchsorted(known, words), max(len(known) - 1, 0))
        missing = known[places] != words if len(known) else np.ones(len(words), dtype=np.bool_)
        return np.where(missing, len(known), places).astype(np.uint64)

    @override
    def sizes(self, groups: Words) -> Integers:
        starts = np.append(self._index[1], self.row_count)
        found: Integers = starts[groups.view(np.int64) + 1] - starts[groups.view(np.int64)]
        return found

    @override
    def member(self, groups: Words, ranks: Words) -> Words:
        _, starts, order = self._index
        places = starts[groups.view(np.int64)] + ranks.view(np.int64)
        return order[np.minimum(places, max(len(order) - 1, 0))].astype(np.uint64)

    def ranks(self, rows: Words, groups: Words) -> Words:
        """The place of rows of the grouped table within their groups."""
        places = self._places[rows.view(np.int64)]
        return (places - self._index[1][groups.view(np.int64)]).view(np.uint64)

    @cached_property
    def _places(self) -> Integers:
        """Where each row stands in the order of groups."""
        order = self._index[2]
        places = np.empty(len(order), dtype=np.int64)
        places[order] = np.arange(len(order))
        return places


def words_of(context: Context, columns: Sequence[str]) -> Words:
    """One 64-bit word for the values of several columns, equal where these are equal."""
    total = np.zeros(len(context.rows), dtype=np.uint64)
    for column in columns:
        total = mix(total + value_words(context.column(column)))
    return total


@dataclass(frozen=True)
class GroupForestLink(Link):
    """A forest in each group of a table's own rows.

    Attributes:
        leader: the foreign key whose parents make the groups.
        groups: the table's rows by that parent.
        roots: how many rows of each group have no parent.
        branching: how many children each row has; 0 for any number.
        own: whether a root refers to itself.
        stream: of the choice among possible parents.
    """

    leader: str
    groups: RangeGroups | IndexGroups
    roots: int
    branching: int
    own: bool
    stream: Stream

    def _place(self, context: Context) -> tuple[Words, Words]:
        if isinstance(self.groups, RangeGroups):
            siblings = context.siblings()
            return siblings.parents, siblings.ranks.view(np.uint64)
        groups = self.groups.of(context.parent(self.leader))
        return groups, self.groups.ranks(context.rows, groups)

    @override
    def parents(self, context: Context) -> Words:
        groups, ranks = self._place(context)
        inner = ranks >= np.uint64(self.roots)
        if self.branching:
            above = (ranks - np.uint64(self.roots)) // np.uint64(self.branching)
        else:
            above = below_each(self.stream.words(context.rows), ranks)
        return self.groups.member(groups, np.where(inner, above, ranks))

    @override
    def present(self, context: Context) -> Mask | None:
        return None if self.own else self._place(context)[1] >= np.uint64(self.roots)

    @override
    def describe(self) -> str:
        shape = f"{self.branching:,} children each" if self.branching else "any earlier row as parent"
        return f"in each group by {self.leader} a forest of {self.roots:,} root{'s' * (self.roots != 1)}, {shape}"
