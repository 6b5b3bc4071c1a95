"""From a table's compiled rules and foreign keys to its plan: who draws what, so that all keys hold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from faasera.core.copula import CorrelatedStream, ranked
from faasera.core.draws import PermutedDraw, UniformDraw
from faasera.core.prefix_sums import PrefixSums
from faasera.core.streams import Stream
from faasera.generators.encoded import EncodedRule
from faasera.generators.generator import Choice, Drawn, Generator, WithNulls
from faasera.generators.lists import typed_values
from faasera.generators.reference import ParentValue
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.checks import compile_checks, with_checks
from faasera.plan.correlations import correlated_streams
from faasera.plan.forest import forest_link
from faasera.plan.groups import Ranks
from faasera.plan.keys import FamilyPlacement, Member, TableKeys, free_draw
from faasera.plan.links import DrawnLink, ForestLink, Link
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, TablePlan
from faasera.plan.pairs import Pair, pairs_of
from faasera.plan.relations import Relation
from faasera.plan.shared import JointDraw, SharedKeys, joint_ranks, sibling_ranks
from faasera.plan.weights import weighted_link
from faasera.policy.model import Scalar

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver

_DEEPEST = 200


class UnplannedError(Exception):
    """A table that others build on could not be planned; why was reported."""


def finish(table: "TableResolver") -> TablePlan | None:
    """The table's plan; None after problems were reported."""
    try:
        return Finisher(table).plan()
    except UnplannedError:
        return None


def _parts_of_keys(table: "TableResolver", relation: Relation) -> list[tuple[str, ...]]:
    """Unique tuples within a foreign key that are a key of the parent, too: each parent has one child at most."""
    if relation.when is not None or relation.parent is table or relation.policy.children_per_parent is not None:
        return []
    parents = [set(columns) for columns, _ in relation.parent.unique_tuples()]
    return [
        columns
        for columns, _ in table.unique_tuples()
        if set(columns) < set(relation.columns) and {relation.target(column) for column in columns} in parents
    ]


class Finisher:
    """One table at the last step."""

    def __init__(self, table: "TableResolver") -> None:
        self.table = table
        self.links: dict[str, Link] = {}
        self.shared: list[SharedKeys] = []
        self.joined: dict[str, PrefixSums | None] = {}
        self.correlated: dict[str, CorrelatedStream] = {}
        self.pairs: dict[str, Pair] = {}

    def plan(self) -> TablePlan | None:
        """As ``finish``; problems of tables that this one builds on raise ``UnplannedError``."""
        table = self.table
        if table.components:
            if table.problems.found:
                return None
            self.shared = [SharedKeys(table, component) for component in table.components]
        self.correlated = correlated_streams(table)
        self.pairs = {pair.first.name: pair for pair in pairs_of(table)}
        members = {**self._foreign_key_members(), **self._column_members()}
        others = {name: made for name, made in table.compiled.items() if isinstance(made, Generator)}
        family = None
        if table.family is not None and table.cardinality is not None:
            family = FamilyPlacement(table.family.name, frozenset(table.family.columns), table.cardinality)
            self.links[table.family.name] = table.cardinality
        keys = TableKeys(table.name, table.row_count, table.seed, members, others, family)
        for relation in table.relations.values():
            forest = relation.parent is table and relation.policy.acyclic is not None
            if relation.policy.unique and (forest or relation.when is not None):
                keys.satisfied.append(frozenset(relation.policy.unique_columns))
        keys.satisfied += self._sibling_tuples()
        for relation in table.relations.values():
            for columns in _parts_of_keys(table, relation):
                keys.require(relation.columns, relation.problems)
                keys.satisfied.append(frozenset(columns))
        for columns, path in table.unique_tuples():
            distinct = bool(columns) and len(set(columns)) == len(columns)
            if distinct and all(table.compiled.get(column) is not None for column in columns):
                keys.require(columns, table.problems.at(*path))
        keys.finish()
        for relation in table.relations.values():
            if relation.name not in self.links and relation.name in members:
                self._link(relation, members[relation.name])
        if table.problems.found:
            return None
        for shared in self.shared:
            self.links |= shared.followers(self._ranks(shared))
        made = [self._column(name, members, keys) for name in table.order]
        if table.problems.found or any(column is None for column in made):
            return None
        checks = compile_checks(table)
        if table.problems.found:
            return None
        unique = list(dict.fromkeys(columns for columns, _ in table.unique_tuples()))
        plan = TablePlan(
            table.name,
            table.row_count,
            tuple(column for column in made if column is not None),
            table.policy.primary_key_column,
            tuple(unique),
            {name: self._foreign_key(relation) for name, relation in table.relations.items()},
            table.cardinality,
        )
        return with_checks(plan, checks)

    # foreign keys

    def _foreign_key_members(self) -> dict[str, Member]:
        """Those that draw their parents freely, alone or together with what agrees with them."""
        table, members = self.table, {}
        following = {one.name for shared in self.shared for one in shared.component.followers}
        for name, relation in table.relations.items():
            policy = relation.policy
            if name in following or policy.children_per_parent is not None:
                continue
            stream = Stream(table.seed, table.name, name, "parent")
            if any(relation is pair.second for pair in self.pairs.values()):
                continue
            if name in self.pairs:
                pair = self.pairs[name]
                columns = (*relation.columns, *pair.second.columns)
                members[name] = Member(name, columns, pair.size, stream, None, None, None, relation.problems)
                continue
            if relation.parent is table and policy.acyclic is not None:
                own = table.roots_refer_to_themselves(relation)
                forest = forest_link(table, relation, own=own)
                if forest is not None:
                    self.links[name] = forest
                    self._check_depth(relation, forest)
                continue
            if policy.distribution is not None and policy.distribution.column is not None:
                weighted = weighted_link(table, relation, stream)
                if weighted is not None:
                    self.links[name] = weighted
                continue
            size, columns = relation.parent.row_count, relation.columns
            shared = next((one for one in self.shared if one.component.leader is relation), None)
            if shared is not None:
                names = self._bound(shared)
                sums = shared.joint(names)
                self.joined[name] = sums if sums is not None and sums.total else None
                if sums is not None:
                    size = sums.total
                    self._check_company(relation, shared, size)
                if names:
                    columns = tuple({column: None for one in (name, *names) for column in table.relations[one].columns})
            place = relation.problems.at("distribution")
            member = Member(name, columns, size, stream, policy.distribution, None, None, place)
            if relation.when is None:
                members[name] = member
            else:
                self._branch(relation, member)
        return members

    def _check_company(self, relation: Relation, shared: SharedKeys, size: int) -> None:
        table = self.table
        if table.row_count and not size and relation.policy.null_fraction < 1:
            others = " and ".join(shared.groups)
            message = f"no row of '{relation.parent.name}' has company for {others}: 0 combinations that agree"
            relation.problems.add("no-parents", message, "Let the parents have common values in the shared columns.")

    def _bound(self, shared: SharedKeys) -> tuple[str, ...]:
        """The followers that a unique tuple binds to the leader."""
        leader = shared.component.leader
        if any(set(columns) <= set(leader.columns) for columns, _ in self.table.unique_tuples()):
            return ()
        for columns, _ in self.table.unique_tuples():
            if set(leader.columns) <= set(columns):
                bound = [one for one in shared.component.followers if one.name in shared.groups]
                names = tuple(one.name for one in bound if set(one.columns) <= set(columns))
                if names:
                    return names
        return ()

    def _sibling_tuples(self) -> list[frozenset[str]]:
        """Tuples of shared keys that hold because the children of a parent take different combinations."""
        table, found = self.table, []
        for shared in self.shared:
            leader = shared.component.leader
            if leader.policy.children_per_parent is None or table.cardinality is None:
                continue
            link = table.cardinality
            names = self._bound(shared)
            for name in () if names else shared.groups:
                self._check_room(shared, (name,), link.sums, least=1)
            if names:
                self._check_room(shared, names, link.sums, least=0)
                columns = {column for one in (leader.name, *names) for column in table.relations[one].columns}
                found.append(frozenset(columns))
        return found

    def _check_room(self, shared: SharedKeys, names: tuple[str, ...], children: PrefixSums, *, least: int) -> None:
        """Whether each parent has as many combinations as children, or, where they may repeat, any at all."""
        count = shared.combinations(names)
        leader = shared.component.leader
        for start in range(0, leader.parent.row_count, 1 << 16):
            rows = np.arange(start, min(start + (1 << 16), leader.parent.row_count), dtype=np.uint64)
            rooms, needed = count(rows), children.counts(rows)
            if least:
                needed = np.minimum(needed, least)
            if (rooms < needed).any():
                row = int(np.argmax(rooms < needed))
                message = (
                    f"row {start + row:,} of '{leader.parent.name}' has {int(children.counts(rows)[row]):,} children, "
                    f"and {int(rooms[row]):,} combinations of {' and '.join(names)} agree with it"
                )
                remedy = "Lower 'max', or give the other parents more rows with the same values."
                leader.problems.add("domain-too-small", message, remedy, at=["childrenPerParent"])
                return

    def _ranks(self, shared: SharedKeys) -> dict[str, Ranks]:
        leader = shared.component.leader
        names = self._bound(shared)
        stream = Stream(self.table.seed, self.table.name, "+".join((leader.name, *names)), "tuple")
        if not names:
            return {}
        if leader.policy.children_per_parent is not None:
            return sibling_ranks(shared, names, stream)
        link = self.links[leader.name]
        assert isinstance(link, DrawnLink)
        return joint_ranks(shared, names, link.draw) if isinstance(link.draw, JointDraw) else {}

    def _link(self, relation: Relation, member: Member) -> None:
        if member.draw is None:
            return
        if relation.name in self.pairs:
            self.links |= self.pairs[relation.name].links(member.draw)
            return
        sums = self.joined.get(relation.name)
        self.links[relation.name] = DrawnLink(JointDraw(member.draw, sums) if sums else member.draw)

    def _branch(self, relation: Relation, member: Member) -> None:
        """One of several references: rows that have it draw among all of its parents."""
        rows = self.table.row_count
        if not relation.policy.unique:
            draw = free_draw(member)
            if draw is not None:
                self.links[relation.name] = DrawnLink(draw)
            return
        if rows > member.size:
            message = f"each parent at most once: {rows:,} rows, and '{relation.parent.name}' has {member.size:,}"
            relation.problems.add("domain-too-small", message, "Ask for fewer rows.", at=["unique"])
        self.links[relation.name] = DrawnLink(PermutedDraw(max(member.size, 1), member.stream))

    def _check_depth(self, relation: Relation, forest: ForestLink) -> None:
        if self.table.recursive and forest.depth(_DEEPEST + 1) > _DEEPEST:
            message = f"the forest is more than {_DEEPEST} levels deep, too many to look up through all of them"
            remedy = "Raise 'branching' or 'roots', or drop the lookup by this foreign key."
            relation.problems.add("forest", message, remedy, at=["acyclic"])

    def _foreign_key(self, relation: Relation) -> ForeignKeyPlan:
        stream = Stream(self.table.seed, self.table.name, relation.name, "parent null")
        forest = relation.parent is self.table and relation.policy.acyclic is not None
        fraction = 0.0 if forest else float(relation.policy.null_fraction)
        when = tuple((column, self._scalar(column, value)) for column, value in (relation.when or {}).items())
        return ForeignKeyPlan(
            relation.name,
            relation.columns,
            relation.parent.name,
            relation.parent_columns,
            self.links[relation.name],
            fraction,
            stream,
            when,
            relation.virtual,
            relation.word,
        )

    def _scalar(self, column: str, value: Scalar) -> pa.Scalar:
        handle = self.table.handle(column)
        assert handle is not None
        return typed_values([value], handle.data_type)[0]

    # columns

    def _column_members(self) -> dict[str, Member]:
        table, members = self.table, {}
        for name, made in table.compiled.items():
            if isinstance(made, Choice):
                stream = self.correlated.get(name) or made.stream or Stream(table.seed, table.name, name, "value")
                place = table.problems.at("columnRuleMap", name, "distribution")
                members[f"column {name}"] = Member(
                    name, (name,), made.domain.size, stream, made.distribution, made.weights, made, place, made.domain
                )
        return members

    def _column(self, name: str, members: Mapping[str, Member], keys: TableKeys) -> ColumnPlan | None:
        table = self.table
        made = table.compiled.get(name)
        rule = table.parsed.rules.get(name)
        if made is None:
            return None
        generator: Generator
        if isinstance(made, Choice):
            member = members[f"column {name}"]
            assert member.domain is not None
            draw = member.draw
            if name in self.correlated:
                draw = ranked(draw or UniformDraw(member.domain.size, member.stream))
                if draw is None:
                    message = "this distribution has no order that could move with others"
                    member.problems.add("correlation", message, "Use another, or drop the correlation.")
                    return None
            generator = Drawn(member.domain, draw, member.stream)
        else:
            generator = made
        if isinstance(generator, ParentValue) and frozenset([name]) in keys.satisfied:
            generator = replace(generator, one_to_one=True)
        if rule is not None and rule.null_fraction:
            generator = WithNulls(generator, float(rule.null_fraction), Stream(table.seed, table.name, name, "null"))
        if name == CHILD_NUMBER:
            return ColumnPlan(name, generator, "CHILD NUMBER", True)
        label = rule.type if rule is not None else ("FOREIGN KEY" if name in table.foreign_columns else "(no rule)")
        given = [one for one in (rule, *table.parsed.cases.get(name, ())) if isinstance(one, EncodedRule)]
        return ColumnPlan(
            name,
            generator,
            label,
            bool(rule and rule.hidden),
            table.meanings.get(name),
            tuple(table.files.get(name, ())),
            tuple(dict.fromkeys(one.source for one in given if one.source is not None)),
        )
