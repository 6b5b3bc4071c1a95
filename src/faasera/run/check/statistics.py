"""Pearson's chi-square test of counts in bins, and how much of a distribution each bin should have.

A test fails at a probability below ``LEVEL`` that so large a deviation is chance.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faasera.core.types import DATE, TIME, TIMESTAMP, DataType
from faasera.generators.literals import DAY, MICROSECONDS, Duration, parse_date, parse_time, parse_timestamp
from faasera.policy.model import Distribution
from faasera.run.check.sql import NotCheckableError

LEVEL = 1e-7
BINS = 20
_FEWEST_EXPECTED = 10.0


def survival(statistic: float, degrees: int) -> float:
    """The probability that a chi-square variable of so many degrees of freedom exceeds a statistic.

    The regularised upper incomplete gamma function, by its series or its continued fraction (NIST Digital Library of
    Mathematical Functions, 8.11.4 and 8.9.2, the latter evaluated by Lentz's method).

    >>> round(survival(11.07, 5), 4)
    0.05
    """
    a, x = degrees / 2, statistic / 2
    if x <= 0:
        return 1.0
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, 1000):
            term *= x / (a + step)
            total += term
            if term < total * 1e-16:
                break
        return max(0.0, 1 - total * front)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    found = d
    for step in range(1, 1000):
        factor = -step * (step - a)
        b += 2
        d = factor * d + b
        c = b + factor / c
        d = 1 / (d or tiny)
        change = d * c
        found *= change
        if abs(change - 1) < 1e-15:
            break
    return front * found


@dataclass(frozen=True)
class Fit:
    """Counts beside those expected.

    Attributes:
        observed: of each bin.
        weights: of each bin, in any unit.
        labels: of each bin: the value, or where it begins; empty where bins have no meaning of their own.
    """

    observed: Sequence[float]
    weights: Sequence[float]
    labels: Sequence[str | float] = ()

    @property
    def expected(self) -> list[float]:
        """The counts that the weights ask for."""
        mass = math.fsum(self.weights)
        return [weight / mass * sum(self.observed) if mass else 0.0 for weight in self.weights]

    def problem(self) -> str:
        """What is wrong; empty where the deviation may be chance."""
        total, mass = sum(self.observed), math.fsum(self.weights)
        if not total:
            return ""
        if not mass:
            return "values occur that have no weight"
        impossible = sum(count for count, weight in zip(self.observed, self.weights, strict=True) if weight <= 0)
        if impossible:
            return f"{int(impossible):,} values occur that have no weight"
        merged: list[tuple[float, float]] = []
        count = expected = 0.0
        for seen, weight in zip(self.observed, self.weights, strict=True):
            count, expected = count + seen, expected + weight / mass * total
            if expected >= _FEWEST_EXPECTED:
                merged.append((count, expected))
                count = expected = 0.0
        if merged and (count or expected):
            last = merged.pop()
            merged.append((last[0] + count, last[1] + expected))
        if len(merged) < 2:
            return ""
        statistic = math.fsum((seen - wanted) ** 2 / wanted for seen, wanted in merged)
        chance = survival(statistic, len(merged) - 1)
        if chance >= LEVEL:
            return ""
        return f"chi-square {statistic:,.1f} over {len(merged)} bins: probability {chance:.1g}, below {LEVEL:g}"


@dataclass(frozen=True)
class Bins:
    """Where bins begin and end, and how much of the distribution each should have.

    Attributes:
        edges: one more than weights; values lie between them.
        weights: in any unit.
    """

    edges: Sequence[float]
    weights: Sequence[float]

    def number(self, measure: str) -> str:
        """The number of the bin that a number lies in, as SQL."""
        return " + ".join(f"CAST({measure} >= {edge!r} AS INTEGER)" for edge in self.edges[1:-1]) or "0"

    def fit(self, counts: Sequence[tuple[int, int]]) -> Fit:
        """The counts of the numbered bins beside those expected."""
        known = dict(counts)
        return Fit([known.get(number, 0) for number in range(len(self.weights))], self.weights, self.edges[:-1])


def bins_of(
    distribution: Distribution | None, data_type: DataType, low: float, high: float, unit: float
) -> Bins | None:
    """At most twenty bins, or one for each value that has a weight of its own; None where there is one value only.

    Args:
        distribution: what was asked for.
        data_type: of the literals in it.
        low: the first value, as ``position`` has it.
        high: the last.
        unit: the distance between values; 0 for a continuum.

    Raises:
        NotCheckableError: there are too many values with weights of their own.
    """
    kind = distribution.type if distribution is not None else "UNIFORM"
    size = math.floor((high - low) / unit + 1e-9) + 1 if unit else 1 << 53
    if size < 2:
        return None
    if distribution is not None and kind in ("ZIPF", "WEIGHTED", "HISTOGRAM"):
        return _ranked(distribution, data_type, low, unit, size)
    if unit:
        parts = {round(size * number / BINS) for number in range(BINS + 1)} if size > BINS else set(range(size + 1))
        edges = [low + (start - 0.5) * unit for start in sorted(parts)]
    else:
        edges = [low + (high - low) * number / BINS for number in range(BINS + 1)]
    mass = _mass(distribution, data_type, low, high, unit)
    return Bins(edges, [max(mass(right) - mass(left), 0.0) for left, right in itertools.pairwise(edges)])


def _ranked(distribution: Distribution, data_type: DataType, low: float, unit: float, size: int) -> Bins:
    """Bins of distributions that weigh values one by one, or bin by bin."""
    weights = [float(one) for one in distribution.weights or []]
    if distribution.type == "HISTOGRAM":
        given = [position(edge, data_type) for edge in distribution.edges or []]
        return Bins([edge - unit / 2 for edge in given[:-1]] + [given[-1] + unit / 2], weights)
    if distribution.type == "WEIGHTED":
        if size > BINS * 10:
            raise NotCheckableError(f"{size:,} weights")
        return Bins([low + (rank - 0.5) * unit for rank in range(size + 1)], weights)
    exponent = float(distribution.exponent or 1)
    head = min(size, BINS)
    weights = [rank**-exponent for rank in range(1, head + 1)]
    edges = [low + (rank - 0.5) * unit for rank in range(head + 1)]
    if size > head:
        weights.append(zipf_mass(head + 1, size, exponent))
        edges.append(low + (size - 0.5) * unit)
    return Bins(edges, weights)


def zipf_mass(first: int, last: int, exponent: float) -> float:
    """The sum of ``rank ** -exponent``: term by term, and by Euler and Maclaurin's formula beyond 100,000."""
    known = min(last, 100_000)
    total = math.fsum(rank**-exponent for rank in range(first, known + 1))
    if last > known:
        a, b = known + 0.5, last + 0.5
        total += math.log(b / a) if exponent == 1 else (b ** (1 - exponent) - a ** (1 - exponent)) / (1 - exponent)
    return total


def _mass(
    distribution: Distribution | None, data_type: DataType, low: float, high: float, unit: float
) -> Callable[[float], float]:
    """The distribution function of a curve over the range."""
    kind = distribution.type if distribution is not None else "UNIFORM"
    begin, end = low - unit / 2, high + unit / 2
    if distribution is None or kind == "UNIFORM":
        return lambda x: x
    middle = (begin + end) / 2
    if kind == "TRIANGULAR":
        mode = middle if distribution.mode is None else position(distribution.mode, data_type)
        width = end - begin

        def triangle(x: float) -> float:
            if x <= mode:
                return (x - begin) ** 2 / (width * (mode - begin)) if mode > begin else 0.0
            return 1 - (end - x) ** 2 / (width * (end - mode)) if end > mode else 1.0

        return triangle
    if kind == "NORMAL":
        mean = middle if distribution.mean is None else position(distribution.mean, data_type)
        stddev = (end - begin) / 6 if distribution.stddev is None else distance(distribution.stddev, data_type)
        return lambda x: 0.5 * (1 + math.erf((x - mean) / (stddev * math.sqrt(2))))
    if kind == "LOGNORMAL":
        mu, sigma = float(str(distribution.mean)), float(str(distribution.stddev))
        return lambda x: 0.5 * (1 + math.erf((math.log(x) - mu) / (sigma * math.sqrt(2)))) if x > 0 else 0.0
    mean = (end - begin) / 5 if distribution.mean is None else distance(distribution.mean, data_type)
    return lambda x: 1 - math.exp(-(x - low) / mean) if x > low else 0.0


def position(value: object, data_type: DataType) -> float:
    """A literal as a number: dates in days, timestamps and times in seconds."""
    if data_type == DATE:
        return float(parse_date(value))
    if data_type == TIMESTAMP:
        return parse_timestamp(value) / MICROSECONDS
    if data_type == TIME:
        return parse_time(value) / MICROSECONDS
    return float(str(value))


def distance(value: object, data_type: DataType) -> float:
    """A distance likewise."""
    if not isinstance(value, str) or not data_type.is_temporal:
        return float(str(value))
    return Duration.parse(value).microseconds / (MICROSECONDS if data_type.has_time else DAY)


def null_share(rows: int, fraction: float, nulls: int) -> str:
    """What is wrong where a number of nulls cannot come from a fraction, by the normal approximation."""
    # 5.33 standard deviations: two-sided probability 1e-7, the level of the other tests.
    slack = 5.33 * math.sqrt(rows * fraction * (1 - fraction)) + (5 if fraction < 1 else 0)
    if abs(nulls - rows * fraction) <= slack:
        return ""
    return f"{nulls:,} nulls of {rows:,} rows instead of {fraction:g}: probability below {LEVEL:g}"
