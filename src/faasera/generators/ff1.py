"""FF1, the format-preserving encryption of NIST SP 800-38G (and its first revision's draft), over whole arrays.

Half a text is held as columns of chunks: numbers below the largest power of the radix under 2^31, the most significant
first. Sums, and changes between that and bytes, then are a few operations on whole columns, whatever the length; the
cipher is asked for all rows of a round at once.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from faasera.core.streams import Words

Chunks = npt.NDArray[np.uint64]
"""Numbers by row and chunk (or by row and 32-bit limb), the most significant first."""
Bytes = npt.NDArray[np.uint8]
Numerals = npt.NDArray[np.int64]

ROUNDS = 10
SMALLEST_DOMAIN = 1_000_000
LARGEST_RADIX = 65_536
_LIMB = np.uint64(32)
_LARGEST_CHUNK = 1 << 31
_LOW = np.uint64(0xFFFFFFFF)


def aes(key: bytes) -> Callable[[Bytes], Bytes]:
    """AES on whole blocks: rows of 16 bytes to rows of 16 bytes.

    Raises:
        ImportError: the package cryptography is not installed.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    cipher: Any = Cipher(algorithms.AES(key), modes.ECB())

    def encrypt(blocks: Bytes) -> Bytes:
        made = cipher.encryptor().update(np.ascontiguousarray(blocks))
        return np.frombuffer(made, dtype=np.uint8).reshape(-1, 16)

    return encrypt


def _digits_needed(radix: int, length: int) -> int:
    """The bytes that hold any number of so many numerals."""
    largest: int = radix**length - 1
    return ceil(largest.bit_length() / 8)


class FF1:
    """Encryption of texts of one length under one key.

    Args:
        encrypt: AES under the key.
        radix: how many characters the alphabet has, 2 to 65,536.
        length: of the texts.
        tweak_length: of the tweaks, in bytes.
    """

    def __init__(self, encrypt: Callable[[Bytes], Bytes], radix: int, length: int, tweak_length: int) -> None:
        self._encrypt = encrypt
        self.radix, self.length, self._tweak_length = radix, length, tweak_length
        self._left = length // 2
        self._right = length - self._left
        self._bytes = _digits_needed(radix, self._right)
        self._output = 4 * ceil(self._bytes / 4) + 4
        self._padding = (-tweak_length - self._bytes - 1) % 16
        self._chunk = 1
        while radix ** (self._chunk + 1) <= _LARGEST_CHUNK:
            self._chunk += 1
        head = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, self._left % 256])
        head += length.to_bytes(4, "big") + tweak_length.to_bytes(4, "big")
        self._head = encrypt(np.frombuffer(head, dtype=np.uint8).reshape(1, 16))

    def _bases(self, numerals: int) -> list[int]:
        """The sizes of the chunks that hold so many numerals; only the first may be smaller than the others."""
        rest = numerals % self._chunk
        sizes = [self.radix**self._chunk] * (numerals // self._chunk)
        return [self.radix**rest, *sizes] if rest else sizes

    def to_chunks(self, numerals: Numerals) -> Chunks:
        """Rows of numerals as chunks."""
        count = numerals.shape[1]
        rest = count % self._chunk or self._chunk
        ends = [rest, *range(rest + self._chunk, count + 1, self._chunk)]
        chunks = np.zeros((len(numerals), len(ends)), dtype=np.uint64)
        start = 0
        for place, end in enumerate(ends):
            for column in range(start, end):
                chunks[:, place] = chunks[:, place] * np.uint64(self.radix) + numerals[:, column].astype(np.uint64)
            start = end
        return chunks

    def to_numerals(self, chunks: Chunks, count: int, numerals: Numerals | None = None) -> Numerals:
        """Chunks as rows of numerals: the inverse of ``to_chunks``."""
        if numerals is None:
            numerals = np.empty((len(chunks), count), dtype=np.int64)
        column, radix = count, np.uint64(self.radix)
        for place in range(chunks.shape[1] - 1, -1, -1):
            rest = chunks[:, place]
            for _ in range(min(self._chunk, column)):
                column -= 1
                quotient = rest // radix
                numerals[:, column] = (rest - quotient * radix).view(np.int64)
                rest = quotient
        return numerals

    def encrypt(self, numerals: Numerals, tweaks: Bytes) -> Numerals:
        """Encrypted rows of numerals.

        Args:
            numerals: by row and place, each below the radix.
            tweaks: one for all rows, or one a row, in rows of bytes.
        """
        left, right = self.to_chunks(numerals[:, : self._left]), self.to_chunks(numerals[:, self._left :])
        bases = self._bases(self._left), self._bases(self._right)
        prefix = self._tweaked(tweaks)
        short = left.shape[1] == right.shape[1] == 1 and self._output == 8
        if short and len(prefix[0]) == 1 and prefix[1].shape[1] + 1 + self._bytes == 16:
            left[:, 0], right[:, 0] = self._in_words(left[:, 0], right[:, 0], prefix)
            return self._joined(left, right)
        for turn in range(ROUNDS):
            # The sum takes the place of the left half, which has the left half's length in even rounds.
            size = bases[turn % 2]
            added = self._reduced(self._output_of(turn, right, bases[1 - turn % 2], prefix), size)
            left, right = right, self._sum(left, added, size)
        return self._joined(left, right)

    def _joined(self, left: Chunks, right: Chunks) -> Numerals:
        numerals = np.empty((len(left), self.length), dtype=np.int64, order="F")
        self.to_numerals(left, self._left, numerals[:, : self._left])
        self.to_numerals(right, self._right, numerals[:, self._left :])
        return numerals

    def _in_words(self, left: Words, right: Words, prefix: tuple[Bytes, Bytes]) -> tuple[Words, Words]:
        """All rounds for halves of at most four bytes: a block then is two words, of which only the second varies."""
        state, rest = prefix
        fixed = np.zeros(16, dtype=np.uint8)
        fixed[: rest.shape[1]] = rest[0]
        high, low = (int(word) for word in fixed.view(">u8"))
        state_high, state_low = (int(word) for word in np.ascontiguousarray(state[0]).view(">u8"))
        sizes = np.uint64(self.radix**self._left), np.uint64(self.radix**self._right)
        blocks = np.empty((len(left), 2), dtype=np.uint64)
        blocks[:, 0] = np.array(high ^ state_high, dtype=">u8").view(np.uint64)
        for turn in range(ROUNDS):
            constant = np.uint64(low ^ state_low ^ turn << 8 * self._bytes)
            blocks[:, 1] = (right ^ constant).byteswap()
            made = self._encrypt(blocks.view(np.uint8)).view(np.uint64).reshape(-1, 2)[:, 0].byteswap()
            size = sizes[turn % 2]
            total = made - made // size * size + left
            total -= (total >= size) * size
            left, right = right, total
        return left, right

    def _tweaked(self, tweaks: Bytes) -> tuple[Bytes, Bytes]:
        """The state behind all blocks of nothing but tweak and padding, and what is left of these bytes."""
        padded = np.zeros((len(tweaks), self._tweak_length + self._padding), dtype=np.uint8)
        padded[:, : self._tweak_length] = tweaks
        state = np.repeat(self._head, len(tweaks), axis=0)
        whole = padded.shape[1] // 16
        for block in range(whole):
            state = self._encrypt(state ^ padded[:, 16 * block : 16 * block + 16])
        return state, padded[:, 16 * whole :]

    def _output_of(self, turn: int, half: Chunks, bases: list[int], prefix: tuple[Bytes, Bytes]) -> Bytes:
        """The pseudorandom bytes of a round."""
        state, rest = prefix
        width = rest.shape[1] + 1 + self._bytes
        blocks = np.empty((len(half), width), dtype=np.uint8)
        blocks[:, : rest.shape[1]] = rest
        blocks[:, rest.shape[1]] = turn
        blocks[:, rest.shape[1] + 1 :] = self._to_bytes(half, bases)
        for start in range(0, width, 16):
            state = self._encrypt(blocks[:, start : start + 16] ^ state)
        made = [state]
        for number in range(1, ceil(self._output / 16)):
            counter = np.frombuffer(number.to_bytes(16, "big"), dtype=np.uint8)
            made.append(self._encrypt(state ^ counter))
        joined = made[0] if len(made) == 1 else np.concatenate(made, axis=1)
        return joined[:, : self._output]

    def _to_bytes(self, chunks: Chunks, bases: list[int]) -> Bytes:
        """The number that chunks stand for, big endian."""
        count = ceil(self._bytes / 4)
        limbs = np.zeros((count, len(chunks)), dtype=np.uint64)
        for place, base in enumerate(bases):
            carry = chunks[:, place].copy()
            # So far the number is below the product of the bases before: higher limbs are still nothing.
            used = count if place else 1
            for limb in range(count - 1, count - 1 - used, -1):
                carry += limbs[limb] * np.uint64(base)
                limbs[limb] = carry & _LOW
                carry >>= _LIMB
        whole = np.ascontiguousarray(limbs.T).astype(">u4").view(np.uint8).reshape(len(chunks), 4 * count)
        return whole[:, 4 * count - self._bytes :]

    def _reduced(self, data: Bytes, bases: list[int]) -> Chunks:
        """Bytes as a number, big endian, without what is above the product of the bases."""
        limbs = np.ascontiguousarray(data).view(">u4").astype(np.uint64)
        chunks = np.zeros((len(bases), len(data)), dtype=np.uint64)
        for limb in range(limbs.shape[1]):
            carry = limbs[:, limb].copy()
            for place in range(len(bases) - 1, -1, -1):
                carry += chunks[place] << _LIMB
                base = np.uint64(bases[place])
                quotient = carry // base
                chunks[place] = carry - quotient * base
                carry = quotient
        return np.ascontiguousarray(chunks.T)

    def _sum(self, first: Chunks, second: Chunks, bases: list[int]) -> Chunks:
        """The sum without what is above the product of the bases."""
        total = np.empty_like(first)
        carry = np.zeros(len(first), dtype=np.uint64)
        for place in range(len(bases) - 1, -1, -1):
            base = np.uint64(bases[place])
            whole = first[:, place] + second[:, place] + carry
            carry = (whole >= base).astype(np.uint64)
            total[:, place] = whole - carry * base
        return total
