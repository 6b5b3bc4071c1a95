"""Columns as text, the way CSV, JSON and templates spell values.

Whole tokens (four digits, a day, a minute) are gathered from small tables into records of one width, which is several
times faster than formatting value by value; leading zeros are trimmed afterwards.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import Integers, to_integers, valid_mask, with_nulls
from faasera.core.records import TokenTable, assemble
from faasera.core.wide import is_wide, wide_text

_DAY_SECONDS = 86_400
_MICROSECONDS = 1_000_000
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31: what four digits of a year can say."""
_BOOLEANS = pa.array(["false", "true"])

Unsigned = npt.NDArray[np.uint64]


@lru_cache(maxsize=32)
def _digits(width: int, prefix: str = "") -> TokenTable:
    """All numbers of a width in digits, zero-padded, behind a prefix."""
    numbers = np.arange(10**width, dtype=np.uint64)
    table = np.empty((len(numbers), len(prefix) + width), dtype=np.uint8)
    table[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    for place in range(width):
        table[:, len(prefix) + width - 1 - place] = numbers % 10 + 48
        numbers //= 10
    return TokenTable(table.reshape(-1).view(f"S{len(prefix) + width}"))


class _Days:
    """A table of ``YYYY-MM-DD`` that grows with the days that are asked for."""

    def __init__(self) -> None:
        self._table: tuple[int, TokenTable] = (0, TokenTable([b"1970-01-01"]))

    def part(self, days: Integers) -> tuple[TokenTable, Integers]:
        """The table, and each day's place in it."""
        low, high = (int(days.min()), int(days.max())) if len(days) else (0, 0)
        if low < _FIRST_DAY or high > _LAST_DAY:
            raise ValueError("a date lies outside the years 1 … 9999")
        first, table = self._table
        end = first + len(table.tokens)
        if low < first or high >= end:
            first, end = min(low, first), max(high + 1, end)
            span = np.arange(first, end, dtype=np.int64).astype("datetime64[D]")
            table = TokenTable(np.datetime_as_string(span).astype("S10"))
            self._table = (first, table)
        return table, days - first


_DAYS = _Days()


@lru_cache(maxsize=4)
def _minutes(prefix: str) -> TokenTable:
    """All ``HH:MM:`` of a day behind a prefix."""
    return TokenTable([f"{prefix}{minute // 60:02d}:{minute % 60:02d}:".encode() for minute in range(1440)])


def _split_off(values: Unsigned, size: int) -> tuple[Unsigned, Integers]:
    """Quotient and remainder, the remainder ready to be an index."""
    quotient = values // np.uint64(size)
    return quotient, (values - quotient * np.uint64(size)).view(np.int64)


@lru_cache(maxsize=2)
def _leading_digits(last: bool) -> TokenTable:
    """Four digits, zero-padded from index 0, blank-padded from 10,000; a blank 0 shows in the last group only."""
    plain = [f"{number:04d}".encode() for number in range(10_000)]
    blank = [f"{number:4d}".encode() if number or last else b"    " for number in range(10_000)]
    return TokenTable(plain + blank)


def _number_text(values: Unsigned, scale: int) -> pa.Array:
    """Numbers from 0 up, with ``scale`` digits behind the point and no leading zeros."""
    if not len(values):
        return pa.array([], pa.string())
    unit = 10**scale
    fields: list[tuple[TokenTable, Integers]] = []
    rest = values
    remaining = scale
    while remaining:
        width = min(4, remaining)
        rest, index = _split_off(rest, 10**width)
        remaining -= width
        fields.append((_digits(width, "" if remaining else "."), index))
    fewest, most = (len(str(int(end) // unit)) for end in (values.min(), values.max()))
    for place in range(0, most, 4):
        width = min(4, most - place)
        first = place + 4 >= most
        if first:
            index = rest.view(np.int64)
        else:
            rest, index = _split_off(rest, 10_000)
        if fewest == most:
            fields.append((_digits(width), index))
            continue
        # Where nothing but zeros stand before a group it is padded with blanks, to be trimmed in one go.
        blank = np.int64(10_000) if first else (rest == 0).view(np.int8) * np.int64(10_000)
        fields.append((_leading_digits(last=not place), index + blank))
    texts = assemble(fields[::-1])
    return texts if fewest == most else pc.ascii_ltrim(texts, characters=" ")


def number_text(values: Integers, scale: int = 0) -> pa.Array:
    """Whole numbers as text; with a scale, as unscaled decimals."""
    negative = values < 0
    if not negative.any():
        return _number_text(values.view(np.uint64), scale)
    texts = _number_text(np.where(negative, np.negative(values), values).view(np.uint64), scale)
    return pc.if_else(pa.array(negative), pc.binary_join_element_wise("-", texts, ""), texts)


def date_text(days: Integers) -> pa.Array:
    """Days since 1970 as ``YYYY-MM-DD``."""
    return assemble([_DAYS.part(days)])


def timestamp_text(moments: Integers, separator: str = " ") -> pa.Array:
    """Microseconds since 1970 as ``YYYY-MM-DD HH:MM:SS``, with ``.ffffff`` where there is a fraction."""
    seconds = moments // _MICROSECONDS
    days = seconds // _DAY_SECONDS
    return _with_fraction(
        moments - seconds * _MICROSECONDS, seconds - days * _DAY_SECONDS, [_DAYS.part(days)], separator
    )


def time_text(moments: Integers) -> pa.Array:
    """Microseconds since midnight as ``HH:MM:SS``, with ``.ffffff`` where there is a fraction."""
    seconds = moments // _MICROSECONDS
    return _with_fraction(moments - seconds * _MICROSECONDS, seconds, [], "")


def _with_fraction(
    fraction: Integers, seconds: Integers, days: list[tuple[TokenTable, Integers]], separator: str
) -> pa.Array:
    minutes, second = _split_off(seconds.view(np.uint64), 60)
    texts = assemble([*days, (_minutes(separator), minutes.view(np.int64)), (_digits(2), second)])
    if not fraction.any():
        return texts
    upper, lower = _split_off(fraction.view(np.uint64), 1000)
    tail = assemble([(_digits(3, "."), upper.view(np.int64)), (_digits(3), lower)])
    return pc.if_else(pa.array(fraction != 0), pc.binary_join_element_wise(texts, tail, ""), texts)


@lru_cache(maxsize=1)
def _hexadecimal() -> npt.NDArray[np.uint16]:
    """The two digits of each byte, as one element."""
    return np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint16)


def hexadecimal_text(array: pa.Array) -> pa.Array:
    """Bytes as hexadecimal digits, two a byte."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    digits = _hexadecimal()[np.frombuffer(array.buffers()[2], dtype=np.uint8)[first:last]]
    doubled = (offsets - first) * np.int32(2)
    texts = pa.StringArray.from_buffers(len(array), pa.py_buffer(doubled), pa.py_buffer(digits))
    return with_nulls(texts, valid_mask(array))


def to_text(array: pa.Array, date_time_separator: str = " ") -> pa.Array:
    """A column as text, nulls kept; texts and their dictionaries come back as they are, bytes as hexadecimal digits."""
    spell = _TEXTS.get(array.type.id)
    if spell is not None:
        return spell(array)
    if pa.types.is_decimal128(array.type) and is_wide(array):
        return wide_text(array)
    values, valid = to_integers(array), valid_mask(array)
    if valid is not None:
        values = np.where(valid, values, 0)
    return with_nulls(_discrete_text(values, array.type, date_time_separator), valid)


def _discrete_text(values: Integers, kind: pa.DataType, date_time_separator: str) -> pa.Array:
    """The values of a type that Arrow holds as whole numbers."""
    if pa.types.is_date32(kind):
        return date_text(values)
    if pa.types.is_timestamp(kind):
        return timestamp_text(values, date_time_separator)
    if pa.types.is_time64(kind):
        return time_text(values)
    return number_text(np.ascontiguousarray(values), kind.scale if pa.types.is_decimal128(kind) else 0)


def _truth_text(array: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(array.cast(pa.int8()).cast(pa.int32()), _BOOLEANS)


def _same(array: pa.Array) -> pa.Array:
    return array


_TEXTS: dict[int, Callable[[pa.Array], pa.Array]] = {
    pa.string().id: _same,
    pa.dictionary(pa.int32(), pa.string()).id: _same,
    pa.bool_().id: _truth_text,
    pa.float64().id: lambda array: array.cast(pa.string()),
    pa.binary().id: hexadecimal_text,
}
"""How values are spelled that Arrow does not hold as whole numbers, by the kind of Arrow's type."""
