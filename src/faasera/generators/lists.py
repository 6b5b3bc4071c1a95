"""A list of values as a domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import from_integers, to_integers
from faasera.core.streams import Words
from faasera.core.types import DataType
from faasera.core.value import ByContent
from faasera.generators.base import Domain
from faasera.generators.literals import parse_date, parse_number, parse_time, parse_timestamp, parse_whole

_TRUE_FALSE = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class ListDomain(ByContent, Domain):
    """Listed values; texts come back as a dictionary array, the list itself being the dictionary.

    Attributes:
        values: the list, of ``data_type``.
        data_type: of the values.
        source: where they come from, for the plan.
    """

    values: pa.Array
    data_type: DataType
    source: str

    @property
    def size(self) -> int:  # type: ignore[override]
        """The length of the list."""
        return len(self.values)

    @cached_property
    def distinct(self) -> bool:  # type: ignore[override]
        """Whether no value is listed twice."""
        return len(self.values.unique()) == len(self.values)

    @cached_property
    def bounds(self) -> tuple[int, int] | None:  # type: ignore[override]
        """The lowest and highest value of types that are whole numbers inside."""
        if self.data_type.is_text or self.data_type.name in ("BINARY", "DOUBLE", "BOOLEAN"):
            return None
        wholes = to_integers(self.values)
        return int(wholes.min()), int(wholes.max())

    @cached_property
    def max_length(self) -> int | None:  # type: ignore[override]
        """The longest text, in characters."""
        return int(pc.max(pc.utf8_length(self.values)).as_py() or 0) if self.data_type.is_text else None

    @override
    def at(self, indices: Words) -> pa.Array:
        if self.data_type.is_text:
            return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), self.values, safe=False)
        return self.values.take(pa.array(indices.view(np.int64)))

    @override
    def to_distinct(self) -> "ListDomain":
        return ListDomain(self.values.unique(), self.data_type, self.source)

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
    if data_type.is_text or data_type.name in ("DOUBLE", "BOOLEAN", "BINARY"):
        return pa.array(converted, data_type.arrow)
    return from_integers(np.array(converted, dtype=np.int64), data_type)


def _convert(value: object, data_type: DataType) -> object:
    if data_type.is_text:
        return value if isinstance(value, str) else literal_text(value)
    if data_type.name == "DOUBLE":
        return parse_number(value)
    if data_type.name == "BINARY":
        return str(value).encode()
    if data_type.name == "BOOLEAN":
        truth = value if isinstance(value, bool) else _TRUE_FALSE.get(str(value).strip().lower())
        if truth is None:
            raise ValueError(f"{value!r} is neither true nor false")
        return truth
    parse = {"DATE": parse_date, "TIMESTAMP": parse_timestamp, "TIME": parse_time}.get(data_type.name)
    return parse(value) if parse else parse_whole(value, data_type)


def literal_text(value: object) -> str:
    """A value of the policy as the text that a column of texts has."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def type_of_values(values: Sequence[object]) -> DataType:
    """The data type of inline values that say none: booleans, whole numbers, numbers, or else texts."""
    if all(isinstance(value, bool) for value in values):
        return DataType("BOOLEAN")
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        small = all(-(2**31) <= int(str(value)) < 2**31 for value in values)
        return DataType("INTEGER" if small else "BIGINT")
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return DataType("DOUBLE")
    return DataType("STRING")
