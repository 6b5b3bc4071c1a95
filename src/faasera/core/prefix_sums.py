"""Running totals of whole numbers that are functions of their index, kept for blocks of them only."""

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from faasera.core.arrow import Integers
from faasera.core.streams import Words

MOST_ENTRIES = 1 << 21
_PIECE = 1 << 18
_CELLS = 1 << 20

Counts = Callable[[Words], Integers]
"""From indices to numbers, none of them negative."""


def block_size(size: int, most_entries: int = MOST_ENTRIES) -> int:
    """How many numbers a running total is kept for: a power of two."""
    return int(1 << max(0, (-(-size // most_entries) - 1).bit_length()))


def block_sums(counts: Counts, start: int, stop: int, block: int) -> tuple[Integers, int]:
    """The sums of blocks of numbers, and the largest of the numbers.

    Args:
        counts: gives the numbers.
        start: the first index, a multiple of the block size.
        stop: the end, excluded.
        block: how many numbers a block has.
    """
    sums, largest = [np.zeros(0, dtype=np.int64)], 0
    piece = max(_PIECE, block)
    for first in range(start, stop, piece):
        made = counts(np.arange(first, min(first + piece, stop), dtype=np.uint64))
        largest = max(largest, int(made.max()))
        sums.append(np.add.reduceat(made, np.arange(0, len(made), block)))
    found: Integers = np.concatenate(sums)
    return found, largest


class PrefixSums:
    """Numbers laid end to end: which one covers a position, and where each begins.

    Only every n-th running total is kept, so that the table stays below 16 MB; what lies between is counted again.

    Args:
        size: how many numbers there are.
        counts: gives them.
        most_entries: how many running totals are kept.
        sums: of their blocks, and the largest number, where these are known.

    Attributes:
        size: how many numbers there are.
        total: their sum.
        largest: the largest of them; 0 where there is none.
    """

    def __init__(
        self,
        size: int,
        counts: Counts,
        most_entries: int = MOST_ENTRIES,
        sums: tuple[Integers, int] | None = None,
    ) -> None:
        self.size = size
        self._function = counts
        self._block = block_size(size, most_entries)
        made, self.largest = block_sums(counts, 0, size, self._block) if sums is None else sums
        self._ends: Integers = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(made)])
        self.total = int(self._ends[-1])

    def packed(self) -> bytes:
        """All that is kept, for another process."""
        sums = np.diff(self._ends)
        return self.largest.to_bytes(8, "little") + zlib.compress(sums.tobytes(), 1)

    @classmethod
    def unpacked(cls, size: int, counts: Counts, packed: bytes) -> "PrefixSums":
        """What another process kept of the same numbers."""
        sums = np.frombuffer(zlib.decompress(packed[8:]), dtype=np.int64)
        return cls(size, counts, sums=(sums, int.from_bytes(packed[:8], "little")))

    def counts(self, indices: Words) -> Integers:
        """The numbers with these indices."""
        if self._block == 1:
            places = indices.view(np.int64)
            return self._ends[places + 1] - self._ends[places]
        return self._function(indices)

    def starts(self, indices: Words) -> Integers:
        """The sum of all numbers before each index, which may also be ``size``."""
        places = indices.view(np.int64)
        if self._block == 1:
            return self._ends[places]
        blocks = places // self._block
        found = self._ends[np.minimum(blocks, len(self._ends) - 1)].copy()
        if not len(places):
            return found
        first, last = int(blocks.min()), int(places.max())
        if last - first * self._block <= 4 * len(places) + self._block:
            row = np.arange(first * self._block, min(last + 1, self.size), dtype=np.uint64)
            before = np.concatenate([[0], np.cumsum(self._function(row))]) + self._ends[first]
            found[:] = before[places - first * self._block]
            return found
        for part in self._parts(len(places)):
            inside = places[part] - blocks[part] * self._block
            numbers = self._within(blocks[part])
            numbers[np.arange(self._block) >= inside[:, None]] = 0
            found[part] += numbers.sum(axis=1)
        return found

    def find(self, positions: Words) -> tuple[Words, Integers]:
        """The index of the number that covers each position below ``total``, and how far into it the position lies."""
        places = positions.view(np.int64)
        if not len(places):
            return positions, places
        first, last = (int(np.searchsorted(self._ends, end, side="right")) - 1 for end in (places.min(), places.max()))
        span = (last - first + 1) * self._block
        if span <= 4 * len(places) + 2 * self._block:
            return self._find_near(places, first * self._block, min((last + 1) * self._block, self.size))
        blocks = np.searchsorted(self._ends, places, side="right") - 1
        inside = places - self._ends[blocks]
        if self._block == 1:
            return blocks.view(np.uint64), inside
        indices = blocks * self._block
        for part in self._parts(len(places)):
            ends = np.cumsum(self._within(blocks[part]), axis=1)
            steps = (ends <= inside[part][:, None]).sum(axis=1)
            before = ends[np.arange(len(steps)), np.maximum(steps - 1, 0)]
            inside[part] -= np.where(steps > 0, before, 0)
            indices[part] += steps
        return indices.view(np.uint64), inside

    def _find_near(self, places: Integers, low: int, high: int) -> tuple[Words, Integers]:
        """As ``find``, where all numbers are known to lie in ``low … high``."""
        row = np.arange(low, high, dtype=np.uint64)
        numbers = self.counts(row)
        ends = np.cumsum(numbers) + self._ends[low // self._block]
        begin, until = int(places[0]), int(places[-1]) + 1
        if until - begin != len(places) or not np.array_equal(places, np.arange(begin, until)):
            found = np.searchsorted(ends, places, side="right")
            return row[found], places - (ends[found] - numbers[found])
        one, other = np.searchsorted(ends, [begin, until - 1], side="right")
        starts = ends - numbers
        repeats = np.minimum(ends[one : other + 1], until) - np.maximum(starts[one : other + 1], begin)
        return np.repeat(row[one : other + 1], repeats), places - np.repeat(starts[one : other + 1], repeats)

    def _within(self, blocks: Integers) -> Integers:
        """All numbers of each block, a row a block; zeros behind the last."""
        indices = (blocks[:, None] * self._block + np.arange(self._block)).ravel()
        outside = indices >= self.size
        numbers = self._function(np.where(outside, 0, indices).view(np.uint64))
        return np.where(outside, 0, numbers).reshape(-1, self._block)

    def _parts(self, count: int) -> list[slice]:
        """Cuts ``count`` positions so that the numbers of their blocks stay few at a time."""
        step = max(1, _CELLS // self._block)
        return [slice(start, start + step) for start in range(0, count, step)]


SumsMaker = Callable[[int, Counts], PrefixSums]
"""Makes the running totals of so many numbers."""


def joined(pieces: Sequence[tuple[Integers, int]]) -> tuple[Integers, int]:
    """The block sums of consecutive ranges, made by several processes, as those of the whole."""
    sums: Integers = np.concatenate([one for one, _ in pieces])
    return sums, max(largest for _, largest in pieces)
