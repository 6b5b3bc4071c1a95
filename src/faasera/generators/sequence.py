"""``SEQUENCE``: 1, 2, 3, …"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import from_integers
from faasera.core.types import BIGINT, DataType
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.scope import Scope
from faasera.policy.model import Rule

_LIMITS = {"INTEGER": 2**31, "BIGINT": 2**63}


class SequenceRule(Rule):
    """Numbers that rise, or fall, by a fixed step."""

    start: int = Field(1, description="The first number.")
    step: int = Field(1, description="The distance to the next; not 0.")


@dataclass(frozen=True)
class SequenceGenerator(Generator):
    """``start + row * step``."""

    start: int
    step: int
    value_type: DataType
    row_count: int

    @property
    def ends(self) -> tuple[int, int]:
        """First and last number, the lower one first."""
        ends = self.start, self.start + max(self.row_count - 1, 0) * self.step
        return min(ends), max(ends)

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, unique=True, bounds=self.ends)

    @override
    def generate(self, context: Context) -> pa.Array:
        values = context.rows.view(np.int64)
        if self.step != 1:
            values = values * np.int64(self.step)
        return from_integers(values + np.int64(self.start), self.value_type)

    @override
    def describe(self) -> str:
        return f"{self.start}, {self.start + self.step}, {self.start + 2 * self.step}, …; unique"


def _compile(rule: SequenceRule, scope: Scope) -> Generator | None:
    data_type = DataType.parse(rule.data_type) if rule.data_type else BIGINT
    if data_type.name not in _LIMITS:
        scope.problems.add(
            "data-type", f"a sequence makes INTEGER or BIGINT, not {data_type}", "Use BIGINT.", at=["dataType"]
        )
        return None
    if rule.step == 0:
        scope.problems.add("bad-value", "a sequence with step 0 stands still", "Use CONSTANT.", at=["step"])
        return None
    generator = SequenceGenerator(rule.start, rule.step, data_type, scope.row_count)
    low, high = generator.ends
    limit = _LIMITS[data_type.name]
    if low < -limit or high >= limit:
        message = f"the sequence reaches {high if high >= limit else low:,}, beyond {data_type}"
        scope.problems.add("overflow", message, "Use BIGINT, or a smaller start or step.", at=["start"])
        return None
    return generator


def _checked(rule: SequenceRule, column: WrittenColumn) -> Iterator[Promise]:
    low, high = sorted((rule.start, rule.start + max(column.rows - 1, 0) * rule.step))
    steps = f"(CAST({column.sql} AS HUGEINT) - {rule.start}) % {rule.step}"
    yield Promise("sequence", f"{column.sql} NOT BETWEEN {low} AND {high} OR {steps} <> 0")


GENERATORS.add(
    GeneratorType(
        name="SEQUENCE",
        summary="1, 2, 3, …: numbers that rise by a fixed step.",
        example={"type": "SEQUENCE", "start": 1000, "step": 10},
        rule=SequenceRule,
        accepts=("INTEGER", "BIGINT"),
        compile=_compile,
        fixed=True,
        checked=_checked,
    )
)
