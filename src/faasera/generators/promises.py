"""What a rule promises of each value, said in SQL, so that it can be asked of what was written."""

from dataclasses import dataclass
from typing import Protocol

from faasera.core.types import DataType


@dataclass(frozen=True)
class Promise:
    """A promise about each value of a column.

    Attributes:
        kind: of promise, for findings: ``range``, ``values``, ``pattern``.
        wrong: the condition under which a row breaks it, in DuckDB's SQL; a row for which it is null keeps it.
    """

    kind: str
    wrong: str


class WrittenColumn(Protocol):
    """A column as it was written, for conditions in SQL."""

    @property
    def sql(self) -> str:
        """Its value."""

    @property
    def data_type(self) -> DataType:
        """Of its values."""

    @property
    def rows(self) -> int:
        """How many rows the table has."""

    def literal(self, value: object) -> str:
        """A value of the policy in the column's type."""

    def text(self, value: str) -> str:
        """A quoted text."""

    def beside(self, column: str) -> str | None:
        """The value of another column of the row; None for one that was not written."""
