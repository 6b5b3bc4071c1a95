"""How far a job of shards is, as Spark counts its tasks."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException

from faasera.run.in_shards import ShardedRun
from faasera.run.pipeline import RowProgress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECONDS = 0.3


@contextlib.contextmanager
def following(spark: "SparkSession", run: ShardedRun, told: RowProgress | None) -> Iterator[None]:
    """Tell how far the job is that is begun inside; a session without a tracker tells nothing."""
    try:
        context: Any = spark.sparkContext
    except PySparkException:
        context = None
    if told is None or context is None:
        yield
        return
    group, over = f"faasera-{uuid.uuid4().hex}", threading.Event()
    context.setJobGroup(group, "faasera: write shards", interruptOnCancel=True)

    def follow() -> None:
        while not over.wait(_SECONDS):
            _tell(run, _completed(context, group), told)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()
    _tell(run, sum(map(run.count, run.tables)), told)


def _completed(context: Any, group: str) -> int:
    tracker, done = context.statusTracker(), 0
    for job in tracker.getJobIdsForGroup(group):
        info = tracker.getJobInfo(job)
        for stage in info.stageIds if info is not None else ():
            found = tracker.getStageInfo(stage)
            done += found.numCompletedTasks if found is not None else 0
    return done


def _tell(run: ShardedRun, shards: int, told: RowProgress) -> None:
    """Tasks begin in the order of the shards, so that what is done is nearly those in front."""
    for table in run.tables:
        count = run.count(table)
        if shards <= 0:
            return
        told(table.name, min(table.row_count, shards * run.shard_rows), table.row_count)
        shards -= count
