"""Spark beside dbldatagen, and a cloud function's shard beside its limits."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.result import Result

HERE = Path(__file__).parent
PYTHON = sys.executable
ROWS, BASE = 10_000_000, 500_000
TARGETS = {"noop": 5.0, "parquet": 2.5, "direct": 6.0}
TITLES = {"noop": "Spark's no-op sink", "parquet": "Spark's Parquet writer", "direct": "Parquet, direct"}
_MEMORY, _IMPORT, _SHARD = 400, 1.2, 2.5


def spark(_: int, rounds: int) -> list[Result]:
    """10 million rows of work A and the shop of work B on local[2]; start-up excluded, a tenth of the rows before."""
    results = []
    for work, rows, count in (("a", ROWS, ROWS), ("b", BASE, 21 * BASE)):
        seconds: dict[str, list[float]] = {}
        memory = 0.0
        for _ in range(rounds):
            for way in ("noop", "parquet"):
                seconds.setdefault(f"dbldatagen {way}", []).append(_peer(rows, way, work))
            for way in ("noop", "parquet", "direct", "own"):
                found = _ours(rows, way, work)
                seconds.setdefault(way, []).append(found["seconds"])
                memory = max(memory, found.get("python", 0.0))
            print(".", end="", file=sys.stderr, flush=True)
        title = {"a": "A customers", "b": "B shop"}[work]
        for way, target in TARGETS.items():
            theirs = seconds["dbldatagen " + ("noop" if way == "noop" else "parquet")]
            name = f"{title}, {TITLES[way]}"
            shown = (_rate(count, seconds[way]), _rate(count, theirs))
            results.append(Result(name, "dbldatagen", *shown, _ratio(theirs, seconds[way]), target))
        shown = (_rate(count, seconds["direct"]), _rate(count, seconds["own"]))
        ratio = _ratio(seconds["own"], seconds["direct"])
        results.append(Result(f"{title}, Parquet, direct", "our engine without Spark", *shown, ratio, 0.6))
        limit = f"{_MEMORY} MB"
        shown = (f"{memory:.0f} MB", limit)
        results.append(Result(f"{title}, Python of an executor's core", limit, *shown, _MEMORY / memory, 1))
    return results


def function(_: int, rounds: int) -> list[Result]:
    """A cold import of the function, and a shard of a million rows of work A to an object store's Parquet."""
    code = "import faasera.frontends.cloud.aws"
    imports = [_timed([PYTHON, "-c", code]) for _ in range(2 * rounds + 1)]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "shard.py"
        script.write_text(_SHARD_SCRIPT)
        policy = HERE / "policies" / "customers.json"
        shards = [
            float(subprocess.run([PYTHON, script, policy], capture_output=True, text=True, check=True).stdout)
            for _ in range(rounds)
        ]
    cold, shard = statistics.median(imports), statistics.median(shards)
    return [
        Result("function, cold import", f"{_IMPORT} s", f"{cold:.2f} s", f"{_IMPORT} s", _IMPORT / cold, 1),
        Result("function, 1 M rows to S3", f"{_SHARD} s", f"{shard:.2f} s", f"{_SHARD} s", _SHARD / shard, 1),
    ]


# The store is a process of its own; the shard is the function's first, plan and policy included.
_SHARD_SCRIPT = """
import os, subprocess, sys, time
server = subprocess.Popen(
    [sys.executable, "-c", "import logging; logging.getLogger('werkzeug').setLevel(40)\\n"
     "from moto.server import ThreadedMotoServer as S\\ns = S('127.0.0.1', 0, verbose=False); s.start()\\n"
     "print(s.get_host_and_port()[1], flush=True); import sys; sys.stdin.read()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
)
os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1",
               "AWS_DEFAULT_REGION": "us-east-1",
               "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.stdout.readline().strip()}"}
import boto3
boto3.client("s3").create_bucket(Bucket="exports")
from faasera.frontends.cloud.aws import handler
started = time.perf_counter()
handler({"policy": sys.argv[1], "rowCounts": "10m", "table": "customers", "rows": [3_000_000, 4_000_000],
         "output": "s3://exports/x"}, None)
print(time.perf_counter() - started)
server.kill()
"""


def _timed(command: Sequence[object]) -> float:
    started = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True)
    return time.perf_counter() - started


def _place() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="faasera-spark-")


def _peer(rows: int, way: str, work: str) -> float:
    with _place() as folder:
        command = [PYTHON, HERE / "peers/dbldatagen_tables.py", rows, f"{folder}/out", way, "--wl", work, "--warm"]
        found = re.search(r"gen_write_s=(\S+)", _output(command))
    assert found is not None
    return float(found[1])


def _ours(rows: int, way: str, work: str) -> dict[str, float]:
    with _place() as folder:
        text = _output([PYTHON, HERE / "spark_tables.py", rows, f"{folder}/out", way, "--wl", work])
    answer: dict[str, float] = json.loads(text.splitlines()[-1])
    return answer


def _output(command: Sequence[object]) -> str:
    given = list(map(str, command))
    done = subprocess.run(given, capture_output=True, text=True, env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"})
    if done.returncode:
        raise SystemExit(f"{' '.join(given)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _rate(count: int, seconds: Sequence[float]) -> str:
    return f"{count / statistics.median(seconds) / 1e6:.2f} M rows/s"


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    return statistics.median(one / own for one, own in zip(theirs, ours, strict=True))
