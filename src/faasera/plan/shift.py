"""A plan whose rows come after those of an earlier run: the same functions, of later row numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.draws import QuotaDraw, RankDraw
from faasera.core.streams import Words
from faasera.generators.context import Context, Siblings
from faasera.generators.facts import Facts
from faasera.generators.generator import Drawn, Generator
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.model import ColumnPlan, Plan, TablePlan


class Moved(Context):
    """Rows as later ones of their table, whose other columns, parents and siblings are those that they were."""

    def __init__(self, base: Context, offset: int) -> None:
        self.base = base
        self.offset = offset
        self.rows = base.rows + np.uint64(offset)

    @override
    def at(self, rows: Words) -> "Moved":
        return Moved(self.base.at(rows - np.uint64(self.offset)), self.offset)

    @override
    def elsewhere(self, table: str, rows: Words) -> Context:
        return self.base.elsewhere(table, rows)

    @override
    def column(self, name: str) -> pa.Array:
        return self.base.column(name)

    @override
    def parent(self, foreign_key: str) -> Context:
        return self.base.parent(foreign_key)

    @override
    def has_parent(self, foreign_key: str) -> Mask | None:
        return self.base.has_parent(foreign_key)

    @override
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        return self.base.shared(f"{key} of later rows", make)

    @override
    def siblings(self) -> Siblings:
        return self.base.siblings()

    @override
    def sibling_counts(self) -> Integers:
        return self.base.sibling_counts()

    @override
    def children(self, table: str, start: int, stop: int) -> tuple[Context, Integers]:
        return self.base.children(table, start, stop)

    @override
    def child_counts(self, table: str) -> Integers:
        return self.base.child_counts(table)


@dataclass(frozen=True)
class Shifted(Generator):
    """A column as it is in later rows.

    Attributes:
        inner: the column.
        offset: how many rows later.
    """

    inner: Generator
    offset: int

    @property
    @override
    def facts(self) -> Facts:
        return self.inner.facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.inner.generate(Moved(context, self.offset))

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}; from row {self.offset:,} on"


def shifted(plan: Plan, offsets: Mapping[str, int]) -> Plan:
    """A plan of as many rows, each table's as the policy would have them so many rows later.

    Children refer to the new parents alone, so that what is unique together with a parent stays so.
    """
    relatives = dict(plan.relatives)
    for name, offset in offsets.items():
        if offset:
            relatives[name] = _shifted(plan.tables[name], offset)
    return replace(plan, tables={name: relatives[name] for name in plan.tables}, relatives=relatives)


def stays(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether a column belongs to its row's new parent, so that it is not moved."""
    foreign = {name for key in table.foreign_keys.values() for name in key.columns}
    with_parent = any(column.name in key and set(key) & foreign for key in table.keys)
    return column.name == CHILD_NUMBER or column.name in foreign or with_parent


def ends(table: TablePlan) -> list[str]:
    """The columns whose values are shared out among a known number of rows, so that none come after them."""
    found = []
    for column in table.columns:
        generator = column.generator
        bounded = isinstance(generator, Drawn) and isinstance(generator.draw, QuotaDraw | RankDraw)
        if bounded and not stays(table, column):
            found.append(column.name)
    return found


def _shifted(table: TablePlan, offset: int) -> TablePlan:
    columns = tuple(
        column if stays(table, column) else replace(column, generator=Shifted(column.generator, offset))
        for column in table.columns
    )
    return replace(table, columns=columns)
