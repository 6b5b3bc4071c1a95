import datetime
import decimal

import pytest
from policies import problem, table

import faasera

RULES = {
    "n": {"type": "CONSTANT", "value": 7},
    "x": {"type": "CONSTANT", "value": 2.5},
    "s": {"type": "CONSTANT", "value": "Héllo"},
    "t": {"type": "CONSTANT", "value": True},
    "d": {"type": "CONSTANT", "value": "2024-02-29", "dataType": "DATE"},
    "m": {"type": "CONSTANT", "value": "2024-02-29 10:20:30", "dataType": "TIMESTAMP"},
    "p": {"type": "CONSTANT", "value": 19.99, "dataType": "DECIMAL(6,2)"},
    "z": {"type": "CONSTANT", "value": 0, "dataType": "INTEGER"},
    "u": {"type": "SEED", "values": [5], "nullFraction": 1},
    "time": {"type": "CONSTANT", "value": "10:00:00", "dataType": "TIME"},
    "a b": {"type": "CONSTANT", "value": 3},
}


def value(expression: str, **keys):
    rules = {**RULES, "c": {"type": "PRESERVE", "expression": expression, **keys}}
    return faasera.generate(table(rules, 3))["t"]["c"].to_pylist()[2]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("n + 1", 8), ("n - 10", -3), ("n * x", 17.5), ("n / 2", 3.5), ("n % 4", 3), ("-n % 4", 1), ("-n", -7),
        ("1 + n * 2", 15), ("(1 + n) * 2", 16), ("n / z", None), ("n % z", None), ("n + u", None),
        ("n = 7", True), ("n <> 7", False), ("n >= 8 or t", True), ("n < 8 and not t", False), ("n in (1, 7)", True),
        ("s = 'Héllo'", True), ("s > 'A'", True), ("d < '2024-03-01'", True), ("m > d", True), ("'2024-03-01 00:00:00' > m", True),
        ("if(n > 5, 'big', 'small')", "big"), ("if(n > 5, n, x)", 7.0), ("if(t, null, s)", None),
        ("coalesce(u, n)", 7), ("coalesce(u, x)", 2.5), ("least(n, x)", 2.5), ("greatest(n, 9)", 9),
        ("concat(s, '-', n, '-', d, '-', t)", "Héllo-7-2024-02-29-true"), ("text(p)", "19.99"), ("text(x)", "2.5"),
        ("lower(s)", "héllo"), ("upper(s)", "HÉLLO"), ("ascii(s)", "Hello"), ("length(s)", 5), ("left(s, 2)", "Hé"),
        ("right(s, 2)", "lo"), ("right(s, 0)", ""), ("substring(s, 2, 3)", "éll"), ("replace(s, 'l', 'L')", "HéLLo"),
        ("pad(n, 3)", "007"), ("title(lower(s))", "Héllo"), ("round(x * 1.1, 1)", 2.8), ("round(x)", 3.0), ("floor(x)", 2), ("ceil(x)", 3),
        ("abs(-n)", 7), ("sqrt(n + 2)", 3.0), ("integer(x)", 2), ("number(t)", 1.0),
        ("year(d)", 2024), ("month(m)", 2), ("day(d)", 29), ("weekday(d)", 4), ("hour(m)", 10),
        ("days_between(d, as_of())", 672), ("age(d)", 1),
        ("add_days(d, n)", datetime.date(2024, 3, 7)), ("add_months(d, 12)", datetime.date(2025, 2, 28)),
        ("add_days(m, 1)", datetime.datetime(2024, 3, 1, 10, 20, 30)), ("{a b} + 1", 4), ("p * 3", 59.97),
        ("substring(s, 4)", "lo"), ("position(s, 'llo')", 3), ("position(s, 'x')", 0), ("position(s, '')", 1), ("power(n, 2)", 49.0),
        ("bit_and(n, 3)", 3), ("bit_or(n, 8)", 15), ("bit_xor(n, 2)", 5), ("json_type('[1]') = 'array' and n > 1", True),
        ("minute(m)", 20), ("second(m)", 30), ("date(m)", datetime.date(2024, 2, 29)), ("cut(d, 'month')", datetime.date(2024, 2, 1)),
        ("cut(m, 'hour')", datetime.datetime(2024, 2, 29, 10)), ("cut(d, 'week')", datetime.date(2024, 2, 26)),
        ("add_seconds(m, 3600)", datetime.datetime(2024, 2, 29, 11, 20, 30)), ("seconds_between(d, m)", 37230.0),
        ("'it''s ' = s", False), ('concat("a""b", s)', 'a"bHéllo'),
    ],
)  # fmt: skip
def test_values(expression, expected):
    assert value(expression) == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_declared_types():
    assert value("p * 3", dataType="DECIMAL(10,2)") == decimal.Decimal("59.97")
    assert value("x", dataType="INTEGER") == 3
    assert value("-x", dataType="INTEGER") == -3
    assert value("n", dataType="STRING") == "7"
    assert value("n", dataType="DOUBLE") == 7.0
    assert value("d", dataType="TIMESTAMP") == datetime.datetime(2024, 2, 29)
    assert value("s", maxLength=2) == "Hé"
    assert value("n * 1000000000000000", dataType="BIGINT") == 7 * 10**15


@pytest.mark.parametrize(
    ("born", "age"), [("2000-01-01", 26), ("2000-01-02", 25), ("1999-12-31", 26), ("2025-12-31", 0)]
)
def test_age_is_in_completed_years(born, age):
    rules = {
        "dob": {"type": "CONSTANT", "value": born, "dataType": "DATE"},
        "c": {"type": "PRESERVE", "expression": "age(dob)"},
    }
    assert faasera.generate(table(rules, 1))["t"]["c"][0].as_py() == age


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("n +", "the end"),
        ("n n", "not expected"),
        ("(n", "')'"),
        ("n ? 1", "not understood"),
        ("nope + 1", "no column"),
        ("sqr(n)", "no function"),
        ("s + 1", "is text"),
        ("if(n, 1, 2)", "is integer"),
        ("length(s, s)", "takes"),
        ("left(s, n)", "literal"),
        ("d > s", "cannot be compared"),
        ("n = s", "cannot be compared"),
        ("d > 'soon'", "not a date"),
        ("time > 1", "time"),
        ("1 + 1", "names no column"),
        ("trim(' x ')", "names no column"),
        ("days_between(d, '2024-03-02')", "is text"),
        ("null", "always null"),
        ("__import__('os')", "no function"),
        ("(" * 200 + "n" + ")" * 200, "nested"),
        ("not " * 5000 + "t", "characters"),
        ("-" * 500 + "n", "nested"),
    ],
)
def test_bad_expressions(expression, says):
    found = problem(table({**RULES, "c": {"type": "PRESERVE", "expression": expression}}))
    assert found.pointer == "/columnRuleMap/c/expression"
    assert says in found.message


def test_a_result_of_another_type():
    rule = {"type": "PRESERVE", "expression": "s", "dataType": "INTEGER"}
    assert problem(table({**RULES, "c": rule})).code == "data-type"


@pytest.mark.parametrize(
    ("expression", "keys"), [("n * 9000000000000000000", {}), ("p", {"dataType": "DECIMAL(2,1)"}), ("x * 1e300", {})]
)
def test_overflow_stops_the_run_and_names_the_row(expression, keys):
    if "1e300" in expression:
        expression, keys = "n * 1000000000", {"dataType": "INTEGER"}
    with pytest.raises(faasera.RunError) as raised:
        value(expression, **keys)
    assert raised.value.problems[0].pointer.startswith("/columnRuleMap/c")
