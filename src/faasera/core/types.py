"""The data types a column can have, and how Arrow holds them."""

import re
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

NAMES = (
    "STRING",
    "INTEGER",
    "BIGINT",
    "DECIMAL",
    "DOUBLE",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIME",
    "UUID",
    "JSON",
    "BINARY",
)
PATTERN = (
    r"^(STRING|INTEGER|BIGINT|DOUBLE|BOOLEAN|DATE|TIMESTAMP|TIME|UUID|JSON|BINARY|DECIMAL\(\d{1,2}(,\s*\d{1,2})?\))$"
)
_DECIMAL = re.compile(r"^DECIMAL\((\d{1,2})(?:,\s*(\d{1,2}))?\)$")
_ARROW = {
    "STRING": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIME": pa.time64("us"),
    "UUID": pa.string(),
    "JSON": pa.string(),
    "BINARY": pa.binary(),
}


@dataclass(frozen=True)
class DataType:
    """A policy's ``dataType``.

    Attributes:
        name: one of ``NAMES``.
        precision: decimal digits in all, for ``DECIMAL``.
        scale: decimal digits after the point, for ``DECIMAL``.
    """

    name: str
    precision: int = 0
    scale: int = 0

    @classmethod
    def parse(cls, text: str) -> "DataType":
        """Read ``BIGINT`` or ``DECIMAL(10,2)``.

        Raises:
            ValueError: the text names no data type.
        """
        match = _DECIMAL.match(text)
        if match:
            precision, scale = int(match[1]), int(match[2] or 0)
            if not 1 <= precision <= 38 or scale > precision:
                raise ValueError(f"{text}: the precision is 1 … 38 and the scale at most the precision")
            return cls("DECIMAL", precision, scale)
        if text not in _ARROW:
            raise ValueError(f"{text!r} is not a data type")
        return cls(text)

    @cached_property
    def arrow(self) -> pa.DataType:
        """The Arrow type of a column; ``UUID`` and ``JSON`` are held as text."""
        return pa.decimal128(self.precision, self.scale) if self.name == "DECIMAL" else _ARROW[self.name]

    @property
    def is_text(self) -> bool:
        """Whether the values are UTF-8 text in Arrow."""
        return self.name in ("STRING", "UUID", "JSON")

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.name in ("INTEGER", "BIGINT", "DECIMAL", "DOUBLE")

    @property
    def is_temporal(self) -> bool:
        """Whether the values are dates, timestamps or times of day."""
        return self.name in ("DATE", "TIMESTAMP", "TIME")

    def __str__(self) -> str:
        """As a policy spells it."""
        return f"DECIMAL({self.precision},{self.scale})" if self.name == "DECIMAL" else self.name


STRING = DataType("STRING")
INTEGER = DataType("INTEGER")
BIGINT = DataType("BIGINT")
DOUBLE = DataType("DOUBLE")
BOOLEAN = DataType("BOOLEAN")
DATE = DataType("DATE")
TIMESTAMP = DataType("TIMESTAMP")
TIME = DataType("TIME")
UUID = DataType("UUID")
JSON = DataType("JSON")
BINARY = DataType("BINARY")
