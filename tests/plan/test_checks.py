"""Checks: rows that would break a condition are drawn again; what cannot hold is refused by name."""

import copy

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import problem, problems

import faasera
from faasera.core.errors import RunError

POLICY = {
    "seed": 5,
    "tables": [
        {
            "tableName": "parents",
            "rowCount": 40,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"kind": {"type": "SEED", "values": ["x", "y"]}},
        },
        {
            "tableName": "t",
            "rowCount": 3000,
            "primaryKeyColumn": "id",
            "foreignKeys": [
                {"columns": ["a_id"], "references": {"table": "parents", "columns": ["id"]}, "nullFraction": 0.5},
                {"columns": ["b_id"], "references": {"table": "parents", "columns": ["id"]}, "nullFraction": 0.5},
            ],
            "checks": [
                {"name": "order", "expression": "low < high"},
                {"name": "exactly one", "expression": "(a_id is null) <> (b_id is null)"},
                {"expression": "status not in ('shipped') or shipped is not null"},
                {"name": "code", "expression": "code like 'A%' or matches(code, '^B[0-4]')"},
                {"name": "sum", "expression": "total between 5 and 15"},
                {"name": "hours", "expression": "opens < closes"},
            ],
            "columnRuleMap": {
                "low": {"type": "RANDOM", "range": {"min": 1, "max": 10}},
                "high": {"type": "RANDOM", "range": {"min": 1, "max": 10}},
                "free": {"type": "RANDOM", "range": {"min": 1, "max": 1000}},
                "total": {"type": "PRESERVE", "expression": "low + high"},
                "status": {"type": "SEED", "values": ["new", "shipped"]},
                "shipped": {
                    "type": "DATE_RANDOM",
                    "range": {"start": "2024-01-01", "end": "2024-12-31"},
                    "nullFraction": 0.5,
                },
                "code": {"type": "RANDOM", "pattern": "[A-C][0-9]{3}"},
                "opens": {"type": "RANDOM", "range": {"min": "06:00:00", "max": "20:00:00"}},
                "closes": {"type": "RANDOM", "range": {"min": "06:00:00", "max": "20:00:00"}},
                "parent": {"type": "PRESERVE", "lookup": "a_id.id", "default": 0},
            },
        },
    ],
}


@pytest.fixture(scope="module")
def made() -> faasera.Dataset:
    return faasera.load(POLICY)


def test_every_row_meets_every_check(made):
    for row in made["t"].to_arrow().to_pylist():
        assert row["low"] < row["high"] and row["total"] == row["low"] + row["high"] and 5 <= row["total"] <= 15
        assert (row["a_id"] is None) != (row["b_id"] is None) and row["parent"] == (row["a_id"] or 0)
        assert row["status"] != "shipped" or row["shipped"] is not None
        assert row["code"][0] == "A" or (row["code"][0] == "B" and row["code"][1] in "01234")
        assert row["opens"] < row["closes"]


@given(start=st.integers(0, 2990), size=st.integers(1, 400))
def test_any_slice_is_that_of_the_whole(made, start, size):
    whole = made["t"].to_arrow().slice(start, size)
    part = pa.Table.from_batches([made["t"].slice(start, start + size)])
    assert part.to_pylist() == whole.to_pylist()


def test_columns_that_no_check_names_stay_as_they_are(made):
    without = copy.deepcopy(POLICY)
    del without["tables"][1]["checks"]
    plain = faasera.generate(without)["t"]
    assert plain["free"].to_pylist() == made["t"].to_arrow()["free"].to_pylist()


def test_rows_that_meet_a_check_at_once_stay_as_they_are():
    only_order = copy.deepcopy(POLICY)
    only_order["tables"][1]["checks"] = [{"expression": "low < high"}]
    checked = faasera.generate(only_order)["t"]
    del only_order["tables"][1]["checks"]
    plain = faasera.generate(only_order)["t"]
    pairs = list(
        zip(
            plain["low"].to_pylist(),
            plain["high"].to_pylist(),
            checked["low"].to_pylist(),
            checked["high"].to_pylist(),
            strict=True,
        )
    )
    kept = [(low, high) == (a, b) for low, high, a, b in pairs if low < high]
    assert all(kept) and 1000 < len(kept) < 2000


def test_the_plan_states_measured_acceptance(made):
    shares = {check["name"]: check["acceptance"] for check in made.plan.as_dict()["tables"][1]["checks"]}
    assert shares["order"] == pytest.approx(0.45, abs=0.02)
    assert shares["exactly one"] == pytest.approx(0.5, abs=0.03)
    assert set(shares) == {"order", "exactly one", "check 3", "code", "sum", "hours"}


def test_the_check_proves_them(tmp_path):
    faasera.load(POLICY).write(tmp_path / "out", format="parquet")
    report = faasera.check(tmp_path / "out")
    assert report.ok and sum(finding.kind == "check" and finding.status == "passed" for finding in report.findings) == 6


def test_the_check_finds_a_broken_one(tmp_path):
    manifest = faasera.load(POLICY).write(tmp_path / "out", format="parquet")
    stricter = copy.deepcopy(POLICY)
    stricter["tables"][1]["checks"][0]["expression"] = "low + 1 < high"
    report = faasera.check(tmp_path / "out", stricter)
    assert [finding.subject for finding in report.failed] == ["order"]
    assert manifest.rows == 3040


def one(checks, **rules):
    return {"tableName": "t", "rowCount": 500, "primaryKeyColumn": "id", "checks": checks, "columnRuleMap": rules}


NUMBER = {"type": "RANDOM", "range": {"min": 1, "max": 1000}}


@pytest.mark.parametrize(
    ("checks", "code", "words"),
    [
        ([{"name": "never", "expression": "n > 2000"}], "check-not-honoured", "'never': only 0.00%"),
        ([{"name": "rare", "expression": "n > 998"}], "check-not-honoured", "less than 1%"),
        ([{"name": "key", "expression": "id > 100"}], "check-not-honoured", "cannot be drawn again"),
        ([{"name": "odd", "sql": "jsonb_typeof(n) = 'x'"}], "check-not-honoured", "jsonb_typeof"),
        ([{"name": "a"}], "exclusive-keys", "sql"),
        ([{"expression": "n > 1", "sql": "n > 1"}], "exclusive-keys", "sql"),
        ([{"expression": "n > 1", "assumed": True}], "no-effect", "assumed"),
        ([{"expression": "n + 1"}], "expression", "true or false"),
        ([{"expression": "m > 1"}], "unknown-column", "'m'"),
        ([{"expression": "n >"}], "expression", "not expected"),
        ([{"expression": "matches(text(n), '(?=a)')"}], "pattern", "look-around"),
        ([{"name": "a", "expression": "n > 1"}, {"name": "a", "expression": "n > 2"}], "duplicate-check", "two checks"),
    ],
)
def test_what_cannot_hold_is_refused_by_name(checks, code, words):
    found = problem(one(checks, n=NUMBER))
    assert found.code == code and words in f"{found.message} {found.remedy}"


def test_all_problems_come_at_once():
    """Of rules, keys, checks that nothing says and checks that no row meets, each in a table of its own, and of those beside."""

    def named(name, checks=(), parent=None, rows=500, **rules):
        keys = [{"columns": ["parent"], "references": {"table": parent, "columns": ["id"]}}] if parent else []
        made = {"tableName": name, "rowCount": rows, "primaryKeyColumn": "id", "checks": list(checks)}
        return {**made, "foreignKeys": keys, "columnRuleMap": rules}

    tables = [
        named("rule", n={"type": "RANDOM", "range": {"min": 9, "max": 1}}),
        named("key", few={"type": "SEED", "values": ["a"], "unique": True}),
        named("said", [{"name": "own", "sql": "own(n)"}, {"name": "none", "expression": "n < 0"}], n=NUMBER),
        named("also", [{"name": "own too", "sql": "own(n)"}], "said", n=NUMBER),
        named("met", [{"name": "never", "expression": "n < 0"}], "said", n=NUMBER),
        named("child", [{"name": "unseen", "expression": "n < 0"}], "key", n=NUMBER),
    ]
    found = problems({"tables": tables})
    assert {one.split("/")[2] for one in found} == {"0", "1", "2", "3", "4"}
    assert {"/tables/2/checks/0", "/tables/2/checks/1", "/tables/3/checks/0", "/tables/4/checks/0"} <= set(found)


def test_an_assumed_constraint_is_left_to_the_database():
    policy = one([{"name": "odd", "sql": "is_fine(n)", "assumed": True}], n=NUMBER)
    assert faasera.generate(policy)["t"].num_rows == 500


def test_a_row_that_never_meets_a_check_stops_the_run():
    policy = one([{"name": "even", "expression": "id % 100000 <> 99999 or n > 1000"}], n=NUMBER)
    dataset = faasera.load(policy, rows=200_000)
    assert dataset["t"].slice(0, 1000).num_rows == 1000
    with pytest.raises(RunError, match=r"row 99,998 of 't' meets 'even' in no attempt"):
        dataset["t"].slice(99_990, 100_010)


def test_groups_of_meanings_stay_in_agreement():
    rules = {"first_name": {}, "last_name": {}, "email": {}}
    policy = one([{"expression": "length(first_name) <= 5"}], **rules)
    for row in faasera.generate(policy)["t"].to_pylist():
        assert len(row["first_name"]) <= 5
        assert row["first_name"][:1].lower() in row["email"] and row["last_name"][:3].lower() in row["email"]


def pair(check, rows, parents=30, **keys):
    key = {"primaryKeyColumn": "id", "columnRuleMap": {}}
    both = [{"columns": [one], "references": {"table": "people", "columns": ["id"]}} for one in ("a", "b")]
    return {
        "tables": [
            {"tableName": "people", "rowCount": parents, **key},
            {
                "tableName": "pairs",
                "rowCount": rows,
                "compositeKeyColumn": "a+b",
                "foreignKeys": both,
                "checks": [{"expression": check}],
                "columnRuleMap": {},
                **keys,
            },
        ]
    }


@pytest.mark.parametrize(
    ("check", "most"), [("a <> b", 870), ("not (a = b)", 870), ("a < b", 435), ("b > a", 435), ("a > b", 435)]
)
def test_two_parents_of_a_key_that_differ(check, most):
    rows = faasera.generate(pair(check, most))["pairs"].to_pylist()
    tuples = {(row["a"], row["b"]) for row in rows}
    assert len(tuples) == most and all(1 <= a <= 30 and 1 <= b <= 30 and a != b for a, b in tuples)
    if "<" in check.replace("<>", "") or ">" in check.replace("<>", ""):
        lower = check != "a > b"
        assert all((a < b) == lower for a, b in tuples)
    part = faasera.load(pair(check, most))["pairs"].slice(100, 150).to_pylist()
    assert part == rows[100:150]
    found = problem(pair(check, most + 1))
    assert found.code == "domain-too-small" and f"{most} possible" in found.message


def test_many_pairs_in_order_are_numbered_exactly():
    import numpy as np

    from faasera.plan.links.pairs import triangle

    numbers = np.array([0, 1, 2, 3, 5, 6, 2**40 - 1, 2**40, 2**52 - 1], dtype=np.uint64)
    low, high = triangle(numbers)
    exact = [int(h) * (int(h) - 1) // 2 + int(one) for one, h in zip(low, high, strict=True)]
    assert exact == [int(number) for number in numbers] and (low < high).all()
