"""Dates and times: one moment a row, of which date, year, month, weekday and quarter tell."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers, from_integers
from faasera.core.streams import below
from faasera.core.types import DATE, INTEGER, STRING, TIME, TIMESTAMP
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.ranges import grid
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.known import most_characters
from faasera.generators.semantic.registry import declare
from faasera.policy.model import Model
from faasera.vocabulary.reference import locale_data

MOMENT = "moment"
_DAY_SECONDS = 86_400


class MomentArguments(Model):
    """How far back."""

    years: int = Field(10, ge=1, le=200, description="Moments of so many years before asOf.")


@dataclass(frozen=True, eq=False)
class Moment(Subject):
    """The moment of one group of columns.

    Attributes:
        as_of: the day before which it lies.
        years: within how many years.
    """

    as_of: datetime.date
    years: int
    kind = MOMENT

    @classmethod
    @override
    def of(cls, column: SemanticColumn) -> Self:
        given = next(iter(column.given(MomentArguments)), MomentArguments())
        return cls(column.group, column.scope.as_of, given.years)

    @property
    def phrase(self) -> str:
        """For the plan."""
        return f"within {self.years} years before {self.as_of}"

    @property
    def days(self) -> int:
        """How many days it can lie on."""
        return int(self.years * 365.2425)

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last day, since 1970."""
        last = int(np.datetime64(self.as_of, "D").astype(np.int64)) - 1
        return last - self.days + 1, last

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

    def quarters(self, context: Context) -> Integers:
        """Quarters of the year, from 0."""
        return self.months(context) % 12 // 3


def _date_of(moment: Moment, context: Context) -> pa.Array:
    return from_integers(moment.dates(context), DATE)


def _date(column: SemanticColumn) -> Generator:
    moment = Moment.of(column)
    return Attribute(moment, _date_of, moment.phrase, Facts(DATE, bounds=moment.bounds))


def _datetime_of(moment: Moment, context: Context) -> pa.Array:
    return from_integers(moment.seconds(context) * 1_000_000, TIMESTAMP)


def _datetime(column: SemanticColumn) -> Generator:
    moment = Moment.of(column)
    scale = _DAY_SECONDS * 1_000_000
    bounds = (moment.bounds[0] * scale, (moment.bounds[1] + 1) * scale - 1_000_000)
    return Attribute(moment, _datetime_of, moment.phrase, Facts(TIMESTAMP, bounds=bounds))


def _year_of(moment: Moment, context: Context) -> pa.Array:
    return from_integers(moment.months(context) // 12 + 1970, INTEGER)


def _year(column: SemanticColumn) -> Generator:
    moment = Moment.of(column)
    return Attribute(moment, _year_of, moment.phrase, Facts(INTEGER, bounds=(1, 9999)))


@cache
def _calendar(locale: str, key: str) -> pa.Array:
    """The names of months or weekdays."""
    return pa.array(locale_data(locale).data["calendar"][key])


def _calendar_of(moment: Moment, context: Context, key: str) -> pa.Array:
    places = moment.months(context) % 12 if key == "months" else (moment.dates(context) + 3) % 7
    return dictionary(places, _calendar(moment.group.locale, key))


def _of_the_calendar(key: str) -> Callable[[SemanticColumn], Generator]:
    def compiled(column: SemanticColumn) -> Generator:
        moment, locale = Moment.of(column), column.group.locale
        phrase, longest = f"{moment.phrase}, {locale}", most_characters(_calendar, locale, key)
        return Attribute(moment, _calendar_of, phrase, Facts(STRING, max_length=longest), arguments=(key,))

    return compiled


@cache
def _quarters() -> pa.Array:
    return pa.array(["Q1", "Q2", "Q3", "Q4"])


def _quarter_of(moment: Moment, context: Context) -> pa.Array:
    return dictionary(moment.quarters(context), _quarters())


def _quarter(column: SemanticColumn) -> Generator:
    moment = Moment.of(column)
    return Attribute(moment, _quarter_of, moment.phrase, Facts(STRING, max_length=2))


def _time(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(grid(TIME, "00:00:00", "23:59:59", None))


_COMMON = {"kind": MOMENT, "arguments": MomentArguments}
declare(name="date", names=("date", "day", "calendardate"), summary="A day of the last years before asOf.", example="2024-05-17", compile=_date, data_type=DATE, **_COMMON)  # fmt: skip
declare(name="datetime", names=("datetime", "timestamp", "occurredat", "eventtime"), summary="A second of the last years before asOf.", example="2024-05-17 14:03:22", compile=_datetime, data_type=TIMESTAMP, **_COMMON)  # fmt: skip
declare(name="time", kind="", names=("time", "timeofday"), summary="A second of a day.", example="14:03:22", compile=_time, data_type=TIME)  # fmt: skip
declare(name="year", names=("year", "calendaryear"), summary="The year of the row's date.", example=2024, compile=_year, data_type=INTEGER, **_COMMON)  # fmt: skip
declare(name="month", localised=True, names=("month", "monthname"), summary="The name of its month.", example="May", compile=_of_the_calendar("months"), source="Unicode CLDR", **_COMMON)  # fmt: skip
declare(name="weekday", localised=True, names=("weekday", "dayofweek", "dayname"), summary="The name of its day of the week.", example="Friday", compile=_of_the_calendar("weekdays"), source="Unicode CLDR", **_COMMON)  # fmt: skip
declare(name="quarter", names=("quarter",), summary="Its quarter.", example="Q2", compile=_quarter, pattern="Q[1-4]", **_COMMON)  # fmt: skip
