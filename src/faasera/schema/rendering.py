"""Expressions of policies as SQL of a dialect, for the CHECK constraints of tables that a run creates."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from faasera.generators.expression_syntax import Call, Literal, Node, parse_expression
from faasera.generators.expression_syntax import Column as ColumnNode


class UnrenderableError(Exception):
    """An expression that the dialect cannot say; the text says why."""


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
_PARTS = ("year", "month", "day", "hour")


def render(text: str, dialect: str) -> str:
    """The SQL of an expression.

    Raises:
        UnrenderableError: the dialect cannot say it.
    """
    return str(_render(parse_expression(text), dialect).sql(dialect=dialect))


def _render(node: Node, dialect: str) -> Any:
    if isinstance(node, Literal):
        if node.value is None:
            return exp.Null()
        if isinstance(node.value, bool):
            return exp.Boolean(this=node.value)
        return exp.Literal.string(node.value) if isinstance(node.value, str) else exp.Literal.number(node.value)
    if isinstance(node, ColumnNode):
        return exp.column(exp.to_identifier(node.name, quoted=True))
    return _call(node, dialect)


def _call(node: Call, dialect: str) -> Any:
    name = node.function
    arguments = [_render(argument, dialect) for argument in node.arguments]
    if name in _BINARY:
        return exp.Paren(this=_BINARY[name](this=arguments[0], expression=arguments[1]))
    if name in _UNARY:
        return exp.Paren(this=_UNARY[name](arguments[0]))
    if name == "length":
        function = "CHAR_LENGTH" if dialect == "mysql" else "LENGTH"
        return exp.Anonymous(this=function, expressions=arguments)
    if name == "octet_length":
        return exp.Anonymous(this="OCTET_LENGTH", expressions=arguments)
    if name == "matches" and dialect == "mysql":
        # MariaDB has no REGEXP_LIKE.
        place = exp.Anonymous(this="REGEXP_INSTR", expressions=arguments)
        return exp.Paren(this=exp.GT(this=place, expression=exp.Literal.number(0)))
    if name == "matches" and dialect != "sqlite":
        return exp.RegexpLike(this=arguments[0], expression=arguments[1])
    if name == "if":
        return exp.Case(ifs=[exp.If(this=arguments[0], true=arguments[1])], default=arguments[2])
    if name in ("coalesce", "least", "greatest"):
        known = {"coalesce": exp.Coalesce, "least": exp.Least, "greatest": exp.Greatest}
        return known[name](this=arguments[0], expressions=arguments[1:])
    if name in _PARTS and dialect != "sqlite":
        return exp.Extract(this=exp.var(name.upper()), expression=arguments[0])
    if name == "replace":
        return exp.Anonymous(this="REPLACE", expressions=arguments)
    if name == "integer":
        return exp.cast(arguments[0], "SIGNED" if dialect == "mysql" else "INT", dialect=dialect)
    raise UnrenderableError(f"{name}() has no equal there")
