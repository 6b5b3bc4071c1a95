"""Relations that cannot hold are refused before the first row, with the arithmetic that shows why."""

import pyarrow as pa
import pytest
from policies import pipeline, problem, problems
from pyarrow import parquet
from related import child, forest, parent, refers, rows_of

COUNTED = {"childrenPerParent": {"min": 1, "max": 3}}
DATES = {
    "a": {"type": "DATE_RANDOM", "range": {"start": "{b}", "end": "{b} + P9D"}},
    "b": {"type": "DATE_RANDOM", "range": {"start": "{a}", "end": "{a} + P9D"}},
}


@pytest.mark.parametrize(
    ("policy", "code", "words"),
    [
        (pipeline(parent(5), parent(10, "q"), child(refers("p"), refers("q", "q"), rows=60, compositeKeyColumn="p+q")), "domain-too-small", "60 unique tuples asked, 5 × 10 = 50 possible"),
        (pipeline(parent(5), child(refers("p", unique=True), rows=6)), "domain-too-small", "6 rows need as many values, and there are the 5 parents"),
        (pipeline(forest(9, roots=0)), "forest", "a forest of no roots"),
        (pipeline(forest(9, roots=10)), "forest", "10 roots among 9 rows"),
        (pipeline(forest(20, roots=2, branching=2, maxDepth=2)), "forest", "2 + 4 + 8 = 14 at most"),
        (pipeline(forest(20, roots=2, maxDepth=0)), "forest", "20 rows need as many roots"),
        (pipeline(forest(20, branching={"min": 0, "max": 2})), "range", "die out"),
        (pipeline(forest(20, branching={"min": 3, "max": 2})), "range", "at least 3 children and at most 2"),
        (pipeline(parent(5), child(refers("p", childrenPerParent={"min": 4, "max": 3}))), "range", "at least 4 children and at most 3"),
        (pipeline(child(rules=DATES, rows=5)), "cycle", "a → b → a"),
        (pipeline(parent(3), child(refers("p", **COUNTED), rows=9)), "no-effect", "row count follows from the parents"),
        (pipeline(parent(3), child(refers("p", **COUNTED), refers("q", **COUNTED))), "exclusive-keys", "decides the row count already"),
        (pipeline(parent(3), child(refers("p", nullFraction=0.1, **COUNTED))), "exclusive-keys", "every row belongs to a parent"),
        (pipeline(parent(3), child(refers("p", distribution="ZIPF", **COUNTED))), "no-effect", "how many children"),
        (pipeline(parent(3), child(refers("p", unique=True, **COUNTED))), "exclusive-keys", "up to 3 children"),
        (pipeline(parent(3), child(refers("p", acyclic={"roots": 2}), rows=9)), "no-effect", "another table"),
        (pipeline(parent(9, "e", foreignKeys=[refers("boss", "e", **COUNTED)])), "no-effect", "refers to itself"),
        (pipeline(parent(9, "e", foreignKeys=[refers("boss", "e", distribution="ZIPF")])), "no-effect", "shape of a forest"),
        (pipeline(parent(9, "e", foreignKeys=[refers("boss", "e", nullFraction=0.1, acyclic={"roots": 2})])), "exclusive-keys", "both say"),
        (pipeline(parent(9, "e", foreignKeys=[refers("boss", "e", unique=True, acyclic={"branching": 2})])), "exclusive-keys", "up to 2 children"),
        (pipeline(parent(9, rules={"n": {"type": "PRESERVE", "aggregate": {"table": "c", "function": "count"}}}), child(rows=3, rules={"x": {"type": "SEQUENCE"}})), "not-a-child", "no child of 'p'"),
        (pipeline(parent(9, rules={"n": {"type": "PRESERVE", "aggregate": {"table": "c", "function": "count"}}}), child(refers("p"), rows=3)), "not-a-child", "not a known range"),
        (pipeline(parent(9, rules={"n": {"type": "PRESERVE", "aggregate": {"table": "d", "function": "count"}}})), "unknown-table", "no table 'd'"),
        (pipeline(parent(9, rules={"n": {"type": "PRESERVE", "aggregate": {"table": "c", "function": "sum"}}}), child(refers("p", **COUNTED))), "missing-key", "needs an 'expression'"),
        (pipeline(parent(9, rules={"n": {"type": "PRESERVE", "aggregate": {"table": "c", "function": "sum", "expression": "p.id"}, "default": 1}}), child(refers("p", **COUNTED))), "no-effect", "'lookup' only"),
        (pipeline(parent(9), child(refers("p", **COUNTED), rules={"x": {"type": "PRESERVE", "aggregate": {"table": "p", "function": "count"}}})), "not-a-child", "no child of 'c'"),
        (pipeline(parent(9), child(refers("p"), rules={"x": {"type": "PRESERVE", "expression": "{#} + 1"}}, rows=4)), "unknown-column", "'#'"),
        (pipeline(parent(9), child(refers("p"), rules={"x": {"type": "PRESERVE", "expression": "last()"}}, rows=4)), "no-siblings", "childrenPerParent"),
        (pipeline(parent(9), child(refers("p", **COUNTED), rules={"x": {"type": "PRESERVE", "expression": "next(p.id)"}})), "expression", "next(column)"),
        (pipeline(parent(9), child(refers("p", **COUNTED), rules={"x": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-01-02"}, "ascending": True}})), "domain-too-small", "up to 3 children, and the range 2 days"),
        (pipeline(parent(9), child(refers("p", **COUNTED), rules={"#": {"type": "SEQUENCE"}})), "reserved-name", "number of a child"),
        (pipeline(parent(9), child(refers("p", **COUNTED), rules={"x": {"type": "SEED", "values": [1, 2]}}, compositeKeyColumn="p+x")), "domain-too-small", "up to 3 children, and the other columns 2"),
        (pipeline(parent(9), child(refers("p", distribution={"type": "WEIGHTED", "column": "id2"}), rows=4)), "unknown-column", "no column 'id2'"),
        (pipeline(parent(9, rules={"w": {"type": "CONSTANT", "value": 0}}), child(refers("p", distribution={"type": "WEIGHTED", "column": "w"}), rows=4)), "weights", "0 in all rows"),
        (pipeline(parent(9, rules={"w": {"type": "CONSTANT", "value": -1}}), child(refers("p", distribution={"type": "WEIGHTED", "column": "w"}), rows=4)), "weights", "negative"),
        (pipeline(child(refers("d", "d", ("cid",), **COUNTED), name="c", primaryKeyColumn="cid"), child(refers("c", "c", ("cid",), **COUNTED), name="d", primaryKeyColumn="cid")), "cycle", "c → d → c"),
        (pipeline(parent(9), child({"columns": ["x"], "references": {"table": "p", "columns": ["id"], "when": {"k": 1}}}, rows=4)), "unknown-column", "no column 'k'"),
        (pipeline(parent(9), child({"columns": ["x"], "references": [{"table": "p", "columns": ["id"]}, {"table": "p", "columns": ["id"]}]}, rows=4)), "missing-key", "needs 'when'"),
        (pipeline(parent(9), child({"columns": ["x"], "references": {"table": "p", "file": "p.csv", "columns": ["id"]}}, rows=4)), "exclusive-keys", "not both"),
        (pipeline(parent(2), parent(3, "q"), child(refers("x", distribution="ZIPF"), refers("x", "q", distribution="ZIPF"), rows=4)), "no-effect", "takes its parents from among"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_refused_with_the_reason(policy, code, words):
    found = [one for one in problems(policy).values() if one.code == code]
    assert any(words in one.message + one.remedy for one in found), problems(policy)


def test_keys_that_share_columns_with_one_another_but_not_with_the_leader():
    target = {"uniqueKeys": [["a", "b"]], "rules": {"a": {"type": "SEQUENCE"}, "b": {"type": "SEQUENCE"}}}
    keys = [
        refers(("x", "y"), "p", ("a", "b")),
        refers(("y", "z"), "q", ("a", "b")),
        refers(("z", "x"), "r", ("a", "b")),
    ]
    policy = pipeline(*(parent(9, name, **target) for name in "pqr"), child(*keys, rows=5))
    assert {one.code for one in problems(policy).values()} == {"shared-columns"}


def test_a_share_of_roots_inside_of_groups():
    keys = [refers("t", "t"), refers(("t", "boss"), "e", ("t", "id"), nullFraction=0.2)]
    policy = pipeline(parent(9, "t"), parent(50, "e", foreignKeys=keys, uniqueKeys=[["t", "id"]]))
    assert problems(policy)["/tables/1/foreignKeys/1/nullFraction"].code == "no-effect"


def test_one_column_that_refers_to_two_tables_holds_what_both_have():
    policy = pipeline(
        parent(5),
        parent(12, "q", rules={"id": {"type": "SEQUENCE", "start": 4}}),
        child(refers("x"), refers("x", "q"), rows=50),
    )
    assert {row["x"] for row in rows_of(policy)} == {4, 5}
    far = pipeline(
        parent(5),
        parent(12, "q", rules={"id": {"type": "SEQUENCE", "start": 40}}),
        child(refers("x"), refers("x", "q"), rows=50),
    )
    assert problem(far).code == "no-parents"


def test_a_check_that_is_never_met_is_reported_at_its_table_whoever_asks_for_its_rows_first():
    rules = {"w": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 9}}}
    impossible = parent(9, rules=rules, checks=[{"name": "heavy", "expression": "w > 9"}])
    weighted = child(refers("p", distribution={"type": "WEIGHTED", "column": "w"}), rows=4)
    for tables in ((impossible, weighted), (weighted, impossible)):
        found = problem(pipeline(*tables))
        assert found.pointer == f"/tables/{tables.index(impossible)}/checks/0"
        assert "'heavy'" in found.message

    grouped = parent(
        9, "t", rules={"g": {"type": "SEQUENCE"}}, uniqueKeys=[["id", "g"]], checks=[{"expression": "g > 99"}]
    )
    other = parent(9, "u", rules={"g": {"type": "SEQUENCE"}}, uniqueKeys=[["id", "g"]])
    sharing = child(refers(("a", "g"), "t", ("id", "g")), refers(("b", "g"), "u", ("id", "g")), rows=5)
    assert problem(pipeline(grouped, other, sharing)).pointer == "/tables/0/checks/0"


def test_a_circle_of_numbers_of_children_is_the_only_thing_said_of_it():
    numbered = {"n": {"type": "PRESERVE", "expression": "last()"}}
    policy = pipeline(
        child(refers("d", "d", ("cid",), **COUNTED), name="c", primaryKeyColumn="cid", rules=numbered),
        child(refers("c", "c", ("cid",), **COUNTED), name="d", primaryKeyColumn="cid"),
    )
    assert {one.code for one in problems(policy).values()} == {"cycle"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pa.array([1, 2], pa.timestamp("ns")), "no data type of a policy"),
        (pa.array([1, 2**63 + 1], pa.uint64()), "no data type of a policy"),
        (pa.array([[1], [2]]), "are no keys"),
        (pa.array([{"a": 1}, {"a": 2}]), "are no keys"),
    ],
)
def test_a_file_may_hold_what_no_data_type_does_as_long_as_nothing_refers_to_it(tmp_path, values, words):
    parquet.write_table(pa.table({"id": [1, 2], "odd": values}), tmp_path / "keys.parquet")
    policy = {
        "seedDirectory": str(tmp_path),
        **child({"columns": ["x"], "references": {"file": "keys.parquet", "columns": ["id"]}}, rows=9),
    }
    assert {row["x"] for row in rows_of(policy)} == {1, 2}
    policy["foreignKeys"][0]["references"]["columns"] = ["odd"]
    found = problem(policy)
    assert found.code == "data-type"
    assert words in found.message


def test_a_file_of_keys_that_is_no_utf_8(tmp_path):
    (tmp_path / "keys.csv").write_bytes("café\nx\n".encode("latin-1"))
    key = {"columns": ["x"], "references": {"file": "keys.csv", "columns": ["café"]}}
    assert problem({"seedDirectory": str(tmp_path), **child(key, rows=9)}).code == "file-unreadable"
