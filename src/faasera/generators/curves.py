"""Curves along a column's axis: from the parameters of a policy to quantiles."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from faasera.core import portable_math
from faasera.core.draws import Quantile
from faasera.core.errors import Problems
from faasera.core.portable_math import Floats
from faasera.generators.generator import Axis
from faasera.generators.literals import parse_number
from faasera.policy.model import Distribution


@dataclass(frozen=True)
class Curve:
    """A curve.

    Attributes:
        quantile: its inverse distribution function.
        label: a phrase for the plan.
        inside: whether all of it lies in the range.
    """

    quantile: Quantile
    label: str
    inside: bool = False


def curve_of(distribution: Distribution, axis: Axis, low: float, high: float, problems: Problems) -> Curve | None:
    """The curve of a distribution between two ends of an axis; None after problems were reported."""
    return _CURVES[distribution.type](distribution, axis, low, high, problems)


@dataclass(frozen=True)
class _Normal:
    """The quantiles of a normal distribution."""

    mean: float
    stddev: float

    def __call__(self, probability: Floats) -> Floats:
        return self.mean + self.stddev * portable_math.normal_quantile(probability)


@dataclass(frozen=True)
class _Lognormal:
    """The quantiles of a lognormal distribution, by mean and deviation of the logarithm."""

    mean: float
    stddev: float

    def __call__(self, probability: Floats) -> Floats:
        return portable_math.exp(self.mean + self.stddev * portable_math.normal_quantile(probability))


@dataclass(frozen=True)
class _Exponential:
    """The quantiles of an exponential distribution that begins at ``start``, with a mean distance from there."""

    start: float
    mean: float

    def __call__(self, probability: Floats) -> Floats:
        return self.start - self.mean * portable_math.log(1.0 - probability)


@dataclass(frozen=True)
class _Triangular:
    """The quantiles of a triangular distribution."""

    low: float
    high: float
    mode: float

    def __call__(self, probability: Floats) -> Floats:
        width = self.high - self.low
        rising = self.low + np.sqrt(probability * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - probability) * width * (self.high - self.mode))
        return np.where(probability < (self.mode - self.low) / width, rising, falling)


def _normal(given: Distribution, axis: Axis, low: float, high: float, problems: Problems) -> Curve | None:
    mean = read_number(axis.position, given.mean, (low + high) / 2, "mean", problems)
    stddev = read_number(axis.distance, given.stddev, (high - low) / 6, "stddev", problems)
    if mean is None or stddev is None or not _positive(stddev, "stddev", problems):
        return None
    label = f"normal, mean {_shown(given.mean, mean)}, stddev {_shown(given.stddev, stddev)}"
    return Curve(_Normal(mean, stddev), label)


def _lognormal(given: Distribution, _: Axis, __: float, ___: float, problems: Problems) -> Curve | None:
    mean = read_number(parse_number, given.mean, 0.0, "mean", problems)
    stddev = read_number(parse_number, given.stddev, 1.0, "stddev", problems)
    if mean is None or stddev is None or not _positive(stddev, "stddev", problems):
        return None
    return Curve(_Lognormal(mean, stddev), f"lognormal, mean {mean:g} and stddev {stddev:g} of the logarithm")


def _exponential(given: Distribution, axis: Axis, low: float, high: float, problems: Problems) -> Curve | None:
    mean = read_number(axis.distance, given.mean, (high - low) / 5, "mean", problems)
    if mean is None or not _positive(mean, "mean", problems):
        return None
    return Curve(_Exponential(axis.origin, mean), f"exponential, mean {_shown(given.mean, mean)} from the start")


def _triangular(given: Distribution, axis: Axis, low: float, high: float, problems: Problems) -> Curve | None:
    mode = read_number(axis.position, given.mode, (low + high) / 2, "mode", problems)
    if mode is None:
        return None
    if not low <= mode <= high:
        problems.add("bad-value", "the mode lies outside the range", "Move it inside.", at=["mode"])
        return None
    return Curve(_Triangular(low, high, mode), f"triangular, peak {_shown(given.mode, mode)}", inside=True)


_CURVES = {"NORMAL": _normal, "LOGNORMAL": _lognormal, "EXPONENTIAL": _exponential, "TRIANGULAR": _triangular}


def read_number(
    read: Callable[[object], float], value: object, default: float, name: str, problems: Problems
) -> float | None:
    """A parameter, or its default; None after a problem was reported under its name."""
    if value is None:
        return default
    try:
        return read(value)
    except ValueError as error:
        problems.add("bad-value", str(error), "Correct the value.", at=[name])
        return None


def _positive(value: float, name: str, problems: Problems) -> bool:
    if value <= 0:
        problems.add("bad-value", f"'{name}' is not above 0", "Use a positive number.", at=[name])
    return value > 0


def _shown(given: object, used: float) -> str:
    """A parameter as the policy has it, or the default that stood in for it."""
    return f"{used:g}" if given is None else str(given)
