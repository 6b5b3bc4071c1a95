"""Values of the row's parents: foreign keys' columns and lookups."""

from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import Mask, decoded, with_nulls
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator


class Parents(Enum):
    """What is known of the parents that are asked.

    Attributes:
        MASKED: rows without a parent have no value.
        BARE: such rows have a value nevertheless, as foreign keys that share a column need it.
        UPWARDS: parents are of the same table, so that the column may need itself there.
        ABSENT: a table on the way has no rows.
    """

    MASKED = auto()
    BARE = auto()
    UPWARDS = auto()
    ABSENT = auto()


@dataclass(frozen=True)
class ParentValue(Generator):
    """A column of the row's parent, followed through one or more foreign keys.

    Attributes:
        path: the foreign keys to follow, by name.
        table: the last parent's table, for the plan.
        column: the parent's column.
        source: the parent's generator of that column.
        one_to_one: whether no two rows have the same value.
        parents: what is known of them.
        optional: whether a row on the way may have no parent, and then no value but the default.
        default: the value then; None for null.
    """

    path: tuple[str, ...]
    table: str
    column: str
    source: Generator
    one_to_one: bool = False
    parents: Parents = Parents.MASKED
    optional: bool = False
    default: pa.Scalar | None = None

    @property
    @override
    def facts(self) -> Facts:
        nullable = self.source.nullable or (self.optional and self.default is None)
        uses = (f"{self.table}.{self.column}",)
        return replace(
            self.source.facts, nullable=nullable, unique=self.one_to_one, numbering=False, by_row=False, uses=uses
        )

    @override
    def generate(self, context: Context) -> pa.Array:
        if self.parents is Parents.ABSENT:
            empty = pa.nulls(len(context.rows), self.data_type.arrow)
            return self._without(empty, np.zeros(len(context.rows), dtype=np.bool_))
        if self.parents is Parents.UPWARDS:
            return self._above(context)
        present: Mask | None = None
        for foreign_key in self.path:
            mask = None if self.parents is Parents.BARE else context.has_parent(foreign_key)
            if mask is not None:
                present = mask if present is None else present & mask
            context = context.parent(foreign_key)
        return self._without(context.column(self.column), present)

    def _above(self, context: Context) -> pa.Array:
        """As ``generate``, but only rows with a parent are asked, so that asking ends at the roots."""
        count = len(context.rows)
        kept = np.arange(count)
        for foreign_key in self.path:
            mask = context.has_parent(foreign_key)
            if mask is not None:
                kept, context = kept[mask], context.at(context.rows[mask])
            context = context.parent(foreign_key)
        present = np.zeros(count, dtype=np.bool_)
        present[kept] = True
        if not len(kept):
            return self._without(pa.nulls(count, self.data_type.arrow), present)
        places = np.zeros(count, dtype=np.int64)
        places[kept] = np.arange(len(kept))
        return self._without(decoded(context.column(self.column)).take(pa.array(places)), present)

    def _without(self, values: pa.Array, present: Mask | None) -> pa.Array:
        """The values, and what stands in for them where there is no parent."""
        if self.default is None or present is None:
            return with_nulls(values, present)
        return pc.if_else(pa.array(present), decoded(values), self.default)

    @override
    def describe(self) -> str:
        return f"{self.table}.{self.column} of the parent, by {' → '.join(self.path)}"


@dataclass(frozen=True)
class FirstOf(Generator):
    """A value of whichever of several possible parents the row has.

    Attributes:
        values: one for each of them.
        optional: whether a row may have none.
    """

    values: tuple[ParentValue, ...]
    optional: bool

    @property
    @override
    def facts(self) -> Facts:
        uses = tuple(name for value in self.values for name in value.uses)
        return Facts(self.values[0].data_type, nullable=self.optional, uses=uses)

    @override
    def generate(self, context: Context) -> pa.Array:
        return pc.coalesce(*(decoded(value.generate(context)) for value in self.values))

    @override
    def describe(self) -> str:
        return " or ".join(f"{value.table}.{value.column}" for value in self.values) + " of the parent"
