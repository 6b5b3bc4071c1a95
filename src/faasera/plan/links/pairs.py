"""Two foreign keys to one table that never lead to the same row, where both belong to a unique tuple."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from faasera.core.draws import Draw
from faasera.core.streams import Words
from faasera.generators.context import Context
from faasera.generators.expression_syntax import Call, Column, ExpressionError, Node, parse_expression
from faasera.generators.sequence import SequenceGenerator
from faasera.plan.link import Link
from faasera.plan.links.claim import Claim, Drawing, Links, settled
from faasera.plan.relations import Relation
from faasera.plan.uniqueness import Member


@dataclass(frozen=True)
class PairLink(Link):
    """One side of a pair of different parents.

    Attributes:
        draw: of the pairs.
        parents_count: how many parents there are.
        second: whether it is the second side.
        ordered: whether the first side's parent comes before the second's.
    """

    draw: Draw
    parents_count: int
    second: bool
    ordered: bool

    @override
    def parents(self, context: Context) -> Words:
        numbers = self.draw.of(context)
        if self.ordered:
            low, high = triangle(numbers)
            return high if self.second else low
        others = np.uint64(max(self.parents_count - 1, 1))
        first = numbers // others
        if not self.second:
            return first
        return (first + np.uint64(1) + numbers % others) % np.uint64(self.parents_count)

    @override
    def describe(self) -> str:
        return f"{self.draw.describe()}, two different parents"


def triangle(numbers: Words) -> tuple[Words, Words]:
    """The n-th pair of numbers of which the first is the lower: (0, 1), (0, 2), (1, 2), (0, 3), …"""
    whole = numbers.astype(np.int64)
    high = ((1 + np.sqrt(1 + 8 * whole.astype(np.float64))) / 2).astype(np.int64)
    # The square root may be off by one in its last bit.
    high -= high * (high - 1) // 2 > whole
    high += (high + 1) * high // 2 <= whole
    return (whole - high * (high - 1) // 2).astype(np.uint64), high.astype(np.uint64)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two foreign keys that a check keeps apart.

    Attributes:
        first: one of them; the one with the lower parent where they are ordered.
        second: the other.
        ordered: whether the check says which parent comes first.
    """

    first: Relation
    second: Relation
    ordered: bool


def claim(drawing: Drawing, relation: Relation) -> Claim | None:
    """A foreign key that a check keeps apart from another, where a unique tuple binds both."""
    pairs = {pair.first.name: pair for pair in _pairs(drawing)}
    if any(relation is pair.second for pair in pairs.values()):
        return settled({})  # Its link comes with the first one's.
    pair = pairs.get(relation.name)
    if pair is None:
        return None
    parents = drawing.frame.parent(relation).row_count
    size = parents * max(parents - 1, 0) // (2 if pair.ordered else 1)
    columns = (*relation.columns, *pair.second.columns)
    member = Member(relation.name, columns, size, drawing.stream(relation), None, None, relation.problems)

    def links(draw: Draw | None) -> Links:
        if draw is None:
            return {}
        sides = ((pair.first, False), (pair.second, True))
        return {one.name: PairLink(draw, parents, second, pair.ordered) for one, second in sides}

    return Claim(member, links)


def _pairs(drawing: Drawing) -> list[_Pair]:
    found = []
    for check in drawing.table.outline.policy.checks:
        try:
            node = parse_expression(check.expression or "")
        except ExpressionError:
            continue
        sides = _sides(node)
        if sides is None:
            continue
        one, other, ordered = sides
        first, second = _plain(drawing, one), _plain(drawing, other)
        if first is None or second is None or first is second:
            continue
        if not first.leads_to(second) or first.target(one) != second.target(other):
            continue
        bound = any({one, other} <= set(key.columns) for key in drawing.table.keys.declared)
        if bound and (not ordered or _is_rising(drawing, first)):
            found.append(_Pair(first, second, ordered))
    return found


def _sides(node: Node) -> tuple[str, str, bool] | None:
    """The columns that a condition keeps apart, the lower one first, and whether it says which that is."""
    if isinstance(node, Call) and node.function == "not" and isinstance(node.arguments[0], Call):
        inner = node.arguments[0]
        node = Call("<>", inner.arguments) if inner.function == "=" else node
    if not isinstance(node, Call) or node.function not in ("<>", "<", ">"):
        return None
    left, right = node.arguments
    if not isinstance(left, Column) or not isinstance(right, Column):
        return None
    if node.function == ">":
        left, right = right, left
    return left.name, right.name, node.function != "<>"


def _plain(drawing: Drawing, column: str) -> Relation | None:
    """The foreign key of a single column, if it draws its parents freely."""
    own = [relation for relation in drawing.table.relations.values() if column in relation.columns]
    if len(own) != 1 or own[0].columns != (column,):
        return None
    policy = own[0].policy
    shaped = policy.distribution is not None or policy.children_per_parent is not None or policy.unique
    free = not shaped and not policy.null_fraction and own[0].when is None and not own[0].own
    return own[0] if free else None


def _is_rising(drawing: Drawing, relation: Relation) -> bool:
    """Whether later parents have greater keys."""
    if relation.existing:
        return False
    made = drawing.columns.made(relation.parent, relation.parent_columns[0])
    return isinstance(made, SequenceGenerator) and made.step > 0
