"""Ours on Spark, beside dbldatagen_tables.py.  usage: ROWS OUT noop|parquet|direct|own [--wl a|b]

``noop`` and ``parquet`` go through Spark's own writers, ``direct`` is the executors' own way to files, and ``own`` the
engine without Spark. A run of a tenth of the rows comes first, as it does there, so that all of them are warm.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

os.environ["PYSPARK_PYTHON"] = sys.executable
parser = argparse.ArgumentParser()
parser.add_argument("rows", type=int)
parser.add_argument("out")
parser.add_argument("way", choices=("noop", "parquet", "direct", "own"))
parser.add_argument("--wl", default="a", choices=("a", "b"))
options = parser.parse_args()
HERE = Path(__file__).parent
POLICY = HERE / "policies" / ("customers.json" if options.wl == "a" else "shop.json")
WARM_ROWS = 1_000_000 if options.wl == "a" else 50_000
PYTHONS: dict[int, int] = {}


def counts(rows: int) -> dict[str, int]:
    if options.wl == "a":
        return {"customers": rows}
    return {"customers": rows, "orders": 5 * rows, "order_items": 15 * rows}


def watch(stop: threading.Event) -> None:
    """The peak of each Python process of the executors, in kB."""
    while not stop.wait(0.2):
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    if b"pyspark.daemon" in (folder / "cmdline").read_bytes():
                        status = (folder / "status").read_text()
                        PYTHONS[int(folder.name)] = int(status.split("VmHWM:")[1].split()[0])
                except (OSError, IndexError):
                    continue


def main() -> None:
    if options.way == "own":
        import faasera

        faasera.load(POLICY, rows=counts(WARM_ROWS)).write(f"{options.out}_warm", format="parquet", overwrite=True)
        started = time.perf_counter()
        faasera.load(POLICY, rows=counts(options.rows)).write(options.out, format="parquet", overwrite=True)
        print(json.dumps({"seconds": time.perf_counter() - started}))
        return
    from pyspark.sql import SparkSession

    from faasera.spark import FaaseraGenerator

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "8g")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.parquet.compression.codec", "snappy")
        .getOrCreate()
    )
    spark.range(1).count()

    def write(rows: int, out: str) -> None:
        generator = FaaseraGenerator(POLICY, rows=counts(rows))
        if options.way == "direct":
            generator.write(spark, out, mode="overwrite")
            return
        for name, frame in generator.generate(spark).items():
            writer = frame.write.mode("overwrite")
            writer.format("noop").save() if options.way == "noop" else writer.parquet(f"{out}/{name}")

    write(WARM_ROWS, f"{options.out}_warm")
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(stop,))
    watcher.start()
    started = time.perf_counter()
    write(options.rows, options.out)
    seconds = time.perf_counter() - started
    stop.set()
    watcher.join()
    print(json.dumps({"seconds": seconds, "python": max(PYTHONS.values()) / 1024}))
    spark.stop()


main()
