"""Policies in YAML mean what YAML 1.2 says, and what is written reads the same everywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from policies import problem
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app
from faasera.policy.yaml_text import YamlError, read_yaml, write_yaml
from faasera.schema.writing import policy_text


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "no",
        "yes",
        "On",
        "off",
        "y",
        "N",
        "00123",
        "-007",
        "08",
        "00.5",
        "0b11",
        "1_000",
        "11:30:00",
        "190:20:30",
        "2024-01-01",
        "2024-01-01 10:00:00",
        "2024-01-01T10:00:00Z",
        "=",
        "0o8",
        "0xg",
        "1.2.3",
        "+",
        ".",
        "e5",
        "1e",
        "TRue",
        "Nil",
    ],
)
def test_plain_texts_stay_texts(text: str):
    assert read_yaml(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("~", None),
        ("", None),
        ("NULL", None),
        ("true", True),
        ("FALSE", False),
        ("12", 12),
        ("+12", 12),
        ("-0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5E-3", -0.0015),
        ("!!str 12", "12"),
        ("'12'", "12"),
        ("!!int '12'", 12),
    ],
)
def test_the_core_schema(text: str, value: Any):
    found = read_yaml(f"a: {text}")["a"]
    assert found == value and type(found) is type(value)


def test_keys_are_texts_as_written():
    assert read_yaml("NO: 1\n1: 2\ntrue: 3\n'': 4\n08: 5\n") == {"NO": 1, "1": 2, "true": 3, "": 4, "08": 5}


def test_anchors_and_merge_keys():
    text = "base: &b {type: CONSTANT, value: x, n: &n [1]}\none: {<<: *b, value: y}\ntwo: {<<: [*b, {value: z, more: 1}], n: *n}\n"
    found = read_yaml(text)
    assert found["one"] == {"type": "CONSTANT", "n": [1], "value": "y"}
    assert found["two"] == {"type": "CONSTANT", "value": "x", "more": 1, "n": [1]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: .inf", "not a finite number on line 1, column 4"),
        ("a: &a [*a]", "holds itself"),
        ("? [1]\n: 2", "a key is a text"),
        ("<<: 5", "'<<' takes objects"),
        ("a: !!timestamp 2024-01-01", "tag"),
        ("a: !mine 1", "!mine"),
        ("a: !!int x", "no int"),
        ("a: 1e999", "larger"),
        ("a: " + "9" * 2000, "2,000 digits"),
        ("a: [1", "line"),
        ("a: 1\n---\nb: 2", "another document"),
        ("[" * 5000, "nesting"),
        ("a: *b", "alias"),
    ],
)
def test_what_is_no_value_is_refused_with_its_place(text: str, says: str):
    with pytest.raises(YamlError) as raised:
        read_yaml(text)
    assert says in str(raised.value)


def policy_of(tmp_path: Path, rules: str) -> Path:
    path = tmp_path / "p.yaml"
    path.write_text(f"tableName: t\nrowCount: 40\ncolumnRuleMap:\n{rules}")
    return path


def test_a_policy_of_ambiguous_scalars(tmp_path: Path):
    rules = """
  NO: {type: SEED, values: [NO, SE, DK]}
  zip: {type: CONSTANT, value: 00123}
  t: {type: CONSTANT, value: 11:30:00}
  opens: {type: RANDOM, range: {min: 08:00:00, max: 11:00:00}}
  day: {type: RANDOM, range: {min: 2024-01-01, max: 2024-01-31, step: 1}}
  at: {type: CONSTANT, dataType: TIMESTAMP, value: 2024-02-29 10:00:00}
  when: {type: CONSTANT, value: on}
"""
    found = faasera.generate(policy_of(tmp_path, rules))["t"]
    assert set(found["NO"].to_pylist()) == {"NO", "SE", "DK"}
    first = found.slice(0, 1).to_pylist()[0]
    assert (first["zip"], first["t"], first["when"], str(first["at"])) == (
        "00123",
        "11:30:00",
        "on",
        "2024-02-29 10:00:00",
    )
    assert {value.hour for value in found["opens"].to_pylist()} <= {8, 9, 10, 11}
    assert str(found.schema.field("day").type) == "date32[day]"


def test_a_key_written_twice_is_named_with_its_line(tmp_path: Path):
    found = problem(
        str(policy_of(tmp_path, "  c: {type: CONSTANT, value: 1}\n  d: {}\n  c: {type: CONSTANT, value: 2}\n"))
    )
    assert (found.code, found.pointer) == ("duplicate-key", "/columnRuleMap/c")
    assert "again on line 6" in found.message


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "NO",
            "y",
            "0o17",
            "1e3",
            "08",
            "00123",
            "12:30",
            "1_0",
            ".5",
            "5.",
            "=",
            "<<",
            "~",
            "null",
            "",
            "-",
            "+1",
            "0x1F",
            "1e-400",
            "2024-01-01",
            "a: b",
            "# c",
            "NaN",
            ".nan",
            "1,000",
            "Infinity",
            "0b1",
            "?",
            "- a",
            "%",
            "@",
            "`",
        ]
    ),
    st.from_regex(r"[-+0-9.eExob:_]{1,8}", fullmatch=True),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_reads_the_same_by_us_and_by_yaml_1_1(value: Any):
    text = write_yaml({"v": value})
    assert json.dumps(read_yaml(text)) == json.dumps({"v": value})
    assert json.dumps(yaml.safe_load(text)) == json.dumps({"v": value})


def test_an_import_into_yaml_says_the_same_as_into_json(tmp_path: Path):
    (tmp_path / "s.sql").write_text(
        "create table t (id int primary key, \"NO\" text check (\"NO\" in ('NO', 'yes', '0123', '1e3', '12:30')), \"08\" time not null default '08:00:00');"
    )
    for name in ("a.json", "a.yaml"):
        assert (
            CliRunner()
            .invoke(app, ["import", str(tmp_path / "s.sql"), "--dialect", "postgres", "-o", str(tmp_path / name)])
            .exit_code
            == 0
        )
    plain = json.loads((tmp_path / "a.json").read_text())
    assert read_yaml((tmp_path / "a.yaml").read_text()) == yaml.safe_load((tmp_path / "a.yaml").read_text()) == plain
    assert read_yaml(policy_text(plain, yaml=True)) == plain
    assert faasera.generate(tmp_path / "a.yaml")["t"].equals(faasera.generate(tmp_path / "a.json")["t"])


def test_schema_documents_are_read_as_yaml_1_2(tmp_path: Path):
    (tmp_path / "s.yaml").write_text(
        "title: t\ntype: object\nrequired: [land]\nproperties:\n  land: {type: string, enum: [NO, SE, on]}\n"
    )
    imported = faasera.import_schema(str(tmp_path / "s.yaml"))
    assert imported.policy["tables"][0]["columnRuleMap"]["land"]["values"] == ["NO", "SE", "on"]
    (tmp_path / "s.yaml").write_text("title: t\ntype: object\ntype: object\n")
    with pytest.raises(faasera.PolicyError, match="'type' is written twice, again on line 3"):
        faasera.import_schema(str(tmp_path / "s.yaml"))
