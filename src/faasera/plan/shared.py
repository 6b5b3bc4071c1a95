"""Foreign keys that share columns, and so must agree on a part of their parents' keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Integers
from faasera.core.draws import Draw
from faasera.core.prefix_sums import PrefixSums
from faasera.core.streams import Stream, Words, below_each
from faasera.generators.context import Context
from faasera.plan.evaluate import Evaluation
from faasera.plan.groups import GroupForestLink, GroupLink, Groups, IndexGroups, RangeGroups, Ranks, words_of
from faasera.plan.links import ImpliedLink, Link
from faasera.plan.relations import Relation

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver

_MOST_INDEXED = 1 << 27


@dataclass(frozen=True)
class Component:
    """Foreign keys of one table that hang together by shared columns.

    Attributes:
        leader: chooses its parent first.
        followers: choose theirs among those that agree with it.
    """

    leader: Relation
    followers: tuple[Relation, ...]

    @property
    def relations(self) -> tuple[Relation, ...]:
        """All of them, the leader first."""
        return self.leader, *self.followers

    @property
    def columns(self) -> set[str]:
        """All of their columns."""
        return {column for relation in self.relations for column in relation.columns}

    def shared(self, follower: Relation) -> tuple[str, ...]:
        """The columns that a follower shares with the leader."""
        return tuple(column for column in follower.columns if column in self.leader.columns)


def components(table: "TableResolver") -> list[Component]:
    """The foreign keys of a table that share columns; what cannot be honoured is reported and left out."""
    groups: list[list[Relation]] = []
    for relation in table.relations.values():
        if relation.when is not None:
            continue
        touching = [group for group in groups if any(set(known.columns) & set(relation.columns) for known in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(known for group in touching for known in group), relation])
    found = []
    for group in groups:
        if len(group) > 1:
            order = sorted(group, key=lambda relation: _precedence(table, relation))
            made = Component(order[0], tuple(order[1:]))
            if _check(table, made):
                found.append(made)
    return found


def _precedence(table: "TableResolver", relation: Relation) -> tuple[bool, bool, int, bool]:
    """Lowest for the one that leads: other tables first, then whoever decides the rows, then the widest."""
    policy = relation.policy
    wishes = policy.distribution is not None or policy.unique
    return relation.parent is table, policy.children_per_parent is None, -len(relation.columns), not wishes


def _check(table: "TableResolver", component: Component) -> bool:
    fine = True
    leader = component.leader
    if leader.parent is table:
        message = f"'{leader.name}' refers to its own table and shares columns with '{component.followers[0].name}'"
        leader.problems.add("shared-columns", message, "Let the other foreign key have as many columns.")
        fine = False
    for follower in component.followers:
        policy, problems = follower.policy, follower.problems
        loose = set(follower.columns) - _own(component, follower) - set(leader.columns)
        if not component.shared(follower) or loose:
            message = (
                f"'{follower.name}' shares columns with a foreign key that does not share them with '{leader.name}'"
            )
            problems.add("shared-columns", message, "Let all of them share one column.", at=["columns"])
            fine = False
        for key, given in (("distribution", policy.distribution), ("childrenPerParent", policy.children_per_parent)):
            if given is not None:
                message = f"'{follower.name}' takes its parents from among those that agree with '{leader.name}'"
                problems.add("no-effect", message, f"Remove '{key}'.", at=[key])
                fine = False
        if policy.null_fraction and not _own(component, follower):
            message = f"all columns of '{follower.name}' belong to '{leader.name}' as well"
            problems.add("no-effect", message, "Remove 'nullFraction'.", at=["nullFraction"])
            fine = False
        if follower.parent is table and any(follower.target(one) != one for one in component.shared(follower)):
            message = f"'{follower.name}' refers to its own table, where the shared columns must mean the same"
            problems.add("shared-columns", message, "Let them refer to themselves.", at=["references", "columns"])
            fine = False
        if follower.parent is table and policy.acyclic is not None:
            shape = policy.acyclic
            if policy.null_fraction:
                message = "each group has as many rows without a parent as its forest has roots"
                problems.add("no-effect", message, "Use 'roots' of 'acyclic'.", at=["nullFraction"])
                fine = False
            if shape.max_depth is not None or (shape.branching and shape.branching.min < shape.branching.max):
                message = "a forest inside each group can have 'roots' and a fixed 'branching' only"
                problems.add("shared-columns", message, "Remove the other settings.", at=["acyclic"])
                fine = False
    if leader.policy.null_fraction and not set(leader.columns) - {
        column for follower in component.followers for column in follower.columns
    }:
        message = f"all columns of '{leader.name}' belong to other foreign keys as well"
        leader.problems.add("no-effect", message, "Remove 'nullFraction'.", at=["nullFraction"])
        fine = False
    return fine


def _own(component: Component, follower: Relation) -> set[str]:
    """The columns of a follower that no other foreign key has."""
    others = {column for relation in component.relations if relation is not follower for column in relation.columns}
    return set(follower.columns) - others


class SharedKeys:
    """The links of one component, once the tables that it refers to are known.

    Attributes:
        component: the foreign keys.
        groups: of each follower that chooses; the others follow by themselves.
        implied: the path of each follower that has no choice.
        free: followers that refer to their own table, which always has room.
    """

    def __init__(self, table: "TableResolver", component: Component) -> None:
        self.table = table
        self.component = component
        self.groups: dict[str, Groups] = {}
        self.implied: dict[str, tuple[str, ...]] = {}
        self.free: dict[str, Relation] = {}
        leader = component.leader
        for follower in component.followers:
            path = _implied_path(leader, follower)
            if follower.parent is table and follower.policy.acyclic is not None:
                self.free[follower.name] = follower
            elif path is not None:
                self.implied[follower.name] = path
            else:
                self.groups[follower.name] = self._groups(follower)

    def _groups(self, follower: Relation) -> Groups:
        """The rows that a follower may refer to, grouped by what it shares with the leader."""
        shared = self.component.shared(follower)
        leader, tables = self.component.leader, self.table.resolver.plans
        by = _common_parent(leader, follower, shared)
        if by is not None:
            cardinality = tables[follower.parent.name].cardinality
            assert cardinality is not None
            return RangeGroups(cardinality, by[0])
        columns = tuple(follower.target(column) for column in shared)
        if follower.parent.row_count > _MOST_INDEXED:
            message = (
                f"'{follower.name}' needs a list of the {follower.parent.row_count:,} rows of "
                f"'{follower.parent.name}'; it can have {_MOST_INDEXED:,}"
            )
            remedy = f"Give '{follower.parent.name}' its rows by 'childrenPerParent', so that each group is a range."
            follower.problems.add("row-count", message, remedy)
        parent = tables[follower.parent.name]

        def words(rows: Words) -> Words:
            return words_of(Evaluation(tables, parent, rows), columns)

        count = min(follower.parent.row_count, _MOST_INDEXED)
        return IndexGroups(words, count, tuple(leader.target(column) for column in shared))

    def combinations(self, names: Sequence[str]) -> Callable[[Words], Integers]:
        """How many choices the named followers have together beside each of the leader's parents."""
        tables = self.table.resolver.plans
        parent = tables[self.component.leader.parent.name]
        chosen = [self.groups[name] for name in names]

        def count(rows: Words) -> Integers:
            leader = Evaluation(tables, parent, rows)
            found = np.ones(len(rows), dtype=np.int64)
            for groups in chosen:
                found *= groups.room(leader)
            return found

        return count

    def joint(self, names: Sequence[str]) -> PrefixSums | None:
        """The choices of the leader and of the named followers, counted through; None where all parents will do."""
        if not names and all(groups.never_empty for groups in self.groups.values()):
            return None
        others = self.combinations([name for name in self.groups if name not in names])
        count = self.combinations(names)
        size = self.component.leader.parent.row_count
        maker = self.table.resolver.sums.maker("/".join((self.table.name, self.component.leader.name, *names)))
        return maker(size, lambda rows: count(rows) * np.minimum(others(rows), 1))

    def followers(self, ranks: dict[str, Ranks]) -> dict[str, Link]:
        """The links of all followers; ``ranks`` decides the choice of those that a unique tuple binds."""
        table, leader = self.table, self.component.leader
        links: dict[str, Link] = {}
        for follower in self.component.followers:
            name = follower.name
            stream = Stream(table.seed, table.name, name, "parent")
            if name in self.implied:
                links[name] = ImpliedLink(self.implied[name])
            elif name in self.free:
                links[name] = self._forest(follower, stream, own=table.roots_refer_to_themselves(follower))
            else:
                shared = self.component.shared(follower)
                links[name] = GroupLink(leader.name, self.groups[name], stream, shared, ranks.get(name))
        return links

    def _forest(self, follower: Relation, stream: Stream, *, own: bool) -> GroupForestLink:
        table, leader = self.table, self.component.leader
        forest = follower.policy.acyclic
        assert forest is not None
        roots = 1 if forest.roots is None else forest.roots
        branching = 1 if follower.policy.unique else (forest.branching.min if forest.branching else 0)
        if table.recursive and branching == 1:
            message = "a chain in each group may be too long to look up through all of its rows"
            follower.problems.add("forest", message, "Raise 'branching', or drop the lookup.", at=["acyclic"])
        groups: RangeGroups | IndexGroups
        if leader.policy.children_per_parent is not None:
            link = table.cardinality
            assert link is not None
            groups = RangeGroups(link, None)
        else:
            tables, shared = table.resolver.plans, self.component.shared(follower)
            columns = tuple(leader.target(column) for column in shared)

            def words(rows: Words) -> Words:
                return words_of(Evaluation(tables, tables[table.name], rows).parent(leader.name), columns)

            groups = IndexGroups(words, table.row_count, columns)
        if roots == 0 and table.row_count:
            message = "rows with no root among them would go round in a circle: a forest of no roots has no rows"
            follower.problems.add("forest", message, "Let 'roots' be 1 or more.", at=["acyclic", "roots"])
        return GroupForestLink(leader.name, groups, roots, branching, own, stream)


def _implied_path(leader: Relation, follower: Relation) -> tuple[str, ...] | None:
    """The way from the leader's parent to the follower's, where the leader's columns are all that it needs."""
    if not set(follower.columns) <= set(leader.columns):
        return None
    wanted = {leader.target(column): follower.target(column) for column in follower.columns}
    for relation in leader.parent.relations.values():
        known = dict(zip(relation.columns, relation.parent_columns, strict=True))
        plain = relation.when is None and not relation.policy.null_fraction and relation.parent is not leader.parent
        if relation.parent is follower.parent and known == wanted and plain:
            return leader.name, relation.name
    return None


def _common_parent(leader: Relation, follower: Relation, shared: Sequence[str]) -> tuple[str | None] | None:
    """How the leader's parents lead to the table whose children the follower's parents are; None where they do not."""
    relations = follower.parent.relations.values()
    deciding = next((relation for relation in relations if relation.policy.children_per_parent is not None), None)
    if deciding is None or deciding.when is not None:
        return None
    known = dict(zip(deciding.columns, deciding.parent_columns, strict=True))
    if set(known) != {follower.target(column) for column in shared}:
        return None
    wanted = {leader.target(column): known[follower.target(column)] for column in shared}
    if leader.parent is deciding.parent and all(own == other for own, other in wanted.items()):
        return (None,)
    for relation in leader.parent.relations.values():
        same = dict(zip(relation.columns, relation.parent_columns, strict=True)) == wanted
        if relation.parent is deciding.parent and same and not relation.policy.null_fraction and relation.when is None:
            return (relation.name,)
    return None


@dataclass(frozen=True)
class JointDraw(Draw):
    """The leader's parent of a drawn combination."""

    inner: Draw
    sums: PrefixSums

    @property
    @override
    def size(self) -> int:
        """Of the combinations."""
        return self.inner.size

    @override
    def indices(self, rows: Words) -> Words:
        return self.sums.find(self.inner.indices(rows))[0]

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}, with all that agrees with each"


def joint_ranks(shared: SharedKeys, names: Sequence[str], draw: JointDraw) -> dict[str, Ranks]:
    """The place of each named follower's parent in its group, as digits of the drawn combination."""

    def digit(position: int) -> Ranks:
        def ranks(context: Context) -> Words:
            rest = draw.sums.find(draw.inner.indices(context.rows))[1].view(np.uint64)
            leader = context.parent(shared.component.leader.name)
            for before in names[:position]:
                rest = rest // _sizes(shared.groups[before], leader)
            return rest % _sizes(shared.groups[names[position]], leader)

        return ranks

    return {name: digit(position) for position, name in enumerate(names)}


def sibling_ranks(shared: SharedKeys, names: Sequence[str], stream: Stream) -> dict[str, Ranks]:
    """Likewise where each parent's children are numbered: the numbers, moved by a distance of the parent's own."""

    def digit(position: int) -> Ranks:
        def ranks(context: Context) -> Words:
            siblings, leader = context.siblings(), context.parent(shared.component.leader.name)
            sizes: list[Words] = [_sizes(shared.groups[name], leader) for name in names]
            whole: Words = prod(sizes[1:], start=sizes[0])
            rest: Words = siblings.ranks.view(np.uint64) + below_each(stream.words(siblings.parents), whole)
            rest %= whole
            for size in sizes[:position]:
                rest //= size
            found: Words = rest % sizes[position]
            return found

        return ranks

    return {name: digit(position) for position, name in enumerate(names)}


def _sizes(groups: Groups, leader: Context) -> Words:
    """The groups' sizes, at least 1, to divide by."""
    sizes: Integers = np.maximum(groups.room(leader), 1)
    return sizes.view(np.uint64)
