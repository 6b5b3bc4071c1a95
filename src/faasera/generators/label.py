"""``LABEL``: a target for learning, true for the rows with the highest scores, at a chosen rate and with noise."""

from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.streams import Stream, unit
from faasera.core.types import BOOLEAN, INTEGER, DataType
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.expressions import compile_expression
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.scope import Scope
from faasera.policy.model import Rule

_SAMPLE = 65_536


class LabelRule(Rule):
    """A labelled target: true where a score is among the highest."""

    expression: str = Field(min_length=1, description="The score, a number of the row's columns: income - 3 * debts.")
    rate: float | int = Field(gt=0, lt=1, description="The share of rows that are true, 0 to 1.")
    noise: float | int = Field(
        0, ge=0, le=1, description="The share of rows whose label is drawn by chance instead, at the same rate."
    )


class _Threshold:
    """From which score on rows are true; learnt once, from the table's first rows."""

    def __init__(self, score: Generator, rate: float, rows: int) -> None:
        self._score, self._rate, self._rows = score, rate, rows
        self._found: tuple[float, float] | None = None
        self._lock = Lock()

    def scores(self, context: Context) -> npt.NDArray[np.float64]:
        """The rows' scores; a missing one is the lowest of all."""
        array = decoded(self._score.generate(context)).cast(pa.float64())
        return np.where(np.asarray(array.is_valid()), np.asarray(array.fill_null(0.0)), -np.inf)

    def of(self, context: Context) -> tuple[float, float]:
        """The lowest score that is true, and the share of the rows with this very score that are."""
        with self._lock:
            if self._found is None:
                sample = context.at(np.arange(min(self._rows, _SAMPLE), dtype=np.uint64))
                scores = np.sort(self.scores(sample))
                wanted = self._rate * len(scores)
                place = len(scores) - max(round(wanted), 1)
                lowest = float(scores[place])
                above = len(scores) - np.searchsorted(scores, lowest, side="right")
                equal = len(scores) - above - np.searchsorted(scores, lowest, side="left")
                self._found = lowest, float(np.clip((wanted - above) / equal, 0.0, 1.0))
        return self._found


@dataclass(frozen=True, eq=False)
class LabelGenerator(ByContent, Generator):
    """True for the highest scores, and for some by chance.

    Attributes:
        score: makes the scores.
        text: of the score, for the plan.
        rate: the share of rows that are true.
        noise: the share of rows that are drawn by chance.
        rows: of the table.
        stream: of ties and chance.
        value_type: BOOLEAN or INTEGER.
    """

    score: Generator
    text: str
    rate: float
    noise: float
    rows: int
    stream: Stream
    value_type: DataType

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, bounds=(0, 1), uses=self.score.uses)

    @cached_property
    def _threshold(self) -> _Threshold:
        return _Threshold(self.score, self.rate, self.rows)

    @override
    def generate(self, context: Context) -> pa.Array:
        if not len(context.rows):
            return pa.array([], self.value_type.arrow)
        lowest, share = self._threshold.of(context)
        scores = self._threshold.scores(context)
        ties = unit(self.stream.sub("tie").words(context.rows)) < share
        labels = (scores > lowest) | ((scores == lowest) & ties)
        if self.noise:
            chance = unit(self.stream.sub("noise").words(context.rows)) < self.noise
            labels = np.where(chance, unit(self.stream.words(context.rows)) < self.rate, labels)
        return pa.array(labels).cast(self.value_type.arrow)

    @override
    def describe(self) -> str:
        chance = f", {self.noise:.0%} of the rows by chance" if self.noise else ""
        return f"true for the {self.rate:.2%} with the highest {self.text}{chance}"


def _compile(rule: LabelRule, scope: Scope) -> Generator | None:
    data_type = DataType.parse(rule.data_type) if rule.data_type else BOOLEAN
    if data_type not in (BOOLEAN, INTEGER):
        message = f"a label is BOOLEAN or INTEGER, not {data_type}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return None
    score = compile_expression(rule.expression, scope, None, None)
    if score is None:
        return None
    if not (score.data_type.is_number or score.data_type == BOOLEAN):
        message = f"the score is {score.data_type}, and has no highest values"
        scope.problems.add("data-type", message, "Let it be a number.", at=["expression"])
        return None
    return LabelGenerator(
        score, rule.expression, float(rule.rate), float(rule.noise), scope.row_count, scope.stream(), data_type
    )


GENERATORS.add(
    GeneratorType(
        name="LABEL",
        summary="A target for learning: true for the rows with the highest score, at a chosen rate and with noise.",
        example={"type": "LABEL", "expression": "quantity", "rate": 0.1, "noise": 0.05},
        rule=LabelRule,
        accepts=("BOOLEAN", "INTEGER"),
        compile=_compile,
    )
)
