"""Peer: customers (--wl a) or the shop (--wl b) with dbldatagen on Spark. usage: ROWS OUT csv|parquet|json|noop [--cores 2] [--wl a|b] [--warm]"""

import json
import os
import sys
import time

t00 = time.perf_counter()
os.environ["PYSPARK_PYTHON"] = sys.executable
import argparse

p = argparse.ArgumentParser()
p.add_argument("n", type=int)
p.add_argument("out")
p.add_argument("fmt")
p.add_argument("--cores", default="2")
p.add_argument("--parts", type=int, default=None)
p.add_argument("--wl", default="a")
p.add_argument("--mode", default="hash")
p.add_argument("--warm", action="store_true")
p.add_argument("--codec", default="snappy")
A = p.parse_args()
import dbldatagen as dg
from pyspark.sql import SparkSession
from pyspark.sql.types import DecimalType

sp = (
    SparkSession.builder.master(f"local[{A.cores}]")
    .config("spark.driver.memory", "8g")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.parquet.compression.codec", A.codec)
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
sp.sparkContext.setLogLevel("ERROR")
sp.range(1).count()
t_start = time.perf_counter() - t00
L = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lists.json")))
parts = A.parts or int(A.cores)


def gen(name, rows):
    return dg.DataGenerator(
        sp,
        name=name,
        rows=rows,
        partitions=parts,
        randomSeed=42,
        randomSeedMethod="hash_fieldname" if A.mode == "hash" else "fixed",
    )


def customers(n):
    return (
        gen("customers", n)
        .withColumn("customer_id", "long", expr="id+1")
        .withColumn("firstname", "string", values=L["first"], random=True)
        .withColumn("lastname", "string", values=L["last"], random=True)
        .withColumn(
            "email",
            "string",
            expr="concat(lower(firstname),'.',lower(lastname),'@example.com')",
            baseColumn=["firstname", "lastname"],
        )
        .withColumn(
            "dob", "date", data_range=dg.DateRange("1980-01-01 00:00:00", "2000-12-31 00:00:00", "days=1"), random=True
        )
        .withColumn("city", "string", values=L["city"], random=True)
        .withColumn("state", "string", values=L["state"], random=True)
        .withColumn("phone", "string", template=r"ddd-ddd-dddd", random=True)
        .withColumn(
            "signup",
            "timestamp",
            begin="2020-01-01 00:00:00",
            end="2024-12-31 23:59:59",
            interval="seconds=1",
            random=True,
        )
        .withColumn("balance", DecimalType(10, 2), minValue=0, maxValue=99999999, step=0.01, random=True)
    )


def write(df, path):
    w = df.write.mode("overwrite")
    if A.fmt == "csv":
        w.option("header", True).csv(path)
    elif A.fmt == "parquet":
        w.parquet(path)
    elif A.fmt == "json":
        w.json(path)
    elif A.fmt == "noop":
        w.format("noop").save()


t = time.perf_counter()
if A.warm:
    write(customers(1_000_000).build(), A.out + "_warm")
    t_w = time.perf_counter() - t
    t = time.perf_counter()
if A.wl == "a":
    write(customers(A.n).build(), A.out)
else:
    n = A.n
    write(customers(n).build(), A.out + "/customers")
    write(
        (
            gen("orders", 5 * n)
            .withColumn("order_id", "long", expr="id+1")
            .withColumn("customer_id", "long", minValue=1, maxValue=n, random=True)
            .withColumn(
                "order_date",
                "date",
                data_range=dg.DateRange("2020-01-01 00:00:00", "2024-12-31 00:00:00", "days=1"),
                random=True,
            )
            .withColumn("status", "string", values=["NEW", "PAID", "SHIPPED", "RETURNED", "CANCELLED"], random=True)
            .withColumn("amount", DecimalType(10, 2), minValue=1, maxValue=9999, step=0.01, random=True)
        ).build(),
        A.out + "/orders",
    )
    write(
        (
            gen("order_items", 15 * n)
            .withColumn("item_id", "long", expr="id+1")
            .withColumn("order_id", "long", minValue=1, maxValue=5 * n, random=True)
            .withColumn("sku", "string", template=r"AAA-dddd", random=True)
            .withColumn("qty", "int", minValue=1, maxValue=10, random=True)
            .withColumn("price", DecimalType(10, 2), minValue=1, maxValue=999, step=0.01, random=True)
        ).build(),
        A.out + "/order_items",
    )
t_gen = time.perf_counter() - t
print(f"## startup_s={t_start:.2f} gen_write_s={t_gen:.2f}", flush=True)
sp.stop()
