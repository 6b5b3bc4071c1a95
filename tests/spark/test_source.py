"""The data source: exact schemas, the rows of all other engines, and errors that say what to do."""

import datetime
import json
import re
import time
from decimal import Decimal
from pathlib import Path

import pytest
from policies_for_scale import digests, write_shop
from pyspark.sql import SparkSession, types
from spark.judging import frame_digest

import faasera
import faasera.spark

EVERY_TYPE = {
    "tableName": "types",
    "rowCount": 70_000,
    "columnRuleMap": {
        "number": {"type": "SEQUENCE"},
        "small": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": -5, "max": 5}},
        "price": {"type": "RANDOM", "dataType": "DECIMAL(12,3)", "range": {"min": -10, "max": 10}},
        "ratio": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 1}},
        "flag": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.2},
        "day": {"type": "DATE_RANDOM", "range": {"start": "1890-01-01", "end": "2100-01-01"}},
        "moment": {"type": "DATE_RANDOM", "range": {"start": "1995-01-01 00:00:00", "end": "2030-01-01"}},
        "clock": {"type": "RANDOM", "dataType": "TIME", "range": {"min": "08:00:00", "max": "18:00:00"}},
        "key": {"type": "RANDOM", "dataType": "UUID"},
        "name": {"type": "SEED", "semanticType": "first-name", "nullFraction": 0.1},
        "constant": {"type": "CONSTANT", "value": "Zoë 🙂"},
    },
}


def read(spark: SparkSession, policy: object, **options: object):
    faasera.spark.register(spark)
    text = json.dumps(policy) if isinstance(policy, dict) else str(policy)
    reader = spark.read.format("faasera").option("policy", text)
    for name, value in options.items():
        reader = reader.option(name, str(value))
    return reader.load()


def test_every_type_is_exact_and_so_are_the_values(spark: SparkSession, tmp_path: Path):
    frame = read(spark, EVERY_TYPE)
    assert [(field.name, field.dataType, field.nullable) for field in frame.schema] == [
        ("number", types.LongType(), False),
        ("small", types.IntegerType(), False),
        ("price", types.DecimalType(12, 3), False),
        ("ratio", types.DoubleType(), False),
        ("flag", types.BooleanType(), True),
        ("day", types.DateType(), False),
        ("moment", types.TimestampNTZType(), False),
        ("clock", types.StringType(), False),
        ("key", types.StringType(), False),
        ("name", types.StringType(), True),
        ("constant", types.StringType(), False),
    ]
    assert frame.schema["key"].metadata == {"dataType": "UUID"}
    local = faasera.load(EVERY_TYPE)["types"]
    assert frame_digest(frame, local.plan) == digests(faasera.load(EVERY_TYPE).write(tmp_path / "out"))["types"]
    rows = [row.asDict() for row in frame.limit(50).collect()]
    expected = [{**row, "clock": str(row["clock"])} for row in local.slice(0, 50).to_pylist()]
    assert rows == expected
    assert isinstance(rows[0]["price"], Decimal) and isinstance(rows[0]["moment"], datetime.datetime)


@pytest.mark.parametrize(
    "options",
    [{"numPartitions": 7}, *(pytest.param(one, marks=pytest.mark.slow) for one in ({"rowsPerPartition": 9_999}, {}))],
    ids=str,
)
def test_partitions_leave_no_trace(spark: SparkSession, options: dict):
    frame = read(spark, EVERY_TYPE, **options)
    count = {7: 7, 9_999: 8, None: 1}[next(iter(options.values()), None)]
    assert frame.rdd.getNumPartitions() == count
    assert frame.orderBy("number").limit(10).collect() == read(spark, EVERY_TYPE).limit(10).collect()
    assert frame_digest(frame, faasera.load(EVERY_TYPE)["types"].plan) == frame_digest(
        read(spark, EVERY_TYPE), faasera.load(EVERY_TYPE)["types"].plan
    )


def test_only_the_columns_that_are_asked_for_are_made(spark: SparkSession):
    frame = read(spark, EVERY_TYPE, columns="name, number")
    assert frame.columns == ["name", "number"]
    expected = [(row["name"], row["number"]) for row in faasera.load(EVERY_TYPE)["types"].slice(0, 30).to_pylist()]
    assert [tuple(row) for row in frame.limit(30).collect()] == expected


def test_seed_and_rows_and_a_policy_in_a_file(spark: SparkSession, tmp_path: Path):
    shop = write_shop(tmp_path)
    frame = read(spark, shop, table="orders", seed=5, rows="customers=1k,payments=10")
    local = faasera.load(shop, seed=5, rows={"customers": 1000, "payments": 10})["orders"]
    assert [row.asDict() for row in frame.collect()] == local.to_arrow().to_pylist()


def test_what_only_the_driver_can_read_travels(spark: SparkSession, tmp_path: Path):
    """The policy and its seed file are gone when the executors begin."""
    (tmp_path / "hidden").mkdir()
    shop = write_shop(tmp_path / "hidden")
    generator = faasera.spark.FaaseraGenerator(shop, rows={"customers": 500, "payments": 10})
    expected = faasera.generate(shop, rows={"customers": 500, "payments": 10})
    frames = generator.generate(spark)
    for path in (tmp_path / "hidden").iterdir():
        path.unlink()
    assert list(frames) == ["customers", "orders", "payments"]
    for name, frame in frames.items():
        assert [row.asDict() for row in frame.collect()] == expected[name].to_pylist()


def test_a_child_is_made_without_its_parents(spark: SparkSession, tmp_path: Path):
    generator = faasera.spark.FaaseraGenerator(write_shop(tmp_path))
    frame = generator.table(spark, "payments", columns=["order_id"], partitions=3)
    assert frame.columns == ["order_id"] and frame.count() == 100_000
    orders = generator.table(spark, "orders", columns=["order_id"])
    assert frame.join(orders, "order_id", "left_anti").count() == 0


def test_an_empty_table_is_empty(spark: SparkSession):
    assert read(spark, EVERY_TYPE, rows=0).count() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing says which policy [missing-option]"),
        ({"policy": "/nowhere/shop.json"}, "the policy /nowhere/shop.json does not exist [policy-unreadable]"),
        ({"policy": "SHOP"}, "nothing says which table [missing-option]"),
        ({"policy": "SHOP", "table": "custommers"}, "Did you mean 'customers'?"),
        ({"policy": "SHOP", "table": "orders", "numPartitions": "0"}, "numPartitions = 0 [bad-option]"),
        ({"policy": "SHOP", "table": "orders", "rowsPerPartition": "0"}, "rowsPerPartition = 0 [bad-option]"),
        ({"policy": "SHOP", "table": "orders", "numPartitions": "two"}, "numPartitions = 'two' [bad-option]"),
        (
            {"policy": "SHOP", "table": "orders", "numPartitions": "2", "rowsPerPartition": "5"},
            "exclude each other [exclusive-options]",
        ),
        ({"policy": "SHOP", "table": "orders", "partitions": "2"}, "Did you mean 'numPartitions'"),
        ({"policy": "SHOP", "table": "orders", "columns": "statsu"}, "Did you mean 'status'?"),
        (
            {"policy": "SHOP", "table": "orders", "rowsPerPartition": "1", "rows": "customers=5m,payments=1"},
            "partitions [bad-option]",
        ),
        ({"policy": "SHOP", "table": "orders", "rowsPerSecond": "5"}, "rowsPerSecond has no effect on a table"),
        ({"policy": "SHOP", "table": "orders", "rows": "customers=5,7"}, "one count for all tables"),
        ({"policy": '{"tableName": 5}'}, "/tableName"),
    ],
    ids=str,
)
def test_mistakes_are_told_before_a_row_is_made(spark: SparkSession, tmp_path: Path, options: dict, said: str):
    faasera.spark.register(spark)
    shop = write_shop(tmp_path)
    given = {name: str(shop) if value == "SHOP" else value for name, value in options.items()}
    with pytest.raises(Exception) as refused:
        spark.read.format("faasera").options(**given).load().count()
    assert said in re.sub(r", F\d{3}\]", "]", str(refused.value))
    assert str(refused.value).count("File ") <= 3, "Spark shows where it was raised, and no more"


def test_a_key_that_executors_lack_is_named(spark: SparkSession, tmp_path: Path, monkeypatch):
    rule = {"type": "FPE_ENCODED", "fpeKeyId": "k", "pattern": "###-###-####"}
    policy = {"tableName": "t", "rowCount": 5, "columnRuleMap": {"n": {"type": "SEQUENCE"}, "card": rule}}
    (tmp_path / "key").write_text("00" * 16)
    in_file = tmp_path / "in_file.json"
    in_file.write_text(json.dumps({**policy, "fpeKeys": {"k": {"file": "key"}}}))
    monkeypatch.setenv("FAASERA_FPE_TEST", "00" * 16)
    in_variable = tmp_path / "in_variable.json"
    in_variable.write_text(json.dumps({**policy, "fpeKeys": {"k": {"env": "FAASERA_FPE_TEST"}}}))
    assert faasera.load(in_file)["t"].slice(0, 5).num_rows == 5
    with pytest.raises(faasera.PolicyError, match="key-not-portable"):
        faasera.spark.FaaseraGenerator(in_file).generate(spark)
    generator = faasera.spark.FaaseraGenerator(in_variable)
    # The executors' workers of this session were started before the variable was set.
    with pytest.raises(faasera.PolicyError, match="missing-fpe-key") as missing:
        generator.write(spark, str(tmp_path / "out"))
    assert "00" * 16 not in str(missing.value)


def test_a_stream_comes_at_its_rate_and_ends_with_the_table(spark: SparkSession, tmp_path: Path):
    faasera.spark.register(spark)
    policy = {**EVERY_TYPE, "rowCount": 3_000}
    frame = (
        spark.readStream.format("faasera")
        .option("policy", json.dumps(policy))
        .option("rowsPerSecond", 250)
        .option("numPartitions", 2)
        .option("columns", "number,name")
        .load()
    )

    def arrive(until: int) -> tuple[float, list[int]]:
        """Let rows arrive, with a checkpoint; the seconds it took, and how many rows each batch brought."""
        started = time.monotonic()
        query = (
            frame.writeStream.format("parquet")
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(processingTime="200 milliseconds")
            .start(str(tmp_path / "rows"))
        )
        try:
            batches: list[int] = []
            while sum(batches) < until:
                assert time.monotonic() - started < 60
                time.sleep(0.2)
                batches = [int(one["numInputRows"]) for one in query.recentProgress]
            return time.monotonic() - started, batches
        finally:
            query.stop()

    _, first = arrive(1)
    before = spark.read.parquet(str(tmp_path / "rows")).count()
    assert sum(first) <= before < 3_000
    taken, batches = arrive(3_000 - before)
    # A batch that was planned when the query was stopped is made at once.
    assert taken >= 0.6 * (3_000 - before) / 250, "250 rows a second, from where it was stopped"
    assert len([batch for batch in batches if batch]) > 1, "they came little by little"
    rows = spark.read.parquet(str(tmp_path / "rows")).orderBy("number").collect()
    local = faasera.load(policy)["types"].to_arrow().select(["number", "name"]).to_pylist()
    assert [row.asDict() for row in rows] == local


def test_a_stream_needs_a_rate(spark: SparkSession, tmp_path: Path):
    faasera.spark.register(spark)
    reader = spark.readStream.format("faasera").option("policy", json.dumps(EVERY_TYPE))
    for options, said in (
        ({}, "a stream needs rowsPerSecond"),
        ({"rowsPerSecond": "0"}, "rowsPerSecond = 0"),
        ({"rowsPerSecond": "5", "firstRow": "80000"}, "has 70,000 rows"),
        ({"rowsPerSecond": "5", "rowsPerPartition": "5"}, "no effect on a stream"),
    ):
        with pytest.raises(Exception, match=said):
            query = (
                reader.options(**options)
                .load()
                .writeStream.format("noop")
                .option("checkpointLocation", str(tmp_path / str(len(options))))
                .start()
            )
            query.awaitTermination(30)
