"""Rows of a parent table in groups that agree on some columns, for foreign keys that share these."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers
from faasera.core.digest import value_words
from faasera.core.streams import Words, mix
from faasera.generators.context import Context, Tables
from faasera.plan.link import CardinalityLink

_PIECE = 1 << 16


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
    def sizes(self, tables: Tables, groups: Words) -> Integers:
        """How many rows each group has."""

    def room(self, leader: Context) -> Integers:
        """How many rows go with each row that the leading foreign key refers to."""
        return self.sizes(leader.tables, self.of(leader))

    def divisors(self, leader: Context) -> Words:
        """As ``room``, at least 1, to divide by."""
        room: Integers = np.maximum(self.room(leader), 1)
        return room.view(np.uint64)

    @abstractmethod
    def member(self, tables: Tables, groups: Words, ranks: Words) -> Words:
        """The row with a rank within each group."""


@dataclass(frozen=True)
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
    def sizes(self, tables: Tables, groups: Words) -> Integers:
        return self.cardinality.totals(tables).counts(groups)

    @override
    def member(self, tables: Tables, groups: Words, ranks: Words) -> Words:
        return self.cardinality.totals(tables).starts(groups).view(np.uint64) + ranks


@dataclass(frozen=True)
class _Index:
    """Rows group by group.

    Attributes:
        known: the groups' words in order.
        starts: where each begins, and the end of the last.
        order: the rows.
    """

    known: Words
    starts: Integers
    order: Words


@dataclass(frozen=True)
class IndexGroups(Groups):
    """Groups by the values of columns, with a list of the rows of each: four bytes a row.

    Attributes:
        key: under which the list is kept.
        table: whose rows are grouped.
        row_count: of that table.
        columns: that a group has in common: of the table, or of what it refers to by ``via``.
        via: a foreign key of the table; None for its own columns.
        leader_columns: the leader's parent's columns that must have the same values.
    """

    key: str
    table: str
    row_count: int
    columns: tuple[str, ...]
    via: str | None
    leader_columns: tuple[str, ...]

    @override
    def of(self, leader: Context) -> Words:
        known = self._index(leader.tables).known
        words = words_of(leader, self.leader_columns)
        places = np.minimum(np.searchsorted(known, words), max(len(known) - 1, 0))
        missing = known[places] != words if len(known) else np.ones(len(words), dtype=np.bool_)
        return np.where(missing, len(known), places).astype(np.uint64)

    @override
    def sizes(self, tables: Tables, groups: Words) -> Integers:
        starts = np.append(self._index(tables).starts, self.row_count)
        found: Integers = starts[groups.view(np.int64) + 1] - starts[groups.view(np.int64)]
        return found

    @override
    def member(self, tables: Tables, groups: Words, ranks: Words) -> Words:
        index = self._index(tables)
        places = index.starts[groups.view(np.int64)] + ranks.view(np.int64)
        return index.order[np.minimum(places, max(len(index.order) - 1, 0))].astype(np.uint64)

    def ranks(self, tables: Tables, rows: Words, groups: Words) -> Words:
        """The place of rows of the grouped table within their groups."""
        index = self._index(tables)
        places = tables.index(f"places of {self.key}", lambda: _inverse(index.order))
        found: Integers = places[rows.view(np.int64)] - index.starts[groups.view(np.int64)]
        return found.view(np.uint64)

    def _index(self, tables: Tables) -> _Index:
        return tables.index(self.key, lambda: self._made(tables))

    def _made(self, tables: Tables) -> _Index:
        pieces = [np.empty(0, dtype=np.uint64)]
        for start in range(0, self.row_count, _PIECE):
            rows = np.arange(start, min(start + _PIECE, self.row_count), dtype=np.uint64)
            context = tables.rows(self.table, rows)
            pieces.append(words_of(context if self.via is None else context.parent(self.via), self.columns))
        words = np.concatenate(pieces)
        order = np.argsort(words, kind="stable")
        known, starts = np.unique(words[order], return_index=True)
        return _Index(known, np.append(starts, len(words)), order.astype(np.uint32))


def _inverse(order: Words) -> Integers:
    """Where each row stands in the order of groups."""
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
class Company:
    """The followers' choices beside each parent of the leader.

    Attributes:
        parent: the leader's parents.
        bound: the choices that are counted through.
        others: the choices of which there must be one.
    """

    parent: str
    bound: tuple[Groups, ...]
    others: tuple[Groups, ...]

    def combinations(self, tables: Tables, rows: Words) -> Integers:
        """How many combinations of what is bound agree with each of the leader's parents; 0 without company."""
        leader = tables.rows(self.parent, rows)
        found = np.ones(len(rows), dtype=np.int64)
        for groups in self.bound:
            found *= groups.room(leader)
        for groups in self.others:
            found *= np.minimum(groups.room(leader), 1)
        return found


@dataclass(frozen=True)
class Combinations:
    """The numbers of combinations, as running totals count them.

    Attributes:
        tables: rows of the plan.
        company: of each parent.
    """

    tables: Tables
    company: Company

    def __call__(self, rows: Words) -> Integers:
        """Those of these parents."""
        return self.company.combinations(self.tables, rows)
