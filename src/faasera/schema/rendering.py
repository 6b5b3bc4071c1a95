"""Expressions of policies as SQL of a dialect, for the CHECK constraints of tables that a run creates."""

from typing import Any

from sqlglot import exp

from faasera.generators.expression_syntax import Call, Literal, Node, parse_expression
from faasera.generators.expression_syntax import Column as ColumnNode
from faasera.generators.regex.conjuncts import conjuncts
from faasera.generators.regex.flavours import RE2
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import RegexError
from faasera.generators.regex.writing import write
from faasera.schema.dialects import Dialect
from faasera.schema.dialects.expressions import Function
from faasera.schema.dialects.unsayable import UnsayableError


def render(text: str, dialect: Dialect) -> str:
    """The SQL of an expression.

    Raises:
        UnsayableError: the dialect cannot say it.
    """
    return dialect.written(_tree(parse_expression(text), dialect))


def _tree(node: Node, dialect: Dialect) -> Any:
    if isinstance(node, Literal):
        return _literal(node.value)
    if isinstance(node, ColumnNode):
        return exp.column(exp.to_identifier(node.name, quoted=True))
    make = dialect.functions.get(node.function)
    if make is None:
        raise UnsayableError(f"{node.function}() has no equal there")
    if node.function == "matches":
        return _matching(make, node, dialect)
    return make(*(_tree(argument, dialect) for argument in node.arguments))


def _matching(make: Function, node: Call, dialect: Dialect) -> Any:
    """A regular expression in the dialect's syntax."""
    pattern = node.arguments[1]
    assert isinstance(pattern, Literal)
    try:
        found = [(write(one.node, dialect.regex), one.wanted) for one in conjuncts(read(str(pattern.value), RE2))]
    except RegexError as error:
        raise UnsayableError(str(error)) from None
    parts: list[Any] = []
    for text, wanted in found:
        one = make(_tree(node.arguments[0], dialect), exp.Literal.string(text))
        parts.append(one if wanted else exp.Not(this=exp.Paren(this=one)))
    return parts[0] if len(parts) == 1 else exp.Paren(this=exp.and_(*parts))


def _literal(value: Any) -> Any:
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value)
