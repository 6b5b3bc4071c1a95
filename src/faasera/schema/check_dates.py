"""Dates in CHECK constraints: the clock, lengths of time, parts of dates and dates that are cut."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from faasera.schema.translator import (
    Maker,
    Translator,
    UntranslatableError,
    bare,
    number_of,
    text_of,
    uncast,
)

NOW, LATER = "as_of()", "add_months(as_of(), 120)"
"""What stands for the clock where it is a limit from above, and from below: the rows are loaded within ten years."""
_CLOCK = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
_CLOCK_CALLS = (
    "clock_timestamp", "statement_timestamp", "transaction_timestamp", "getdate", "getutcdate", "sysdate", "curdate", "now", "localtimestamp",
)  # fmt: skip
_MONOTONE = (
    exp.Paren,
    exp.Cast,
    exp.Year,
    exp.TsOrDsToDate,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.Date,
    exp.AtTimeZone,
    exp.DateAdd,
    exp.DateSub,
)
_SYMBOLS: dict[type, str] = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_SWAPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PARTS = {
    "YEAR": "year({})", "MONTH": "month({})", "DAY": "day({})", "HOUR": "hour({})", "MINUTE": "minute({})", "SECOND": "second({})",
    "ISODOW": "weekday({})", "DAYOFWEEKISO": "weekday({})", "DOW": "(weekday({}) % 7)", "DAYOFWEEK": "(weekday({}) % 7)", "QUARTER": "ceil(month({}) / 3)",
    "DOY": "(days_between(cut({0}, 'year'), {0}) + 1)", "DAYOFYEAR": "(days_between(cut({0}, 'year'), {0}) + 1)",
}  # fmt: skip
_UNITS = {
    "YEAR": (12, 0, 0), "YR": (12, 0, 0), "Y": (12, 0, 0), "QUARTER": (3, 0, 0), "MONTH": (1, 0, 0), "MON": (1, 0, 0), "WEEK": (0, 7, 0), "DAY": (0, 1, 0), "D": (0, 1, 0),
    "HOUR": (0, 0, 3600), "HR": (0, 0, 3600), "H": (0, 0, 3600), "MINUTE": (0, 0, 60), "MIN": (0, 0, 60), "SECOND": (0, 0, 1), "SEC": (0, 0, 1),
}  # fmt: skip
_SECONDS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
Span = tuple[int, int, int]
"""Months, days and seconds."""


def is_clock(node: exp.Expr) -> bool:
    """Whether a node is the clock itself."""
    return isinstance(node, _CLOCK) or (isinstance(node, exp.Anonymous) and str(node.this).lower() in _CLOCK_CALLS)


def _asks_clock(node: exp.Expr) -> bool:
    lone_age = isinstance(node, exp.Anonymous) and str(node.this).lower() == "age" and len(node.expressions) == 1
    return is_clock(node) or lone_age


def _trend(node: exp.Expr) -> int | None:
    """Whether a value grows with the clock (1), falls (-1) or stays (0); None where nobody knows."""
    if is_clock(node):
        return None if isinstance(node, exp.CurrentTime) else 1
    if not any(_asks_clock(one) for one in node.walk()):
        return 0
    if isinstance(node, exp.Neg):
        return _turned(_trend(node.this))
    if isinstance(node, exp.Add | exp.Sub):
        left, right = _trend(node.this), _trend(node.expression)
        right = _turned(right) if isinstance(node, exp.Sub) else right
        return None if left is None or right is None or left * right else left + right
    if isinstance(node, exp.DateDiff | exp.TimestampDiff):
        left, right = _trend(node.this), _turned(_trend(node.expression))
        return None if left is None or right is None or left * right else left + right
    if isinstance(node, exp.Extract):
        return _trend(node.expression) if str(node.this).upper() in ("YEAR", "EPOCH") else None
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "age":
        first, *rest = node.expressions
        return 1 if (rest and is_clock(bare(first))) or not rest else None
    return _trend(node.this) if isinstance(node, _MONOTONE) else None


def _turned(trend: int | None) -> int | None:
    return None if trend is None else -trend


def by_clock(translator: Translator, node: exp.Expr) -> str | None:
    """A comparison with the clock, which has to hold later on as well."""
    if translator.now or not any(_asks_clock(one) for one in node.walk()):
        return None
    left, right = _trend(node.this), _trend(node.expression)
    symbol = _SYMBOLS[type(node)]
    if left is None or right is None or left * right or symbol in ("=", "<>") or not translator.sign:
        raise UntranslatableError("it depends on the clock")
    grows = (left - right > 0) == (symbol in (">", ">="))
    translator.now = NOW if grows == (translator.sign > 0) else LATER
    try:
        return translator.of(node)
    finally:
        translator.now = ""


def clock(translator: Translator, node: exp.Expr) -> str:
    """What stands for the clock."""
    if not translator.now or isinstance(node, exp.CurrentTime):
        raise UntranslatableError("it depends on the clock")
    return translator.now


def span_of(node: exp.Expr) -> Span | None:
    """The months, days and seconds of an interval; None for anything else, or one that is not known."""
    node = bare(node)
    if isinstance(node, exp.Interval):
        text = node.this.name if node.this is not None else ""
        unit = str(node.args.get("unit") or "")
        text = f"{text} {unit}" if re.fullmatch(r"-?\d+", text) else text
    elif (
        isinstance(node, exp.Cast)
        and getattr(node.to.this, "value", "") == "INTERVAL"
        and text_of(node.this) is not None
    ):
        text = str(text_of(node.this))
    else:
        return None
    total = (0, 0, 0)
    clock_time = re.search(r"(\d+):(\d\d)(?::(\d\d))?$", text.strip())
    if clock_time:
        seconds = int(clock_time[1]) * 3600 + int(clock_time[2]) * 60 + int(clock_time[3] or 0)
        total, text = (0, 0, seconds), text.strip()[: clock_time.start()]
    if not re.fullmatch(r"(\s*-?\d+\s*[A-Za-z]+)*\s*", text) or not (text.strip() or clock_time):
        return None
    for number, word in re.findall(r"(-?\d+)\s*([A-Za-z]+)", text):
        found = _UNITS.get(word.upper()) or _UNITS.get(word.upper().removesuffix("S"))
        if found is None:
            return None
        months, days, seconds = (part * int(number) for part in found)
        total = (total[0] + months, total[1] + days, total[2] + seconds)
    return total


def moved(translator: Translator, date: exp.Expr, span: Span, sign: int = 1) -> str:
    """A date so much later."""
    made = translator.of(date)
    months, days, seconds = (sign * part for part in span)
    for amount, function in ((months, "add_months"), (days, "add_days"), (seconds, "add_seconds")):
        made = f"{function}({made}, {amount})" if amount else made
    return made


def arithmetic(translator: Translator, node: exp.Expr) -> str | None:
    """Sums and differences of dates; None for those of numbers."""
    left, right = bare(node.this), bare(node.expression)
    sign = -1 if isinstance(node, exp.Sub) else 1
    span = span_of(right)
    if span is not None:
        return moved(translator, left, span, sign)
    if span_of(left) is not None and sign > 0:
        return arithmetic(translator, exp.Add(this=right, expression=left))
    kinds = translator.kind(left), translator.kind(right)
    if isinstance(right, exp.Interval) or "span" in kinds:
        raise translator.unknown(right)
    if kinds == ("date", "date") and sign < 0:
        return f"days_between({translator.of(right)}, {translator.of(left)})"
    if "date" in kinds and "whole" in kinds:
        date, days = (left, right) if kinds[0] == "date" else (right, left)
        shown = translator.of(days)
        return f"add_days({translator.of(date)}, {shown if sign > 0 else f'-{shown}'})"
    if "moment" in kinds:
        raise translator.unknown(node)
    return None


def spans(translator: Translator, node: exp.Expr) -> str | None:
    """A length of time beside another one: moments compared instead."""
    left, right, symbol = bare(node.this), bare(node.expression), _SYMBOLS.get(type(node), "")
    if not symbol:
        return None
    if span_of(left) is not None:
        left, right, symbol = right, left, _SWAPPED[symbol]
    span = span_of(right)
    if span is None:
        return None
    if isinstance(left, exp.Sub) and translator.kind(left) == "span":
        whole = (0, span[0] * 30 + span[1], span[2])  # A month is thirty days where lengths are compared.
        return f"({translator.of(left.this)} {symbol} {moved(translator, left.expression, whole)})"
    if isinstance(left, exp.Anonymous) and str(left.this).lower() == "age":
        return _aged(translator, left, symbol, span)
    raise translator.unknown(node)


def _aged(translator: Translator, node: exp.Anonymous, symbol: str, span: Span) -> str:
    """An age in whole months: on the safe side by the days that months differ in."""
    months, days, seconds = span
    if days or seconds or not months or translator.sign <= 0 or symbol in ("=", "<>"):
        raise translator.unknown(node)
    later, earlier = [exp.CurrentDate(), *node.expressions] if len(node.expressions) == 1 else node.expressions
    slack = 0 if symbol in ("<", "<=") else (1 if months % 12 == 0 else 3)
    return f"({translator.of(later)} {symbol} {moved(translator, earlier, (months, slack, 0))})"


def extract(translator: Translator, node: exp.Extract) -> str:
    """A part of a date, or how long something takes."""
    part, subject = str(node.this).upper().strip("'"), bare(node.expression)
    if part == "EPOCH":
        return seconds_of(translator, subject)
    if isinstance(subject, exp.Anonymous) and str(subject.this).lower() == "age" and part == "YEAR":
        return years_of(translator, subject)
    if part not in _PARTS or translator.kind(subject) == "span":
        raise translator.unknown(node)
    return _PARTS[part].format(translator.of(subject))


def seconds_of(translator: Translator, node: exp.Expr) -> str:
    """The seconds between two moments."""
    node = bare(node)
    if isinstance(node, exp.Sub) and translator.kind(node) == "span":
        return f"seconds_between({translator.of(node.expression)}, {translator.of(node.this)})"
    raise translator.unknown(node)


def years_of(translator: Translator, node: exp.Anonymous) -> str:
    """Whole years until the clock."""
    earlier = node.expressions[-1]
    alone = len(node.expressions) == 1 or is_clock(bare(node.expressions[0]))
    if not alone or translator.now != NOW:
        raise translator.unknown(node)
    return f"age({translator.of(earlier)})"


def difference(translator: Translator, node: exp.Expr) -> str:
    """The distance of two dates in a unit."""
    unit = str(node.args.get("unit") or "DAY").upper()
    later, earlier = uncast_moment(node.this), uncast_moment(node.expression)
    if unit == "YEAR" and isinstance(node, exp.TimestampDiff) and is_clock(later) and translator.now == NOW:
        return f"age({translator.of(earlier)})"
    first, last = translator.of(earlier), translator.of(later)
    if unit == "DAY" and not isinstance(node, exp.TimestampDiff):
        return f"days_between({first}, {last})"
    if unit == "YEAR" and not isinstance(node, exp.TimestampDiff):
        return f"(year({last}) - year({first}))"
    if unit in _SECONDS and isinstance(node, exp.TimestampDiff):
        return f"integer(seconds_between({first}, {last}) / {_SECONDS[unit]})"
    raise translator.unknown(node)


def uncast_moment(node: exp.Expr) -> exp.Expr:
    """A node without what only says that it is a date."""
    node = bare(node)
    while isinstance(node, exp.TsOrDsToDate | exp.TimeStrToTime | exp.TsOrDsToTimestamp):
        node = bare(node.this)
    return node


def shifted(translator: Translator, node: exp.Expr) -> str:
    """A date moved by a call."""
    number, unit = number_of(node.expression), str(node.args.get("unit") or "DAY").upper()
    span = _UNITS.get(unit.removesuffix("S"))
    if isinstance(bare(node.expression), exp.Interval):
        found = span_of(node.expression)
    else:
        found = (
            None
            if span is None or not isinstance(number, int)
            else (span[0] * number, span[1] * number, span[2] * number)
        )
    if found is None:
        raise translator.unknown(node)
    return moved(translator, uncast_moment(node.this), found, -1 if isinstance(node, exp.DateSub) else 1)


def cut(translator: Translator, node: exp.Expr) -> str:
    """A date cut to its unit."""
    unit = text_of(node.args["unit"]) or uncast(node.args["unit"]).name
    return f"cut({translator.of(uncast_moment(uncast(node.this)))}, '{unit.lower()}')"


def cast_to_date(translator: Translator, node: exp.Cast | exp.Date) -> str | None:
    """The day of a moment; None where the node is no date."""
    inner = bare(node.this)
    kind = translator.kind(inner) or ("moment" if is_clock(inner) else "")
    if isinstance(inner, exp.TimestampTrunc | exp.DateTrunc):
        kind = translator.kind(uncast(inner.this))
    if kind == "date" or is_clock(inner):
        return translator.of(inner)
    return f"date({translator.of(inner)})" if kind == "moment" else None


def _formatted(translator: Translator, node: exp.TimeToStr) -> str:
    made = translator.of(uncast_moment(node.this))
    form = {"%d": f"pad(day({made}), 2)", "%m": f"pad(month({made}), 2)", "%Y": f"text(year({made}))"}.get(
        str(text_of(node.args["format"]))
    )
    if form is None:
        raise translator.unknown(node)
    return form


def _part(name: str) -> Maker:
    return lambda translator, node: f"{name}({translator.of(uncast_moment(node.this))})"


MAKERS: Mapping[type, Maker] = {
    **dict.fromkeys(_CLOCK, clock),
    exp.Extract: extract,
    exp.Year: _part("year"),
    exp.Month: _part("month"),
    exp.Day: _part("day"),
    exp.DayOfMonth: _part("day"),
    exp.DayOfWeek: lambda translator, node: f"(weekday({translator.of(uncast_moment(node.this))}) % 7 + 1)",
    exp.TimeToUnix: lambda translator, node: seconds_of(translator, node.this),
    exp.TimestampTrunc: cut,
    exp.DateTrunc: cut,
    exp.DateDiff: difference,
    exp.TimestampDiff: difference,
    exp.DateAdd: shifted,
    exp.DateSub: shifted,
    exp.TsOrDsToDate: lambda translator, node: translator.of(node.this),
    exp.TimeToStr: _formatted,
}
CALLS: Mapping[str, Maker] = {
    **dict.fromkeys(_CLOCK_CALLS, clock),
    "weekday": lambda translator, node: f"(weekday({translator.of(uncast_moment(node.expressions[0]))}) - 1)",
    "isfinite": lambda *_: "true",
}
COMPARED: tuple[Callable[[Translator, exp.Expr], str | None], ...] = (by_clock, spans)
