"""Links of foreign keys that share columns: to parents that agree with another foreign key's."""

from dataclasses import dataclass, field
from math import prod
from typing import Protocol

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.draws import Draw
from faasera.core.prefix_sums import PrefixSums
from faasera.core.streams import Stream, Words, below_each
from faasera.generators.context import Context, Tables
from faasera.plan.link import Link
from faasera.plan.links.groups import Combinations, Company, Groups, IndexGroups, RangeGroups


class Ranks(Protocol):
    """Which of the rows that agree with the leader's parent each row takes."""

    def __call__(self, context: Context) -> Words:
        """Their ranks within the groups."""


@dataclass(frozen=True)
class GroupLink(Link):
    """A parent that agrees with the one of another foreign key on the columns that both share.

    Attributes:
        leader: the other foreign key.
        groups: the possible parents.
        stream: of the choice.
        shared: the columns, for the plan.
        ranks: which of them each row takes; None for any.
    """

    leader: str
    groups: Groups
    stream: Stream
    shared: tuple[str, ...]
    ranks: Ranks | None = field(default=None, repr=False)

    @property
    @override
    def follows(self) -> bool:
        return self.ranks is None

    @override
    def parents(self, context: Context) -> Words:
        groups, tables = self.groups.of(context.parent(self.leader)), context.tables
        if self.ranks is not None:
            return self.groups.member(tables, groups, self.ranks(context))
        sizes = np.maximum(self.groups.sizes(tables, groups), 1).view(np.uint64)
        return self.groups.member(tables, groups, below_each(self.stream.words(context.rows), sizes))

    @override
    def describe(self) -> str:
        way = "uniform" if self.ranks is None else "part of a unique tuple"
        return f"{way}, among those with the same {', '.join(self.shared)} as {self.leader}"


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
        return groups, self.groups.ranks(context.tables, context.rows, groups)

    @override
    def parents(self, context: Context) -> Words:
        groups, ranks = self._place(context)
        inner = ranks >= np.uint64(self.roots)
        if self.branching:
            above = (ranks - np.uint64(self.roots)) // np.uint64(self.branching)
        else:
            above = below_each(self.stream.words(context.rows), ranks)
        return self.groups.member(context.tables, groups, np.where(inner, above, ranks))

    @override
    def present(self, context: Context) -> Mask | None:
        return None if self.own else self._place(context)[1] >= np.uint64(self.roots)

    @override
    def describe(self) -> str:
        shape = f"{self.branching:,} children each" if self.branching else "any earlier row as parent"
        return f"in each group by {self.leader} a forest of {self.roots:,} root{'s' * (self.roots != 1)}, {shape}"


@dataclass(frozen=True)
class JointLink(Link):
    """The leader's parent of a drawn combination of all that agrees.

    Attributes:
        key: under which the running totals of the combinations are kept.
        parent_count: how many parents the leader has.
        company: of each of them.
        draw: among the combinations.
    """

    key: str
    parent_count: int
    company: Company
    draw: Draw

    def totals(self, tables: Tables) -> PrefixSums:
        """The running totals of the combinations."""
        return tables.totals(self.key, self.parent_count, Combinations(tables, self.company))

    def place(self, context: Context) -> tuple[Words, Integers]:
        """Each row's parent, and which of the combinations beside it."""
        return self.totals(context.tables).find(self.draw.of(context))

    @override
    def parents(self, context: Context) -> Words:
        return self.place(context)[0]

    @override
    def describe(self) -> str:
        return f"{self.draw.describe()}, with all that agrees with each"


@dataclass(frozen=True)
class JointRanks:
    """The place of a follower's parent in its group, as a digit of the drawn combination.

    Attributes:
        leader: the leading foreign key.
        link: its link.
        position: which digit: the follower's place among what is bound.
    """

    leader: str
    link: JointLink
    position: int

    def __call__(self, context: Context) -> Words:
        """The ranks of these rows."""
        rest = self.link.place(context)[1].view(np.uint64)
        leader, bound = context.parent(self.leader), self.link.company.bound
        for groups in bound[: self.position]:
            rest = rest // groups.divisors(leader)
        return rest % bound[self.position].divisors(leader)


@dataclass(frozen=True)
class SiblingRanks:
    """Likewise where each parent's children are numbered: the numbers, moved by a distance of the parent's own.

    Attributes:
        leader: the leading foreign key.
        bound: the groups that are counted through.
        position: the follower's place among them.
        stream: of the distances.
    """

    leader: str
    bound: tuple[Groups, ...]
    position: int
    stream: Stream

    def __call__(self, context: Context) -> Words:
        """The ranks of these rows."""
        siblings, leader = context.siblings(), context.parent(self.leader)
        sizes: list[Words] = [groups.divisors(leader) for groups in self.bound]
        whole: Words = prod(sizes[1:], start=sizes[0])
        rest: Words = siblings.ranks.view(np.uint64) + below_each(self.stream.words(siblings.parents), whole)
        rest %= whole
        for size in sizes[: self.position]:
            rest //= size
        found: Words = rest % sizes[self.position]
        return found
