"""The determinism contract: what a cell may depend on, and what it may not."""

import copy
import json
from pathlib import Path

import pytest
from policies import ROOT, table

import faasera
from faasera.run.into_files import Run
from faasera.run.order import Files

GOLDEN = Path(__file__).parent / "golden.json"
SAMPLE = Path(__file__).parent / "sample.json"
RELATIONS = Path(__file__).parent / "relations.json"


def digests(policy, out: Path, **keys) -> dict[str, str]:
    """Table and column digests of a run."""
    for_run = {name: keys.pop(name) for name in ("chunk_rows", "workers", "tables") if name in keys}
    dataset = faasera.load(policy, rows=keys.pop("rows", None), seed=keys.pop("seed", None))
    run = Run(dataset.plan, Files(str(out), **keys), **for_run)
    found = {}
    for entry in run.execute().tables:
        found[entry.table.name] = entry.digest
        names = (column.name for column in entry.table.visible)
        found |= {
            f"{entry.table.name}.{name}": digest for name, digest in zip(names, entry.column_digests, strict=True)
        }
    return found


def test_nobodys_data_changes(tmp_path):
    """If this fails, the change alters data that people made: raise STREAM_VERSION, say so in the changelog, and renew the file."""
    made = {
        "sample": digests(SAMPLE, tmp_path / "a"),
        "shop": digests(ROOT / "examples/shop/policy.json", tmp_path / "b"),
        "relations": digests(RELATIONS, tmp_path / "d"),
        "guide": digests(ROOT / "examples/guide/customers.json", tmp_path / "c"),
    }
    assert made == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize(
    "keys",
    [
        {"workers": 2},
        {"chunk_rows": 1000},
        {"chunk_rows": 65_536, "workers": 2},
        {"format": "parquet"},
        {"format": "parquet", "workers": 2, "chunk_rows": 1000, "options": {"row_group_rows": 7001}},
        {"format": "jsonl", "parts": 3},
        {"format": "json", "options": {"compression": "gzip"}},
    ],
    ids=str,
)
def test_how_it_is_made_leaves_no_trace(tmp_path, shop, keys):
    rows = {"customers": 66_000, "orders": 67_000}
    base = digests(shop, tmp_path / "base", rows=rows, workers=1)
    assert digests(shop, tmp_path / "other", rows=rows, **keys) == base


@pytest.mark.parametrize("chunk_rows", [pytest.param(1, marks=pytest.mark.slow), 13, 500])
def test_relations_do_not_depend_on_chunks(tmp_path, chunk_rows):
    base = digests(RELATIONS, tmp_path / "base", workers=1)
    assert digests(RELATIONS, tmp_path / "other", workers=3, chunk_rows=chunk_rows) == base


def test_columns_and_tables_beside_leave_no_trace(tmp_path, shop):
    policy = json.loads(shop.read_text())
    policy["seedDirectory"] = str(shop.parent / "seeds")
    base = digests(policy, tmp_path / "base")
    changed = copy.deepcopy(policy)
    rules = changed["tables"][0]["columnRuleMap"]
    changed["tables"][0]["columnRuleMap"] = {
        "new": {"type": "RANDOM", "dataType": "UUID"},
        **dict(reversed(rules.items())),
    }
    changed["tables"].reverse()
    changed["tables"].append(table({"a": {"type": "SEQUENCE"}}, 5))
    found = digests(changed, tmp_path / "changed")
    same = [name for name in base if name != "customers"]
    assert {name: found[name] for name in same} == {name: base[name] for name in same}
    assert found["customers"] != base["customers"]


def test_the_seed_and_the_names_decide(tmp_path):
    policy = table({"a": {"type": "RANDOM", "range": {"min": 1, "max": 10**9}}}, 100)
    base = digests(policy, tmp_path / "base")
    assert digests(policy, tmp_path / "seed", seed=1)["t.a"] != base["t.a"]
    renamed = {**policy, "tableName": "u"}
    assert digests(renamed, tmp_path / "table")["u.a"] != base["t.a"]


def test_more_rows_keep_those_before(shop):
    few, many = faasera.load(shop, rows={"customers": 100}), faasera.load(shop, rows={"customers": 5000})
    assert few["customers"].slice(0, 100).equals(many["customers"].slice(0, 100))


def test_a_row_far_away_is_as_near_as_the_first():
    policy = table({"id": {"type": "SEQUENCE"}, "a": {"type": "RANDOM", "dataType": "UUID"}}, "2_000_000_000")
    batch = faasera.load(policy)["t"].slice(1_000_000_000, 1_000_000_003)
    assert batch["id"].to_pylist() == [1_000_000_001, 1_000_000_002, 1_000_000_003]
