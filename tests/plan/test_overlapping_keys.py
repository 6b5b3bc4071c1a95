"""Unique keys that share columns, held against SQL, and what is refused against a search through all possibilities."""

import itertools
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policies import pipeline, problem, table
from related import child, parent, refers

import faasera


def listed(count: int, **keys):
    return {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": count}, **keys}


def broken(rows: list[dict], keys: list[list[str]]) -> list[str]:
    """The keys that a database refuses to make over these rows."""
    database = sqlite3.connect(":memory:")
    names = list(rows[0]) if rows else ["x"]
    database.execute(f"CREATE TABLE t ({', '.join(names)})")
    marks = ", ".join("?" for _ in names)
    database.executemany(f"INSERT INTO t VALUES ({marks})", [tuple(row.values()) for row in rows])
    found = []
    for key in keys if rows else []:
        try:
            database.execute(f"CREATE UNIQUE INDEX i{len(found)}_{'_'.join(key)} ON t ({', '.join(key)})")
        except sqlite3.IntegrityError:
            found.append("+".join(key))
    return found


def possible(sizes: dict[str, int], keys: list[list[str]], rows: int) -> bool:
    """Whether there are so many rows at all, by looking at all of them."""
    names = sorted(sizes)
    vectors = [dict(zip(names, one, strict=True)) for one in itertools.product(*(range(sizes[one]) for one in names))]

    def more(start: int, chosen: list[dict]) -> bool:
        if len(chosen) == rows:
            return True
        return any(
            more(place + 1, [*chosen, vectors[place]])
            for place in range(start, len(vectors) - (rows - len(chosen)) + 1)
            if all(any(vectors[place][one] != other[one] for one in key) for key in keys for other in chosen)
        )

    return more(0, [])


@settings(max_examples=60)
@given(st.data())
def test_what_is_made_holds_and_what_is_refused_is_impossible(data):
    sizes = data.draw(st.fixed_dictionaries({name: st.integers(1, 3) for name in "abcd"}))
    subsets = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)
    keys = data.draw(st.lists(subsets, min_size=1, max_size=4, unique_by=lambda key: tuple(sorted(key))))
    rows = data.draw(st.integers(0, 9))
    rules = {name: listed(size) for name, size in sizes.items()}
    policy = table(rules, rows, uniqueKeys=keys, seed=data.draw(st.integers(0, 99)))
    try:
        made = faasera.generate(policy)["t"].to_pylist()
    except faasera.PolicyError:
        used = {name: sizes[name] for key in keys for name in key}
        assert not possible(used, keys, rows), (sizes, keys, rows)
    else:
        assert len(made) == rows and broken(made, keys) == []


@settings(max_examples=40)
@given(st.data())
def test_foreign_keys_and_columns_in_keys_that_overlap(data):
    parents = [parent(data.draw(st.integers(1, 30)), f"p{number}") for number in range(3)]
    names = [f"r{number}" for number in range(3)] + ["x", "y"]
    subsets = st.lists(st.sampled_from(names), min_size=2, max_size=4, unique=True)
    keys = data.draw(st.lists(subsets, min_size=2, max_size=5, unique_by=lambda key: tuple(sorted(key))))
    rows = data.draw(st.integers(0, 400))
    rules = {"x": listed(data.draw(st.integers(1, 2000))), "y": listed(data.draw(st.integers(1, 40)))}
    fractions = [{"nullFraction": data.draw(st.sampled_from([0, 0.3]))} for _ in parents]
    references = [refers(f"r{number}", f"p{number}", **fractions[number]) for number in range(3)]
    policy = pipeline(*parents, child(*references, rules=rules, rows=rows, uniqueKeys=keys))
    try:
        made = faasera.generate(policy)["c"].to_pylist()
    except faasera.PolicyError as error:
        assert rows > 1 and {one.code for one in error.problems} == {"domain-too-small"}
        sizes = {f"r{number}": one["rowCount"] for number, one in enumerate(parents)}
        sizes |= {name: rule["range"]["max"] for name, rule in rules.items()}
        for one in error.problems:
            if "possible" in one.message:
                key = one.message.split(")")[0][1:].split(", ")
                room = 1
                for name in key:
                    room *= sizes[name]
                assert room < rows
    else:
        assert broken(made, keys) == []


def test_a_column_of_many_values_makes_all_its_keys_hold():
    keys = [["p", "iid"], ["n", "iid"]]
    tables = parent(20), parent(30, "q"), child(refers("p"), refers("n", "q"), rules={"iid": listed(10**9)}, rows=5000)
    made = faasera.generate(pipeline(*tables[:2], {**tables[2], "uniqueKeys": keys}))["c"].to_pylist()
    assert broken(made, keys) == [] and len({row["p"] for row in made}) == 20 and len({row["n"] for row in made}) == 30


def test_four_keys_over_the_same_columns_at_any_number_of_rows():
    keys = [["p", "code"], ["p", "position"], ["s", "code"], ["s", "position"]]
    for rows in (0, 1, 2, 900, 10_000):
        rules = {"code": listed(100), "position": listed(100)}
        one = child(refers("p"), refers("s", "q"), rules=rules, rows=rows, uniqueKeys=keys)
        made = faasera.generate(pipeline(parent(100), parent(120, "q"), one))["c"].to_pylist()
        assert len(made) == rows and broken(made, keys) == []


def test_all_pairs_of_three_columns_are_a_latin_square():
    keys = [["a", "b"], ["b", "c"], ["a", "c"]]
    made = faasera.generate(table({name: listed(11) for name in "abc"}, 121, uniqueKeys=keys))["t"].to_pylist()
    assert broken(made, keys) == []
    found = problem(
        table({name: listed(6) for name in "abcd"}, 36, uniqueKeys=[*map(list, itertools.combinations("abcd", 2))])
    )
    assert "share columns: 36 rows asked, and a way was found for 25" in found.message


def test_keys_of_children_that_are_counted_out():
    counted = refers("p", childrenPerParent={"min": 0, "max": 9})
    keys = [["p", "x", "y"], ["p", "y", "z"], ["p", "n"]]
    rules = {"x": listed(3), "y": listed(3), "z": listed(4), "n": {"type": "PRESERVE", "expression": "{#}"}}
    made = faasera.generate(pipeline(parent(50), child(counted, rules=rules, uniqueKeys=keys)))["c"].to_pylist()
    assert len(made) > 100 and broken(made, keys) == []


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_is_refused_for_want_of_values_where_there_is_one_row(rows):
    policy = table({"a": listed(1), "b": {"type": "CONSTANT", "value": 1}}, rows, uniqueKeys=[["a"], ["a", "b"], ["b"]])
    assert len(faasera.generate(policy)["t"]) == rows


def test_whoever_shares_columns_with_all_others_leads_them():
    pairs = {"a": listed(4), "b": listed(4)}
    parents = [parent(12, name, pairs, uniqueKeys=[["a", "b"]]) for name in "pqr"]
    keys = [
        refers(("x", "y"), "p", ("a", "b")),
        refers(("y", "z"), "q", ("a", "b")),
        refers(("y", "z"), "r", ("a", "b")),
    ]
    made = faasera.generate(pipeline(*parents, child(*keys, rows=200)))
    known = {name: {(row["a"], row["b"]) for row in made[name].to_pylist()} for name in "pqr"}
    for row in made["c"].to_pylist():
        assert (row["x"], row["y"]) in known["p"] and (row["y"], row["z"]) in known["q"] & known["r"]


def test_a_part_of_a_foreign_key_is_unique_in_the_parents_of_parents_too():
    wide = {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 500}}
    top = parent(100, "top", {"n": wide, "part": listed(5)}, uniqueKeys=[["n", "part"]])
    middle = {
        **child(refers(("n", "part"), "top", ("n", "part")), rows=80, name="middle"),
        "uniqueKeys": [["n", "part"]],
    }
    low = child(refers(("n", "part"), "middle", ("n", "part")), rows=60, uniqueKeys=[["n"]])
    made = faasera.generate(pipeline(top, middle, low))
    assert broken(made["c"].to_pylist(), [["n"]]) == [] and broken(made["top"].to_pylist(), [["n"]]) == []
    found = problem(pipeline({**top, "columnRuleMap": {"n": listed(90), "part": listed(5)}}, middle, low))
    assert "there are 90 possible values; (n) of 'c' needs that" in found.message
