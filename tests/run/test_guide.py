"""The user guide's example, exactly as it stands there, yields what the guide says."""

import datetime
import json
import re
from pathlib import Path

from policies import ROOT

import faasera


def test_the_example_is_the_guides():
    policy = json.loads((ROOT / "examples/guide/customers.json").read_text())
    assert policy == {
        "tableName": "customers",
        "generationType": "SYNTHETIC",
        "columnRuleMap": {
            "firstname": {"type": "SEED", "seedFileName": "firstnames.csv"},
            "lastname": {"type": "SEED", "seedFileName": "lastnames.csv"},
            "email": {"type": "PRESERVE", "pattern": "{firstname}.{lastname}@example.com"},
            "dob": {"type": "DATE_RANDOM", "range": {"start": "1980-01-01", "end": "2000-12-31"}},
        },
        "primaryKeyColumn": "customer_id",
        "compositeKeyColumn": "customer_id+dob",
    }


def test_it_yields_what_the_guide_says(guide: Path):
    rows = faasera.load(guide, rows=20_000)["customers"].to_arrow().to_pylist()
    assert list(rows[0]) == ["customer_id", "firstname", "lastname", "email", "dob"]
    for row in rows:
        local = re.sub("[' ]", "", f"{row['firstname']}.{row['lastname']}")
        assert row["email"] == f"{local}@example.com"
        assert datetime.date(1980, 1, 1) <= row["dob"] <= datetime.date(2000, 12, 31)
    assert len({row["customer_id"] for row in rows}) == len(rows)
    assert len({(row["customer_id"], row["dob"]) for row in rows}) == len(rows)
    assert len({row["firstname"] for row in rows}) == 120
