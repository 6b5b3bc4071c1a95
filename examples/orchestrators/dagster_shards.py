"""Dagster: a run in shards, as many at once as the executor allows; a shard that fails is simply run again.

dagster dev -f examples/orchestrators/dagster_shards.py
"""

import os
import subprocess
from collections.abc import Iterator

import dagster

FAASERA = os.environ.get("FAASERA", "faasera")


def faasera(*arguments: str, given: str | None = None) -> str:
    """The output of ``faasera cloud``; what is wrong stands in the run's log."""
    return subprocess.run(
        [FAASERA, "cloud", *arguments], input=given, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


class Run(dagster.Config):
    """What to make, and where."""

    policy: str
    output: str
    shard_rows: str = "5m"


@dagster.op(out={"events": dagster.Out(list), "shards": dagster.DynamicOut(str)})
def plan(config: Run) -> Iterator[dagster.Output | dagster.DynamicOutput]:
    """An event for each shard."""
    events = faasera("plan", config.policy, "--out", config.output, "--shard-rows", config.shard_rows).splitlines()
    yield dagster.Output(events, "events")
    for number, event in enumerate(events):
        yield dagster.DynamicOutput(event, mapping_key=str(number), output_name="shards")


@dagster.op(retry_policy=dagster.RetryPolicy(max_retries=3))
def write(context: dagster.OpExecutionContext, event: str) -> bool:
    """One shard's file."""
    context.log.info(faasera("run", "-", given=event))
    return True


@dagster.op
def commit(context: dagster.OpExecutionContext, events: list, written: list) -> None:
    """The manifest, once all shards are there."""
    context.log.info(f"{len(written)} shards\n" + faasera("commit", "-", given=events[0]))


@dagster.job
def faasera_shards() -> None:
    """Plan, write all shards, commit."""
    events, shards = plan()
    commit(events, shards.map(write).collect())


definitions = dagster.Definitions(jobs=[faasera_shards])
