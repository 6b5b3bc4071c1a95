"""Where the rows of a table go in a database."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.databases.base import Database, plain_table
from faasera.databases.structure import ColumnStructure

_PIECE_BYTES = 32 << 20
SelfReference = tuple[tuple[str, ...], tuple[str, ...]]
"""Columns that refer to their own table, and the columns that they refer to."""


class TableSink:
    """Takes the rows of a table into a database.

    Args:
        database: open, in a transaction.
        table: its name.
        columns: that are written, in the order of the rows'.
        empty: columns that are left empty at first.
        own_keys: references of the table to itself.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        columns: Sequence[ColumnStructure],
        empty: frozenset[str] = frozenset(),
        own_keys: Sequence[SelfReference] = (),
    ) -> None:
        self.database = database
        self.table = table
        self.columns = list(columns)
        self.empty = empty
        self.own_keys = () if database.sees_own_rows else own_keys

    def rows_per_piece(self, row_bytes: int) -> int:
        """How many rows are sent at once."""
        return max(1, min(self.database.piece_rows, _PIECE_BYTES // row_bytes))

    def open(self) -> None:
        """Nothing to get ready: the table is there."""

    def encode(self, batches: Sequence[pa.RecordBatch]) -> Any:
        """Rows as the database takes them, those that others refer to before these."""
        if self.empty:
            batches = [_emptied(batch, self.empty) for batch in batches]
        if not self.own_keys:
            return [self.database.encode(self.table, self.columns, batches)]
        return [self.database.encode(self.table, self.columns, [part]) for part in generations(batches, self.own_keys)]

    def append(self, piece: Any) -> None:
        """Send them."""
        for part in piece:
            if self.own_keys:
                self.database.insert(self.table, self.columns, part)
            else:
                self.database.append(self.table, self.columns, part)

    def finish(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        """See that all rows have arrived; they are kept when the run is committed."""
        self.database.end()

    def close(self) -> None:
        """The connection is the run's."""


def generations(batches: Sequence[pa.RecordBatch], keys: Sequence[SelfReference]) -> list[pa.RecordBatch]:
    """Rows that refer to rows among them, those before that are referred to.

    Args:
        batches: of one table.
        keys: references of the table to itself.
    """
    rows = plain_table(batches).combine_chunks().to_batches()[0]
    level = np.zeros(rows.num_rows, dtype=np.int64)
    parents = []
    for own, other in keys:
        found = pc.index_in(_joined(rows, own), value_set=_joined(rows, other))
        parents.append(np.asarray(pc.fill_null(found, -1), dtype=np.int64))
    for _ in range(rows.num_rows):
        deeper = level
        for parent in parents:
            deeper = np.maximum(deeper, np.where(parent >= 0, level[parent] + 1, 0))
        if (deeper == level).all():
            break
        level = deeper
    return [rows.take(pa.array(np.flatnonzero(level == one))) for one in range(int(level.max(initial=0)) + 1)]


def _joined(rows: pa.RecordBatch, columns: Sequence[str]) -> pa.Array:
    texts = [pc.cast(rows.column(column), pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, "\x1f")


def _emptied(batch: pa.RecordBatch, columns: frozenset[str]) -> pa.RecordBatch:
    arrays = [
        pa.nulls(batch.num_rows, array.type) if name in columns else array
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
