"""``PRESERVE``: a value derived from other columns of the row, of its parents, or of its children."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field
from typing_extensions import override

from faasera.core.types import STRING, DataType
from faasera.generators.aggregate import Aggregate, compile_aggregate
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.expressions import compile_expression
from faasera.generators.generator import Generator
from faasera.generators.lists import typed_values
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.reference import ParentValue
from faasera.generators.scope import Scope
from faasera.generators.templates import compile_template
from faasera.policy.model import Rule, Scalar
from faasera.policy.names import read_name


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
    default: Scalar | None = Field(None, description="The lookup's value where a row has no parent; may be null.")
    aggregate: Aggregate | None = Field(
        None, description="A number over the row's children: {table, function, expression}."
    )

    @property
    @override
    def looked_up(self) -> str | None:
        return read_name(self.lookup).name if self.lookup is not None else None


def _compile(rule: PreserveRule, scope: Scope) -> Generator | None:
    ways: dict[str, object] = {
        "pattern": rule.pattern,
        "expression": rule.expression,
        "lookup": rule.lookup,
        "aggregate": rule.aggregate,
    }
    given = [name for name, value in ways.items() if value is not None]
    if len(given) != 1:
        message = f"{' and '.join(given)} exclude each other" if given else "PRESERVE needs something to derive from"
        scope.problems.add("exclusive-keys", message, "Give exactly one of pattern, expression, lookup and aggregate.")
        return None
    if "default" in rule.model_fields_set and rule.lookup is None:
        scope.problems.add("no-effect", "'default' has an effect on 'lookup' only", "Remove it.", at=["default"])
        return None
    wanted = DataType.parse(rule.data_type) if rule.data_type else None
    if rule.expression is not None:
        return compile_expression(rule.expression, scope, wanted, rule.max_length)
    if rule.aggregate is not None:
        return compile_aggregate(rule.aggregate, scope, wanted)
    if rule.pattern is not None:
        if wanted is not None and not wanted.is_text:
            scope.problems.add(
                "data-type", f"a template makes text, not {wanted}", "Use 'expression'.", at=["dataType"]
            )
            return None
        return compile_template(rule.pattern, scope, wanted or STRING, rule.max_length)
    return _lookup(rule, scope, wanted)


def _lookup(rule: PreserveRule, scope: Scope, wanted: DataType | None) -> Generator | None:
    has_default = "default" in rule.model_fields_set
    source = scope.lookup(read_name(str(rule.lookup)).name, at="lookup", optional=has_default)
    if source is None:
        return None
    if wanted not in (None, source.data_type):
        message = f"'{rule.lookup}' is {source.data_type}, not {wanted}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return None
    assert isinstance(source, ParentValue)
    if not has_default:
        return source
    if not source.optional:
        message = f"every row has a parent by '{source.path[0]}': a 'default' has no effect"
        scope.problems.add("no-effect", message, "Remove it.", at=["default"])
        return None
    if rule.default is None:
        return source
    try:
        default = typed_values([rule.default], source.data_type)[0]
    except ValueError as error:
        message = str(error).partition(": ")[2]
        scope.problems.add("bad-value", message, f"Give a {source.data_type}.", at=["default"])
        return None
    return replace(source, default=default)


def _checked(rule: PreserveRule, column: WrittenColumn) -> Iterator[Promise]:
    kind = "aggregate" if rule.aggregate is not None else ("lookup" if rule.lookup is not None else "derived")
    yield Promise(kind, column.derived_otherwise(rule))


GENERATORS.add(
    GeneratorType(
        name="PRESERVE",
        summary="A value derived from other columns of the row, its parents or its children.",
        example={"type": "PRESERVE", "expression": "if(quantity >= 10, 'bulk', 'single')"},
        rule=PreserveRule,
        accepts=("STRING", "INTEGER", "BIGINT", "DECIMAL", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "UUID", "JSON"),
        compile=_compile,
        derived=True,
        checked=_checked,
    )
)
