"""JSON that a policy makes always parses, and says what the columns say."""

import json
from pathlib import Path
from typing import Any

import pytest
from policies import column, problem, table

import faasera

HOSTILE = [
    'O"Brien',
    "back\\slash",
    "new\nline",
    "tab\there",
    "\x01\x1f",
    "plain",
    "ü😀",
    "",
    "</script>",
    "{}",
    "\u2028",
]


def made(pattern: str, data_type: str | None = "JSON", **rules: Any) -> list[tuple[Any, str | None]]:
    rule = {"type": "PRESERVE", "pattern": pattern} | ({"dataType": data_type} if data_type else {})
    texts = {"type": "SEED", "values": HOSTILE}
    found = faasera.generate(table({"n": texts, "i": {"type": "SEQUENCE"}, "j": rule, **rules}, 60))["t"]
    return list(zip(found["n"].to_pylist(), found["j"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    "pattern", ['{{"n":"{n}"}}', '{{"n":{n|json}}}', '{{"n": "{n|trim}" , "i":{i}, "mail": "a@b"}}']
)
def test_texts_are_escaped(pattern: str):
    for name, text in made(pattern):
        assert text is not None
        assert json.loads(text)["n"] == (name.strip() if "trim" in pattern else name)


def test_the_filter_works_in_any_template():
    for name, text in made("values ({n|json}, {i|json})", None):
        assert text is not None and text.startswith("values (" + json.dumps(name, ensure_ascii=False)[:3])
    assert {json.loads(text or "") for _, text in made("{n|upper|json}", None)} == {one.upper() for one in HOSTILE}


def test_values_of_every_type():
    rules: dict[str, Any] = {
        "d": {"type": "CONSTANT", "dataType": "DECIMAL(8,2)", "value": "-0.50"},
        "b": {"type": "CONSTANT", "value": True},
        "t": {"type": "CONSTANT", "dataType": "TIMESTAMP", "value": "2024-01-02 03:04:05"},
        "o": {"type": "CONSTANT", "dataType": "JSON", "value": '{"a": [1, null]}'},
        "u": {"type": "RANDOM", "dataType": "UUID"},
        "none": {"type": "CONSTANT", "value": "x", "nullFraction": 1},
    }
    pattern = '{{"d":{d},"b":{b},"t":{t|json},"s":"at {t}","o":{o},"u":"{u}","none":{none|json},"pad":{i|pad:4|json}}}'
    for _, text in made(pattern, **rules):
        found = json.loads(text or "")
        assert {**found, "u": "", "pad": ""} == {
            "d": -0.5, "b": True, "t": "2024-01-02 03:04:05", "s": "at 2024-01-02 03:04:05", "o": {"a": [1, None]}, "u": "",
            "none": None, "pad": "",
        }  # fmt: skip
        assert len(found["pad"]) == 4


def test_a_null_without_the_filter_makes_the_whole_null():
    assert {text for _, text in made('{{"x": "{x}"}}', x={"type": "CONSTANT", "value": "x", "nullFraction": 1})} == {
        None
    }


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ('{{"n":{n}}}', "{n|json}"),
        ('{{"n":"{n|json}"}}', "inside of a string"),
        ('{{"i":{i|pad:4}}}', "{i|pad:4|json}"),
        ('{{"n":{n|json|upper}}}', "filter json last"),
        ('{{"n":"{n}"', "no JSON"),
        ("{n} and {i}", "{n|json}"),
    ],
)
def test_what_cannot_be_json_is_refused_with_the_remedy(pattern: str, says: str):
    rules = {
        "n": {"type": "SEED", "values": ["x"]},
        "i": {"type": "SEQUENCE"},
        "j": {"type": "PRESERVE", "dataType": "JSON", "pattern": pattern},
    }
    found = problem(table(rules))
    assert found.code == "template" and says in f"{found.message} {found.remedy}"


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "CONSTANT", "value": "plain"},
        {"type": "SEED", "values": ['{"a": 1}', "{a: 1}"]},
        {"type": "SEED", "values": ["NaN"]},
        {"type": "RANDOM", "pattern": '\\{"a": "[a-z"]{3}"\\}'},
        {"type": "PRESERVE", "pattern": '"{i}"', "maxLength": 3},
        {"type": "SEED", "values": ['"abcdef"'], "maxLength": 3},
    ],
)
def test_other_rules_make_json_or_are_refused(rule: dict[str, Any]):
    assert problem(table({"i": {"type": "SEQUENCE"}, "j": {"dataType": "JSON", **rule}})).message


def test_an_expression_that_makes_no_json_stops_the_run():
    rules = {
        "n": {"type": "SEED", "values": ["x"]},
        "j": {"type": "PRESERVE", "dataType": "JSON", "expression": "concat('[', n, ']')"},
    }
    with pytest.raises(faasera.RunError, match=r"'\[x\]' is no JSON value"):
        faasera.generate(table(rules))
    assert column({"type": "SEED", "dataType": "JSON", "values": ["[1,\n2]"]}, 1) == ["[1,\n2]"]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_files_parse_and_the_check_agrees(tmp_path: Path, form: str):
    rules = {
        "n": {"type": "SEED", "values": HOSTILE},
        "x": {"type": "SEED", "values": ["a", "b"], "nullFraction": 0.3},
        "j": {"type": "PRESERVE", "dataType": "JSON", "pattern": '{{"n":"{n}","x":{x|json},"up":{n|upper|json}}}'},
        "k": {"type": "SEED", "dataType": "JSON", "values": ["[1,\n2]", '{"a": 1.50}']},
    }
    faasera.load(table(rules, 200)).write(tmp_path, format=form)
    if form == "jsonl":
        rows = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().strip().split("\n")]
        assert all(row["j"]["n"] == row["n"] and row["j"]["x"] == row["x"] for row in rows)
    report = faasera.check(tmp_path)
    assert report.ok, report.failed
    assert "derived" in {finding.kind for finding in report.passed}
