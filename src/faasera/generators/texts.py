"""Texts of a bounded pattern as a domain, made from tables of tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.draws import MAXIMUM_PERMUTATION, AliasTable
from faasera.core.records import TokenTable, assemble
from faasera.core.streams import GOLDEN, Stream, Words, below, mix
from faasera.core.types import DataType
from faasera.core.value import ByContent
from faasera.generators.facts import Facts
from faasera.generators.generator import Domain
from faasera.generators.patterns import Pattern, Shape

_MOST_TOKENS = 10_000
_ENOUGH_TOKENS = 256
_TOKEN_WIDTH = 4
_BITS_A_HALF = 20
_32 = np.uint64(32)
_LOW_32 = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class _Token:
    """Neighbouring places of a shape, and all texts that can stand there.

    Attributes:
        texts: as Arrow strings.
        packed: the same as elements of one width in bytes, if they have one.
    """

    texts: pa.Array
    packed: TokenTable | None

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, classes: Shape) -> "_Token":
        """Those of neighbouring places, which the shapes of a pattern have in common."""
        listed = ["".join(characters) for characters in product(*classes)]
        encoded = [text.encode() for text in listed]
        widths = set(map(len, encoded))
        packed = TokenTable(encoded) if len(widths) == 1 and b"\0" not in b"".join(encoded) else None
        return cls(pa.array(listed), packed)

    @property
    def size(self) -> int:
        return len(self.texts)


def _tokens(shape: Shape) -> list[_Token]:
    """A shape cut into runs of places, each with few enough texts for a table."""
    runs: list[list[str]] = []
    size = _MOST_TOKENS + 1
    for characters in shape:
        # Four bytes are the cheapest to gather: a table that has them and is worth a gather ends there.
        full = bool(runs) and len(runs[-1]) == _TOKEN_WIDTH and size >= _ENOUGH_TOKENS
        if full or size * len(characters) > _MOST_TOKENS:
            runs.append([])
            size = 1
        size *= len(characters)
        runs[-1].append(characters)
    return [_Token.of(tuple(run)) for run in runs]


class ShapeTexts:
    """The texts of one shape."""

    def __init__(self, shape: Shape) -> None:
        self.tokens = _tokens(shape)

    def random(self, rows: Words, stream: Stream) -> pa.Array:
        """Uniformly random texts, one a row."""
        return self._join(len(rows), self._random_digits(rows, stream))

    def _random_digits(self, rows: Words, stream: Stream) -> list[Words]:
        """One index per token, several of them from one word: halves of 32 bits are used up to 20 bits."""
        digits: list[Words] = []
        halves: list[Words] = []
        word = 0
        fraction: Words | None = None
        used = 0.0
        for token in self.tokens:
            bits = np.log2(max(token.size, 1))
            if token.size == 1:
                digits.append(np.zeros(len(rows), dtype=np.uint64))
                continue
            if fraction is None or used + bits > _BITS_A_HALF:
                if not halves:
                    words = (stream if word == 0 else stream.sub(str(word))).words(rows)
                    halves = [words & _LOW_32, words >> _32]
                    word += 1
                fraction, used = halves.pop(), 0.0
            scaled = fraction * np.uint64(token.size)
            digits.append(scaled >> _32)
            fraction = scaled & _LOW_32
            used += bits
        return digits

    def at(self, indices: Words, extra: Words) -> pa.Array:
        """The texts with these indices; places beyond 2^62 texts are filled from the extra words."""
        digits: list[Words] = []
        rest, room = indices, MAXIMUM_PERMUTATION
        for token in reversed(self.tokens):
            size = np.uint64(token.size)
            if room >= token.size:
                quotient = rest // size
                digits.append(rest - quotient * size)
                rest = quotient
                room //= token.size
            else:
                room = 0
                extra = mix(extra * GOLDEN + np.uint64(len(digits)))
                digits.append(below(extra, token.size))
        return self._join(len(indices), digits[::-1])

    def _join(self, count: int, digits: list[Words]) -> pa.Array:
        if not self.tokens:
            return pa.repeat("", count)
        packed = [token.packed for token in self.tokens if token.packed is not None]
        if len(packed) == len(self.tokens):
            return assemble([(table, digit.view(np.int64)) for table, digit in zip(packed, digits, strict=True)])
        parts = [
            token.texts.take(pa.array(digit.view(np.int64))) for token, digit in zip(self.tokens, digits, strict=True)
        ]
        return pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]

    @cached_property
    def size(self) -> int:
        """How many texts there are."""
        size = 1
        for token in self.tokens:
            size *= token.size
        return size


@dataclass(frozen=True, eq=False)
class TextDomain(ByContent, Domain):
    """The language of a pattern. Random texts choose a variant first, so that short ones are not crowded out."""

    pattern: Pattern
    value_type: DataType

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, max_length=self.pattern.max_length)

    @property
    @override
    def size(self) -> int:
        """How many texts can be numbered: all, up to 2^62."""
        return min(self.pattern.size, MAXIMUM_PERMUTATION)

    @property
    @override
    def distinct(self) -> bool:
        """Whether no text has two numbers."""
        return self.pattern.unambiguous

    @cached_property
    def _shapes(self) -> list[ShapeTexts]:
        return [ShapeTexts(shape) for shape, _ in self.pattern.shapes]

    @cached_property
    def _chances(self) -> AliasTable:
        return AliasTable([probability for _, probability in self.pattern.shapes])

    @cached_property
    def _starts(self) -> Words:
        """The number of the first text of each shape; numbers end at 2^62."""
        starts, total = [], 0
        for size in self.pattern.sizes:
            starts.append(total)
            total = min(total + size, MAXIMUM_PERMUTATION)
        return np.array(starts, dtype=np.uint64)

    @override
    def random(self, rows: Words, stream: Stream) -> pa.Array:
        if len(self._shapes) == 1:
            return self._typed(self._shapes[0].random(rows, stream))
        chosen = self._chances.indices(stream.sub("shape").words(rows))
        return self._mixed(chosen, lambda shape, which: shape.random(rows[which], stream))

    @override
    def at(self, indices: Words) -> pa.Array:
        if len(self._shapes) == 1:
            return self._typed(self._shapes[0].at(indices, indices))
        chosen = (np.searchsorted(self._starts, indices, side="right") - 1).astype(np.uint64)
        inside = indices - self._starts[chosen.view(np.int64)]
        return self._mixed(chosen, lambda shape, which: shape.at(inside[which], indices[which]))

    def _mixed(self, chosen: Words, make: Callable[[ShapeTexts, npt.NDArray[np.intp]], pa.Array]) -> pa.Array:
        """Texts of several shapes, put back into the order of the rows."""
        order = np.argsort(chosen, kind="stable")
        ends = np.cumsum(np.bincount(chosen.view(np.int64), minlength=len(self._shapes)))
        parts, begin = [], 0
        for shape, end in zip(self._shapes, ends.tolist(), strict=True):
            if end > begin:
                parts.append(make(shape, order[begin:end]))
            begin = end
        if not parts:
            return pa.array([], self.value_type.arrow)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return self._typed(pa.concat_arrays(parts).take(pa.array(place)))

    def _typed(self, texts: pa.Array) -> pa.Array:
        return texts if self.value_type.is_text else texts.cast(self.value_type.arrow)

    @override
    def describe(self) -> str:
        count = self.pattern.size
        return f"texts of {self.pattern.text} ({f'{count:,}' if count < 10**15 else f'{count:.2g}'} of them)"
