"""Formats of dates: strftime's directives, judged by Python's, and refused by name where they are none."""

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from policies import column, problem, table

import faasera
from faasera.generators.date_formats import format_dates

MOMENTS = [
    datetime.datetime(2024, 2, 9, 5, 7, 3),
    datetime.datetime(1968, 12, 31, 17, 0, 59),
    datetime.datetime(2025, 1, 1, 0, 30, 0),
    datetime.datetime(2000, 10, 20, 12, 0, 10),
]
DIRECTIVES = [*(f"%{one}" for one in "aAbBcCdDeFgGhHIjklmMnpPrRStTuUVwWxXyY%"), *(f"%-{one}" for one in "dHIjmMSyUW")]


@pytest.mark.parametrize("form", [*DIRECTIVES, "%-d.%-m.%Y", "at %H h, %-M|%P", "100%% %d%%d", "%Y%m%d%H%M%S"])
def test_directives_mean_what_they_mean_in_python(form: str):
    array = pa.array([*MOMENTS, None], pa.timestamp("us"))
    assert format_dates(array, form).to_pylist() == [*(one.strftime(form) for one in MOMENTS), None]


def test_seconds_since_1970_and_microseconds():
    array = pa.array([-1, 0, 1_500_000_000_123_456], pa.timestamp("us"))
    assert format_dates(array, "%s.%f").to_pylist() == ["-1.999999", "0.000000", "1500000000.123456"]


@pytest.mark.parametrize(
    "form", ["%q", "%E", "%-q", "%-Y", "%z", "%Z %d", "%d %", "%#d", "%L", "%N", "%1", "%_d", "%Oy"]
)
def test_what_is_no_directive_is_refused_by_name(form: str):
    rule = {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}, "format": form}
    found = problem(table({"c": rule}))
    assert found.code == "date-format"
    assert repr(form) in found.message


@pytest.mark.parametrize(
    "form", ["%-d.%-m.", "%-d.%-m.%Y", "%e %B %Y", "%j/%Y", "%F", "%d.%m.%y", "%k Uhr", "%s", "%U", "%D"]
)
def test_a_check_judges_what_it_can_read(tmp_path: Path, form: str):
    rule: dict[str, Any] = {
        "type": "DATE_RANDOM",
        "range": {"start": "1950-03-01", "end": "2024-12-31"},
        "format": form,
    }
    faasera.load(table({"c": rule}, 500)).write(tmp_path)
    assert faasera.check(tmp_path).ok


def test_a_day_outside_of_its_range_is_found(tmp_path: Path):
    rule = {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}, "format": "%-d.%-m.%Y"}
    faasera.load(table({"c": rule}, 50)).write(tmp_path)
    (tmp_path / "t.csv").write_text("c\n" + "\n".join([*column(rule, 49), "1.1.2023"]) + "\n")
    assert "range" in {finding.kind for finding in faasera.check(tmp_path).failed}
