"""Dates and times: one moment a row, of which date, year, month, weekday and quarter tell."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from pydantic import Field

from faasera.core.arrow import Integers, from_integers
from faasera.core.streams import below
from faasera.core.types import DATE, INTEGER, TIME, TIMESTAMP
from faasera.generators.context import Context
from faasera.generators.generator import Choice, Generator
from faasera.generators.ranges import grid
from faasera.generators.semantic.person import Attribute, longest
from faasera.generators.semantic.registry import Member, Subject, declare
from faasera.policy.model import Model

MOMENT = "moment"
_DAY_SECONDS = 86_400


class MomentArguments(Model):
    """How far back."""

    years: int = Field(10, ge=1, le=200, description="Moments of so many years before asOf.")


class Moment(Subject):
    """The moment of one group of columns."""

    kind = MOMENT

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        given = next(iter(member.siblings.values()), MomentArguments())
        end = np.datetime64(member.scope.as_of, "D").astype(np.int64)
        self.years = int(given.years)
        self.last = int(end) - 1
        self.days = int(self.years * 365.2425)

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last day."""
        return self.last - self.days + 1, self.last

    def seconds(self, context: Context) -> Integers:
        """Seconds since 1970."""
        found: Integers = self.shared(context, "seconds", lambda: self._seconds(context))
        return found

    def _seconds(self, context: Context) -> Integers:
        inside = below(self.words(context, "moment"), self.days * _DAY_SECONDS).view(np.int64)
        return inside + self.bounds[0] * _DAY_SECONDS

    def dates(self, context: Context) -> Integers:
        """Days since 1970."""
        return self.seconds(context) // _DAY_SECONDS

    def months(self, context: Context) -> Integers:
        """Months since 1970."""
        return self.dates(context).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _date(member: Member) -> Generator:
    moment = Moment.of(member)
    return Attribute(
        lambda context: from_integers(moment.dates(context), DATE), _phrase(moment, member), DATE, moment.bounds
    )


def _datetime(member: Member) -> Generator:
    moment = Moment.of(member)
    scale = _DAY_SECONDS * 1_000_000
    bounds = (moment.bounds[0] * scale, (moment.bounds[1] + 1) * scale - 1_000_000)
    return Attribute(
        lambda context: from_integers(moment.seconds(context) * 1_000_000, TIMESTAMP),
        _phrase(moment, member),
        TIMESTAMP,
        bounds,
    )


def _phrase(moment: Moment, member: Member) -> str:
    return f"within {moment.years} years before {member.scope.as_of}"


def _number(make: Callable[[Moment, Context], Integers], low: int, high: int) -> Callable[[Member], Generator]:
    def compiled(member: Member) -> Generator:
        moment = Moment.of(member)
        return Attribute(
            lambda context: from_integers(make(moment, context), INTEGER), _phrase(moment, member), INTEGER, (low, high)
        )

    return compiled


def _listed(key: str, make: Callable[[Moment, Context], Integers]) -> Callable[[Member], Generator]:
    def compiled(member: Member) -> Generator:
        moment = Moment.of(member)
        names = pa.array(member.locale.data["calendar"][key])

        def texts(context: Context) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(make(moment, context).astype(np.int32)), names, safe=False)

        return Attribute(texts, f"{_phrase(moment, member)}, {member.locale.name}", max_length=longest(names))

    return compiled


def _quarter(member: Member) -> Generator:
    moment = Moment.of(member)
    names = pa.array(["Q1", "Q2", "Q3", "Q4"])

    def texts(context: Context) -> pa.Array:
        return pa.DictionaryArray.from_arrays(
            pa.array((moment.months(context) % 12 // 3).astype(np.int32)), names, safe=False
        )

    return Attribute(texts, _phrase(moment, member), max_length=2)


def _time(member: Member) -> Choice:  # noqa: ARG001
    return Choice(grid(TIME, "00:00:00", "23:59:59", None))


_COMMON = {"kind": MOMENT, "arguments": MomentArguments}
declare(name="date", names=("date", "day", "calendardate"), summary="A day of the last years before asOf.", example="2024-05-17", compile=_date, data_type=DATE, **_COMMON)  # fmt: skip
declare(name="datetime", names=("datetime", "timestamp", "occurredat", "eventtime"), summary="A second of the last years before asOf.", example="2024-05-17 14:03:22", compile=_datetime, data_type=TIMESTAMP, **_COMMON)  # fmt: skip
declare(name="time", kind="", names=("time", "timeofday"), summary="A second of a day.", example="14:03:22", compile=_time, data_type=TIME)  # fmt: skip
declare(name="year", names=("year", "calendaryear"), summary="The year of the row's date.", example=2024, compile=_number(lambda moment, context: moment.months(context) // 12 + 1970, 1, 9999), data_type=INTEGER, **_COMMON)  # fmt: skip
declare(name="month", localised=True, names=("month", "monthname"), summary="The name of its month.", example="May", compile=_listed("months", lambda moment, context: moment.months(context) % 12), source="Unicode CLDR", **_COMMON)  # fmt: skip
declare(name="weekday", localised=True, names=("weekday", "dayofweek", "dayname"), summary="The name of its day of the week.", example="Friday", compile=_listed("weekdays", lambda moment, context: (moment.dates(context) + 3) % 7), source="Unicode CLDR", **_COMMON)  # fmt: skip
declare(name="quarter", names=("quarter",), summary="Its quarter.", example="Q2", compile=_quarter, pattern="Q[1-4]", **_COMMON)  # fmt: skip
