"""What makes a column: a generator, or a numbered set of values with a draw."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Mask, with_nulls
from faasera.core.draws import Draw, UniformDraw
from faasera.core.streams import Stream, Words
from faasera.generators.context import Context
from faasera.generators.facts import Facts, Factual
from faasera.policy.model import Distribution


class Generator(Factual, ABC):
    """Makes one column. A pure function of its parameters and the row numbers."""

    @abstractmethod
    def generate(self, context: Context) -> pa.Array:
        """One value per row of the context, of ``data_type``."""

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class Axis:
    """Where a domain's elements lie, for distributions.

    Attributes:
        origin: the position of element 0.
        step: the distance between neighbours.
        position: reads a literal of the policy as a position; raises ValueError.
        distance: reads a literal as a distance; raises ValueError.
    """

    origin: float
    step: float
    position: Callable[[object], float]
    distance: Callable[[object], float]


class Domain(Factual, ABC):
    """A numbered set of values.

    Attributes:
        size: how many elements.
    """

    if TYPE_CHECKING:
        # As ``facts``: a field, a property or an attribute of the class.
        @property
        @abstractmethod
        def size(self) -> int:
            """How many elements."""

    @property
    def axis(self) -> Axis | None:
        """Where the elements lie, if they have an order that a distribution can follow."""
        return None

    @property
    def distinct(self) -> bool:
        """Whether all elements differ, so that a permutation of them is unique."""
        return True

    @abstractmethod
    def at(self, indices: Words) -> pa.Array:
        """The elements with these indices."""

    def random(self, rows: Words, stream: Stream) -> pa.Array:
        """Uniformly random elements, one a row."""
        return self.at(UniformDraw(self.size, stream).indices(rows))

    def to_distinct(self) -> "Domain":
        """A domain of the same values without repetitions."""
        return self

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class Choice(Factual):
    """What a rule compiles to when any element of a domain will do: the plan decides how elements are drawn.

    Attributes:
        domain: the values.
        weights: one for each element, if they are not equally likely.
        distribution: the shape that the rule asks for.
        stream: shared by columns that are drawn together; None for a stream of the column's own.
    """

    domain: Domain
    weights: tuple[float, ...] | None = None
    distribution: Distribution | None = None
    stream: Stream | None = None

    @property
    @override
    def facts(self) -> Facts:
        return self.domain.facts


Made: TypeAlias = Choice | Generator
"""What a rule comes to: a choice that is still to be drawn, as keys and cases may want it, or a generator as it is."""


@dataclass(frozen=True)
class Drawn(Generator):
    """A column whose values are elements of a domain."""

    domain: Domain
    draw: Draw | None
    stream: Stream

    @property
    @override
    def facts(self) -> Facts:
        return replace(self.domain.facts, unique=self.draw is not None and self.draw.unique and self.domain.distinct)

    @override
    def generate(self, context: Context) -> pa.Array:
        if self.draw is None:
            return self.domain.random(context.rows, self.stream)
        return self.domain.at(self.draw.of(context))

    @override
    def describe(self) -> str:
        return f"{self.domain.describe()}; {self.draw.describe() if self.draw else 'uniform'}"


@dataclass(frozen=True)
class WithNulls(Generator):
    """Another generator's column, with a fraction of nulls."""

    inner: Generator
    fraction: float
    stream: Stream

    @property
    @override
    def facts(self) -> Facts:
        return replace(self.inner.facts, nullable=True, numbering=False)

    @override
    def generate(self, context: Context) -> pa.Array:
        return with_nulls(self.inner.generate(context), self.valid(context.rows))

    def valid(self, rows: Words) -> Mask:
        """Which rows have a value."""
        return present(self.stream, self.fraction, rows)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}; {self.fraction:g} null"


def present(stream: Stream, null_fraction: float, rows: Words) -> Mask:
    """Which rows have a value, when a fraction of them has none."""
    limit = min(round(null_fraction * 2**64), 2**64)
    if limit == 2**64:
        return np.zeros(len(rows), dtype=np.bool_)
    mask: Mask = stream.words(rows) >= np.uint64(limit)
    return mask
