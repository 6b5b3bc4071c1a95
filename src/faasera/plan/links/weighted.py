"""Parents by the weight that one of their columns holds."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, decoded, to_integers, valid_mask
from faasera.core.errors import Problems, did_you_mean
from faasera.core.prefix_sums import PrefixSums
from faasera.core.streams import Stream, Words, below
from faasera.generators.context import Context, Tables
from faasera.plan.link import Link
from faasera.plan.links.claim import Claim, Drawing, settled
from faasera.plan.links.groups import Company
from faasera.plan.relations import Relation

_STEPS = 1 << 20
_MOST = 1 << 62
_PIECE = 1 << 16


@dataclass(frozen=True)
class ParentWeights:
    """The weights of parents as whole numbers; no value is no weight.

    Attributes:
        tables: the rows of the plan.
        parent: the parents' table.
        column: theirs that holds the weights.
        company: what must be there beside a parent, so that it has a weight at all.
    """

    tables: Tables
    parent: str
    column: str
    company: Company | None = None

    def __call__(self, rows: Words) -> Integers:
        """The weights of these rows, none below 0."""
        weights = np.maximum(self.given(rows), 0)
        return weights if self.company is None else weights * self.company.combinations(self.tables, rows)

    def given(self, rows: Words) -> Integers:
        """The weights of these rows as the column has them."""
        values = decoded(self.tables.rows(self.parent, rows).column(self.column))
        valid = valid_mask(values)
        if pa.types.is_floating(values.type):
            whole = np.rint(np.asarray(values.fill_null(0.0)) * _STEPS).astype(np.int64)
        else:
            whole = to_integers(values)
        return whole if valid is None else np.where(valid, whole, 0)

    def lowest(self, count: int) -> int:
        """The lowest weight of so many parents, at most 0."""
        starts = range(0, count, _PIECE)
        pieces = (np.arange(start, min(start + _PIECE, count), dtype=np.uint64) for start in starts)
        return min((int(self.given(piece).min(initial=0)) for piece in pieces), default=0)


@dataclass(frozen=True)
class WeightedLink(Link):
    """A parent drawn by weight.

    Attributes:
        key: under which the running totals are kept.
        parent: the parents' table.
        column: theirs that holds the weights.
        parent_count: how many there are.
        stream: of the draw.
        never_negative: whether the weights are known to be 0 or more.
        company: what must be there beside a parent.
    """

    key: str
    parent: str
    column: str
    parent_count: int
    stream: Stream
    never_negative: bool
    company: Company | None = None

    def totals(self, tables: Tables) -> PrefixSums:
        """The running totals of the weights."""
        return tables.totals(self.key, self.parent_count, self._weights(tables))

    def _weights(self, tables: Tables) -> ParentWeights:
        return ParentWeights(tables, self.parent, self.column, self.company)

    @override
    def parents(self, context: Context) -> Words:
        totals = self.totals(context.tables)
        return totals.find(below(self.stream.words(context.rows), totals.total))[0]

    @override
    def describe(self) -> str:
        return f"by the parent's {self.column}"

    @override
    def check(self, tables: Tables, problems: Problems) -> None:
        total = self.totals(tables).total
        negative = not self.never_negative and self._weights(tables).lowest(self.parent_count) < 0
        if negative or not total or total > _MOST:
            nothing = "is 0 in all rows" if self.company is None else "is 0 in all rows that others agree with"
            what = "is negative in some rows" if negative else ("is too large" if total else nothing)
            message = f"'{self.parent}.{self.column}' {what}, which is no weight"
            problems.add("weights", message, "Use weights from 0 up, and one above 0.", at=["distribution", "column"])


def claim(drawing: Drawing, relation: Relation, company: Company | None = None) -> Claim | None:
    """A foreign key whose distribution names a column.

    Args:
        drawing: the table.
        relation: the foreign key.
        company: what must be there beside a parent, where it leads others.
    """
    if relation.weight_column is None:
        return None
    link = _link(drawing, relation, relation.weight_column, company)
    return settled({relation.name: link} if link is not None else {})


def _link(drawing: Drawing, relation: Relation, column: str, company: Company | None) -> WeightedLink | None:
    """The link; None after problems were reported."""
    policy = relation.policy.distribution
    assert policy is not None
    problems = relation.problems.at("distribution")
    if policy.type != "WEIGHTED" or policy.weights is not None:
        message = "'column' and 'weights' exclude each other" if policy.weights else f"{policy.type} takes no 'column'"
        problems.add("exclusive-keys", message, "Use WEIGHTED with either.", at=["column"])
        return None
    if relation.policy.unique:
        message = f"'{relation.name}' cannot be unique and follow weights"
        problems.add("unique-shaped", message, "Remove one of them.")
        return None
    parent = drawing.frame.parent(relation)
    if column not in parent.order:
        message = f"'{parent.name}' has no column '{column}'"
        problems.add("unknown-column", message, did_you_mean(column, parent.order), at=["column"])
        return None
    facts = drawing.facts_of_parent(relation, column)
    if facts is None:
        return None
    if not facts.data_type.is_number:
        message = f"'{parent.name}.{column}' is {facts.data_type}, not a number"
        problems.add("weights", message, "Name a numeric column.", at=["column"])
        return None
    key, stream = drawing.key_of(relation), drawing.stream(relation)
    never_negative = facts.bounds is not None and facts.bounds[0] >= 0
    return WeightedLink(key, parent.name, column, parent.row_count, stream, never_negative, company)
