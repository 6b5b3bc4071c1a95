"""Text of one width, assembled from tables of tokens.

NumPy gathers and stores elements of 1, 2, 4, 8 and 16 bytes several times faster than those of other sizes. So tokens
are written left to right, padded to such a size where there is room (the next token overwrites the padding), and in
pieces of such sizes at the end of a record.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import Integers, fixed_text

_SIZES = (1, 2, 4, 8, 16)
Bytes = npt.NDArray[np.bytes_]


class TokenTable:
    """Tokens of one width in bytes, to be gathered by index.

    Attributes:
        tokens: all of them, as an array of bytes.
        width: of each.
    """

    def __init__(self, tokens: Sequence[bytes] | Bytes) -> None:
        self.tokens: Bytes = np.ascontiguousarray(tokens) if isinstance(tokens, np.ndarray) else np.array(tokens)
        self.width = self.tokens.dtype.itemsize

    @classmethod
    def of(cls, texts: pa.Array) -> "TokenTable | None":
        """The texts of a list as tokens, if all have one width, and one that is fast to gather; else None."""
        widths = pc.unique(pc.binary_length(texts)).to_pylist() if not texts.null_count else []
        if len(widths) != 1 or widths[0] not in _SIZES:
            return None
        first = int(np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset])
        data = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[first : first + len(texts) * widths[0]]
        return cls(data.view(f"S{widths[0]}"))

    @cached_property
    def _matrix(self) -> npt.NDArray[np.uint8]:
        return self.tokens.view(np.uint8).reshape(len(self.tokens), self.width)

    def _columns(self, start: int, width: int, size: int) -> Bytes:
        """Bytes ``start … start + width`` of each token, padded to ``size``."""
        padded = np.zeros((len(self.tokens), size), dtype=np.uint8)
        padded[:, :width] = self._matrix[:, start : start + width]
        return padded.reshape(-1).view(f"S{size}")

    @cached_property
    def padded(self) -> Bytes | None:
        """The tokens padded to the next fast size; None where they are too wide."""
        size = next((size for size in _SIZES if size >= self.width), None)
        return None if size is None else self._columns(0, self.width, size)

    @cached_property
    def pieces(self) -> list[tuple[int, Bytes]]:
        """The tokens cut into columns of fast sizes, each with its offset."""
        found, start = [], 0
        while start < self.width:
            size = max(size for size in _SIZES if size <= self.width - start)
            found.append((start, self._columns(start, size, size)))
            start += size
        return found


def assemble(parts: Sequence[tuple[TokenTable, Integers]]) -> pa.Array:
    """Texts joined from tokens, one index per row and part."""
    total = sum(table.width for table, _ in parts)
    stores: list[tuple[int, Bytes, Integers]] = []
    offset = 0
    for table, index in parts:
        if table.padded is not None and offset + table.padded.dtype.itemsize <= total:
            stores.append((offset, table.padded, index))
        else:
            stores.extend((offset + start, piece, index) for start, piece in table.pieces)
        offset += table.width
    names = [f"f{number}" for number in range(len(stores))]
    layout = np.dtype(
        {
            "names": names,
            "formats": [tokens.dtype for _, tokens, _ in stores],
            "offsets": [start for start, _, _ in stores],
            "itemsize": total,
        }
    )
    records = np.empty(len(parts[0][1]), dtype=layout)
    for name, (_, tokens, index) in zip(names, stores, strict=True):
        records[name] = tokens[index]
    return fixed_text(records, total)
