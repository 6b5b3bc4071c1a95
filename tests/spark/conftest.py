"""A Spark session for all tests of this folder; the cluster's tests start their own."""

import os
import sys
from collections.abc import Iterator

import pytest
from database_fixtures import fresh
from pyspark.sql import SparkSession
from spark.warm_python import warm_python
from stores import KEY, SECRET

__all__ = ["fresh"]

os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
# Tests are over before the second compiler pays.
os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = warm_python(folder)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "OFF")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.extraClassPath", "/usr/share/java/postgresql.jar")
        .config("spark.executorEnv.AWS_ACCESS_KEY_ID", KEY)
        .config("spark.executorEnv.AWS_SECRET_ACCESS_KEY", SECRET)
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield session
    session.stop()
