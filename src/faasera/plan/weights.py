"""Parents by the weight that one of their columns holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, decoded, to_integers, valid_mask
from faasera.core.errors import did_you_mean
from faasera.core.prefix_sums import Maker, PrefixSums
from faasera.core.streams import Stream, Words, below
from faasera.generators.context import Context
from faasera.plan.evaluate import Evaluation
from faasera.plan.links import Link
from faasera.plan.model import TablePlan
from faasera.plan.relations import Relation

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver

_STEPS = 1 << 20
_MOST = 1 << 62


@dataclass(eq=False)
class ParentWeights:
    """The weights of parents as whole numbers; no value is no weight.

    Attributes:
        tables: all tables by name.
        parent: the parents' table.
        column: theirs that holds the weights.
        lowest: the lowest weight seen, at most 0.
    """

    tables: Mapping[str, TablePlan]
    parent: str
    column: str
    lowest: int = field(default=0, init=False)

    def __call__(self, rows: Words) -> Integers:
        """The weights of these rows, none below 0."""
        values = decoded(Evaluation(self.tables, self.tables[self.parent], rows).column(self.column))
        valid = valid_mask(values)
        if pa.types.is_floating(values.type):
            whole = np.rint(np.asarray(values.fill_null(0.0)) * _STEPS).astype(np.int64)
        else:
            whole = to_integers(values)
        whole = whole if valid is None else np.where(valid, whole, 0)
        self.lowest = min(self.lowest, int(whole.min(initial=0)))
        return np.maximum(whole, 0)


@dataclass(frozen=True, eq=False)
class WeightedLink(Link):
    """A parent drawn by weight.

    Attributes:
        weights: of the parents.
        parent_count: how many there are.
        stream: of the draw.
        make_sums: makes the running totals.
    """

    weights: ParentWeights
    parent_count: int
    stream: Stream
    make_sums: Maker = PrefixSums

    @cached_property
    def sums(self) -> PrefixSums:
        """The running totals of the weights, made when all tables are planned."""
        return self.make_sums(self.parent_count, self.weights)

    @override
    def parents(self, context: Context) -> Words:
        return self.sums.find(below(self.stream.words(context.rows), self.sums.total))[0]

    @override
    def describe(self) -> str:
        return f"by the parent's {self.weights.column}"


def weighted_link(table: "TableResolver", relation: Relation, stream: Stream) -> WeightedLink | None:
    """The link of a foreign key whose distribution names a column; None after problems were reported."""
    policy = relation.policy.distribution
    assert policy is not None
    problems = relation.problems.at("distribution")
    column = str(policy.column)
    if policy.type != "WEIGHTED" or policy.weights is not None:
        message = "'column' and 'weights' exclude each other" if policy.weights else f"{policy.type} takes no 'column'"
        problems.add("exclusive-keys", message, "Use WEIGHTED with either.", at=["column"])
        return None
    if relation.policy.unique:
        message = f"'{relation.name}' cannot be unique and follow weights"
        problems.add("unique-shaped", message, "Remove one of them.")
        return None
    if column not in relation.parent.order:
        message = f"'{relation.parent.name}' has no column '{column}'"
        problems.add("unknown-column", message, did_you_mean(column, relation.parent.order), at=["column"])
        return None
    source = relation.parent.handle(column)
    if source is None:
        return None
    if not source.data_type.is_number:
        message = f"'{relation.parent.name}.{column}' is {source.data_type}, not a number"
        problems.add("weights", message, "Name a numeric column.", at=["column"])
        return None
    weights = ParentWeights(table.resolver.plans, relation.parent.name, column)
    maker = table.resolver.sums.maker(f"{table.name}/{relation.name}")
    return WeightedLink(weights, relation.parent.row_count, stream, maker)


def check_weights(table: "TableResolver", plan: TablePlan) -> None:
    """Report weights that nothing can be drawn by; all tables are planned by now."""
    for name, relation in table.relations.items():
        link = plan.foreign_keys[name].link
        if not isinstance(link, WeightedLink) or not table.row_count:
            continue
        total, lowest = link.sums.total, link.weights.lowest
        if lowest < 0 or not total or total > _MOST:
            what = "is negative in some rows" if lowest < 0 else ("is too large" if total else "is 0 in all rows")
            message = f"'{relation.parent.name}.{link.weights.column}' {what}, which is no weight"
            remedy = "Use weights from 0 up, and one above 0."
            relation.problems.add("weights", message, remedy, at=["distribution", "column"])
