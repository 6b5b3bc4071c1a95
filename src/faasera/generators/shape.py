"""From the distribution that a policy asks for to a draw over a domain."""

import itertools
import math

from faasera.core.draws import (
    Draw,
    HistogramDraw,
    QuantileDraw,
    UniformDraw,
    WeightedDraw,
    ZipfDraw,
    probability_before,
)
from faasera.core.errors import Problems
from faasera.core.streams import Stream
from faasera.generators.curves import curve_of, read_number
from faasera.generators.generator import Axis
from faasera.policy.model import Distribution

PARAMETERS = {
    "UNIFORM": (),
    "NORMAL": ("mean", "stddev"),
    "LOGNORMAL": ("mean", "stddev"),
    "EXPONENTIAL": ("mean",),
    "ZIPF": ("exponent",),
    "TRIANGULAR": ("mode",),
    "WEIGHTED": ("weights",),
    "HISTOGRAM": ("edges", "weights"),
}
_REQUIRED = {"LOGNORMAL": ("mean", "stddev"), "WEIGHTED": ("weights",), "HISTOGRAM": ("edges", "weights")}
_MOST_LISTED = 1 << 20
_LEAST_MASS = 1e-9
_MOST_SHAPED = 1 << 62


def shaped_draw(
    distribution: Distribution,
    size: int,
    axis: Axis | None,
    stream: Stream,
    problems: Problems,
    *,
    continuous: bool = False,
) -> Draw | None:
    """The draw of a distribution over a domain of ``size`` elements; None after problems were reported at its place."""
    kind = distribution.type
    with problems.expected_none() as fine:
        _check_parameters(distribution, problems)
    if not fine:
        return None
    if size > _MOST_SHAPED and kind != "UNIFORM":
        message = f"{kind} over {size:,} values is finer than a double can tell apart"
        problems.add("distribution-type", message, "Narrow the range, or add a 'step'.", at=["type"])
        return None
    if kind == "UNIFORM" or size <= 1:
        return UniformDraw(max(size, 1), stream)
    if kind == "WEIGHTED":
        return _weighted(distribution, size, stream, problems)
    if continuous and kind == "ZIPF":
        problems.add(
            "distribution-type",
            "ZIPF ranks values, and these are continuous",
            "Add a 'step' to the range.",
            at=["type"],
        )
        return None
    if kind == "ZIPF":
        return ZipfDraw(size, float(distribution.exponent if distribution.exponent is not None else 1.0), stream)
    if axis is None:
        problems.add(
            "distribution-type",
            f"{kind} needs values that lie along an axis; these have no such order",
            "Use ZIPF, WEIGHTED or UNIFORM.",
            at=["type"],
        )
        return None
    if kind == "HISTOGRAM":
        return _histogram(distribution, size, axis, stream, problems)
    return _curved(distribution, size, axis, stream, problems, continuous)


def _check_parameters(distribution: Distribution, problems: Problems) -> None:
    """Report parameters that a distribution does not take, and those that it needs."""
    kind = distribution.type
    for name in ("mean", "stddev", "exponent", "mode", "weights", "edges"):
        given = getattr(distribution, name) is not None
        if given and name not in PARAMETERS[kind]:
            remedy = f"Remove it; {kind} takes {', '.join(PARAMETERS[kind]) or 'no parameters'}."
            problems.add("no-effect", f"'{name}' has no effect on {kind}", remedy, at=[name])
        if not given and name in _REQUIRED.get(kind, ()):
            problems.add("missing-key", f"{kind} needs '{name}'", "Add it.", at=[name])


def _weighted(distribution: Distribution, size: int, stream: Stream, problems: Problems) -> Draw | None:
    weights = distribution.weights or []
    if len(weights) != size:
        message = f"{len(weights):,} weights for {size:,} values"
        problems.add("weights", message, "Give one weight for each value.", at=["weights"])
        return None
    return WeightedDraw(tuple(map(float, weights)), stream) if check_weights(weights, problems.at("weights")) else None


def check_weights(weights: list[float | int] | list[float], problems: Problems) -> bool:
    """Whether weights can be drawn from: finite, none negative, not all zero, not too many; problems are reported."""
    if len(weights) > _MOST_LISTED * 16:
        problems.add("weights", f"{len(weights):,} weights are too many", "Use a curve.")
    elif not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        problems.add("weights", "a weight is negative or not finite", "Use weights from 0 up.")
    elif not any(weights):
        problems.add("weights", "all weights are 0", "Give at least one value a weight above 0.")
    else:
        return True
    return False


def _histogram(distribution: Distribution, size: int, axis: Axis, stream: Stream, problems: Problems) -> Draw | None:
    weights = distribution.weights or []
    edges = [read_number(axis.position, edge, 0.0, "edges", problems) for edge in distribution.edges or []]
    if None in edges:
        return None
    positions = [float(edge) for edge in edges if edge is not None]
    if len(positions) != len(weights) + 1:
        message = f"{len(positions)} edges and {len(weights)} weights"
        problems.add("histogram", message, "Give one edge more than weights.", at=["edges"])
        return None
    if any(low >= high for low, high in itertools.pairwise(positions)):
        problems.add("histogram", "the edges do not rise", "Sort them, and drop repeated ones.", at=["edges"])
        return None
    last = axis.origin + (size - 1) * axis.step
    slack = axis.step * 1e-9
    if positions[0] < axis.origin - slack or positions[-1] > last + slack:
        problems.add(
            "histogram", "the edges reach beyond the range", "Widen the range, or move the edges.", at=["edges"]
        )
        return None
    if not check_weights(weights, problems.at("weights")):
        return None
    starts = [math.ceil((edge - axis.origin) / axis.step - 1e-9) for edge in positions]
    starts[-1] = math.floor((positions[-1] - axis.origin) / axis.step + 1e-9) + 1
    for number, weight in enumerate(weights):
        if weight and starts[number] >= starts[number + 1]:
            message = f"bin {number + 1} has a weight and no value of the range"
            problems.add("histogram", message, "Widen the bin, or set its weight to 0.", at=["edges"])
            return None
    return HistogramDraw(size, stream, tuple(starts), tuple(map(float, weights)))


def _curved(
    distribution: Distribution, size: int, axis: Axis, stream: Stream, problems: Problems, continuous: bool
) -> Draw | None:
    half = 0.0 if continuous else axis.step / 2
    low, high = axis.origin - half, axis.origin + (size - 1) * axis.step + half
    curve = curve_of(distribution, axis, low, high, problems)
    if curve is None:
        return None
    before, after = 0.0, 1.0
    if not curve.inside:
        before, after = probability_before(curve.quantile, low), probability_before(curve.quantile, high)
    if after - before < _LEAST_MASS:
        problems.add(
            "distribution-outside",
            f"{distribution.type} has a probability of {max(after - before, 0):.2g} inside the range",
            "Move the mean into the range, or widen the range.",
            at=["mean"],
        )
        return None
    return QuantileDraw(size, stream, axis.origin, axis.step, curve.quantile, before, after, curve.label)
