import json
from pathlib import Path

import pytest
from policies import problem, problems, table

import faasera
from faasera.policy.counts import parse_count


def test_all_problems_at_once_each_with_its_place():
    policy = {
        "seeed": 1,
        "tables": [
            {
                "tableName": "a",
                "rowCount": -1,
                "columnRuleMap": {"x": {"type": "SEED", "vaules": [1]}, "y": {"type": "RANDON"}},
            },
            {"tableName": "b", "columnRuleMap": {"z": {"type": "RANDOM", "range": {"min": 1, "max": 2, "setp": 1}}}},
        ],
    }
    found = problems(policy)
    assert found["/seeed"].remedy == "Did you mean 'seed'?"
    assert found["/tables/0/rowCount"].code == "bad-value"
    assert found["/tables/0/columnRuleMap/x/vaules"].remedy == "Did you mean 'values'?"
    assert found["/tables/0/columnRuleMap/y/type"].remedy == "Did you mean 'RANDOM'?"
    assert found["/tables/1/columnRuleMap/z/range/setp"].remedy == "Did you mean 'step'?"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "policy-unreadable", "folder"),
        ("{", "policy-syntax", "line 1, column 2"),
        ('{"a": 1,\n "a": 2}', "duplicate-key", "written twice"),
        ('{"tableName": "t", "rowCount": NaN, "columnRuleMap": {}}', "policy-syntax", "NaN"),
        ('{"a":' * 100_000, "policy-too-deep", "nested"),
        ('{"a":' + "[" * 70 + "]" * 70 + "}", "policy-too-deep", "64"),
    ],
)
def test_text_that_is_no_policy(text, code, says):
    found = problem(text)
    assert found.code == code
    assert says in found.message


@pytest.mark.parametrize(
    ("written", "meant"), [("INTEGR", "INTEGER"), ("Decimal", "DECIMAL(10,2)"), ("TIMESTMP", "TIMESTAMP")]
)
def test_data_types_are_suggested(written, meant):
    assert meant in problem(table({"a": {"type": "SEQUENCE", "dataType": written}})).remedy


def test_repeated_keys_are_found_deep_down():
    text = '{"tableName": "t", "columnRuleMap": {"c": {"type": "SEQUENCE", "type": "SEQUENCE"}}}'
    assert problem(text).pointer == "/columnRuleMap/c/type"


def test_a_policy_of_50_megabytes_is_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    found = problem(str(path))
    assert found.code == "policy-too-large"
    assert "50 MB" in found.message
    assert problem('{"a": "' + "x" * 17_000_000 + '"}').code == "policy-too-large"


def test_a_document_of_too_many_values():
    assert problem('{"a": [' + "1," * 1_100_000 + "1]}").code == "policy-too-large"


def test_yaml_and_json_make_the_same_data(tmp_path: Path):
    policy = table({"d": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2020-12-31"}}}, rows=20)
    (tmp_path / "a.yaml").write_text(
        "tableName: t\nrowCount: 20\ncolumnRuleMap:\n  d: {type: DATE_RANDOM, range: {start: 2020-01-01, end: 2020-12-31}}\n"
    )
    (tmp_path / "a.json").write_text(json.dumps(policy))
    assert faasera.generate(tmp_path / "a.yaml")["t"].equals(faasera.generate(tmp_path / "a.json")["t"])


@pytest.mark.parametrize(
    ("text", "says"),
    [("a: [1", "line"), ("a: 1\na: 2", "twice"), ("- 1", "a list"), ("a: !!python/object:os.system x", "YAML")],
)
def test_bad_yaml(tmp_path: Path, text: str, says: str):
    path = tmp_path / "p.yaml"
    path.write_text(text)
    assert says in problem(str(path)).message


def test_yaml_bomb(tmp_path: Path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    assert problem(str(path)).code == "policy-too-large"


def test_not_utf8_says_the_line(tmp_path: Path):
    path = tmp_path / "p.json"
    path.write_bytes(b'{\n"tableName": "\xe9"}')
    found = problem(str(path))
    assert (found.code, "line 2" in found.message) == ("policy-encoding", True)


def test_missing_file_suggests_its_neighbour(tmp_path: Path):
    (tmp_path / "policy.json").write_text("{}")
    assert problem(str(tmp_path / "polcy.json")).remedy == "Did you mean 'policy.json'?"
    assert problem(str(tmp_path)).code == "policy-unreadable"


@pytest.mark.parametrize(
    ("policy", "pointer", "code"),
    [
        ({}, "/tableName", "missing-key"),
        ({"tableName": "t", "columnRuleMap": []}, "/columnRuleMap", "wrong-type"),
        ({"tableName": "t", "columnRuleMap": {}}, "/columnRuleMap", "no-columns"),
        ({"tableName": "../t", "columnRuleMap": {"a": {"type": "SEQUENCE"}}}, "/tableName", "bad-value"),
        (table({"a": {}}), "/columnRuleMap/a", "cannot-infer"),
        (table({"a": {"max": 1}}), "/columnRuleMap/a/type", "missing-key"),
        (table({"a": {"type": ["SEED"]}}), "/columnRuleMap/a/type", "unknown-type"),
        (table({"a": {"type": "SEQUENCE", "dataType": "DECIMAL"}}), "/columnRuleMap/a/dataType", "unknown-data-type"),
        (table({"a": {"type": "SEQUENCE", "nullFraction": 2}}), "/columnRuleMap/a/nullFraction", "bad-value"),
        (table({"a": {"type": "SEQUENCE", "start": "1"}}), "/columnRuleMap/a/start", "wrong-type"),
        (table({"a": {"type": "SEQUENCE"}}, generationType="REAL"), "/generationType", "unknown-value"),
        (table({"a": {"type": "SEQUENCE"}}, locale="xx_XX"), "/locale", "unknown-locale"),
        (table({"a": {"type": "SEQUENCE", "locale": "en_US"}}), "/columnRuleMap/a/locale", "no-effect"),
        (table({"a": {"type": "SEQUENCE"}}, seed=-1), "/seed", "bad-value"),
        (table({"a": {"type": "SEQUENCE"}}, asOf="2026-02-30"), "/asOf", "bad-value"),
        (table({"a": {"type": "SEQUENCE"}}, seedDirectory="nowhere"), "/seedDirectory", "seed-directory"),
        (table({"a": {"type": "SEQUENCE"}}, fpeKeys={"k": "00"}), "/fpeKeys/k", "wrong-type"),
        (table({"a": {"type": "FPE_ENCODED"}}), "/columnRuleMap/a/pattern", "missing-key"),
        (table({"a": {"type": "SEQUENCE"}, "A": {"type": "SEQUENCE"}}), "/columnRuleMap/A", "duplicate-column"),
        (table({"a": {"type": "SEQUENCE", "hidden": True}}), "/columnRuleMap", "no-columns"),
    ],
)
def test_what_is_wrong_is_named(policy, pointer, code):
    found = problems(policy)
    assert pointer in found, found
    assert found[pointer].code == code


def test_a_column_named_like_a_key_of_a_pointer():
    assert "/columnRuleMap/a~1b~0c" in problems(table({"a/b~c": {}}))


@pytest.mark.parametrize(
    ("text", "count"),
    [("10k", 10_000), ("2.5M", 2_500_000), ("1_000_000", 10**6), (7, 7), ("0", 0), ("1.5k", 1500), ("2b", 2 * 10**9)],
)
def test_counts(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "-1", -1, "1.5", "ten", "1k k", 1.5, True, None, "1e5", 2**60, "_1", "9" * 30])
def test_bad_counts(text):
    with pytest.raises(ValueError, match="row"):
        parse_count(text)


def test_a_table_of_no_rows():
    made = faasera.generate(table({"a": {"type": "SEQUENCE"}, "b": {"type": "SEED", "values": ["x"]}}, rows=0))["t"]
    assert made.num_rows == 0
    assert made.column_names == ["a", "b"]
