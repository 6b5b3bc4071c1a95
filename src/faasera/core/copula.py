"""Columns that move together: a Gaussian copula over the columns' own distributions.

Each column of a group has a standard normal of its own stream; a column's rank is the distribution function of its mix
of these, and its value the element of that rank. So every column keeps its distribution, whatever the correlation.
Source: R. B. Nelsen, "An Introduction to Copulas" (2006), section 2.3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from faasera.core import portable_math
from faasera.core.draws import Draw, HistogramDraw, QuantileDraw, UniformDraw, WeightedDraw, ZipfDraw
from faasera.core.streams import Stream, Words, unit
from faasera.core.value import ByContent

Matrix = list[list[float]]
_MOST_RANKED = 1 << 20
_ALMOST_NOTHING = 1e-9


def lower_triangle(matrix: Matrix) -> Matrix | None:
    """The lower triangle whose product with its transpose is the matrix (Cholesky); None where there is none.

    In plain arithmetic, so that every machine finds the same numbers. A matrix on the edge (eigenvalues of 0) has one.
    """
    size = len(matrix)
    made = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row][column] - math.fsum(made[row][k] * made[column][k] for k in range(column))
            if row == column:
                if rest < -_ALMOST_NOTHING:
                    return None
                made[row][row] = math.sqrt(max(rest, 0.0))
            elif made[column][column] > math.sqrt(_ALMOST_NOTHING):
                made[row][column] = rest / made[column][column]
            elif abs(rest) > math.sqrt(_ALMOST_NOTHING):
                return None
    return made


@dataclass(frozen=True)
class CorrelatedStream(Stream):
    """Words whose order is correlated with that of other columns' words.

    Attributes:
        sources: the streams of the columns' own normals, this one's last.
        loadings: how much of each goes in; their squares add up to 1.
    """

    sources: tuple[Stream, ...] = ()
    loadings: tuple[float, ...] = field(default=(), repr=False)

    def words(self, rows: Words) -> Words:
        """One word per row number, uniform by itself."""
        total = np.zeros(len(rows), dtype=np.float64)
        for source, loading in zip(self.sources, self.loadings, strict=True):
            if loading:
                total += loading * portable_math.normal_quantile(unit(source.words(rows)))
        ranks = np.clip(portable_math.normal_distribution(total), 0.0, 1.0 - 2.0**-53)
        return (ranks * 2.0**53).astype(np.uint64) << np.uint64(11)


@dataclass(frozen=True, eq=False)
class RankedDraw(ByContent, Draw):
    """Elements by weight, in their order: a higher word never means a lower element.

    Attributes:
        weights: one for each element.
        stream: of the words.
        name: for the plan.
    """

    weights: tuple[float, ...] = field(repr=False)
    stream: Stream
    name: str

    @property
    @override
    def size(self) -> int:
        """The number of elements."""
        return len(self.weights)

    @cached_property
    def _ends(self) -> npt.NDArray[np.float64]:
        total = math.fsum(self.weights)
        return np.cumsum(np.array(self.weights, dtype=np.float64)) / total

    @override
    def indices(self, rows: Words) -> Words:
        place = np.searchsorted(self._ends, unit(self.stream.words(rows)), side="right")
        return np.minimum(place, self.size - 1).astype(np.uint64)

    @override
    def describe(self) -> str:
        return self.name


@dataclass(frozen=True)
class RankedBins(Draw):
    """A histogram in the order of its bins.

    Attributes:
        size: the number of elements.
        stream: of the words.
        starts: the first element of each bin, and the end of the last.
        weights: one a bin.
    """

    size: int
    stream: Stream
    starts: tuple[int, ...]
    weights: tuple[float, ...]

    @override
    def indices(self, rows: Words) -> Words:
        shares = np.array(self.weights, dtype=np.float64) / math.fsum(self.weights)
        ends = np.cumsum(shares)
        rank = unit(self.stream.words(rows))
        place = np.minimum(np.searchsorted(ends, rank, side="right"), len(shares) - 1)
        starts = np.array(self.starts, dtype=np.float64)
        inside = np.clip((rank - (ends[place] - shares[place])) / np.maximum(shares[place], 1e-300), 0.0, 1.0)
        width = np.diff(starts)[place]
        return (starts[place] + np.minimum(np.floor(inside * width), width - 1)).astype(np.uint64)

    @override
    def describe(self) -> str:
        return f"a histogram of {len(self.weights)} bins"


def ranked(draw: Draw) -> Draw | None:
    """The same distribution as a function of a word's rank; None where there is none."""
    if isinstance(draw, UniformDraw | QuantileDraw):
        return draw
    if isinstance(draw, WeightedDraw):
        return RankedDraw(draw.weights, draw.stream, draw.describe())
    if isinstance(draw, HistogramDraw):
        return RankedBins(draw.size, draw.stream, draw.starts, draw.weights)
    if isinstance(draw, ZipfDraw) and draw.size <= _MOST_RANKED:
        ranks: Sequence[int] = range(1, draw.size + 1)
        weights = portable_math.exp(-draw.exponent * portable_math.log(np.array(ranks, dtype=np.float64)))
        return RankedDraw(tuple(weights.tolist()), draw.stream, draw.describe())
    return None
