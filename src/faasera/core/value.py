"""Values that hold arrays: equal by content, hashable, and pickled without what was only worked out from them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
from typing_extensions import override


class ByContent:
    """For frozen dataclasses with ``eq=False``: equality and hash by the fields, arrays by what they hold.

    Attributes that are no fields, such as cached properties, are left out of copies and pickles.
    """

    @override
    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        names = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return all(same(getattr(self, name), getattr(other, name)) for name in names)

    @override
    def __hash__(self) -> int:
        compared = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return hash((type(self).__qualname__, *(shape_of(getattr(self, name)) for name in compared)))

    @override
    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, arrays and tables by their type and content."""
    if one is other:
        return True
    if isinstance(one, np.ndarray):
        if not isinstance(other, np.ndarray) or one.dtype != other.dtype:
            return False
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, pa.Array | pa.ChunkedArray | pa.Table):
        return type(one) is type(other) and bool(one.equals(other))
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        if not isinstance(other, Mapping) or list(one) != list(other):
            return False
        return all(same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def shape_of(value: Any) -> Any:
    """Something hashable that equal values share; of arrays the type and the size only."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return str(value.type), len(value)
    if isinstance(value, pa.Table):
        return str(value.schema), value.num_rows
    if isinstance(value, tuple | list):
        return tuple(map(shape_of, value))
    if isinstance(value, Mapping):
        return frozenset(value)
    return value
