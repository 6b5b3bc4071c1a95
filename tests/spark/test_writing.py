"""Writing from Spark: the direct way to files, catalogs, and a real database over JDBC."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pytest
from database_fixtures import ask
from deltalake import DeltaTable
from policies_for_scale import digests, write_shop
from pyspark.sql import SparkSession
from spark.judging import frame_digest, table_digest
from stores import SECRET, s3

import faasera
from faasera.run.check.check import check
from faasera.run.in_shards import ShardedRun, WrittenShard
from faasera.spark import FaaseraGenerator

ROWS = {"customers": 20_000, "payments": 3_000}


@pytest.mark.parametrize(
    "format", ["parquet", *(pytest.param(one, marks=pytest.mark.slow) for one in ("csv", "jsonl"))]
)
def test_executors_write_what_one_machine_writes(spark: SparkSession, tmp_path: Path, format: str):
    shop = write_shop(tmp_path)
    manifest = FaaseraGenerator(shop, rows=ROWS).write(spark, str(tmp_path / "out"), format=format, shard_rows=7_000)
    local = faasera.load(shop, rows=ROWS).write(tmp_path / "local", format=format)
    assert digests(manifest) == digests(local) == digests((tmp_path / "out" / "_manifest.json").read_bytes())
    assert [len(entry.files) for entry in manifest.tables] == [3, 5, 1]
    report = check(tmp_path / "out", shop)
    assert report.ok, report.as_dict()
    if format == "jsonl":
        whole = b"".join((tmp_path / "out" / file.path).read_bytes() for file in manifest.tables[1].files)
        assert whole == (tmp_path / "local" / "orders.jsonl").read_bytes()


def test_an_object_store_and_its_names(spark: SparkSession, tmp_path: Path, monkeypatch):
    """``s3a`` as Spark's people write it; executors have the credentials from ``spark.executorEnv``."""
    shop = write_shop(tmp_path)
    with s3() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        generator = FaaseraGenerator(shop, rows=ROWS)
        url = f"s3a://exports/shop?endpoint_override={store.address}&scheme=http&region=us-east-1"
        manifest = generator.write(spark, url, shard_rows=9_000)
        assert digests(manifest) == digests(faasera.load(shop, rows=ROWS).write(tmp_path / "local"))
        assert "shop/_manifest.json" in store.names()
        text = store.read("shop/_manifest.json").decode()
        assert SECRET not in text
        with pytest.raises(faasera.PolicyError, match="output-exists"):
            FaaseraGenerator(shop, rows=ROWS, seed=3).write(spark, url)
        second = FaaseraGenerator(shop, rows=ROWS, seed=3).write(spark, url, mode="overwrite", tables=["customers"])
        listed = [f"shop/{file.path}" for file in second.tables[0].files]
        assert store.names("shop") == sorted(["shop/_manifest.json", *listed])


def test_delta_tables_have_a_log_over_the_same_files(spark: SparkSession, tmp_path: Path):
    shop = write_shop(tmp_path)
    out = tmp_path / "lake"
    manifest = FaaseraGenerator(shop, rows=ROWS).write(spark, str(out), format="delta", shard_rows=9_000)
    local = faasera.load(shop, rows=ROWS)
    assert digests(manifest) == digests(local.write(tmp_path / "local"))
    for name, table in local.items():
        delta = DeltaTable(out / name)
        assert delta.version() == 0
        assert _digest(delta, table) == digests(manifest)[name]
    assert [field.nullable for field in DeltaTable(out / "customers").schema().fields] == [False] * 4 + [True, False]
    again = FaaseraGenerator(shop, rows=ROWS, seed=4).write(spark, str(out), format="delta", mode="overwrite")
    for name, table in faasera.load(shop, rows=ROWS, seed=4).items():
        delta = DeltaTable(out / name)
        assert delta.version() == 1
        assert _digest(delta, table) == digests(again)[name]
    assert check(out, shop).ok
    with pytest.raises(faasera.PolicyError, match="output-exists"):
        FaaseraGenerator(shop, rows=ROWS).write(spark, str(out), format="delta")
    clock = {"tableName": "t", "columnRuleMap": {"at": {"type": "RANDOM", "dataType": "TIME"}}}
    with pytest.raises(faasera.PolicyError, match="delta-type"):
        FaaseraGenerator(policy=clock).write(spark, str(tmp_path / "clock"), format="delta")


@pytest.mark.slow
def test_a_delta_table_in_an_object_store(spark: SparkSession, tmp_path: Path, monkeypatch):
    shop = write_shop(tmp_path)
    with s3() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        url = f"s3://exports/lake?endpoint_override={store.address}&scheme=http&region=us-east-1"
        manifest = FaaseraGenerator(shop, rows=ROWS).write(spark, url, format="delta", shard_rows=9_000)
        options = {"AWS_ENDPOINT_URL": f"http://{store.address}", "AWS_ALLOW_HTTP": "true"}
        delta = DeltaTable("s3://exports/lake/orders", storage_options=options)
        assert _digest(delta, faasera.load(shop, rows=ROWS)["orders"]) == digests(manifest)["orders"]


def _digest(delta: DeltaTable, table: faasera.Table) -> str:
    """Of a Delta table's rows, in the order of its files' names."""
    parts = {part.path: part for part in delta.to_pyarrow_dataset().get_fragments()}
    rows = pa.concat_tables([parts[path].to_table() for path in sorted(parts)])
    return table_digest(rows, table.plan)


@pytest.mark.slow
def test_progress_is_told_while_executors_work(spark: SparkSession, tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    FaaseraGenerator(write_shop(tmp_path)).write(
        spark, str(tmp_path / "out"), shard_rows=20_000, progress=lambda *one: told.append(one)
    )
    assert told[-1] == ("payments", 100_000, 100_000)
    assert ("customers", 150_000, 150_000) in told


def test_tables_of_a_catalog(spark: SparkSession, tmp_path: Path):
    spark.sql("CREATE DATABASE IF NOT EXISTS shop")
    shop = write_shop(tmp_path)
    generator = FaaseraGenerator(shop, rows=ROWS)
    counts = generator.write(spark, "shop", mode="overwrite", format="parquet")
    local = faasera.load(shop, rows=ROWS)
    assert counts == {name: len(table) for name, table in local.items()}
    orphans = "SELECT count(*) FROM shop.payments p LEFT ANTI JOIN shop.orders o ON p.order_id = o.order_id"
    assert spark.sql(orphans).collect()[0][0] == 0
    written = spark.table("shop.customers").orderBy("customer_id")
    assert frame_digest(written, local["customers"].plan) == digests(local.write(tmp_path / "local"))["customers"]
    generator.write(spark, "shop", mode="append", tables=["customers"])
    assert spark.table("shop.customers").count() == 40_000


def test_a_database_over_jdbc(spark: SparkSession, tmp_path: Path, fresh):
    shop = write_shop(tmp_path)
    url = fresh("postgres")
    parts = urlsplit(url)
    place = f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}"
    account = {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    counts = FaaseraGenerator(shop, rows=ROWS).write(
        spark, place, mode="overwrite", driver="org.postgresql.Driver", **account
    )
    for table, rows in counts.items():
        assert ask(url, f'SELECT count(*) FROM "{table}"') == [(rows,)]
    expected = faasera.generate(shop, rows=ROWS)["orders"].slice(0, 3).to_pylist()
    found = ask(url, 'SELECT order_id, status, ordered_at, ship_to FROM "orders" ORDER BY order_id LIMIT 3')
    assert [tuple(row) for row in found] == [
        (row["order_id"], row["status"], row["ordered_at"], row["ship_to"]) for row in expected
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"mode": "append"}, "no-effect"),
        ({"mode": "errors"}, "Did you mean 'error'"),
        ({"format": "iceberg"}, "unknown-format"),
        ({"shard_rows": 0}, "shard_rows = 0"),
        ({"tables": ["order"]}, "Did you mean 'orders'"),
        ({"delimiter": ";"}, "'delimiter' has no effect on parquet"),
    ],
    ids=str,
)
def test_mistakes_are_told_before_a_job(spark: SparkSession, tmp_path: Path, call: dict, said: str):
    with pytest.raises(faasera.PolicyError, match=said):
        FaaseraGenerator(write_shop(tmp_path)).write(spark, str(tmp_path / "out"), **call)
    assert not (tmp_path / "out").exists()


def test_a_store_that_refuses_is_told(spark: SparkSession, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(faasera.RunError) as failed:
        FaaseraGenerator(write_shop(tmp_path), rows=ROWS).write(spark, str(tmp_path / "file" / "out"))
    assert failed.value.problems[0].code in ("spark-job-failed", "output-failed")
    assert str(tmp_path / "file") in failed.value.problems[0].message


def test_a_run_that_fails_leaves_nothing(spark: SparkSession, tmp_path: Path, monkeypatch):
    shop, out = write_shop(tmp_path), tmp_path / "out"
    FaaseraGenerator(shop, rows=ROWS).write(spark, str(out))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def failing(run: ShardedRun, written: list[WrittenShard], **_: object) -> None:
        assert {one.path for one in written} <= set(run.location.files()), "they are there by now"
        raise faasera.RunError([])

    monkeypatch.setattr(ShardedRun, "commit", failing)
    with pytest.raises(faasera.RunError):
        FaaseraGenerator(shop, rows=ROWS).write(spark, str(out), mode="overwrite")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    with pytest.raises(faasera.RunError):
        FaaseraGenerator(shop, rows=ROWS).write(spark, str(tmp_path / "new"), shard_rows=1 << 30)
    assert not list((tmp_path / "new").rglob("part-*"))


def test_sums_are_made_in_the_executors(spark: SparkSession, tmp_path: Path, monkeypatch):
    """As for parents in billions, with few of them."""
    from faasera.frontends.spark import sums

    monkeypatch.setattr(sums, "_LOCAL", 1_000)
    monkeypatch.setattr(sums, "_PIECE", 4_096)
    counted: list[int] = []
    real = sums.block_sums
    monkeypatch.setattr(sums, "block_sums", lambda *given: counted.append(1) or real(*given))
    shop = write_shop(tmp_path)
    generator = FaaseraGenerator(shop)
    plan = generator.plan(spark)
    assert counted == [], "the driver counts nothing"
    local = faasera.load(shop).plan
    assert plan.as_dict() == local.as_dict()
    assert plan.kept.packed() == local.kept.packed()


def test_ten_to_the_twelfth_rows_are_planned_at_once(spark: SparkSession):
    policy = {"tableName": "t", "rowCount": 10**12, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}
    generator = FaaseraGenerator(policy=json.dumps(policy))
    frame = generator.table(spark, "t")
    assert 1_000 < frame.rdd.getNumPartitions() < 1_000_000
    last = generator.table(spark, "t", partitions=100_000)
    assert last.limit(2).collect()[1]["n"] == 2
