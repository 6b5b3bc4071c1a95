"""``faasera generate --engine spark``."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from faasera.core.errors import refuse
from faasera.core.extras import require
from faasera.run.manifest import Manifest
from faasera.run.planning import PolicySource, RowOverride

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MASTERS = ("local", "spark://", "yarn", "k8s://", "sc://")


@contextlib.contextmanager
def session(master: str | None) -> Iterator["SparkSession"]:
    """A session of its own, ended afterwards.

    Args:
        master: as Spark names it: ``local[4]``, ``spark://host:7077``, ``yarn``, ``sc://host``; None leaves it to
            Spark's own settings.

    Raises:
        PolicyError: PySpark or Java is not there, or no cluster answers.
    """
    require("pyspark", extra="spark", purpose="the engine 'spark'")
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if master is not None and not master.startswith(_MASTERS):
        message = f"--master {master} names no cluster"
        refuse("bad-option", message, f"Begin with one of {', '.join(_MASTERS)}.")
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("faasera").config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.log.level", "ERROR")
    try:
        if master is not None:
            builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
        spark = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        message = f"Spark does not start: {str(error).splitlines()[0][:200]}"
        remedy = "Check --master, and that Java 17 is installed (JAVA_HOME)."
        refuse("spark-unavailable", message, remedy)
    try:
        yield spark
    finally:
        spark.stop()


def generate_on_spark(
    spark: "SparkSession",
    source: PolicySource,
    out: str,
    *,
    seed: int | None,
    rows: RowOverride | None,
    format: str,
    options: Mapping[str, object],
    tables: Sequence[str] | None,
    overwrite: bool,
    shard_rows: int | None,
    quiet: bool,
) -> Manifest:
    """Write a policy's tables to files on a cluster, with a bar for each.

    Raises:
        PolicyError: the policy or the call is wrong.
        RunError: the run failed; what was there is as it was.
    """
    from faasera.frontends.show import table_progress
    from faasera.frontends.spark.generator import FaaseraGenerator
    from faasera.frontends.spark.writing import write_files

    plan = FaaseraGenerator.of(source, seed=seed, rows=rows).plan(spark)
    with table_progress(plan, tables, quiet=quiet) as progress:
        return write_files(
            spark,
            plan,
            out,
            format=format,
            options=options,
            tables=tables,
            overwrite=overwrite,
            shard_rows=shard_rows,
            progress=progress,
        )
