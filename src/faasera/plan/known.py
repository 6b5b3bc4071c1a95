"""What columns may know of one another before keys have decided their draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import pyarrow as pa
from typing_extensions import override

from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.plan.model import CheckPlan
from faasera.plan.relations import Relation


@dataclass(frozen=True)
class KnownColumn(Generator):
    """Another column of the row, as its rule has it.

    Attributes:
        name: of the column.
        facts: what is known of its values.
    """

    name: str
    facts: Facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return context.column(self.name)

    @override
    def describe(self) -> str:
        return self.name


class Way(Enum):
    """How one column comes to ask for another."""

    HERE = "in the same row, or for a foreign key's value"
    UP = "in the row's parent in a forest"
    ACROSS = "in a row of another table"


@dataclass(frozen=True)
class Step:
    """A column on a trail.

    Attributes:
        table: its table.
        column: its name.
        way: how the one before asks for it.
    """

    table: str
    column: str
    way: Way


@dataclass(frozen=True)
class Trail:
    """The columns that ask for one another, the first one first."""

    steps: tuple[Step, ...] = ()

    def to(self, table: str, column: str, way: Way) -> "Trail":
        """With another column at its end."""
        return Trail((*self.steps, Step(table, column, way)))

    def circle(self, table: str, column: str, way: Way) -> "Trail | None":
        """The part from a column back to itself, if it is on the trail."""
        for place, step in enumerate(self.steps):
            if (step.table, step.column) == (table, column):
                return Trail((*self.steps[place:], Step(table, column, way)))
        return None

    @property
    def ends_at_roots(self) -> bool:
        """Whether a circle goes up a forest, and never leaves the table, so that it comes to an end."""
        ways = {step.way for step in self.steps[1:]}
        return Way.UP in ways and Way.ACROSS not in ways

    def shown(self, table: str) -> str:
        """The columns with arrows between, those of one table by their names alone."""
        names = (step.column if step.table == table else f"{step.table}.{step.column}" for step in self.steps)
        return " → ".join(names)


class MadeColumns(Protocol):
    """What all rules have come to."""

    @property
    def recursive(self) -> frozenset[str]:
        """The tables with a column that needs itself in the row's parent."""

    @property
    def checks(self) -> Mapping[str, Sequence[CheckPlan]]:
        """The checks of each table."""

    def made(self, table: str, column: str) -> Choice | Generator | None:
        """What a column's rule comes to; None after problems were reported."""

    def known(self, table: str, column: str) -> Generator | None:
        """What others may know of a column; None after problems were reported."""

    def parents_facts(self, relation: Relation, column: str) -> Facts | None:
        """What is known of a parent's column; None after problems were reported."""


class Knows(Protocol):
    """Who knows what a column's rule comes to."""

    def known(self, table: str, column: str, trail: Trail, way: Way = Way.HERE) -> Generator | None:
        """What others may know of a table's column; None after problems were reported."""

    def parents_column(self, relation: Relation, column: str, trail: Trail, way: Way = Way.HERE) -> Generator | None:
        """Likewise of a column of what a foreign key refers to."""
