import pyarrow as pa
import pytest
from policies import table

import faasera

POLICY = table(
    {
        "id": {"type": "SEQUENCE"},
        "name": {"type": "SEED", "values": ["Ada", "Bo"], "nullFraction": 0.2},
        "step": {"type": "RANDOM", "range": {"min": 1, "max": 9}, "hidden": True},
        "twice": {"type": "PRESERVE", "expression": "step * 2"},
    },
    rows=5000,
)


def test_slices_batches_and_tables_agree():
    rows = faasera.load(POLICY)["t"]
    whole = rows.to_arrow()
    assert len(rows) == whole.num_rows == 5000
    assert whole.schema.equals(rows.schema)
    assert pa.Table.from_batches([rows.slice(40, 60)]).equals(whole.slice(40, 20))
    assert [batch.num_rows for batch in rows.batches(2000)] == [2000, 2000, 1000]
    assert pa.Table.from_batches(rows.batches(777)).equals(whole)
    assert rows.slice(4990, 9999).num_rows == 10
    assert rows.slice(7000, 8000).num_rows == 0


def test_hidden_columns_are_used_and_not_shown():
    whole = faasera.generate(POLICY)["t"]
    assert whole.column_names == ["id", "name", "twice"]
    assert set(whole["twice"].to_pylist()) == set(range(2, 20, 2))


def test_pandas_and_polars():
    rows = faasera.load(POLICY)["t"]
    values = rows.to_arrow()["name"].to_pylist()
    assert rows.to_polars()["name"].to_list() == values
    frame = rows.to_pandas()
    assert [None if value != value else value for value in frame["name"]] == values


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4)])
def test_bad_slices(start, stop):
    with pytest.raises(ValueError, match="slice"):
        faasera.load(POLICY)["t"].slice(start, stop)
    with pytest.raises(ValueError, match="batch"):
        next(faasera.load(POLICY)["t"].batches(0))


def test_names_are_helped():
    dataset = faasera.load(POLICY)
    assert list(dataset) == ["t"]
    assert len(dataset) == 1
    assert "5,000" in repr(dataset)
    assert "twice" in repr(dataset["t"])
    with pytest.raises(KeyError, match="there is no table"):
        dataset["x"]
    with pytest.raises(AttributeError):
        faasera.nothing  # noqa: B018


def test_overrides():
    assert len(faasera.load(POLICY, rows="2k")["t"]) == 2000
    assert len(faasera.load(POLICY, rows={"t": 7})["t"]) == 7
    assert faasera.load(POLICY, seed=5).plan.seed == 5
    for rows in ("many", {"t": -1}, {"u": 5}):
        with pytest.raises(faasera.PolicyError):
            faasera.load(POLICY, rows=rows)


def test_one_row_count_leaves_tables_empty_that_the_policy_leaves_empty():
    policy = {"tables": [POLICY, {**POLICY, "tableName": "empty", "rowCount": 0}]}
    dataset = faasera.load(policy, rows=20)
    assert (len(dataset["t"]), len(dataset["empty"])) == (20, 0)
    assert len(faasera.load(policy, rows={"empty": 5})["empty"]) == 5


def test_the_plan_is_a_value():
    plan = faasera.load(POLICY).plan
    assert plan.as_dict() == faasera.load(POLICY).plan.as_dict()
    described = plan.as_dict()["tables"][0]
    assert described["rows"] == 5000
    assert described["columns"][1] == {
        "name": "name",
        "dataType": "STRING",
        "rule": "SEED",
        "makes": "2 values of the policy; uniform; 0.2 null",
        "nullable": True,
    }
    assert described["columns"][2]["hidden"] is True


def test_the_callers_policy_is_left_alone():
    policy = {"tables": [POLICY]}
    faasera.load(policy, rows=3, seed=9)
    assert policy == {"tables": [POLICY]}
    assert POLICY["rowCount"] == 5000
