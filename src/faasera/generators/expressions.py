"""Expressions over the columns of a row, evaluated as Arrow vectors."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded, from_integers, to_integers, valid_mask, with_nulls
from faasera.core.errors import Problem, RunError, did_you_mean, pointer
from faasera.core.text import to_text
from faasera.core.types import BIGINT, BOOLEAN, DATE, DOUBLE, STRING, TIMESTAMP, DataType
from faasera.generators.base import Context, Generator, Scope
from faasera.generators.expression_syntax import Call, Column, ExpressionError, Literal, Node, parse_expression
from faasera.generators.literals import DAY, add_months, has_time, parse_date, parse_timestamp
from faasera.generators.templates import fold

Array = Any
"""An Arrow array or scalar."""

INTEGER, NUMBER, TEXT, TRUTH, DAYS, MOMENT, NULL = "integer", "number", "text", "boolean", "date", "timestamp", "null"
_NUMERIC = (INTEGER, NUMBER)
_DATED = (DAYS, MOMENT)
_ARROW = {INTEGER: pa.int64(), NUMBER: pa.float64(), TEXT: pa.string(), TRUTH: pa.bool_(), DAYS: pa.date32(), MOMENT: pa.timestamp("us")}
_TYPES = {INTEGER: BIGINT, NUMBER: DOUBLE, TEXT: STRING, TRUTH: BOOLEAN, DAYS: DATE, MOMENT: TIMESTAMP}
_MOST_EXACT = 2.0**63


@dataclass(frozen=True)
class _Value:
    """A part of an expression: what kind of value it has, and how to get it."""

    kind: str
    evaluate: Callable[[Context], Array]
    constant: bool = False


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


def _same(kinds: list[str]) -> str:
    """The kind that holds all of these."""
    real = [kind for kind in kinds if kind != NULL]
    if not real:
        return TEXT
    if all(kind == real[0] for kind in real):
        return real[0]
    return NUMBER if all(kind in _NUMERIC for kind in real) else TEXT


def _first(kinds: list[str]) -> str:
    return kinds[0]


_ANY = (INTEGER, NUMBER, TEXT, TRUTH, DAYS, MOMENT, NULL)
_COMPARE = {"=": pc.equal, "<>": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}


def _text_of(values: Array) -> Array:
    if isinstance(values, pa.Scalar):
        if values.as_py() is None:
            return pa.scalar(None, pa.string())
        return decoded(to_text(pa.array([values.as_py()], values.type)))[0]
    return decoded(to_text(values))


FUNCTIONS: dict[str, Function] = {
    "+": Function("a + b", (_NUMERIC, _NUMERIC), _same, pc.add_checked),
    "-": Function("a - b", (_NUMERIC, _NUMERIC), _same, pc.subtract_checked),
    "*": Function("a * b", (_NUMERIC, _NUMERIC), _same, pc.multiply_checked),
    "/": Function("a / b", (_NUMERIC, _NUMERIC), NUMBER, _divide),
    "%": Function("a % b", ((INTEGER,), (INTEGER,)), INTEGER, _modulo),
    "negate": Function("-a", (_NUMERIC,), _first, pc.negate_checked),
    "and": Function("a and b", ((TRUTH,), (TRUTH,)), TRUTH, pc.and_kleene),
    "or": Function("a or b", ((TRUTH,), (TRUTH,)), TRUTH, pc.or_kleene),
    "not": Function("not a", ((TRUTH,),), TRUTH, pc.invert),
    "if": Function("if(condition, then, else)", ((TRUTH,), _ANY, _ANY), TEXT, pc.if_else),
    "coalesce": Function("coalesce(a, b, …)", (_ANY,), _same, pc.coalesce, variadic=True),
    "least": Function("least(a, b, …)", (_NUMERIC + _DATED,), _same, pc.min_element_wise, variadic=True),
    "greatest": Function("greatest(a, b, …)", (_NUMERIC + _DATED,), _same, pc.max_element_wise, variadic=True),
    "concat": Function("concat(a, b, …)", (_ANY,), TEXT, lambda *a: pc.binary_join_element_wise(*map(_text_of, a), ""), variadic=True),
    "text": Function("text(a)", (_ANY,), TEXT, _text_of),
    "lower": Function("lower(text)", ((TEXT,),), TEXT, pc.utf8_lower),
    "upper": Function("upper(text)", ((TEXT,),), TEXT, pc.utf8_upper),
    "title": Function("title(text)", ((TEXT,),), TEXT, pc.utf8_title),
    "trim": Function("trim(text)", ((TEXT,),), TEXT, pc.utf8_trim_whitespace),
    "ascii": Function("ascii(text)", ((TEXT,),), TEXT, lambda a: fold(a) if isinstance(a, pa.Array) else fold(pa.array([a.as_py()]))[0]),
    "length": Function("length(text)", ((TEXT,),), INTEGER, lambda a: _whole(pc.utf8_length(a))),
    "left": Function("left(text, n)", ((TEXT,), (INTEGER,)), TEXT, lambda a, n: pc.utf8_slice_codeunits(a, 0, max(n.as_py(), 0))),
    "right": Function(
        "right(text, n)", ((TEXT,), (INTEGER,)), TEXT, lambda a, n: pc.utf8_slice_codeunits(a, -n.as_py() if n.as_py() > 0 else 2**31)
    ),
    "substring": Function(
        "substring(text, start from 1, length)",
        ((TEXT,), (INTEGER,), (INTEGER,)),
        TEXT,
        lambda a, s, n: pc.utf8_slice_codeunits(a, max(s.as_py() - 1, 0), max(s.as_py() - 1, 0) + max(n.as_py(), 0)),
    ),
    "replace": Function(
        "replace(text, old, new)",
        ((TEXT,), (TEXT,), (TEXT,)),
        TEXT,
        lambda a, old, new: pc.replace_substring(a, pattern=old.as_py(), replacement=new.as_py()),
    ),
    "pad": Function(
        "pad(a, width)", (_ANY, (INTEGER,)), TEXT, lambda a, n: pc.utf8_lpad(_text_of(a), width=max(n.as_py(), 0), padding="0")
    ),
    "number": Function("number(a)", ((INTEGER, NUMBER, TRUTH),), NUMBER, _float),
    "integer": Function("integer(a)", ((INTEGER, NUMBER, TRUTH),), INTEGER, lambda a: _whole(pc.trunc(_float(a)))),
    "round": Function("round(a, digits)", (_NUMERIC, (INTEGER,)), NUMBER, _round, optional=1),
    "floor": Function("floor(a)", (_NUMERIC,), INTEGER, lambda a: _whole(pc.floor(_float(a)))),
    "ceil": Function("ceil(a)", (_NUMERIC,), INTEGER, lambda a: _whole(pc.ceil(_float(a)))),
    "abs": Function("abs(a)", (_NUMERIC,), _first, pc.abs_checked),
    "sqrt": Function("sqrt(a)", (_NUMERIC,), NUMBER, lambda a: pc.sqrt(pc.max_element_wise(_float(a), 0.0))),
    "year": Function("year(date)", (_DATED,), INTEGER, pc.year),
    "month": Function("month(date)", (_DATED,), INTEGER, pc.month),
    "day": Function("day(date)", (_DATED,), INTEGER, pc.day),
    "weekday": Function("weekday(date), Monday is 1", (_DATED,), INTEGER, lambda a: pc.day_of_week(a, count_from_zero=False)),
    "hour": Function("hour(timestamp)", ((MOMENT,),), INTEGER, pc.hour),
    "days_between": Function(
        "days_between(from, to)", (_DATED, _DATED), INTEGER, lambda a, b: _whole(pc.subtract(_days(b), _days(a)))
    ),
    "add_days": Function("add_days(date, n)", (_DATED, (INTEGER,)), _first, lambda a, n: _moved(a, n, lambda days, step: days + step)),
    "add_months": Function("add_months(date, n)", (_DATED, (INTEGER,)), _first, lambda a, n: _moved(a, n, add_months)),
}  # fmt: skip
"""What expressions can call, beside ``age(date)``, ``as_of()`` and the comparisons."""

_CONSTANT_ARGUMENTS = {"left": (1,), "right": (1,), "substring": (1, 2), "replace": (1, 2), "pad": (1,), "round": (1,), "add_months": (1,)}


def _whole_years(dates: Array, as_of: datetime.date) -> Array:
    """Completed years on a day; who is born on 29 February completes one on 1 March of a common year."""
    before = pc.or_(
        pc.greater(pc.month(dates), as_of.month),
        pc.and_(pc.equal(pc.month(dates), as_of.month), pc.greater(pc.day(dates), as_of.day)),
    )
    return pc.subtract(pc.subtract(pa.scalar(as_of.year, pa.int64()), pc.year(dates)), pc.cast(before, pa.int64()))


class _Compiler:
    """From the tree to values, with problems reported in one go."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems = scope.problems.at("expression")
        self.columns: list[str] = []
        self.nullable = False

    def compile(self, node: Node) -> _Value | None:
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, Column):
            return self.column(node.name)
        return self.call(node)

    def literal(self, node: Literal) -> _Value:
        value = node.value
        kinds: dict[type, str] = {bool: TRUTH, int: INTEGER, float: NUMBER, str: TEXT}
        kind = NULL if value is None else kinds[type(value)]
        self.nullable = self.nullable or value is None
        scalar = pa.scalar(value, _ARROW.get(kind, pa.null()))
        return _Value(kind, lambda _: scalar, constant=True)

    def column(self, name: str) -> _Value | None:
        dotted = "." in name
        source = self.scope.lookup(name, at="expression") if dotted else self.scope.generator(name, at="expression")
        if source is None:
            return None
        self.columns.append(name)
        self.nullable = self.nullable or source.nullable
        kind = _kind(source.data_type)
        if kind is None:
            self.problems.add("expression", f"'{name}' is {source.data_type}, which expressions do not know", "Use another column.")
            return None
        arrow = _ARROW[kind]

        def load(context: Context) -> Array:
            array = decoded(source.generate(context) if dotted else context.column(name))
            return array if array.type == arrow else array.cast(arrow)

        return _Value(kind, load)

    def call(self, node: Call) -> _Value | None:
        values = [self.compile(argument) for argument in node.arguments]
        arguments = [value for value in values if value is not None]
        if len(arguments) < len(values):
            return None
        if node.function in _COMPARE:
            return self.comparison(node.function, arguments)
        if node.function == "as_of" and not arguments:
            day = pa.scalar(self.scope.as_of, pa.date32())
            return _Value(DAYS, lambda _: day, constant=True)
        if node.function == "age":
            as_of = self.scope.as_of
            function = Function("age(date)", (_DATED,), INTEGER, lambda dates: _whole_years(dates, as_of))
        elif node.function in FUNCTIONS:
            function = FUNCTIONS[node.function]
        else:
            known = [*(name for name in FUNCTIONS if name.isidentifier()), "age", "as_of"]
            self.problems.add("expression", f"there is no function '{node.function}'", did_you_mean(node.function, known))
            return None
        return self.apply(node.function, function, arguments)

    def apply(self, name: str, function: Function, arguments: list[_Value]) -> _Value | None:
        most = len(function.kinds)
        if len(arguments) < most - function.optional or (len(arguments) > most and not function.variadic):
            self.problems.add("expression", f"'{name}' takes {function.signature}", "Give it these arguments.")
            return None
        for place, argument in enumerate(arguments):
            allowed = function.kinds[min(place, most - 1)]
            if argument.kind not in allowed:
                message = f"argument {place + 1} of {function.signature} is {argument.kind}, not {' or '.join(allowed)}"
                self.problems.add("expression", message, "Convert it, or use another function.")
                return None
            if place in _CONSTANT_ARGUMENTS.get(name, ()) and not argument.constant:
                message = f"argument {place + 1} of {function.signature} must be a literal"
                self.problems.add("expression", message, "Write it out.")
                return None
        kinds = [argument.kind for argument in arguments]
        if name == "if":
            result = _same(kinds[1:])
            wanted = [TRUTH, result, result]
        else:
            result = function.result if isinstance(function.result, str) else function.result(kinds)
            unified = callable(function.result) and len(arguments) > 1 and function.result is _same
            wanted = [result if unified else kind for kind in kinds]
        if name in ("/", "coalesce"):
            self.nullable = True
        parts = [self.converted(argument, kind) for argument, kind in zip(arguments, wanted, strict=True)]
        arrow = _ARROW[result]

        def evaluate(context: Context) -> Array:
            made = function.apply(*(part(context) for part in parts))
            return made if made.type == arrow else pc.cast(made, arrow)

        return _Value(result, evaluate, all(argument.constant for argument in arguments))

    def comparison(self, operator: str, arguments: list[_Value]) -> _Value | None:
        left, right = arguments
        kinds = {left.kind, right.kind} - {NULL}
        if kinds <= set(_NUMERIC):
            kind = _same([left.kind, right.kind])
        elif kinds & set(_DATED) and kinds <= {*_DATED, TEXT}:
            kind = MOMENT if MOMENT in kinds else DAYS
        elif len(kinds) == 1:
            kind = kinds.pop()
        else:
            message = f"{left.kind} and {right.kind} cannot be compared"
            self.problems.add("expression", message, "Convert one of them.")
            return None
        parts = []
        for argument in (left, right):
            if argument.kind == TEXT and kind in _DATED:
                moment = self.date_literal(argument)
                if moment is None:
                    return None
                parts.append(self.converted(moment, kind))
            else:
                parts.append(self.converted(argument, kind))
        compare = _COMPARE[operator]
        return _Value(TRUTH, lambda context: compare(parts[0](context), parts[1](context)))

    def date_literal(self, argument: _Value) -> _Value | None:
        """A literal text beside a date, read as a date."""
        if not argument.constant:
            self.problems.add("expression", "a date cannot be compared with a text column", "Compare dates with dates.")
            return None
        text = str(argument.evaluate(None).as_py())  # type: ignore[arg-type]
        try:
            kind, whole = (MOMENT, parse_timestamp(text)) if has_time(text) else (DAYS, parse_date(text))
        except ValueError as error:
            self.problems.add("expression", str(error), "Correct the date.")
            return None
        scalar = from_integers(np.array([whole]), TIMESTAMP if kind == MOMENT else DATE)[0]
        return _Value(kind, lambda _: scalar, constant=True)

    def converted(self, value: _Value, kind: str) -> Callable[[Context], Array]:
        if value.kind == kind:
            return value.evaluate
        if kind == TEXT and value.kind != NULL:
            return lambda context: _text_of(value.evaluate(context))
        arrow = _ARROW.get(kind, pa.null())
        return lambda context: pc.cast(value.evaluate(context), arrow)


def _kind(data_type: DataType) -> str | None:
    """The kind of a column of that type."""
    if data_type.name in ("INTEGER", "BIGINT"):
        return INTEGER
    if data_type.is_number:
        return NUMBER
    return {"BOOLEAN": TRUTH, "DATE": DAYS, "TIMESTAMP": MOMENT}.get(data_type.name, TEXT if data_type.is_text else None)


@dataclass(frozen=True)
class ExpressionGenerator(Generator):
    """A column computed from others."""

    text: str
    value: _Value
    data_type: DataType
    where: str
    cut: int | None
    uses: tuple[str, ...]
    nullable: bool  # type: ignore[misc]

    @property
    def max_length(self) -> int | None:  # type: ignore[override]
        """The length that it is cut to."""
        return self.cut

    def generate(self, context: Context) -> pa.Array:  # noqa: D102
        try:
            made = self.value.evaluate(context)
        except pa.ArrowInvalid as error:
            raise RunError([Problem(self.where, "expression", f"{self.text}: {error}", "Keep the numbers smaller.")]) from None
        if isinstance(made, pa.Scalar):
            made = pa.repeat(made, len(context.rows))
        if isinstance(made, pa.ChunkedArray):
            made = made.combine_chunks()
        if self.data_type.is_text:
            texts = decoded(to_text(made))
            return pc.utf8_slice_codeunits(texts, start=0, stop=self.cut) if self.cut is not None else texts
        if made.type == self.data_type.arrow:
            return made
        return self._number(made, context) if self.data_type.is_number else made.cast(self.data_type.arrow, safe=False)

    def _number(self, made: pa.Array, context: Context) -> pa.Array:
        """Rounded, half away from zero, to the column's digits; too large a number stops the run."""
        valid = valid_mask(made)
        numbers = np.asarray(made.cast(pa.float64(), safe=False).fill_null(0.0))
        if self.data_type == DOUBLE:
            return with_nulls(pa.array(numbers), valid)
        scaled = numbers * 10.0**self.data_type.scale
        whole = np.trunc(scaled + np.copysign(0.5, scaled))
        limit = {"INTEGER": 2.0**31, "BIGINT": _MOST_EXACT}.get(self.data_type.name, min(10.0**self.data_type.precision, _MOST_EXACT))
        wrong = ~(np.abs(whole) < limit)
        if wrong.any():
            row = int(context.rows[int(np.argmax(wrong))])
            message = f"row {row}: the value does not fit into {self.data_type}"
            raise RunError([Problem(self.where, "overflow", message, "Use a wider type.")])
        if pa.types.is_int64(made.type) and self.data_type.scale == 0:
            exact = np.asarray(made.fill_null(0))
            return with_nulls(from_integers(exact, self.data_type), valid)
        return with_nulls(from_integers(whole.astype(np.int64), self.data_type), valid)

    def describe(self) -> str:  # noqa: D102
        return self.text


def compile_expression(text: str, scope: Scope, wanted: DataType | None, cut: int | None) -> Generator | None:
    """The generator of an expression; None after problems were reported under ``expression``."""
    problems = scope.problems.at("expression")
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        problems.add("expression", str(error), "Correct the expression.")
        return None
    compiler = _Compiler(scope)
    value = compiler.compile(node)
    if value is None:
        return None
    if value.kind == NULL:
        problems.add("expression", "the expression is always null", "Use nullFraction 1 on a typed rule.")
        return None
    if not compiler.columns:
        problems.add("expression", "the expression names no column", "Use CONSTANT for a fixed value.")
        return None
    data_type = wanted or _TYPES[value.kind]
    number = value.kind in _NUMERIC and data_type.is_number
    dated = value.kind in _DATED and data_type in (DATE, TIMESTAMP)
    if not (data_type.is_text or number or dated or data_type == _TYPES[value.kind]):
        scope.problems.add("data-type", f"the expression makes {value.kind}, not {data_type}", "Change 'dataType'.", at=["dataType"])
        return None
    uses = tuple(dict.fromkeys(compiler.columns))
    return ExpressionGenerator(text, value, data_type, pointer(*problems.path), cut, uses, compiler.nullable)
