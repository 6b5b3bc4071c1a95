"""Airflow: a run in shards, as many at once as the pool has slots; a shard that fails is simply run again.

Put this file into the DAGs' folder of an Airflow 3 whose workers have the command ``faasera``, and trigger it with
{"policy": "s3://bucket/shop.json", "output": "s3://bucket/shop", "shard_rows": "5m"}.
"""

import os
import subprocess

from airflow.sdk import Param, dag, task

FAASERA = os.environ.get("FAASERA", "faasera")


def faasera(*arguments: str, given: str | None = None) -> str:
    """The output of ``faasera cloud``; what is wrong stands in the task's log."""
    return subprocess.run(
        [FAASERA, "cloud", *arguments], input=given, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


@dag(
    schedule=None,
    catchup=False,
    params={
        "policy": Param("shop.json", type="string", description="A path that all workers see, or a URL."),
        "output": Param("s3://bucket/shop", type="string", description="Where the files go."),
        "shard_rows": Param("5m", type="string", description="Rows of a shard."),
    },
    doc_md=__doc__,
)
def faasera_shards() -> None:
    """Plan, write all shards, commit."""

    @task
    def plan(params: dict[str, str]) -> list[str]:
        shards = ("--shard-rows", params["shard_rows"])
        return faasera("plan", params["policy"], "--out", params["output"], *shards).splitlines()

    @task(retries=3)
    def write(event: str) -> None:
        print(faasera("run", "-", given=event))

    @task
    def commit(events: list[str]) -> None:
        print(faasera("commit", "-", given=events[0]))

    events = plan()
    write.expand(event=events) >> commit(events)


faasera_shards()
