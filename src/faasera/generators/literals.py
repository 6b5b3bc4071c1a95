"""Dates, times and durations as a policy writes them, and as whole numbers."""

import datetime
import re
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from faasera.core.arrow import Integers
from faasera.core.types import DATE, TIME, TIMESTAMP, DataType

MICROSECONDS = 1_000_000
_MOST_DIGITS = 400
_CONTEXT = Context(prec=4 * _MOST_DIGITS)
"""Keeps all digits of a literal; the ordinary one rounds to 28."""
DAY = 86_400 * MICROSECONDS
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_FIRST = (1 - _EPOCH) * DAY
_LAST = (datetime.date.max.toordinal() + 1 - _EPOCH) * DAY - 1
_FRACTION = re.compile(r":\d\d[.,](\d+)")
_DURATION = re.compile(
    r"^(?P<sign>-?)P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?$"
)


def parse_date(text: object) -> int:
    """Days since 1970 of ``YYYY-MM-DD``.

    Raises:
        ValueError: it is not a date.
    """
    try:
        return datetime.date.fromisoformat(str(text)).toordinal() - _EPOCH
    except ValueError:
        raise ValueError(f"{text!r} is not a date; write YYYY-MM-DD") from None


def has_time(text: str) -> bool:
    """Whether a literal has a time of day."""
    return len(text) > 10 and text[10] in "T "


def parse_timestamp(text: object) -> int:
    """Microseconds since 1970 of ``YYYY-MM-DD``, with or without ``HH:MM[:SS[.ffffff]]`` and ``Z`` or an offset.

    Timestamps have no time zone: what has one is moved to UTC.

    Raises:
        ValueError: it is not a timestamp, or has parts of a microsecond.
    """
    exact = _with_microseconds(text)
    try:
        moment = datetime.datetime.fromisoformat(exact)
    except ValueError:
        raise ValueError(f"{text!r} is not a timestamp; write YYYY-MM-DD HH:MM:SS") from None
    offset = moment.utcoffset() or datetime.timedelta()
    local = (moment.date().toordinal() - _EPOCH) * DAY + parse_time(moment.time())
    moved = local - offset // datetime.timedelta(microseconds=1)
    if not _FIRST <= moved <= _LAST:
        raise ValueError(f"{text!r} lies in UTC outside of the years 1 … 9999")
    return moved


def parse_time(value: object) -> int:
    """Microseconds since midnight of ``HH:MM[:SS[.ffffff]]``.

    Raises:
        ValueError: it is not a time of day, or has a time zone or parts of a microsecond.
    """
    exact = _with_microseconds(value)
    try:
        time = value if isinstance(value, datetime.time) else datetime.time.fromisoformat(exact)
    except ValueError:
        raise ValueError(f"{value!r} is not a time of day; write HH:MM:SS") from None
    if time.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone, and a time of day has none; write it without")
    return ((time.hour * 60 + time.minute) * 60 + time.second) * MICROSECONDS + time.microsecond


def _with_microseconds(value: object) -> str:
    """A literal whose fraction of a second has six digits at most.

    Raises:
        ValueError: it has more that are not 0, which nobody keeps.
    """
    match = _FRACTION.search(str(value))
    if match is None:
        return str(value)
    if match[1][6:].strip("0"):
        raise ValueError(f"{value!r} has parts of a microsecond")
    return str(value)[: match.start(1)] + match[1][:6] + str(value)[match.end(1) :].replace(" ", "")


def parse_decimal(value: object, scale: int) -> int:
    """A number as unscaled digits: ``12.5`` with scale 2 is 1250.

    Raises:
        ValueError: it is no finite number or has more digits after the point.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError(f"{value!r} is not a finite number")
        if number.adjusted() > _MOST_DIGITS:
            raise ValueError(f"{value!r} is larger than any number here")
        scaled = number.scaleb(scale, _CONTEXT)
        if scaled != scaled.to_integral_value():
            raise ValueError(
                f"{value!r} has more than {scale} digits after the point"
                if scale
                else f"{value!r} is not a whole number"
            )
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    return int(scaled)


def parse_number(value: object) -> float:
    """A finite number.

    Raises:
        ValueError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None
    if not np.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


@dataclass(frozen=True)
class Duration:
    """An ISO 8601 duration: calendar months, and microseconds of the rest."""

    months: int = 0
    microseconds: int = 0

    @classmethod
    def parse(cls, text: object) -> "Duration":
        """Read ``P30D``, ``P1Y6M``, ``PT12H``, ``PT0.25S``, ``-P2W``.

        Raises:
            ValueError: it is not a duration.
        """
        match = _DURATION.match(str(text))
        if not match:
            raise ValueError(f"{text!r} is not a duration; write for example P30D, P1Y6M or PT12H")
        seconds = match["seconds"] or "0"
        part = {name: int(value or 0) for name, value in match.groupdict().items() if name not in ("sign", "seconds")}
        clock = (part["hours"] * 3600 + part["minutes"] * 60) * MICROSECONDS + parse_decimal(seconds, 6)
        sign = -1 if match["sign"] else 1
        return cls(
            sign * (part["years"] * 12 + part["months"]),
            sign * ((part["weeks"] * 7 + part["days"]) * DAY + clock),
        )

    def __neg__(self) -> "Duration":
        """The same length in the other direction."""
        return Duration(-self.months, -self.microseconds)

    def __bool__(self) -> bool:
        """Whether it is any length at all."""
        return bool(self.months or self.microseconds)

    @property
    def has_time(self) -> bool:
        """Whether it is not a whole number of days."""
        return self.microseconds % DAY != 0

    def add_to(self, moments: Integers) -> Integers:
        """Microseconds since 1970, moved; a day that a month does not have becomes its last."""
        if self.months:
            days, rest = np.divmod(moments, DAY)
            moments = add_months(days, self.months) * DAY + rest
        return moments + self.microseconds


def add_months(days: Integers, months: int) -> Integers:
    """Days since 1970, moved by calendar months; a day that a month does not have becomes its last."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    moved: npt.NDArray[np.int64] = first + np.minimum(day, length - 1)
    return moved


def parse_whole(value: object, data_type: DataType) -> int:
    """A literal of a discrete type as its whole number.

    Raises:
        ValueError: it is not of that type, or does not fit into it.
    """
    if data_type == DATE:
        return parse_date(value)
    if data_type == TIMESTAMP:
        return parse_timestamp(value)
    if data_type == TIME:
        return parse_time(value)
    whole = parse_decimal(value, data_type.scale)
    lowest = 1 - data_type.limit if data_type.is_decimal else -data_type.limit
    if not lowest <= whole < data_type.limit:
        raise ValueError(f"{value!r} does not fit into {data_type}")
    return whole
