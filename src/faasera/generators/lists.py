"""A list of values as a domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import from_integers, to_integers
from faasera.core.json_text import is_json
from faasera.core.streams import Words
from faasera.core.types import BIGINT, BINARY, BOOLEAN, DOUBLE, INTEGER, JSON, STRING, DataType
from faasera.core.value import ByContent
from faasera.core.wide import from_wholes, wholes
from faasera.generators.facts import Facts
from faasera.generators.generator import Domain
from faasera.generators.literals import parse_number, parse_whole

_TRUE_FALSE = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class ListDomain(ByContent, Domain):
    """Listed values; texts come back as a dictionary array, the list itself being the dictionary.

    Attributes:
        values: the list, of ``value_type``.
        value_type: of the values.
        source: where they come from, for the plan.
    """

    values: pa.Array
    value_type: DataType
    source: str

    @cached_property
    @override
    def facts(self) -> Facts:
        if self.value_type.is_text:
            return Facts(self.value_type, max_length=int(pc.max(pc.utf8_length(self.values)).as_py() or 0))
        if not self.value_type.is_discrete:
            return Facts(self.value_type)
        if self.value_type.is_decimal:
            digits = wholes(self.values)
            return Facts(self.value_type, bounds=(min(digits), max(digits)) if digits else None)
        found = to_integers(self.values)
        return Facts(self.value_type, bounds=(int(found.min()), int(found.max())) if len(found) else None)

    @property
    @override
    def size(self) -> int:
        """The length of the list."""
        return len(self.values)

    @cached_property
    @override
    def distinct(self) -> bool:
        """Whether no value is listed twice."""
        return len(self.values.unique()) == len(self.values)

    @override
    def at(self, indices: Words) -> pa.Array:
        if self.value_type.is_text:
            return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), self.values, safe=False)
        return self.values.take(pa.array(indices.view(np.int64)))

    @override
    def to_distinct(self) -> "ListDomain":
        return ListDomain(self.values.unique(), self.value_type, self.source)

    @override
    def describe(self) -> str:
        return f"{self.size:,} values of {self.source}"


def typed_values(values: Sequence[object], data_type: DataType) -> pa.Array:
    """A list of literals as a column.

    Raises:
        ValueError: a value is not of the type; the message begins with its position, from 0, and a colon.
    """
    converted: list[object] = []
    for position, value in enumerate(values):
        try:
            converted.append(_convert(value, data_type))
        except ValueError as error:
            raise ValueError(f"{position}: {error}") from None
    if not data_type.is_discrete:
        return pa.array(converted, data_type.arrow)
    if data_type.is_decimal:
        return from_wholes([value for value in converted if isinstance(value, int)], data_type)
    return from_integers(np.array(converted, dtype=np.int64), data_type)


def _convert(value: object, data_type: DataType) -> object:
    if data_type.is_text:
        text = value if isinstance(value, str) else literal_text(value)
        if data_type == JSON and not is_json(text):
            raise ValueError(f"{value!r} is no JSON value; a text of JSON has quotation marks of its own")
        return text
    if data_type == DOUBLE:
        return parse_number(value)
    if data_type == BINARY:
        return str(value).encode()
    if data_type == BOOLEAN:
        truth = value if isinstance(value, bool) else _TRUE_FALSE.get(str(value).strip().lower())
        if truth is None:
            raise ValueError(f"{value!r} is neither true nor false")
        return truth
    return parse_whole(value, data_type)


def literal_text(value: object) -> str:
    """A value of the policy as the text that a column of texts has."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def type_of_values(values: Sequence[object]) -> DataType:
    """The data type of inline values that say none: booleans, whole numbers, numbers, or else texts."""
    if all(isinstance(value, bool) for value in values):
        return BOOLEAN
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        small = all(-(2**31) <= int(str(value)) < 2**31 for value in values)
        return INTEGER if small else BIGINT
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return DOUBLE
    return STRING
