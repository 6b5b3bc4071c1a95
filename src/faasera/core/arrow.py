"""Arrow arrays straight from NumPy buffers, without a copy and without a loop over values."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.types import DataType

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def from_integers(values: Integers, data_type: DataType) -> pa.Array:
    """A column of whole numbers as Arrow stores its type.

    The numbers are the values themselves, unscaled decimals, days since 1970, or microseconds since 1970 or midnight.
    """
    kind = data_type.arrow
    if pa.types.is_boolean(kind):
        return pa.array(values.astype(np.bool_))
    buffer = _BUFFERS[kind.bit_width](values)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(buffer)])


def _in_128_bits(values: Integers) -> Integers:
    halves = np.empty((len(values), 2), dtype=np.int64)
    halves[:, 0] = values
    np.right_shift(values, 63, out=halves[:, 1])
    return halves


_BUFFERS: dict[int, Callable[[Integers], npt.NDArray[np.generic]]] = {
    32: lambda values: values.astype(np.int32),
    64: np.ascontiguousarray,
    128: _in_128_bits,
}
"""How whole numbers are laid out, by the bits of a value."""


def to_integers(array: pa.Array) -> Integers:
    """The whole numbers behind a column without nulls in mind: the inverse of ``from_integers``.

    Decimals are read by their lower 64 bits.
    """
    kind = array.type
    data = array.buffers()[1]
    if pa.types.is_decimal128(kind):
        return np.frombuffer(data, dtype=np.int64)[0::2][array.offset : array.offset + len(array)]
    if pa.types.is_boolean(kind):
        return np.asarray(array.cast(pa.int8()).fill_null(0)).astype(np.int64)
    width = kind.bit_width // 8
    values = np.frombuffer(data, dtype=f"i{width}", offset=array.offset * width, count=len(array))
    return values.astype(np.int64, copy=False)


@lru_cache(maxsize=64)
def _fixed_offsets(width: int, count: int) -> pa.Buffer:
    return pa.py_buffer(np.arange(0, (count + 1) * width, width, dtype=np.int32))


def fixed_text(data: npt.NDArray[np.generic], width: int, kind: pa.DataType | None = None) -> pa.Array:
    """Texts (or ``kind``) of one width in bytes, from an array that holds them back to back."""
    count = data.nbytes // width if width else 0
    return pa.Array.from_buffers(kind or pa.string(), count, [None, _fixed_offsets(width, count), pa.py_buffer(data)])


def valid_mask(array: pa.Array) -> Mask | None:
    """Which values are there; None when all are."""
    if not array.null_count:
        return None
    return np.asarray(array.is_valid())


def with_nulls(array: pa.Array, valid: Mask | None) -> pa.Array:
    """The same column with nulls where ``valid`` is false, beside those that it has."""
    if valid is None:
        return array
    own = valid_mask(array)
    if own is not None:
        valid = valid & own
    if valid.all():
        return array
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    if array.offset:
        array = pa.concat_arrays([array])
    if pa.types.is_dictionary(array.type):
        indices = pa.Array.from_buffers(array.indices.type, len(array), [bitmap, *array.indices.buffers()[1:]])
        return pa.DictionaryArray.from_arrays(indices, array.dictionary, safe=False)
    return pa.Array.from_buffers(array.type, len(array), [bitmap, *array.buffers()[1:]])


def decoded(array: pa.Array) -> pa.Array:
    """The plain values of a dictionary array; any other array as it is."""
    return array.dictionary.take(array.indices) if pa.types.is_dictionary(array.type) else array


def decoded_type(kind: pa.DataType) -> pa.DataType:
    """The type of what ``decoded`` makes of an array."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind
