"""Expressions of policies and conditions of SQL: which words a dialect has for them, and what it means by its own."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlglot import exp

from faasera.schema.dialects.types import Types

Function = Callable[..., Any]
"""From the trees of arguments to the tree of a call."""

_BINARY: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
    "+": exp.Add, "-": exp.Sub, "*": exp.Mul, "/": exp.Div, "%": exp.Mod, "and": exp.And, "or": exp.Or, "like": exp.Like,
}  # fmt: skip
_UNARY: dict[str, Callable[[Any], Any]] = {
    "not": lambda a: exp.Not(this=a),
    "negate": lambda a: exp.Neg(this=a),
    "is_null": lambda a: exp.Is(this=a, expression=exp.Null()),
    "lower": lambda a: exp.Lower(this=a),
    "upper": lambda a: exp.Upper(this=a),
    "trim": lambda a: exp.Trim(this=a),
    "abs": lambda a: exp.Abs(this=a),
    "floor": lambda a: exp.Floor(this=a),
    "ceil": lambda a: exp.Ceil(this=a),
    "number": lambda a: a,
}
_LISTED: dict[str, type[exp.Expression]] = {"coalesce": exp.Coalesce, "least": exp.Least, "greatest": exp.Greatest}
DATE_PARTS = ("year", "month", "day", "hour")


def named(name: str) -> Function:
    """A function of that name."""
    return lambda *arguments: exp.Anonymous(this=name, expressions=list(arguments))


def _binary(kind: type[exp.Binary]) -> Function:
    return lambda a, b: exp.Paren(this=kind(this=a, expression=b))


def _unary(make: Callable[[Any], Any]) -> Function:
    return lambda a: exp.Paren(this=make(a))


def _listed(kind: type[exp.Expression]) -> Function:
    return lambda first, *others: kind(this=first, expressions=list(others))


def _part(name: str) -> Function:
    return lambda date: exp.Extract(this=exp.var(name.upper()), expression=date)


FUNCTIONS: Mapping[str, Function] = {
    **{name: _binary(kind) for name, kind in _BINARY.items()},
    **{name: _unary(make) for name, make in _UNARY.items()},
    **{name: _listed(kind) for name, kind in _LISTED.items()},
    **{name: _part(name) for name in DATE_PARTS},
    "length": named("LENGTH"),
    "octet_length": named("OCTET_LENGTH"),
    "replace": named("REPLACE"),
    "matches": lambda text, pattern: exp.RegexpLike(this=text, expression=pattern),
    "if": lambda condition, yes, no: exp.Case(ifs=[exp.If(this=condition, true=yes)], default=no),
    "integer": lambda number: exp.cast(number, "INT"),
}
"""What SQL has for the functions of expressions, by their names."""


class Expressions(Types):
    """What a dialect's conditions say.

    Attributes:
        functions: for those of expressions; what is not among them cannot be said.
        quoted_texts: whether a name in double quotes is a text where no column has it.
        folded_likes: whether LIKE does not tell small letters from capitals.
        folded_patterns: whether regular expressions do not.
        like_escape: what takes the meaning from the next character of LIKE where nothing is said; empty for nothing.
    """

    functions: ClassVar[Mapping[str, Function]] = FUNCTIONS
    quoted_texts: ClassVar[bool] = False
    folded_likes: ClassVar[bool] = False
    folded_patterns: ClassVar[bool] = False
    like_escape: ClassVar[str] = ""
