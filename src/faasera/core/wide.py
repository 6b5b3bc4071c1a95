"""Whole numbers of up to 128 bits in columns: what decimals of more than 18 digits are made of.

A column of numbers is a list of limbs, 32 bits each in 64-bit words, the lowest first.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import Integers, to_integers, valid_mask
from faasera.core.streams import Words
from faasera.core.types import DataType

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_LIMBS = 4
Limbs = list[Words]


def from_wholes(values: Sequence[int], data_type: DataType) -> pa.Array:
    """A column of decimals from their unscaled digits, of any size that the type holds."""
    data = b"".join(value.to_bytes(16, "little", signed=True) for value in values)
    return pa.Array.from_buffers(data_type.arrow, len(values), [None, pa.py_buffer(data)])


def wholes(array: pa.Array) -> list[int]:
    """The unscaled digits of a short column of decimals without nulls."""
    data = memoryview(array.buffers()[1])[16 * array.offset : 16 * (array.offset + len(array))]
    return [int.from_bytes(data[place : place + 16], "little", signed=True) for place in range(0, len(data), 16)]


def is_wide(array: pa.Array) -> bool:
    """Whether a column of decimals has values that 64 bits do not hold."""
    if array.type.precision <= 18:
        return False
    low, high = _halves(array)
    wider = high != low >> 63
    valid = valid_mask(array)
    return bool((wider if valid is None else wider & valid).any())


def to_doubles(array: pa.Array) -> npt.NDArray[np.float64]:
    """The nearest doubles of a column of decimals without nulls in mind, to the last bit or two where it is wide."""
    unit = 10.0**array.type.scale
    if not is_wide(array):
        near: npt.NDArray[np.float64] = to_integers(array) / unit
        return near
    low, high = _halves(array)
    wide: npt.NDArray[np.float64] = (high.astype(np.float64) * 2.0**64 + low.view(np.uint64).astype(np.float64)) / unit
    wide[high == low >> 63] = (low / unit)[high == low >> 63]
    return wide


def wide_text(array: pa.Array) -> pa.Array:
    """A column of decimals as text, with all digits behind the point."""
    scale = array.type.scale
    plain = pa.Array.from_buffers(pa.decimal128(38, 0), len(array), array.buffers(), offset=array.offset)
    digits = plain.cast(pa.string())
    if not scale:
        return digits
    negative = pc.starts_with(digits, "-")
    padded = pc.utf8_lpad(pc.utf8_ltrim(digits, characters="-"), width=scale + 1, padding="0")
    whole, fraction = pc.utf8_slice_codeunits(padded, 0, -scale), pc.utf8_slice_codeunits(padded, -scale)
    sign = pc.if_else(negative, "-", "")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(sign, whole, ""), fraction, ".")


def _halves(array: pa.Array) -> tuple[Integers, Integers]:
    data = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    return data[0::2], data[1::2]


def limbs_of(words: Words) -> Limbs:
    """64-bit numbers, from 0 up, as limbs."""
    nothing = np.zeros(len(words), dtype=np.uint64)
    return [words & _LOW, words >> _32, nothing, nothing]


def share_of(high: Words, low: Words, size: int) -> Limbs:
    """Numbers below ``size`` (up to 2^128) from 128 random bits each: the high part of the product with them."""
    product = _product([low & _LOW, low >> _32, high & _LOW, high >> _32], size)
    return product[_LIMBS:]


def placed_at(numbers: Limbs, step: int, origin: int, data_type: DataType) -> pa.Array:
    """The decimals ``origin + step * number``, all of which 128 bits hold."""
    made = _product(numbers, step)[:_LIMBS]
    carry = np.zeros_like(made[0])
    for place, limb in enumerate(_constant(origin)):
        carry = carry + made[place] + limb
        made[place] = carry & _LOW
        carry = carry >> _32
    halves = np.empty((len(carry), 2), dtype=np.uint64)
    halves[:, 0] = made[0] | (made[1] << _32)
    halves[:, 1] = made[2] | (made[3] << _32)
    return pa.Array.from_buffers(data_type.arrow, len(carry), [None, pa.py_buffer(halves)])


def _constant(value: int) -> list[np.uint64]:
    whole = value % (1 << 128)
    return [np.uint64((whole >> 32 * place) & 0xFFFFFFFF) for place in range(_LIMBS)]


def _product(numbers: Limbs, factor: int) -> Limbs:
    """All 256 bits of a product with a number from 0 up."""
    columns = [np.zeros(len(numbers[0]), dtype=np.uint64) for _ in range(2 * _LIMBS + 1)]
    for upper, one in enumerate(_constant(factor)):
        for lower, limb in enumerate(numbers if one else []):
            part = limb * one
            columns[upper + lower] += part & _LOW
            columns[upper + lower + 1] += part >> _32
    for place in range(2 * _LIMBS):
        columns[place + 1] += columns[place] >> _32
        columns[place] &= _LOW
    return columns[: 2 * _LIMBS]
