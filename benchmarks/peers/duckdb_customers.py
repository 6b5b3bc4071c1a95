"""Peer: the customers table in hand-written DuckDB SQL. usage: ROWS OUT.(csv|parquet|json)"""

import json
import pathlib
import sys

import duckdb

n, out = int(sys.argv[1]), sys.argv[2]
lists = json.loads((pathlib.Path(__file__).parent / "lists.json").read_text())
db = duckdb.connect()
db.execute("SELECT setseed(0.42)")
for key, values in lists.items():
    db.execute(
        f"CREATE TABLE t_{key} AS SELECT unnest(range({len(values)}))::INT AS k, unnest(?::VARCHAR[]) AS v", [values]
    )
size = {key: len(values) for key, values in lists.items()}
query = f"""
SELECT customer_id, f.v AS firstname, l.v AS lastname, lower(f.v) || '.' || lower(l.v) || '@example.com' AS email, dob,
       c.v AS city, s.v AS state, phone, signup, balance
FROM (SELECT i + 1 AS customer_id, floor(random() * {size["first"]})::INT AS kf, floor(random() * {size["last"]})::INT AS kl,
             floor(random() * {size["city"]})::INT AS kc, floor(random() * {size["state"]})::INT AS ks,
             DATE '1980-01-01' + floor(random() * 7671)::INT AS dob,
             lpad(floor(random() * 1000)::INT::VARCHAR, 3, '0') || '-' || lpad(floor(random() * 1000)::INT::VARCHAR, 3, '0')
               || '-' || lpad(floor(random() * 10000)::INT::VARCHAR, 4, '0') AS phone,
             TIMESTAMP '2020-01-01' + to_seconds(floor(random() * 157788000)::BIGINT) AS signup,
             (random() * 99999999)::DECIMAL(10, 2) AS balance
      FROM range({n}) r(i)) g
JOIN t_first f ON f.k = kf JOIN t_last l ON l.k = kl JOIN t_city c ON c.k = kc JOIN t_state s ON s.k = ks"""
form = {"csv": "FORMAT CSV, HEADER", "parquet": "FORMAT PARQUET, COMPRESSION snappy", "json": "FORMAT JSON"}[
    out.rsplit(".", 1)[1]
]
db.execute(f"COPY ({query}) TO '{out}' ({form})")
