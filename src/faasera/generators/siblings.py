"""The children of one parent: their numbers, and their neighbours."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Mask, from_integers
from faasera.core.types import BIGINT
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator

CHILD_NUMBER = "#"
"""The column that every table has whose rows are counted out to parents; hidden, for rules as ``{#}``."""

FAMILY_FUNCTIONS = {
    "first": "first(): whether a row is its parent's first child",
    "last": "last(): whether a row is its parent's last child",
    "siblings": "siblings(): how many children the row's parent has",
    "next": "next(column): the column's value in the parent's next child; null in the last",
    "previous": "previous(column): the column's value in the child before; null in the first",
}
"""Functions of expressions, for tables whose rows are counted out to parents."""


@dataclass(frozen=True)
class ChildNumber(Generator):
    """1, 2, 3, … among the children of one parent.

    Attributes:
        most: children of one parent.
    """

    most: int

    @property
    @override
    def facts(self) -> Facts:
        return Facts(BIGINT, numbering=True, bounds=(1, max(self.most, 1)))

    @override
    def generate(self, context: Context) -> pa.Array:
        return from_integers(context.siblings().ranks + 1, BIGINT)

    @override
    def describe(self) -> str:
        return "1, 2, 3, … among the children of one parent"


def is_first(context: Context) -> pa.Array:
    """Whether a row is its parent's first child."""
    return pa.array(context.siblings().ranks == 0)


def is_last(context: Context) -> pa.Array:
    """Whether a row is its parent's last child."""
    return pa.array(context.siblings().ranks + 1 == context.sibling_counts())


def count(context: Context) -> pa.Array:
    """How many children a row's parent has."""
    return from_integers(context.sibling_counts(), BIGINT)


PLACES = {"first": is_first, "last": is_last, "siblings": count}
"""What a row's place among the children of its parent says, by the function of expressions."""


def neighbours(context: Context, step: int) -> tuple[Context, Mask]:
    """The rows of other children of the same parent, so many further, and which of the rows have such a sibling."""
    ranks = context.siblings().ranks + step
    valid: Mask = (ranks >= 0) & (ranks < context.sibling_counts())
    rows = np.where(valid, context.rows.view(np.int64) + step, context.rows.view(np.int64))
    return context.at(rows.view(np.uint64)), valid
