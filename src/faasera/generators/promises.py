"""What a rule promises of each value, said in SQL, so that it can be asked of what was written."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from faasera.core.types import DataType
from faasera.generators.seed_files import SeedFile
from faasera.policy.model import Rule
from faasera.policy.names import Named


@dataclass(frozen=True)
class Promise:
    """A promise about each value of a column.

    Attributes:
        kind: of promise, for findings: ``range``, ``values``, ``pattern``.
        wrong: the condition under which a row breaks it, in DuckDB's SQL; a row for which it is null keeps it.
        subject: the columns that it is about; empty for the column alone.
    """

    kind: str
    wrong: str
    subject: str = ""


class WrittenColumn(Protocol):
    """A column as it was written, for conditions in SQL.

    What SQL cannot state ends the question: whoever asks is told why the rule is not checkable.
    """

    @property
    def name(self) -> str:
        """As in the policy."""

    @property
    def sql(self) -> str:
        """Its value; JSON in the one form that all its spellings have."""

    @property
    def as_written(self) -> str:
        """Its value as it is spelled where it was written."""

    @property
    def data_type(self) -> DataType:
        """Of its values."""

    @property
    def rows(self) -> int:
        """How many rows the table has."""

    @property
    def as_of(self) -> datetime.date:
        """The policy's "today"."""

    @property
    def rules(self) -> Mapping[str, Rule | None]:
        """The rules of the table's written columns, in their order."""

    def literal(self, value: object) -> str:
        """A value of the policy in the column's type."""

    def unlike(self, values: Iterable[object]) -> str:
        """The condition that it is none of some values of the policy, as they are found in it."""

    def text(self, value: str) -> str:
        """A quoted text."""

    def beside(self, column: str) -> str | None:
        """The value of another column of the row; None for one that was not written."""

    def sibling(self, column: str) -> "WrittenColumn":
        """Another written column of the table."""

    def moment(self, named: Named) -> tuple[str, bool]:
        """A column of the row or of a parent as a timestamp, and whether it has a time of day."""

    def parsed(self, form: str) -> str:
        """Its text read as a timestamp by a format of strftime; null where it is none."""

    def previous(self) -> str:
        """Its value in the row before, among the children of one parent; null in the first of them."""

    def derived_otherwise(self, rule: Rule) -> str:
        """The condition that the value is not what a rule derives from other columns."""

    def meaning(self) -> Iterable[Promise]:
        """What is promised of its semantic type."""

    def seed_file(self, name: str, separator: str | None, header: bool | None) -> SeedFile:
        """A seed file, as it was read."""
