"""``CONSTANT``: the same value in every row."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.types import NAMES, DataType
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.lists import ListDomain, type_of_values, typed_values
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.scope import Scope
from faasera.policy.model import Rule, Scalar


class ConstantRule(Rule):
    """The same value in every row."""

    value: Scalar = Field(description="The value.")


@dataclass(frozen=True)
class ConstantGenerator(Generator):
    """One value, repeated."""

    domain: ListDomain

    @property
    @override
    def facts(self) -> Facts:
        return self.domain.facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.domain.at(np.zeros(len(context.rows), dtype=np.uint64))

    @override
    def describe(self) -> str:
        return f"always {self.domain.values[0].as_py()}"


def _compile(rule: ConstantRule, scope: Scope) -> Generator | None:
    data_type = DataType.parse(rule.data_type) if rule.data_type else type_of_values([rule.value])
    try:
        values = typed_values([rule.value], data_type)
    except ValueError as error:
        message = str(error).partition(": ")[2]
        scope.problems.add("bad-value", message, f"Use a value of {data_type}.", at=["value"])
        return None
    return ConstantGenerator(ListDomain(values, data_type, "the policy"))


def _checked(rule: ConstantRule, column: WrittenColumn) -> Iterator[Promise]:
    yield Promise("values", column.unlike([rule.value]))


GENERATORS.add(
    GeneratorType(
        name="CONSTANT",
        summary="The same value in every row.",
        example={"type": "CONSTANT", "value": "EUR"},
        rule=ConstantRule,
        accepts=NAMES,
        compile=_compile,
        checked=_checked,
    )
)
