"""Ranges of numbers, dates and times as numbered sets of values."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import from_integers
from faasera.core.streams import Words
from faasera.core.types import DATE, DOUBLE, TIMESTAMP, DataType
from faasera.generators.facts import Facts
from faasera.generators.generator import Axis, Domain
from faasera.generators.literals import (
    DAY,
    MICROSECONDS,
    Duration,
    parse_date,
    parse_decimal,
    parse_number,
    parse_time,
    parse_timestamp,
    parse_whole,
)
from faasera.generators.showing import show_step, show_whole
from faasera.generators.wide_ranges import WideDomain

_CONTINUOUS = 1 << 53
_IN_64_BITS = 1 << 63


@dataclass(frozen=True)
class GridDomain(Domain):
    """Evenly spaced values, both ends included.

    Attributes:
        value_type: any type that is a whole number inside, or ``DOUBLE`` on a decimal grid.
        origin: the first value, as a whole number (see ``from_integers``).
        step: the distance, likewise.
        size: how many.
        scale: for ``DOUBLE``, how many decimal digits the whole numbers carry.
    """

    value_type: DataType
    origin: int
    step: int
    size: int
    scale: int = 0

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, bounds=(self.origin, self.last))

    @property
    def last(self) -> int:
        """The last value, as a whole number."""
        return self.origin + (self.size - 1) * self.step

    @property
    @override
    def axis(self) -> Axis:
        """Numbers as they are, dates in days, timestamps and times in seconds."""
        kind = self.value_type
        if kind == DATE:
            return Axis(self.origin, self.step, parse_date, _days)
        if kind.is_temporal:
            position = _moment if kind == TIMESTAMP else _time_of_day
            return Axis(self.origin / MICROSECONDS, self.step / MICROSECONDS, position, _seconds)
        unit = 10 ** (self.scale or kind.scale)
        return Axis(self.origin / unit, self.step / unit, parse_number, parse_number)

    @override
    def at(self, indices: Words) -> pa.Array:
        values = indices.view(np.int64)
        if self.step != 1:
            values = values * np.int64(self.step)
        if self.origin:
            values = values + np.int64(self.origin)
        if self.value_type == DOUBLE:
            return pa.array(values / 10.0**self.scale)
        return from_integers(values, self.value_type)

    @override
    def describe(self) -> str:
        first, last = (show_whole(value, self.value_type, self.scale) for value in (self.origin, self.last))
        step = show_step(self.step, self.value_type, self.scale)
        return f"{first} … {last}{step} ({self.size:,} values)"


@dataclass(frozen=True)
class ContinuousDomain(Domain):
    """Doubles between two ends, on a grid of 2^53 steps."""

    value_type: DataType
    low: float
    high: float
    size = _CONTINUOUS
    distinct = False

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type)

    @property
    @override
    def axis(self) -> Axis:
        """The numbers as they are."""
        return Axis(self.low, (self.high - self.low) / (self.size - 1), parse_number, parse_number)

    @override
    def at(self, indices: Words) -> pa.Array:
        share = indices.astype(np.float64) / (self.size - 1)
        return pa.array(self.low * (1.0 - share) + self.high * share)

    @override
    def describe(self) -> str:
        return f"{self.low:g} … {self.high:g}"


def grid(data_type: DataType, low: object, high: object, step: object | None) -> Domain:
    """The domain of a range.

    Raises:
        ValueError: an end or the step is not of the type, the range is turned round, or the step is not positive.
    """
    scale = data_type.scale
    if data_type == DOUBLE:
        if step is None:
            first, last = parse_number(low), parse_number(high)
            if first > last:
                raise ValueError(f"the range is turned round: min {low} is above max {high}")
            if not np.isfinite(last - first):
                raise ValueError(f"the range {low} … {high} is wider than a double can hold")
            return ContinuousDomain(data_type, first, last)
        scale = max(_digits_after_point(value) for value in (low, high, step))
        if scale > 15:
            raise ValueError(f"{step!r}: a step has at most 15 digits after the point")
    first, last = (_whole(value, data_type, scale) for value in (low, high))
    if first > last:
        raise ValueError(f"the range is turned round: min {low} is above max {high}")
    stride = 1 if step is None and not data_type.has_time else MICROSECONDS
    if step is not None:
        stride = _stride(step, data_type, scale)
    if stride <= 0:
        raise ValueError(f"the step {step!r} is not positive")
    if step is None and data_type.has_time and first < last < first + stride:
        raise ValueError(f"{low} … {high} is less than a second; give a 'step', such as PT0.001S")
    if first < last < first + stride:
        raise ValueError(f"the step {step} is larger than the range")
    stride = min(stride, max(last - first, 1))
    if data_type.is_decimal and max(-first, last) >= _IN_64_BITS:
        return WideDomain(data_type, first, stride, (last - first) // stride + 1)
    if data_type != DOUBLE:
        return GridDomain(data_type, first, stride, (last - first) // stride + 1)
    if max(abs(first), abs(last)) > _CONTINUOUS:
        raise ValueError(f"steps of {step} from {low} to {high} are finer than a double can hold")
    return GridDomain(data_type, first, stride, (last - first) // stride + 1, scale)


def _whole(value: object, data_type: DataType, scale: int) -> int:
    return parse_decimal(value, scale) if data_type == DOUBLE else parse_whole(value, data_type)


def _stride(step: object, data_type: DataType, scale: int) -> int:
    if data_type == DATE:
        return round(_days(step)) if _days(step) == round(_days(step)) else 0
    if data_type.is_temporal:
        return _duration(step) if isinstance(step, str) else parse_decimal(step, 6)
    return parse_decimal(step, scale)


def _digits_after_point(value: object) -> int:
    parse_number(value)
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _duration(value: object) -> int:
    duration = Duration.parse(value)
    if duration.months:
        raise ValueError(f"{value!r}: months differ in length; write days, such as P30D")
    return duration.microseconds


def _moment(value: object) -> float:
    return parse_timestamp(value) / MICROSECONDS


def _time_of_day(value: object) -> float:
    return parse_time(value) / MICROSECONDS


def _days(value: object) -> float:
    return _duration(value) / DAY if isinstance(value, str) else parse_number(value)


def _seconds(value: object) -> float:
    return _duration(value) / MICROSECONDS if isinstance(value, str) else parse_number(value)
