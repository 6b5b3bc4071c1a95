"""Whatever tables are related in whatever way: what is written keeps every promise, however it is made."""

import json
import shutil
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemas import policies

import faasera
from faasera.run.into_files import Run
from faasera.run.order import Files

# A random schema may ask for more than there is: these say so with their arithmetic.
ARITHMETIC = {"domain-too-small", "no-parents", "forest", "weights"}


@pytest.mark.parametrize("schemas", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_every_promise_of_random_schemas_is_kept(tmp_path, record_property, schemas):
    tried: Counter[str] = Counter()

    @settings(max_examples=schemas, suppress_health_check=list(HealthCheck))
    @given(
        policies(),
        st.sampled_from(["parquet", "csv", "jsonl"]),
        st.integers(1, 3),
        st.sampled_from([1, 7, 100, 65_536]),
    )
    def holds(policy, format, workers, chunk_rows):
        try:
            dataset = faasera.load(policy)
        except faasera.PolicyError as error:
            assert {problem.code for problem in error.problems} <= ARITHMETIC, (error, json.dumps(policy))
            tried["refused"] += 1
            return
        rows = sum(map(len, dataset.values()))
        out = tmp_path / "made"
        target = Files(str(out), format, overwrite=True)
        Run(dataset.plan, target, workers=workers, chunk_rows=max(chunk_rows, rows // 200, 1)).execute()
        report = faasera.check(out, policy)
        shutil.rmtree(out)
        tried["held"] += 1
        tried["rows"] += rows
        assert report.ok, (report.failed, json.dumps(policy))
        assert len(report.passed) > len(dataset)

    holds()
    assert tried["held"] > schemas // 4
    record_property(
        "tried", f"random schemas: {tried['held']} held, {tried['rows']:,} rows; {tried['refused']} refused"
    )


def test_children_are_made_without_their_parents():
    """Any rows of a child are there at once, in a table whose parents' rows are never made."""
    parents = {"tableName": "p", "rowCount": 3_000_000, "primaryKeyColumn": "id", "columnRuleMap": {}}
    key = {
        "columns": ["p_id"],
        "references": {"table": "p", "columns": ["id"]},
        "childrenPerParent": {"min": 0, "max": 9},
    }
    rules = {"p_id": {}, "no": {"type": "PRESERVE", "expression": "{#}"}}
    dataset = faasera.load({"tables": [parents, {"tableName": "c", "foreignKeys": [key], "columnRuleMap": rules}]})
    whole = dataset["c"].slice(9_000_000, 9_004_000)
    parts = [dataset["c"].slice(start, start + 500) for start in range(9_000_000, 9_004_000, 500)]
    assert [row for part in parts for row in part.to_pylist()] == whole.to_pylist()
    counts = Counter(whole["p_id"].to_pylist())
    inner = sorted(counts)[1:-1]
    assert all(
        whole.filter(whole["p_id"].to_numpy() == parent)["no"].to_pylist() == list(range(1, counts[parent] + 1))
        for parent in inner[:50]
    )
