"""Rows from a plan: any rows of any table, by themselves."""

import numpy as np
import pyarrow as pa

from faasera.core.arrow import Mask
from faasera.core.streams import Words
from faasera.generators.base import Context
from faasera.plan.model import Plan, TablePlan


class Evaluation(Context):
    """Some rows of a table, each column made when it is first asked for."""

    def __init__(self, plan: Plan, table: TablePlan, rows: Words) -> None:
        self.plan = plan
        self.table = table
        self.rows = rows
        self._columns: dict[str, pa.Array] = {}
        self._parents: dict[str, Evaluation] = {}

    def column(self, name: str) -> pa.Array:  # noqa: D102
        if name not in self._columns:
            self._columns[name] = self.table.column(name).generator.generate(self)
        return self._columns[name]

    def parent(self, foreign_key: str) -> "Evaluation":  # noqa: D102
        if foreign_key not in self._parents:
            key = self.table.foreign_keys[foreign_key]
            self._parents[foreign_key] = Evaluation(self.plan, self.plan.tables[key.parent], key.parents(self.rows))
        return self._parents[foreign_key]

    def has_parent(self, foreign_key: str) -> Mask | None:  # noqa: D102
        return self.table.foreign_keys[foreign_key].present(self.rows)

    def batch(self) -> pa.RecordBatch:
        """The columns that are written, with lists of texts as dictionary arrays."""
        arrays = [self.column(column.name) for column in self.table.visible]
        return pa.RecordBatch.from_arrays(arrays, schema=self.table.schema_of([array.type for array in arrays]))


def rows_between(start: int, stop: int) -> Words:
    """The row numbers of a range."""
    return np.arange(start, stop, dtype=np.uint64)


def batch_of(plan: Plan, table: TablePlan, start: int, stop: int) -> pa.RecordBatch:
    """The rows ``start … stop`` of a table, the end excluded."""
    return Evaluation(plan, table, rows_between(start, stop)).batch()


def schema_of(plan: Plan, table: TablePlan) -> pa.Schema:
    """The schema of a table's batches."""
    return batch_of(plan, table, 0, 0).schema
