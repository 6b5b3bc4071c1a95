"""Numbers over a row's children, which are a known range of rows: an order's total is the sum over its lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers, decoded, from_integers, to_integers, valid_mask, with_nulls
from faasera.core.errors import RunError, pointer, refuse
from faasera.core.types import BIGINT, DOUBLE, INTEGER, DataType, Scalar
from faasera.core.wide import is_wide
from faasera.generators.context import Context
from faasera.generators.expression_syntax import Column, ExpressionError, parse_expression
from faasera.generators.expressions import compile_expression, to_number
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.scope import Scope
from faasera.policy.model import Model, TableName
from faasera.policy.names import Named

_CHILDREN_AT_ONCE = 1 << 19
_MOST = 2.0**62


class Aggregate(Model):
    """A number over the children of a row."""

    table: TableName = Field(description="The children's table; its foreign key to this one has 'childrenPerParent'.")
    function: Literal["sum", "count", "min", "max", "average"] = Field(description="What to do with them.")
    expression: str | None = Field(
        None, min_length=1, description="A column of the children, or an expression over their columns."
    )


@dataclass(frozen=True)
class AggregateGenerator(Generator):
    """One number per row, from all children of the row.

    The sum and the count over no children are 0, the others null. Nulls are left out.

    Attributes:
        table: the children's.
        function: of ``Aggregate``.
        text: the expression, for the plan.
        value: makes the children's values; None for a count of the children.
        facts: of the result; it may be null where there may be nothing to take the minimum of.
        where: the pointer of the rule.
    """

    table: str
    function: str
    text: str
    value: Generator | None
    facts: Facts
    where: str

    @override
    def generate(self, context: Context) -> pa.Array:
        if self.value is None:
            return to_number(pa.array(context.child_counts(self.table)), self.data_type, context, self.where)
        made = [self._piece(*context.children(self.table, start, stop)) for start, stop in self._pieces(context)]
        values = pa.concat_arrays(made) if made else pa.array([], self._between)
        if values.type == self.data_type.arrow:
            return values
        return to_number(values, self.data_type, context, self.where)

    @property
    def _between(self) -> pa.DataType:
        """The type before the result's own."""
        assert self.value is not None
        if self.function == "average":
            return pa.float64()
        if self.function == "count":
            return pa.int64()
        if self.function == "sum" and self.value.data_type == INTEGER:
            return pa.int64()
        if self.value.data_type.is_decimal:
            precision = 18 if self.function == "sum" else self.value.data_type.precision
            return Scalar("DECIMAL", precision, self.value.data_type.scale).arrow
        return self.value.data_type.arrow

    def _pieces(self, context: Context) -> Iterator[tuple[int, int]]:
        """Ranges of rows with few enough children to hold at once; a row's children are never cut."""
        ends = np.cumsum(context.child_counts(self.table))
        start = 0
        while start < len(ends):
            reached = int(ends[start - 1]) if start else 0
            stop = int(np.searchsorted(ends, reached + _CHILDREN_AT_ONCE, side="right"))
            stop = min(max(stop, start + 1), len(ends))
            yield start, stop
            start = stop

    def _piece(self, children: Context, counts: Integers) -> pa.Array:
        assert self.value is not None
        values = decoded(self.value.generate(children))
        valid = valid_mask(values)
        present = counts if valid is None else _segments(np.add, valid.astype(np.int64), counts, 0)
        if self.function == "count":
            return pa.array(present)
        floating = pa.types.is_floating(values.type)
        if pa.types.is_decimal(values.type) and is_wide(values):
            message = f"the {self.function} over {self.table} is of more than 18 digits"
            refuse("overflow", message, "Use DOUBLE, or smaller numbers.", at=self.where, kind=RunError)
        plain = np.asarray(values.fill_null(0.0)) if floating else to_integers(values)
        if self.function in ("sum", "average"):
            plain = plain if valid is None else np.where(valid, plain, 0)
            total = _segments(np.add, plain, counts, 0)
            rough = total if floating else _segments(np.add, plain.astype(np.float64), counts, 0.0)
            if not (np.abs(rough) < _MOST).all():
                message = f"the {self.function} over {self.table} is too large"
                refuse("overflow", message, "Use DOUBLE, or smaller numbers.", at=self.where, kind=RunError)
            if self.function == "average":
                unit = 10.0 ** (values.type.scale if pa.types.is_decimal(values.type) else 0)
                return with_nulls(pa.array(total / unit / np.maximum(present, 1)), present > 0)
            return pa.array(total) if floating else self._whole(total)
        reduce = np.minimum if self.function == "min" else np.maximum
        limits = (np.inf, -np.inf) if floating else (np.iinfo(np.int64).max, np.iinfo(np.int64).min)
        neutral = limits[0] if self.function == "min" else limits[1]
        plain = plain if valid is None else np.where(valid, plain, neutral)
        found = np.where(present > 0, _segments(reduce, plain, counts, 0), 0)
        return with_nulls(pa.array(found) if floating else self._whole(found), present > 0)

    def _whole(self, values: Integers) -> pa.Array:
        kind = self._between
        if pa.types.is_decimal(kind):
            return from_integers(values, Scalar("DECIMAL", kind.precision, kind.scale))
        assert self.value is not None
        return from_integers(values, BIGINT if pa.types.is_int64(kind) else self.value.data_type)

    @override
    def describe(self) -> str:
        return f"{self.function}({self.text}) over the row's {self.table}"


def _segments(reduce: np.ufunc, values: Any, counts: Integers, empty: float) -> Any:
    """A reduction over consecutive segments of the given lengths."""
    found = np.full(len(counts), empty, dtype=values.dtype)
    filled = np.flatnonzero(counts)
    if len(filled):
        starts = np.cumsum(counts) - counts
        found[filled] = reduce.reduceat(values, starts[filled])
    return found


def compile_aggregate(aggregate: Aggregate, scope: Scope, wanted: DataType | None) -> Generator | None:
    """The generator of an aggregate; None after problems were reported under ``aggregate``."""
    problems = scope.problems.at("aggregate")
    children = scope.children(aggregate.table, at="aggregate/table")
    if children is None:
        return None
    function, value = aggregate.function, None
    if aggregate.expression is None and function != "count":
        problems.add("missing-key", f"{function} needs an 'expression'", "Say of what.", at=["expression"])
        return None
    if aggregate.expression is not None:
        value = _value(aggregate.expression, children)
        if value is None:
            return None
        kind = value.data_type
        if function in ("sum", "average") and not kind.is_number:
            message = f"{function} needs numbers, and '{aggregate.expression}' is {kind}"
            problems.add("data-type", message, "Use count, min or max.", at=["expression"])
            return None
        if function in ("min", "max") and not (kind.is_number or kind.is_temporal):
            message = f"{function} needs numbers or dates, and '{aggregate.expression}' is {kind}"
            problems.add("data-type", message, "Use count.", at=["expression"])
            return None
    family = children.family
    assert family is not None
    nullable = function in ("min", "max", "average") and (family.fewest == 0 or (value is not None and value.nullable))
    natural = _result(function, value)
    if wanted not in (None, natural) and not (wanted.is_number and natural.is_number):
        message = f"{function} makes {natural}, not {wanted}"
        scope.problems.add("data-type", message, "Change 'dataType'.", at=["dataType"])
        return None
    uses = tuple(f"{aggregate.table}.{name}" for name in (value.uses if value else ()))
    facts = Facts(wanted or natural, nullable=nullable, uses=uses)
    where, text = pointer(*problems.path), aggregate.expression or "*"
    return AggregateGenerator(aggregate.table, function, text, value, facts, where)


def _result(function: str, value: Generator | None) -> DataType:
    """The type that an aggregate has by itself."""
    if value is None or function == "count":
        return BIGINT
    if function == "average":
        return DOUBLE
    kind = value.data_type
    if function == "sum" and kind == INTEGER:
        return BIGINT
    return Scalar("DECIMAL", 18, kind.scale) if function == "sum" and kind.is_decimal else kind


def _value(text: str, children: Scope) -> Generator | None:
    """A column of the children as it is, or an expression over their columns."""
    try:
        node = parse_expression(text)
    except ExpressionError:
        node = None
    if isinstance(node, Column):
        found = children.find(Named(node.name, node.own), at="expression")
        return found.source if found is not None else None
    return compile_expression(text, children, None, None)
