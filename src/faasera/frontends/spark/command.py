"""``faasera generate --engine spark``."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from faasera.core.errors import refuse
from faasera.core.extras import require
from faasera.core.kept import Kept
from faasera.run.carrying_out import Watch, planned
from faasera.run.manifest import Manifest
from faasera.run.order import Cluster, Order

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


def make_on_spark(order: Order, watch: Watch) -> Manifest:
    """Make the rows of an order on a cluster.

    Raises:
        PolicyError: the policy or the order is wrong, or no cluster answers.
        RunError: the run failed; what was there is as it was.
    """
    target = order.target
    assert isinstance(target, Cluster)
    with session(target.master) as spark:
        from faasera.frontends.spark.sums import SparkSums
        from faasera.frontends.spark.writing import write_files

        plan = planned(order, Kept(make=SparkSums(spark)))
        with watch.writing(plan, order) as progress:
            return write_files(spark, plan, target, tables=order.tables, progress=progress)
