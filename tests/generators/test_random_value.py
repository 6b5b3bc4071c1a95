import datetime
import decimal
import re
import uuid
from collections import Counter

import numpy as np
import pytest
from policies import column, problem, table
from scipy import stats

RANGES = [
    ({"min": 1, "max": 6}, int, 1, 6),
    ({"min": -(2**31), "max": 2**31 - 1}, int, -(2**31), 2**31 - 1),
    ({"min": 0, "max": 2**63 - 1}, int, 0, 2**63 - 1),
    ({"min": 1.5, "max": 2.5}, float, 1.5, 2.5),
    ({"min": "2020-01-01", "max": "2020-01-31"}, datetime.date, datetime.date(2020, 1, 1), datetime.date(2020, 1, 31)),
    ({"min": "10:00", "max": "11:00"}, datetime.time, datetime.time(10), datetime.time(11)),
]


@pytest.mark.parametrize(("bounds", "kind", "low", "high"), RANGES)
def test_ranges_hold_and_choose_the_type(bounds, kind, low, high):
    values = column({"type": "RANDOM", "range": bounds}, 5000)
    assert all(isinstance(value, kind) and low <= value <= high for value in values)


def test_both_ends_are_reached():
    assert set(column({"type": "RANDOM", "range": {"min": 1, "max": 6}})) == {1, 2, 3, 4, 5, 6}
    assert set(column({"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 1, "step": 0.25}})) == {
        0,
        0.25,
        0.5,
        0.75,
        1,
    }


def test_steps_are_exact_decimals():
    values = column({"type": "RANDOM", "dataType": "DECIMAL(6,2)", "range": {"min": 0.1, "max": 0.7, "step": 0.2}})
    assert set(values) == {decimal.Decimal(text) for text in ("0.10", "0.30", "0.50", "0.70")}
    doubles = set(column({"type": "RANDOM", "range": {"min": 0.0, "max": 0.3, "step": 0.1}}))
    assert doubles == {0.0, 0.1, 0.2, 0.3}


def test_uuids_are_version_4_and_never_repeat():
    values = column({"type": "RANDOM", "dataType": "UUID"}, 20_000)
    assert len(set(values)) == 20_000
    parsed = [uuid.UUID(value) for value in values]
    assert all(value.version == 4 and value.variant == uuid.RFC_4122 for value in parsed)
    bits = np.array([[value.int >> place & 1 for place in range(128)] for value in parsed[:4000]]).mean(axis=0)
    assert ((bits > 0.45) & (bits < 0.55)).sum() == 122


def test_json_is_json():
    import json

    assert all(json.loads(value) for value in column({"type": "RANDOM", "dataType": "JSON"}, 100))


def test_lengths_and_alphabets():
    values = column({"type": "RANDOM", "length": {"min": 2, "max": 4}, "alphabet": "xyz"}, 3000)
    assert Counter(map(len, values)).keys() == {2, 3, 4}
    assert set("".join(values)) == set("xyz")
    assert {len(value) for value in column({"type": "RANDOM", "dataType": "BINARY", "length": 7})} == {7}
    assert all(re.fullmatch("[A-Za-z0-9]{9}", value) for value in column({"type": "RANDOM", "length": 9}))


@pytest.mark.parametrize(
    ("distribution", "law"),
    [
        ({"type": "NORMAL", "mean": 40, "stddev": 15}, stats.truncnorm(-40 / 15, 60 / 15, 40, 15)),
        ({"type": "TRIANGULAR", "mode": 25}, stats.triang(0.25, 0, 100)),
        ({"type": "EXPONENTIAL", "mean": 20}, stats.truncexpon(100 / 20, 0, 20)),
        ("UNIFORM", stats.uniform(0, 100)),
    ],
    ids=["normal", "triangular", "exponential", "uniform"],
)
@pytest.mark.parametrize("data_type", ["DOUBLE", "DECIMAL(9,5)"])
def test_curves_are_what_was_asked_for(distribution, law, data_type):
    rule = {"type": "RANDOM", "dataType": data_type, "range": {"min": 0, "max": 100}, "distribution": distribution}
    values = np.array(column(rule, 20_000), dtype=float)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4


def test_lognormal():
    rule = {
        "type": "RANDOM",
        "dataType": "DOUBLE",
        "range": {"min": 0, "max": 1e6},
        "distribution": {"type": "LOGNORMAL", "mean": 2, "stddev": 0.5},
    }
    assert stats.kstest(np.log(column(rule, 20_000)), stats.norm(2, 0.5).cdf).pvalue > 1e-4


@pytest.mark.parametrize("data_type", ["DATE", "TIMESTAMP"])
def test_curves_over_dates(data_type):
    rule = {
        "type": "RANDOM",
        "dataType": data_type,
        "range": {"min": "2000-01-01", "max": "2020-01-01"},
        "distribution": {"type": "NORMAL", "mean": "2010-01-01", "stddev": "P365D"},
    }
    days = np.array(column(rule, 20_000), dtype="datetime64[s]").astype(float) / 86400
    centre = np.datetime64("2010-01-01").astype("datetime64[D]").astype(float)
    assert abs(days.mean() - centre) < 10
    assert abs(days.std() - 365) < 10


def test_histogram_and_weights():
    histogram = {"type": "HISTOGRAM", "edges": [0, 10, 20, 100], "weights": [1, 0, 1]}
    values = np.array(column({"type": "RANDOM", "range": {"min": 0, "max": 100}, "distribution": histogram}, 20_000))
    assert ((values >= 10) & (values < 20)).sum() == 0
    assert 9500 < (values < 10).sum() < 10_500
    rule = {"type": "RANDOM", "dataType": "BOOLEAN", "distribution": {"type": "WEIGHTED", "weights": [1, 9]}}
    assert 0.88 < np.mean(column(rule, 20_000)) < 0.92


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"range": {"min": 2, "max": 1}}, "range"),
        ({"range": {"min": 1, "max": 2, "step": 0}}, "range"),
        ({"range": {"min": 1, "max": 2, "step": -1}}, "range"),
        ({"range": {"min": 1, "max": 2, "step": 2**70}}, "range"),
        ({"range": {"min": 1, "max": 2, "step": "often"}}, "range"),
        ({"range": {"min": "a", "max": "b"}}, "range"),
        ({"range": {"min": 0, "max": 1e300, "step": 1}, "dataType": "DOUBLE"}, "range"),
        ({"dataType": "DOUBLE", "unique": True}, "not-unique"),
        (
            {"dataType": "BIGINT", "range": {"min": -(2**63), "max": 2**63 - 1}, "distribution": "NORMAL"},
            "distribution-type",
        ),
        ({"range": {"min": 1, "max": "2020-01-01"}}, "range"),
        ({"range": {"min": True, "max": 5}, "dataType": "INTEGER"}, "range"),
        ({"range": {"min": 0, "max": 1e400}}, "range"),
        ({"range": {"min": 0, "max": 3000000000}, "dataType": "INTEGER"}, "range"),
        ({"range": {"min": 0, "max": 0.001}, "dataType": "DECIMAL(9,2)"}, "range"),
        ({"range": {"min": 0, "max": 1000}, "dataType": "DECIMAL(3,0)"}, "range"),
        ({"range": {"min": "2020-02-30", "max": "2020-03-01"}}, "range"),
        ({"range": {"min": "2020-01-01", "max": "2021-01-01", "step": "P1M"}}, "range"),
        ({"range": {"min": "10:00:00+02:00", "max": "11:00:00"}}, "range"),
        ({"range": {"min": 1, "max": 2}, "dataType": "STRING"}, "data-type"),
        ({"range": {"min": 1, "max": 2}, "pattern": "a"}, "exclusive-keys"),
        ({"pattern": "a", "dataType": "INTEGER"}, "data-type"),
        ({"pattern": "a", "distribution": "NORMAL"}, "distribution-type"),
        ({"dataType": "UUID", "distribution": "NORMAL"}, "distribution-type"),
        ({"alphabet": "ab"}, "no-effect"),
        ({"length": 3, "alphabet": "aa"}, "alphabet"),
        ({"length": {"min": 3, "max": 2}}, "bad-value"),
        ({"length": -1}, "bad-value"),
        ({"length": 10**9}, "bad-value"),
        ({"length": {"min": 1, "max": 3}, "dataType": "BINARY"}, "bad-value"),
        ({"range": {"min": 1, "max": 9}, "maxLength": 3}, "no-effect"),
        ({"pattern": "a{5}", "maxLength": 3}, "max-length"),
        ({}, "cannot-infer"),
    ],
)
def test_bad_rules(rule, code):
    assert problem(table({"c": {"type": "RANDOM", **rule}})).code == code


@pytest.mark.parametrize(
    ("distribution", "code"),
    [
        ({"type": "NORMAL", "exponent": 1}, "no-effect"),
        ({"type": "NORMAL", "stddev": 0}, "bad-value"),
        ({"type": "NORMAL", "mean": "x"}, "bad-value"),
        ({"type": "NORMAL", "mean": 1e9, "stddev": 1}, "distribution-outside"),
        ({"type": "EXPONENTIAL", "mean": -1}, "bad-value"),
        ({"type": "LOGNORMAL", "mean": 1}, "missing-key"),
        ({"type": "TRIANGULAR", "mode": 200}, "bad-value"),
        ({"type": "WEIGHTED", "weights": [1, 2]}, "weights"),
        ({"type": "WEIGHTED"}, "missing-key"),
        ({"type": "HISTOGRAM", "edges": [0, 10], "weights": [1, 1]}, "histogram"),
        ({"type": "HISTOGRAM", "edges": [10, 0], "weights": [1]}, "histogram"),
        ({"type": "HISTOGRAM", "edges": [0, 1000], "weights": [1]}, "histogram"),
        ({"type": "ZIPF", "exponent": 0}, "bad-value"),
        ("GAUSS", "unknown-value"),
    ],
    ids=str,
)
def test_bad_distributions(distribution, code):
    rule = {"type": "RANDOM", "range": {"min": 0, "max": 100}, "distribution": distribution}
    assert problem(table({"c": rule})).code == code


def test_zipf_needs_values_that_can_be_ranked():
    rule = {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 1}, "distribution": "ZIPF"}
    assert "step" in problem(table({"c": rule})).remedy
