"""Timestamps and times are exact to the microsecond, and what has an offset is moved to UTC, wherever they are written."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import column, problem, table

import faasera
from faasera.generators.literals import parse_time, parse_timestamp

UTC = datetime.UTC
EXACT = datetime.datetime(2024, 2, 29, 8, 0, 0, 123456)
SPELLED = [
    "2024-02-29 08:00:00.123456",
    "2024-02-29T08:00:00.123456Z",
    "2024-02-29 10:00:00.123456+02:00",
    "2024-02-28T22:30:00.123456000-0930",
]


@pytest.mark.parametrize("text", SPELLED)
def test_wherever_a_timestamp_is_written(text: str):
    kind = {"dataType": "TIMESTAMP"}
    assert set(column({"type": "CONSTANT", "value": text, **kind}, 3)) == {EXACT}
    assert set(column({"type": "SEED", "values": [text], **kind}, 3)) == {EXACT}
    assert set(column({"type": "RANDOM", "range": {"min": text, "max": text, "step": "PT0.000001S"}}, 3)) == {EXACT}
    rules = {
        "at": {"type": "CONSTANT", "value": text, **kind},
        "same": {"type": "PRESERVE", "expression": f"at = '{text}'"},
    }
    made = faasera.generate(table({**rules, "text": {"type": "PRESERVE", "pattern": "{at}"}}, 2))["t"].to_pylist()
    assert made[0] == {"at": EXACT, "same": True, "text": "2024-02-29 08:00:00.123456"}
    days = column({"type": "DATE_RANDOM", "range": {"start": text, "end": f"{text} + PT1.5S"}}, 20)
    assert set(days) == {datetime.datetime(2024, 2, 29, 8, 0, 1)}


@given(
    st.datetimes(min_value=datetime.datetime(2, 1, 1), max_value=datetime.datetime(9998, 12, 31)),
    st.integers(-14 * 60, 14 * 60),
)
def test_offsets_are_moved_to_utc(moment: datetime.datetime, minutes: int):
    zoned = moment.replace(tzinfo=UTC).astimezone(datetime.timezone(datetime.timedelta(minutes=minutes)))
    expected = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    assert (
        parse_timestamp(zoned.isoformat())
        == parse_timestamp(zoned.isoformat(" "))
        == parse_timestamp(str(moment))
        == expected
    )


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("TIMESTAMP", "2024-01-01 00:00:00.1234567", "parts of a microsecond"),
        ("TIME", "10:00:00.0000001", "parts of a microsecond"),
        ("TIME", "10:00:00+02:00", "time zone"),
        ("TIME", "10:00:00Z", "time zone"),
        ("TIMESTAMP", "2024-01-01 10:00:60", "not a timestamp"),
        ("TIMESTAMP", "2024-01-01 10:00:00 CET", "not a timestamp"),
        ("DATE", "2024-01-01 10:00:00Z", "not a date"),
        ("TIMESTAMP", "0001-01-01 00:00:00+10:00", "outside of the years"),
    ],
)
def test_what_cannot_be_kept_is_refused(kind: str, value: str, says: str):
    assert says in problem(table({"c": {"type": "CONSTANT", "dataType": kind, "value": value}})).message
    assert (
        says
        in problem(table({"c": {"type": "RANDOM", "dataType": kind, "range": {"min": value, "max": value}}})).message
    )


@pytest.mark.parametrize("step", ["PT0.25S", 0.25, "0.25"])
def test_ranges_in_parts_of_a_second(step: Any):
    ends = {"min": "2024-01-01T00:00:00.25Z", "max": "2024-01-01 00:00:01"}
    rule = {"type": "RANDOM", "dataType": "TIMESTAMP", "range": {**ends, "step": step if step != "0.25" else 0.25}}
    assert {value.microsecond for value in column(rule, 100)} == {0, 250_000, 500_000, 750_000}
    clock = {"type": "RANDOM", "range": {"min": "08:00:00.5", "max": "08:00:01.5", "step": "PT0.5S"}}
    assert {str(value) for value in column(clock, 50)} == {"08:00:00.500000", "08:00:01", "08:00:01.500000"}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            {"type": "RANDOM", "range": {"min": "2024-01-01 00:00:00.1", "max": "2024-01-01 00:00:00.9"}},
            "give a 'step'",
        ),
        (
            {"type": "RANDOM", "dataType": "TIME", "range": {"min": "10:00:00", "max": "11:00:00", "step": 0.0000005}},
            "more than 6",
        ),
        (
            {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 00:00:00.1", "end": "2024-01-01 00:00:00.9"}},
            "no whole second",
        ),
        ({"type": "RANDOM", "range": {"min": "10:00:00", "max": "11:00:00", "step": "PT0.0000001S"}}, "not a duration"),
    ],
)
def test_ranges_without_a_value_are_refused(rule: dict[str, Any], says: str):
    assert says in problem(table({"c": rule})).message


def test_plans_show_parts_of_a_second():
    ends = {"min": "2024-01-01 00:00:00.25", "max": "2024-01-01 00:00:09.25"}
    plan = faasera.load(table({"c": {"type": "RANDOM", "range": ends}}, 1)).plan
    assert (
        "2024-01-01 00:00:00.250000 … 2024-01-01 00:00:09.250000" in plan.tables["t"].column("c").generator.describe()
    )


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet", "arrow"])
def test_files_and_their_check(tmp_path: Path, form: str):
    rules: dict[str, Any] = {
        "c": {"type": "SEED", "dataType": "TIMESTAMP", "values": SPELLED},
        "r": {
            "type": "RANDOM",
            "range": {"min": "2024-01-01T00:00:00+02:00", "max": "2024-01-01T00:00:10Z", "step": "PT0.001S"},
        },
        "t": {"type": "RANDOM", "range": {"min": "10:00:00.000001", "max": "10:00:00.001", "step": "PT0.000001S"}},
        "d": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01T00:00:00.5-01:00", "end": "{r} + P2D"}},
        "k": {"type": "CONSTANT", "dataType": "TIMESTAMP", "value": SPELLED[2]},
        "e": {"type": "PRESERVE", "expression": f"if(c >= '{SPELLED[3]}', 'yes', 'no')"},
    }
    checks = [{"expression": f"r < '{SPELLED[2]}'"}]
    faasera.load(table(rules, 300, checks=checks)).write(tmp_path, format=form)
    report = faasera.check(tmp_path)
    assert report.ok, report.failed


def test_an_import_of_zoned_and_fine_timestamps(tmp_path: Path):
    (tmp_path / "s.sql").write_text(
        "create table t (id int primary key, a timestamp(3) not null, b timestamptz not null check (b >= '2024-01-01 00:00:00+02'), "
        "c timestamp(6) with time zone, d time(3) not null, e timetz, f timestamp(0) without time zone);"
    )
    imported = faasera.import_schema(str(tmp_path / "s.sql"), dialect="postgres")
    rows = faasera.generate(imported.policy)["t"].to_pylist()
    assert all(row["b"] >= datetime.datetime(2023, 12, 31, 22) for row in rows)
    assert imported.policy["tables"][0]["checks"][0]["expression"] == "b >= '2023-12-31 22:00:00'"


@given(st.times())
def test_times_of_day(time: datetime.time):
    assert (
        parse_time(time.isoformat()) == ((time.hour * 60 + time.minute) * 60 + time.second) * 10**6 + time.microsecond
    )
