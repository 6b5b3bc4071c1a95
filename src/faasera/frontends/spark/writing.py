"""The direct way to files: executors write with the engine's own writers, the driver commits the manifest."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.errors import PySparkException

from faasera.core.errors import FaaseraError, PolicyError, Problem, RunError
from faasera.core.storage import Location
from faasera.frontends.spark.jobs import collected
from faasera.frontends.spark.options import balanced
from faasera.frontends.spark.progress import following
from faasera.plan.model import Plan
from faasera.run.delta import commit_delta, require_delta
from faasera.run.in_shards import Shard, ShardedRun, WrittenShard
from faasera.run.making import Making, selected
from faasera.run.manifest import Manifest
from faasera.run.objects import refuse_other_run
from faasera.run.order import Cluster
from faasera.run.parcel import Parcel
from faasera.run.pipeline import RowProgress

_UNTOLD = 16

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_files(
    spark: "SparkSession",
    plan: Plan,
    target: Cluster,
    *,
    tables: Sequence[str] | None,
    progress: RowProgress | None = None,
) -> Manifest:
    """Write tables to files that the executors make, one of each shard, and commit them together.

    Args:
        spark: the session.
        plan: what to make.
        target: where to, and how; of the writers' formats, or ``delta``.
        tables: which ones; None for all.
        progress: called with a table's name, its rows so far and its rows in all.

    Raises:
        PolicyError: the call is wrong, or the place holds another run.
        RunError: the run failed; what was there is as it was.
    """
    if target.shard_rows is None:
        most = max((table.row_count for table in selected(plan, tables)), default=1)
        target = replace(target, shard_rows=balanced(most, parallelism(spark)))
    delta = target.format == "delta"
    run = ShardedRun(plan, replace(target, format="parquet") if delta else target, tables)
    if delta:
        require_delta(run.tables)
    refuse_other_run(run.location, [table.name for table in run.tables], overwrite=target.overwrite)
    published = partial(commit_delta, run.location, overwrite=target.overwrite) if delta else None
    try:
        with Making() as making:
            work = _work(Parcel.of(plan), run)
            total = sum(map(run.count, run.tables))
            frame = spark.range(0, total, 1, total).mapInArrow(work, "answer string")
            run.begin(making)
            with following(spark, run, progress):
                written = [WrittenShard.from_json(answer) for answer in _answers(frame, run.location)]
            workers = parallelism(spark)
            return run.commit(written, making=making, seconds=making.seconds, workers=workers, published=published)
    except BaseException:
        with contextlib.suppress(OSError):
            run.abandon()
        raise


def parallelism(spark: "SparkSession") -> int:
    """How many tasks work at once; as a session that does not tell has it."""
    try:
        return max(1, int(spark.sparkContext.defaultParallelism))
    except PySparkException:
        return _UNTOLD


def _work(parcel: Parcel, run: ShardedRun) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What an executor does with the numbers of shards: all that it needs is in here."""
    target = replace(run.target, out=run.location.url)
    tables = tuple(table.name for table in run.tables)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from faasera.frontends.spark.writing import write_shard

        for batch in batches:
            for number in batch.column(0).to_pylist():
                answer = write_shard(parcel, target, tables, number)
                yield pa.RecordBatch.from_arrays([pa.array([answer], pa.string())], names=["answer"])

    return work


def write_shard(parcel: Parcel, target: Cluster, tables: Sequence[str], number: int) -> str:
    """Write one of all shards, counted through all tables; in an executor.

    Returns:
        The shard as JSON, or the problems of a mistake that another attempt would make again.

    Raises:
        OSError: the store did not take it; Spark tries again.
    """
    try:
        run = ShardedRun(parcel.plan(), target, tables)
        return run.write(_numbered(run, number)).to_json()
    except FaaseraError as error:
        problems = [problem.as_dict() for problem in error.problems]
        return json.dumps({"problems": problems, "policy": isinstance(error, PolicyError)})
    except OSError as error:
        try:
            with Location(target.out).translated():
                raise error
        except RunError as told:
            raise OSError(str(told)) from error


def _numbered(run: ShardedRun, number: int) -> Shard:
    for table in run.tables:
        if number < run.count(table):
            return run.shard(table, number)
        number -= run.count(table)
    raise IndexError(number)


def _answers(frame: Any, location: Location) -> Iterator[str]:
    """What the executors answered.

    Raises:
        FaaseraError: of the kind that an executor met.
        RunError: the job failed.
    """
    rows = [row["answer"] for row in collected(frame, str(location))]
    for answer in rows:
        found = json.loads(answer)
        if "problems" in found:
            kind = PolicyError if found["policy"] else RunError
            raise kind(Problem.from_dict(problem) for problem in found["problems"])
    yield from rows
