"""Every registered generator, and many rules, against the promises of ``faasera.testing.conformance``."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import problems, table

from faasera.core.types import NAMES
from faasera.generators import GENERATORS
from faasera.testing.conformance import check_generator

# Without a key FPE_ENCODED has one of its own in each run: tests/generators/test_encoded.py.
AVAILABLE = [entry for entry in GENERATORS if entry.name != "FPE_ENCODED"]
BESIDE = {
    "quantity": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 20}},
    "name": {"type": "SEED", "semanticType": "first-name"},
    "maybe": {"type": "SEED", "values": ["a", "b,c", ""], "nullFraction": 0.3},
    "day": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2024-12-31"}},
    "at": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01 10:00:00", "end": "2024-12-31"}, "nullFraction": 0.1},
    "id": {"type": "SEQUENCE"},
    "price": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 99}},
}
RULES = [
    {"type": "SEED", "values": ["a", "b", "c"], "distribution": "ZIPF"},
    {"type": "SEED", "values": [1, 2, 3], "distribution": {"type": "WEIGHTED", "weights": [1, 0, 5]}},
    {"type": "SEED", "values": [1.5, 2.5], "nullFraction": 0.5},
    {"type": "SEED", "values": ["2020-01-01", "2020-02-02"], "dataType": "DATE"},
    {"type": "SEED", "values": [True, False, True]},
    {"type": "SEED", "values": ["é", "日本", "𝄞"], "dataType": "BINARY"},
    {"type": "SEED", "semanticType": "city", "maxLength": 4},
    {"type": "RANDOM", "range": {"min": -5, "max": 5}},
    {"type": "RANDOM", "range": {"min": 0, "max": 2**62}, "unique": True},
    {"type": "RANDOM", "range": {"min": -(2**63), "max": 2**63 - 1}},
    {"type": "RANDOM", "range": {"min": -(2**63), "max": 2**63 - 1}, "unique": True},
    {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -1, "max": 1}, "distribution": "NORMAL"},
    {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 1, "step": 0.1}},
    {"type": "RANDOM", "dataType": "DECIMAL(18,4)", "range": {"min": -100, "max": 100, "step": 0.25}},
    {"type": "RANDOM", "dataType": "DATE", "range": {"min": "1900-01-01", "max": "2100-01-01", "step": "P7D"}},
    {"type": "RANDOM", "dataType": "TIME", "range": {"min": "08:00:00", "max": "18:00:00", "step": 900}},
    {"type": "RANDOM", "range": {"min": "2020-01-01 00:00:00", "max": "2020-12-31 00:00:00"}, "distribution": "EXPONENTIAL"},
    {"type": "RANDOM", "pattern": "(foo|ba[rz]){1,3}-[0-9]?"},
    {"type": "RANDOM", "pattern": "[A-Z]{3}-\\d{4}", "unique": True},
    {"type": "RANDOM", "pattern": "[a-zà-ü]{12}", "nullFraction": 0.2},
    {"type": "RANDOM", "pattern": "[A-Za-z0-9]{40}", "unique": True},
    {"type": "RANDOM", "length": {"min": 0, "max": 12}},
    {"type": "RANDOM", "length": 8, "alphabet": "αβγδ"},
    {"type": "RANDOM", "dataType": "BINARY", "length": 5},
    {"type": "RANDOM", "dataType": "BINARY", "length": 9, "unique": True},
    {"type": "RANDOM", "dataType": "UUID", "unique": True},
    {"type": "PRESERVE", "pattern": "{name|lower}.{id}@example.com", "unique": True},
    {"type": "PRESERVE", "pattern": "{maybe}-{price} {day} {at}"},
    {"type": "PRESERVE", "pattern": "<{name|upper|left:3}{name|slug}>"},
    {"type": "PRESERVE", "expression": "quantity * price", "dataType": "DECIMAL(10,2)"},
    {"type": "PRESERVE", "expression": "if(maybe = 'a', day, add_days(day, quantity))"},
    {"type": "PRESERVE", "expression": "concat(name, '/', maybe)", "maxLength": 5},
    {"type": "PRESERVE", "expression": "coalesce(hour(at), -1) % 5"},
    {"type": "DATE_RANDOM", "range": {"start": "{day}", "end": "{day} + P1M"}},
    {"type": "DATE_RANDOM", "range": {"start": "{at} + PT1H", "end": "asOf"}, "weekdays": ["MON", "TUE"]},
    {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "asOf"}, "weekdays": ["SAT", "SUN"]},
    {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 12:00:00", "end": "2024-02-01"}, "weekdays": ["WED"]},
    {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}, "format": "%d.%m.%Y"},
    {"type": "DATE_RANDOM", "range": {"start": "{day}", "end": "{day} + P9D"}, "format": "%Y/%j"},
    {"type": "CONSTANT", "value": "x", "nullFraction": 0.9},
    {"type": "SEQUENCE", "start": 10, "step": -3, "dataType": "INTEGER"},
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_rule(rule):
    check_generator(rule, beside=BESIDE)


@pytest.mark.parametrize("entry", AVAILABLE, ids=lambda entry: entry.name)
def test_registered_generator(entry):
    check_generator(entry.example, beside=BESIDE)


@pytest.mark.parametrize("data_type", ["DECIMAL(9,3)" if name == "DECIMAL" else name for name in NAMES])
def test_random_needs_nothing_but_a_data_type(data_type):
    check_generator({"type": "RANDOM", "dataType": data_type})


@pytest.mark.parametrize("entry", list(GENERATORS), ids=lambda entry: entry.name)
def test_declarations_keep_the_house_style(entry):
    assert entry.summary.endswith(".")
    assert inspect.getdoc(entry.rule)
    assert all(field.description for field in entry.rule.model_fields.values())
    assert set(entry.accepts) <= set(NAMES)
    found = problems(table({"c": {**entry.example, "noSuchKey": 1}}))
    assert "/columnRuleMap/c/noSuchKey" in found


@given(
    st.lists(st.integers(0, 2999), min_size=1, max_size=40),
    st.integers(1, 2999),
    st.sampled_from([*RULES, *(entry.example for entry in AVAILABLE)]),
)
def test_any_rows_of_any_rule(scattered, cut, rule):
    check_generator(rule, beside=BESIDE, scattered=scattered, cut=cut)
