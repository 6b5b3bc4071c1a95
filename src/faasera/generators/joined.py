"""Texts joined and transformed list by list instead of row by row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator

Transform = Callable[[pa.Array], pa.Array]
"""Texts to texts, value by value."""

_MOST_KNOWN = 64


def fold(texts: pa.Array) -> pa.Array:
    """Letters outside ASCII become their nearest in it (by anyascii's table, once per distinct value)."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    from anyascii import anyascii

    encoded = texts.dictionary_encode()
    folded = pa.array(
        [None if text is None else anyascii(text) for text in encoded.dictionary.to_pylist()], pa.string()
    )
    return folded.take(encoded.indices)


class OncePerList:
    """A transform of lists of texts that remembers what it made of each.

    Args:
        transform: of a list's texts.
    """

    def __init__(self, transform: Transform) -> None:
        self._transform = transform
        self._known: dict[int, tuple[pa.Array, pa.Array]] = {}

    def of(self, texts: pa.Array) -> pa.Array:
        """The transformed list."""
        address = texts.buffers()[1].address
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[address] = texts, self._transform(texts)
        return known[1]


class ListJoiner:
    """Joins entries of several lists, row by row, with one gather.

    The lists are laid end to end, and gathered with the rows' indices interleaved: the bytes of the result then already
    are the joined texts, and every n-th offset bounds one. This is three times as fast as joining arrays.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: tuple[tuple[int, ...], pa.Array, list[int]] | None = None

    def join(self, parts: list[pa.Array]) -> pa.Array:
        """The joined texts of dictionary arrays without nulls."""
        entries, starts = self._laid_out([part.dictionary for part in parts])
        rows, width = len(parts[0]), len(parts)
        indices = np.empty((rows, width), dtype=np.int32)
        for place, (part, start) in enumerate(zip(parts, starts, strict=True)):
            np.add(np.asarray(part.indices), np.int32(start), out=indices[:, place])
        gathered = entries.take(pa.array(indices.reshape(-1)))
        offsets = np.frombuffer(gathered.buffers()[1], dtype=np.int32)[: rows * width + 1 : width].copy()
        return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), gathered.buffers()[2])

    def _laid_out(self, lists: list[pa.Array]) -> tuple[pa.Array, list[int]]:
        """The lists end to end, the prefix before each entry of the first, and where each begins."""
        addresses = tuple(entries.buffers()[1].address for entries in lists)
        known = self._known
        if known is None or known[0] != addresses:
            first = pc.binary_join_element_wise(self._prefix, lists[0], "") if self._prefix else lists[0]
            ends = np.cumsum([len(entries) for entries in lists]).tolist()
            known = self._known = (addresses, pa.concat_arrays([first, *lists[1:]]), [0, *ends[:-1]])
        return known[1], known[2]


def placed(arrays: Sequence[pa.Array], places: Sequence[npt.NDArray[np.intp]]) -> pa.Array:
    """Columns of some rows each, put together in the order of all rows; dictionary arrays stay that."""
    order = np.concatenate(places)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    if not all(pa.types.is_dictionary(one.type) for one in arrays):
        return pa.concat_arrays([decoded(one) for one in arrays]).take(pa.array(back))
    starts = np.cumsum([0, *(len(one.dictionary) for one in arrays[:-1])])
    moved = [pc.add(one.indices, pa.scalar(int(start), pa.int32())) for one, start in zip(arrays, starts, strict=True)]
    lists = pa.concat_arrays([one.dictionary for one in arrays])
    return pa.DictionaryArray.from_arrays(pa.concat_arrays(moved).take(pa.array(back)), lists, safe=False)


@dataclass(frozen=True)
class Cut(Generator):
    """Another generator's texts, cut to a length.

    Attributes:
        inner: makes the texts.
        limit: the most characters.
    """

    inner: Generator
    limit: int

    @property
    @override
    def facts(self) -> Facts:
        return replace(self.inner.facts, max_length=self.limit, unique=False, numbering=False, by_row=False)

    @override
    def generate(self, context: Context) -> pa.Array:
        texts = self.inner.generate(context)
        if not pa.types.is_dictionary(texts.type):
            return pc.utf8_slice_codeunits(texts, start=0, stop=self.limit)
        cut = pc.utf8_slice_codeunits(texts.dictionary, start=0, stop=self.limit)
        return pa.DictionaryArray.from_arrays(texts.indices, cut, safe=False)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}, cut to {self.limit} characters"
