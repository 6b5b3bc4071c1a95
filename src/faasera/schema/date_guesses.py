"""Dates that may suit a column: after another column, or within the days that constraints give."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from faasera.core.types import DATE, TIMESTAMP, DataType
from faasera.generators.semantic.neighbours import words_of
from faasera.policy.names import braced
from faasera.schema.column_place import ColumnPlace, Guess

_STEPS = {"day": "P1D", "hour": "PT1H", "minute": "PT1M", "second": "PT1S"}
_MOST_VALUES = 1200
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d([T ]00:00:00(\.0+)?)?")
_FIRST_DAY, _LAST_DAY = "2020-01-01", "2025-12-31"
_LATER = ("updated", "modified", "changed", "ended", "end", "finished", "closed", "completed", "until", "to", "expires", "returned", "shipped", "delivered", "due", "deleted", "last")  # fmt: skip
_EARLIER = ("created", "started", "start", "opened", "begin", "from", "since", "ordered", "order", "rental", "hire", "first", "issued", "placed")  # fmt: skip


def dates(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """Dates, the most telling first."""
    if place.facts.unit is not None or place.facts.parts:
        yield from _cut(place, data_type)
    after = [one for one in place.facts.after if one in place.dates]
    found = _after(after[0], data_type) if after else _later(place)
    if found is not None:
        (start, end), reason = found
        yield _date(data_type, start, end, reason)
    start, end = _days(place)
    yield _date(data_type, start, end, "any day of some years")


def _cut(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """Dates that are cut to a unit, or of some months, days or weekdays alone."""
    facts, unit = place.facts, place.facts.unit
    start, end = (datetime.date.fromisoformat(one[:10]) for one in _days(place))
    if place.keyed and facts.low is None and facts.above is None:
        start = datetime.date(1950, 1, 1)
    if unit in _STEPS and data_type == TIMESTAMP:
        ends = {"min": f"{start} 00:00:00", "max": f"{end} 00:00:00", "step": _STEPS[unit]}
        yield {"type": "RANDOM", "dataType": str(data_type), "range": ends, "guess": ""}
        return
    days = [start + datetime.timedelta(days=one) for one in range((end - start).days + 1)]
    kept = [one for one in days if _fits(one, unit, facts.parts)]
    if kept:
        values = [str(one) if data_type == DATE else f"{one} 00:00:00" for one in kept[:_MOST_VALUES]]
        yield {
            "type": "SEED",
            "dataType": str(data_type),
            "values": values,
            "guess": "some years, as a constraint says",
        }


def _fits(day: datetime.date, unit: str | None, parts: dict[str, list[int]]) -> bool:
    """Whether a day is the first of its unit, and has these parts."""
    first = {
        "year": (day.month, day.day) == (1, 1),
        "quarter": day.month % 3 == 1 and day.day == 1,
        "month": day.day == 1,
        "week": day.isoweekday() == 1,
    }
    have = {"year": day.year, "month": day.month, "day": day.day, "weekday": day.isoweekday()}
    return first.get(unit or "", True) and all(have[part] in allowed for part, allowed in parts.items())


def _date(data_type: DataType, start: str, end: str, reason: str) -> Guess:
    ends = {"start": start, "end": end}
    return {"type": "DATE_RANDOM", "dataType": str(data_type), "range": ends, "guess": reason}


def _after(other: str, data_type: DataType) -> tuple[tuple[str, str], str]:
    """The ends of what comes after another column by a constraint, and why."""
    least, most = "PT0S" if data_type == TIMESTAMP else "P1D", "P90D"
    if {"born", "birth", "dob"} & set(words_of(other)):
        least, most = "P18Y", "P90Y"
    return (f"{braced(other)} + {least}", f"{braced(other)} + {most}"), f"after {other}, as a constraint says"


def _later(place: ColumnPlace) -> tuple[tuple[str, str], str] | None:
    """The ends of what comes after another column by its name, and why; None where nothing says so."""
    facts = place.facts
    bounded = any(one is not None for one in (facts.low, facts.above, facts.high, facts.below))
    if bounded or not set(_LATER) & set(words_of(place.column.name)):
        return None
    earlier = next((one for one in place.dates if set(_EARLIER) & set(words_of(one))), None)
    if earlier is None:
        return None
    return (braced(earlier), f"{braced(earlier)} + P90D"), f"named like what comes after {earlier}"


def _moved(end: Any, days: int) -> Any:
    """The day beside an end that is not reached; what is no midnight as it is."""
    text = str(end)
    if end is None or not _MIDNIGHT.fullmatch(text):
        return end
    return str(datetime.date.fromisoformat(text[:10]) + datetime.timedelta(days=days))


def _days(place: ColumnPlace) -> tuple[str, str]:
    """The first and the last day, by constraints as far as they say, and a few years where they do not."""
    least = place.facts.low or _moved(place.facts.above, 1)
    most = place.facts.high or _moved(place.facts.below, -1)
    born = {"born", "birth"} & set(words_of(place.column.name))
    first, last = ("1940-01-01", "2007-12-31") if born else (_FIRST_DAY, _LAST_DAY)
    start = str(least or first)
    stop = str(most or max(last, start[:10]))
    if most and not least and start > stop:
        start = f"{int(stop[:4]) - 5:04d}{stop[4:10]}"
    if least and not most and stop <= start[:10]:
        stop = f"{int(start[:4]) + 5:04d}-12-31"
    return start, stop
