"""Types of databases as policies call them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    DataType,
    Scalar,
)

_WHOLE = {
    "BOOLEAN": 1,
    "TINYINT": 8,
    "SMALLINT": 16,
    "MEDIUMINT": 24,
    "INT": 32,
    "BIGINT": 64,
    "INT128": 64,
    "INT256": 64,
}
_UNSIGNED = {"UTINYINT": 8, "USMALLINT": 16, "UMEDIUMINT": 24, "UINT": 32, "UBIGINT": 64, "UINT128": 64, "UINT256": 64}
_SERIAL = {"SMALLSERIAL": 16, "SERIAL": 32, "BIGSERIAL": 64}
_TEXT = {"CHAR", "NCHAR", "BPCHAR", "VARCHAR", "NVARCHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "NAME", "FIXEDSTRING", "XML"}  # fmt: skip
_FIXED = {"CHAR", "NCHAR", "BPCHAR", "FIXEDSTRING"}
_BYTES = {"BINARY", "VARBINARY", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB"}
_OTHERS: dict[str, DataType] = {
    "FLOAT": DOUBLE, "DOUBLE": DOUBLE, "DECFLOAT": DOUBLE, "DATE": DATE, "DATE32": DATE, "UUID": UUID, "JSON": JSON, "JSONB": JSON,
    "DATETIME": TIMESTAMP, "DATETIME2": TIMESTAMP, "DATETIME64": TIMESTAMP, "SMALLDATETIME": TIMESTAMP, "TIMESTAMP": TIMESTAMP,
    "TIMESTAMPNTZ": TIMESTAMP, "TIMESTAMPTZ": TIMESTAMP, "TIMESTAMPLTZ": TIMESTAMP, "TIMESTAMP_S": TIMESTAMP,
    "TIMESTAMP_MS": TIMESTAMP, "TIMESTAMP_NS": TIMESTAMP, "TIME": TIME, "TIMETZ": TIME, "TIME_NS": TIME,
}  # fmt: skip
_BY_NAME = {"citext": STRING, "uniqueidentifier": UUID, "number": BIGINT, "integer": BIGINT}
MOST_DIGITS = 38


@dataclass(frozen=True)
class ReadType:
    """What a type's text says.

    Attributes:
        data_type: as policies call it; None for one that they do not know.
        shown: the type in standard SQL.
        length: the most characters or bytes.
        fixed: whether texts always have that length.
        values: of an enumeration.
        array: whether it is a list of the type.
        unsigned: whether numbers below 0 are refused.
        bits: of a whole number.
        serial: whether the database numbers the column.
    """

    data_type: DataType | None
    shown: str
    length: int | None = None
    fixed: bool = False
    values: tuple[str, ...] = ()
    array: bool = False
    unsigned: bool = False
    bits: int | None = None
    serial: bool = False


def read_type(kind: Any, dialect: str) -> ReadType:
    """The type that a text names, or sqlglot's tree of it."""
    if isinstance(kind, str):
        return _of_text(kind, dialect)
    name = kind.this.value if hasattr(kind.this, "value") else str(kind.this)
    shown = kind.sql(dialect=dialect or None)
    numbers = [_number(one) for one in kind.expressions]
    first = numbers[0] if numbers else None
    if name in ("ARRAY", "LIST"):
        inner = read_type(kind.expressions[0], dialect) if kind.expressions else ReadType(STRING, "TEXT")
        nested = inner.array or inner.data_type is None
        return ReadType(None if nested else inner.data_type, shown, inner.length, array=True, bits=inner.bits)
    if name in ("ENUM", "ENUM8", "ENUM16", "SET"):
        values = tuple(str(one.this) for one in kind.expressions if isinstance(one, exp.Literal))
        return ReadType(STRING, shown, max(map(len, values), default=None), values=values)
    if dialect == "mysql" and name == "TINYINT" and first == 1:
        return ReadType(BOOLEAN, shown)
    if dialect == "sqlite" and name in ("INT", "BIGINT", "UBIGINT"):
        return ReadType(BIGINT, shown, bits=64)
    if name == "BOOLEAN":
        return ReadType(BOOLEAN, shown)
    if name in _WHOLE or name in _UNSIGNED or name in _SERIAL:
        unsigned = name in _UNSIGNED
        bits = (_WHOLE | _UNSIGNED | _SERIAL)[name]
        wide = bits + unsigned > 32
        return ReadType(BIGINT if wide else INTEGER, shown, unsigned=unsigned, bits=bits, serial=name in _SERIAL)
    if name in ("DECIMAL", "DECIMAL32", "DECIMAL64", "DECIMAL128", "BIGDECIMAL", "UDECIMAL"):
        return _decimal(first, numbers, shown, dialect, unsigned=name == "UDECIMAL")
    if name in ("MONEY", "SMALLMONEY"):
        return ReadType(Scalar("DECIMAL", 12, 2), shown)
    if name == "YEAR":
        return ReadType(INTEGER, shown, bits=0)
    if name == "NAME":
        return ReadType(STRING, shown, 63)
    if name in _TEXT:
        fixed = name in _FIXED
        return ReadType(
            STRING, shown, first if first is not None else (1 if name in ("CHAR", "NCHAR") else None), fixed
        )
    if name in _BYTES:
        length = first if first is not None else (1 if name == "BINARY" and dialect == "mysql" else None)
        return ReadType(BINARY, shown, length, fixed=name == "BINARY")
    if name in _OTHERS:
        return ReadType(_OTHERS[name], shown)
    known = _BY_NAME.get(shown.lower().partition("(")[0])
    return ReadType(known, shown) if known is not None else ReadType(_by_affinity(shown, dialect), shown)


@lru_cache(maxsize=4096)
def _of_text(kind: str, dialect: str) -> ReadType:
    try:
        return read_type(exp.DataType.build(kind, dialect=dialect or None, udt=True), dialect)
    except (sqlglot.ParseError, sqlglot.TokenError, ValueError):
        return ReadType(None, kind)


def _decimal(first: int | None, numbers: list[int | None], shown: str, dialect: str, *, unsigned: bool) -> ReadType:
    """A decimal; one without digits holds any number, of which two digits behind the point will do."""
    if first is None:
        wide = (10, 0) if dialect == "mysql" else (18, 3) if dialect == "duckdb" else (14, 2)
        return ReadType(Scalar("DECIMAL", *wide), shown, unsigned=unsigned)
    scale = numbers[1] if len(numbers) > 1 and numbers[1] is not None else 0
    if not 0 <= scale <= first:
        return ReadType(None, shown)
    return ReadType(Scalar("DECIMAL", min(first, MOST_DIGITS), min(scale, MOST_DIGITS)), shown, unsigned=unsigned)


def _by_affinity(shown: str, dialect: str) -> DataType | None:
    """How SQLite takes a type that it does not know (https://www.sqlite.org/datatype3.html, 3.1)."""
    if dialect != "sqlite":
        return None
    upper = shown.upper()
    for word, data_type in (("INT", BIGINT), ("CHAR", STRING), ("CLOB", STRING), ("TEXT", STRING), ("BLOB", BINARY)):
        if word in upper:
            return data_type
    if any(word in upper for word in ("REAL", "FLOA", "DOUB")):
        return DOUBLE
    return STRING if not upper else Scalar("DECIMAL", 14, 2)


def _number(node: Any) -> int | None:
    try:
        return int(str(node.name))
    except ValueError:
        return None
