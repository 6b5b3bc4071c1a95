"""Digests of data frames, made of what Spark hands back."""

import datetime

import pyarrow as pa
from pyspark.sql import DataFrame

from faasera.core.digest import TableDigest
from faasera.plan.model import TablePlan


def frame_digest(frame: DataFrame, table: TablePlan) -> str:
    """The digest of a data frame's rows in their order, as if they had been written."""
    return table_digest(frame.toArrow(), table)


def table_digest(made: pa.Table, table: TablePlan) -> str:
    """The digest of rows that somebody has read back."""
    for number, column in enumerate(table.visible):
        if column.data_type.name == "TIME":
            # Spark has a time of day as a text.
            times = [datetime.time.fromisoformat(text) for text in made[column.name].to_pylist()]
            made = made.set_column(number, column.name, pa.array(times, pa.time64("us")))
    fields = {column.name: column.data_type.arrow for column in table.visible}
    made = made.cast(pa.schema([pa.field(name, kind) for name, kind in fields.items()])).combine_chunks()
    digest = TableDigest([(column.name, str(column.data_type)) for column in table.visible], table.row_count)
    start = 0
    for batch in made.to_batches():
        digest.add(start, batch)
        start += batch.num_rows
    return digest.table()
