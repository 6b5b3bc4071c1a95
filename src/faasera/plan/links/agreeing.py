"""Foreign keys that share columns: one leads, and the others draw among the parents that agree with its."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from faasera.core.draws import Draw
from faasera.core.streams import Stream
from faasera.plan.components import Component
from faasera.plan.frame import Frame
from faasera.plan.link import CardinalityLink, ImpliedLink
from faasera.plan.links import counted, drawn, weighted
from faasera.plan.links.claim import Claim, Drawing, Links, settled
from faasera.plan.links.forest import unique_parts
from faasera.plan.links.groups import Combinations, Company, Groups, IndexGroups, RangeGroups
from faasera.plan.links.together import GroupForestLink, GroupLink, JointLink, JointRanks, Ranks, SiblingRanks
from faasera.plan.relations import Relation

_MOST_INDEXED = 1 << 27
_PIECE = 1 << 16
_EVERY_ROW = 1 << 53


def claim(drawing: Drawing, relation: Relation) -> Claim | None:
    """A foreign key that shares columns with others."""
    component = next((one for one in drawing.table.components if relation in one.relations), None)
    if component is None:
        return None
    if relation is not component.leader:
        return settled({})  # Its link comes with the leader's.
    return _Agreement(drawing, component).claim()


class _Agreement:
    """The links of one component.

    Attributes:
        groups: of each follower that chooses; the others follow by themselves.
        implied: the path of each follower that has no choice.
        forests: followers that refer to their own table, which always has room.
        bound: the followers that a unique tuple binds to the leader.
    """

    def __init__(self, drawing: Drawing, component: Component) -> None:
        self.drawing = drawing
        self.component = component
        self.leader = component.leader
        self.groups: dict[str, Groups] = {}
        self.implied: dict[str, tuple[str, ...]] = {}
        self.forests: dict[str, Relation] = {}
        for follower in component.followers:
            path = _implied_path(drawing.frame, self.leader, follower)
            if follower.is_forest:
                self.forests[follower.name] = follower
            elif path is not None:
                self.implied[follower.name] = path
            else:
                self.groups[follower.name] = self._groups(follower)
        self.bound = self._bound()

    def claim(self) -> Claim:
        """How the leader and all followers find their parents."""
        leading = counted.claim(self.drawing, self.leader)
        if leading is not None:
            self._check_rooms()
            made = self._with_followers(leading.links(None), self._sibling_ranks())
            satisfied = (self._bound_columns,) if self.bound else ()
            return settled(made, *satisfied, *self._unique_forests())
        leading = weighted.claim(self.drawing, self.leader, self._anyone())
        if leading is not None:
            made = self._with_followers(leading.links(None), {})
            return settled(made, *self._unique_forests())
        return self._drawn(self._company())

    def _drawn(self, company: Company | None) -> Claim:
        """A leader that draws its parents, or combinations of all that agrees."""
        leader, member = self.leader, drawn.member_of(self.drawing, self.leader)
        key = "/".join((self.drawing.table.name, leader.name, *self.bound))
        if company is None:
            return Claim(
                member,
                lambda draw: {} if draw is None else self._with_followers({leader.name: drawn.DrawnLink(draw)}, {}),
                self._unique_forests(),
            )
        parents, tables = member.size, self.drawing.tables
        total = tables.totals(key, parents, Combinations(tables, company)).total
        self._check_company(total)
        columns = tuple({column: None for one in self._relations_bound() for column in one.columns})
        member = replace(member, size=total, columns=columns if self.bound else leader.columns)

        def links(draw: Draw | None) -> Links:
            if draw is None:
                return {}
            if not total:
                return self._with_followers({leader.name: drawn.DrawnLink(draw)}, {})
            link = JointLink(key, parents, company, draw)
            ranks = {name: JointRanks(leader.name, link, place) for place, name in enumerate(self.bound)}
            return self._with_followers({leader.name: link}, ranks)

        return Claim(member, links, self._unique_forests())

    # what agrees

    def _company(self) -> Company | None:
        """The choices beside each of the leader's parents; None where all parents will do."""
        if not self.bound and all(groups.never_empty for groups in self.groups.values()):
            return None
        others = tuple(groups for name, groups in self.groups.items() if name not in self.bound)
        return Company(self.leader.parent, tuple(self.groups[name] for name in self.bound), others)

    def _anyone(self) -> Company | None:
        """Who must be there beside each of the leader's parents; None where somebody always is."""
        if all(groups.never_empty for groups in self.groups.values()):
            return None
        return Company(self.leader.parent, (), tuple(self.groups.values()))

    def _groups(self, follower: Relation) -> Groups:
        """The rows that a follower may refer to, grouped by what it shares with the leader."""
        shared, frame = self.component.in_common(follower), self.drawing.frame
        by = _common_parent(frame, self.leader, follower, shared)
        if by is not None:
            family = frame.tables[follower.parent].family
            assert family is not None and family.link is not None
            return RangeGroups(family.link, by[0])
        parents = frame.parent(follower).row_count
        if parents > _MOST_INDEXED:
            message = (
                f"'{follower.name}' needs a list of the {parents:,} rows of '{follower.parent}'; "
                f"it can have {_MOST_INDEXED:,}"
            )
            remedy = f"Give '{follower.parent}' its rows by 'childrenPerParent', so that each group is a range."
            follower.problems.add("row-count", message, remedy)
        return IndexGroups(
            self.drawing.key_of(follower),
            follower.parent,
            min(parents, _MOST_INDEXED),
            tuple(follower.target(column) for column in shared),
            None,
            tuple(self.leader.target(column) for column in shared),
        )

    def _bound(self) -> tuple[str, ...]:
        """The followers that a unique tuple binds to the leader."""
        keys, leader = self.drawing.table.keys, set(self.leader.columns)
        if keys.within(leader):
            return ()
        for key in keys.ordered:
            if leader <= set(key.columns):
                choosing = [one for one in self.component.followers if one.name in self.groups]
                names = tuple(one.name for one in choosing if set(one.columns) <= set(key.columns))
                if names:
                    return names
        return ()

    def _relations_bound(self) -> list[Relation]:
        return [self.leader, *(self.drawing.table.relations[name] for name in self.bound)]

    @property
    def _bound_columns(self) -> frozenset[str]:
        return frozenset(column for one in self._relations_bound() for column in one.columns)

    def _unique_forests(self) -> tuple[frozenset[str], ...]:
        return tuple(part for one in self.forests.values() for part in unique_parts(self.drawing, one))

    # what is contradictory

    def _check_company(self, size: int) -> None:
        rows = self.drawing.table.row_count
        if rows and not size and self.leader.policy.null_fraction < 1:
            others = " and ".join(self.groups)
            message = f"no row of '{self.leader.parent}' has company for {others}: 0 combinations that agree"
            remedy = "Let the parents have common values in the shared columns."
            self.leader.problems.add("no-parents", message, remedy, room=0)

    def _check_rooms(self) -> None:
        """Whether each parent has as many combinations as children, or, where they may repeat, any at all."""
        family = self.drawing.table.family
        link = family.link if family is not None else None
        if link is None:
            return
        for name in () if self.bound else self.groups:
            self._check_room((name,), link, least=1)
        if self.bound:
            self._check_room(self.bound, link, least=0)

    def _check_room(self, names: tuple[str, ...], link: CardinalityLink, *, least: int) -> None:
        leader, tables = self.leader, self.drawing.tables
        company = Company(leader.parent, tuple(self.groups[name] for name in names), ())
        children = link.totals(tables)
        for start in range(0, link.parent_count, _PIECE):
            rows = np.arange(start, min(start + _PIECE, link.parent_count), dtype=np.uint64)
            rooms, needed = company.combinations(tables, rows), children.counts(rows)
            if least:
                needed = np.minimum(needed, least)
            if (rooms < needed).any():
                row = int(np.argmax(rooms < needed))
                message = (
                    f"row {start + row:,} of '{leader.parent}' has {int(children.counts(rows)[row]):,} children, "
                    f"and {int(rooms[row]):,} combinations of {' and '.join(names)} agree with it"
                )
                remedy = "Lower 'max', or give the other parents more rows with the same values."
                leader.problems.add("domain-too-small", message, remedy, at=["childrenPerParent"])
                return

    # links

    def _sibling_ranks(self) -> dict[str, SiblingRanks]:
        names = (self.leader.name, *self.bound)
        stream = Stream(self.drawing.frame.seed, self.drawing.table.name, "+".join(names), "tuple")
        bound = tuple(self.groups[name] for name in self.bound)
        return {name: SiblingRanks(self.leader.name, bound, place, stream) for place, name in enumerate(self.bound)}

    def _with_followers(self, leading: Links, ranks: Mapping[str, Ranks]) -> Links:
        """The leader's link and those of all followers; ``ranks`` has the choice of those that are bound."""
        links = dict(leading)
        for follower in self.component.followers:
            name, stream = follower.name, self.drawing.stream(follower)
            if name in self.implied:
                links[name] = ImpliedLink(self.implied[name])
            elif name in self.forests:
                links[name] = self._forest(follower, stream)
            else:
                shared = self.component.in_common(follower)
                links[name] = GroupLink(self.leader.name, self.groups[name], stream, shared, ranks.get(name))
        return links

    def _forest(self, follower: Relation, stream: Stream) -> GroupForestLink:
        table, leader, forest = self.drawing.table, self.leader, follower.policy.acyclic
        assert forest is not None
        roots = 1 if forest.roots is None else forest.roots
        unique = bool(unique_parts(self.drawing, follower))
        if unique and follower.roots_are_own and forest.roots is None:
            roots = _EVERY_ROW  # A root is its own only child.
        branching = 1 if unique else (forest.branching.min if forest.branching else 0)
        if self.drawing.is_recursive and branching == 1:
            message = "a chain in each group may be too long to look up through all of its rows"
            follower.problems.add("forest", message, "Raise 'branching', or drop the lookup.", at=["acyclic"])
        if roots == 0 and table.row_count:
            message = "rows with no root among them would go round in a circle: a forest of no roots has no rows"
            follower.problems.add("forest", message, "Let 'roots' be 1 or more.", at=["acyclic", "roots"])
        groups: RangeGroups | IndexGroups
        if leader.policy.children_per_parent is not None:
            assert table.family is not None and table.family.link is not None
            groups = RangeGroups(table.family.link, None)
        else:
            columns = tuple(leader.target(column) for column in self.component.in_common(follower))
            key = self.drawing.key_of(follower)
            groups = IndexGroups(key, table.name, table.row_count, columns, leader.name, columns)
        return GroupForestLink(leader.name, groups, roots, branching, follower.roots_are_own, stream)


def _implied_path(frame: Frame, leader: Relation, follower: Relation) -> tuple[str, ...] | None:
    """The way from the leader's parent to the follower's, where the leader's columns are all that it needs."""
    if not set(follower.columns) <= set(leader.columns):
        return None
    wanted = {leader.target(column): follower.target(column) for column in follower.columns}
    for relation in frame.relations_of(leader).values():
        known = dict(zip(relation.columns, relation.parent_columns, strict=True))
        plain = relation.when is None and not relation.policy.null_fraction and not relation.own
        if relation.leads_to(follower) and known == wanted and plain:
            return leader.name, relation.name
    return None


def _common_parent(
    frame: Frame, leader: Relation, follower: Relation, shared: Sequence[str]
) -> tuple[str | None] | None:
    """How the leader's parents lead to the table whose children the follower's parents are; None where they do not."""
    relations = frame.relations_of(follower).values()
    deciding = next((relation for relation in relations if relation.policy.children_per_parent is not None), None)
    if deciding is None or deciding.when is not None:
        return None
    known = dict(zip(deciding.columns, deciding.parent_columns, strict=True))
    if set(known) != {follower.target(column) for column in shared}:
        return None
    wanted = {leader.target(column): known[follower.target(column)] for column in shared}
    if leader.leads_to(deciding) and all(own == other for own, other in wanted.items()):
        return (None,)
    for relation in frame.relations_of(leader).values():
        same = dict(zip(relation.columns, relation.parent_columns, strict=True)) == wanted
        if relation.leads_to(deciding) and same and not relation.policy.null_fraction and relation.when is None:
            return (relation.name,)
    return None
