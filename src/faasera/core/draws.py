"""Draws: which element of a domain a row gets.

A domain is a numbered set of values (a seed list, a range of days, the language of a pattern). A draw maps a row
number to an index into it: uniformly, by weights, along a curve, or as a permutation where values must be unique.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from faasera.core import portable_math
from faasera.core.arrow import Integers
from faasera.core.portable_math import Floats
from faasera.core.streams import GOLDEN, Permutation, Stream, Words, below, mix, unit
from faasera.core.value import ByContent

Quantile = Callable[[Floats], Floats]
"""Maps probabilities strictly between 0 and 1 to positions on a column's axis."""

MAXIMUM_PERMUTATION = 1 << 62
_HEAD = 1 << 16
_LOW_32 = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


class Places(Protocol):
    """Where rows stand among the children of their parents."""

    @property
    def parents(self) -> Words:
        """The parent's row number of each row."""

    @property
    def ranks(self) -> Integers:
        """How many children of the same parent come before, from 0."""


class Placed(Protocol):
    """Rows of a table, which know their places."""

    rows: Words

    def siblings(self) -> Places:
        """Where they stand."""


class Draw(ABC):
    """A function from row numbers to indices below ``size``.

    Attributes:
        size: how many elements there are; a field, a property or an attribute of the class.
        unique: whether no two rows below ``size`` get the same.
    """

    unique = False

    if TYPE_CHECKING:
        # There at run time, a property would be in the way of draws that have a field of this name.
        @property
        @abstractmethod
        def size(self) -> int:
            """How many elements there are."""

    @abstractmethod
    def indices(self, rows: Words) -> Words:
        """One index per row number, each below ``size``."""

    def of(self, context: Placed) -> Words:
        """The indices of rows; by their numbers, unless a draw looks at something else that the rows know."""
        return self.indices(context.rows)

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class UniformDraw(Draw):
    """Every element equally likely."""

    size: int
    stream: Stream

    @override
    def indices(self, rows: Words) -> Words:
        return below(self.stream.words(rows), self.size)

    @override
    def describe(self) -> str:
        return "uniform"


@dataclass(frozen=True, eq=False)
class PermutedDraw(ByContent, Draw):
    """Row r gets the r-th element of a keyed shuffle: unique as long as there are at most ``size`` rows.

    Rows beyond, as of a run that goes on after another one, get their own number.
    """

    size: int
    stream: Stream
    unique = True

    @cached_property
    def _permutation(self) -> Permutation:
        return Permutation(self.size, self.stream)

    @override
    def indices(self, rows: Words) -> Words:
        if len(rows) and int(rows.max()) >= self.size:
            within = np.minimum(rows, np.uint64(self.size - 1))
            return np.where(rows < np.uint64(self.size), self._permutation.at(within), rows)
        return self._permutation.at(rows)

    @override
    def describe(self) -> str:
        return f"unique: a permutation of {self.size:,} values"


@dataclass(frozen=True)
class TupleDraw(Draw):
    """One member of a tuple that is unique as a whole: a digit of a permuted number in mixed radix.

    Attributes:
        size: the number of values of this member.
        stride: the product of the sizes of the members after this one.
        whole: the permutation over the product of all sizes.
    """

    size: int
    stride: int
    whole: Permutation

    @override
    def indices(self, rows: Words) -> Words:
        return (self.whole.at(rows) // np.uint64(self.stride)) % np.uint64(self.size)

    @override
    def describe(self) -> str:
        return f"part of a unique tuple: a permutation of {self.whole.size:,} tuples"


class AliasTable:
    """Draws from any weights in constant time, 32 bits of resolution in each column.

    Source: A. J. Walker's alias method, set up as in M. D. Vose, "A linear algorithm for generating random numbers
    with a given distribution", IEEE Transactions on Software Engineering 17 (1991).
    """

    def __init__(self, weights: Sequence[float] | Floats) -> None:
        size = len(weights)
        shares = np.asarray(weights, dtype=np.float64) * size / math.fsum(weights)
        scaled, alias = shares.tolist(), list(range(size))
        small, large = np.flatnonzero(shares < 1.0).tolist(), np.flatnonzero(shares >= 1.0).tolist()
        while small and large:
            less, more = small.pop(), large[-1]
            alias[less] = more
            scaled[more] -= 1.0 - scaled[less]
            if scaled[more] < 1.0:
                small.append(large.pop())
        for index in (*small, *large):
            scaled[index] = 1.0
        self.size = size
        self._threshold = np.minimum(np.rint(np.array(scaled) * 2.0**32), 2.0**32).astype(np.uint64)
        self._alias = np.array(alias, dtype=np.uint64)

    def indices(self, words: Words) -> Words:
        """One index per random word."""
        position = (words >> _32) * np.uint64(self.size)
        bucket = (position >> _32).view(np.int64)
        keep = (position & _LOW_32) < self._threshold[bucket]
        return np.where(keep, bucket.view(np.uint64), self._alias[bucket])


class AliasTables:
    """Several tables of weights over the same elements, each row drawing from one of them."""

    def __init__(self, weights: Sequence[Sequence[float] | Floats]) -> None:
        tables = [AliasTable(one) for one in weights]
        self.size = tables[0].size
        self._threshold = np.concatenate([table._threshold for table in tables])
        self._alias = np.concatenate([table._alias for table in tables])

    def indices(self, words: Words, which: npt.NDArray[np.int64]) -> Words:
        """One index per random word, by the table that is named beside it."""
        position = (words >> _32) * np.uint64(self.size)
        bucket = (position >> _32).view(np.int64)
        entry = bucket + which * self.size
        keep = (position & _LOW_32) < self._threshold[entry]
        return np.where(keep, bucket.view(np.uint64), self._alias[entry])


@dataclass(frozen=True, eq=False)
class WeightedDraw(ByContent, Draw):
    """Elements by weight."""

    weights: tuple[float, ...] = field(repr=False)
    stream: Stream

    @property
    @override
    def size(self) -> int:
        """The number of weights."""
        return len(self.weights)

    @cached_property
    def _table(self) -> AliasTable:
        return AliasTable(self.weights)

    @override
    def indices(self, rows: Words) -> Words:
        return self._table.indices(self.stream.words(rows))

    @override
    def describe(self) -> str:
        return f"{self.size:,} weights"


@dataclass(frozen=True, eq=False)
class ZipfDraw(ByContent, Draw):
    """Element of rank k (from 1) with probability proportional to ``k ** -exponent``.

    The first 65,536 ranks are drawn from exact weights; beyond them the sum is replaced by its integral, whose relative
    error per rank is below ``exponent * (exponent + 1) / 24 / rank**2``, under 1e-9.
    """

    size: int
    exponent: float
    stream: Stream

    @cached_property
    def _head(self) -> int:
        return min(self.size, _HEAD)

    def _power(self, ends: Floats) -> Floats:
        """The antiderivative of ``x ** -exponent``, up to a constant."""
        logs = portable_math.log(ends)
        if self.exponent == 1.0:
            return logs
        return portable_math.exp(logs * (1.0 - self.exponent)) / (1.0 - self.exponent)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        low, high = self._power(np.array([self._head + 0.5, self.size + 0.5]))
        return float(low), float(high)

    @cached_property
    def _table(self) -> AliasTable:
        ranks = np.arange(1, self._head + 1, dtype=np.float64)
        weights = portable_math.exp(-self.exponent * portable_math.log(ranks)).tolist()
        if self.size > self._head:
            low, high = self._ends
            weights.append(high - low)
        return AliasTable(weights)

    @override
    def indices(self, rows: Words) -> Words:
        indices = self._table.indices(self.stream.words(rows))
        if self.size == self._head:
            return indices
        tail = np.flatnonzero(indices == self._head)
        low, high = self._ends
        area = low + (high - low) * unit(self.stream.sub("tail").words(rows[tail]))
        if self.exponent == 1.0:
            ranks = portable_math.exp(area)
        else:
            ranks = portable_math.exp(portable_math.log(area * (1.0 - self.exponent)) / (1.0 - self.exponent))
        indices[tail] = np.clip(np.rint(ranks), self._head + 1, self.size).astype(np.uint64) - np.uint64(1)
        return indices

    @override
    def describe(self) -> str:
        return f"Zipf, exponent {self.exponent:g}"


@dataclass(frozen=True)
class QuantileDraw(Draw):
    """Elements along a continuous curve, cut to the domain's ends: the inverse of its distribution function.

    Attributes:
        size: the number of elements.
        stream: of the probabilities.
        origin: the position of element 0 on the axis.
        step: the distance between two elements.
        quantile: the curve.
        low: the probability of lying before the domain.
        high: the probability of not lying behind it.
        name: for the plan.
    """

    size: int
    stream: Stream
    origin: float
    step: float
    quantile: Quantile
    low: float
    high: float
    name: str

    @override
    def indices(self, rows: Words) -> Words:
        probability = self.low + (self.high - self.low) * unit(self.stream.words(rows))
        position = (self.quantile(probability) - self.origin) / self.step
        return np.clip(np.rint(position), 0, self.size - 1).astype(np.uint64)

    @override
    def describe(self) -> str:
        return self.name


def probability_before(quantile: Quantile, position: float) -> float:
    """The probability of lying before a position, by bisection of the quantile function (so both agree exactly)."""
    low, high = 2.0**-60, 1.0 - 2.0**-53
    if float(quantile(np.array([low]))[0]) >= position:
        return 0.0
    if float(quantile(np.array([high]))[0]) <= position:
        return 1.0
    for _ in range(80):
        middle = (low + high) / 2
        if float(quantile(np.array([middle]))[0]) < position:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True, eq=False)
class HistogramDraw(ByContent, Draw):
    """A bin by weight, then an element of the bin uniformly.

    Attributes:
        size: the number of elements.
        stream: of both draws.
        starts: the first element of each bin, and the end of the last.
        weights: one weight a bin.
    """

    size: int
    stream: Stream
    starts: tuple[int, ...]
    weights: tuple[float, ...]

    @cached_property
    def _table(self) -> AliasTable:
        return AliasTable(self.weights)

    @override
    def indices(self, rows: Words) -> Words:
        bins = self._table.indices(self.stream.words(rows)).view(np.int64)
        starts = np.array(self.starts, dtype=np.float64)
        first, width = starts[:-1][bins], np.diff(starts)[bins]
        inside = np.minimum(np.floor(unit(self.stream.sub("bin").words(rows)) * width), width - 1)
        return (first + inside).astype(np.uint64)

    @override
    def describe(self) -> str:
        return f"a histogram of {len(self.weights)} bins"


@dataclass(frozen=True, eq=False)
class QuotaDraw(ByContent, Draw):
    """A shaped member of a unique tuple: exact quotas instead of chance, so that the other members know their room.

    Rows are shuffled; element i then owns a run of ``quotas[i]`` consecutive shuffled rows.
    """

    quotas: tuple[int, ...] = field(repr=False)
    shuffle: Permutation
    name: str

    @property
    @override
    def size(self) -> int:
        """The number of elements."""
        return len(self.quotas)

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        return np.cumsum(np.array(self.quotas, dtype=np.int64))

    def place(self, rows: Words) -> tuple[Words, Words]:
        """Each row's element, and its rank among the rows of that element."""
        shuffled = self.shuffle.at(rows).view(np.int64)
        element = np.searchsorted(self._ends, shuffled, side="right")
        starts = self._ends - np.array(self.quotas, dtype=np.int64)
        return element.astype(np.uint64), (shuffled - starts[element]).astype(np.uint64)

    @override
    def indices(self, rows: Words) -> Words:
        return self.place(rows)[0]

    @override
    def describe(self) -> str:
        return f"{self.name}, in exact quotas, part of a unique tuple"


class Placement(Protocol):
    """Gives each row an element, and a rank among the rows of that element."""

    @property
    def name(self) -> str:
        """What the elements are, for the plan."""

    def place(self, rows: Words) -> tuple[Words, Words]:
        """Each row's element and its rank."""


@dataclass(frozen=True)
class RankDraw(Draw):
    """The other members of a tuple beside a ``Placement``: an element's ranks are spread over this member's values.

    The spread is an affine bijection per element, so no two rows of one element share a tuple of the others.

    Attributes:
        size: the number of values of this member.
        stride: the product of the sizes of the members after this one.
        whole: the product of all sizes.
        placement: of the rows.
        stream: of the spread.
        steps: the distances between ranks that an element may have; none for 1.
    """

    size: int
    stride: int
    whole: int
    placement: Placement
    stream: Stream
    steps: tuple[int, ...] = field(default=(), repr=False)

    @override
    def indices(self, rows: Words) -> Words:
        element, rank = self.placement.place(rows)
        return spread(element, rank, self.size, self.stride, self.whole, self.stream, self.steps)

    @override
    def describe(self) -> str:
        return f"part of a unique tuple beside {self.placement.name}"


def spread(
    element: Words, rank: Words, size: int, stride: int, whole: int, stream: Stream, steps: tuple[int, ...]
) -> Words:
    """The values that the ranks of elements are spread over, as ``RankDraw`` has them."""
    words = mix(element * GOLDEN + np.uint64(stream.key))
    offset = below(words, whole)
    if steps:
        rank = rank * np.array(steps, dtype=np.uint64)[(words & _LOW_32) % np.uint64(len(steps))]
    spread = Permutation(whole, stream).at((rank + offset) % np.uint64(whole))
    return (spread // np.uint64(stride)) % np.uint64(size)


def strides(whole: int, stream: Stream) -> tuple[int, ...]:
    """Some numbers without a common factor with ``whole``: multiples of one visit all ranks; none for a huge whole."""
    if whole >= 1 << 32:
        return ()
    candidates = below(stream.words(np.arange(1024, dtype=np.uint64)), whole)
    return tuple(int(number) for number in candidates if math.gcd(int(number), whole) == 1)
