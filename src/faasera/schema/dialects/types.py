"""Types of databases as policies call them: a table by the names that sqlglot gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import sqlglot
from sqlglot import exp

from faasera.core.registry import Declaration
from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    MOST_DIGITS,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    DataType,
    Scalar,
)
from faasera.databases.structure import TextForm
from faasera.generators.regex.flavours import ECMA, Flavour

_MOST_SCALE = 18
_SHORT_SCALE = 6
_NAMED: Mapping[str, DataType] = {"citext": STRING, "uniqueidentifier": UUID, "number": BIGINT, "integer": BIGINT}
_LISTS = ("ARRAY", "LIST")


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
        form: how values are written, of a type that policies have as texts only.
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
    form: TextForm | None = None


class WrittenType(NamedTuple):
    """A type as a statement writes it.

    Attributes:
        name: as sqlglot calls it in all dialects.
        shown: in the dialect's words.
        arguments: the trees of what is in its parentheses.
    """

    name: str
    shown: str
    arguments: tuple[Any, ...]

    def number(self, place: int) -> int | None:
        """A number in its parentheses; None where there is none."""
        try:
            return int(str(self.arguments[place].name))
        except (IndexError, ValueError):
            return None


Reading = Callable[[WrittenType], ReadType]


def plain(data_type: DataType, length: int | None = None) -> Reading:
    """Types that say nothing more."""
    return lambda kind: ReadType(data_type, kind.shown, length)


def whole(bits: int, *, unsigned: bool = False, serial: bool = False) -> Reading:
    """Whole numbers of some bits."""
    data_type = BIGINT if bits + unsigned > 32 else INTEGER
    return lambda kind: ReadType(data_type, kind.shown, unsigned=unsigned, bits=bits, serial=serial)


def sized(data_type: DataType, *, fixed: bool = False, default: int | None = None) -> Reading:
    """Texts or bytes of a length, which is the default where none is given."""

    def read(kind: WrittenType) -> ReadType:
        given = kind.number(0)
        return ReadType(data_type, kind.shown, default if given is None else given, fixed)

    return read


def decimal(precision: int, scale: int, *, unsigned: bool = False) -> Reading:
    """Decimals, which have these digits where none are given."""

    def read(kind: WrittenType) -> ReadType:
        digits = kind.number(0)
        if digits is None:
            return ReadType(Scalar("DECIMAL", precision, scale), kind.shown, unsigned=unsigned)
        behind = kind.number(1) or 0
        if behind < 0:
            return ReadType(None, kind.shown)
        return ReadType(_held(digits, behind), kind.shown, unsigned=unsigned)

    return read


def _held(digits: int, behind: int) -> Scalar:
    """Decimals that policies can hold and such a column takes: of as many digits, or of fewer behind the point."""
    if digits <= MOST_DIGITS and behind <= min(digits, _MOST_SCALE):
        return Scalar("DECIMAL", digits, behind)
    if behind > digits:
        # Nothing but zeros comes first behind the point.
        return Scalar("DECIMAL", min(behind, MOST_DIGITS), min(behind, MOST_DIGITS))
    scale = min(behind, _SHORT_SCALE)
    return Scalar("DECIMAL", min(digits - behind + scale, MOST_DIGITS), scale)


def decimals(precision: int, scale: int) -> dict[str, Reading]:
    """All names of decimals."""
    names = ("DECIMAL", "DECIMAL32", "DECIMAL64", "DECIMAL128", "BIGDECIMAL")
    signed = dict.fromkeys(names, decimal(precision, scale))
    return {**signed, "UDECIMAL": decimal(precision, scale, unsigned=True)}


def _enumeration(kind: WrittenType) -> ReadType:
    values = tuple(str(one.this) for one in kind.arguments if isinstance(one, exp.Literal))
    return ReadType(STRING, kind.shown, max(map(len, values), default=None), values=values)


def _each(names: str, reading: Reading) -> dict[str, Reading]:
    return dict.fromkeys(names.split(), reading)


TYPES: Mapping[str, Reading] = {
    **_each("ENUM ENUM8 ENUM16 SET", _enumeration),
    "BOOLEAN": plain(BOOLEAN),
    "TINYINT": whole(8),
    "SMALLINT": whole(16),
    "MEDIUMINT": whole(24),
    "INT": whole(32),
    **_each("BIGINT INT128 INT256", whole(64)),
    "UTINYINT": whole(8, unsigned=True),
    "USMALLINT": whole(16, unsigned=True),
    "UMEDIUMINT": whole(24, unsigned=True),
    "UINT": whole(32, unsigned=True),
    **_each("UBIGINT UINT128 UINT256", whole(64, unsigned=True)),
    "SMALLSERIAL": whole(16, serial=True),
    "SERIAL": whole(32, serial=True),
    "BIGSERIAL": whole(64, serial=True),
    # A decimal without digits holds any number, of which two digits behind the point will do.
    **decimals(14, 2),
    **_each("MONEY SMALLMONEY", plain(Scalar("DECIMAL", 12, 2))),
    "YEAR": lambda kind: ReadType(INTEGER, kind.shown, bits=0),
    **_each("VARCHAR NVARCHAR TEXT TINYTEXT MEDIUMTEXT LONGTEXT XML", sized(STRING)),
    **_each("CHAR NCHAR", sized(STRING, fixed=True, default=1)),
    **_each("BPCHAR FIXEDSTRING", sized(STRING, fixed=True)),
    "NAME": plain(STRING, 63),
    "BINARY": sized(BINARY, fixed=True),
    **_each("VARBINARY BLOB TINYBLOB MEDIUMBLOB LONGBLOB", sized(BINARY)),
    **_each("FLOAT DOUBLE DECFLOAT", plain(DOUBLE)),
    **_each("DATE DATE32", plain(DATE)),
    **_each("DATETIME DATETIME2 DATETIME64 SMALLDATETIME TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ", plain(TIMESTAMP)),
    **_each("TIMESTAMPLTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS", plain(TIMESTAMP)),
    **_each("TIME TIMETZ TIME_NS", plain(TIME)),
    "UUID": plain(UUID),
    **_each("JSON JSONB", plain(JSON)),
}
"""How each type is read, by sqlglot's name of it."""


class Types(Declaration):
    """What a dialect's types mean.

    Attributes:
        sqlglot: sqlglot's name of the dialect; empty for standard SQL.
        types: how each is read, by sqlglot's name of it.
        regex: the syntax of its regular expressions.
        padded_texts: whether blanks that fill up a text of fixed length are seen by patterns.
        named_types: those that sqlglot does not know, by their names in small letters.
    """

    sqlglot: ClassVar[str] = ""
    regex: ClassVar[Flavour] = ECMA
    padded_texts: ClassVar[bool] = False
    types: ClassVar[Mapping[str, Reading]] = TYPES
    named_types: ClassVar[Mapping[str, DataType]] = _NAMED

    def read_type(self, kind: Any) -> ReadType:
        """The type that a text names, or sqlglot's tree of it."""
        if isinstance(kind, str):
            return _of_text(self, kind)
        name = kind.this.value if hasattr(kind.this, "value") else str(kind.this)
        written = WrittenType(name, self.written(kind), tuple(kind.expressions))
        if name in _LISTS:
            return self._list(written)
        reading = self.types.get(name)
        return reading(written) if reading is not None else self._by_name(written)

    def _list(self, kind: WrittenType) -> ReadType:
        inner = self.read_type(kind.arguments[0]) if kind.arguments else ReadType(STRING, "TEXT")
        nested = inner.array or inner.data_type is None
        data_type = None if nested else inner.data_type
        return ReadType(data_type, kind.shown, inner.length, array=True, bits=inner.bits, form=inner.form)

    def _by_name(self, kind: WrittenType) -> ReadType:
        known = self.named_types.get(kind.shown.lower().partition("(")[0])
        return ReadType(known if known is not None else self.unknown_type(kind.shown), kind.shown)

    def unknown_type(self, shown: str) -> DataType | None:  # noqa: ARG002
        """What a type is that has no meaning of its own; None where that is an error."""
        return None

    def standard_type(self, text: str) -> str:
        """A type of the dialect in standard SQL, where sqlglot knows it."""
        return _standard(self.sqlglot, text)

    def written(self, node: exp.Expr) -> str:
        """A tree in the dialect's words."""
        return str(node.sql(dialect=self.sqlglot or None))


def type_tree(text: str, dialect: str = "") -> exp.DataType | None:
    """Sqlglot's tree of a type; None where it cannot read it.

    Args:
        text: the type.
        dialect: sqlglot's name of the text's; empty for standard SQL.
    """
    try:
        return exp.DataType.build(text, dialect=dialect or None, udt=True)
    except (sqlglot.ParseError, sqlglot.TokenError, ValueError, IndexError):
        # An IndexError is how its parser takes vector(3).
        return None


@lru_cache(maxsize=4096)
def _of_text(dialect: Types, text: str) -> ReadType:
    tree = type_tree(text, dialect.sqlglot)
    return dialect.read_type(tree) if tree is not None else ReadType(dialect.unknown_type(text), text)


@lru_cache(maxsize=4096)
def _standard(dialect: str, text: str) -> str:
    tree = type_tree(text, dialect)
    return str(tree.sql()) if tree is not None else text
