"""The Python blocks of the page about Spark run as they stand, one after the other."""

import re
import time

import pytest
from policies import ROOT
from pyspark.sql import SparkSession

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/spark.md").read_text(), re.S)


@pytest.mark.slow
def test_the_page_about_spark(spark: SparkSession, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"spark": spark}
    assert len(BLOCKS) == 5
    for block in BLOCKS:
        exec(compile(block, "docs/spark.md", "exec"), names)
    query = names["query"]
    try:
        for _ in range(200):
            if spark.sql("SELECT count(*) FROM orders").collect()[0][0]:
                break
            time.sleep(0.1)
        assert spark.sql("SELECT min(order_id) FROM orders").collect()[0][0] == 1
    finally:
        query.stop()
    shown = capsys.readouterr().out
    assert "RETURNED" in shown, "orders by their status"
    assert re.search(r"^\d{5,} [0-9a-f]{32}$", shown, re.M), "rows and a digest"
