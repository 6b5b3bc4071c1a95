"""Running totals of numbers of children, counted by the executors."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from faasera.core.prefix_sums import Counts, PrefixSums, block_size, block_sums, joined
from faasera.frontends.spark.jobs import collected
from faasera.run.parcel import ENGINE, same_engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOCAL = 1 << 24
_PIECE = 1 << 27


class SparkSums:
    """Makes running totals: of a few million numbers here, of more of them in the executors.

    Args:
        spark: the session.
    """

    def __init__(self, spark: "SparkSession") -> None:
        self.spark = spark

    def __call__(self, size: int, counts: Counts) -> PrefixSums:
        """The running totals."""
        if size <= _LOCAL:
            return PrefixSums(size, counts)
        block = block_size(size)
        unit = max(block, _PIECE // block * block)
        pieces = -(-size // unit)
        engine = ENGINE

        def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            same_engine(engine)
            for batch in batches:
                numbers = batch.column(0).to_pylist()
                made = [block_sums(counts, one * unit, min((one + 1) * unit, size), block) for one in numbers]
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.array(numbers, pa.int64()),
                        pa.array([sums.astype("<i8").tobytes() for sums, _ in made], pa.binary()),
                        pa.array([largest for _, largest in made], pa.int64()),
                    ],
                    names=["number", "sums", "largest"],
                )

        frame = self.spark.range(0, pieces, 1, pieces).mapInArrow(count, "number long, sums binary, largest long")
        rows = sorted(collected(frame, "the numbers of children"))
        found = [(np.frombuffer(row["sums"], dtype="<i8").astype(np.int64), int(row["largest"])) for row in rows]
        return PrefixSums(size, counts, sums=joined(found))
