from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import pipeline, problem, problems, table

import faasera


def listed(count: int, **keys):
    return {"type": "RANDOM", "range": {"min": 1, "max": count}, **keys}


def tuples(made, *names):
    return list(zip(*(made[name].to_pylist() for name in names), strict=True))


def parent(rows: int, name: str = "p", **keys):
    return {"tableName": name, "rowCount": rows, "primaryKeyColumn": "id", "columnRuleMap": {}, **keys}


def child(rows: int, *foreign_keys, rules=None, **keys):
    return {"tableName": "c", "rowCount": rows, "foreignKeys": list(foreign_keys), "columnRuleMap": rules or {}, **keys}


def refers(column: str, target: str = "p", key: str = "id", **keys):
    return {"columns": [column], "references": {"table": target, "columns": [key]}, **keys}


def test_a_primary_key_without_a_rule_is_the_first_column():
    made = faasera.generate(table({"a": {"type": "SEED", "values": ["x"]}}, 5, primaryKeyColumn="id"))["t"]
    assert made.column_names == ["id", "a"]
    assert made["id"].to_pylist() == [1, 2, 3, 4, 5]


def test_an_empty_rule_fixes_the_place():
    made = faasera.generate(table({"a": {"type": "SEED", "values": ["x"]}, "id": {}}, 2, primaryKeyColumn="id"))["t"]
    assert made.column_names == ["a", "id"]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5), st.data())
def test_tuples_are_unique_up_to_their_product(a, b, c, data):
    rows = data.draw(st.integers(0, a * b * c))
    rules = {
        "a": listed(a),
        "b": {"type": "SEED", "values": list(range(b))},
        "c": {"type": "RANDOM", "pattern": f"[{'abcde'[:c]}]"},
    }
    made = faasera.generate(table(rules, rows, compositeKeyColumn="a+b+c"))["t"]
    assert len(set(tuples(made, "a", "b", "c"))) == rows


def test_one_tuple_too_many_is_refused_with_the_arithmetic():
    found = problem(table({"a": listed(5), "b": listed(10)}, 60, compositeKeyColumn="a+b"))
    assert found.pointer == "/compositeKeyColumn"
    assert "60 unique tuples asked, 5 × 10 = 50 possible" in found.message


def test_a_unique_column_too_small_is_refused_with_the_arithmetic():
    found = problem(table({"a": listed(99, unique=True)}, 100))
    assert "100 rows" in found.message
    assert "99 possible values" in found.message


def test_a_shaped_member_keeps_its_shape_in_exact_quotas():
    rules = {
        "a": {"type": "SEED", "values": ["x", "y"], "weights": [3, 1]},
        "b": listed(900),
        "c": {"type": "SEQUENCE"},
    }
    made = faasera.generate(table(rules, 1000, uniqueKeys=[["a", "b"]]))["t"]
    assert len(set(tuples(made, "a", "b"))) == 1000
    assert Counter(made["a"].to_pylist()) == {"x": 750, "y": 250}
    crowded = problem(table({"a": rules["a"], "b": listed(500)}, 1000, uniqueKeys=[["a", "b"]]))
    assert "750 rows" in crowded.message
    assert "500 combinations" in crowded.message


def test_two_shaped_members_are_refused():
    shaped = {"type": "SEED", "values": [1, 2, 3], "weights": [1, 2, 3]}
    assert problem(table({"a": shaped, "b": shaped}, 5, uniqueKeys=[["a", "b"]])).code == "domain-too-small"


def test_a_unique_member_makes_the_tuple_unique():
    made = faasera.generate(table({"d": listed(3)}, 100, primaryKeyColumn="id", compositeKeyColumn="id+d"))["t"]
    assert set(made["d"].to_pylist()) == {1, 2, 3}


def test_members_of_a_unique_tuple_stay_uniform_and_unrelated():
    made = faasera.generate(table({"a": listed(200), "b": listed(3000)}, 60_000, uniqueKeys=[["a", "b"]]))["t"]
    a, b = (np.array(made[name]) for name in "ab")
    assert 200 < Counter(a.tolist()).most_common()[-1][1] < Counter(a.tolist()).most_common(1)[0][1] < 400
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02
    assert (a[1:] == a[:-1]).mean() < 0.008


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (table({"a": listed(9, nullFraction=0.1)}, 5, primaryKeyColumn="a"), "key-null"),
        (table({"a": listed(9), "b": listed(9, nullFraction=0.1)}, 5, compositeKeyColumn="a+b"), "key-null"),
        (table({"a": listed(9)}, 5, compositeKeyColumn="a"), "key"),
        (table({"a": listed(9)}, 5, compositeKeyColumn="a+a"), "key"),
        (table({"a": listed(9)}, 5, compositeKeyColumn="a+bb"), "unknown-column"),
        (table({"a": listed(9)}, 5, uniqueKeys=[["b"]]), "unknown-column"),
        (table({"a": listed(9)}, 5, uniqueKeys=[[]]), "key"),
        (table({"a": {"type": "CONSTANT", "value": 1}}, 2, uniqueKeys=[["a"]]), "not-unique"),
        (table({"a": listed(9, distribution="ZIPF", unique=True)}, 2), "unique-shaped"),
        (
            table({"a": listed(9), "b": listed(9), "c": listed(9)}, 82, uniqueKeys=[["a", "b"], ["b", "c"]]),
            "domain-too-small",
        ),
        (
            table({"a": listed(9), "b": {"type": "PRESERVE", "expression": "a + 1"}}, 20, uniqueKeys=[["a", "b"]]),
            "domain-too-small",
        ),
    ],
)
def test_keys_that_cannot_hold(policy, code):
    assert code in {found.code for found in problems(policy).values()}


def test_foreign_keys_hold():
    policy = pipeline(child(5000, refers("p_id", nullFraction=0.1)), parent(70))
    made = faasera.generate(policy)
    assert list(made) == ["p", "c"]
    values = made["c"]["p_id"].to_pylist()
    assert set(values) - {None} == set(range(1, 71))
    assert 400 < values.count(None) < 600


def test_composite_foreign_keys_agree_row_by_row():
    parents = parent(300, columnRuleMap={"x": listed(50), "y": listed(50)}, uniqueKeys=[["x", "y"]])
    key = {"columns": ["b", "a"], "references": {"table": "p", "columns": ["y", "x"]}}
    made = faasera.generate(pipeline(parents, child(2000, key)))
    known = set(tuples(made["p"], "y", "x"))
    assert set(tuples(made["c"], "b", "a")) <= known
    assert len(set(tuples(made["c"], "b", "a"))) > 250


@pytest.mark.parametrize("distribution", ["ZIPF", {"type": "ZIPF", "exponent": 1.5}])
def test_zipf_makes_some_parents_popular_and_not_the_first_ones(distribution):
    made = faasera.generate(pipeline(parent(1000), child(50_000, refers("p_id", distribution=distribution))))["c"]
    counts = Counter(made["p_id"].to_pylist())
    exponent = distribution["exponent"] if isinstance(distribution, dict) else 1
    share = 1 / sum(rank**-exponent for rank in range(1, 1001))
    (popular, most), *_ = counts.most_common(1)
    assert 0.9 * share < most / 50_000 < 1.1 * share
    assert popular != 1


def test_normal_over_parents():
    distribution = {"type": "NORMAL", "mean": 500, "stddev": 50}
    values = np.array(
        faasera.generate(pipeline(parent(1000), child(20_000, refers("p_id", distribution=distribution))))["c"]["p_id"]
    )
    assert abs(values.mean() - 500) < 3
    assert abs(values.std() - 50) < 3


def test_one_to_one():
    made = faasera.generate(pipeline(parent(100), child(100, refers("p_id", unique=True))))["c"]
    assert sorted(made["p_id"].to_pylist()) == list(range(1, 101))
    found = problem(pipeline(parent(100), child(101, refers("p_id", unique=True))))
    assert "100 parents" in found.message


def test_foreign_keys_can_belong_to_a_unique_tuple():
    keys = [refers("p_id"), refers("q_id", "q")]
    made = faasera.generate(pipeline(parent(20), parent(30, "q"), child(600, *keys, compositeKeyColumn="p_id+q_id")))[
        "c"
    ]
    assert len(set(tuples(made, "p_id", "q_id"))) == 600


def test_lookups_through_several_parents():
    top = parent(10, "top", columnRuleMap={"name": {"type": "RANDOM", "pattern": "[a-z]{6}"}})
    middle = parent(40, "middle", foreignKeys=[refers("top_id", "top")])
    rules = {
        "direct": {"type": "PRESERVE", "lookup": "middle.top_id"},
        "name": {"type": "PRESERVE", "lookup": "middle.top.name"},
        "text": {"type": "PRESERVE", "pattern": "{middle.top.name|upper}!"},
        "size": {"type": "PRESERVE", "expression": "length(middle.top.name) + middle.top_id"},
    }
    made = faasera.generate(pipeline(child(500, refers("m", "middle"), rules=rules), middle, top))
    names = dict(tuples(made["top"], "id", "name"))
    tops = dict(tuples(made["middle"], "id", "top_id"))
    for row in made["c"].to_pylist():
        assert row["direct"] == tops[row["m"]]
        assert row["name"] == names[row["direct"]]
        assert row["text"] == row["name"].upper() + "!"
        assert row["size"] == 6 + row["direct"]


def test_two_keys_to_one_table_are_told_apart_by_their_columns():
    rules = {"a": {"type": "PRESERVE", "lookup": "from_id.id"}, "b": {"type": "PRESERVE", "lookup": "to_id.id"}}
    made = faasera.generate(pipeline(parent(50), child(100, refers("from_id"), refers("to_id"), rules=rules)))["c"]
    assert made["a"].to_pylist() == made["from_id"].to_pylist() != made["b"].to_pylist() == made["to_id"].to_pylist()
    rules = {"a": {"type": "PRESERVE", "lookup": "p.id"}}
    found = problem(pipeline(parent(50), child(100, refers("from_id"), refers("to_id"), rules=rules)))
    assert found.code == "ambiguous-lookup"
    assert "from_id" in found.remedy


@pytest.mark.parametrize(
    ("policy", "pointer", "code"),
    [
        (pipeline(parent(5), child(5, refers("x", "q"))), "/tables/1/foreignKeys/0/references/table", "unknown-table"),
        (
            pipeline(parent(5, columnRuleMap={"v": listed(9)}), child(5, refers("x", key="v"))),
            "/tables/1/foreignKeys/0/references/columns",
            "foreign-key",
        ),
        (pipeline(parent(5), child(5, refers("x", key="idd"))), "/tables/1/foreignKeys/0/references/columns", "foreign-key"),
        (
            pipeline(parent(5), child(5, {"columns": ["x", "y"], "references": {"table": "p", "columns": ["id"]}})),
            "/tables/1/foreignKeys/0/references/columns",
            "foreign-key",
        ),
        (pipeline(parent(0), child(5, refers("x"))), "/tables/1/foreignKeys/0", "no-parents"),
        (pipeline(parent(5), child(5, refers("x"), rules={"x": {"type": "SEQUENCE"}})), "/tables/1/columnRuleMap/x", "no-effect"),
        (pipeline(parent(5), child(5, refers("x"), refers("x"))), "/tables/1/foreignKeys/1/columns", "foreign-key"),
        (
            pipeline(parent(5), child(5, refers("x", nullFraction=0.5), compositeKeyColumn="x+y", rules={"y": listed(9)})),
            "/tables/1/foreignKeys/0/nullFraction",
            "key-null",
        ),
        (pipeline(parent(5), child(5, refers("x", childrenPerParent={}))), "/tables/1/foreignKeys/0/childrenPerParent/max", "missing-key"),
        (pipeline(parent(5), child(5, refers("x", distribution={"type": "ZIPF", "mean": 3}))), "/tables/1/foreignKeys/0/distribution/mean", "no-effect"),
        (pipeline(parent(5), parent(5)), "/tables/1/tableName", "duplicate-table"),
        (pipeline(parent(5), parent(5, "P")), "/tables/1/tableName", "duplicate-table"),
        (pipeline(), "/tables", "no-tables"),
    ],
)  # fmt: skip
def test_bad_references(policy, pointer, code):
    found = problems(policy)
    assert pointer in found, found
    assert found[pointer].code == code


def test_tables_that_refer_to_each_other():
    a = {
        "tableName": "a",
        "rowCount": 50,
        "primaryKeyColumn": "id",
        "foreignKeys": [refers("b_id", "b")],
        "columnRuleMap": {},
    }
    b = {
        "tableName": "b",
        "rowCount": 9,
        "primaryKeyColumn": "id",
        "foreignKeys": [refers("a_id", "a")],
        "columnRuleMap": {},
    }
    made = faasera.generate(pipeline(a, b))
    assert set(made["a"]["b_id"].to_pylist()) <= set(range(1, 10))
    assert set(made["b"]["a_id"].to_pylist()) <= set(range(1, 51))


def test_columns_that_look_each_other_up_in_a_circle():
    a = parent(5, "a", foreignKeys=[refers("b_id", "b")], columnRuleMap={"x": {"type": "PRESERVE", "lookup": "b.y"}})
    b = parent(5, "b", foreignKeys=[refers("a_id", "a")], columnRuleMap={"y": {"type": "PRESERVE", "lookup": "a.x"}})
    found = next(found for found in problems(pipeline(a, b)).values() if found.code == "cycle")
    assert "x → b.y → x" in found.message


def test_children_of_no_parents_are_null():
    made = faasera.generate(pipeline(parent(0), child(5, refers("x", nullFraction=1))))["c"]
    assert made["x"].to_pylist() == [None] * 5


def test_every_problem_of_every_table_at_once():
    found = problems(
        pipeline(
            parent(5, columnRuleMap={"a": {"type": "RANDOM", "pattern": "a*"}}),
            child(5, refers("x", "q"), rules={"y": {}}),
        )
    )
    assert {"pattern", "unknown-table", "cannot-infer"} <= {entry.code for entry in found.values()}


def test_a_small_member_beside_one_with_almost_all_numbers():
    rules = {
        "small": {"type": "SEED", "values": list("abcdefghij")},
        "large": {"type": "RANDOM", "pattern": "[A-Z]{13}"},
    }
    rows = faasera.generate(table(rules, 5000, uniqueKeys=[["small", "large"]]))["t"].to_pylist()
    assert len({(row["small"], row["large"]) for row in rows}) == 5000 and len({row["small"] for row in rows}) == 10
