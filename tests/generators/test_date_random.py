import datetime
from collections import Counter

import pytest
from policies import column, pipeline, problem, table

import faasera

DAY = datetime.timedelta(days=1)


def date_rule(start: str, end: str, **keys):
    return {"type": "DATE_RANDOM", "range": {"start": start, "end": end}, **keys}


def test_both_ends_are_included():
    days = set(column(date_rule("2024-02-27", "2024-03-01")))
    assert days == {datetime.date(2024, 2, 27) + n * DAY for n in range(4)}


def test_a_time_of_day_makes_timestamps_and_a_bare_day_lasts_until_its_end():
    values = column(date_rule("2024-01-01 23:59:57", "2024-01-01"), 200)
    assert {value.second for value in values} == {57, 58, 59}
    assert column(date_rule("2024-01-01", "2024-01-01", dataType="TIMESTAMP"), 50)[0].year == 2024


def test_as_of_and_durations():
    assert set(column(date_rule("asOf - P1Y2M", "asOf - P1Y2M"), 5)) == {datetime.date(2024, 11, 1)}
    assert set(column(date_rule("asOf+P1W", "asOf + P6D + P1D"), 5)) == {datetime.date(2026, 1, 8)}
    assert set(column(date_rule("2024-01-31 + P1M", "2024-01-31 + P1M"), 5)) == {datetime.date(2024, 2, 29)}
    assert set(column(date_rule("2024-01-01 + PT90M", "2024-01-01 01:30:00"), 5)) == {
        datetime.datetime(2024, 1, 1, 1, 30)
    }


def test_ends_that_are_columns():
    rules = {
        "a": date_rule("2024-01-01", "2024-06-30"),
        "b": date_rule("{a}", "{a} + P10D"),
        "c": date_rule("{b} - P1M", "{b}", nullFraction=0.2),
        "d": date_rule("{c}", "asOf"),
    }
    for row in faasera.generate(table(rules, 3000))["t"].to_pylist():
        assert row["a"] <= row["b"] <= row["a"] + 10 * DAY
        assert row["c"] is None or row["c"] <= row["b"]
        assert (row["d"] is None) == (row["c"] is None)
        assert row["d"] is None or row["c"] <= row["d"] <= datetime.date(2026, 1, 1)


def test_ends_that_are_a_parents_columns():
    policy = pipeline(
        {
            "tableName": "p",
            "rowCount": 50,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"since": date_rule("2020-01-01", "2020-12-31")},
        },
        {
            "tableName": "c",
            "rowCount": 500,
            "foreignKeys": [{"columns": ["p_id"], "references": {"table": "p", "columns": ["id"]}}],
            "columnRuleMap": {
                "at": date_rule("{p.since} + P1D", "2021-06-30"),
                "since": {"type": "PRESERVE", "lookup": "p.since"},
            },
        },
    )
    rows = faasera.generate(policy)["c"].to_pylist()
    assert all(row["since"] + DAY <= row["at"] <= datetime.date(2021, 6, 30) for row in rows)


@pytest.mark.parametrize("keys", [{}, {"dataType": "TIMESTAMP"}])
@pytest.mark.parametrize("ends", [("2024-01-01", "2024-03-31"), ("{a}", "{a} + P20D")])
def test_weekdays(ends, keys):
    rules = {"a": date_rule("2024-01-01", "2024-12-31"), "c": date_rule(*ends, weekdays=["TUE", "SAT"], **keys)}
    rows = faasera.generate(table(rules, 5000))["t"].to_pylist()
    counts = Counter(row["c"].weekday() for row in rows)
    assert counts.keys() == {1, 5}
    assert 0.85 < counts[1] / counts[5] < 1.15
    if ends[0] == "{a}":
        assert all(row["a"] <= getattr(row["c"], "date", lambda r=row: r["c"])() <= row["a"] + 20 * DAY for row in rows)


def test_weekdays_of_timestamps_keep_to_the_ends():
    values = column(date_rule("2024-01-03 12:00:00", "2024-01-10 06:00:00", weekdays=["WED"]), 3000)
    assert {value.day for value in values} == {3, 10}
    assert min(values) >= datetime.datetime(2024, 1, 3, 12)
    assert max(values) <= datetime.datetime(2024, 1, 10, 6)


def test_formats():
    assert column(date_rule("2024-02-01", "2024-02-01", format="%d.%m.%y"), 2) == ["01.02.24"] * 2
    assert column(date_rule("2024-02-01 10:00:00", "2024-02-01 10:00:00", format="%H:%M:%S"), 1) == ["10:00:00"]
    assert len(set(column(date_rule("2024-01-01", "2024-12-31", format="%Y-%m-%d", unique=True), 366))) == 366
    assert (
        problem(table({"c": date_rule("2024-01-01", "2024-12-31", format="%Y", unique=True)}, 5)).code == "not-unique"
    )


def test_unique_days():
    assert len(set(column(date_rule("2024-01-01", "2024-12-31", unique=True), 366))) == 366
    assert problem(table({"c": date_rule("2024-01-01", "2024-12-31", unique=True)}, 367)).code == "domain-too-small"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (date_rule("2024-01-02", "2024-01-01"), "range"),
        (date_rule("2024-13-01", "2024-01-01"), "date-end"),
        (date_rule("yesterday", "2024-01-01"), "date-end"),
        (date_rule("2024-01-01 + 3", "2024-01-01"), "date-end"),
        (date_rule("2024-01-01 + P", "2024-01-01"), "date-end"),
        (date_rule("2024-01-01", "{n}"), "date-end"),
        (date_rule("2024-01-01", "{dayy}"), "unknown-column"),
        (date_rule("2024-01-01", "{x.day}"), "unknown-parent"),
        (date_rule("{day}", "2024-06-01"), "date-order"),
        (date_rule("{day} + P2D", "{day} + P1D"), "date-order"),
        (date_rule("{day}", "{day} + P3D", weekdays=["MON"]), "date-order"),
        (date_rule("{day}", "{day} + P3D", distribution="NORMAL"), "distribution-type"),
        (date_rule("2024-01-02", "2024-01-03", weekdays=["MON"]), "weekdays"),
        (date_rule("2024-01-02", "2024-01-03", weekdays=["MO"]), "unknown-value"),
        (date_rule("2024-01-02", "2024-01-03", weekdays=[]), "bad-value"),
        (date_rule("2024-01-02", "2024-01-03", format="plain"), "date-format"),
        (date_rule("2024-01-02", "2024-01-03", dataType="INTEGER"), "data-type"),
        (date_rule("2024-01-02", "2024-01-03", maxLength=3), "no-effect"),
    ],
)
def test_bad_rules(rule, code):
    rules = {"day": date_rule("2024-01-01", "2024-12-31"), "n": {"type": "SEQUENCE"}, "c": rule}
    found = problem(table(rules))
    assert found.code == code


def test_an_order_that_only_rows_can_tell_is_told_by_the_row():
    rules = {
        "day": date_rule("2024-01-01", "2024-12-31"),
        "later": {"type": "PRESERVE", "expression": "add_days(day, 5)"},
        "c": date_rule("{later}", "{day}"),
    }
    with pytest.raises(faasera.RunError, match="row 0"):
        faasera.generate(table(rules, 10))
