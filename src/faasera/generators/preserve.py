"""``PRESERVE``: a value derived from other columns of the row, or of its parents."""

from typing import Any, ClassVar

from pydantic import Field

from faasera.core.types import STRING, DataType
from faasera.generators.base import GENERATORS, Generator, GeneratorType, Scope
from faasera.generators.expressions import compile_expression
from faasera.generators.templates import compile_template
from faasera.policy.model import Rule


class PreserveRule(Rule):
    """A value derived from other columns."""

    pattern: str | None = Field(
        None,
        min_length=1,
        description="A template: text with {column} and filters, {lastname|lower|ascii}; with @ it is an e-mail.",
    )
    expression: str | None = Field(
        None, min_length=1, description="Arithmetic, comparison and functions: if(qty > 9, price * 0.9, price)."
    )
    lookup: str | None = Field(None, min_length=1, description="A parent's column, by its table: customers.country.")
    later: ClassVar[dict[str, str]] = {**Rule.later, "aggregate": "sums over a row's children"}


def _compile(rule: PreserveRule, scope: Scope) -> Generator | None:
    sources: dict[str, Any] = {"pattern": rule.pattern, "expression": rule.expression, "lookup": rule.lookup}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        message = f"{' and '.join(given)} exclude each other" if given else "PRESERVE needs something to derive from"
        scope.problems.add("exclusive-keys", message, "Give exactly one of pattern, expression and lookup.")
        return None
    wanted = DataType.parse(rule.data_type) if rule.data_type else None
    if rule.expression is not None:
        return compile_expression(rule.expression, scope, wanted, rule.max_length)
    if rule.pattern is not None:
        if wanted is not None and not wanted.is_text:
            scope.problems.add(
                "data-type", f"a template makes text, not {wanted}", "Use 'expression'.", at=["dataType"]
            )
            return None
        return compile_template(rule.pattern, scope, wanted or STRING, rule.max_length)
    source = scope.lookup(str(rule.lookup), at="lookup")
    if source is not None and wanted not in (None, source.data_type):
        message = f"'{rule.lookup}' is {source.data_type}, not {wanted}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return None
    return source


GENERATORS.add(
    GeneratorType(
        name="PRESERVE",
        summary="A value derived from other columns of the row or of its parents: a template, an expression, a lookup.",
        example={"type": "PRESERVE", "expression": "if(quantity >= 10, 'bulk', 'single')"},
        rule=PreserveRule,
        accepts=("STRING", "INTEGER", "BIGINT", "DECIMAL", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "UUID", "JSON"),
        compile=_compile,
    )
)
