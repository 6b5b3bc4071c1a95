"""Parents that are drawn: the last kind, which takes every foreign key that no other has claimed."""

from dataclasses import dataclass

from typing_extensions import override

from faasera.core.draws import Draw, PermutedDraw
from faasera.core.streams import Words
from faasera.generators.context import Context
from faasera.plan.link import Link
from faasera.plan.links.claim import Claim, Drawing, settled
from faasera.plan.relations import Relation
from faasera.plan.uniqueness import Member, free_draw


@dataclass(frozen=True)
class DrawnLink(Link):
    """Each row draws its parent.

    Attributes:
        draw: among all parents.
    """

    draw: Draw

    @property
    @override
    def redrawable(self) -> bool:
        return not self.draw.unique

    @override
    def parents(self, context: Context) -> Words:
        return self.draw.of(context)

    @override
    def describe(self) -> str:
        return self.draw.describe()


def member_of(drawing: Drawing, relation: Relation) -> Member:
    """A foreign key as what can be drawn."""
    parents = drawing.frame.parent(relation).row_count
    shape, place = relation.policy.distribution, relation.problems.at("distribution")
    return Member(relation.name, relation.columns, parents, drawing.stream(relation), shape, None, place)


def claim(drawing: Drawing, relation: Relation) -> Claim:
    """Any foreign key."""
    member = member_of(drawing, relation)
    if relation.several:
        draw = _branch_draw(drawing, relation, member)
        satisfied = (frozenset(relation.policy.unique_columns),) if relation.policy.unique else ()
        return settled({relation.name: DrawnLink(draw)} if draw is not None else {}, *satisfied)
    return Claim(member, lambda draw: {relation.name: DrawnLink(draw)} if draw is not None else {})


def _branch_draw(drawing: Drawing, relation: Relation, member: Member) -> Draw | None:
    """One of several references: rows that have it draw among all of its parents."""
    rows = drawing.table.row_count
    if not relation.policy.unique:
        return free_draw(member)
    if rows > member.size:
        message = f"each parent at most once: {rows:,} rows, and '{relation.parent}' has {member.size:,}"
        relation.problems.add("domain-too-small", message, "Ask for fewer rows.", at=["unique"], room=member.size)
    return PermutedDraw(max(member.size, 1), member.stream)
