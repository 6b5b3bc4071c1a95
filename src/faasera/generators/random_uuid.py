"""Random UUIDs."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.records import TokenTable, assemble
from faasera.core.streams import Stream, Words
from faasera.core.types import DataType
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator


@dataclass(frozen=True)
class UuidGenerator(Generator):
    """Random UUIDs of version 4 (RFC 9562). The first word is a bijection of the row number, so none occurs twice."""

    stream: Stream
    value_type: DataType

    @property
    @override
    def facts(self) -> Facts:
        return Facts(self.value_type, unique=True, max_length=36)

    @override
    def generate(self, context: Context) -> pa.Array:
        return uuid_texts(self.stream, context.rows)

    @override
    def describe(self) -> str:
        return "UUID version 4; unique"


@lru_cache(maxsize=2)
def _hex(suffix: str) -> TokenTable:
    """All numbers of four hexadecimal digits before a suffix."""
    return TokenTable([f"{value:04x}{suffix}".encode() for value in range(65536)])


def uuid_texts(stream: Stream, rows: Words) -> pa.Array:
    """Version 4 UUIDs as text: 64 bits from a bijection of the row, 58 more at random, 6 fixed by the standard."""
    first, second = stream.words(rows), stream.sub("low").words(rows)
    high = first & np.uint64(0xFFFFFFFFFFFF)
    middle = (first >> np.uint64(48)) & np.uint64(0xFFF)
    # The top four bits of the first word would be lost to the version digit: they go to the clock sequence.
    kept = first >> np.uint64(60)
    clock = np.uint64(0x8000) | (kept << np.uint64(10)) | (second & np.uint64(0x3FF))
    groups = [high >> np.uint64(32), high >> np.uint64(16), high, np.uint64(0x4000) | middle, clock]
    groups += [second >> np.uint64(16), second >> np.uint64(32), second >> np.uint64(48)]
    dashed = (1, 2, 3, 4)
    return assemble(
        [
            (_hex("-" if number in dashed else ""), (group & np.uint64(0xFFFF)).view(np.int64))
            for number, group in enumerate(groups)
        ]
    )
