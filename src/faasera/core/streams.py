"""Random words as pure functions of names and row numbers: the root of the determinism contract.

Sources: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014); BLAKE2
(RFC 7693); multiply-shift reduction (Lemire, "Fast random integer generation in an interval", 2019); cycle walking
over a Feistel network (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
"""Row numbers, random words and indices are all arrays of unsigned 64-bit integers."""

STREAM_VERSION = "2"
"""Part of every key. It is raised when, and only when, a change alters data that people already made."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW_32 = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def key(*parts: str) -> int:
    """A 64-bit key: the 8-byte BLAKE2b digest, little endian, of the length-prefixed UTF-8 parts.

    The prefix is four bytes, little endian, so that no two tuples of parts run together to the same bytes.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(4, "little") + data)
    return int.from_bytes(digest.digest(), "little")


def mix(words: Words) -> Words:
    """SplitMix64's finaliser, in place: a bijection of 64-bit words. Returns its argument."""
    shifted = words >> np.uint64(30)
    words ^= shifted
    words *= _MIX_1
    np.right_shift(words, np.uint64(27), out=shifted)
    words ^= shifted
    words *= _MIX_2
    np.right_shift(words, np.uint64(31), out=shifted)
    words ^= shifted
    return words


def below(words: Words, size: int) -> Words:
    """Indices below ``size`` (1 to 2^64) from random words, by multiply and shift."""
    if size <= 1 << 32:
        scaled = words >> _32
        scaled *= np.uint64(size) if size < 1 << 32 else np.uint64(1 << 32)
        scaled >>= _32
        return scaled
    if size == 1 << 64:
        return words
    return _high_product(words, np.uint64(size))


def below_each(words: Words, sizes: Words) -> Words:
    """As ``below``, with a size for each word."""
    if not len(words) or int(sizes.max()) <= 1 << 32:
        return ((words >> _32) * sizes) >> _32
    return _high_product(words, sizes)


def _high_product(words: Words, factor: np.uint64 | Words) -> Words:
    """The upper 64 bits of the 128-bit products."""
    factor_low, factor_high = factor & _LOW_32, factor >> _32
    low, high = words & _LOW_32, words >> _32
    carry = (low * factor_low) >> _32
    middle = high * factor_low + carry
    cross = low * factor_high + (middle & _LOW_32)
    product: Words = high * factor_high + (middle >> _32) + (cross >> _32)
    return product


def unit(words: Words) -> npt.NDArray[np.float64]:
    """Random words as doubles strictly between 0 and 1, in the middle of steps of 2^-52."""
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


@dataclass(frozen=True)
class Stream:
    """The random words of one purpose of one column: a pure function of the row number.

    Attributes:
        seed: the policy's seed.
        table: the table's name.
        column: the column's name, or the name of what columns share.
        purpose: keeps independent draws of a column apart (``value``, ``null``, ``parent``).
    """

    seed: int
    table: str
    column: str
    purpose: str

    @cached_property
    def key(self) -> int:
        """The 64-bit key of these names."""
        return key(STREAM_VERSION, str(self.seed), self.table, self.column, self.purpose)

    def words(self, rows: Words) -> Words:
        """One random word per row number."""
        words = rows * GOLDEN
        words += np.uint64(self.key)
        return mix(words)

    def sub(self, name: str) -> "Stream":
        """An independent stream of the same column."""
        return Stream(self.seed, self.table, self.column, f"{self.purpose}/{name}")


@dataclass(frozen=True)
class Permutation:
    """A keyed permutation of ``0 … size-1``, any element on its own: a balanced Feistel network, cycle-walked.

    Attributes:
        size: 1 to 2^62.
        stream: where the round keys come from.
    """

    size: int
    stream: Stream
    rounds = 4

    @cached_property
    def _half_bits(self) -> int:
        return max(1, ((self.size - 1).bit_length() + 1) // 2)

    @cached_property
    def _round_keys(self) -> list[np.uint64]:
        return [np.uint64(self.stream.sub(f"round {number}").key) for number in range(self.rounds)]

    def at(self, index: Words) -> Words:
        """The images of the given indices, each below ``size``."""
        values = self._network(index)
        outside = np.flatnonzero(values >= self.size)
        while len(outside):
            walked = self._network(values[outside])
            values[outside] = walked
            outside = outside[walked >= self.size]
        return values

    def _network(self, values: Words) -> Words:
        bits = np.uint64(self._half_bits)
        low_bits = np.uint64((1 << self._half_bits) - 1)
        left, right = values >> bits, values & low_bits
        for round_key in self._round_keys:
            mixed = mix(right * GOLDEN + round_key)
            mixed &= low_bits
            mixed ^= left
            left, right = right, mixed
        left <<= bits
        left |= right
        return left
