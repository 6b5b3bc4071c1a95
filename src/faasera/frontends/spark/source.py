"""The data source ``faasera``: a table of a policy, made by the executors in Arrow batches."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from faasera.core.errors import FaaseraError, refuse
from faasera.frontends.spark.options import Options
from faasera.frontends.spark.types import Converter, spark_schema
from faasera.plan.evaluate import batch_of
from faasera.plan.model import row_ranges

_BATCH_ROWS = 65_536


@contextlib.contextmanager
def _shortly() -> Iterator[None]:
    """Problems without the calls that led to them, as Spark shows these before it shows the problems."""
    try:
        yield
    except FaaseraError as error:
        raise type(error)(error.problems) from None


class RowSpan(InputPartition):
    """Some rows of the table."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__((start, stop))
        self.start = start
        self.stop = stop


class BatchMaker:
    """Makes rows in an executor; all it knows travels with it."""

    def __init__(self, options: Options, schema: StructType) -> None:
        self.parcel = options.parcel
        self.table = options.table.name
        self.columns = [column.name for column in options.columns]
        self.schema = schema

    def batches(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a partition."""
        if not isinstance(partition, RowSpan):
            return
        with _shortly():
            plan = self.parcel.plan()
        table, convert = plan.tables[self.table], Converter(self.schema)
        for start, stop in row_ranges(partition.stop - partition.start, _BATCH_ROWS):
            first, last = partition.start + start, partition.start + stop
            yield convert(batch_of(plan, table, first, last, self.columns))


class FaaseraReader(DataSourceReader):
    """Reads the whole table, in partitions."""

    def __init__(self, options: Options, schema: StructType) -> None:
        cut = options.partitioning()
        self._spans = [RowSpan(*cut.span(number)) for number in range(cut.count)]
        self._maker = BatchMaker(options, schema)

    def __getstate__(self) -> dict[str, Any]:
        """What executors need: not where the others begin and end."""
        return {"_maker": self._maker}

    def partitions(self) -> Sequence[InputPartition]:
        """The rows of each task."""
        return list(self._spans)

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a task in Arrow batches.

        Raises:
            PolicyError: the executor has another version, or lacks a key.
        """
        return self._maker.batches(partition)


class FaaseraStreamReader(DataSourceStreamReader):
    """Lets the table's rows arrive at a steady rate, and ends with its last row."""

    def __init__(self, options: Options, schema: StructType) -> None:
        self._rate, self._first, self._cut = options.stream()
        self._rows = options.table.row_count
        self._maker = BatchMaker(options, schema)
        self._began: tuple[float, int] | None = None

    def initialOffset(self) -> dict[str, int]:  # noqa: N802
        """The first row."""
        return {"row": self._first}

    def latestOffset(self, start: Mapping[str, int] | None = None, limit: Any = None) -> dict[str, int]:  # noqa: ARG002, N802
        """The rows that are due by now: the clock decides when they come, never what they are."""
        now = time.monotonic()
        if self._began is None:
            self._began = (now, int(start["row"]) if start else self._first)
        since, first = self._began
        return {"row": min(self._rows, first + int((now - since) * self._rate))}

    def partitions(self, start: Mapping[str, int], end: Mapping[str, int]) -> Sequence[InputPartition]:
        """The rows between two offsets."""
        first, last = int(start["row"]), int(end["row"])
        edges = [first + (last - first) * number // self._cut for number in range(self._cut + 1)]
        return [RowSpan(low, high) for low, high in itertools.pairwise(edges) if low < high]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a task in Arrow batches."""
        return self._maker.batches(partition)


class FaaseraDataSource(DataSource):
    """``spark.read.format("faasera").option("policy", …).option("table", …).load()``."""

    @classmethod
    def name(cls) -> str:
        """The name of the format."""
        return "faasera"

    def schema(self) -> StructType:
        """The table's columns with their exact types.

        Raises:
            PolicyError: with all problems of the policy and of the options.
        """
        with _shortly():
            options = Options(self.options)
            options.check()
        return spark_schema(options.columns)

    def reader(self, schema: StructType) -> DataSourceReader:
        """Of the whole table."""
        with _shortly():
            return FaaseraReader(self._asked(schema), schema)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:  # noqa: N802
        """Of rows that come at a rate."""
        with _shortly():
            return FaaseraStreamReader(self._asked(schema), schema)

    def _asked(self, schema: StructType) -> Options:
        """The options, which fit the schema.

        Raises:
            PolicyError: the schema that was given is not the table's.
        """
        options = Options(self.options)
        if [(field.name, field.dataType) for field in schema] != [
            (field.name, field.dataType) for field in spark_schema(options.columns)
        ]:
            message = f"the schema that was given is not that of '{options.table.name}'"
            refuse("schema-mismatch", message, "Leave .schema(…) out, or name 'columns'.")
        return options
