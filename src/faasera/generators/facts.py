"""What is known of values before one of them is made."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faasera.core.types import DataType


@dataclass(frozen=True)
class Facts:
    """What is known of values.

    Attributes:
        data_type: of the values.
        nullable: whether there can be nulls.
        unique: whether no value occurs twice, by construction.
        numbering: whether it tells the children of one parent apart.
        by_row: whether the row number itself keeps the values apart, so that other values beside play no part.
        bounds: the lowest and highest value in whole units (days, microseconds, unscaled digits), where known.
        max_length: the longest text in characters (of bytes, in bytes), where known.
        uses: the columns and parents' columns that it reads, for the plan.
    """

    data_type: DataType
    nullable: bool = False
    unique: bool = False
    numbering: bool = False
    by_row: bool = False
    bounds: tuple[int, int] | None = None
    max_length: int | None = None
    uses: tuple[str, ...] = ()


class Factual:
    """Something that has values of which facts are known: a generator, a domain, a choice.

    A class gives ``facts`` alone, as a field, a property or an attribute; each of them can be read by its name.

    Attributes:
        facts: all that is known.
    """

    if TYPE_CHECKING:
        # There at run time, a property would be in the way of classes that have a field of this name.
        @property
        @abstractmethod
        def facts(self) -> Facts:
            """All that is known."""

    @property
    def data_type(self) -> DataType:
        """Of the values."""
        return self.facts.data_type

    @property
    def nullable(self) -> bool:
        """Whether there can be nulls."""
        return self.facts.nullable

    @property
    def unique(self) -> bool:
        """Whether no value occurs twice, by construction."""
        return self.facts.unique

    @property
    def numbering(self) -> bool:
        """Whether it tells the children of one parent apart."""
        return self.facts.numbering

    @property
    def by_row(self) -> bool:
        """Whether the row number itself keeps the values apart."""
        return self.facts.by_row

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The lowest and highest value in whole units, where known."""
        return self.facts.bounds

    @property
    def max_length(self) -> int | None:
        """The longest text in characters, where known."""
        return self.facts.max_length

    @property
    def uses(self) -> tuple[str, ...]:
        """The columns and parents' columns that it reads."""
        return self.facts.uses


def widest(known: list[Facts]) -> tuple[tuple[int, int] | None, int | None]:
    """Bounds around those of several, and the longest of their texts; None where one does not know."""
    bounds = [one.bounds for one in known if one.bounds is not None]
    lengths = [one.max_length for one in known if one.max_length is not None]
    around = (min(low for low, _ in bounds), max(high for _, high in bounds)) if len(bounds) == len(known) else None
    return around, max(lengths) if len(lengths) == len(known) else None
