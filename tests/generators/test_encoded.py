"""``FPE_ENCODED``: forms, sources, keys that nobody sees."""

import json
import re

import pytest
from policies import column, pipeline, problem, problems, table

import faasera

KEY = "2B7E151628AED2A6ABF7158809CF4F3C"
KEYS = {"k": {"env": "FAASERA_TEST_KEY"}}
DIGITS = {"type": "RANDOM", "pattern": "[0-9]{8,12}"}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("FAASERA_TEST_KEY", KEY)


def encoded(**rule):
    return {"type": "FPE_ENCODED", "fpeKeyId": "k", **rule}


def make(rules, rows=2000):
    made = faasera.generate(table(rules, rows, fpeKeys=KEYS))["t"]
    return {name: made.column(name).to_pylist() for name in made.column_names}


# The shorter, the longer the walk: of one digit, a million steps for ten values.
@pytest.mark.parametrize(
    "pattern,rows",
    [
        ("###-##-####", 3000),
        ("A######", 3000),
        ("P###", 1000),
        ("#" * 40, 3000),
        pytest.param("##", 100, marks=pytest.mark.slow),
        pytest.param("#", 10, marks=pytest.mark.slow),
    ],
)
def test_row_numbers_make_unique_texts_of_the_form(pattern, rows):
    values = make({"c": encoded(pattern=pattern)}, rows)["c"]
    assert len(set(values)) == rows
    assert all(re.fullmatch(pattern.replace("#", r"\d"), value) for value in values)
    assert values != sorted(values)


def test_a_short_form_says_that_it_is_walked():
    plan = faasera.load(table({"c": encoded(pattern="P###")}, 5, fpeKeys=KEYS)).plan
    assert "cycle-walked" in plan.tables["t"].column("c").generator.describe()


def test_a_source_is_encoded_one_to_one_in_its_own_form():
    made = make({"n": DIGITS, "c": encoded(source="n"), "d": encoded(source="n", tweak={"text": "other"})})
    pairs = dict(zip(made["n"], made["c"], strict=True))
    assert len(set(pairs.values())) == len(pairs)
    assert all(len(old) == len(new) and new.isdigit() for old, new in pairs.items())
    assert made["c"] != made["d"] and made["c"] != made["n"]


def test_separators_stay_and_nulls_stay_null():
    greek = "αβγδεζηθικλμνξοπρςστυφχψω"
    rules = {
        "s": {"type": "RANDOM", "pattern": f"[{greek}]{{5}}-[{greek}]{{3}}", "nullFraction": 0.3},
        "c": encoded(source="s", alphabet=greek, pattern="#####-###"),
    }
    made = make(rules)
    assert [old is None for old in made["s"]] == [new is None for new in made["c"]]
    assert all(re.fullmatch(f"[{greek}]{{5}}-[{greek}]{{3}}", new) for new in made["c"] if new is not None)


def test_a_column_of_tweaks_tells_equal_values_apart():
    rules = {
        "n": {"type": "CONSTANT", "value": "12345678"},
        "who": {"type": "SEED", "values": ["ann", "robert", "é"]},
        "c": encoded(source="n", tweak={"column": "who"}),
    }
    made = make(rules)
    assert len(set(zip(made["who"], made["c"], strict=True))) == 3 == len(set(made["c"]))


def test_the_same_key_makes_the_same_values_and_another_seed_plays_no_part():
    policy = table({"n": {"type": "CONSTANT", "value": "0123456789"}, "c": encoded(source="n")}, 1, fpeKeys=KEYS)
    # The first sample of NIST SP 800-38G.
    assert {faasera.generate({**policy, "seed": seed})["t"]["c"][0].as_py() for seed in range(3)} == {"2433477484"}


def test_without_a_key_a_run_has_its_own_and_says_so():
    policy = table({"c": {"type": "FPE_ENCODED", "pattern": "########"}}, 50)
    first, second = faasera.load(policy), faasera.load(policy)
    assert first.plan.warnings and "thrown away" in first.plan.warnings[0]
    values = [dataset["t"].to_arrow().column("c").to_pylist() for dataset in (first, first, second)]
    assert values[0] == values[1] != values[2]


def test_children_find_encoded_keys():
    parent = {
        "tableName": "p",
        "rowCount": 40,
        "primaryKeyColumn": "id",
        "columnRuleMap": {"id": {"type": "FPE_ENCODED", "pattern": "C-####"}},
    }
    child = {
        "tableName": "c",
        "rowCount": 500,
        "foreignKeys": [{"columns": ["id"], "references": {"table": "p", "columns": ["id"]}}],
        "columnRuleMap": {},
    }
    made = faasera.generate(pipeline(parent, child))
    assert set(made["c"]["id"].to_pylist()) <= set(made["p"]["id"].to_pylist())


def test_the_key_is_shown_nowhere(tmp_path, capsys):
    (tmp_path / "ids.key").write_text(KEY.lower() + "\n")
    rules = {"n": DIGITS, "c": encoded(source="n"), "d": encoded(pattern="#######", fpeKeyId="f")}
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(table(rules, 20, fpeKeys={**KEYS, "f": {"file": "ids.key"}})))
    dataset = faasera.load(policy)
    dataset.write(tmp_path / "out")
    shown = [repr(dataset.plan), json.dumps(dataset.plan.as_dict()), capsys.readouterr().out]
    shown += [path.read_text() for path in (tmp_path / "out").iterdir()]
    assert not [text for text in shown if KEY.lower() in text.lower()]


@pytest.mark.parametrize(
    "keys,code",
    [
        ({"k": {"env": "NOT_SET_ANYWHERE"}}, "missing-fpe-key"),
        ({"k": {"file": "nowhere.key"}}, "missing-fpe-key"),
        ({"k": {"env": "FAASERA_TEST_KEY", "file": "a"}}, "exclusive-keys"),
        ({"other": {"env": "FAASERA_TEST_KEY"}}, "unknown-key-id"),
        ({}, "unknown-key-id"),
    ],
)
def test_keys_that_are_not_there(keys, code):
    assert problem(table({"c": encoded(pattern="########")}, fpeKeys=keys)).code == code


@pytest.mark.parametrize("text", ["", "abc", "zz" * 16, KEY[:-2], KEY + "00"])
def test_a_bad_key_is_refused_and_not_repeated(monkeypatch, text):
    monkeypatch.setenv("FAASERA_TEST_KEY", text)
    found = problem(table({"c": encoded(pattern="########")}, fpeKeys=KEYS))
    assert found.code == "bad-fpe-key" and (len(text) < 4 or text not in str(found))


def test_a_key_in_the_policy_is_refused_and_not_repeated():
    found = problems(table({"c": encoded(pattern="########")}, fpeKeys={"k": KEY}))
    assert found and KEY not in str(found)


@pytest.mark.parametrize(
    "rule,pointer,code",
    [
        ({}, "pattern", "missing-key"),
        ({"pattern": "abc"}, "pattern", "pattern"),
        ({"pattern": "####", "alphabet": "abca"}, "alphabet", "alphabet"),
        ({"pattern": "##", "source": "n"}, "pattern", "domain-too-small"),
        ({"pattern": "##"}, "pattern", "domain-too-small"),
        ({"source": "i"}, "source", "data-type"),
        ({"source": "nn"}, "source", "unknown-column"),
        ({"source": "n", "tweak": {}}, "tweak", "exclusive-keys"),
        ({"source": "n", "tweak": {"hex": "00", "text": "a"}}, "tweak", "exclusive-keys"),
        ({"source": "n", "tweak": {"hex": "0"}}, "tweak/hex", None),
        ({"pattern": "########", "tweak": {"column": "n"}}, "tweak/column", "no-effect"),
        ({"source": "n", "dataType": "BIGINT"}, "dataType", "data-type"),
    ],
)
def test_rules_that_cannot_hold(rule, pointer, code):
    rules = {"n": DIGITS, "i": {"type": "SEQUENCE"}, "c": encoded(**rule)}
    found = problem(table(rules, 1000, fpeKeys=KEYS))
    assert found.pointer == f"/columnRuleMap/c/{pointer}"
    assert code is None or found.code == code


@pytest.mark.parametrize(
    "pattern,rule,words",
    [
        ("[0-9]{5}x[0-9]{4}", {}, "'x' is not in the alphabet"),
        ("[0-9]{4}", {}, "FF1 needs a million"),
        ("[0-9]{3}-[0-9]{4}", {"pattern": "###.####"}, "'-' stands where the pattern has '.'"),
        ("[0-9]{3}-[0-9]{5}", {"pattern": "###-####"}, "9 characters, and the pattern has 8"),
    ],
)
def test_values_that_cannot_be_encoded_name_the_row_and_never_the_value(pattern, rule, words):
    rules = {"n": {"type": "RANDOM", "pattern": pattern}, "c": encoded(source="n", **rule)}
    with pytest.raises(faasera.RunError) as raised:
        faasera.generate(table(rules, 5, fpeKeys=KEYS))
    message = raised.value.problems[0].message
    assert message.startswith("row 0 of 'n': ") and words in message
    assert column({"type": "RANDOM", "pattern": pattern}, 1, "n")[0] not in message
