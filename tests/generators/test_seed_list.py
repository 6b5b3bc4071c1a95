from collections import Counter
from pathlib import Path

import pytest
from policies import problem, table

import faasera


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that policies given as dicts take their seed files from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(rules, rows=2000, **keys):
    return faasera.generate(table(rules, rows, **keys))["t"]


def seed(name: str, **keys):
    return {"type": "SEED", "seedFileName": name, **keys}


def test_one_column_with_a_header_and_without(seeds):
    (seeds / "names.csv").write_text("name\nAda\nBo\n")
    (seeds / "names.txt").write_text("Ada\nBo\n\n")
    made = make({"a": seed("names.csv"), "b": seed("names.txt"), "c": seed("names.csv", header=False)})
    assert set(made["a"].to_pylist()) == {"Ada", "Bo"} == set(made["b"].to_pylist())
    assert set(made["c"].to_pylist()) == {"name", "Ada", "Bo"}


@pytest.mark.parametrize(
    ("name", "separator"), [("p.csv", ","), ("p.tsv", "\t"), ("p.txt", "|"), ("p.csv", ";"), ("p.dat", "::")]
)
def test_any_separator_and_groups(seeds, name, separator):
    lines = [("city", "zip"), ("Oslo", "0150"), ("Bergen", "5003"), ("Bodø", "8001")]
    (seeds / name).write_text("\n".join(separator.join(cells) for cells in lines) + "\n")
    keys = {"seedSeparator": separator, "header": True}
    made = make({"city": seed(name, group="g", **keys), "code": seed(name, column="zip", group="g", **keys)})
    pairs = set(zip(made["city"].to_pylist(), made["code"].to_pylist(), strict=True))
    assert pairs == set(lines[1:])
    apart = make({"city": seed(name, **keys), "code": seed(name, column="zip", **keys)})
    assert len(set(zip(apart["city"].to_pylist(), apart["code"].to_pylist(), strict=True))) == 9


def test_quoted_cells_windows_lines_and_byte_order_mark(seeds):
    (seeds / "q.csv").write_bytes(b'\xef\xbb\xbfname,n\r\n"a, ""b""\nc",1\r\nd,2\r\n')
    assert set(make({"name": seed("q.csv")})["name"].to_pylist()) == {'a, "b"\nc', "d"}


def test_columns_without_names_go_by_number(seeds):
    (seeds / "n.txt").write_text("a;1\nb;2\n")
    rule = seed("n.txt", seedSeparator=";", column="2", dataType="INTEGER")
    assert set(make({"x": rule})["x"].to_pylist()) == {1, 2}
    assert problem(table({"x": seed("n.txt", seedSeparator=";")})).code == "seed-column"


def test_weights(seeds):
    (seeds / "w.csv").write_text("v,w\na,1\nb,0\nc,3.0\n")
    counts = Counter(make({"v": seed("w.csv", weightColumn="w")}, 40_000)["v"].to_pylist())
    assert set(counts) == {"a", "c"}
    assert 2.8 < counts["c"] / counts["a"] < 3.2


@pytest.mark.heavy
def test_a_column_of_a_million_values(seeds):
    (seeds / "m.txt").write_text("\n".join(map(str, range(1_000_000))))
    values = make({"v": seed("m.txt", unique=True)}, 5000)["v"].to_pylist()
    assert len(set(values)) == 5000


def test_unique_takes_each_value_once(seeds):
    (seeds / "d.txt").write_text("a\na\nb\n")
    assert sorted(make({"v": seed("d.txt", unique=True)}, 2)["v"].to_pylist()) == ["a", "b"]
    found = problem(table({"v": seed("d.txt", unique=True)}, 3))
    assert found.code == "domain-too-small"
    assert "3 rows" in found.message
    assert "2 possible values" in found.message


@pytest.mark.parametrize(
    ("content", "keys", "code", "says"),
    [
        (b"", {}, "seed-file-empty", "no values"),
        (b"name\n", {}, "seed-file-empty", "no values"),
        (b"a,b\n1,2\n3\n", {"column": "a"}, "seed-file-ragged", "line 3"),
        (b"a\nx\n\xff\xfe\n", {}, "seed-file-encoding", "line 3"),
        (b'a,b\n"x,1\n', {}, "seed-file-ragged", "line"),
        (b"a,b\n1,2\n", {}, "seed-column", "no column 'v'"),
        (b"a,b\n1,2\n", {"column": "c"}, "seed-column", "'c'"),
        (b"v,v\n1,2\n", {}, "seed-file-header", "twice"),
        (b"v\n1\nx\n", {"dataType": "INTEGER"}, "bad-value", "line 3"),
        (b"v,w\n1,x\n", {"weightColumn": "w"}, "weights", "line 2"),
        (b"v,w\n1,-1\n", {"weightColumn": "w"}, "weights", "negative"),
        (b"v,w\n1,0\n", {"weightColumn": "w"}, "weights", "all weights"),
        (b"v,w\n1,2\n", {"weightColumn": "u"}, "seed-column", "'u'"),
        (b"v\n1\n", {"weights": [1]}, "no-effect", "weights"),
        (b"v\n1\n", {"values": [1]}, "seed-source", "exclude"),
    ],
)
def test_bad_seed_files(seeds, content, keys, code, says):
    (seeds / "f.csv").write_bytes(content)
    found = problem(table({"v": seed("f.csv", **keys)}))
    assert found.code == code
    assert says in found.message


def test_nothing_outside_the_seed_directory(seeds):
    inside, outside = seeds / "in", seeds / "secret.csv"
    inside.mkdir()
    outside.write_text("v\nsecret\n")
    (inside / "link.csv").symlink_to(outside)
    for name in ("../secret.csv", str(outside), "link.csv", "../in/../secret.csv"):
        found = problem(table({"v": seed(name)}, seedDirectory="in"))
        assert found.code == "seed-file-outside", name
    assert problem(table({"v": seed("in")})).code == "seed-file-missing"


def test_names_that_no_file_can_have():
    assert problem(table({"v": seed("x" * 300)})).code == "seed-file-missing"
    assert problem(table({"v": seed("a\0b")})).code == "seed-file-missing"


def test_a_missing_file_suggests_one(seeds):
    (seeds / "firstnames.csv").write_text("n\nAda\n")
    assert problem(table({"v": seed("firstname.csv")})).remedy == "Did you mean 'firstnames.csv'?"


def test_groups_must_be_drawn_alike(seeds):
    (seeds / "g.csv").write_text("a,b,w\n1,2,3\n")
    rules = {"a": seed("g.csv", group="g"), "b": seed("g.csv", group="g", weightColumn="w")}
    assert problem(table(rules)).code == "group-shape"


def test_a_header_that_looks_like_a_value_is_warned_of(seeds):
    (seeds / "h.csv").write_text("Ada\nBo\nAda\n")
    plan = faasera.load(table({"v": seed("h.csv")})).plan
    assert len(plan.warnings) == 1
    assert "header" in plan.warnings[0]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "seed-source"),
        ({"values": []}, "bad-value"),
        ({"values": ["a"], "header": True}, "no-effect"),
        ({"values": ["a"], "group": "g"}, "no-effect"),
        ({"values": ["a"], "weights": [1, 2]}, "weights"),
        ({"values": ["a"], "weights": [1], "distribution": "ZIPF"}, "exclusive-keys"),
        ({"values": ["a", "b"], "distribution": "NORMAL"}, "distribution-type"),
        ({"values": ["a"], "dataType": "INTEGER"}, "bad-value"),
        ({"values": [3e9], "dataType": "INTEGER"}, "bad-value"),
        ({"values": [{}]}, "wrong-type"),
        ({"semanticType": "citty"}, "unknown-semantic-type"),
        ({"semanticType": "city", "dataType": "INTEGER"}, "data-type"),
        ({"semanticType": "city", "weights": [1]}, "no-effect"),
        ({"values": ["a", "b"], "weights": [1, 1], "unique": True}, "unique-shaped"),
    ],
)
def test_bad_rules(rule, code):
    assert problem(table({"c": {"type": "SEED", **rule}}, 2)).code == code


def test_columns_are_inferred_from_their_names():
    made = make({"first_name": {}, "billingCity": {"type": "RANDOM"}, "COUNTRY": {}}, 10)
    assert made["first_name"][0].as_py().istitle()
    assert problem(table({"gizmo": {"type": "RANDOM"}})).code == "cannot-infer"
