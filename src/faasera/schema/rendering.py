"""Expressions of policies as SQL of a dialect, for the CHECK constraints of tables that a run creates."""

from typing import Any

from sqlglot import exp

from faasera.generators.expression_syntax import Column as ColumnNode
from faasera.generators.expression_syntax import Literal, Node, parse_expression
from faasera.schema.dialects import Dialect
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
    return make(*(_tree(argument, dialect) for argument in node.arguments))


def _literal(value: Any) -> Any:
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value)
