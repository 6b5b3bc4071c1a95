"""What expressions can call, declared as data: signatures, the kinds of their arguments, and Arrow kernels."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded, from_integers, to_integers, valid_mask, with_nulls
from faasera.core.text import to_text
from faasera.core.types import DATE, TIMESTAMP
from faasera.generators.joined import fold
from faasera.generators.literals import DAY, add_months
from faasera.generators.regex.conjuncts import searches

Array = Any
"""An Arrow array or scalar."""

INTEGER, NUMBER, TEXT, TRUTH, NULL = "integer", "number", "text", "boolean", "null"
DAYS, MOMENT, CLOCK = "date", "timestamp", "time"
BYTES = "bytes"
NUMERIC = (INTEGER, NUMBER)
DATED = (DAYS, MOMENT)
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""What dates can be cut to, with the words that SQL has for them."""


@dataclass(frozen=True)
class Function:
    """A function of expressions, declared as data.

    Attributes:
        signature: for people.
        kinds: for each argument the kinds that it takes; the last repeats where ``variadic``.
        result: the kind that it makes, or a function of the arguments' kinds.
        apply: from Arrow arrays to an Arrow array.
        variadic: whether the last argument may repeat.
        optional: how many of the last arguments may be left out.
    """

    signature: str
    kinds: tuple[tuple[str, ...], ...]
    result: str | Callable[[list[str]], str]
    apply: Callable[..., Array]
    variadic: bool = False
    optional: int = 0


def _float(values: Array) -> Array:
    return pc.cast(values, pa.float64())


def _whole(values: Array) -> Array:
    return pc.cast(values, pa.int64(), safe=False)


def _round(values: Array, digits: Array = None) -> Array:
    places = 0 if digits is None else digits.as_py()
    return pc.round(_float(values), ndigits=places, round_mode="half_towards_infinity")


def _divide(a: Array, b: Array) -> Array:
    divisor = _float(b)
    return pc.divide(_float(a), pc.if_else(pc.equal(divisor, 0.0), pa.scalar(None, pa.float64()), divisor))


def _modulo(a: Array, b: Array) -> Array:
    divisor = pc.if_else(pc.equal(b, 0), pa.scalar(None, pa.int64()), b)
    quotient = pc.cast(pc.floor(pc.divide(_float(a), _float(divisor))), pa.int64(), safe=False)
    return pc.subtract(a, pc.multiply(quotient, divisor))


def _power(a: Array, b: Array) -> Array:
    return pc.power(_float(a), _float(b))


def _days(values: Array) -> Array:
    return pc.cast(pc.cast(values, pa.date32(), safe=False), pa.int32())


def _moved(dates: Array, amount: Array, move: Callable[[npt.NDArray[np.int64], Any], npt.NDArray[np.int64]]) -> Array:
    """Dates moved by a function of whole days; timestamps keep their time of day."""
    if isinstance(dates, pa.Scalar):
        return _moved(pa.array([dates.as_py()], dates.type), amount, move)[0]
    step = amount.as_py() if isinstance(amount, pa.Scalar) else to_integers(amount)
    if step is None:
        return pa.nulls(len(dates), dates.type)
    masks = [valid_mask(array) for array in (dates, amount) if not isinstance(array, pa.Scalar)]
    values = to_integers(dates)
    if pa.types.is_date32(dates.type):
        moved = from_integers(move(values, step), DATE)
    else:
        days, rest = np.divmod(values, DAY)
        moved = from_integers(move(days, step) * DAY + rest, TIMESTAMP)
    for mask in masks:
        moved = with_nulls(moved, mask)
    return moved


def _seconds_later(moments: Array, seconds: Array) -> Array:
    return pc.add(pc.cast(moments, pa.timestamp("us")), pc.cast(pc.multiply(seconds, 1_000_000), pa.duration("us")))


def _seconds_between(start: Array, end: Array) -> Array:
    moments = [pc.cast(pc.cast(one, pa.timestamp("us")), pa.int64()) for one in (start, end)]
    return pc.divide(_float(pc.subtract(moments[1], moments[0])), 1e6)


def _cut(dates: Array, unit: Array) -> Array:
    return pc.cast(pc.floor_temporal(dates, unit=unit.as_py(), week_starts_monday=True), dates.type)


def _position(texts: Array, part: Array) -> Array:
    """Characters up to a part, and one; 0 where there is none."""
    wanted = part.as_py()
    before = pc.replace_substring_regex(texts, f"(?s){re.escape(wanted)}.*", "")
    return pc.if_else(pc.match_substring(texts, wanted), pc.add(_whole(pc.utf8_length(before)), 1), 0)


def _substring(texts: Array, start: Array, length: Array = None) -> Array:
    first = max(start.as_py() - 1, 0)
    return pc.utf8_slice_codeunits(texts, first, None if length is None else first + max(length.as_py(), 0))


def _json_type(texts: Array) -> Array:
    """What a text of JSON holds, by its first character."""
    first = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(texts), 0, 1)
    made: Array = pc.if_else(pc.is_valid(first), pa.scalar("number"), pa.scalar(None, pa.string()))
    for mark, kind in (
        ("{", "object"),
        ("[", "array"),
        ('"', "string"),
        ("t", "boolean"),
        ("f", "boolean"),
        ("n", "null"),
    ):
        made = pc.if_else(pc.equal(first, mark), kind, made)
    return made


def matches(values: Array, pattern: Array) -> Array:
    """Whether a regular expression is found in texts.

    Raises:
        RegexError: it cannot be read.
        ArrowInvalid: neither.
    """
    made: Array = None
    for text, wanted in searches(pattern.as_py()):
        found = pc.match_substring_regex(values, text)
        found = found if wanted else pc.invert(found)
        made = found if made is None else pc.and_(made, found)
    return made


def same_kind(kinds: list[str]) -> str:
    """The kind that holds all of these."""
    real = [kind for kind in kinds if kind != NULL]
    if not real:
        return TEXT
    if all(kind == real[0] for kind in real):
        return real[0]
    return NUMBER if all(kind in NUMERIC for kind in real) else TEXT


def _first(kinds: list[str]) -> str:
    return kinds[0]


_SHOWN = (INTEGER, NUMBER, TEXT, TRUTH, DAYS, MOMENT, CLOCK, NULL)
_ANY = (*_SHOWN, BYTES)
COMPARISONS = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def text_of(values: Array) -> Array:
    """Values as plain text."""
    if isinstance(values, pa.Scalar):
        if values.as_py() is None:
            return pa.scalar(None, pa.string())
        return decoded(to_text(pa.array([values.as_py()], values.type)))[0]
    return decoded(to_text(values))


FUNCTIONS: dict[str, Function] = {
    "+": Function("a + b", (NUMERIC, NUMERIC), same_kind, pc.add_checked),
    "-": Function("a - b", (NUMERIC, NUMERIC), same_kind, pc.subtract_checked),
    "*": Function("a * b", (NUMERIC, NUMERIC), same_kind, pc.multiply_checked),
    "/": Function("a / b", (NUMERIC, NUMERIC), NUMBER, _divide),
    "%": Function("a % b", ((INTEGER,), (INTEGER,)), INTEGER, _modulo),
    "negate": Function("-a", (NUMERIC,), _first, pc.negate_checked),
    "and": Function("a and b", ((TRUTH,), (TRUTH,)), TRUTH, pc.and_kleene),
    "or": Function("a or b", ((TRUTH,), (TRUTH,)), TRUTH, pc.or_kleene),
    "not": Function("not a", ((TRUTH,),), TRUTH, pc.invert),
    "is_null": Function("a is null", (_ANY,), TRUTH, pc.is_null),
    "like": Function("text like 'pattern'", ((TEXT,), (TEXT,)), TRUTH, lambda a, p: pc.match_like(a, p.as_py())),
    "matches": Function(
        "matches(text, 'regular expression')",
        ((TEXT,), (TEXT,)),
        TRUTH,
        matches,
    ),
    "if": Function("if(condition, then, else)", ((TRUTH,), _ANY, _ANY), TEXT, pc.if_else),
    "coalesce": Function("coalesce(a, b, …)", (_ANY,), same_kind, pc.coalesce, variadic=True),
    "least": Function("least(a, b, …)", (NUMERIC + DATED,), same_kind, pc.min_element_wise, variadic=True),
    "greatest": Function("greatest(a, b, …)", (NUMERIC + DATED,), same_kind, pc.max_element_wise, variadic=True),
    "concat": Function(
        "concat(a, b, …)", (_SHOWN,), TEXT, lambda *a: pc.binary_join_element_wise(*map(text_of, a), ""), variadic=True
    ),
    "text": Function("text(a)", (_SHOWN,), TEXT, text_of),
    "lower": Function("lower(text)", ((TEXT,),), TEXT, pc.utf8_lower),
    "upper": Function("upper(text)", ((TEXT,),), TEXT, pc.utf8_upper),
    "title": Function("title(text)", ((TEXT,),), TEXT, pc.utf8_title),
    "trim": Function("trim(text)", ((TEXT,),), TEXT, pc.utf8_trim_whitespace),
    "ascii": Function(
        "ascii(text)",
        ((TEXT,),),
        TEXT,
        lambda a: fold(a) if isinstance(a, pa.Array) else fold(pa.array([a.as_py()]))[0],
    ),
    "length": Function("length(text)", ((TEXT,),), INTEGER, lambda a: _whole(pc.utf8_length(a))),
    "octet_length": Function(
        "octet_length(text or bytes)", ((TEXT, BYTES),), INTEGER, lambda a: _whole(pc.binary_length(a))
    ),
    "position": Function("position(text, part)", ((TEXT,), (TEXT,)), INTEGER, _position),
    "json_type": Function("json_type(json)", ((TEXT,),), TEXT, _json_type),
    "left": Function(
        "left(text, n)", ((TEXT,), (INTEGER,)), TEXT, lambda a, n: pc.utf8_slice_codeunits(a, 0, max(n.as_py(), 0))
    ),
    "right": Function(
        "right(text, n)",
        ((TEXT,), (INTEGER,)),
        TEXT,
        lambda a, n: pc.utf8_slice_codeunits(a, -n.as_py() if n.as_py() > 0 else 2**31),
    ),
    "substring": Function(
        "substring(text, start from 1, length)",
        ((TEXT,), (INTEGER,), (INTEGER,)),
        TEXT,
        _substring,
        optional=1,
    ),
    "replace": Function(
        "replace(text, old, new)",
        ((TEXT,), (TEXT,), (TEXT,)),
        TEXT,
        lambda a, old, new: pc.replace_substring(a, pattern=old.as_py(), replacement=new.as_py()),
    ),
    "pad": Function(
        "pad(a, width)",
        (_SHOWN, (INTEGER,)),
        TEXT,
        lambda a, n: pc.utf8_lpad(text_of(a), width=max(n.as_py(), 0), padding="0"),
    ),
    "number": Function("number(a)", ((INTEGER, NUMBER, TRUTH),), NUMBER, _float),
    "integer": Function("integer(a)", ((INTEGER, NUMBER, TRUTH),), INTEGER, lambda a: _whole(pc.trunc(_float(a)))),
    "round": Function("round(a, digits)", (NUMERIC, (INTEGER,)), NUMBER, _round, optional=1),
    "floor": Function("floor(a)", (NUMERIC,), INTEGER, lambda a: _whole(pc.floor(_float(a)))),
    "ceil": Function("ceil(a)", (NUMERIC,), INTEGER, lambda a: _whole(pc.ceil(_float(a)))),
    "abs": Function("abs(a)", (NUMERIC,), _first, pc.abs_checked),
    "power": Function("power(a, b)", (NUMERIC, NUMERIC), NUMBER, _power),
    "bit_and": Function("bit_and(a, b)", ((INTEGER,), (INTEGER,)), INTEGER, pc.bit_wise_and),
    "bit_or": Function("bit_or(a, b)", ((INTEGER,), (INTEGER,)), INTEGER, pc.bit_wise_or),
    "bit_xor": Function("bit_xor(a, b)", ((INTEGER,), (INTEGER,)), INTEGER, pc.bit_wise_xor),
    "sqrt": Function("sqrt(a)", (NUMERIC,), NUMBER, lambda a: pc.sqrt(pc.max_element_wise(_float(a), 0.0))),
    "year": Function("year(date)", (DATED,), INTEGER, pc.year),
    "month": Function("month(date)", (DATED,), INTEGER, pc.month),
    "day": Function("day(date)", (DATED,), INTEGER, pc.day),
    "weekday": Function(
        "weekday(date), Monday is 1", (DATED,), INTEGER, lambda a: pc.day_of_week(a, count_from_zero=False)
    ),
    "hour": Function("hour(timestamp)", ((MOMENT, CLOCK),), INTEGER, pc.hour),
    "minute": Function("minute(timestamp)", ((MOMENT, CLOCK),), INTEGER, pc.minute),
    "second": Function("second(timestamp)", ((MOMENT, CLOCK),), INTEGER, pc.second),
    "date": Function("date(timestamp)", (DATED,), DAYS, lambda a: pc.cast(a, pa.date32(), safe=False)),
    "cut": Function("cut(date, 'month')", (DATED, (TEXT,)), _first, _cut),
    "days_between": Function(
        "days_between(from, to)", (DATED, DATED), INTEGER, lambda a, b: _whole(pc.subtract(_days(b), _days(a)))
    ),
    "add_days": Function(
        "add_days(date, n)", (DATED, (INTEGER,)), _first, lambda a, n: _moved(a, n, lambda days, step: days + step)
    ),
    "add_months": Function("add_months(date, n)", (DATED, (INTEGER,)), _first, lambda a, n: _moved(a, n, add_months)),
    "add_seconds": Function("add_seconds(date, n)", (DATED, (INTEGER,)), MOMENT, _seconds_later),
    "seconds_between": Function("seconds_between(from, to)", (DATED, DATED), NUMBER, _seconds_between),
}
"""What expressions can call, beside ``age(date)``, ``as_of()`` and the comparisons."""

CONSTANT_ARGUMENTS = {
    "like": (1,),
    "matches": (1,),
    "left": (1,),
    "right": (1,),
    "substring": (1, 2),
    "replace": (1, 2),
    "position": (1,),
    "cut": (1,),
    "pad": (1,),
    "round": (1,),
    "add_months": (1,),
}


def whole_years(dates: Array, as_of: datetime.date) -> Array:
    """Completed years on a day; who is born on 29 February completes one on 1 March of a common year."""
    before = pc.or_(
        pc.greater(pc.month(dates), as_of.month),
        pc.and_(pc.equal(pc.month(dates), as_of.month), pc.greater(pc.day(dates), as_of.day)),
    )
    return pc.subtract(pc.subtract(pa.scalar(as_of.year, pa.int64()), pc.year(dates)), pc.cast(before, pa.int64()))


AGE = Function("age(date)", (DATED,), INTEGER, whole_years)
"""Takes the policy's day as well."""
