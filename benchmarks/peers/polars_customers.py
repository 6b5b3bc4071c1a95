"""Peer: the customers table as an expert would write it by hand with NumPy and Polars. usage: ROWS OUT.(csv|parquet|json)"""

import json
import pathlib
import sys

import numpy as np
import polars as pl

n, out = int(sys.argv[1]), sys.argv[2]
lists = json.loads((pathlib.Path(__file__).parent / "lists.json").read_text())
rng = np.random.default_rng(42)
whole = lambda k: rng.integers(0, k, n, dtype=np.int64)
pick = lambda key: pl.Series(lists[key]).gather(rng.integers(0, len(lists[key]), n, dtype=np.uint32))

frame = (
    pl.DataFrame(
        {
            "customer_id": np.arange(1, n + 1),
            "firstname": pick("first"),
            "lastname": pick("last"),
            "dob": pl.Series(rng.integers(3652, 3652 + 7671, n, dtype=np.int32)).cast(pl.Date),
            "city": pick("city"),
            "state": pick("state"),
            "phone_number": whole(10**10),
            "signup": pl.Series((1577836800 + whole(157788000)) * 1_000_000).cast(pl.Datetime("us")),
            "cents": whole(10**10),
        }
    )
    .lazy()
    .select(
        "customer_id",
        "firstname",
        "lastname",
        pl.concat_str(
            pl.col("firstname").str.to_lowercase(),
            pl.lit("."),
            pl.col("lastname").str.to_lowercase(),
            pl.lit("@example.com"),
        ).alias("email"),
        "dob",
        "city",
        "state",
        pl.concat_str(
            (pl.col("phone_number") // 10**7).cast(pl.String).str.zfill(3),
            pl.lit("-"),
            (pl.col("phone_number") // 10**4 % 1000).cast(pl.String).str.zfill(3),
            pl.lit("-"),
            (pl.col("phone_number") % 10**4).cast(pl.String).str.zfill(4),
        ).alias("phone"),
        "signup",
        (pl.col("cents") / 100).alias("balance"),
    )
    .collect()
)
if out.endswith(".csv"):
    frame.write_csv(out, float_precision=2)
elif out.endswith(".parquet"):
    frame.with_columns(pl.col("balance").cast(pl.Decimal(10, 2))).write_parquet(out, compression="snappy")
else:
    frame.write_ndjson(out)
