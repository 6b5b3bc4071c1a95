"""Two foreign keys to one table that never lead to the same row, where both belong to a unique tuple."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from faasera.core.draws import Draw
from faasera.core.streams import Words
from faasera.generators.context import Context
from faasera.generators.expression_syntax import Call, Column, ExpressionError, Node, parse_expression
from faasera.generators.sequence import SequenceGenerator
from faasera.plan.links import Link
from faasera.plan.relations import Relation

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver


@dataclass(frozen=True)
class Pair:
    """Two foreign keys that a check keeps apart.

    Attributes:
        first: one of them; the one with the lower parent where they are ordered.
        second: the other.
        ordered: whether the check says which parent comes first.
    """

    first: Relation
    second: Relation
    ordered: bool

    @property
    def size(self) -> int:
        """How many pairs of different parents there are."""
        parents = self.first.parent.row_count
        return parents * max(parents - 1, 0) // (2 if self.ordered else 1)

    def links(self, draw: Draw) -> dict[str, Link]:
        """Both links, from a draw of the pairs."""
        parents = self.first.parent.row_count
        return {
            one.name: PairLink(draw, parents, second, self.ordered)
            for one, second in ((self.first, False), (self.second, True))
        }


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
        numbers = self.draw.indices(context.rows)
        if self.ordered:
            low, high = _triangle(numbers)
            return high if self.second else low
        others = np.uint64(max(self.parents_count - 1, 1))
        first = numbers // others
        if not self.second:
            return first
        return (first + np.uint64(1) + numbers % others) % np.uint64(self.parents_count)

    @override
    def describe(self) -> str:
        return f"{self.draw.describe()}, two different parents"


def _triangle(numbers: Words) -> tuple[Words, Words]:
    """The n-th pair of numbers of which the first is the lower: (0, 1), (0, 2), (1, 2), (0, 3), …"""
    whole = numbers.astype(np.int64)
    high = ((1 + np.sqrt(1 + 8 * whole.astype(np.float64))) / 2).astype(np.int64)
    # The square root may be off by one in its last bit.
    high -= high * (high - 1) // 2 > whole
    high += (high + 1) * high // 2 <= whole
    return (whole - high * (high - 1) // 2).astype(np.uint64), high.astype(np.uint64)


def pairs_of(table: "TableResolver") -> list[Pair]:
    """The pairs of foreign keys of a table that a check keeps apart, and a unique tuple binds."""
    found = []
    for check in table.policy.checks:
        try:
            node = parse_expression(check.expression or "")
        except ExpressionError:
            continue
        sides = _sides(node)
        relations = [_plain(table, column) for column in sides[:2]] if sides is not None else []
        if sides is None or len(relations) < 2 or relations[0] is None or relations[1] is None:
            continue
        first, second = relations[0], relations[1]
        if first is second or first.parent is not second.parent or first.target(sides[0]) != second.target(sides[1]):
            continue
        bound = any({sides[0], sides[1]} <= set(columns) for columns, _ in table.unique_tuples())
        if bound and (not sides[2] or _rising(table, first)):
            found.append(Pair(first, second, sides[2]))
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


def _plain(table: "TableResolver", column: str) -> Relation | None:
    """The foreign key of a single column, if it draws its parents freely."""
    own = [relation for relation in table.relations.values() if column in relation.columns]
    if len(own) != 1 or own[0].columns != (column,):
        return None
    policy = own[0].policy
    shaped = policy.distribution is not None or policy.children_per_parent is not None or policy.unique
    free = not shaped and not policy.null_fraction and own[0].when is None and own[0].parent is not table
    return own[0] if free else None


def _rising(table: "TableResolver", relation: Relation) -> bool:
    """Whether later parents have greater keys."""
    parent = table.resolver.tables.get(relation.parent.name)
    made = parent.compile(relation.parent_columns[0]) if parent is not None else None
    return isinstance(made, SequenceGenerator) and made.step > 0
