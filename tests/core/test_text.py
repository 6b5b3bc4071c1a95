import datetime
import decimal

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from faasera.core.records import TokenTable, assemble
from faasera.core.text import date_text, number_text, time_text, timestamp_text, to_text

WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.lists(st.one_of(WHOLE, st.integers(-20_000, 20_000)), min_size=1, max_size=30), st.integers(0, 18))
def test_numbers_are_spelled_as_decimal_does(values, scale):
    expected = [format(decimal.Decimal(value).scaleb(-scale), "f") for value in values]
    assert number_text(np.array(values), scale).to_pylist() == expected


@given(st.lists(st.dates(), max_size=30))
def test_dates(days):
    array = pa.array(days, pa.date32())
    assert to_text(array).to_pylist() == [day.isoformat() for day in days]


@given(
    st.lists(st.one_of(st.none(), st.datetimes(), st.datetimes().map(lambda d: d.replace(microsecond=0))), max_size=30)
)
def test_timestamps(moments):
    array = pa.array(moments, pa.timestamp("us"))
    expected = [
        moment and moment.isoformat(" ", "microseconds" if moment.microsecond else "seconds") for moment in moments
    ]
    assert to_text(array).to_pylist() == expected


@given(st.lists(st.times(), min_size=1, max_size=30))
def test_times(times):
    expected = [time.isoformat("microseconds" if time.microsecond else "seconds") for time in times]
    assert to_text(pa.array(times, pa.time64("us"))).to_pylist() == expected


@given(st.lists(st.one_of(st.none(), st.binary(max_size=9)), max_size=30), st.integers(0, 5))
def test_bytes_are_hexadecimal(values, start):
    array = pa.array(values, pa.binary()).slice(start)
    assert to_text(array).to_pylist() == [None if value is None else value.hex() for value in values[start:]]


def test_nothing_is_nothing():
    none = np.array([], dtype=np.int64)
    assert [len(make(none)) for make in (number_text, date_text, timestamp_text, time_text)] == [0, 0, 0, 0]


def test_truth_values_and_nulls():
    values = to_text(pa.array([True, None, False]))
    assert values.dictionary.take(values.indices).to_pylist() == ["true", None, "false"]
    assert to_text(pa.array([datetime.date(2020, 2, 29), None])).to_pylist() == ["2020-02-29", None]


@given(st.lists(st.sampled_from(["ab", "cd", "é", "x", ""]), min_size=1, max_size=9), st.integers(0, 3))
def test_lists_of_one_width_are_tokens(values, start):
    texts = pa.array(values).slice(start)
    table = TokenTable.of(texts)
    widths = {len(value.encode()) for value in values[start:]}
    assert (table is not None) == (widths in ({1}, {2}))
    if table is not None:
        assert assemble([(table, np.arange(len(texts)))]).to_pylist() == texts.to_pylist()


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5), st.integers(0, 20))
def test_records_of_any_widths(widths, rows):
    tables = [TokenTable([bytes([65 + n + place]) * width for n in range(3)]) for place, width in enumerate(widths)]
    index = np.arange(rows) % 3
    expected = ["".join(table.tokens[row % 3].decode() for table in tables) for row in range(rows)]
    assert assemble([(table, index) for table in tables]).to_pylist() == expected
