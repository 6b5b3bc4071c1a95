"""``SERIES``: a time series for each parent: level, trend, season, noise, and events by a Poisson process."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core import portable_math
from faasera.core.arrow import from_integers
from faasera.core.errors import pointer
from faasera.core.portable_math import Floats
from faasera.core.streams import Stream, Words, unit
from faasera.core.types import DOUBLE, DataType
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.overflow import check_fits
from faasera.generators.scope import Scope
from faasera.policy.model import Model, Rule

_MOST_EVENTS = 60


class Span(Model):
    """Between two numbers."""

    min: float | int = Field(description="The lowest.")
    max: float | int = Field(description="The highest.")


class Season(Model):
    """A wave over time."""

    period: float | int = Field(gt=0, description="How many steps it takes: 7 for weeks of days.")
    amplitude: float | int = Field(ge=0, description="How far it goes up and down.")
    aligned: bool = Field(True, description="Whether all series peak at the same step, or each at one of its own.")


class Events(Model):
    """Jumps by a Poisson process."""

    rate: float | int = Field(gt=0, le=10, description="How many come in a step, on average.")
    effect: float | int = Field(description="What each adds to its step.")


class SeriesRule(Rule):
    """A time series for each parent; steps are the children in their order."""

    level: Span | float | int = Field(description="Where a series begins: a number, or {min, max} over the series.")
    trend: Span | float | int = Field(0, description="What each step adds: a number, or {min, max} over the series.")
    season: Season | None = Field(None, description="{period, amplitude, aligned}, in steps.")
    noise: float | int = Field(0, ge=0, description="The standard deviation of what chance adds to each step.")
    events: Events | None = Field(None, description="{rate, effect}: jumps by a Poisson process.")
    floor: float | int | None = Field(None, description="The lowest value that may come out.")


@dataclass(frozen=True, eq=False)
class SeriesGenerator(ByContent, Generator):
    """The sum of a series' parts at a step.

    Attributes:
        rule: the parts.
        family: whether each parent has a series, its children the steps; else the table is one series.
        stream: of all draws.
        value_type: of the sums, which are rounded to it.
        where: the rule, for errors.
    """

    rule: SeriesRule
    family: bool
    stream: Stream
    value_type: DataType
    where: str

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type)

    def _places(self, context: Context) -> tuple[Words, Floats]:
        """The series of each row, and its step from 0."""
        if not self.family:
            return np.zeros(len(context.rows), dtype=np.uint64), context.rows.astype(np.float64)
        siblings = context.siblings()
        return siblings.parents, siblings.ranks.astype(np.float64)

    def _spread(self, given: Span | float | int, purpose: str, series: Words) -> Floats | float:
        if not isinstance(given, Span):
            return float(given)
        share = unit(self.stream.sub(purpose).words(series))
        return float(given.min) + (float(given.max) - float(given.min)) * share

    @override
    def generate(self, context: Context) -> pa.Array:
        series, step = self._places(context)
        rule = self.rule
        values = self._spread(rule.level, "level", series) + self._spread(rule.trend, "trend", series) * step
        if rule.season is not None:
            phase = 0.0 if rule.season.aligned else unit(self.stream.sub("phase").words(series))
            turns = step / float(rule.season.period) + phase
            values = values + float(rule.season.amplitude) * portable_math.sine_of_turns(turns)
        if rule.noise:
            chance = unit(self.stream.sub("noise").words(context.rows))
            values = values + float(rule.noise) * portable_math.normal_quantile(chance)
        if rule.events is not None:
            rank = unit(self.stream.sub("events").words(context.rows))
            values = values + float(rule.events.effect) * np.searchsorted(self._poisson, rank, side="right")
        if rule.floor is not None:
            values = np.maximum(values, float(rule.floor))
        return self._typed(np.asarray(values, dtype=np.float64), context)

    @cached_property
    def _poisson(self) -> Floats:
        """The probabilities of at most 0, 1, 2, … events in a step."""
        assert self.rule.events is not None
        rate = float(self.rule.events.rate)
        term = float(portable_math.exp(np.array([-rate]))[0])
        terms = []
        for count in range(_MOST_EVENTS):
            terms.append(term)
            term *= rate / (count + 1)
        return np.cumsum(np.array(terms))

    def _typed(self, values: Floats, context: Context) -> pa.Array:
        if self.value_type == DOUBLE:
            return pa.array(values)
        unscaled = np.rint(values * 10.0**self.value_type.scale)
        check_fits(unscaled, self.value_type, context.rows, self.where)
        return from_integers(unscaled.astype(np.int64), self.value_type)

    @override
    def describe(self) -> str:
        rule = self.rule
        terms = {"trend": rule.trend, "season": rule.season, "noise": rule.noise, "events": rule.events}
        parts = ["level", *(name for name, given in terms.items() if given)]
        whose = "for each parent, its children the steps" if self.family else "over the rows"
        return f"a series {whose}: {' + '.join(parts)}"


def _compile(rule: SeriesRule, scope: Scope) -> Generator | None:
    data_type = DataType.parse(rule.data_type) if rule.data_type else DOUBLE
    if not data_type.is_number:
        message = f"a series is numbers, not {data_type}"
        scope.problems.add("data-type", message, "Use DOUBLE, DECIMAL, INTEGER or BIGINT.", at=["dataType"])
        return None
    for name, span in (("level", rule.level), ("trend", rule.trend)):
        if isinstance(span, Span) and span.min > span.max:
            message = f"min {span.min} is above max {span.max}"
            scope.problems.add("range", message, "Exchange them.", at=[name])
            return None
    return SeriesGenerator(rule, scope.family is not None, scope.stream(), data_type, pointer(*scope.problems.path))


GENERATORS.add(
    GeneratorType(
        name="SERIES",
        summary="A time series for each parent: level, trend, season, noise, and events by a Poisson process.",
        example={"type": "SERIES", "level": 100, "trend": 0.5, "season": {"period": 7, "amplitude": 10}, "noise": 2},
        rule=SeriesRule,
        accepts=("DOUBLE", "DECIMAL", "INTEGER", "BIGINT"),
        compile=_compile,
        fixed=True,
    )
)
