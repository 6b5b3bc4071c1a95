import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import problem, table

import faasera

LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")


def made(pattern: str, values: dict[str, list[object]], rows: int = 200, **keys):
    rules = {name: {"type": "SEED", "values": listed} for name, listed in values.items()}
    rules["c"] = {"type": "PRESERVE", "pattern": pattern, **keys}
    return faasera.generate(table(rules, rows))["t"].to_pylist()


def test_columns_and_literals():
    for row in made("Dear {a} ({b})!", {"a": ["Ada", "Bo"], "b": [1, 22]}):
        assert row["c"] == f"Dear {row['a']} ({row['b']})!"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("a|lower", "ÀB", "àb"),
        ("a|upper", "zoë", "ZOË"),
        ("a|title", "ada lovelace", "Ada Lovelace"),
        ("a|ascii", "Zoë Łuß", "Zoe Luss"),
        ("a|trim", " x ", "x"),
        ("a|slug", "Tea towel, linen!", "tea-towel-linen"),
        ("a|pad:6", "42", "000042"),
        ("a|left:2", "héllo", "hé"),
        ("a|right:2", "héllo", "lo"),
        ("a | lower | left:1", "ABC", "a"),
    ],
)
def test_filters(field, value, expected):
    assert made("<{" + field + "}>", {"a": [value]}, 1)[0]["c"] == f"<{expected}>"


def test_braces_are_doubled():
    assert made("{{{a}}}", {"a": ["x"]}, 1)[0]["c"] == "{x}"


def test_a_null_makes_null():
    rules = {
        "a": {"type": "SEED", "values": ["x"], "nullFraction": 0.5},
        "c": {"type": "PRESERVE", "pattern": "<{a}>"},
    }
    for row in faasera.generate(table(rules, 100))["t"].to_pylist():
        assert row["c"] == ("<x>" if row["a"] else None)


def test_every_type_has_a_text():
    values = {"d": ["2020-02-01"], "n": [1.5], "t": [True]}
    rules = {
        "day": {"type": "DATE_RANDOM", "range": {"start": "2020-02-01", "end": "2020-02-01"}},
        "price": {"type": "RANDOM", "dataType": "DECIMAL(5,2)", "range": {"min": 3, "max": 3}},
        **{name: {"type": "SEED", "values": listed} for name, listed in values.items()},
        "c": {"type": "PRESERVE", "pattern": "{day} {price} {d} {n} {t}"},
    }
    assert faasera.generate(table(rules, 1))["t"]["c"][0].as_py() == "2020-02-01 3.00 2020-02-01 1.5 true"


@given(
    st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=5),
    st.sampled_from(["{a}@example.com", "{a} {a}x@t.test", "{a}.{a|lower}@example.com"]),
)
def test_local_parts_are_always_valid(values, pattern):
    for row in made(pattern, {"a": values}, 10):
        local, _, domain = row["c"].rpartition("@")
        assert LOCAL_PART.fullmatch(local), row
        assert len(local) <= 64
        assert domain in ("example.com", "t.test")


def test_local_parts_keep_what_can_be_kept():
    folded = {
        row["a"]: row["c"]
        for row in made("{a}@example.com", {"a": ["O'Brien", "Zoë", "Jo Ann", "王芳", "Müller-Lüdenscheidt"]})
    }
    assert folded["O'Brien"] == "OBrien@example.com"
    assert folded["Zoë"] == "Zoe@example.com"
    assert folded["Jo Ann"] == "JoAnn@example.com"
    assert folded["Müller-Lüdenscheidt"] == "Muller-Ludenscheidt@example.com"
    assert folded["王芳"].isascii()


def test_two_signs_are_no_email():
    assert made("{a}@@b", {"a": ["O'B"]}, 1)[0]["c"] == "O'B@@b"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("{b}", "unknown-column"),
        ("{a|lowr}", "template-filter"),
        ("{a|pad}", "template-filter"),
        ("{a|lower:3}", "template-filter"),
        ("{a", "template"),
        ("a}", "template"),
        ("{}", "template"),
        ("{a!r}", "unknown-column"),
        ("plain", "template"),
        ("{other.a}", "unknown-parent"),
    ],
)
def test_bad_templates(pattern, code):
    rules = {"a": {"type": "SEED", "values": ["x"]}, "c": {"type": "PRESERVE", "pattern": pattern}}
    assert problem(table(rules)).code == code


def test_cycles_are_named_in_full():
    rules = {
        "a": {"type": "PRESERVE", "pattern": "{b}"},
        "b": {"type": "PRESERVE", "expression": "upper(c)"},
        "c": {"type": "PRESERVE", "pattern": "x{a}"},
    }
    assert "a → b → c → a" in problem(table(rules)).message
    assert "a → a" in problem(table({"a": {"type": "PRESERVE", "pattern": "{a}"}})).message


@pytest.mark.parametrize(
    ("pattern", "unique"),
    [
        ("ORD-{id}", True),
        ("{a}.{id}", True),
        ("{id}", True),
        ("{id}{a}", False),
        ("{a}{id}", False),
        ("{a}", False),
        ("{a}9{id}", False),
        ("x{id|left:2}", False),
        ("{u}{a}", True),
    ],
)
def test_a_template_is_unique_where_a_unique_number_can_be_read_off(pattern, unique):
    rules = {
        "id": {"type": "SEQUENCE"},
        "a": {"type": "SEED", "values": ["x", "1"]},
        "u": {"type": "RANDOM", "dataType": "UUID"},
        "c": {"type": "PRESERVE", "pattern": pattern, "unique": True},
    }
    if unique:
        assert len(set(faasera.generate(table(rules, 3000))["t"]["c"].to_pylist())) == 3000
    else:
        assert problem(table(rules)).code == "not-unique"
