"""Foreign keys in a key whose parents must meet a check: only those that do are drawn."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers
from faasera.core.draws import Draw
from faasera.core.streams import Words
from faasera.generators.context import Context, Delegating, Tables
from faasera.plan.link import Link
from faasera.plan.links.claim import Claim, Drawing, Links
from faasera.plan.links.drawn import DrawnLink, member_of
from faasera.plan.links.groups import Combinations, Company, Groups
from faasera.plan.links.together import JointLink
from faasera.plan.model import CheckPlan
from faasera.plan.relations import Relation

_SAMPLE_ROWS = 4096


class _AsChild(Delegating):
    """Rows of a parent, with the names that a child's columns have."""

    def __init__(self, base: Context, names: dict[str, str]) -> None:
        super().__init__(base, base.rows)
        self.names = names

    @override
    def at(self, rows: Words) -> "_AsChild":
        return _AsChild(self.base.at(rows), self.names)

    @override
    def column(self, name: str) -> pa.Array:
        return self.base.column(self.names.get(name, name))


@dataclass(frozen=True)
class MeetingGroups(Groups):
    """One row for each parent that meets checks, none for the others.

    Attributes:
        names: the child's columns, each with the parent's.
        checks: over the child's columns.
    """

    names: tuple[tuple[str, str], ...]
    checks: tuple[CheckPlan, ...]

    @override
    def of(self, leader: Context) -> Words:
        met = np.ones(len(leader.rows), dtype=np.bool_)
        for check in self.checks:
            met &= check.met(_AsChild(leader, dict(self.names)))
        return met.astype(np.uint64)

    @override
    def sizes(self, tables: Tables, groups: Words) -> Integers:
        found: Integers = groups.astype(np.int64)
        return found

    @override
    def member(self, tables: Tables, groups: Words, ranks: Words) -> Words:
        return ranks


def claim(drawing: Drawing, relation: Relation) -> Claim | None:
    """A foreign key that is part of a key, with checks that some of its parents do not meet."""
    checks, member = _checks(drawing, relation), member_of(drawing, relation)
    if not checks or not member.size or _leads_back(drawing, relation):
        return None
    names = tuple(zip(relation.columns, relation.parent_columns, strict=True))
    company = Company(relation.parent, (), (MeetingGroups(names, checks),))
    key, parents = f"{drawing.key_of(relation)} that meet its checks", member.size
    sample = np.arange(min(parents, _SAMPLE_ROWS), dtype=np.uint64)
    if company.combinations(drawing.tables, sample).all():
        return None
    total = drawing.tables.totals(key, parents, Combinations(drawing.tables, company)).total
    if not total:
        message = f"no row of '{relation.parent}' meets {' and '.join(repr(one.name) for one in checks)}"
        relation.problems.add("no-parents", message, "Give the parents values that meet it.", room=0)

    def links(draw: Draw | None) -> Links:
        link: Link | None = None if draw is None else DrawnLink(draw)
        if draw is not None and total:
            link = JointLink(key, parents, company, draw)
        return {relation.name: link} if link is not None else {}

    return Claim(replace(member, size=total), links)


def _checks(drawing: Drawing, relation: Relation) -> tuple[CheckPlan, ...]:
    """The checks over a foreign key's columns alone, where a key keeps its parents from being drawn again."""
    bound = {column for key in drawing.table.keys.declared for column in key.columns}
    policy = relation.policy
    plain = relation.when is None and not relation.own and policy.distribution is None and policy.null_fraction < 1
    if not plain or not set(relation.columns) & bound or not drawing.table.row_count or drawing.problems.found:
        return ()
    own = drawing.columns.checks.get(drawing.table.name, ())
    return tuple(one for one in own if one.value.uses and set(one.value.uses) <= set(relation.columns))


def _leads_back(drawing: Drawing, relation: Relation) -> bool:
    """Whether the parents refer, perhaps through others, to the table itself: they cannot be known before it then."""
    seen, waiting = set[str](), [] if relation.existing else [relation.parent]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [one.parent for one in drawing.frame.relations.of(name).values() if not one.existing]
    return drawing.table.name in seen
