"""Data types from Arrow's: what a policy would call the columns of files and tables that others have made."""

from collections.abc import Callable

import pyarrow as pa

from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    MOST_DIGITS,
    STRING,
    TIME,
    TIMESTAMP,
    DataType,
    Field,
    ListOf,
    MapOf,
    Scalar,
    Struct,
)

_Test = Callable[[pa.DataType], bool]


def from_arrow(kind: pa.DataType) -> DataType | None:
    """The data type whose values can hold those of an Arrow type; None where there is none.

    Dictionaries are a way to store values and no type of them: ask for their ``value_type``.
    """
    for fits, made in _BUILT:
        if fits(kind):
            return made(kind)
    return next((data_type for fits, data_type in _SCALARS if fits(kind)), None)


def _decimal(kind: pa.DataType) -> DataType | None:
    fits = 0 <= kind.scale <= kind.precision <= MOST_DIGITS
    return Scalar("DECIMAL", kind.precision, kind.scale) if fits else None


def _list(kind: pa.DataType) -> DataType | None:
    item = from_arrow(kind.value_type)
    return ListOf(item, kind.value_field.nullable) if item is not None else None


def _struct(kind: pa.DataType) -> DataType | None:
    found = [(field, from_arrow(field.type)) for field in kind]
    fields = tuple(Field(field.name, made, field.nullable) for field, made in found if made is not None)
    named_apart = len({field.name for field in fields}) == len(found)
    return Struct(fields) if found and named_apart else None


def _map(kind: pa.DataType) -> DataType | None:
    key, value = from_arrow(kind.key_type), from_arrow(kind.item_type)
    return MapOf(key, value, kind.item_field.nullable) if key is not None and value is not None else None


def _either(*tests: _Test) -> _Test:
    return lambda kind: any(test(kind) for test in tests)


_BUILT: tuple[tuple[_Test, Callable[[pa.DataType], DataType | None]], ...] = (
    (pa.types.is_decimal, _decimal),
    (_either(pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list), _list),
    (pa.types.is_struct, _struct),
    (pa.types.is_map, _map),
)
_SCALARS: tuple[tuple[_Test, DataType], ...] = (
    (pa.types.is_boolean, BOOLEAN),
    (_either(pa.types.is_int64, pa.types.is_uint64, pa.types.is_uint32), BIGINT),
    (pa.types.is_integer, INTEGER),
    (pa.types.is_floating, DOUBLE),
    (pa.types.is_date, DATE),
    (pa.types.is_timestamp, TIMESTAMP),
    (pa.types.is_time, TIME),
    (_either(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view), STRING),
    (_either(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary), BINARY),
)
