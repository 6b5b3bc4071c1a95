"""``nullFraction`` of a rule with cases is about the rows that no case makes."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from policies import table

import faasera

STATUS = {"type": "SEED", "values": ["open", "closed"]}


def closing(own: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    return {"type": "CONSTANT", "value": "x", "when": [{"where": {"status": "closed"}, "rule": case}], **own}


def made(rule: dict[str, Any], rows: int = 2000) -> list[tuple[str, Any]]:
    found = faasera.generate(table({"status": STATUS, "d": rule}, rows))["t"]
    return list(zip(found["status"].to_pylist(), found["d"].to_pylist(), strict=True))


def test_a_rule_of_nulls_leaves_its_cases_their_values():
    rows = made(closing({"nullFraction": 1}, {"type": "CONSTANT", "value": "y", "nullFraction": 0}))
    assert set(rows) == {("open", None), ("closed", "y")}


def test_each_case_has_its_own_share_of_nulls():
    rows = made(closing({"nullFraction": 0.5}, {"type": "CONSTANT", "value": "y", "nullFraction": 0.1}), 20_000)
    for status, share in (("open", 0.5), ("closed", 0.1)):
        values = [value for one, value in rows if one == status]
        assert values.count(None) / len(values) == pytest.approx(share, abs=0.02)


def test_rows_that_no_case_makes_keep_their_nulls():
    rule = {"type": "RANDOM", "range": {"min": 1, "max": 1_000_000}, "nullFraction": 0.3}
    plain = faasera.generate(table({"status": STATUS, "d": rule}))["t"]["d"].to_pylist()
    cases = made({**rule, "when": [{"where": {"status": "closed"}, "rule": {"type": "CONSTANT", "value": 7}}]}, 1000)
    for before, (status, after) in zip(plain, cases, strict=True):
        assert after == (before if status == "open" else 7)


@pytest.mark.parametrize("planted", [None, "closed", "open"])
def test_the_check_counts_nulls_case_by_case(tmp_path: Path, planted: str | None):
    policy = table({"status": STATUS, "d": closing({"nullFraction": 0.5}, {"type": "CONSTANT", "value": "y"})}, 4000)
    faasera.load(policy).write(tmp_path / "out", format="parquet")
    path = tmp_path / "out" / "t.parquet"
    found = pq.read_table(path)
    if planted is not None:
        lost = [
            None if one == planted else value
            for one, value in zip(found["status"].to_pylist(), found["d"].to_pylist(), strict=True)
        ]
        pq.write_table(found.set_column(1, "d", [lost]), path)
    report = faasera.check(tmp_path / "out")
    broken = {finding.kind for finding in report.failed}
    assert ("null fraction" in broken) == (planted is not None)
    assert report.ok == (planted is None)


@pytest.mark.parametrize("hidden", [False, True])
def test_cases_that_empty_a_key_leave_its_own_share_of_nulls(tmp_path: Path, hidden: bool):
    number = {"type": "SEQUENCE", "start": 10, "nullFraction": 0.5}
    emptied = [{"where": {"status": "closed"}, "rule": {"type": "CONSTANT", "value": 1, "nullFraction": 1}}]
    rules = {"status": {**STATUS, "hidden": hidden}, "n": {**number, "when": emptied}}
    policy = table(rules, 4000, uniqueKeys=[["n"]])
    faasera.load(policy).write(tmp_path / "out", format="parquet")
    found = pq.read_table(tmp_path / "out" / "t.parquet")
    assert found["n"].null_count / 4000 == pytest.approx(0.75, abs=0.04)
    report = faasera.check(tmp_path / "out")
    assert report.ok
    findings = {finding.kind: finding.status for finding in report.findings if finding.subject == "n"}
    assert findings["null fraction"] == ("skipped" if hidden else "passed")
