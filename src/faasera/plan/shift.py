"""Tables whose rows come after those of an earlier run: the same functions, of later row numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Mask
from faasera.core.draws import Draw, PermutedDraw, QuotaDraw, RankDraw
from faasera.core.errors import Problems
from faasera.core.streams import Words
from faasera.generators.context import Context, Delegating, Tables
from faasera.generators.facts import Facts
from faasera.generators.generator import Drawn, Generator, WithNulls
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.arrangement import ArrangedDraw
from faasera.plan.link import CardinalityLink, Link
from faasera.plan.links.drawn import DrawnLink
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, TablePlan

_CROSSING = "a part of this key belongs to new parents by another key, so that the values of before would come again"


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


@dataclass(frozen=True)
class MovedLink(Link):
    """A link to parents that stay, as it is in later rows.

    Attributes:
        inner: the link.
        offset: how many rows later.
    """

    inner: Link
    offset: int

    @override
    def parents(self, context: Context) -> Words:
        return self.inner.parents(Moved(context, self.offset))

    @override
    def present(self, context: Context) -> Mask | None:
        return self.inner.present(Moved(context, self.offset))

    @override
    def check(self, tables: Tables, problems: Problems) -> None:
        self.inner.check(tables, problems)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}; from row {self.offset:,} on"


def shifted(table: TablePlan, offsets: Mapping[str, int]) -> TablePlan:
    """A table of as many rows, as the policy would have them so many rows later.

    Children refer to the new parents alone, so that what is unique together with a parent stays so. Where the parents
    are the ones that were there before, the choice among them goes on instead.

    Args:
        table: as the policy has it.
        offsets: of all tables whose rows come after others.
    """
    offset = offsets.get(table.name, 0)
    if not offset:
        return table
    columns = tuple(
        column if stays(table, column, offsets) else replace(column, generator=Shifted(column.generator, offset))
        for column in table.columns
    )
    foreign_keys = {
        name: key if _has_new_parents(key, offsets) else replace(key, link=MovedLink(key.link, offset))
        for name, key in table.foreign_keys.items()
    }
    return replace(table, columns=columns, foreign_keys=foreign_keys)


def stays(table: TablePlan, column: ColumnPlan, offsets: Mapping[str, int]) -> bool:
    """Whether a column belongs to its row's parent, or to its place among the children, so that it is not moved."""
    if column.name == CHILD_NUMBER or any(column.name in key.columns for key in table.foreign_keys.values()):
        return True
    # What is unique by itself goes on, and keeps every tuple that it belongs to unique.
    if column.name in _unique_alone(table):
        return False
    new = _of_new_parents(table, offsets)
    return any(column.name in key and set(key) & new for key in table.keys)


def ends(table: TablePlan, offsets: Mapping[str, int]) -> list[tuple[str, str]]:
    """What has no values for rows that come later, each with the reason."""
    found = []
    for column in table.columns:
        generator = column.generator
        bounded = isinstance(generator, Drawn) and isinstance(generator.draw, QuotaDraw | RankDraw)
        if bounded and not stays(table, column, offsets):
            found.append((column.name, f"its values are shared out among {table.row_count:,} rows; none come after"))
    found += _arranged(table, offsets)
    for key in table.foreign_keys.values():
        if isinstance(key.link, CardinalityLink) and not _has_new_parents(key, offsets):
            name = "+".join(key.columns)
            found.append((name, f"the rows of {key.parent} have all of their children; none come after"))
    found += [("+".join(key), _CROSSING) for key in table.keys if _crosses(table, key, offsets)]
    return found


def _crosses(table: TablePlan, key: tuple[str, ...], offsets: Mapping[str, int]) -> bool:
    """Whether a part of a key stays because of another one, and nothing else tells later rows from earlier ones."""
    if len(key) < 2 or set(key) & (_unique_alone(table) | _of_new_parents(table, offsets)):
        return False
    goes_on = {name for one in table.foreign_keys.values() for name in one.columns}
    return any(name not in goes_on and stays(table, table.column(name), offsets) for name in key)


def _unique_alone(table: TablePlan) -> set[str]:
    """The columns that are unique by themselves: keys, and those that make several keys hold."""
    permuted = {
        column.name
        for column in table.columns
        if isinstance(column.generator, Drawn) and isinstance(column.generator.draw, PermutedDraw)
    }
    return permuted | {key[0] for key in table.keys if len(key) == 1}


def _arranged(table: TablePlan, offsets: Mapping[str, int]) -> list[tuple[str, str]]:
    """Columns that are arranged with others for fewer rows than there would be."""
    moved = [column for column in table.columns if not stays(table, column, offsets)]
    draws = [(column.name, _drawn(column.generator)) for column in moved]
    draws += [
        (name, key.link.draw)
        for name, key in table.foreign_keys.items()
        if isinstance(key.link, DrawnLink) and not _has_new_parents(key, offsets)
    ]
    rows = offsets.get(table.name, 0) + table.row_count
    return [
        (name, f"its unique tuples are arranged for {draw.numbers.size:,} rows; none come after")
        for name, draw in draws
        if isinstance(draw, ArrangedDraw) and draw.numbers.size < rows
    ]


def _drawn(generator: Generator) -> Draw | None:
    while isinstance(generator, WithNulls):
        generator = generator.inner
    return generator.draw if isinstance(generator, Drawn) else None


def _has_new_parents(key: ForeignKeyPlan, offsets: Mapping[str, int]) -> bool:
    return bool(offsets.get(key.parent)) and not key.virtual


def _of_new_parents(table: TablePlan, offsets: Mapping[str, int]) -> set[str]:
    keys = (key for key in table.foreign_keys.values() if _has_new_parents(key, offsets))
    return {column for key in keys for column in key.columns}
