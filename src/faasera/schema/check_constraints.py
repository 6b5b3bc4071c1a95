"""CHECK constraints of SQL as conditions of policies."""

import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.types import BINARY, BOOLEAN, DATE, TIMESTAMP
from faasera.databases.structure import TableStructure
from faasera.generators.expression_syntax import ExpressionError, parse_expression
from faasera.generators.literals import parse_timestamp
from faasera.generators.regex.tree import RegexError
from faasera.generators.showing import show_whole
from faasera.policy.names import braced
from faasera.schema import matching
from faasera.schema.dialects import Dialect
from faasera.schema.matching import text_literal

_OPERATORS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip
_FUNCTIONS: dict[type, str] = {
    exp.Lower: "lower", exp.Upper: "upper", exp.Abs: "abs", exp.Sqrt: "sqrt", exp.Floor: "floor", exp.Ceil: "ceil",
    exp.Year: "year", exp.Month: "month", exp.Day: "day", exp.Round: "round",
}  # fmt: skip
_CLOCK = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime)
_PARTS = {"YEAR": "year", "MONTH": "month", "DAY": "day", "HOUR": "hour", "ISODOW": "weekday"}
_INTERVALS = {"DAY": ("add_days", 1), "WEEK": ("add_days", 7), "MONTH": ("add_months", 1), "YEAR": ("add_months", 12)}
_NUMERIC = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DECIMAL", "DOUBLE", "FLOAT")
_NAME = re.compile(r"^[^\W\d]\w*$")
_RESERVED = {"and", "or", "not", "in", "is", "like", "between", "true", "false", "null"}
_ALWAYS = "true"

_ZONED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)")


class UntranslatableError(Exception):
    """A constraint that a policy cannot state; the text says why."""


def translate(sql: str, dialect: Dialect, table: TableStructure) -> str | None:
    """A constraint as an expression of policies; None for one that always holds there.

    Raises:
        UntranslatableError: it says what expressions cannot.
    """
    try:
        tree = sqlglot.parse_one(sql, read=dialect.sqlglot or None)
    except (sqlglot.ParseError, sqlglot.TokenError):
        raise UntranslatableError("it cannot be read") from None
    try:
        made = _Translator(dialect, table).outermost(tree)
        if made == _ALWAYS:
            return None
        parse_expression(made)
    except (RegexError, ExpressionError) as error:
        raise UntranslatableError(str(error)) from None
    return made


def column_text(name: str) -> str:
    """A column's name as expressions write it."""
    plain = bool(_NAME.match(name)) and name.lower() not in _RESERVED
    return name if plain else braced(name)


def _in_utc(text: str) -> str:
    """A timestamp with an offset as one in UTC, which timestamps of policies are in; any other text as it is."""
    if not _ZONED.fullmatch(text):
        return text
    try:
        return show_whole(parse_timestamp(text), TIMESTAMP)
    except ValueError:
        return text


class _Translator:
    """From sqlglot's tree to a text.

    Raises:
        UntranslatableError: from any method, for what expressions cannot say.
    """

    def __init__(self, dialect: Dialect, table: TableStructure) -> None:
        self.dialect = dialect
        self.table = table
        self.names = {column.name.casefold(): column for column in table.columns}

    def outermost(self, node: exp.Expr) -> str:
        made = self.of(node)
        return made[1:-1] if _wrapped(made) else made

    def of(self, node: exp.Expr) -> str:
        made = self.plain(node)
        return f"(not {made})" if node.args.get("negate") else made

    def plain(self, node: exp.Expr) -> str:
        """A node without its negation, which sqlglot keeps as a flag of some."""
        for kind, make in _MAKERS.items():
            if isinstance(node, kind):
                return make(self, node)
        if type(node) in _OPERATORS:
            return self.binary(node)
        if type(node) in _FUNCTIONS:
            arguments = [node.this, *([node.args["decimals"]] if node.args.get("decimals") else [])]
            return f"{_FUNCTIONS[type(node)]}({', '.join(self.of(one) for one in arguments)})"
        raise UntranslatableError(f"expressions know no {self.shown(node)}")

    def shown(self, node: exp.Expr) -> str:
        text = " ".join(self.dialect.written(node).split())
        return text if len(text) <= 60 else text[:57] + "…"

    def column(self, node: exp.Column) -> str:
        found = self.names.get(node.name.casefold())
        if found is None:
            if isinstance(node.this, exp.Identifier) and node.this.quoted and self.dialect.quoted_texts:
                return text_literal(node.name)
            raise UntranslatableError(f"there is no column {node.name}")
        if found.generated:
            raise UntranslatableError(f"{found.name} is computed by the database")
        if found.data_type is None or found.array or found.data_type == BINARY:
            raise UntranslatableError(f"expressions do not know {found.type}, the type of {found.name}")
        return column_text(found.name)

    def literal(self, node: exp.Literal) -> str:
        if node.is_string:
            return text_literal(_in_utc(str(node.this)))
        return str(node.this)

    def boolean_column(self, node: exp.Expr) -> bool:
        while isinstance(node, exp.Paren):
            node = node.this
        found = self.names.get(node.name.casefold()) if isinstance(node, exp.Column) else None
        return found is not None and found.data_type == BOOLEAN

    def number(self, node: exp.Expr, beside: exp.Expr) -> str:
        """An operand, where a truth value is compared with a number."""
        made = self.of(node)
        number = isinstance(beside, exp.Literal) and not beside.is_string
        return f"integer({made})" if number and self.boolean_column(node) else made

    def binary(self, node: exp.Expr) -> str:
        left, right = node.this, node.expression
        if isinstance(node, exp.EQ | exp.NEQ) and _quantifier(_bare(right)):
            members = self.array(_bare(right))
            if isinstance(node, exp.EQ) == (_quantifier(_bare(right)) == "any"):
                return f"({self.of(left)} {'in' if isinstance(node, exp.EQ) else 'not in'} ({', '.join(members)}))"
        if isinstance(node, exp.Add | exp.Sub) and _is_interval(_bare(right)):
            return self.moved(left, _bare(right), -1 if isinstance(node, exp.Sub) else 1)
        if self.clock(node):
            return f"({self.of(left)} {_OPERATORS[type(node)]} {self.of(right)})"
        return f"({self.number(left, right)} {_OPERATORS[type(node)]} {self.number(right, left)})"

    def clock(self, node: exp.Expr) -> bool:
        """Whether a comparison with now holds later on as well; one that may not is refused."""
        now = {side for side in ("left", "right") if any(getattr(node, side).find(kind) for kind in _CLOCK)}
        if not now:
            return False
        earlier = isinstance(node, exp.LT | exp.LTE) if now == {"right"} else isinstance(node, exp.GT | exp.GTE)
        if not earlier or len(now) > 1:
            raise UntranslatableError("it depends on the clock")
        return True

    def moved(self, date: exp.Expr, interval: exp.Expr, sign: int) -> str:
        text = interval.this.name if interval.this is not None else ""
        unit = str(interval.args.get("unit") or "").upper().rstrip("S")
        match = re.match(r"^(\d+)(?:\s+(\w+?)s?)?$", text)
        unit = match[2].upper() if match and match[2] else unit
        if not match or unit not in _INTERVALS:
            raise UntranslatableError(f"expressions know no {self.shown(interval)}")
        function, factor = _INTERVALS[unit]
        return f"{function}({self.of(date)}, {sign * int(match[1]) * factor})"

    def array(self, node: exp.Expr) -> list[str]:
        inner = _bare(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this)
        while isinstance(inner, exp.Cast | exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Array | exp.Tuple):
            return [self.of(one) for one in inner.expressions]
        if isinstance(inner, exp.Literal) and inner.is_string and str(inner.this).startswith("{"):
            parts = str(inner.this)[1:-1].split(",")
            texts = [part.strip().strip('"') for part in parts]
            numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in texts)
            return texts if numbers else [text_literal(text) for text in texts]
        raise UntranslatableError(f"expressions know no {self.shown(node)}")

    def among(self, node: exp.In) -> str:
        if node.args.get("query") is not None or not node.expressions:
            raise UntranslatableError("it asks another table")
        members = [self.of(one) for one in node.expressions]
        if self.boolean_column(node.this):
            members = ["true" if one in ("1", "true") else "false" for one in members]
        return f"({self.of(node.this)} in ({', '.join(members)}))"

    def cast(self, node: exp.Cast) -> str:
        kind = node.to.this.value if hasattr(node.to.this, "value") else str(node.to.this)
        inner = _bare(node.this)
        while isinstance(inner, exp.Cast):
            inner = _bare(inner.this)
        if isinstance(inner, exp.Literal) and kind != "INTERVAL":
            # PostgreSQL writes -2 as '-2'::integer.
            number = kind in _NUMERIC and re.fullmatch(r"-?\d+(\.\d+)?", str(inner.this))
            return str(inner.this) if number else self.literal(inner)
        if isinstance(inner, exp.Column):
            made = self.column(inner)
            data_type = self.names[inner.name.casefold()].data_type
            assert data_type is not None
            textual = kind in ("TEXT", "VARCHAR", "CHAR", "BPCHAR", "NVARCHAR")
            if textual:
                return made if data_type.is_text else f"text({made})"
            if data_type.is_number and kind in ("DECIMAL", "DOUBLE", "FLOAT", "INT", "BIGINT", "SMALLINT"):
                return made if kind in ("DECIMAL", "DOUBLE", "FLOAT") or data_type.scale == 0 else f"integer({made})"
            if data_type.is_temporal and kind in ("TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "TIMESTAMPNTZ"):
                return made
            if data_type == DATE and kind == "DATE":
                return made
        elif kind in ("INT", "BIGINT", "SMALLINT") and isinstance(inner, exp.Is | exp.Not | exp.And | exp.Or):
            return f"integer({self.of(inner)})"
        elif kind in ("DECIMAL", "DOUBLE", "FLOAT", "TEXT", "VARCHAR"):
            return self.of(node.this)
        raise UntranslatableError(f"expressions know no {self.shown(node)}")

    def identity(self, node: exp.Is) -> str:
        right = _bare(node.expression)
        if isinstance(right, exp.Null):
            return f"({self.known(node.this)} is null)"
        if isinstance(right, exp.Boolean):
            value = "true" if right.this else "false"
            return f"(coalesce({self.of(node.this)}, {'false' if right.this else 'true'}) = {value})"
        raise UntranslatableError(f"expressions know no {self.shown(node)}")

    def known(self, node: exp.Expr) -> str:
        """A column whose presence alone is asked for: of any type."""
        node = _bare(node)
        found = self.names.get(node.name.casefold()) if isinstance(node, exp.Column) else None
        if found is not None and found.data_type is not None and not found.generated and found.data_type != BINARY:
            return column_text(found.name)
        return self.of(node)

    def elements(self, node: exp.Expr) -> str:
        """How many elements a list has, which is JSON of words and numbers until it is loaded."""
        inner = node.this if isinstance(node, exp.ArraySize) else node.expressions[0]
        found = self.names.get(inner.name.casefold()) if isinstance(inner, exp.Column) else None
        if found is None or not found.array or found.data_type is None:
            raise UntranslatableError(f"expressions know no {self.shown(node)}")
        name = column_text(found.name)
        return f"(length({name}) - length(replace({name}, ',', '')) + 1)"

    def length(self, node: exp.Expr) -> str:
        return f"length({self.of(node.this)})"

    def case(self, node: exp.Case) -> str:
        default = node.args.get("default")
        made = self.of(default) if default is not None else "null"
        for one in reversed(node.args.get("ifs") or []):
            condition = self.of(one.this)
            if node.this is not None:
                condition = f"({self.of(node.this)} = {condition})"
            made = f"if({condition}, {self.of(one.args['true'])}, {made})"
        return made

    def anonymous(self, node: exp.Anonymous) -> str:
        name = str(node.this).lower()
        arguments = node.expressions
        if name in ("json_valid",):
            return _ALWAYS
        if name in ("num_nonnulls", "num_nulls"):
            zero, one = ("0", "1") if name == "num_nonnulls" else ("1", "0")
            return "(" + " + ".join(f"if({self.known(part)} is null, {zero}, {one})" for part in arguments) + ")"
        if name == "cardinality":
            return self.elements(node)
        if name in ("btrim", "trim") and len(arguments) == 1:
            return f"trim({self.of(arguments[0])})"
        if name == "octet_length":
            return f"octet_length({self.of(arguments[0])})"
        if name in ("char_length", "character_length", "length", "len"):
            return f"length({self.of(arguments[0])})"
        if name in matching.CALLS:
            return matching.CALLS[name](self, node)
        raise UntranslatableError(f"expressions know no {name}()")

    def listed(self, node: exp.Expr, name: str) -> str:
        return f"{name}({', '.join(self.of(one) for one in [node.this, *node.expressions])})"

    def extract(self, node: exp.Extract) -> str:
        part = str(node.this).upper()
        if part not in _PARTS:
            raise UntranslatableError(f"expressions know no {self.shown(node)}")
        return f"{_PARTS[part]}({self.of(node.expression)})"


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _quantifier(node: exp.Expr) -> str:
    """Whether a comparison is with any or with all of a list; empty for neither."""
    if isinstance(node, exp.Anonymous):
        return "all" if str(node.this).lower() == "all" and len(node.expressions) == 1 else ""
    return "any" if isinstance(node, exp.Any) else ("all" if isinstance(node, exp.All) else "")


def _is_interval(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return isinstance(node.this, exp.Literal) and bool(node.to.this == exp.DataType.Type.INTERVAL)
    return isinstance(node, exp.Interval)


def _wrapped(text: str) -> bool:
    """Whether one pair of parentheses encloses all of a text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth, quoted = 0, False
    for place, one in enumerate(text):
        quoted ^= one == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(one, 0)
        if not depth and place < len(text) - 1:
            return False
    return True


def _and(translator: _Translator, node: exp.And) -> str:
    parts = [made for made in (translator.of(node.left), translator.of(node.right)) if made != _ALWAYS]
    return f"({' and '.join(parts)})" if len(parts) > 1 else (parts[0] if parts else _ALWAYS)


def _or(translator: _Translator, node: exp.Or) -> str:
    parts = [translator.of(node.left), translator.of(node.right)]
    return _ALWAYS if _ALWAYS in parts else f"({' or '.join(parts)})"


_MAKERS: dict[type, Callable[[_Translator, Any], str]] = {
    exp.Paren: lambda translator, node: translator.of(node.this),
    exp.And: _and,
    exp.Or: _or,
    exp.Xor: lambda translator, node: f"({translator.of(node.left)} <> {translator.of(node.right)})",
    exp.Not: lambda translator, node: f"(not {translator.of(node.this)})",
    exp.Column: _Translator.column,
    exp.Literal: _Translator.literal,
    exp.Boolean: lambda _, node: "true" if node.this else "false",
    exp.Null: lambda *_: "null",
    exp.Neg: lambda translator, node: f"-{translator.of(node.this)}",
    exp.In: _Translator.among,
    exp.Between: lambda translator, node: (
        f"({translator.of(node.this)} between {translator.of(node.args['low'])} and {translator.of(node.args['high'])})"
    ),
    exp.Cast: _Translator.cast,
    exp.Is: _Translator.identity,
    **matching.MAKERS,
    exp.ArraySize: _Translator.elements,
    exp.Length: _Translator.length,
    exp.Case: _Translator.case,
    exp.If: lambda translator, node: (
        f"if({translator.of(node.this)}, {translator.of(node.args['true'])}, "
        f"{translator.of(node.args['false']) if node.args.get('false') is not None else 'null'})"
    ),
    exp.Coalesce: lambda translator, node: translator.listed(node, "coalesce"),
    exp.Greatest: lambda translator, node: translator.listed(node, "greatest"),
    exp.Least: lambda translator, node: translator.listed(node, "least"),
    exp.Trim: lambda translator, node: f"trim({translator.of(node.this)})",
    exp.Left: lambda translator, node: f"left({translator.of(node.this)}, {translator.of(node.expression)})",
    exp.Right: lambda translator, node: f"right({translator.of(node.this)}, {translator.of(node.expression)})",
    exp.Extract: _Translator.extract,
    exp.CurrentDate: lambda *_: "as_of()",
    exp.CurrentTimestamp: lambda *_: "as_of()",
    exp.Anonymous: _Translator.anonymous,
    exp.TsOrDsToDate: lambda translator, node: translator.of(node.this),
    exp.ParseJSON: lambda *_: _ALWAYS,
}
