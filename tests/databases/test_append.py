"""Rows that come after those of a database: whatever kind of foreign key they have, every promise holds again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from database_fixtures import DIALECTS, ask, do, opened
from related import child, parent, refers

import faasera
from faasera.core.errors import PolicyError
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan

APPENDS = 3
TOGETHER = [
    pytest.param(1, id="1", marks=pytest.mark.heavy),
    pytest.param(APPENDS, id=str(APPENDS), marks=pytest.mark.slow),
]
"""How often rows are appended where all kinds stand in one database; each kind by itself has always all of them."""
NUMBER = {"type": "SEQUENCE", "dataType": "INTEGER"}
WEIGHT = {"type": "PRESERVE", "dataType": "INTEGER", "expression": "if(id <= 20 or id % 7 = 0, 0, id)"}
"""The rows that are there first have other weights than those that come later, and the first of all have none."""
DAY = {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}}


def tenants(*keys: dict, **given: Any) -> list[dict]:
    """Users and teams below tenants, and work that refers to one of each, which must agree."""
    few = {"min": 2, "max": 9}
    tables = [{"tableName": "t", "rowCount": 8, "primaryKeyColumn": "t", "columnRuleMap": {"t": NUMBER}}]
    for name, counted in (("u", given.pop("users_counted", False)), ("w", given.pop("teams_counted", False))):
        size = {} if counted else {"rowCount": 60}
        key = refers("t", "t", ("t",), **({"childrenPerParent": few} if counted else {}))
        tables.append({"tableName": name, "primaryKeyColumn": name, "uniqueKeys": [["t", name]], "foreignKeys": [key], "columnRuleMap": {name: NUMBER, "t": {}}, **size})  # fmt: skip
    tables.append(child(*keys, rules={"t": {}, "u": {}, "w": {}}, **given))
    return tables


def user(**keys: Any) -> dict:
    return refers(("t", "u"), "u", ("t", "u"), **keys)


def team(**keys: Any) -> dict:
    return refers(("t", "w"), "w", ("t", "w"), **keys)


def tree(rows: int, **keys: Any) -> list[dict]:
    """A table that refers to itself."""
    return [parent(rows, "e", {"id": NUMBER, "boss": {}}, foreignKeys=[refers("boss", "e", **keys)])]


def grouped_tree(**counted: Any) -> list[dict]:
    """Trees that stand within groups."""
    groups = {"tableName": "t", "rowCount": 6, "primaryKeyColumn": "t", "columnRuleMap": {"t": NUMBER}}
    keys = [refers("t", "t", ("t",), **counted), refers(("t", "boss"), "e", ("t", "id"))]
    size = {} if counted else {"rowCount": 90}
    rules = {"id": NUMBER, "t": {}, "boss": {}}
    return [groups, {"tableName": "e", "primaryKeyColumn": "id", "uniqueKeys": [["t", "id"]], "foreignKeys": keys, "columnRuleMap": rules, **size}]  # fmt: skip


def parents(rows: int = 40, name: str = "p", **rules: Any) -> dict:
    return parent(rows, name, {"id": NUMBER, **rules})


def regions() -> list[dict]:
    """Orders that hold their region, which follows from the customer's."""
    areas = parents(6, "r")
    customers = parent(50, "k", {"id": NUMBER, "r": {}}, foreignKeys=[refers("r", "r")], uniqueKeys=[["r", "id"]])
    return [areas, customers, child(refers("r", "r"), refers(("r", "k"), "k", ("r", "id")), rows=120)]


def below(most: int) -> dict:
    return {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": most}}


def arm(column: str, when: str | list[str], table: str = "p") -> dict:
    """A foreign key of some rows alone."""
    return {"columns": [column], "references": {"table": table, "columns": ["id"], "when": {"arm": when}}}


FILE = {"columns": ["depot"], "references": {"file": "keys.csv", "columns": ["depot"]}}
LOOKED = {"of": {"type": "PRESERVE", "lookup": "p.since"}}
CASES: dict[str, list[dict]] = {
    "drawn": [parents(), child(refers("p"), rows=200)],
    "shaped": [parents(), child(refers("p", distribution={"type": "ZIPF", "exponent": 1.4}), rows=200)],
    "optional": [parents(since=DAY), child(refers("p", nullFraction=0.3), rules={"of": {**LOOKED["of"], "default": "2020-01-01"}}, rows=200)],
    "looked": [parents(since=DAY), child(refers("p"), rules=LOOKED, rows=200)],
    "once": [parents(), child(refers("p", unique=True), rows=30)],
    "counted": [parents(), child(refers("p", childrenPerParent={"min": 0, "max": 5}), rules={"p": {}, "no": {"type": "PRESERVE", "expression": "{#}"}}, compositeKeyColumn="p+no")],
    "weighted": [parents(weight=WEIGHT), child(refers("p", distribution={"type": "WEIGHTED", "column": "weight"}), rows=3000)],
    "sharing": tenants(user(), team(), refers("t", "t", ("t",)), rows=200),
    "sharing_unique": tenants(user(), team(), rows=100, compositeKeyColumn="t+u+w"),
    "sharing_optional": tenants(user(), team(nullFraction=0.3), rows=200),
    "sharing_leader": tenants(user(childrenPerParent={"min": 0, "max": 3}), team()),
    "sharing_ranges": tenants(user(), team(), rows=200, users_counted=True, teams_counted=True),
    "sharing_both": tenants(user(childrenPerParent={"min": 1, "max": 2}), team(), users_counted=True, teams_counted=True),
    "implied": regions(),
    "tree": tree(90, acyclic={"roots": 2}),
    "branching": tree(90, acyclic={"roots": 2, "branching": {"min": 1, "max": 3}}),
    "levels": tree(90, acyclic={"roots": 3, "maxDepth": 3}),
    "any": tree(90, acyclic=False),
    "chain": tree(90, unique=True),
    "grouped": grouped_tree(),
    "grouped_ranges": grouped_tree(childrenPerParent={"min": 0, "max": 20}),
    "apart": [parents(), child(refers("a"), refers("b"), rows=150, checks=[{"name": "apart", "expression": "a <> b"}], uniqueKeys=[["a", "b"]])],
    "one_of": [parents(30, "p"), parents(20, "q"), child({"columns": ["subject"], "references": [{"table": name, "columns": ["id"], "when": {"which": name}} for name in "pq"]}, rules={"which": {"type": "SEED", "values": ["p", "q"]}}, rows=200)],
    "junction": [parents(30, "p"), parents(20, "q"), child(refers("p"), refers("q", "q"), rules={"role": {"type": "SEED", "values": ["x", "y", "z"]}}, rows=200, compositeKeyColumn="p+q+role")],
    "junction_counted": [parents(30, "p"), parents(20, "q"), child(refers("p", childrenPerParent={"min": 0, "max": 4}), refers("q", "q"), compositeKeyColumn="p+q")],
    "file": [child(FILE, rows=100, rules={"depot": {}})],
    "file_weighted": [child({**FILE, "distribution": {"type": "WEIGHTED", "column": "size"}}, rows=100, rules={"depot": {}})],
    "file_tuple": [child(FILE, rows=20, rules={"depot": {}, "x": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 90}}}, uniqueKeys=[["depot", "x"]])],
    "overlapping": [parents(30, "p"), parents(20, "q"), child(refers("p"), refers("q", "q"), rules={"no": below(10**9)}, rows=200, uniqueKeys=[["p", "no"], ["q", "no"]])],
    "overlapping_few": [parents(30, "p"), parents(20, "q"), child(refers("p"), refers("q", "q"), rules={"no": below(150)}, rows=200, uniqueKeys=[["p", "no"], ["q", "no"]])],
    "overlapping_columns": [child(rules={"a": below(90), "b": below(80), "d": below(70)}, rows=100, uniqueKeys=[["a", "b"], ["b", "d"], ["a", "d"]])],
    "partly": [parent(40, "p", {"id": NUMBER, "day": below(5)}, uniqueKeys=[["id", "day"]]), child(refers(("p", "day"), "p", ("id", "day")), rows=30, uniqueKeys=[["p"]])],
    "arms": [parents(60, "p"), parents(70, "q"), child(arm("p", "p"), arm("q", ["q", "both"], "q"), rules={"arm": {"type": "SEED", "values": ["p", "q", "both"]}, "no": {**below(10**6), "when": [{"where": {"arm": "p"}, "rule": {"type": "CONSTANT", "dataType": "INTEGER", "value": 0, "nullFraction": 1}}]}}, rows=50, uniqueKeys=[["p"], ["q", "no"], ["no"]], checks=[{"name": "one", "expression": "(p is null) <> (q is null)"}, {"name": "both", "expression": "(no is null) = (q is null)"}])],
    "beside_checks": [parent(60, "p", {"id": NUMBER, "kind": {"type": "SEED", "values": ["a", "b"]}}, uniqueKeys=[["id", "kind"]]), child(refers(("p", "kind"), "p", ("id", "kind")), rows=20, uniqueKeys=[["p"]], checks=[{"name": "only", "expression": "kind = 'a'"}])],
    "redrawn": [parents(since=DAY), child(refers("p"), rules={**LOOKED, "day": DAY}, rows=150, checks=[{"name": "later", "expression": "day >= of"}])],
}  # fmt: skip


def policy_of(tables: list[dict], folder) -> dict:
    (folder / "keys.csv").write_text("depot,size\n1,5\n2,0\n3,1\n")
    return {"seed": 11, "seedDirectory": str(folder), "tables": tables}


def prefixed(case: str) -> list[dict]:
    """The tables of a case, under names that no other case has."""
    tables = json.loads(json.dumps(CASES[case]))
    for table in tables:
        table["tableName"] = f"{case}_{table['tableName']}"
        for key in table.get("foreignKeys", []):
            references = key["references"] if isinstance(key["references"], list) else [key["references"]]
            for reference in references:
                if "table" in reference:
                    reference["table"] = f"{case}_{reference['table']}"
    return tables


def load(url: str, policy: dict, **options: Any) -> None:
    database = opened(url)
    try:
        DatabaseRun(load_plan(policy), database, **options).execute()
    finally:
        database.close()


def joined(key: dict, reference: dict) -> str:
    pairs = zip(key["columns"], reference["columns"], strict=True)
    return " AND ".join(f"c.{own} = p.{other}" for own, other in pairs)


def queries(table: dict) -> Iterator[tuple[str, str]]:
    """What is promised of a table, each with a query for the rows that break it; shares no code with the engine."""
    name = table["tableName"]
    tuples = [[table["primaryKeyColumn"]]] if "primaryKeyColumn" in table else []
    tuples += [table["compositeKeyColumn"].split("+")] if "compositeKeyColumn" in table else []
    tuples += table.get("uniqueKeys", [])
    tuples += [key["columns"] for key in table.get("foreignKeys", []) if key.get("unique")]
    for columns in tuples:
        listed, filled = ", ".join(columns), " AND ".join(f"{one} IS NOT NULL" for one in columns)
        yield f"unique {listed}", f"SELECT {listed} FROM {name} WHERE {filled} GROUP BY {listed} HAVING count(*) > 1"
    for key in table.get("foreignKeys", []):
        references = key["references"] if isinstance(key["references"], list) else [key["references"]]
        filled = " AND ".join(f"c.{one} IS NOT NULL" for one in key["columns"])
        for reference in references:
            if "file" in reference:
                yield "keys of the file", f"SELECT * FROM {name} WHERE depot NOT IN ('1', '2', '3')"
                continue
            above, on = reference["table"], joined(key, reference)
            several = reference.get("when", {}) if len(references) > 1 else {}
            chosen = "".join(f" AND c.{one} = '{value}'" for one, value in several.items())
            yield (
                f"{', '.join(key['columns'])} → {above}",
                f"SELECT * FROM {name} c WHERE {filled}{chosen} AND NOT EXISTS (SELECT 1 FROM {above} p WHERE {on})",
            )
            if bounds := key.get("childrenPerParent"):
                yield (
                    f"children of {above}",
                    f"SELECT * FROM (SELECT (SELECT count(*) FROM {name} c WHERE {on}) AS n FROM {above} p) counted "
                    f"WHERE n NOT BETWEEN {bounds['min']} AND {bounds['max']}",
                )
            if "of" in table["columnRuleMap"]:
                yield "looked up", f"SELECT * FROM {name} c JOIN {above} p ON {on} WHERE c.of <> p.since"
            if "distribution" in key and key["distribution"].get("column") == "weight":
                yield "no weight, no children", f"SELECT * FROM {name} c JOIN {above} p ON {on} WHERE p.weight = 0"
    for check in table.get("checks", []):
        yield check["name"], f"SELECT * FROM {name} WHERE NOT ({check['expression']})"


def broken(url: str, tables: list[dict]) -> dict[str, int]:
    """How many rows break which promise, all asked in one statement."""
    asked = [(f"{table['tableName']}: {what}", query) for table in tables for what, query in queries(table)]
    counts = [f"SELECT {place}, count(*) FROM ({query}) wrong{place}" for place, (_, query) in enumerate(asked)]
    found = {asked[place][0]: int(rows) for place, rows in ask(url, " UNION ALL ".join(counts)) if rows}
    for table in tables:
        found |= {f"{table['tableName']}: {what}": rows for what, rows in trees(url, table).items()}
    return found


def trees(url: str, table: dict) -> dict[str, int]:
    """What is wrong with the trees of a table: rows in circles, of too many children, or too deep."""
    key = next((one for one in table.get("foreignKeys", []) if one["columns"][-1] == "boss"), None)
    if key is None or key.get("acyclic") is False:
        return {}
    shape = key.get("acyclic") or {}
    boss = dict(ask(url, f"SELECT id, boss FROM {table['tableName']}"))
    depths: dict[int, int] = {}
    for row in boss:
        path = []
        while row is not None and row not in depths and row not in path:
            path.append(row)
            row = boss.get(row)
        if row in path:
            return {"in a circle": len(path)}
        depth = -1 if row is None else depths[row]
        for one in reversed(path):
            depths[one] = depth = depth + 1
    children = [list(boss.values()).count(row) for row in boss]
    most = {"maxDepth": max(depths.values()), "branching": max(children)}
    allowed = {"maxDepth": shape.get("maxDepth"), "branching": shape.get("branching", {}).get("max")}
    return {name: most[name] for name, bound in allowed.items() if bound is not None and most[name] > bound}


def kept(url: str, policy: dict, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the check in place finds broken; how many rows and roots there are, and whose are how many, is of one load."""
    monkeypatch.setenv("FAASERA_CONNECTION_APPENDED", url)
    report = faasera.check("appended", policy)
    return [f"{one.table}: {one.kind} {one.subject}: {one.detail}" for one in report.failed if one.kind not in ("row count", "roots", "distribution")]  # fmt: skip


def prove(url: str, policy: dict, monkeypatch: pytest.MonkeyPatch, appends: int = APPENDS) -> None:
    load(url, policy)
    sizes = {table["tableName"]: ask(url, f"SELECT count(*) FROM {table['tableName']}")[0][0] for table in policy["tables"]}  # fmt: skip
    for number in range(appends):
        load(url, policy, mode="append")
        assert broken(url, policy["tables"]) == {}, f"after {number + 1} appends"
    assert kept(url, policy, monkeypatch) == []
    for table in policy["tables"]:
        if "rowCount" in table:
            rows = ask(url, f"SELECT count(*) FROM {table['tableName']}")[0][0]
            assert rows == sizes[table["tableName"]] * (appends + 1)


@pytest.mark.parametrize("case", CASES)
def test_every_promise_holds_after_each_append(case, fresh, tmp_path, monkeypatch):
    prove(fresh("sqlite"), policy_of(CASES[case], tmp_path), monkeypatch)


@pytest.mark.parametrize("appends", TOGETHER)
@pytest.mark.parametrize("dialect", ["postgres", "mysql", "duckdb"])
def test_all_of_them_in_one_database(dialect, appends, fresh, tmp_path, monkeypatch):
    # DuckDB looks at each reference at once, so that none of its rows may refer to a later one.
    cases = [case for case in CASES if (case, dialect) != ("any", "duckdb")]
    tables = [table for case in cases for table in prefixed(case)]
    prove(fresh(dialect), policy_of(tables, tmp_path), monkeypatch, appends)


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
def test_children_of_new_parents_follow_the_weights_of_these(dialect, fresh, tmp_path):
    url, policy = fresh(dialect), policy_of(CASES["weighted"], tmp_path)
    before = 0
    for mode in ("fail", *["append"] * APPENDS):
        load(url, policy, mode=mode)
        new = ask(url, f"SELECT id, weight FROM p WHERE id > {before} ORDER BY id")
        counts = dict(ask(url, f"SELECT p, count(*) FROM c WHERE p > {before} GROUP BY p"))
        before = new[-1][0]
        total, rows = sum(weight for _, weight in new), sum(counts.values())
        assert rows == 3000 and len(new) == 40
        # Within six standard deviations of what is drawn by weight.
        off = [
            (key, counts.get(key, 0), share)
            for key, weight in new
            if abs(counts.get(key, 0) - (share := rows * weight / total)) > 6 * max(share, 1) ** 0.5 * (weight > 0)
        ]
        assert off == []


REFUSED = {
    "counted by a file": [child({**FILE, "childrenPerParent": {"min": 1, "max": 3}}, rules={"depot": {}})],
    "arranged for fewer rows": [child(rules={"a": below(5), "b": below(5), "d": below(5)}, rows=20, uniqueKeys=[["a", "b"], ["b", "d"], ["a", "d"]])],
    "keys that cross": [parents(30), child(refers("p"), rules={"a": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 9}}, "b": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 9}}}, rows=20, uniqueKeys=[["a", "b"], ["p", "a"]])],
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_go_on_is_refused_before_the_first_row(case, fresh, tmp_path):
    url, policy = fresh("sqlite"), policy_of(REFUSED[case], tmp_path)
    load(url, policy)
    before = ask(url, "SELECT count(*) FROM c")
    with pytest.raises(PolicyError) as caught:
        load(url, policy, mode="append")
    assert caught.value.problems[0].code == "domain-too-small"
    assert ask(url, "SELECT count(*) FROM c") == before


TRADE = [
    parents(30, who={"type": "SEED", "semanticType": "last-name"}),
    child(refers("p"), name="o", primaryKeyColumn="id", rules={"id": NUMBER}, rows=50),
    child(refers("o", "o"), name="l", primaryKeyColumn="id", rules={"id": NUMBER}, rows=80),
]  # fmt: skip
LOOKUP = {"whose": {"type": "PRESERVE", "lookup": "o.p.who"}}


def test_a_table_left_out_that_nothing_depends_on_need_not_be_loaded_again(fresh, tmp_path):
    url, policy = fresh("sqlite"), policy_of(TRADE, tmp_path)
    load(url, policy)
    load(url, policy, mode="append", tables=["p", "l"])
    assert broken(url, TRADE) == {}


def looking_up() -> list[dict]:
    return [*TRADE[:2], {**TRADE[2], "columnRuleMap": {"id": NUMBER, **LOOKUP}}]


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("tables", "seed", "rows", "words"),
    [
        (["p", "l"], None, None, "'p' of id 1 is"),
        (["l"], 12, None, "'p' of id 1 is"),
        (["l"], None, {"o": 60}, "50 rows instead of 60"),
    ],
)
def test_rows_that_do_not_go_with_those_of_a_table_left_out_are_refused(
    dialect, tables, seed, rows, words, fresh, tmp_path
):
    url, policy = fresh(dialect), policy_of(looking_up(), tmp_path)
    load(url, policy)
    before = ask(url, "SELECT count(*) FROM l")
    database = opened(url)
    with pytest.raises(PolicyError) as caught:
        DatabaseRun(load_plan(policy, seed=seed, rows=rows), database, mode="append", tables=tables).execute()
    database.close()
    assert caught.value.problems[0].code == "target-differs"
    assert words in caught.value.problems[0].message
    assert ask(url, "SELECT count(*) FROM l") == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_seed_and_rows_go_on_beside_a_table_left_out(dialect, fresh, tmp_path):
    url, policy = fresh(dialect), policy_of(looking_up(), tmp_path)
    load(url, policy)
    load(url, policy, mode="append", tables=["l"])
    wrong = "SELECT count(*) FROM l JOIN o ON l.o = o.id JOIN p ON o.p = p.id WHERE l.whose <> p.who"
    assert ask(url, wrong) == [(0,)]


def test_rows_of_a_table_left_out_may_come_later_where_no_constraint_asks_for_them(fresh, tmp_path):
    url, policy = fresh("sqlite"), policy_of(TRADE, tmp_path)
    do(url, "CREATE TABLE p (id integer PRIMARY KEY, who text)", "CREATE TABLE o (id integer PRIMARY KEY, p integer)")
    load(url, policy, tables=["o"])
    load(url, policy, tables=["p"])
    assert broken(url, TRADE[:2]) == {}
