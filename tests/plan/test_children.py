"""Exact numbers of children, and what parents and children know of each other."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from policies import pipeline
from related import child, parent, refers, rows_of

import faasera


@pytest.mark.parametrize(
    ("shape", "mean"),
    [
        (None, 3.0),
        ({"type": "NORMAL", "mean": 4, "stddev": 2}, 3.65),
        ("ZIPF", 1.7),
        ({"type": "WEIGHTED", "weights": [1, 0, 0, 0, 0, 0, 1]}, 3),
    ],
)
def test_each_parent_has_as_many_children_as_asked_for(shape, mean):
    cardinality = {"min": 0, "max": 6} | ({"distribution": shape} if shape else {})
    policy = pipeline(parent(3000), child(refers("p", childrenPerParent=cardinality)))
    dataset = faasera.load(policy)
    counts = Counter(row["p"] for row in rows_of(policy))
    numbers = np.array([counts[parent] for parent in range(1, 3001)])
    assert len(dataset["c"]) == numbers.sum()
    assert numbers.min() == 0
    assert numbers.max() == 6
    assert abs(numbers.mean() - mean) < 0.15


def test_children_are_numbered_within_their_parent():
    rules = {
        "no": {"type": "PRESERVE", "expression": "{#}"},
        "code": {"type": "PRESERVE", "pattern": "{p}-{#|pad:2}"},
        "first": {"type": "PRESERVE", "expression": "first()"},
        "last": {"type": "PRESERVE", "expression": "last()"},
        "of": {"type": "PRESERVE", "expression": "siblings()"},
        "v": {"type": "RANDOM", "range": {"min": 1, "max": 10**6}},
        "before": {"type": "PRESERVE", "expression": "previous(v)"},
        "after": {"type": "PRESERVE", "expression": "next(v)"},
    }
    policy = pipeline(
        parent(300), child(refers("p", childrenPerParent={"min": 0, "max": 5}), rules=rules, compositeKeyColumn="p+no")
    )
    families = defaultdict(list)
    for row in rows_of(policy):
        families[row["p"]].append(row)
    for own, family in families.items():
        assert [row["no"] for row in family] == list(range(1, len(family) + 1))
        assert [row["code"] for row in family] == [f"{own}-{number:02}" for number in range(1, len(family) + 1)]
        assert [row["first"] for row in family] == [True] + [False] * (len(family) - 1)
        assert [row["last"] for row in family] == [False] * (len(family) - 1) + [True]
        assert {row["of"] for row in family} == {len(family)}
        values = [row["v"] for row in family]
        assert [row["before"] for row in family] == [None, *values[:-1]]
        assert [row["after"] for row in family] == [*values[1:], None]


def test_codes_of_endless_choice_tell_siblings_apart():
    rules = {
        "p": {},
        "code": {"type": "RANDOM", "pattern": "[A-Z]{30}"},
        "other": {"type": "RANDOM", "pattern": "[a-z]{20}"},
    }
    policy = pipeline(
        parent(50),
        child(refers("p", childrenPerParent={"min": 5, "max": 9}), rules=rules, compositeKeyColumn="p+code+other"),
    )
    found = rows_of(policy)
    assert len({(row["p"], row["code"], row["other"]) for row in found}) == len(found)


def test_a_parent_of_many_children_in_pieces():
    rules = {"total": {"type": "PRESERVE", "aggregate": {"table": "c", "function": "sum", "expression": "v"}}}
    key = refers("p", childrenPerParent={"min": 300_000, "max": 400_000})
    policy = pipeline(
        parent(5, rules=rules), child(key, rules={"v": {"type": "RANDOM", "range": {"min": 0, "max": 9}}})
    )
    made = faasera.generate(policy)
    sums = np.bincount(np.array(made["c"]["p"]), weights=np.array(made["c"]["v"]))
    assert made["p"]["total"].to_pylist() == sums[1:].tolist()


def test_grandchildren_and_row_counts_for_all_tables():
    key, below = (
        refers("p", childrenPerParent={"min": 1, "max": 3}),
        refers("c", "c", childrenPerParent={"min": 2, "max": 2}),
    )
    policy = pipeline(child(below, name="d"), child(key, primaryKeyColumn="id"), parent(100))
    dataset = faasera.load(policy)
    assert len(dataset["d"]) == 2 * len(dataset["c"])
    assert list(dataset) == ["p", "c", "d"]
    assert len(faasera.load(policy, rows=50)["p"]) == 50
    assert problem_of(lambda: faasera.load(policy, rows={"c": 7})).code == "no-effect"


def problem_of(call):
    with pytest.raises(faasera.PolicyError) as raised:
        call()
    return raised.value.problems[0]


def test_aggregates():
    functions = {
        "n": {"function": "count"},
        "present": {"function": "count", "expression": "v"},
        "sum": {"function": "sum", "expression": "v"},
        "min": {"function": "min", "expression": "day"},
        "max": {"function": "max", "expression": "price"},
        "mean": {"function": "average", "expression": "v"},
        "value": {"function": "sum", "expression": "v * price"},
    }
    rules = {name: {"type": "PRESERVE", "aggregate": {"table": "c", **one}} for name, one in functions.items()}
    rules["value"]["dataType"] = "DECIMAL(12,2)"
    below = {
        "v": {"type": "RANDOM", "range": {"min": 1, "max": 9}, "nullFraction": 0.3},
        "price": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0.5, "max": 20}},
        "day": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}},
    }
    made = faasera.generate(
        pipeline(parent(500, rules=rules), child(refers("p", childrenPerParent={"min": 0, "max": 4}), rules=below))
    )
    families = defaultdict(list)
    for row in made["c"].to_pylist():
        families[row["p"]].append(row)
    for row in made["p"].to_pylist():
        family = families[row["id"]]
        values = [one["v"] for one in family if one["v"] is not None]
        assert row["n"] == len(family)
        assert row["present"] == len(values)
        assert row["sum"] == sum(values)
        assert row["min"] == min((one["day"] for one in family), default=None)
        assert row["max"] == max((one["price"] for one in family), default=None)
        assert row["mean"] == (pytest.approx(sum(values) / len(values)) if values else None)
        expected = sum(one["v"] * one["price"] for one in family if one["v"] is not None)
        assert row["value"] == expected
    assert (
        faasera.load(
            pipeline(parent(5, rules=rules), child(refers("p", childrenPerParent={"min": 1, "max": 4}), rules=below))
        )["p"]
        .schema.field("max")
        .nullable
        is False
    )


def test_histories_do_not_overlap():
    rules = {
        "since": {"type": "DATE_RANDOM", "range": {"start": "{p.born}", "end": "{p.born} + P20D"}, "ascending": True},
        "until": {"type": "PRESERVE", "expression": "add_days(next(since), -1)"},
    }
    born = {"born": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2020-12-31"}}}
    key = refers("p", childrenPerParent={"min": 1, "max": 20})
    policy = pipeline(parent(200, rules=born), child(key, rules=rules, compositeKeyColumn="p+since"))
    made = faasera.generate(policy)
    starts = dict(zip(made["p"]["id"].to_pylist(), made["p"]["born"].to_pylist(), strict=True))
    families = defaultdict(list)
    for row in made["c"].to_pylist():
        families[row["p"]].append(row)
    for own, family in families.items():
        assert family[0]["since"] >= starts[own]
        assert family[-1]["until"] is None
        assert all(one["since"] <= one["until"] < other["since"] for one, other in pairwise(family))
