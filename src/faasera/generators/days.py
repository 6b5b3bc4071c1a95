"""Days as domains: those of chosen weekdays, and any dates as text."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import Integers, from_integers
from faasera.core.streams import Words
from faasera.core.types import DATE, STRING, TIMESTAMP, DataType
from faasera.core.value import ByContent
from faasera.generators.date_formats import format_dates
from faasera.generators.facts import Facts
from faasera.generators.generator import Axis, Domain
from faasera.generators.literals import MICROSECONDS
from faasera.generators.showing import show_whole

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAY_SECONDS = 86_400
_MOST_COUNTED = 1 << 18


@dataclass(frozen=True, eq=False)
class Week(ByContent):
    """Which days of the week count, and how many of them lie before a day.

    Attributes:
        names: those that count, in the order of the week.
    """

    names: tuple[str, ...] = WEEKDAYS

    @classmethod
    def of(cls, names: Collection[str]) -> "Week":
        """Of days in any order."""
        return cls(tuple(name for name in WEEKDAYS if name in names))

    @cached_property
    def _places(self) -> Integers:
        return np.array([WEEKDAYS.index(name) for name in self.names], dtype=np.int64)

    @cached_property
    def _before(self) -> Integers:
        return np.array([sum(place < day for place in self._places.tolist()) for day in range(7)], dtype=np.int64)

    @property
    def everything(self) -> bool:
        """Whether all days count."""
        return len(self.names) == 7

    def before(self, days: Integers) -> Integers:
        """How many days that count lie before each day, from a fixed Monday on."""
        weeks, place = np.divmod(days + 3, 7)  # 1970-01-01 was a Thursday
        return weeks * len(self.names) + self._before[place]

    def nth(self, counts: Integers) -> Integers:
        """The day before which so many days count: the inverse of ``before``."""
        weeks, place = np.divmod(counts, len(self.names))
        days: Integers = weeks * 7 + self._places[place] - 3
        return days


@dataclass(frozen=True)
class WeekdayDomain(Domain):
    """The days of a range that fall on given weekdays, or the seconds of these days.

    Attributes:
        week: which days count.
        skipped: how many such days lie before the first, counted by the week.
        head: seconds of the first day that lie before the range.
        size: how many days, or seconds.
        value_type: DATE or TIMESTAMP.
        ends: the first and the last value.
    """

    week: Week
    skipped: int
    head: int
    size: int
    value_type: DataType
    ends: tuple[int, int]

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, bounds=self.ends)

    @override
    def at(self, indices: Words) -> pa.Array:
        places = indices.view(np.int64)
        if self.value_type == DATE:
            return from_integers(self.week.nth(places + self.skipped), DATE)
        days, seconds = np.divmod(places + self.head, DAY_SECONDS)
        return from_integers((self.week.nth(days + self.skipped) * DAY_SECONDS + seconds) * MICROSECONDS, TIMESTAMP)

    @override
    def describe(self) -> str:
        first, last = (show_whole(value, self.value_type) for value in self.ends)
        return f"{first} … {last} on {', '.join(self.week.names)} ({self.size:,} values)"


@dataclass(frozen=True, eq=False)
class FormattedDomain(ByContent, Domain):
    """Another domain's dates as text."""

    inner: Domain
    format: str

    @cached_property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, max_length=self._longest())

    @property
    @override
    def size(self) -> int:
        return self.inner.size

    @property
    @override
    def axis(self) -> Axis | None:
        return self.inner.axis

    @cached_property
    def _listed(self) -> pa.Array | None:
        """All texts, where they are few."""
        if self.size > _MOST_COUNTED:
            return None
        return format_dates(self.inner.at(np.arange(self.size, dtype=np.uint64)), self.format)

    @property
    @override
    def distinct(self) -> bool:
        """Whether no two dates have the same text; known for up to 262,144 dates."""
        return self._listed is not None and len(self._listed.unique()) == self.size

    def _longest(self) -> int:
        """The longest text, in characters."""
        sample = self._listed
        if sample is None:
            places = np.linspace(0, self.size - 1, 4096).astype(np.uint64)
            sample = format_dates(self.inner.at(places), self.format)
        return int(pc.max(pc.utf8_length(sample)).as_py() or 0)

    @override
    def at(self, indices: Words) -> pa.Array:
        if self._listed is not None:
            return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), self._listed, safe=False)
        return format_dates(self.inner.at(indices), self.format)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()} as {self.format}"
