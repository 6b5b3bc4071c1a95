"""Texts of a form as numerals of an alphabet, and back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded, fixed_text
from faasera.core.value import ByContent
from faasera.generators.ff1 import Numerals

PLACE = "#"
"""Stands in a pattern for a character that is encoded."""
Points = npt.NDArray[Any]
"""Unicode code points by row and place; as bytes where all are ASCII."""


@dataclass(frozen=True, eq=False)
class Alphabet(ByContent):
    """Characters with their numbers.

    Attributes:
        characters: in their order.
    """

    characters: str

    @cached_property
    def points(self) -> npt.NDArray[np.uint32]:
        """The characters' code points."""
        return np.array([ord(one) for one in self.characters], dtype=np.uint32)

    @cached_property
    def _order(self) -> npt.NDArray[np.intp]:
        return np.argsort(self.points)

    @cached_property
    def _sorted(self) -> npt.NDArray[np.uint32]:
        return self.points[self._order]

    @property
    def radix(self) -> int:
        """How many there are."""
        return len(self.characters)

    def numerals(self, points: Points) -> Numerals:
        """The numbers of characters; -1 for one that is not here."""
        place = np.minimum(np.searchsorted(self._sorted, points), self.radix - 1)
        return np.where(self._sorted[place] == points, self._order[place], -1)


def to_points(texts: pa.Array) -> tuple[Points, npt.NDArray[np.int64]]:
    """The code points of texts end to end, and the length of each; nulls count as empty."""
    texts = pc.fill_null(decoded(texts), "")
    lengths = np.asarray(pc.utf8_length(texts)).astype(np.int64)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()[int(offsets[0]) : int(offsets[-1])]
    if len(raw) == int(lengths.sum()):
        return np.frombuffer(raw, dtype=np.uint8).astype(np.uint32), lengths
    return np.frombuffer(raw.decode().encode("utf-32-le"), dtype=np.uint32), lengths


def from_points(points: Points) -> pa.Array:
    """Texts of one length."""
    if not points.shape[1]:
        return pa.repeat("", len(points))
    if points.dtype == np.uint8:
        return fixed_text(np.ascontiguousarray(points), points.shape[1])
    return pa.array(np.ascontiguousarray(points).view(f"U{points.shape[1]}").reshape(-1), pa.string())


@dataclass(frozen=True, eq=False)
class Form(ByContent):
    """Which places of a text are encoded.

    Attributes:
        pattern: # for a place, all else as it stands; None where all places are encoded.
        alphabet: of the places.
    """

    pattern: str | None
    alphabet: Alphabet

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """The places of the pattern that are encoded."""
        return np.array([place for place, one in enumerate(self.pattern or "") if one == PLACE], dtype=np.int64)

    @cached_property
    def frame(self) -> Points:
        """The code points of the pattern."""
        return np.array([ord(one) for one in self.pattern or ""], dtype=np.uint32)

    def filled(self, numerals: Numerals) -> Points:
        """Texts with these numerals in their places."""
        alphabet, frame = self._narrow
        characters = alphabet[numerals]
        if self.pattern is None:
            return np.ascontiguousarray(characters)
        points = np.repeat(frame.reshape(1, -1), len(numerals), axis=0)
        points[:, self.places] = characters
        return points

    @cached_property
    def _narrow(self) -> tuple[Any, Any]:
        """The code points of the alphabet and the pattern, as bytes where all are ASCII."""
        ascii = (self.alphabet.characters + (self.pattern or "")).isascii()
        kind = np.uint8 if ascii else np.uint32
        return self.alphabet.points.astype(kind), self.frame.astype(kind)
