"""Tables whose rows come after those of an earlier run: the same functions, of later row numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.draws import QuotaDraw, RankDraw
from faasera.core.streams import Words
from faasera.generators.context import Context, Delegating
from faasera.generators.facts import Facts
from faasera.generators.generator import Drawn, Generator
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.model import ColumnPlan, TablePlan


class Moved(Delegating):
    """Rows as later ones of their table, whose other columns, parents and siblings are those that they were."""

    def __init__(self, base: Context, offset: int) -> None:
        super().__init__(base, base.rows + np.uint64(offset))
        self.offset = offset

    @override
    def at(self, rows: Words) -> "Moved":
        return Moved(self.base.at(rows - np.uint64(self.offset)), self.offset)

    @override
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        return self.base.shared(f"{key} of later rows", make)


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


def stays(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether a column belongs to its row's new parent, so that it is not moved."""
    foreign = {name for key in table.foreign_keys.values() for name in key.columns}
    if column.name == CHILD_NUMBER or column.name in foreign:
        return True
    # What is unique by itself goes on, and keeps every tuple that it belongs to unique.
    by_itself = (column.name,) in table.keys
    return not by_itself and any(column.name in key and set(key) & foreign for key in table.keys)


def ends(table: TablePlan) -> list[str]:
    """The columns whose values are shared out among a known number of rows, so that none come after them."""
    found = []
    for column in table.columns:
        generator = column.generator
        bounded = isinstance(generator, Drawn) and isinstance(generator.draw, QuotaDraw | RankDraw)
        if bounded and not stays(table, column):
            found.append(column.name)
    return found


def shifted(table: TablePlan, offset: int) -> TablePlan:
    """A table of as many rows, as the policy would have them so many rows later.

    Children refer to the new parents alone, so that what is unique together with a parent stays so.
    """
    if not offset:
        return table
    columns = tuple(
        column if stays(table, column) else replace(column, generator=Shifted(column.generator, offset))
        for column in table.columns
    )
    return replace(table, columns=columns)
