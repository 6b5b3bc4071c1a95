"""Values that depend on other columns: one rule for some rows, another for the others."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import Mask, decoded, with_nulls
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts, widest
from faasera.generators.generator import Generator
from faasera.generators.joined import placed

Where = tuple[tuple[str, pa.Array], ...]
"""Columns, each with the values that it may have."""


def holds(where: Where, context: Context) -> Mask:
    """In which rows all columns have one of their values; a null is none."""
    found = np.ones(len(context.rows), dtype=np.bool_)
    for column, values in where:
        found &= np.asarray(pc.is_in(decoded(context.column(column)), value_set=values))
    return found


@dataclass(frozen=True, eq=False)
class Branch(ByContent):
    """One case.

    Attributes:
        where: columns, each with the values that it may have.
        generator: makes the values then.
    """

    where: Where
    generator: Generator

    def holds(self, context: Context) -> Mask:
        """In which rows it counts."""
        return holds(self.where, context)


@dataclass(frozen=True, eq=False)
class Absent(ByContent, Generator):
    """Another generator's column, without a value where other columns have certain values.

    Attributes:
        inner: the column.
        where: each of the cases in which there is no value.
    """

    inner: Generator
    where: tuple[Where, ...]

    @property
    @override
    def facts(self) -> Facts:
        known = self.inner.facts
        chosen = [column for one in self.where for column, _ in one]
        return replace(known, nullable=True, numbering=False, uses=tuple(dict.fromkeys([*chosen, *known.uses])))

    @override
    def generate(self, context: Context) -> pa.Array:
        absent = np.zeros(len(context.rows), dtype=np.bool_)
        for one in self.where:
            absent |= holds(one, context)
        return with_nulls(self.inner.generate(context), ~absent)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}; no value in some cases"


@dataclass(frozen=True)
class Conditional(Generator):
    """The first case that holds makes a row's value.

    Attributes:
        branches: the cases, in order.
        otherwise: makes the values of the other rows.
    """

    branches: tuple[Branch, ...]
    otherwise: Generator

    @property
    def _all(self) -> list[Generator]:
        return [*(branch.generator for branch in self.branches), self.otherwise]

    @property
    @override
    def facts(self) -> Facts:
        chosen = [column for branch in self.branches for column, _ in branch.where]
        bounds, max_length = widest([one.facts for one in self._all])
        return Facts(
            self.otherwise.data_type,
            nullable=any(one.nullable for one in self._all),
            bounds=bounds,
            max_length=max_length,
            uses=tuple(dict.fromkeys([*chosen, *(name for one in self._all for name in one.uses)])),
        )

    @override
    def generate(self, context: Context) -> pa.Array:
        free = np.ones(len(context.rows), dtype=np.bool_)
        places: list[npt.NDArray[np.intp]] = []
        for branch in self.branches:
            chosen = branch.holds(context) & free
            places.append(np.flatnonzero(chosen))
            free &= ~chosen
        places.append(np.flatnonzero(free))
        made = [
            one.generate(context if len(place) == len(context.rows) else context.at(context.rows[place]))
            for one, place in zip(self._all, places, strict=True)
        ]
        return placed(made, places)

    @override
    def describe(self) -> str:
        cases = [
            f"{' and '.join(f'{column} in {values.to_pylist()}' for column, values in branch.where)}: "
            f"{branch.generator.describe()}"
            for branch in self.branches
        ]
        return "; ".join([*cases, f"otherwise: {self.otherwise.describe()}"])
