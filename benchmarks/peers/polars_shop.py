"""Peer: customers N, orders 5N, order_items 15N with valid foreign keys, by hand with NumPy and Polars. usage: N OUTDIR"""

import pathlib
import subprocess
import sys

import numpy as np
import polars as pl

n, out = int(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
here = pathlib.Path(__file__).parent
subprocess.run([sys.executable, here / "polars_customers.py", str(n), out / "customers.csv"], check=True)
rng = np.random.default_rng(43)
orders, items = 5 * n, 15 * n
status = pl.Series(["NEW", "PAID", "SHIPPED", "RETURNED", "CANCELLED"])
pl.DataFrame(
    {
        "order_id": np.arange(1, orders + 1),
        "customer_id": rng.integers(1, n + 1, orders),
        "order_date": pl.Series(rng.integers(18262, 18262 + 1826, orders, dtype=np.int32)).cast(pl.Date),
        "status": status.gather(rng.integers(0, 5, orders, dtype=np.uint32)),
        "amount": rng.integers(0, 10**6, orders) / 100,
    }
).write_csv(out / "orders.csv", float_precision=2)
letters = [chr(c) for c in range(65, 91)]
triples = pl.Series([a + b + c for a in letters for b in letters for c in letters])
fours = pl.Series([f"-{i:04d}" for i in range(10000)])
pl.DataFrame(
    {
        "item_id": np.arange(1, items + 1),
        "order_id": rng.integers(1, orders + 1, items),
        "head": triples.gather(rng.integers(0, len(triples), items, dtype=np.uint32)),
        "tail": fours.gather(rng.integers(0, 10000, items, dtype=np.uint32)),
        "qty": rng.integers(1, 11, items),
        "price": rng.integers(0, 10**5, items) / 100,
    }
).select("item_id", "order_id", pl.concat_str("head", "tail").alias("sku"), "qty", "price").write_csv(
    out / "order_items.csv", float_precision=2
)
