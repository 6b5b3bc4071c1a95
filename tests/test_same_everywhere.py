"""One policy of three tables, and the same digests from every engine that there is."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import functions
import pyarrow as pa
import pytest
from policies_for_scale import CITIES, digests, smaller, write_shop
from pyspark.sql import SparkSession
from service_process import Api, ServerProcess
from spark.conftest import spark
from spark.judging import frame_digest
from warm import program

import faasera
from faasera.core.digest import TableDigest
from faasera.plan.model import Plan
from faasera.spark import FaaseraGenerator

__all__ = ["spark"]

PROGRAMS = Path(__file__).parent / "spark"


def command(policy: Path, out: Path, *options: str) -> dict[str, str]:
    """The command line."""
    done = subprocess.run(
        [program(), "generate", policy, "--out", out, *options, "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return digests(done.stdout)


def rest(folder: Path, policy: dict[str, Any], plan: Plan) -> dict[str, str]:
    """``GET /stream`` of a real server, as Arrow."""
    server = ServerProcess(folder / "data").start()
    found = {}
    try:
        with server.client() as client:
            api = Api(client)
            api.call("PUT", "/seeds/cities.csv", content=CITIES.encode())
            api.put("shop", policy)
            for table in plan.tables.values():
                answer = client.get(f"/api/v1/stream/shop/{table.name}", params={"format": "arrow"})
                assert answer.status_code == 200, answer.text
                columns = [(column.name, str(column.data_type)) for column in table.visible]
                digest, start = TableDigest(columns, table.row_count), 0
                for batch in pa.ipc.open_stream(answer.content):
                    digest.add(start, batch)
                    start += batch.num_rows
                found[table.name] = digest.table()
    finally:
        server.stop()
    return found


def shards(policy: Path, out: Path, rows: int, run: Callable[[Any], Any]) -> dict[str, str]:
    """A run in shards, each twice and in any order, as a function is called."""
    base = {"policy": str(policy), "output": str(out)}
    events = run(base | {"action": "plan", "shardRows": rows})["events"] * 2
    random.Random(7).shuffle(events)
    repeated = [run(event)["repeated"] for event in events]
    assert repeated.count(True) == repeated.count(False) == len(events) // 2
    last = {name: value for name, value in events[0].items() if name not in ("table", "rows", "part")}
    answer: dict[str, str] = run(last | {"action": "commit"})["tables"]
    assert answer == digests((out / "_manifest.json").read_bytes())
    return answer


def google(url: str, event: Any) -> Any:
    status, answer = functions.call(url, event)
    assert status == 200, answer
    return answer


def azure(event: Any) -> Any:
    call = functions.azure_functions()["faasera_http"].get_user_function()
    status, answer = functions.azure_answer(call(functions.azure_request(event), functions.Sent()))
    assert status == 200, answer
    return answer


def cluster(policy: Path, out: Path, shard_rows: int) -> dict[str, Any]:
    """A Spark cluster of separate processes, one of which is killed in mid-run."""
    program = [sys.executable, PROGRAMS / "cluster_program.py", policy, out, str(shard_rows)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert len(found["killed"]) == 1
    tables = json.loads((out / "_manifest.json").read_text())["tables"]
    assert found["files"] == sum(len(table["files"]) for table in tables), "nothing of lost attempts is left"
    return found


@pytest.mark.parametrize("times", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_the_same_digests_from_every_engine(tmp_path: Path, spark: SparkSession, times: int):
    shop, rows = smaller(times), 60_000 // times
    policy = write_shop(tmp_path, **shop)
    expected = command(policy, tmp_path / "one", "--workers", "1")
    assert set(expected) == {"customers", "orders", "payments"}
    generator = FaaseraGenerator(policy)
    plan = generator.plan(spark)
    frames = generator.generate(spark, partitions=9)
    found = {
        "command line, 2 workers": command(policy, tmp_path / "two", "--workers", "2", "--format", "parquet"),
        "REST stream": rest(tmp_path, shop, faasera.load(policy).plan),
        "Spark, files": digests(generator.write(spark, str(tmp_path / "files"), shard_rows=8_000 // times)),
        "Spark, data frames": {name: frame_digest(frame, plan.tables[name]) for name, frame in frames.items()},
        "Azure": shards(policy, tmp_path / "azure", rows, azure),
    }
    with functions.aws_lambda() as function:
        found["Lambda"] = shards(policy, tmp_path / "lambda", rows, function.invoke)
    with functions.google_function("http", "http") as url:
        found["Google"] = shards(policy, tmp_path / "google", rows, lambda event: google(url, event))
    assert found == dict.fromkeys(found, expected)


@pytest.mark.slow
def test_the_same_digests_from_a_cluster(tmp_path: Path):
    policy = write_shop(tmp_path)
    killed = cluster(policy, tmp_path / "cluster", 8_000)
    found = {
        "local": command(policy, tmp_path / "local", "--engine", "spark", "--master", "local[2]"),
        "cluster, files": killed["direct"],
        "cluster, data frames": killed["frames"],
    }
    assert found == dict.fromkeys(found, command(policy, tmp_path / "one"))
