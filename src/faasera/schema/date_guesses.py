"""Dates that may suit a column: after another column, or within the days that constraints give."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from faasera.core.types import TIMESTAMP, DataType
from faasera.generators.semantic.neighbours import words_of
from faasera.policy.names import braced
from faasera.schema.column_place import ColumnPlace, Guess

_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d([T ]00:00:00(\.0+)?)?")
_FIRST_DAY, _LAST_DAY = "2020-01-01", "2025-12-31"
_LATER = ("updated", "modified", "changed", "ended", "end", "finished", "closed", "completed", "until", "to", "expires", "returned", "shipped", "delivered", "due", "deleted", "last")  # fmt: skip
_EARLIER = ("created", "started", "start", "opened", "begin", "from", "since", "ordered", "order", "rental", "hire", "first", "issued", "placed")  # fmt: skip


def dates(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """Dates, the most telling first."""
    after = [one for one in place.facts.after if one in place.dates]
    found = _after(after[0], data_type) if after else _later(place)
    if found is not None:
        (start, end), reason = found
        yield _date(data_type, start, end, reason)
    start, end = _days(place)
    yield _date(data_type, start, end, "any day of some years")


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
