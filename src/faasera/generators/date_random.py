"""``DATE_RANDOM``: a date or timestamp between two ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers, Mask, from_integers, to_integers, valid_mask, with_nulls
from faasera.core.errors import RunError, pointer, refuse
from faasera.core.streams import Stream, unit
from faasera.core.types import DATE, STRING, TIMESTAMP, DataType
from faasera.generators.context import Context
from faasera.generators.date_formats import FormatError, directives, format_dates, tells_the_day
from faasera.generators.days import DAY_SECONDS, WEEKDAYS, FormattedDomain, Week, WeekdayDomain
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Generator, Made
from faasera.generators.literals import DAY, MICROSECONDS, Duration, has_time, parse_timestamp
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.ranges import GridDomain
from faasera.generators.reference import ParentValue
from faasera.generators.scope import Scope
from faasera.generators.showing import show_whole
from faasera.policy.model import DistributionOrName, Model, Rule
from faasera.policy.names import BRACED, read_name

_LITERAL = r"[^{}+\s]+(?:[ T]\d\d:[\d:.]+)?(?:\s?Z|[+-]\d\d(?::?\d\d)?)?"
_END = re.compile(rf"^\s*(?P<base>{BRACED}|asOf|{_LITERAL})\s*(?P<moves>(?:[+-]\s*P\S+\s*)*)$")
_MOVE = re.compile(r"([+-])\s*(P\S+)")


class DateRange(Model):
    """From ``start`` to ``end``, both included."""

    start: str = Field(
        description="A literal, asOf, {column} or {parent.column}, each with + or - a duration: {signup} + P30D."
    )
    end: str = Field(description="Likewise; a day without a time lasts until 23:59:59.")


class DateRule(Rule):
    """A random date or timestamp between two ends."""

    range: DateRange = Field(description="The two ends.")
    format: str | None = Field(None, min_length=1, description="Text instead of dates, by strftime: %d.%m.%Y.")
    distribution: DistributionOrName | None = Field(None, description="How likely each day is; for literal ends.")
    weekdays: list[Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]] | None = Field(
        None, min_length=1, description="Only these days of the week."
    )
    ascending: bool = Field(False, description="Among the children of one parent, each later than the one before.")


@dataclass(frozen=True)
class _End:
    """One end of a range.

    Attributes:
        text: as written.
        moment: microseconds since 1970, for a literal.
        source: what makes the column, for a column.
        column: the column's name, or its path through foreign keys.
        duration: added to it.
        timed: whether it has a time of day.
    """

    text: str
    duration: Duration
    timed: bool
    moment: int = 0
    source: Generator | None = None
    column: str = ""

    def bounds(self) -> tuple[int, int] | None:
        """The earliest and latest moment; None where that is unknown."""
        if self.source is None:
            ends = self.moment, self.moment
        elif self.source.bounds is None:
            return None
        else:
            factor = DAY if self.source.data_type == DATE else 1
            ends = self.source.bounds[0] * factor, self.source.bounds[1] * factor
        low, high = self.duration.add_to(np.array(ends, dtype=np.int64)).tolist()
        return low, high

    def moments(self, context: Context) -> tuple[Integers, Mask | None]:
        """The end in every row, and which rows have one."""
        if self.source is None:
            moment = self.duration.add_to(np.array([self.moment], dtype=np.int64))
            return np.broadcast_to(moment, len(context.rows)), None
        is_path = isinstance(self.source, ParentValue)
        array = self.source.generate(context) if is_path else context.column(self.column)
        values, valid = to_integers(array), valid_mask(array)
        if valid is not None:
            values = np.where(valid, values, 0)
        return self.duration.add_to(values * DAY if self.source.data_type == DATE else values), valid


def _read_end(text: str, name: str, scope: Scope) -> _End | None:
    problems = scope.problems.at("range", name)
    match = _END.match(text)
    if not match:
        remedy = "Write a date, asOf, {column} or {parent.column}, then + or - a duration such as P30D."
        problems.add("date-end", f"{text!r} is not an end of a date range", remedy)
        return None
    duration = Duration()
    for sign, move in _MOVE.findall(match["moves"]):
        try:
            step = Duration.parse(move)
        except ValueError as error:
            problems.add("date-end", str(error), "Correct the duration.")
            return None
        step = -step if sign == "-" else step
        duration = Duration(duration.months + step.months, duration.microseconds + step.microseconds)
    base = match["base"]
    if base == "asOf":
        return _End(text, duration, duration.has_time, parse_timestamp(scope.as_of.isoformat()))
    if not base.startswith("{"):
        try:
            return _End(text, duration, has_time(base) or duration.has_time, parse_timestamp(base))
        except ValueError as error:
            problems.add("date-end", str(error), "Write YYYY-MM-DD, with or without HH:MM:SS.")
            return None
    named = read_name(base[1:-1])
    found = scope.find(named, at=f"range/{name}")
    if found is None:
        return None
    source, column = found.source, named.name
    if source.data_type not in (DATE, TIMESTAMP):
        problems.add(
            "date-end", f"'{column}' is {source.data_type}, not a date", "Refer to a DATE or TIMESTAMP column."
        )
        return None
    return _End(text, duration, source.data_type == TIMESTAMP or duration.has_time, source=source, column=column)


@dataclass(frozen=True)
class BetweenGenerator(Generator):
    """A date between two ends that differ from row to row, uniformly."""

    start: _End
    end: _End
    week: Week
    value_type: DataType
    format: str | None
    stream: Stream
    where: str
    ascending: bool = False

    @property
    @override
    def facts(self) -> Facts:
        nullable = any(end.source is not None and end.source.nullable for end in (self.start, self.end))
        return Facts(
            STRING if self.format is not None else self.value_type,
            nullable=nullable,
            # The children of a parent then have different days.
            numbering=self.ascending and self.format is None and not nullable,
            bounds=self._around(),
            uses=tuple(end.column for end in (self.start, self.end) if end.column),
        )

    def _around(self) -> tuple[int, int] | None:
        """The earliest start and the latest end."""
        start, end = self.start.bounds(), self.end.bounds()
        if start is None or end is None or self.format is not None:
            return None
        if self.value_type == DATE:
            return start[0] // DAY, end[1] // DAY
        return start[0], end[1] if self.end.timed else end[1] + DAY - MICROSECONDS

    @override
    def generate(self, context: Context) -> pa.Array:
        first, first_valid = self.start.moments(context)
        last, last_valid = self.end.moments(context)
        valid = first_valid if last_valid is None else (last_valid if first_valid is None else first_valid & last_valid)
        share = unit(self.stream.words(context.rows))
        if self.value_type == TIMESTAMP and self.week.everything:
            low = -(-first // MICROSECONDS)
            high = last // MICROSECONDS + (0 if self.end.timed else DAY_SECONDS - 1)
            values = self._between(share, low, high, valid, context) * MICROSECONDS
        else:
            low, high = self.week.before(first // DAY), self.week.before(last // DAY + 1) - 1
            values = self.week.nth(self._between(share, low, high, valid, context))
            if self.value_type == TIMESTAMP:
                second = np.floor(unit(self.stream.sub("time").words(context.rows)) * DAY_SECONDS).astype(np.int64)
                values = np.clip(
                    values * DAY + second * MICROSECONDS, first, last if self.end.timed else last + DAY - MICROSECONDS
                )
        array = with_nulls(from_integers(values, self.value_type), valid)
        return format_dates(array, self.format) if self.format else array

    def _between(
        self, share: npt.NDArray[np.float64], low: Integers, high: Integers, valid: Mask | None, context: Context
    ) -> Integers:
        if self.ascending:
            low, high = _slots(low, high, context)
        width = high - low + 1
        wrong = width < 1 if valid is None else (width < 1) & valid
        if wrong.any():
            row = int(context.rows[int(np.argmax(wrong))])
            room = "there is no room for each child's own day" if self.ascending else "no day lies"
            message = f"row {row}: {room} between {self.start.text} and {self.end.text}"
            refuse("date-order", message, "Move the ends apart.", at=self.where, kind=RunError)
        places: Integers = low + np.minimum(np.floor(share * width).astype(np.int64), np.maximum(width - 1, 0))
        return places

    @override
    def describe(self) -> str:
        days = "" if self.week.everything else f" on {', '.join(self.week.names)}"
        order = ", rising from child to child" if self.ascending else ""
        form = f" as {self.format}" if self.format else ""
        return f"from {self.start.text} to {self.end.text}{days}{order}{form}"


def _slots(low: Integers, high: Integers, context: Context) -> tuple[Integers, Integers]:
    """The part of a range that belongs to each child, when all children of a parent share it evenly."""
    ranks, counts, width = context.siblings().ranks, context.sibling_counts(), np.maximum(high - low + 1, 0)
    share, rest = np.divmod(width, counts)
    first = low + ranks * share + np.minimum(ranks, rest)
    return first, first + share + (ranks < rest) - 1


def _compile(rule: DateRule, scope: Scope) -> Made | None:
    start, end = _read_end(rule.range.start, "start", scope), _read_end(rule.range.end, "end", scope)
    if start is None or end is None:
        return None
    data_type = _type_of(rule, timed=start.timed or end.timed, scope=scope)
    if data_type is None or (rule.format is not None and not _format_works(rule.format, scope)):
        return None
    week = Week.of(rule.weekdays or WEEKDAYS)
    if rule.ascending and not _can_ascend(start, end, week, data_type, scope):
        return None
    if start.source is None and end.source is None and not rule.ascending:
        domain = _fixed(start, end, week, data_type, scope)
        if domain is None:
            return None
        return Choice(FormattedDomain(domain, rule.format) if rule.format else domain, None, rule.distribution)
    if not _is_uniform(rule, scope) or not _in_order(start, end, week, scope):
        return None
    where = pointer(*scope.problems.path)
    return BetweenGenerator(start, end, week, data_type, rule.format, scope.stream(), where, rule.ascending)


def _type_of(rule: DateRule, *, timed: bool, scope: Scope) -> DataType | None:
    """DATE or TIMESTAMP, whether or not these are written as text; None after a problem was reported."""
    by_ends = TIMESTAMP if timed else DATE
    if rule.data_type is None:
        return by_ends
    wanted = DataType.parse(rule.data_type)
    allowed = (STRING,) if rule.format else (DATE, TIMESTAMP)
    if wanted not in allowed:
        message = f"this rule makes {' or '.join(map(str, allowed))}, not {wanted}"
        scope.problems.add("data-type", message, "Change or leave out 'dataType'.", at=["dataType"])
        return None
    return by_ends if wanted == STRING else wanted


def _is_uniform(rule: DateRule, scope: Scope) -> bool:
    """Whether a rule whose ends differ by row asks for no distribution over them."""
    if rule.distribution is None or rule.distribution.type == "UNIFORM":
        return True
    message = f"{rule.distribution.type} needs ends that are the same in every row"
    scope.problems.add("distribution-type", message, "Remove it, or use literal ends.", at=["distribution"])
    return False


def _format_works(form: str, scope: Scope) -> bool:
    try:
        named = directives(form)
    except FormatError as error:
        scope.problems.add("date-format", str(error), "Write for example %d.%m.%Y.", at=["format"])
        return False
    if all(directive in ("", "%") for _, directive in named):
        message = f"{form!r} is not a format of strftime"
        scope.problems.add("date-format", message, "Write for example %d.%m.%Y.", at=["format"])
        return False
    return True


def _fixed(start: _End, end: _End, week: Week, data_type: DataType, scope: Scope) -> Domain | None:
    bounds = start.bounds(), end.bounds()
    first, last = (pair[0] if pair else 0 for pair in bounds)
    if not end.timed and data_type == TIMESTAMP:
        last += DAY - MICROSECONDS
    if first > last:
        message = f"the range is turned round: {start.text} is after {end.text}"
        scope.problems.add("range", message, "Swap the ends.", at=["range"])
        return None
    if week.everything:
        if data_type == DATE:
            return GridDomain(DATE, first // DAY, 1, last // DAY - first // DAY + 1)
        first = -(-first // MICROSECONDS) * MICROSECONDS
        if first > last:
            message = f"no whole second lies between {start.text} and {end.text}"
            scope.problems.add("range", message, "Widen the range, or use RANDOM with a step.", at=["range"])
            return None
        return GridDomain(TIMESTAMP, first, MICROSECONDS, (last - first) // MICROSECONDS + 1)
    skipped, until = (int(week.before(np.array([day]))[0]) for day in (first // DAY, last // DAY + 1))
    if until == skipped:
        message = f"no {' or '.join(week.names)} lies between {start.text} and {end.text}"
        scope.problems.add("weekdays", message, "Widen the range, or allow more days.", at=["weekdays"])
        return None
    opening, closing = (int(day) for day in week.nth(np.array([skipped, until - 1])))
    if data_type == DATE:
        return WeekdayDomain(week, skipped, 0, until - skipped, DATE, (opening, closing))
    head = max(0, -(-first // MICROSECONDS) - opening * DAY_SECONDS)
    tail = max(0, (closing + 1) * DAY_SECONDS - 1 - last // MICROSECONDS)
    size = (until - skipped) * DAY_SECONDS - head - tail
    ends = (opening * DAY_SECONDS + head) * MICROSECONDS, ((closing + 1) * DAY_SECONDS - 1 - tail) * MICROSECONDS
    return WeekdayDomain(week, skipped, head, size, TIMESTAMP, ends)


def _can_ascend(start: _End, end: _End, week: Week, data_type: DataType, scope: Scope) -> bool:
    """Whether the ends are the same for all children of a parent, and far enough apart for the most children."""
    problems, family = scope.problems.at("ascending"), scope.family
    if family is None:
        message = "'ascending' is about the children of one parent, and no foreign key decides these"
        problems.add("no-siblings", message, "Give a foreign key 'childrenPerParent'.")
        return False
    for final in (start, end):
        if final.source is not None and not (
            isinstance(final.source, ParentValue) and final.source.path[0] == family.name
        ):
            message = f"{final.text} differs from child to child, and the range must be the same for all of them"
            problems.add("date-end", message, f"Refer to a column of the parent by '{family.name}', or to a literal.")
            return False
    room = _least_room(start, end, week, data_type)
    if room is not None and room < family.most:
        unit = "seconds" if data_type == TIMESTAMP and week.everything else "days"
        message = f"a parent has up to {family.most:,} children, and the range {max(room, 0):,} {unit}"
        problems.add("domain-too-small", message, "Move the ends apart, or lower 'max'.")
        return False
    return True


def _least_room(start: _End, end: _End, week: Week, data_type: DataType) -> int | None:
    """The fewest days, or seconds, between the ends; None where that is not known."""
    if start.column and start.column == end.column:
        gap = Duration(
            end.duration.months - start.duration.months, end.duration.microseconds - start.duration.microseconds
        )
        shortest = gap.microseconds + gap.months * DAY * (28 if gap.months > 0 else 31)
    else:
        opening, closing = start.bounds(), end.bounds()
        if opening is None or closing is None:
            return None
        shortest = closing[0] - opening[1]
    if data_type == TIMESTAMP and week.everything:
        return shortest // MICROSECONDS + (1 if end.timed else DAY_SECONDS)
    days = shortest // DAY + 1
    return days if week.everything else days // 7 * len(week.names)


def _in_order(start: _End, end: _End, week: Week, scope: Scope) -> bool:
    """Whether the start can never be after the end; where that is unknown, rows are checked as they are made."""
    if start.column and start.column == end.column:
        gap = Duration(
            end.duration.months - start.duration.months, end.duration.microseconds - start.duration.microseconds
        )
        shortest = gap.microseconds + gap.months * DAY * (28 if gap.months > 0 else 31)
        needed = 0 if week.everything else 6 * DAY
        if shortest >= needed:
            return True
        message = f"the range from {start.text} to {end.text} can be too short or turned round"
        scope.problems.add("date-order", message, "Widen the range.", at=["range"])
        return False
    opening, closing = start.bounds(), end.bounds()
    if opening is None or closing is None:
        return True
    if opening[1] <= closing[0] + (0 if end.timed else DAY - MICROSECONDS):
        return True
    late, early = (show_whole(moment, TIMESTAMP) for moment in (opening[1], closing[0]))
    message = f"{start.text} can be as late as {late}, and {end.text} as early as {early}"
    scope.problems.add(
        "date-order", message, "Let the range end later, or relative to its start: {start} + P30D.", at=["range"]
    )
    return False


def _checked(rule: DateRule, column: WrittenColumn) -> Iterator[Promise]:
    value = f"CAST({column.sql} AS TIMESTAMP)"
    if rule.format is not None:
        value = column.parsed(rule.format)
        yield Promise("format", f"{column.sql} IS NOT NULL AND {value} IS NULL")
        if not tells_the_day(rule.format):
            return
    (start, start_timed), (end, end_timed) = (end_sql(column, text) for text in (rule.range.start, rule.range.end))
    whole_days = column.data_type == DATE or (rule.format is not None and not (start_timed or end_timed))
    if whole_days:
        wrong = f"CAST({value} AS DATE) NOT BETWEEN CAST({start} AS DATE) AND CAST({end} AS DATE)"
    elif rule.format is not None:
        wrong = f"{value} NOT BETWEEN date_trunc('day', {start}) AND {end} + INTERVAL 1 DAY"
    else:
        until = f"{value} > {end}" if end_timed else f"{value} >= date_trunc('day', {end}) + INTERVAL 1 DAY"
        wrong = f"({value} < {start} OR {until})"
    yield Promise("range", wrong)
    if rule.weekdays and rule.format is None:
        days = ", ".join(str(WEEKDAYS.index(day) + 1) for day in rule.weekdays)
        yield Promise("weekdays", f"isodow({column.sql}) NOT IN ({days})")
    if rule.ascending and rule.format is None:
        yield Promise("ascending", f"{column.sql} <= {column.previous()}")


def end_sql(column: WrittenColumn, text: str) -> tuple[str, bool]:
    """An end of a column's range as a timestamp in DuckDB's SQL, and whether it has a time of day."""
    found = _END.match(text)
    assert found is not None
    moves, base = _MOVE.findall(found["moves"]), found["base"]
    if base == "asOf":
        made, timed = f"TIMESTAMP '{column.as_of}'", False
    elif base.startswith("{"):
        made, timed = column.moment(read_name(base[1:-1]))
    else:
        made, timed = f"TIMESTAMP {column.text(show_whole(parse_timestamp(base), TIMESTAMP))}", has_time(base)
    months = microseconds = 0
    for sign, move in moves:
        step = Duration.parse(move)
        factor = -1 if sign == "-" else 1
        months += factor * step.months
        microseconds += factor * step.microseconds
        timed = timed or step.has_time
    if months:
        made = f"CAST({made} + to_months({months}) AS TIMESTAMP)"
    if microseconds:
        made = f"({made} + to_microseconds({microseconds}))"
    return made, timed


GENERATORS.add(
    GeneratorType(
        name="DATE_RANDOM",
        summary="A date or timestamp between two ends, which may be other columns, moved by durations.",
        example={
            "type": "DATE_RANDOM",
            "range": {"start": "2024-01-01", "end": "2024-12-31"},
            "weekdays": ["MON", "FRI"],
        },
        rule=DateRule,
        accepts=("DATE", "TIMESTAMP", "STRING"),
        compile=_compile,
        derived=True,
        checked=_checked,
    )
)
