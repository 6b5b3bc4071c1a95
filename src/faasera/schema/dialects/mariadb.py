"""MariaDB and MySQL: the definitions that they print, their types, their words."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from sqlglot import exp
from typing_extensions import override

from faasera.core.errors import PolicyError
from faasera.core.types import BINARY, BOOLEAN, STRING, DataType
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, Structure
from faasera.generators.regex.flavours import PERL, Flavour
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.expressions import Function, named
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.parts import rows_of
from faasera.schema.dialects.questions import Kind, Rewrite, bare, inside, is_date, truth_number
from faasera.schema.dialects.scripts.reader import DdlReader
from faasera.schema.dialects.types import Reading, ReadType, WrittenType, decimals, sized, whole

_TABLES = "SELECT table_name, table_type, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
_TABLE_KINDS = ("BASE TABLE", "SYSTEM VERSIONED")
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

    @override
    def read(self, database: Database) -> Structure:
        found = list(rows_of(database, _TABLES, _TableRow))
        statistics = {row.name: int(row.rows or 0) for row in found if row.kind in _TABLE_KINDS}
        reader = DdlReader(self)
        for name, text in _definitions(database, sorted(statistics)):
            # A table that cannot be read is named below.
            with contextlib.suppress(PolicyError):
                reader.read(_readable(text), name)
        reader.read(";", "")
        tables = {name: replace(table, rows=statistics.get(name)) for name, table in reader.tables.items()}
        lost = [f"the table {name} cannot be read" for name in statistics if name not in tables]
        views = len(found) - len(statistics)
        return Structure(str(database.connection), self.name, tables, views, (*reader.unread, *lost))

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
        return f"(CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin)" if data_type.is_text else name


class _TableRow(NamedTuple):
    name: str
    kind: str
    rows: int | None


def _definitions(database: Database, names: list[str]) -> Iterator[tuple[str, str]]:
    """Tables with the statements that the server prints for them."""
    for name in names:
        yield name, str(database.query(f"SHOW CREATE TABLE {database.quote(name)}")[0][1])


def _readable(text: str) -> str:
    """A definition without what no parser needs: indexes that are not unique, and partitions."""
    kept = [line for line in text.splitlines() if not re.match(r"\s*(FULLTEXT |SPATIAL )?KEY\s|\s*PERIOD FOR ", line)]
    joined = re.sub(r",(\s*\n\))", r"\1", "\n".join(kept))
    # sqlglot does not know MariaDB's own types of addresses.
    joined = re.sub(r"(?m)^(\s*`[^`]+`) inet[46]\b", r"\1 inet", joined)
    return re.sub(r"(?ms)^\)(.*?)\n? PARTITION BY .*", r")\1", joined)


MARIADB = DIALECTS.add(MariaDB("mysql", "MySQL and MariaDB.", "CREATE TABLE `a` (`id` int PRIMARY KEY AUTO_INCREMENT)"))
