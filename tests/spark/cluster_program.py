"""A program on a cluster of separate processes; one of the executors is killed while it works.

usage: POLICY OUT SHARD_ROWS [ENGINE]: with a folder ENGINE the executors import Faasera from there.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.sql import SparkSession  # noqa: E402
from spark.judging import frame_digest  # noqa: E402

import faasera  # noqa: E402
from faasera.spark import FaaseraGenerator  # noqa: E402


def executors(port: str) -> list[int]:
    """The processes of the executors of this driver."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(None, 1) for line in listed.splitlines()]
    return [int(pid) for pid, call in lines if "CoarseGrainedExecutorBackend" in call and f":{port} " in f"{call} "]


def kill_one(port: str, begun: "callable", killed: list[int]) -> None:
    """Kill an executor once work has begun."""
    while not begun():
        time.sleep(0.02)
    victim = executors(port)[0]
    os.kill(victim, signal.SIGKILL)
    killed.append(victim)


def main(policy: str, out: str, shard_rows: int, engine: str | None) -> None:
    builder = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "OFF")
    )
    if engine is not None:
        builder = builder.config("spark.executorEnv.PYTHONPATH", engine)
    spark = builder.getOrCreate()
    port = spark.sparkContext.getConf().get("spark.driver.port")
    generator = FaaseraGenerator(policy)
    try:
        killed: list[int] = []

        def begun() -> bool:
            return len(list(Path(out).rglob("part-*"))) >= 3

        if engine is None:
            threading.Thread(target=kill_one, args=(port, begun, killed), daemon=True).start()
        manifest = generator.write(spark, out, shard_rows=shard_rows)
        direct = {entry.table.name: entry.digest for entry in manifest.tables}
        plan = generator.plan(spark)
        frames = {
            name: frame_digest(frame, plan.tables[name])
            for name, frame in generator.generate(spark, partitions=9).items()
        }
        attempts = {path.relative_to(out).as_posix() for path in Path(out).rglob("part-*")}
        print(json.dumps({"direct": direct, "frames": frames, "killed": killed, "files": len(attempts)}))
    except faasera.PolicyError as error:
        print(json.dumps({"problems": [problem.as_dict() for problem in error.problems]}))
    finally:
        spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None)
