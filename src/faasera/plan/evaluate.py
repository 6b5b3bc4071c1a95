"""Rows from a plan: any rows of any table, by themselves."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from faasera.core.arrow import Integers, Mask
from faasera.core.streams import Words
from faasera.generators.base import Context, Siblings
from faasera.plan.links import CardinalityLink
from faasera.plan.model import Plan, TablePlan


class Evaluation(Context):
    """Some rows of a table, each column made when it is first asked for.

    Attributes:
        tables: all tables by name, virtual parents too.
        table: the one that the rows belong to.
    """

    def __init__(self, tables: Mapping[str, TablePlan], table: TablePlan, rows: Words) -> None:
        self.tables = tables
        self.table = table
        self.rows = rows
        self._columns: dict[str, pa.Array] = {}
        self._parents: dict[str, Evaluation] = {}
        self._siblings: Siblings | None = None
        self._shared: dict[str, Any] = {}

    def at(self, rows: Words) -> "Evaluation":  # noqa: D102
        return Evaluation(self.tables, self.table, rows)

    def column(self, name: str) -> pa.Array:  # noqa: D102
        if name not in self._columns:
            self._columns[name] = self.table.column(name).generator.generate(self)
        return self._columns[name]

    def parent(self, foreign_key: str) -> "Evaluation":
        """The rows of the parent table that these rows refer to; where a row refers to none, any row."""
        if foreign_key not in self._parents:
            key = self.table.foreign_keys[foreign_key]
            self._parents[foreign_key] = Evaluation(self.tables, self.tables[key.parent], key.link.parents(self))
        return self._parents[foreign_key]

    def has_parent(self, foreign_key: str) -> Mask | None:  # noqa: D102
        return self.table.foreign_keys[foreign_key].present(self)

    def shared(self, key: str, make: Callable[[], Any]) -> Any:  # noqa: D102
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def siblings(self) -> Siblings:  # noqa: D102
        if self._siblings is None:
            self._siblings = Siblings(*self._cardinality(self.table.name).place(self.rows))
        return self._siblings

    def sibling_counts(self) -> Integers:  # noqa: D102
        return self._cardinality(self.table.name).sums.counts(self.siblings().parents)

    def children(self, table: str, start: int, stop: int) -> tuple["Evaluation", Integers]:  # noqa: D102
        sums = self._cardinality(table).sums
        parents = self.rows[start:stop]
        counts = sums.counts(parents)
        ends = np.cumsum(counts)
        ranks = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
        rows = (np.repeat(sums.starts(parents), counts) + ranks).view(np.uint64)
        return Evaluation(self.tables, self.tables[table], rows), counts

    def child_counts(self, table: str) -> Integers:  # noqa: D102
        return self._cardinality(table).sums.counts(self.rows)

    def _cardinality(self, table: str) -> CardinalityLink:
        link = self.tables[table].cardinality
        assert link is not None
        return link

    def batch(self) -> pa.RecordBatch:
        """The columns that are written, with lists of texts as dictionary arrays."""
        arrays = [self.column(column.name) for column in self.table.visible]
        return pa.RecordBatch.from_arrays(arrays, schema=self.table.schema_of([array.type for array in arrays]))


def rows_between(start: int, stop: int) -> Words:
    """The row numbers of a range."""
    return np.arange(start, stop, dtype=np.uint64)


def batch_of(plan: Plan, table: TablePlan, start: int, stop: int) -> pa.RecordBatch:
    """The rows ``start … stop`` of a table, the end excluded.

    Raises:
        RunError: one of them has a value of the deny list.
    """
    batch = Evaluation(plan.relatives, table, rows_between(start, stop)).batch()
    if plan.deny_list is not None:
        plan.deny_list.check(table.name, batch.schema.names, batch, start)
    return batch


def schema_of(plan: Plan, table: TablePlan) -> pa.Schema:
    """The schema of a table's batches."""
    return batch_of(plan, table, 0, 0).schema
