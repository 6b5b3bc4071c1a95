"""The data types a column can have: trees of scalars, lists, structs and maps; and how Arrow holds them.

Policies offer scalars. What another system calls a type is said by a ``TypeMapper`` in that system's own file; what can
be done with a type is asked of the type (``is_whole``, ``has_axis``, ``unit``, …), so that nobody compares names.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

import pyarrow as pa
from typing_extensions import override

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
EXAMPLES = tuple("DECIMAL(10,2)" if name == "DECIMAL" else name for name in NAMES)
"""How a policy spells each of ``NAMES``."""
MOST_DIGITS = 38
"""Of a decimal: as many as 128 bits hold."""
PATTERN = (
    r"^(STRING|INTEGER|BIGINT|DOUBLE|BOOLEAN|DATE|TIMESTAMP|TIME|UUID|JSON|BINARY|DECIMAL\(\d{1,2}(,\s*\d{1,2})?\))$"
)
_DECIMAL = re.compile(r"^DECIMAL\((\d{1,2})(?:,\s*(\d{1,2}))?\)$")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BITS = {"INTEGER": 32, "BIGINT": 64}
_MICROSECONDS = 1_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class DataType(ABC):
    """The type of a column, or of what a column's values are made of.

    Attributes:
        name: what the text of the type begins with: one of ``NAMES``, ``LIST``, ``STRUCT`` or ``MAP``. It is for tables
            of mappers and for people; code that asks what can be done with a type asks for that.
    """

    name: str

    @staticmethod
    def parse(text: str) -> "DataType":
        """Read a policy's ``dataType``: ``BIGINT`` or ``DECIMAL(10,2)``.

        Raises:
            ValueError: the text names no data type that policies offer.
        """
        match = _DECIMAL.match(text)
        if match:
            precision, scale = int(match[1]), int(match[2] or 0)
            if not 1 <= precision <= 38 or scale > precision:
                raise ValueError(f"{text}: the precision is 1 … 38 and the scale at most the precision")
            return Scalar("DECIMAL", precision, scale)
        if text not in NAMES or text == "DECIMAL":
            raise ValueError(f"{text!r} is not a data type")
        return Scalar(text)

    @abstractmethod
    def accept(self, mapper: "TypeMapper[T]") -> T:
        """What a mapper makes of this type, from the leaves up."""

    @abstractmethod
    def walk(self) -> Iterator["DataType"]:
        """This type, and all that it is made of."""

    @cached_property
    def arrow(self) -> pa.DataType:
        """The Arrow type of a column; ``UUID`` and ``JSON`` are held as text."""
        return self.accept(_ARROW)

    @property
    def precision(self) -> int:
        """Decimal digits in all, for ``DECIMAL``; 0 for other types."""
        return 0

    @property
    def scale(self) -> int:
        """Decimal digits after the point, for ``DECIMAL``; 0 for other types."""
        return 0

    @property
    def is_nested(self) -> bool:
        """Whether a value is made of other values."""
        return self.name not in NAMES

    @property
    def is_text(self) -> bool:
        """Whether the values are UTF-8 text in Arrow."""
        return self.name in ("STRING", "UUID", "JSON")

    @property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return self.name in _BITS

    @property
    def is_decimal(self) -> bool:
        """Whether the values are decimals, which have a ``precision`` and a ``scale``."""
        return self.name == "DECIMAL"

    @property
    def is_exact(self) -> bool:
        """Whether the values are numbers that are never rounded: whole numbers and decimals."""
        return self.is_whole or self.is_decimal

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.is_exact or self.name == "DOUBLE"

    @property
    def has_date(self) -> bool:
        """Whether the values lie in the calendar: they have a year, a month and a day."""
        return self.name in ("DATE", "TIMESTAMP")

    @property
    def has_time(self) -> bool:
        """Whether the values have hours, minutes and seconds."""
        return self.name in ("TIMESTAMP", "TIME")

    @property
    def is_temporal(self) -> bool:
        """Whether the values are dates, timestamps or times of day."""
        return self.has_date or self.has_time

    @property
    def is_discrete(self) -> bool:
        """Whether Arrow holds whole numbers for the values.

        These are the values themselves, unscaled decimals, days since 1970, or microseconds since 1970 or midnight.
        """
        return self.is_exact or self.is_temporal

    @property
    def has_axis(self) -> bool:
        """Whether the values have a distance: ranges, distributions and histograms can be asked for.

        Numbers lie where they are, dates in days since 1970, timestamps and times in seconds since 1970 or midnight.
        """
        return self.is_number or self.is_temporal

    @property
    def unit(self) -> int:
        """How many of the whole numbers that Arrow holds are 1 on the axis.

        1 for whole numbers and days, 1,000,000 for what is held in microseconds, ``10 ** scale`` for decimals.
        """
        return _MICROSECONDS if self.has_time else 10**self.scale

    @property
    def limit(self) -> int:
        """The whole numbers that Arrow holds for an exact number lie below this; 0 for other types.

        The lowest is ``-limit``, of decimals ``1 - limit``.
        """
        if self.is_whole:
            return 1 << (_BITS[self.name] - 1)
        return 10**self.precision if self.is_decimal else 0

    @property
    def limit_of_arithmetic(self) -> int:
        """As ``limit``, of what is computed: with 64 bits."""
        return min(self.limit, 1 << 63)


@dataclass(frozen=True)
class Scalar(DataType):
    """A type that is not made of others: what policies offer.

    Attributes:
        name: one of ``NAMES``.
        precision: decimal digits in all, for ``DECIMAL``.
        scale: decimal digits after the point, for ``DECIMAL``.
    """

    precision: int = 0
    scale: int = 0

    @override
    def accept(self, mapper: "TypeMapper[T]") -> T:
        return mapper.scalar(self)

    @override
    def walk(self) -> Iterator[DataType]:
        yield self

    @override
    def __str__(self) -> str:
        """As a policy spells it."""
        return f"DECIMAL({self.precision},{self.scale})" if self.is_decimal else self.name


@dataclass(frozen=True)
class ListOf(DataType):
    """Any number of values of one type, in an order.

    Attributes:
        item: the type of a value.
        item_nullable: whether a value in the list may be null.
    """

    name: str = field(default="LIST", init=False, repr=False)
    item: DataType
    item_nullable: bool = True

    @override
    def accept(self, mapper: "TypeMapper[T]") -> T:
        return mapper.list_of(self, self.item.accept(mapper))

    @override
    def walk(self) -> Iterator[DataType]:
        yield self
        yield from self.item.walk()

    @override
    def __str__(self) -> str:
        return f"LIST<{self.item}{_null_text(self.item_nullable)}>"


@dataclass(frozen=True)
class Field:
    """A named part of a struct.

    Attributes:
        name: of the part.
        data_type: of its values.
        nullable: whether it may be null.
    """

    name: str
    data_type: DataType
    nullable: bool = True

    @override
    def __str__(self) -> str:
        plain = _PLAIN_NAME.fullmatch(self.name)
        shown = self.name if plain else '"' + self.name.replace('"', '""') + '"'
        return f"{shown}: {self.data_type}{_null_text(self.nullable)}"


@dataclass(frozen=True)
class Struct(DataType):
    """Named parts, each with a type of its own.

    Attributes:
        fields: at least one, with different names.

    Raises:
        ValueError: there is none, or two have the same name.
    """

    name: str = field(default="STRUCT", init=False, repr=False)
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        names = [part.name for part in self.fields]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"a struct has fields with different names, not {names}")

    @override
    def accept(self, mapper: "TypeMapper[T]") -> T:
        return mapper.struct(self, tuple(part.data_type.accept(mapper) for part in self.fields))

    @override
    def walk(self) -> Iterator[DataType]:
        yield self
        for part in self.fields:
            yield from part.data_type.walk()

    @override
    def __str__(self) -> str:
        return f"STRUCT<{', '.join(map(str, self.fields))}>"


@dataclass(frozen=True)
class MapOf(DataType):
    """Values by keys, none of which is null.

    Attributes:
        key: the type of a key.
        value: the type of a value.
        value_nullable: whether a value may be null.
    """

    name: str = field(default="MAP", init=False, repr=False)
    key: DataType
    value: DataType
    value_nullable: bool = True

    @override
    def accept(self, mapper: "TypeMapper[T]") -> T:
        return mapper.map_of(self, self.key.accept(mapper), self.value.accept(mapper))

    @override
    def walk(self) -> Iterator[DataType]:
        yield self
        yield from self.key.walk()
        yield from self.value.walk()

    @override
    def __str__(self) -> str:
        return f"MAP<{self.key}, {self.value}{_null_text(self.value_nullable)}>"


def _null_text(nullable: bool) -> str:
    return "" if nullable else " NOT NULL"


class TypeMapper(ABC, Generic[T]):
    """What a system calls data types: a table of its scalars, and how it spells decimals and nested types.

    Attributes:
        scalars: the system's type for each of ``NAMES`` but ``DECIMAL``.
    """

    scalars: Mapping[str, T]

    def __call__(self, data_type: DataType) -> T:
        """The system's type for a data type."""
        return data_type.accept(self)

    def scalar(self, data_type: Scalar) -> T:
        """The type for a scalar."""
        return self.decimal(data_type) if data_type.is_decimal else self.scalars[data_type.name]

    @abstractmethod
    def decimal(self, data_type: Scalar) -> T:
        """The type for decimals of a precision and a scale."""

    @abstractmethod
    def list_of(self, data_type: ListOf, item: T) -> T:
        """The type for a list, given that for its items."""

    @abstractmethod
    def struct(self, data_type: Struct, fields: tuple[T, ...]) -> T:
        """The type for a struct, given those for its fields."""

    @abstractmethod
    def map_of(self, data_type: MapOf, key: T, value: T) -> T:
        """The type for a map, given those for its keys and values."""


class ArrowTypes(TypeMapper[pa.DataType]):
    """Arrow's types: those of the arrays that the engine makes."""

    scalars: Mapping[str, pa.DataType] = {
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

    @override
    def decimal(self, data_type: Scalar) -> pa.DataType:
        return pa.decimal128(data_type.precision, data_type.scale)

    @override
    def list_of(self, data_type: ListOf, item: pa.DataType) -> pa.DataType:
        return pa.list_(pa.field("item", item, data_type.item_nullable))

    @override
    def struct(self, data_type: Struct, fields: tuple[pa.DataType, ...]) -> pa.DataType:
        parts = zip(data_type.fields, fields, strict=True)
        return pa.struct([pa.field(part.name, made, part.nullable) for part, made in parts])

    @override
    def map_of(self, data_type: MapOf, key: pa.DataType, value: pa.DataType) -> pa.DataType:
        return pa.map_(key, pa.field("value", value, data_type.value_nullable))


_ARROW = ArrowTypes()

STRING = Scalar("STRING")
INTEGER = Scalar("INTEGER")
BIGINT = Scalar("BIGINT")
DOUBLE = Scalar("DOUBLE")
BOOLEAN = Scalar("BOOLEAN")
DATE = Scalar("DATE")
TIMESTAMP = Scalar("TIMESTAMP")
TIME = Scalar("TIME")
UUID = Scalar("UUID")
JSON = Scalar("JSON")
BINARY = Scalar("BINARY")
