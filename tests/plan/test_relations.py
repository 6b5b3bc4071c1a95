"""Weights, shared columns, forests, several and virtual parents: what each promises."""

import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from policies import pipeline, problem
from pyarrow import parquet
from related import child, forest, parent, refers, rows_of

import faasera

# parents by weight


def test_parents_by_their_weight():
    rules = {"w": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 3}, "nullFraction": 0.2}}
    policy = pipeline(
        parent(50, rules=rules), child(refers("p", distribution={"type": "WEIGHTED", "column": "w"}), rows=60_000)
    )
    made = faasera.generate(policy)
    weights = np.array([weight or 0 for weight in made["p"]["w"].to_pylist()])
    counts = np.bincount(np.array(made["c"]["p"]), minlength=51)[1:]
    assert (counts[weights == 0] == 0).all()
    assert np.abs(counts / 60_000 - weights / weights.sum()).max() < 0.004


# shared columns


def tenants(keys, rows=400, user_key=None, team_key=None, **more):
    user_key, team_key = user_key or {}, team_key or {}
    return pipeline(
        parent(12, "t"),
        child(
            refers("t", "t", **user_key),
            name="u",
            rows=None if user_key else 90,
            primaryKeyColumn="u",
            uniqueKeys=[["t", "u"]],
        ),
        child(
            refers("t", "t", **team_key),
            name="w",
            rows=None if team_key else 40,
            primaryKeyColumn="w",
            uniqueKeys=[["t", "w"]],
        ),
        child(*keys, rows=rows, name="m", **more),
    )


BOTH = [refers(("t", "u"), "u", ("t", "u")), refers(("t", "w"), "w", ("t", "w"))]
RANGES = {"childrenPerParent": {"min": 2, "max": 6}}


@pytest.mark.parametrize("user_key", [None, RANGES])
@pytest.mark.parametrize("team_key", [None, RANGES, {"childrenPerParent": {"min": 0, "max": 6}}])
@pytest.mark.parametrize("unique", [False, True])
def test_keys_that_share_a_column_agree(user_key, team_key, unique):
    keys = [*BOTH, refers("t", "t")]
    more = {"compositeKeyColumn": "t+u+w"} if unique else {}
    rules = {"top": {"type": "PRESERVE", "lookup": "t.id"}}
    made = faasera.generate(tenants(keys, 60, user_key, team_key, rules=rules, **more))
    users = {(row["t"], row["u"]) for row in made["u"].to_pylist()}
    teams = {(row["t"], row["w"]) for row in made["w"].to_pylist()}
    found = made["m"].to_pylist()
    assert len(found) == 60
    assert all(
        (row["t"], row["u"]) in users and (row["t"], row["w"]) in teams and row["top"] == row["t"] for row in found
    )
    if unique:
        assert len({(row["t"], row["u"], row["w"]) for row in found}) == 60


def test_all_combinations_that_agree_and_not_one_more():
    policy = tenants(BOTH, 1, None, None, compositeKeyColumn="t+u+w")
    users = Counter(row["t"] for row in rows_of(policy, "u"))
    teams = Counter(row["t"] for row in rows_of(policy, "w"))
    possible = sum(users[tenant] * teams[tenant] for tenant in users)
    full = tenants(BOTH, possible, None, None, compositeKeyColumn="t+u+w")
    assert len({tuple(row.values()) for row in rows_of(full, "m")}) == possible
    found = problem(tenants(BOTH, possible + 1, None, None, compositeKeyColumn="t+u+w"))
    assert found.code == "domain-too-small"
    assert f"{possible + 1:,} unique tuples asked, {possible:,} possible" in found.message


def test_nulls_of_one_key_leave_what_it_shares():
    keys = [BOTH[0], {**BOTH[1], "nullFraction": 0.5}]
    found = rows_of(tenants(keys, 500), "m")
    assert 180 < sum(row["w"] is None for row in found) < 320
    assert all(row["t"] is not None and row["u"] is not None for row in found)


def test_each_member_in_different_teams():
    keys = [{**BOTH[0], "childrenPerParent": {"min": 0, "max": 2}}, BOTH[1]]
    found = rows_of(tenants(keys, None, None, RANGES, compositeKeyColumn="t+u+w"), "m")
    assert len({tuple(row.values()) for row in found}) == len(found)
    assert max(Counter(row["u"] for row in found).values()) == 2
    keys = [{**BOTH[0], "childrenPerParent": {"min": 9, "max": 9}}, BOTH[1]]
    refused = problem(tenants(keys, None, None, RANGES, compositeKeyColumn="t+u+w"))
    assert "has 9 children" in refused.message
    assert "combinations" in refused.message


def test_each_user_once_with_a_team_of_the_same_tenant():
    keys = [{**BOTH[0], "unique": True}, BOTH[1]]
    found = rows_of(tenants(keys, 50, None, RANGES, compositeKeyColumn="t+u+w"), "m")
    assert len({row["u"] for row in found}) == len(found) == 50


def test_forests_inside_of_groups():
    key = refers(("t", "boss"), "e", ("t", "id"))
    for counted in ({"rowCount": 200}, {}):
        first = refers("t", "t") if counted else refers("t", "t", childrenPerParent={"min": 0, "max": 30})
        table = {
            "tableName": "e",
            "primaryKeyColumn": "id",
            "uniqueKeys": [["t", "id"]],
            "foreignKeys": [first, key],
            "columnRuleMap": {},
            **counted,
        }
        found = rows_of(pipeline(parent(9, "t"), table), "e")
        group = {row["id"]: row["t"] for row in found}
        assert all(row["boss"] is None or (group[row["boss"]] == row["t"] and row["boss"] < row["id"]) for row in found)
        assert sum(row["boss"] is None for row in found) == len(set(group.values()))


# forests


def depths(found):
    above = {row["id"]: row["boss"] for row in found}
    depth = {}
    for row in sorted(above):
        depth[row] = 0 if above[row] in (None, row) else depth[above[row]] + 1
    return depth


@pytest.mark.parametrize("rows", [1, 2, 7, 500])
@pytest.mark.parametrize(
    "shape",
    [{}, {"roots": 1, "maxDepth": 3}, {"branching": 4}, {"branching": {"min": 1, "max": 3, "distribution": "ZIPF"}}],
)
def test_forests_end_at_their_roots(rows, shape):
    found = rows_of(pipeline(forest(rows, **shape)), "e")
    assert sum(row["boss"] is None for row in found) == 1
    depth = depths(found)
    assert max(depth.values()) <= shape.get("maxDepth", 499)
    if "branching" in shape:
        most = shape["branching"] if isinstance(shape["branching"], int) else shape["branching"]["max"]
        assert max(Counter(row["boss"] for row in found if row["boss"]).values(), default=0) <= most


def test_depth_and_roots_are_used():
    found = rows_of(pipeline(forest(1000, roots=5, maxDepth=4)), "e")
    assert sum(row["boss"] is None for row in found) == 5
    assert Counter(depths(found).values()).keys() == {0, 1, 2, 3, 4}


def test_roots_that_cannot_be_null_refer_to_themselves():
    table = {**forest(50, roots=3), "compositeKeyColumn": "id+boss"}
    found = rows_of(pipeline(table), "e")
    assert [row["id"] for row in found if row["boss"] == row["id"]] == [1, 2, 3]


def test_roots_of_a_key_that_is_said_never_to_be_null():
    key = refers("boss", "e", nullFraction=0, acyclic={"roots": 2, "branching": 3})
    found = rows_of(pipeline(parent(50, "e", foreignKeys=[key])), "e")
    assert [row["id"] for row in found if row["boss"] == row["id"]] == [1, 2]
    assert all(row["boss"] is not None for row in found)


def test_a_share_of_roots():
    key = refers("boss", "e", nullFraction=0.25)
    found = rows_of(pipeline(parent(400, "e", foreignKeys=[key])), "e")
    assert sum(row["boss"] is None for row in found) == 100


def test_each_boss_once_is_a_chain():
    key = refers("boss", "e", unique=True)
    found = rows_of(pipeline(parent(40, "e", foreignKeys=[key])), "e")
    assert [row["boss"] for row in found] == [None, *range(1, 40)]


def test_any_row_may_be_the_parent_where_cycles_are_allowed():
    key = refers("boss", "e", acyclic=False)
    found = rows_of(pipeline(parent(400, "e", foreignKeys=[key])), "e")
    assert any(row["boss"] > row["id"] for row in found)


def test_dates_after_those_of_all_levels_above():
    rules = {
        "id": {},
        "boss": {},
        "above": {"type": "PRESERVE", "lookup": "boss.hired", "default": "2001-01-01"},
        "hired": {
            "type": "DATE_RANDOM",
            "dataType": "DATE",
            "range": {"start": "{above} + P1D", "end": "{above} + P30D"},
        },
    }
    table = {**forest(300), "columnRuleMap": rules}
    found = rows_of(pipeline(table), "e")
    hired = {row["id"]: row["hired"] for row in found}
    assert all(row["boss"] is None or hired[row["boss"]] == row["above"] < row["hired"] for row in found)
    whole = faasera.generate(pipeline(table))["e"]
    assert faasera.load(pipeline(table))["e"].slice(250, 300).to_pydict() == whole.slice(250, 50).to_pydict()


# several and virtual parents


def several(types, **more):
    references = [
        {"table": "p", "columns": ["id"], "when": {"kind": "P"}},
        {"table": "q", "columns": ["id"], "when": {"kind": "Q"}},
    ]
    rules = {
        "kind": {"type": "SEED", "values": types},
        "subject": {},
        "name": {"type": "PRESERVE", "lookup": "q.name", "default": "none"},
    }
    named = {"name": {"type": "RANDOM", "pattern": "[a-z]{8}"}}
    return pipeline(
        parent(900),
        parent(7, "q", rules=named),
        child({"columns": ["subject"], "references": references, **more}, rules=rules, rows=800),
    )


def test_another_column_chooses_the_parent():
    made = faasera.generate(several(["P", "Q"]))
    names = dict(zip(made["q"]["id"].to_pylist(), made["q"]["name"].to_pylist(), strict=True))
    for row in made["c"].to_pylist():
        assert row["subject"] in range(1, 901) if row["kind"] == "P" else names[row["subject"]] == row["name"]
        assert row["kind"] == "Q" or row["name"] == "none"


def test_each_of_several_parents_once():
    found = rows_of(
        {
            "tables": [
                parent(900),
                parent(800, "q", rules={"name": {"type": "RANDOM", "pattern": "[a-z]{8}"}}),
                several(["P", "Q"], unique=True)["tables"][2],
            ]
        }
    )
    assert len({(row["kind"], row["subject"]) for row in found}) == 800
    refused = problem(several(["P", "Q"], unique=True))
    assert "800 rows, and 'q' has 7" in refused.message


def test_a_value_that_chooses_no_parent():
    found = problem(several(["P", "Q", "R"]))
    assert found.code == "unknown-value"
    assert "'R'" in found.message


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_keys_from_a_file(tmp_path, suffix):
    rows = pa.table({"code": ["01", "02", "07"], "region": ["n", "n", "s"], "size": [10, 20, 30]})
    if suffix == "parquet":
        parquet.write_table(rows, tmp_path / "shops.parquet")
    elif suffix == "csv":
        (tmp_path / "shops.csv").write_text("code,region,size\n01,n,10\n02,n,20\n07,s,30\n")
    else:
        (tmp_path / "shops.jsonl").write_text(
            "".join(
                f'{{"code":"{row["code"]}","region":"{row["region"]}","size":{row["size"]}}}\n'
                for row in rows.to_pylist()
            )
        )
    key = {"columns": ["shop"], "references": {"file": f"shops.{suffix}", "columns": ["code"]}}
    rules = {
        "shop": {},
        "region": {"type": "PRESERVE", "lookup": "shops.region"},
        "twice": {"type": "PRESERVE", "expression": "shops.size * 2"},
    }
    policy = pipeline(child(key, rules=rules, rows=100), seedDirectory=str(tmp_path))
    found = {tuple(row.values()) for row in rows_of(policy)}
    assert found == {("01", "n", 20), ("02", "n", 40), ("07", "s", 60)}
    assert list(faasera.load(policy).plan.inputs) == [f"shops.{suffix}"]
    once = rows_of(pipeline(child({**key, "unique": True}, rows=3), seedDirectory=str(tmp_path)))
    assert sorted(row["shop"] for row in once) == ["01", "02", "07"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("code\n1\n1\n", "file-key"),
        ("code\n1\n\n", None),
        ("code,b\n1,2\n,3\n", "file-key"),
        ("kode\n1\n", "unknown-column"),
        ("", "file-unreadable"),
    ],
)
def test_files_that_hold_no_keys(tmp_path, content, code):
    (tmp_path / "keys.csv").write_text(content)
    key = {"columns": ["shop"], "references": {"file": "keys.csv", "columns": ["code"]}}
    policy = pipeline(child(key, rows=4), seedDirectory=str(tmp_path))
    if code is None:
        assert rows_of(policy)
    else:
        assert problem(policy).code == code


def test_no_file_outside_of_the_seed_directory(tmp_path):
    for name, code in (
        ("../keys.csv", "seed-file-outside"),
        ("none.csv", "seed-file-missing"),
        ("keys.txt", "file-format"),
    ):
        (tmp_path / "keys.txt").write_text("code\n")
        key = {"columns": ["shop"], "references": {"file": name, "columns": ["code"]}}
        assert problem(pipeline(child(key, rows=4), seedDirectory=str(tmp_path))).code == code


# lookups where there may be no parent


def test_a_lookup_without_a_parent_needs_a_default():
    named = parent(5, rules={"v": {"type": "RANDOM", "range": {"min": 1, "max": 5}, "unique": True}})
    key = refers("p", nullFraction=0.5)

    def with_rule(rule, foreign_key=key):
        return pipeline(named, child(foreign_key, rules={"x": rule}, rows=200))

    for rule in (
        {"type": "PRESERVE", "lookup": "p.v"},
        {"type": "PRESERVE", "expression": "p.v + 1"},
        {"type": "PRESERVE", "pattern": "{p.v}!"},
    ):
        assert problem(with_rule(rule)).code == "optional-parent"
    assert {row["x"] for row in rows_of(with_rule({"type": "PRESERVE", "lookup": "p.v", "default": 7}))} == {
        1,
        2,
        3,
        4,
        5,
        7,
    }
    assert None in {row["x"] for row in rows_of(with_rule({"type": "PRESERVE", "lookup": "p.v", "default": None}))}
    assert {row["x"] for row in rows_of(with_rule({"type": "PRESERVE", "expression": "coalesce(p.v, 0) * 2"}))} == {
        0,
        2,
        4,
        6,
        8,
        10,
    }
    assert problem(with_rule({"type": "PRESERVE", "lookup": "p.v", "default": 7}, refers("p"))).code == "no-effect"
    assert problem(with_rule({"type": "PRESERVE", "lookup": "p.v", "default": "x"})).code == "bad-value"


ORDERS = list(itertools.permutations(range(4)))


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_tables_that_share_columns_may_stand_anywhere(order):
    """The keys that two foreign keys share are counted over children of one of the parents."""
    tables = [
        {"tableName": "ten", "rowCount": 6, "primaryKeyColumn": "t", "columnRuleMap": {"t": {"type": "SEQUENCE"}}},
        {"tableName": "a", "rowCount": 20, "primaryKeyColumn": "id", "uniqueKeys": [["t", "id"]], "columnRuleMap": {"id": {"type": "SEQUENCE"}, "t": {"type": "PRESERVE", "aggregate": {"table": "kid", "function": "count"}}}},
        {"tableName": "kid", "primaryKeyColumn": "k", "columnRuleMap": {"k": {"type": "SEQUENCE"}}, "foreignKeys": [{"columns": ["g"], "references": {"table": "a", "columns": ["id"]}, "childrenPerParent": {"min": 1, "max": 3}}]},
        {"tableName": "e", "rowCount": 30, "primaryKeyColumn": "id", "columnRuleMap": {"id": {"type": "SEQUENCE"}}, "foreignKeys": [{"columns": ["t"], "references": {"table": "ten", "columns": ["t"]}}, {"columns": ["t", "a"], "references": {"table": "a", "columns": ["t", "id"]}}]},
    ]  # fmt: skip
    data = faasera.load({"seed": 3, "tables": [tables[place] for place in order]})
    parents = {(row["t"], row["id"]) for row in data["a"].slice(0, 20).to_pylist()}
    rows = data["e"].slice(0, 30).to_pylist()
    assert {(row["t"], row["a"]) for row in rows} <= parents and len({row["a"] for row in rows}) > 5


def test_a_table_is_not_called_as_a_file_of_keys(tmp_path):
    (tmp_path / "k.csv").write_text("id\n5\n3\n9\n")
    tables = [
        {"tableName": "k.csv", "rowCount": 7, "primaryKeyColumn": "id", "columnRuleMap": {}},
        {"tableName": "c", "rowCount": 5, "columnRuleMap": {"n": {"type": "SEQUENCE"}}, "foreignKeys": [{"columns": ["f"], "references": {"file": "k.csv", "columns": ["id"]}}]},
    ]  # fmt: skip
    found = problem({"seedDirectory": str(tmp_path), "tables": tables})
    assert (found.pointer, found.code) == ("/tables/0/tableName", "duplicate-table")
