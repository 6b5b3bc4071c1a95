"""``when``: rules that depend on another column's value."""

import pytest
from policies import problem, table

import faasera

SEGMENT = {"type": "SEED", "values": ["small", "large", "huge"], "weights": [6, 3, 1], "nullFraction": 0.1}
PRICE = {
    "type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 10},
    "when": [
        {"where": {"segment": "large"}, "rule": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 100, "max": 200}, "distribution": "NORMAL"}},
        {"where": {"segment": ["huge", "large"]}, "rule": {"type": "CONSTANT", "dataType": "DECIMAL(8,2)", "value": 999}},
    ],
}  # fmt: skip


def test_the_first_case_that_holds_counts():
    rows = faasera.generate(table({"segment": SEGMENT, "price": PRICE}, 5000))["t"].to_pylist()
    for row in rows:
        low, high = {"large": (100, 200), "huge": (999, 999)}.get(row["segment"], (1, 10))
        assert low <= row["price"] <= high
    assert {row["segment"] for row in rows} == {"small", "large", "huge", None}


def test_several_columns_lists_and_nulls():
    rules = {
        "segment": SEGMENT,
        "active": {"type": "RANDOM", "dataType": "BOOLEAN"},
        "plan": {
            "type": "SEED", "values": ["free", "trial"], "when": [
                {"where": {"segment": ["large", "huge"], "active": True}, "rule": {"type": "SEED", "values": ["gold", "silver"], "nullFraction": 0.5}},
            ],
        },
    }  # fmt: skip
    seen = set()
    for row in faasera.generate(table(rules, 4000))["t"].to_pylist():
        paying = row["segment"] in ("large", "huge") and row["active"]
        assert row["plan"] in (("gold", "silver", None) if paying else ("free", "trial"))
        seen.add(row["plan"])
    assert seen == {"gold", "silver", "free", "trial", None}


def test_slices_agree_with_the_whole_and_other_columns_play_no_part():
    policy = table({"segment": SEGMENT, "price": PRICE}, 3000)
    whole = faasera.generate(policy)["t"]
    assert faasera.load(policy)["t"].slice(1000, 1100).to_pylist() == whole.slice(1000, 100).to_pylist()
    more = faasera.generate(table({"x": {"type": "SEQUENCE"}, "segment": SEGMENT, "price": PRICE}, 3000))["t"]
    assert more.column("price").to_pylist() == whole.column("price").to_pylist()


def test_the_check_knows_the_cases(tmp_path):
    faasera.load(table({"segment": SEGMENT, "price": PRICE}, 3000)).write(tmp_path / "o")
    report = faasera.check(tmp_path / "o")
    assert report.ok and not report.skipped
    file = tmp_path / "o" / "t.csv"
    lines = file.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("huge"))
    lines[place] = "huge,5.00"
    file.write_text("\n".join(lines) + "\n")
    assert {finding.subject for finding in faasera.check(tmp_path / "o").failed} >= {"price"}


@pytest.mark.parametrize(
    "when,keys,pointer,code",
    [
        ([], {}, "when", "bad-value"),
        ([{"where": {}, "rule": {"type": "SEQUENCE"}}], {}, "when/0/where", "bad-value"),
        (
            [{"where": {"sgment": "a"}, "rule": {"type": "CONSTANT", "value": "x"}}],
            {},
            "when/0/where/sgment",
            "unknown-column",
        ),
        ([{"where": {"n": "a"}, "rule": {"type": "CONSTANT", "value": "x"}}], {}, "when/0/where/n", "bad-value"),
        ([{"where": {"n": 1}, "rule": {"type": "CONSTANT", "value": 5}}], {}, "when/0/rule", "data-type"),
        ([{"where": {"n": 1}, "rule": {}}], {}, "when/0/rule/type", "missing-key"),
        ([{"where": {"n": 1}, "rule": {"type": "CONST", "value": "x"}}], {}, "when/0/rule/type", "unknown-type"),
        (
            [{"where": {"n": 1}, "rule": {"type": "CONSTANT", "value": "x", "unique": True}}],
            {},
            "when/0/rule/unique",
            "no-effect",
        ),
        ([{"where": {"n": 1}, "rule": {"type": "RANDOM", "pattern": "("}}], {}, "when/0/rule/pattern", "pattern"),
        (
            [{"where": {"n": 1}, "rule": {"type": "CONSTANT", "value": "x"}}],
            {"uniqueKeys": [["c"]]},
            "when",
            "unique-with-cases",
        ),
        ([{"where": {"c": "a"}, "rule": {"type": "CONSTANT", "value": "x"}}], {}, "", "cycle"),
    ],
)
def test_what_cannot_hold(when, keys, pointer, code):
    rules = {"n": {"type": "SEQUENCE"}, "c": {"type": "SEED", "values": ["a"], "when": when}}
    found = problem(table(rules, 1, **keys))
    assert (found.pointer.removeprefix("/columnRuleMap/c").removeprefix("/"), found.code) == (pointer, code)


def arms(*values, **keys):
    """A table that refers to one of two others, as a column of its own says."""
    one = {"columns": ["a"], "references": {"table": "p", "columns": ["id"], "when": {"arm": "a"}}}
    other = {"columns": ["b"], "references": {"table": "q", "columns": ["id"], "when": {"arm": ["b", "c"]}}}
    rules = {"arm": {"type": "SEED", "values": list(values), "hidden": True}}
    parents = [{"tableName": name, "rowCount": 300, "primaryKeyColumn": "id", "columnRuleMap": {}} for name in "pq"]
    child = {"tableName": "t", "rowCount": 300, "foreignKeys": [one, other], "columnRuleMap": rules, **keys}
    return {"tables": [*parents, child]}


def test_the_only_reference_applies_where_a_column_says_so():
    rows = faasera.generate(arms("a", "b", "c", "none", uniqueKeys=[["a"], ["b"]]))["t"].to_pylist()
    filled = [(row["a"] is not None, row["b"] is not None) for row in rows]
    assert {one: filled.count(one) > 40 for one in set(filled)} == {(True, False): True, (False, True): True, (False, False): True}  # fmt: skip
    assert (True, True) not in filled and "arm" not in rows[0]
    for name in "ab":
        values = [row[name] for row in rows if row[name] is not None]
        assert len(set(values)) == len(values) and set(values) <= set(range(1, 301))


def test_a_reference_that_never_applies_is_refused():
    found = problem(arms("a", "x"))
    assert found.code == "unknown-value" and found.message.startswith("'arm' is never")
