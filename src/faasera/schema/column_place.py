"""Where a column stands, and what a guess at its rule is."""

from dataclasses import dataclass
from typing import Any

from faasera.databases.structure import ColumnStructure, TableStructure
from faasera.schema.dialects import Dialect
from faasera.schema.facts import ConstraintFacts

Guess = dict[str, Any]
"""A rule, as policies write it, with the reason as ``guess``."""


@dataclass(frozen=True)
class ColumnPlace:
    """Where a column stands.

    Attributes:
        table: its table.
        column: itself.
        facts: what constraints say of it.
        unique: whether it is a key by itself.
        keyed: whether it belongs to any key.
        dates: earlier columns of the table that hold a date in every row.
        dialect: of the source's types.
        conditions: those that name this column alone.
    """

    table: TableStructure
    column: ColumnStructure
    facts: ConstraintFacts
    unique: bool
    keyed: bool
    dates: tuple[str, ...]
    dialect: Dialect
    conditions: tuple[str, ...] = ()

    @property
    def limit(self) -> int | None:
        """The most characters; None for any number."""
        lengths = [one for one in (self.column.length, self.facts.longest) if one is not None]
        return min(lengths) if lengths else None
