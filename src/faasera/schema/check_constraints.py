"""CHECK constraints of SQL as conditions of policies."""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

import sqlglot
from sqlglot import exp

from faasera.core.types import TIMESTAMP
from faasera.databases.structure import TableStructure
from faasera.generators.expression_syntax import ExpressionError, parse_expression
from faasera.generators.literals import parse_timestamp
from faasera.generators.regex.tree import RegexError
from faasera.generators.showing import show_whole
from faasera.schema import check_counts, check_dates, check_lists, check_texts, matching
from faasera.schema.dialects import Dialect
from faasera.schema.translator import (
    ALWAYS,
    NEVER,
    Maker,
    Translator,
    UntranslatableError,
    bare,
    both,
    either,
    number_of,
    opposite,
    text_literal,
    wrapped,
)

_TEXTS = ("TEXT", "VARCHAR", "CHAR", "BPCHAR", "NVARCHAR", "NCHAR", "CITEXT")
_NUMBERS = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DECIMAL", "DOUBLE", "FLOAT")
_MOMENTS = ("TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "TIMESTAMPNTZ")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)")


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
        made = _Translator(dialect, table).truth(tree)
        parse_expression(made)
    except (RegexError, ExpressionError) as error:
        raise UntranslatableError(str(error)) from None
    if made == NEVER:
        raise UntranslatableError("no row can meet it")
    return None if made == ALWAYS else (made[1:-1] if wrapped(made) else made)


def _in_utc(text: str) -> str:
    """A timestamp with an offset as one in UTC, which timestamps of policies are in; any other text as it is."""
    if not _ZONED.fullmatch(text):
        return text
    try:
        return show_whole(parse_timestamp(text), TIMESTAMP)
    except ValueError:
        return text


class _Translator(Translator):
    """With all that is known of nodes."""

    def literal(self, node: exp.Literal) -> str:
        if node.is_string:
            return text_literal(_in_utc(str(node.this)))
        return str(node.this)

    def comparison(self, node: exp.Expr) -> str:
        for ask in self.compared:
            made = ask(self, node)
            if made is not None:
                return made
        left, right = node.this, node.expression
        if isinstance(bare(left), exp.Tuple) or isinstance(bare(right), exp.Tuple):
            return self.together(node)
        if self.kind(left) == self.kind(right) == "truth":
            with self.signed(0):
                return f"({self.of(left)} {check_counts.SYMBOLS[type(node)]} {self.of(right)})"
        sides = self.number(left, right), self.number(right, left)
        if {*sides} <= {ALWAYS, NEVER, "0", "1"}:
            same = len({{ALWAYS: "1", NEVER: "0"}.get(one, one) for one in sides}) == 1
            return ALWAYS if same == isinstance(node, exp.EQ) else NEVER
        return f"({sides[0]} {check_counts.SYMBOLS[type(node)]} {sides[1]})"

    def number(self, node: exp.Expr, beside: exp.Expr) -> str:
        """An operand, where a truth value is compared with a number."""
        made = self.of(node)
        number = isinstance(bare(beside), exp.Literal) and not bare(beside).is_string
        return f"integer({made})" if number and self.kind(node) == "truth" and made not in (ALWAYS, NEVER) else made

    def together(self, node: exp.Expr) -> str:
        """Rows of values beside one another."""
        left, right = bare(node.this), bare(node.expression)
        pairs = zip(left.expressions, right.expressions, strict=False)
        if len(left.expressions) != len(right.expressions) or not isinstance(node, exp.EQ | exp.NEQ):
            raise self.unknown(node)
        made = [self.of(type(node)(this=a.copy(), expression=b.copy())) for a, b in pairs]
        return both(made) if isinstance(node, exp.EQ) else either(made)

    def distinct(self, node: exp.Expr) -> str:
        """Whether two values differ, where null is a value."""
        asked = next((made for ask in self.compared if (made := ask(self, node)) is not None), None)
        if asked is not None:
            return asked
        left, right = node.this, node.expression
        kind = exp.NEQ if isinstance(node, exp.NullSafeNEQ) else exp.EQ
        plain = self.of(kind(this=left.copy(), expression=right.copy()))
        fixed = [
            isinstance(bare(one), exp.Literal | exp.Boolean) or number_of(one) is not None for one in (left, right)
        ]
        null = NEVER if any(fixed) else both([self.present(left), self.present(right)])
        return f"coalesce({plain}, {opposite(null) if kind is exp.NEQ else null})"

    def between(self, node: exp.Between) -> str:
        value, low, high = node.this, node.args["low"], node.args["high"]
        simple = isinstance(bare(value), exp.Column | exp.Length) or self.kind(value) in ("whole", "text")
        if node.args.get("symmetric"):
            return either([self._between(value, low, high), self._between(value, high, low)])
        if not simple or any(check_dates.is_clock(one) for one in node.walk()):
            return self._between(value, low, high)
        return f"({self.of(value)} between {self.of(low)} and {self.of(high)})"

    def _between(self, value: exp.Expr, low: exp.Expr, high: exp.Expr) -> str:
        ends = ((exp.GTE, low), (exp.LTE, high))
        return both([self.of(kind(this=value.copy(), expression=end.copy())) for kind, end in ends])

    def among(self, node: exp.In) -> str:
        if node.args.get("query") is not None or not node.expressions:
            raise UntranslatableError("it asks another table")
        for ask in (check_texts.stored, check_lists.json_kind):
            made = ask(self, node)
            if made is not None:
                return made
        if isinstance(bare(node.this), exp.Tuple):
            return either([self.of(exp.EQ(this=node.this.copy(), expression=one.copy())) for one in node.expressions])
        if any(check_dates.is_clock(one) for one in node.walk()):
            raise UntranslatableError("it depends on the clock")
        members = [self.of(one) for one in node.expressions]
        if self.kind(node.this) == "truth":
            members = ["true" if one in ("1", "true") else "false" for one in members]
        return f"({self.of(node.this)} in ({', '.join(members)}))"

    def cast(self, node: exp.Cast) -> str:
        kind = node.to.this.value if hasattr(node.to.this, "value") else str(node.to.this)
        inner = bare(node.this)
        while isinstance(inner, exp.Cast) and self.kind(inner) != "date":
            inner = bare(inner.this)
        number = number_of(inner)
        if number is not None and kind in _NUMBERS:
            return str(number)  # PostgreSQL writes -2 as '-2'::integer.
        if isinstance(inner, exp.Literal) and kind != "INTERVAL":
            return self.literal(inner)
        held = self.kind(inner)
        if kind in _TEXTS:
            return self.of(inner) if held in ("text", "json") else f"text({self.of(inner)})"
        if kind in _NUMBERS and held in ("whole", "number", "truth"):
            plain = held == "whole" or (held == "number" and kind in ("DECIMAL", "DOUBLE", "FLOAT"))
            return self.of(inner) if plain else f"integer({self.of(inner)})"
        if kind in ("DECIMAL", "DOUBLE", "FLOAT", *_TEXTS) and not held:
            return self.of(node.this)
        if kind in _MOMENTS and (held in ("date", "moment") or check_dates.is_clock(inner)):
            return self.of(inner)
        if kind in ("UUID", "JSON", "JSONB") and held in ("text", "json"):
            return self.of(inner)
        made = check_dates.cast_to_date(self, node) if kind == "DATE" else None
        if made is None:
            raise self.unknown(node)
        return made

    def identity(self, node: exp.Is) -> str:
        asked = next((made for ask in self.compared if (made := ask(self, node)) is not None), None)
        if asked is not None:
            return asked
        left, right = bare(node.this), bare(node.expression)
        if isinstance(right, exp.Null):
            listed = left.expressions if isinstance(left, exp.Tuple) or _called(left, "row") else [left]
            if len(listed) > 1 and node.args.get("negate"):
                return opposite(both([opposite(self.present(one)) for one in listed]))
            return both([self.present(one) for one in listed])
        if isinstance(right, exp.Boolean):
            value = "true" if right.this else "false"
            with self.signed(self.sign if right.this else -self.sign):
                made = self.truth(node.this)
            if made in (ALWAYS, NEVER):
                return ALWAYS if made == value else NEVER
            return f"(coalesce({made}, {'false' if right.this else 'true'}) = {value})"
        raise self.unknown(node)

    def case(self, node: exp.Case) -> str:
        default = node.args.get("default")
        made = self.of(default) if default is not None else "null"
        for one in reversed(node.args.get("ifs") or []):
            condition = self.exactly(one.this) if node.this is None else self.of(one.this)
            if node.this is not None:
                condition = f"({self.of(node.this)} = {condition})"
            made = f"if({_decided(condition)}, {self.of(one.args['true'])}, {made})"
        return made

    def when(self, node: exp.If) -> str:
        otherwise = node.args.get("false")
        shown = self.of(otherwise) if otherwise is not None else "null"
        return f"if({_decided(self.exactly(node.this))}, {self.of(node.args['true'])}, {shown})"

    def refuted(self, node: exp.Not) -> str:
        with self.signed(-self.sign):
            return opposite(self.truth(node.this))

    def unequal(self, node: exp.Xor) -> str:
        return f"({self.exactly(node.left)} <> {self.exactly(node.right)})"

    def listed(self, node: exp.Expr, name: str) -> str:
        with self.signed(0):
            return f"{name}({', '.join(self.of(one) for one in [node.this, *node.expressions])})"

    def negative(self, node: exp.Neg) -> str:
        number = number_of(node)
        return str(number) if number is not None else f"-{self.of(node.this)}"

    makers: ClassVar[Mapping[type, Maker]]
    calls: ClassVar[Mapping[str, Maker]]
    compared: ClassVar[tuple[Callable[[Translator, exp.Expr], str | None], ...]] = (
        *check_dates.COMPARED, *check_lists.COMPARED, *check_texts.COMPARED, *check_counts.COMPARED,
    )  # fmt: skip


def _decided(condition: str) -> str:
    """A condition of which null is no."""
    known = condition in (ALWAYS, NEVER) or re.fullmatch(r"(\(not )?\([^()]* is null\)\)?", condition)
    return condition if known else f"coalesce({condition}, false)"


def _called(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == name


_Translator.calls = {
    **check_texts.CALLS,
    **check_dates.CALLS,
    **check_lists.CALLS,
    **check_counts.CALLS,
    **matching.CALLS,
}
_Translator.makers = {
    exp.Paren: lambda translator, node: translator.of(node.this),
    exp.And: lambda translator, node: both([translator.truth(node.left), translator.truth(node.right)]),
    exp.Or: lambda translator, node: either([translator.truth(node.left), translator.truth(node.right)]),
    exp.Xor: _Translator.unequal,
    exp.Not: _Translator.refuted,
    exp.Column: Translator.column,
    exp.Literal: _Translator.literal,
    exp.Boolean: lambda _, node: ALWAYS if node.this else NEVER,
    exp.Null: lambda *_: "null",
    exp.Neg: _Translator.negative,
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), _Translator.distinct),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _Translator.comparison),
    exp.In: _Translator.among,
    exp.Between: _Translator.between,
    exp.Cast: _Translator.cast,
    exp.Is: _Translator.identity,
    **matching.MAKERS,
    exp.Case: _Translator.case,
    exp.If: _Translator.when,
    exp.Coalesce: lambda translator, node: translator.listed(node, "coalesce"),
    exp.Greatest: lambda translator, node: translator.listed(node, "greatest"),
    exp.Least: lambda translator, node: translator.listed(node, "least"),
    **check_texts.MAKERS,
    **check_dates.MAKERS,
    **check_lists.MAKERS,
    **check_counts.MAKERS,
}
