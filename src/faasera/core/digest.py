"""Content digests: a Merkle root over blocks of 65,536 rows, of values and not of any file format.

A column's value in a row is hashed to 64 bits; a block's word for the column is the sum of these, each times an odd
number that belongs to the row's place in the block. Sums do not care in which pieces a block was made, so any
worker or chunk size can contribute. Blocks and columns are then bound together with BLAKE2b. The 64-bit part is fast
and finds accidents; it is not meant to withstand somebody who forges data on purpose.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.arrow import Integers
from faasera.core.streams import Words, mix

BLOCK_ROWS = 65_536
"""Rows that are digested together; pieces of work are cut there."""
_MOST_KNOWN = 256
Measured = list[tuple[int, Words]]
"""Numbers of blocks, each with what is to be added to its words."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_PLACES: Words = mix(np.arange(1, BLOCK_ROWS + 1, dtype=np.uint64) * _GOLDEN) | np.uint64(1)
_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_NULL = np.uint64(0xA0761D6478BD642F)
_32 = np.uint64(32)
_TEXT_MASKS = np.array([(1 << 8 * kept) - 1 for kept in range(9)], dtype=np.uint64)
_CANONICAL_NAN = np.uint64(0x7FF8000000000000)


def _scramble(words: Words) -> Words:
    """A cheap bijection that spreads every bit; returns a new array."""
    mixed = words * _FACTOR
    mixed ^= mixed >> _32
    return mixed


def _text_words(array: pa.Array) -> Words:
    """One 64-bit hash per text or binary value: a multilinear hash of its length and its bytes, eight at a time."""
    count = len(array)
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + count + 1].astype(
        np.int64
    )
    lengths = np.diff(offsets)
    hashes = lengths.view(np.uint64) * _GOLDEN
    longest, shortest = int(lengths.max(initial=0)), int(lengths.min(initial=1 << 31))
    if longest:
        data = np.frombuffer(array.buffers()[2], dtype=np.uint8)[int(offsets[0]) : int(offsets[-1])]
        if longest == shortest and longest >= 8:
            _add_fixed_texts(hashes, data, longest)
        else:
            _add_texts(hashes, data, offsets[:-1] - offsets[0], lengths)
    return _scramble(hashes)


def _add_word(hashes: Words, words: Words, number: int) -> None:
    """Add the eight bytes number ``number`` of each text; zero adds nothing, so padding does not count."""
    words ^= words >> _32
    words *= _PLACES[number % BLOCK_ROWS]
    hashes += words


def _add_fixed_texts(hashes: Words, data: npt.NDArray[np.uint8], width: int) -> None:
    """Texts of one width, at least eight bytes: read with strides; the last bytes are the upper ones of a word."""
    for number, position in enumerate(range(0, width, 8)):
        start = min(position, width - 8)
        words = np.ndarray(len(hashes), dtype=np.uint64, buffer=data, offset=start, strides=(width,)).copy()
        if start < position:
            words >>= np.uint64(8 * (position - start))
        _add_word(hashes, words, number)


def _add_texts(hashes: Words, data: npt.NDArray[np.uint8], starts: Integers, lengths: Integers) -> None:
    """Texts of different widths: aligned words are gathered and shifted together, which beats unaligned gathers."""
    longest, shortest = int(lengths.max()), int(lengths.min())
    padded = np.zeros((len(data) + longest) // 8 + 2, dtype=np.uint64)
    padded.view(np.uint8)[: len(data)] = data
    places, shifts = starts >> 3, (starts.view(np.uint64) & np.uint64(7)) << np.uint64(3)
    counter = np.uint64(63) - shifts
    rows: npt.NDArray[np.intp] | None = None
    lower = padded[places]
    for number, position in enumerate(range(0, longest, 8)):
        longer = lengths > position
        if np.count_nonzero(longer) < len(lengths) // 4:
            # Few texts are this long: leave the others behind.
            kept = np.flatnonzero(longer)
            rows = kept if rows is None else rows[kept]
            lengths, places, lower = lengths[kept], places[kept], lower[kept]
            shifts, counter = shifts[kept], counter[kept]
        places = places + 1
        upper = padded[places]
        words = upper << np.uint64(1)
        words <<= counter
        words |= lower >> shifts
        if position + 8 > shortest:
            words &= _TEXT_MASKS[np.minimum(np.maximum(lengths - position, 0), 8)]
        if rows is None:
            _add_word(hashes, words, number)
        else:
            part = hashes[rows]
            _add_word(part, words, number)
            hashes[rows] = part
        lower = upper


def _fixed_words(array: pa.Array, kind: str) -> npt.NDArray[np.generic]:
    """The values' buffer as numbers of the given NumPy kind."""
    width = np.dtype(kind).itemsize
    return np.frombuffer(array.buffers()[1], dtype=kind, offset=array.offset * width, count=len(array))


def value_words(array: pa.Array) -> Words:
    """One 64-bit hash per value of a column; equal values have equal hashes, whatever holds them in Arrow."""
    words = _WORDS[array.type.id](array)
    if array.null_count:
        words = np.where(np.asarray(array.is_null()), _NULL, words)
    return words


def _entry_words(array: pa.Array) -> Words:
    entries = value_words(array.dictionary)
    words: Words = entries[_fixed_words(array.indices, "i4")]
    return words


def _truth_words(array: pa.Array) -> Words:
    return _scramble(np.asarray(array.cast(pa.uint8()).fill_null(0)).astype(np.uint64))


def _decimal_words(array: pa.Array) -> Words:
    halves = np.frombuffer(array.buffers()[1], dtype=np.uint64).reshape(-1, 2)
    halves = halves[array.offset : array.offset + len(array)]
    low, high = halves[:, 0], halves[:, 1]
    extension = (low.view(np.int64) >> 63).view(np.uint64)
    words = _scramble(np.ascontiguousarray(low))
    if not np.array_equal(high, extension):
        words += _scramble(high ^ extension)
    return words


def _double_words(array: pa.Array) -> Words:
    numbers = _fixed_words(array, "f8").astype(np.float64) + 0.0
    bits = numbers.view(np.uint64)
    return _scramble(np.where(np.isnan(numbers), _CANONICAL_NAN, bits))


def _narrow_words(array: pa.Array) -> Words:
    return _scramble(_fixed_words(array, "i4").astype(np.int64).view(np.uint64))


def _wide_words(array: pa.Array) -> Words:
    return _scramble(_fixed_words(array, "u8"))  # type: ignore[arg-type]


_WORDS: dict[int, Callable[[pa.Array], Words]] = {
    pa.dictionary(pa.int32(), pa.string()).id: _entry_words,
    pa.string().id: _text_words,
    pa.binary().id: _text_words,
    pa.bool_().id: _truth_words,
    pa.decimal128(1).id: _decimal_words,
    pa.float64().id: _double_words,
    pa.int32().id: _narrow_words,
    pa.date32().id: _narrow_words,
    pa.int64().id: _wide_words,
    pa.uint64().id: _wide_words,
    pa.timestamp("us").id: _wide_words,
    pa.time64("us").id: _wide_words,
}
"""How values are hashed, by the kind of Arrow's type."""


class DictionaryWords:
    """Remembers the hashes of dictionaries, since a seed list comes back with every chunk."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[pa.Array, Words]] = {}

    def of(self, array: pa.Array) -> Words:
        """As ``value_words``, with the entries of a dictionary hashed once."""
        if not pa.types.is_dictionary(array.type):
            return value_words(array)
        dictionary = array.dictionary
        address = dictionary.buffers()[1].address
        if address not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                return value_words(array)
            self._known[address] = (dictionary, value_words(dictionary))
        words: Words = self._known[address][1][_fixed_words(array.indices, "i4")]
        if array.null_count:
            words = np.where(np.asarray(array.is_null()), _NULL, words)
        return words


class TableDigest:
    """Gathers a table's block words from chunks in any order, from any thread.

    Attributes:
        columns: names and data types, in the order of the output.
        rows: the number of rows of the whole table.
        first: the block that ``words`` begin with.
        words: of its blocks, a column of words for each of the table's.
    """

    def __init__(self, columns: Sequence[tuple[str, str]], rows: int, span: tuple[int, int] | None = None) -> None:
        start, stop = (0, rows) if span is None else span
        self.columns = tuple(columns)
        self.rows = rows
        self.first = start // BLOCK_ROWS
        self._dictionaries = DictionaryWords()
        blocks = -(-stop // BLOCK_ROWS) - self.first
        self.words: Words = np.zeros((blocks, len(self.columns)), dtype=np.uint64)
        self._lock = threading.Lock()

    def add(self, start: int, batch: pa.RecordBatch) -> None:
        """Add the rows ``start … start + len(batch)``."""
        self.merge(self.measure(start, batch))

    def measure(self, start: int, batch: pa.RecordBatch) -> "Measured":
        """What the rows ``start … start + len(batch)`` add, for ``merge``; in any thread."""
        words = [self._dictionaries.of(column) for column in batch.columns]
        measured: Measured = []
        done = 0
        while done < batch.num_rows:
            block, place = divmod(start + done, BLOCK_ROWS)
            count = min(BLOCK_ROWS - place, batch.num_rows - done)
            places = _PLACES[place : place + count]
            sums = np.array([np.dot(column[done : done + count], places) for column in words], dtype=np.uint64)
            measured.append((block, sums))
            done += count
        return measured

    def merge(self, measured: "Measured") -> None:
        """Add what was measured."""
        with self._lock:
            for block, sums in measured:
                self.words[block - self.first] += sums

    def packed(self) -> str:
        """The words, as text for ``merge_packed`` of another process."""
        return base64.b64encode(self.words.astype("<u8").tobytes()).decode()

    def merge_packed(self, start: int, text: str) -> None:
        """Add what another process measured of the rows from ``start`` on."""
        words = np.frombuffer(base64.b64decode(text), dtype="<u8").reshape(-1, len(self.columns))
        first = start // BLOCK_ROWS - self.first
        with self._lock:
            self.words[first : first + len(words)] += words

    def column(self, index: int) -> str:
        """The digest of one column, 32 hexadecimal digits: it does not change with the columns beside it."""
        name, data_type = self.columns[index]
        header = f"{name}\0{data_type}\0{self.rows}".encode()
        return merkle_root(header, (word.tobytes() for word in self.words[:, index : index + 1]))

    def table(self) -> str:
        """The digest of the table, 32 hexadecimal digits."""
        header = "\0".join(f"{name}\0{data_type}" for name, data_type in self.columns) + f"\0{self.rows}"
        return merkle_root(header.encode(), (words.tobytes() for words in self.words))


def merkle_root(header: bytes, blocks: Iterable[bytes]) -> str:
    """The root of a binary hash tree over blocks (BLAKE2b, 16 bytes), bound to a header that describes them."""
    level = [
        hashlib.blake2b(number.to_bytes(8, "little") + block, digest_size=16, person=b"faasera-leaf").digest()
        for number, block in enumerate(blocks)
    ]
    while len(level) > 1:
        pairs = [b"".join(level[index : index + 2]) for index in range(0, len(level), 2)]
        level = [hashlib.blake2b(pair, digest_size=16, person=b"faasera-node").digest() for pair in pairs]
    return hashlib.blake2b(header + b"".join(level), digest_size=16, person=b"faasera-root").hexdigest()
