"""Ranges of decimals with more digits than 64 bits hold."""

from dataclasses import dataclass

import pyarrow as pa
from typing_extensions import override

from faasera.core import wide
from faasera.core.streams import Stream, Words
from faasera.core.types import DataType
from faasera.generators.facts import Facts
from faasera.generators.generator import Axis, Domain
from faasera.generators.literals import parse_number
from faasera.generators.showing import show_step, show_whole

_MOST_NUMBERED = 1 << 62


@dataclass(frozen=True)
class WideDomain(Domain):
    """Evenly spaced decimals, both ends included.

    Drawn uniformly, each of them comes up. A key or a distribution numbers at most 2^62 of them, at even distances.

    Attributes:
        value_type: a decimal.
        origin: the first value, unscaled.
        step: the distance, likewise.
        count: how many.
    """

    value_type: DataType
    origin: int
    step: int
    count: int

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, bounds=(self.origin, self.origin + (self.count - 1) * self.step))

    @property
    @override
    def size(self) -> int:
        """How many are numbered."""
        return (self.count - 1) // self._every + 1

    @property
    def _every(self) -> int:
        """Of so many values one is numbered."""
        return -(-self.count // _MOST_NUMBERED)

    @property
    def _stride(self) -> int:
        return self.step * self._every

    @property
    @override
    def axis(self) -> Axis:
        """Numbers as they are."""
        unit = 10**self.value_type.scale
        return Axis(self.origin / unit, self._stride / unit, parse_number, parse_number)

    @override
    def at(self, indices: Words) -> pa.Array:
        return wide.placed_at(wide.limbs_of(indices), self._stride, self.origin, self.value_type)

    @override
    def random(self, rows: Words, stream: Stream) -> pa.Array:
        chosen = wide.share_of(stream.words(rows), stream.sub("low").words(rows), self.count)
        return wide.placed_at(chosen, self.step, self.origin, self.value_type)

    @override
    def describe(self) -> str:
        first, last = (show_whole(value, self.value_type) for value in self.facts.bounds or (0, 0))
        return f"{first} … {last}{show_step(self.step, self.value_type)} ({self.count:,} values)"
