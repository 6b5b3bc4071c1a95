"""``LABEL`` and ``SERIES``: targets to learn, and series over time."""

import numpy as np
import pytest
from policies import pipeline, problem, table

import faasera

INCOME = {"type": "RANDOM", "range": {"min": 0, "max": 100_000}, "distribution": "NORMAL"}
DEBT = {"type": "RANDOM", "range": {"min": 0, "max": 50_000}}


def label(**keys):
    return {"type": "LABEL", "expression": "debt - income", "rate": 0.1, **keys}


def made(rules, rows=100_000):
    return faasera.generate(table(rules, rows))["t"]


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.97])
@pytest.mark.parametrize("noise", [0, 0.3, 1])
def test_the_rate_is_the_one_asked_for_and_noise_the_share_of_chance(rate, noise):
    rows = made({"income": INCOME, "debt": DEBT, "y": label(rate=rate, noise=noise)})
    labels = rows.column("y").to_numpy(zero_copy_only=False).astype(float)
    assert abs(labels.mean() - rate) < 5 * (rate * (1 - rate) / len(labels)) ** 0.5 + 0.003
    score = rows.column("debt").to_numpy() - rows.column("income").to_numpy()
    highest = score >= np.quantile(score, 1 - rate)
    agreed = (labels == highest).mean()
    assert abs(agreed - (1 - noise * 2 * rate * (1 - rate))) < 0.01


def test_few_scores_share_the_rate_among_equals():
    rows = made(
        {
            "income": {"type": "RANDOM", "range": {"min": 1, "max": 3}},
            "debt": {"type": "CONSTANT", "value": 0},
            "y": label(rate=0.4, dataType="INTEGER"),
        }
    )
    labels = rows.column("y").to_numpy()
    assert abs(labels.mean() - 0.4) < 0.01 and set(labels.tolist()) == {0, 1}


def test_slices_agree_with_the_whole():
    policy = table({"income": INCOME, "debt": DEBT, "y": label(noise=0.1)}, 90_000)
    whole = faasera.generate(policy)["t"]
    assert faasera.load(policy)["t"].slice(80_000, 80_020).to_pylist() == whole.slice(80_000, 20).to_pylist()


@pytest.mark.parametrize(
    "rule,pointer,code",
    [
        (label(rate=0), "rate", "bad-value"),
        (label(noise=2), "noise", "bad-value"),
        (label(expression="concat(debt, income)"), "expression", "data-type"),
        (label(expression="dbt"), "expression", "unknown-column"),
        (label(dataType="STRING"), "dataType", "data-type"),
        ({"type": "SERIES", "level": {"min": 3, "max": 1}}, "level", "range"),
        ({"type": "SERIES", "level": 1, "dataType": "DATE"}, "dataType", "data-type"),
        ({"type": "SERIES"}, "level", "missing-key"),
        ({"type": "SERIES", "level": 1, "season": {"period": 0, "amplitude": 1}}, "season/period", "bad-value"),
    ],
)
def test_what_cannot_hold(rule, pointer, code):
    found = problem(table({"income": INCOME, "debt": DEBT, "c": rule}, 10))
    assert (found.pointer, found.code) == (f"/columnRuleMap/c/{pointer}", code)


SENSORS = {
    "tableName": "sensors",
    "rowCount": 300,
    "primaryKeyColumn": "sensor_id",
    "columnRuleMap": {"sensor_id": {"type": "SEQUENCE"}},
}


def readings(**rule):
    child = {
        "tableName": "readings",
        "foreignKeys": [{"columns": ["sensor_id"], "references": {"table": "sensors", "columns": ["sensor_id"]}, "childrenPerParent": {"min": 140, "max": 140}}],
        "columnRuleMap": {"sensor_id": {}, "start": {"type": "CONSTANT", "dataType": "DATE", "value": "2025-01-01", "hidden": True}, "day": {"type": "PRESERVE", "expression": "add_days(start, {#})"}, "value": {"type": "SERIES", **rule}},
    }  # fmt: skip
    rows = faasera.generate(pipeline(SENSORS, child))["readings"]
    return rows.column("value").to_numpy().astype(float).reshape(300, 140)


def test_level_trend_and_season():
    steps = np.arange(140)
    assert np.allclose(readings(level=5, trend=0.5), 5 + 0.5 * steps)
    assert np.allclose(
        readings(level=5, season={"period": 7, "amplitude": 2}), 5 + 2 * np.sin(2 * np.pi * steps / 7), atol=1e-9
    )
    levels = readings(level={"min": 10, "max": 20}, trend={"min": -1, "max": 1})
    assert (
        levels[:, 0].min() < 10.5
        and levels[:, 0].max() > 19.5
        and np.allclose(np.diff(levels, 2, axis=1), 0, atol=1e-9)
    )
    assert np.diff(levels, axis=1)[:, 0].std() > 0.4
    phases = readings(level=0, season={"period": 20, "amplitude": 1, "aligned": False}).argmax(axis=1) % 20
    assert len(set(phases.tolist())) == 20


def test_noise_and_events():
    noise = readings(level=0, noise=3)
    assert abs(noise.std() - 3) < 0.05 and abs(noise.mean()) < 0.05
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.02
    events = readings(level=0, events={"rate": 0.2, "effect": 50}) / 50
    assert abs(events.mean() - 0.2) < 0.01 and abs(events.var() - 0.2) < 0.01
    assert readings(level=0, noise=3, floor=0, dataType="DECIMAL(8,2)").min() == 0


def test_a_table_alone_is_one_series():
    values = (
        faasera.generate(table({"c": {"type": "SERIES", "level": 1, "trend": 2, "dataType": "INTEGER"}}, 5))["t"]
        .column("c")
        .to_pylist()
    )
    assert values == [1, 3, 5, 7, 9]
