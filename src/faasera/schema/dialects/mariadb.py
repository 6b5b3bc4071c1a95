"""MariaDB and MySQL: the definitions that they print, their types, their words."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlglot import exp
from typing_extensions import override

from faasera.core.types import BIGINT, BINARY, BOOLEAN, DOUBLE, MOST_DIGITS, STRING, DataType, Scalar
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, Structure, TextForm
from faasera.generators.regex.flavours import PERL, Flavour
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.expressions import Function, named
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.mariadb_catalog import read_catalog
from faasera.schema.dialects.questions import Kind, Rewrite, bare, inside, is_date, truth_number
from faasera.schema.dialects.text_forms import shape_form
from faasera.schema.dialects.types import Reading, ReadType, WrittenType, decimals, sized, whole

_ZEROS = re.compile(r"\s+zerofill\b", re.I)
_TYPE = re.compile(r"(?P<name>\w+)(?:\s+precision)?\s*(?:\((?P<given>[^)]*)\))?", re.I)
_WIDTH = re.compile(r"\b(\w*int)\(\d+\)", re.I)
_FLOATS = ("float", "double", "real")
_SHAPES = {
    **{name: name for name in ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection")},
    "geometry": "point", "geomcollection": "geometrycollection",
}  # fmt: skip
_ADDRESSES = {
    "inet4": TextForm("inet4", wide=r"10\.[1-9][0-9]\.[1-9][0-9]\.[1-9][0-9]", semantic="ip-address"),
    "inet6": TextForm("inet6", "2001:db8:[1-9a-f][0-9a-f]{3}:[1-9a-f][0-9a-f]{3}::1"),
}
_LONGEST_VARCHAR = 1000
_KEY_LENGTH = 255
_WITHOUT_CAST = (Kind.INT, Kind.BIGINT, Kind.TIME)
_MOMENTS = (Kind.TIMESTAMP, Kind.TIMESTAMPNTZ, Kind.DATETIME)


def _tiny(kind: WrittenType) -> ReadType:
    """A number of one digit is how truth values are stored."""
    return ReadType(BOOLEAN, kind.shown) if kind.number(0) == 1 else whole(8)(kind)


def _found(text: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    """Whether a regular expression is found; MariaDB has no REGEXP_LIKE."""
    place = exp.Anonymous(this="REGEXP_INSTR", expressions=[text, pattern])
    return exp.Paren(this=exp.GT(this=place, expression=exp.Literal.number(0)))


def _weekday(_: Any, node: exp.Anonymous) -> exp.Expr:
    day = exp.Anonymous(this="WEEKDAY", expressions=[node.expressions[0]])
    return exp.Add(this=day, expression=exp.Literal.number(1))


def _difference(_: Any, node: exp.Sub) -> exp.Expr:
    """The days between two dates."""
    if is_date(node.expression):
        return exp.Anonymous(this="DATEDIFF", expressions=[node.this, node.expression])
    return node


def _text(_: Any, node: exp.Cast) -> exp.Expr:
    return node.this if isinstance(node.this, exp.Literal) else node


class MariaDB(Dialect):
    """What MariaDB and MySQL say."""

    sqlglot: ClassVar[str] = "mysql"
    label: ClassVar[str] = "MySQL, MariaDB"
    lexis: ClassVar[Lexis] = Lexis(backslashes=True, hashes=True, conditional=True)
    marks: ClassVar[re.Pattern[str] | None] = re.compile(
        r"`|\bAUTO_INCREMENT\b|\bENGINE\s*=|/\*!\d{5}|\bint\(\d+\)|\bunsigned\b|\bCHARSET\b|\bCOLLATE\s*=?\s*utf8|\bON UPDATE CURRENT_TIMESTAMP\b|"
        r"\b(medium|long)(text|blob)\b|\btinyint\(1\)|\bUNLOCK TABLES\b|\bFOREIGN_KEY_CHECKS\b",
        re.I,
    )
    types: ClassVar[Mapping[str, Reading]] = {
        **Dialect.types,
        **decimals(10, 0),
        "TINYINT": _tiny,
        "BINARY": sized(BINARY, fixed=True, default=1),
    }
    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "longtext", "INTEGER": "int", "BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "datetime(6)", "TIME": "time(6)", "UUID": "char(36)", "JSON": "json", "BINARY": "longblob", "DECIMAL": "decimal({p},{s})",
    }  # fmt: skip
    enumeration_type: ClassVar[bool] = True
    unsized_types: ClassVar[bool] = False
    primary_key_with_table: ClassVar[bool] = True
    functions: ClassVar[Mapping[str, Function]] = {
        **Dialect.functions,
        "length": named("CHAR_LENGTH"),
        "matches": _found,
        "integer": lambda number: exp.cast(number, "SIGNED", dialect="mysql"),
    }
    quoted_texts: ClassVar[bool] = True
    folded_likes: ClassVar[bool] = True
    folded_patterns: ClassVar[bool] = True
    regex: ClassVar[Flavour] = PERL
    like_escape: ClassVar[str] = "\\"
    rewrites: ClassVar[Mapping[type[Any], Rewrite]] = {
        **Dialect.rewrites,
        exp.Length: inside("CHAR_LENGTH"),
        exp.Sub: _difference,
    }
    calls: ClassVar[Mapping[str, Rewrite]] = {**Dialect.calls, "isodow": _weekday}
    casts: ClassVar[Mapping[Any, Rewrite]] = {
        **Dialect.casts,
        **dict.fromkeys(_WITHOUT_CAST, bare),
        **dict.fromkeys(_MOMENTS, inside("TIMESTAMP")),
        **dict.fromkeys((Kind.TEXT, Kind.VARCHAR), _text),
        Kind.BOOLEAN: truth_number,
    }
    unsaid: ClassVar[tuple[type[Any], ...]] = (exp.Values,)
    # MariaDB's name; MySQL joins by hashes of itself.
    settings: ClassVar[tuple[str, ...]] = ("SET SESSION join_cache_level = 8",)
    keys_as_stored: ClassVar[bool] = True
    most_digits: ClassVar[tuple[int, int]] = (65, 30)

    @override
    def read(self, database: Database) -> Structure:
        return read_catalog(database, self, self.name)

    @override
    def read_type(self, kind: Any) -> ReadType:
        text = _ZEROS.sub("", kind if isinstance(kind, str) else self.written(kind)).strip()
        found = _TYPE.match(text)
        name, given = (found["name"].lower(), found["given"] or "") if found else ("", "")
        if name == "bit":
            bits = int(given or 1)
            return (
                ReadType(BOOLEAN, text, bits=1)
                if bits == 1
                else ReadType(BIGINT, text, unsigned=True, bits=min(bits, 63))
            )
        if name in _FLOATS:
            digits, _, scale = given.partition(",")
            # Of these, numbers have digits as decimals have them.
            exact = scale.isdigit() and int(digits) <= MOST_DIGITS
            made = Scalar("DECIMAL", int(digits), int(scale)) if exact else DOUBLE
            return ReadType(made, text, unsigned=text.lower().endswith("unsigned"))
        if name in _SHAPES:
            return ReadType(STRING, text, form=shape_form(text, _SHAPES.get(name, name).upper()))
        if name in _ADDRESSES:
            return ReadType(STRING, text, form=_ADDRESSES[name])
        return super().read_type(text if isinstance(kind, str) else kind)

    @override
    def standard_type(self, text: str) -> str:
        # How wide a number is shown is no part of its type.
        shown = _WIDTH.sub(r"\1", _ZEROS.sub("", text))
        return super().standard_type("boolean" if text.lower() == "tinyint(1)" else shown)

    @override
    def column_type(self, data_type: DataType, length: int | None, *, keyed: bool) -> str:
        if data_type == STRING and length is not None and length <= _LONGEST_VARCHAR:
            return f"varchar({max(length, 1)})"
        if data_type == STRING and keyed:
            return f"varchar({_KEY_LENGTH})"
        return super().column_type(data_type, length, keyed=keyed)

    @override
    def enclosing(self, database: Database, comment: str) -> tuple[str, str]:
        return "(", f") CHARACTER SET utf8mb4 COMMENT = {database.text(comment)}"

    @override
    def duration(self, number: str, unit: str) -> exp.Expr:
        return exp.Interval(this=exp.Literal.number(number), unit=exp.var(unit))

    @override
    def matching(self, text: exp.Expr, pattern: exp.Expr) -> exp.Expr:
        return _found(text, pattern)

    @override
    def comparable(self, database: Database, column: ColumnStructure, data_type: DataType) -> str:
        name = database.quote(column.name)
        if column.type.lower().startswith("bit"):
            return f"CAST({name} AS UNSIGNED)"
        return self._printed(column, name) if data_type.is_text else name

    @override
    def printed(self, column: ColumnStructure, value: str) -> str | None:
        if column.form is None:
            return None
        shape = column.type.partition("(")[0].lower() in _SHAPES
        return self._printed(column, f"ST_GeomFromText({value})" if shape else f"CAST({value} AS {column.type})")

    def _printed(self, column: ColumnStructure, value: str) -> str:
        if column.type.partition("(")[0].lower() in _SHAPES:
            value = f"ST_AsText({value})"
        elif column.form is not None:
            value = f"CAST({value} AS CHAR)"
        return f"(CONVERT({value} USING utf8mb4) COLLATE utf8mb4_bin)"


MARIADB = DIALECTS.add(MariaDB("mysql", "MySQL and MariaDB.", "CREATE TABLE `a` (`id` int PRIMARY KEY AUTO_INCREMENT)"))
