"""Peer: customers N, orders 5N, order_items 15N with valid foreign keys in hand-written DuckDB SQL. usage: N OUTDIR"""

import pathlib
import subprocess
import sys

import duckdb

n, out = int(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
here = pathlib.Path(__file__).parent
subprocess.run([sys.executable, here / "duckdb_customers.py", str(n), str(out / "customers.csv")], check=True)
db = duckdb.connect()
db.execute("SELECT setseed(0.42)")
db.execute(f"""COPY (SELECT i + 1 AS order_id, 1 + floor(random() * {n})::BIGINT AS customer_id,
    DATE '2020-01-01' + floor(random() * 1826)::INT AS order_date,
    ['NEW', 'PAID', 'SHIPPED', 'RETURNED', 'CANCELLED'][1 + floor(random() * 5)::INT] AS status,
    (random() * 9999)::DECIMAL(10, 2) AS amount FROM range({5 * n}) r(i)) TO '{out / "orders.csv"}' (FORMAT CSV, HEADER)""")
db.execute(f"""COPY (SELECT i + 1 AS item_id, 1 + floor(random() * {5 * n})::BIGINT AS order_id,
    chr(65 + floor(random() * 26)::INT) || chr(65 + floor(random() * 26)::INT) || chr(65 + floor(random() * 26)::INT) || '-'
      || lpad(floor(random() * 10000)::INT::VARCHAR, 4, '0') AS sku,
    1 + floor(random() * 10)::INT AS qty, (random() * 999)::DECIMAL(10, 2) AS price
    FROM range({15 * n}) r(i)) TO '{out / "order_items.csv"}' (FORMAT CSV, HEADER)""")
