"""Expressions of policies as SQL of DuckDB."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faasera.core.types import BINARY, BOOLEAN, DATE, DOUBLE, JSON, TIME, TIMESTAMP, DataType
from faasera.generators.expression_syntax import Call, Column, ExpressionError, Literal, Node, parse_expression
from faasera.generators.regex.conjuncts import searches
from faasera.generators.regex.tree import RegexError
from faasera.run.check.duckdb_types import sql_type

INTEGER, NUMBER, TEXT, TRUTH, NULL = "integer", "number", "text", "boolean", "null"
DAY, MOMENT, CLOCK = "date", "timestamp", "time"
BYTES = "bytes"
_KINDS: dict[DataType, str] = {BOOLEAN: TRUTH, DATE: DAY, TIMESTAMP: MOMENT, TIME: CLOCK, BINARY: BYTES}
PRINTABLE = "'[ -~]*'"


class NotCheckableError(Exception):
    """A promise that SQL cannot state; the text says why."""


@dataclass(frozen=True)
class Condition:
    """A promise about each row.

    Attributes:
        kind: of promise.
        subject: the column.
        wrong: the SQL condition that a row breaks it.
    """

    kind: str
    subject: str
    wrong: str


@dataclass(frozen=True)
class Sql:
    """A piece of SQL.

    Attributes:
        text: the SQL.
        kind: of its value, as expressions tell kinds apart.
        guards: conditions under which it says the same as the policy.
        scale: digits after the point of a decimal column, exactly as stored.
        real: whether it is computed with doubles.
    """

    text: str
    kind: str
    guards: tuple[str, ...] = ()
    scale: int | None = None
    real: bool = False


def parse(expression: str) -> Node:
    """The tree of an expression.

    Raises:
        NotCheckableError: it is none.
    """
    try:
        return parse_expression(expression)
    except ExpressionError as error:
        raise NotCheckableError(str(error)) from None


def quoted(*parts: str) -> str:
    """A quoted name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: object) -> str:
    """A value of a policy as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return text(value) if isinstance(value, str) else repr(value)


def among(expression: str, values: Sequence[object]) -> str:
    """Whether an expression is one of some values of a policy."""
    if len(values) == 1:
        return f"{expression} = {literal(values[0])}"
    return f"{expression} IN ({', '.join(map(literal, values))})"


def kind_of(data_type: DataType) -> str:
    """The kind of a column.

    Raises:
        NotCheckableError: expressions do not know the type.
    """
    if data_type.is_whole:
        return INTEGER
    if data_type.is_number:
        return NUMBER
    if data_type.is_text:
        return TEXT
    kind = _KINDS.get(data_type)
    if kind is None:
        raise NotCheckableError(f"expressions do not know {data_type}")
    return kind


def column(text: str, data_type: DataType) -> Sql:
    """A column of a data type."""
    scale = data_type.scale if data_type.is_decimal else None
    return Sql(text, kind_of(data_type), scale=scale, real=data_type == DOUBLE)


def as_text(value: Sql) -> Sql:
    """A value as the text that templates make of it.

    Raises:
        NotCheckableError: it is a floating-point number.
    """
    if value.kind == TEXT:
        return value
    if value.kind == NULL:
        return Sql("NULL::VARCHAR", TEXT)
    if value.real:
        raise NotCheckableError("texts of floating-point numbers differ between programs")
    return Sql(f"CAST({value.text} AS VARCHAR)", TEXT, value.guards)


def as_number(value: Sql) -> str:
    """A number as a double."""
    return f"CAST({value.text} AS DOUBLE)"


def only_ascii(value: Sql) -> Sql:
    """A text, where it is ASCII already and nothing is left to fold."""
    return Sql(value.text, TEXT, (*value.guards, f"coalesce(regexp_full_match({value.text}, {PRINTABLE}), TRUE)"))


_UNARY: dict[str, tuple[str, str]] = {
    "lower": ("lower({})", TEXT),
    "upper": ("upper({})", TEXT),
    "trim": (r"regexp_replace({}, '^\s+|\s+$', '', 'g')", TEXT),
    "length": ("length({})", INTEGER),
    "year": ("year({})", INTEGER),
    "month": ("month({})", INTEGER),
    "day": ("day({})", INTEGER),
    "weekday": ("isodow({})", INTEGER),
    "hour": ("hour({})", INTEGER),
    "minute": ("minute({})", INTEGER),
    "second": ("second({})", INTEGER),
    "date": ("CAST({} AS DATE)", DAY),
}
_REAL: dict[str, tuple[str, str]] = {
    "number": ("{}", NUMBER),
    "integer": ("CAST(trunc({}) AS BIGINT)", INTEGER),
    "floor": ("CAST(floor({}) AS BIGINT)", INTEGER),
    "ceil": ("CAST(ceil({}) AS BIGINT)", INTEGER),
    "sqrt": ("sqrt(greatest({}, 0))", NUMBER),
}


_BITS = {"bit_and": "({} & {})", "bit_or": "({} | {})", "bit_xor": "xor({}, {})"}
_JSON_TYPE = (
    "CASE WHEN {0} IS NULL THEN NULL ELSE CASE left(ltrim({0}), 1) WHEN '{{' THEN 'object' WHEN '[' THEN 'array'"
    " WHEN '\"' THEN 'string' WHEN 't' THEN 'boolean'"
    " WHEN 'f' THEN 'boolean' WHEN 'n' THEN 'null' ELSE 'number' END END"
)


def _matching(value: str, pattern: Node) -> str:
    """Whether a regular expression is found in a text."""
    assert isinstance(pattern, Literal)
    try:
        found = searches(str(pattern.value))
    except RegexError as error:
        raise NotCheckableError(str(error)) from None
    parts = [f"{'' if wanted else 'NOT '}regexp_matches({value}, {text(one)})" for one, wanted in found]
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"


def padded(value: str, width: int) -> str:
    """Zeros on the left, and never a cut."""
    return f"CASE WHEN length({value}) >= {width} THEN {value} ELSE lpad({value}, {width}, '0') END"


class Translator:
    """From a tree to SQL.

    Attributes:
        resolve: the SQL of a column, or of a path to a parent's column, unless it is surely a column.
        family: the SQL of ``first``, ``last``, ``siblings``, ``next`` and ``previous``.
        as_of: the policy's "today".
    """

    def __init__(
        self, resolve: Callable[[str, bool], Sql], family: Callable[[str, tuple[Node, ...]], Sql], as_of: datetime.date
    ) -> None:
        self.resolve = resolve
        self.family = family
        self.as_of = as_of

    def translate(self, node: Node) -> Sql:
        """The SQL of a tree.

        Raises:
            NotCheckableError: it uses what SQL has no equal of.
        """
        if isinstance(node, Literal):
            value = node.value
            kinds: dict[type, str] = {bool: TRUTH, int: INTEGER, float: NUMBER, str: TEXT}
            kind = NULL if value is None else kinds[type(value)]
            shown = f"CAST({value!r} AS DOUBLE)" if kind == NUMBER else literal(value)
            return Sql(shown, kind, real=kind == NUMBER)
        if isinstance(node, Column):
            found = self.resolve(node.name, node.own)
            # Expressions compute decimals as doubles.
            return found if found.scale is None else Sql(as_number(found), NUMBER, found.guards, real=True)
        return self._call(node)

    def _call(self, node: Call) -> Sql:
        function = node.function
        if function in ("first", "last", "siblings", "next", "previous"):
            return self.family(function, node.arguments)
        arguments = [self.translate(argument) for argument in node.arguments]
        guards = tuple(guard for argument in arguments for guard in argument.guards)
        made = self._made(function, arguments, node)
        return Sql(made.text, made.kind, (*guards, *made.guards), real=made.real)

    def _made(self, function: str, arguments: list[Sql], node: Call) -> Sql:
        shown = [argument.text for argument in arguments]
        if function in ("and", "or"):
            return Sql(f"({shown[0]} {function.upper()} {shown[1]})", TRUTH)
        if function == "not":
            return Sql(f"(NOT {shown[0]})", TRUTH)
        if function == "is_null":
            return Sql(f"({shown[0]} IS NULL)", TRUTH)
        if function == "like":
            return Sql(f"({shown[0]} LIKE {shown[1]})", TRUTH)
        if function == "matches":
            return Sql(_matching(shown[0], node.arguments[1]), TRUTH)
        if function in ("=", "<>", "<", "<=", ">", ">="):
            return self._comparison(function, arguments)
        if function in ("+", "-", "*", "/", "%", "negate"):
            return self._arithmetic(function, arguments)
        if function == "if":
            parts, kind, real = self._unified(arguments[1:])
            return Sql(f"CASE WHEN {shown[0]} THEN {parts[0]} WHEN NOT {shown[0]} THEN {parts[1]} END", kind, real=real)
        if function in ("coalesce", "least", "greatest"):
            parts, kind, real = self._unified(arguments)
            return Sql(f"{function}({', '.join(parts)})", kind, real=real)
        if function in ("concat", "text"):
            return Sql("(" + " || ".join(as_text(argument).text for argument in arguments) + ")", TEXT)
        if function in _UNARY:
            form, kind = _UNARY[function]
            return Sql(form.format(shown[0]), kind)
        if function in _REAL:
            form, kind = _REAL[function]
            return Sql(form.format(as_number(arguments[0])), kind, real=kind == NUMBER)
        return self._other(function, arguments, node)

    def _other(self, function: str, arguments: list[Sql], node: Call) -> Sql:
        shown = [argument.text for argument in arguments]
        if function == "ascii":
            return only_ascii(arguments[0])
        if function == "abs":
            whole = arguments[0].kind == INTEGER
            inner = shown[0] if whole else as_number(arguments[0])
            return Sql(f"abs({inner})", arguments[0].kind, real=not whole)
        if function == "round":
            digits = shown[1] if len(shown) > 1 else "0"
            return Sql(f"round({as_number(arguments[0])}, {digits})", NUMBER, real=True)
        if function in ("left", "right"):
            return Sql(f"{function}({shown[0]}, greatest({shown[1]}, 0))", TEXT)
        if function == "substring":
            length = f", greatest({shown[2]}, 0)" if len(shown) > 2 else ""
            return Sql(f"substring({shown[0]}, greatest({shown[1]}, 1){length})", TEXT)
        if function == "octet_length":
            return Sql(f"{'octet_length' if arguments[0].kind == BYTES else 'strlen'}({shown[0]})", INTEGER)
        if function == "position":
            return Sql(f"strpos({shown[0]}, {shown[1]})", INTEGER)
        if function == "json_type":
            return Sql(_JSON_TYPE.format(shown[0]), TEXT)
        if function == "power":
            return Sql(f"power({', '.join(as_number(one) for one in arguments)})", NUMBER, real=True)
        if function in _BITS:
            return Sql(_BITS[function].format(*shown), INTEGER)
        if function == "replace":
            return Sql(f"replace({', '.join(shown)})", TEXT)
        if function == "pad":
            width = node.arguments[1]
            assert isinstance(width, Literal)
            return Sql(padded(as_text(arguments[0]).text, int(str(width.value))), TEXT)
        if function == "days_between":
            return Sql(f"(CAST({shown[1]} AS DATE) - CAST({shown[0]} AS DATE))", INTEGER)
        if function in ("add_days", "add_months"):
            unit = "to_days" if function == "add_days" else "to_months"
            target = "DATE" if arguments[0].kind == DAY else "TIMESTAMP"
            return Sql(f"CAST({shown[0]} + {unit}(CAST({shown[1]} AS INTEGER)) AS {target})", arguments[0].kind)
        if function == "cut":
            target = "DATE" if arguments[0].kind == DAY else "TIMESTAMP"
            return Sql(f"CAST(date_trunc({shown[1]}, {shown[0]}) AS {target})", arguments[0].kind)
        if function == "add_seconds":
            return Sql(f"(CAST({shown[0]} AS TIMESTAMP) + to_seconds(CAST({shown[1]} AS BIGINT)))", MOMENT)
        if function == "seconds_between":
            moments = [f"epoch_us(CAST({one} AS TIMESTAMP))" for one in shown]
            return Sql(f"(({moments[1]} - {moments[0]}) / 1000000)", NUMBER, real=True)
        if function == "as_of":
            return Sql(f"DATE '{self.as_of}'", DAY)
        if function == "age":
            month, day = self.as_of.month, self.as_of.day
            late = f"(month({shown[0]}) * 100 + day({shown[0]}) > {month * 100 + day})"
            return Sql(f"({self.as_of.year} - year({shown[0]}) - CAST({late} AS INTEGER))", INTEGER)
        raise NotCheckableError(f"SQL has no equal of {function}()")

    @staticmethod
    def _unified(arguments: list[Sql]) -> tuple[list[str], str, bool]:
        """The arguments as values of one kind."""
        kinds = {argument.kind for argument in arguments} - {NULL}
        if kinds and kinds <= {INTEGER, NUMBER}:
            if kinds == {INTEGER}:
                return [argument.text for argument in arguments], INTEGER, False
            return [as_number(argument) for argument in arguments], NUMBER, True
        if len(kinds) == 1:
            return [argument.text for argument in arguments], kinds.pop(), False
        return [as_text(argument).text for argument in arguments], TEXT, False

    @staticmethod
    def _comparison(operator: str, arguments: list[Sql]) -> Sql:
        kinds = {argument.kind for argument in arguments}
        shown = [argument.text for argument in arguments]
        if kinds <= {INTEGER, NUMBER, NULL} and NUMBER in kinds:
            shown = [as_number(argument) for argument in arguments]
        elif CLOCK in kinds:
            shown = [f"CAST({part} AS TIME)" for part in shown]
        elif kinds & {DAY, MOMENT}:
            target = "TIMESTAMP"
            shown = [f"CAST({part} AS {target})" for part in shown]
        return Sql(f"({shown[0]} {operator} {shown[1]})", TRUTH)

    @staticmethod
    def _arithmetic(operator: str, arguments: list[Sql]) -> Sql:
        whole = all(argument.kind == INTEGER for argument in arguments)
        shown = [f"CAST({one.text} AS BIGINT)" if whole else as_number(one) for one in arguments]
        if operator == "negate":
            return Sql(f"(-{shown[0]})", arguments[0].kind, real=not whole)
        a, b = shown
        if operator == "/":
            a, b = (as_number(argument) for argument in arguments)
            return Sql(f"({a} / nullif({b}, 0))", NUMBER, real=True)
        if operator == "%":
            divisor = f"nullif({b}, 0)"
            return Sql(f"((({a} % {divisor}) + {divisor}) % {divisor})", INTEGER)
        return Sql(f"({a} {operator} {b})", INTEGER if whole else NUMBER, real=not whole)


def one_form(shown: str, data_type: DataType) -> str:
    """A text in the one form that all spellings of its value have: JSON without blanks, other texts as they are."""
    if data_type != JSON:
        return shown
    return f"CASE WHEN json_valid({shown}) THEN CAST(json({shown}) AS VARCHAR) ELSE {shown} END"


def differs(actual: Sql, expected: Sql, data_type: DataType) -> str:
    """The condition that a derived column is not what its rule says: numbers to half of the last digit."""
    a, e = actual.text, expected.text
    if data_type.is_number and expected.kind in (INTEGER, NUMBER):
        exact = not expected.real and (expected.scale or 0) <= data_type.scale
        if exact:
            return f"({a} IS DISTINCT FROM {e})"
        a, e = as_number(actual), as_number(expected)
        slack = "1e-9 * greatest(1, abs({e}))" if data_type == DOUBLE else f"{0.5000001 * 10.0**-data_type.scale!r}"
        slack = slack.replace("{e}", e) + f" + abs({e}) * 1e-11"
        return f"(({a} IS NULL) <> ({e} IS NULL) OR abs({a} - {e}) > {slack})"
    if data_type.is_text:
        return f"({one_form(a, data_type)} IS DISTINCT FROM {one_form(as_text(expected).text, data_type)})"
    if data_type.has_date:
        return f"({a} IS DISTINCT FROM CAST({e} AS {sql_type(data_type)}))"
    return f"({a} IS DISTINCT FROM {e})"
