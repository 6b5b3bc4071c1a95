"""As a cluster has it that installed the wheel: no file of the repository is needed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from policies import ROOT
from policies_for_scale import write_shop

import faasera

ALONE = """
import json, sys
import faasera
tables = {name: dataset.slice(0, 20).to_pylist() for name, dataset in faasera.load(sys.argv[1]).items()}
print(json.dumps([faasera.__file__, tables], default=str))
"""
CLUSTER = """
import json, os, sys, warnings
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.sql import SparkSession
from faasera.spark import FaaseraGenerator
spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.log.level", "OFF").getOrCreate()
)
def place(batches):
    import faasera, pyarrow
    for batch in batches:
        yield pyarrow.RecordBatch.from_pydict({"place": [faasera.__file__]})
where = spark.range(1).mapInArrow(place, "place string").collect()[0]["place"]
rows = FaaseraGenerator(sys.argv[1]).table(spark, "orders").limit(20).collect()
print(json.dumps([where, [row["ship_to"] for row in rows]]))
spark.stop()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which it is installed, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [ROOT / ".ci/install", sys.executable, "--no-deps", "--target", folder, ROOT], check=True, capture_output=True
    )
    return folder


def told(program: str, wheel: Path, shop: Path) -> Any:
    """What a program says that has the wheel, and no file of the repository."""
    done = subprocess.run(
        [sys.executable, "-c", program, shop],
        env=os.environ | {"PYTHONPATH": str(wheel), "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=shop.parent,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    where, *found = json.loads(done.stdout.splitlines()[-1])
    assert Path(where).is_relative_to(wheel)
    return found


def test_the_wheel_is_all_that_a_machine_needs(wheel: Path, tmp_path: Path):
    shop = write_shop(tmp_path)
    tables = {name: dataset.slice(0, 20).to_pylist() for name, dataset in faasera.load(shop).items()}
    assert told(ALONE, wheel, shop) == [json.loads(json.dumps(tables, default=str))]


@pytest.mark.slow
def test_the_wheel_is_all_that_a_cluster_needs(wheel: Path, tmp_path: Path):
    shop = write_shop(tmp_path)
    (places,) = told(CLUSTER, wheel, shop)
    assert places == faasera.load(shop)["orders"].slice(0, 20)["ship_to"].to_pylist()
