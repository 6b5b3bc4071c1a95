"""The policy of three tables that all engines are compared with."""

import json
from pathlib import Path
from typing import Any

CITIES = "city,zip\nOttersby,00101\nMillbrook,00202\nHaverford Quay,00303\n"
SHOP: dict[str, Any] = {
    "name": "shop",
    "seed": 11,
    "tables": [
        {
            "tableName": "customers",
            "rowCount": 150_000,
            "primaryKeyColumn": "customer_id",
            "columnRuleMap": {
                "customer_id": {"type": "SEQUENCE"},
                "name": {"type": "SEED", "semanticType": "last-name"},
                "city": {"type": "SEED", "seedFileName": "cities.csv", "group": "place"},
                "zip": {"type": "SEED", "seedFileName": "cities.csv", "group": "place"},
                "born": {
                    "type": "DATE_RANDOM",
                    "range": {"start": "1950-01-01", "end": "2005-12-31"},
                    "nullFraction": 0.1,
                },
                "balance": {"type": "RANDOM", "dataType": "DECIMAL(10,2)", "range": {"min": 0, "max": 5000}},
            },
        },
        {
            "tableName": "orders",
            "primaryKeyColumn": "order_id",
            "columnRuleMap": {
                "order_id": {},
                "customer_id": {},
                "status": {"type": "SEED", "values": ["NEW", "PAID", "SHIPPED"], "weights": [1, 3, 6]},
                "ordered_at": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 00:00:00", "end": "2025-12-31"}},
                "ship_to": {"type": "PRESERVE", "pattern": "{customers.city} {customers.zip}"},
            },
            "foreignKeys": [
                {
                    "columns": ["customer_id"],
                    "references": {"table": "customers", "columns": ["customer_id"]},
                    "childrenPerParent": {"min": 0, "max": 3},
                }
            ],
        },
        {
            "tableName": "payments",
            "rowCount": 100_000,
            "primaryKeyColumn": "payment_id",
            "columnRuleMap": {
                "payment_id": {"type": "RANDOM", "dataType": "UUID"},
                "order_id": {},
                "method": {"type": "SEED", "values": ["card", "cash"]},
                "amount": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 1, "max": 900}},
            },
            "foreignKeys": [
                {"columns": ["order_id"], "references": {"table": "orders", "columns": ["order_id"]}},
            ],
        },
    ],
}


def smaller(times: int) -> dict[str, Any]:
    """The policy of so many times fewer rows."""
    tables = [
        {**table, "rowCount": table["rowCount"] // times} if "rowCount" in table else table for table in SHOP["tables"]
    ]
    return {**SHOP, "tables": tables}


def write_shop(folder: Path, **changes: Any) -> Path:
    """The policy in a file, and its seed file beside it."""
    (folder / "cities.csv").write_text(CITIES)
    path = folder / "shop.json"
    path.write_text(json.dumps({**SHOP, **changes}))
    return path


def digests(manifest: Any) -> dict[str, str]:
    """The digest of each table of a manifest, of its text, or of the object."""
    found = json.loads(manifest) if isinstance(manifest, (bytes, str)) else manifest
    found = found if isinstance(found, dict) else found.as_dict()
    return {table["name"]: table["digest"] for table in found["tables"]}
