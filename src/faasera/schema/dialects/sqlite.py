"""SQLite: its pragmas, its types by affinity, its words."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

import sqlglot
from sqlglot import exp
from typing_extensions import override

from faasera.core.errors import RunError
from faasera.core.types import BIGINT, BINARY, DOUBLE, STRING, DataType, Scalar
from faasera.databases.base import Database
from faasera.databases.structure import (
    CheckConstraint,
    ColumnStructure,
    ForeignKeyStructure,
    Structure,
    Trigger,
    UniqueKey,
)
from faasera.generators.regex.flavours import PYTHON, Flavour
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.expressions import DATE_PARTS, Function
from faasera.schema.dialects.indexes import index_columns
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.parts import TableParts, by_name, rows_of
from faasera.schema.dialects.questions import Kind, Rewrite, bare, inside, is_date, renamed, truth_number
from faasera.schema.dialects.scripts.reader import short
from faasera.schema.dialects.types import Reading, ReadType, WrittenType
from faasera.schema.dialects.unsayable import UnsayableError

_TABLES = "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
_TRIGGERS = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL ORDER BY rowid"
_TRIGGER = re.compile(
    r"\bTRIGGER\b.*?\b(?:(?P<timing>BEFORE|AFTER|INSTEAD\s+OF)\s+)?(?P<event>INSERT|UPDATE|DELETE)\b[^;]*?\bON\b.*?\bBEGIN\b\s*(?P<action>.*?)\s*\bEND\b",
    re.I | re.S,
)
_VIRTUAL = "the virtual tables of SQLite"
_SHADOWS = ("content", "data", "docsize", "idx", "config", "segments", "segdir", "stat", "node", "parent", "rowid")
"""What the tables of SQLite's own modules are called behind the name of theirs."""
_AFFINITIES: tuple[tuple[tuple[str, ...], DataType], ...] = (
    (("INT",), BIGINT),
    (("CHAR", "CLOB", "TEXT"), STRING),
    (("BLOB",), BINARY),
    (("REAL", "FLOA", "DOUB"), DOUBLE),
)
_MOMENTS = (Kind.TIMESTAMP, Kind.TIMESTAMPNTZ, Kind.DATETIME)
_DURATIONS = ("days", "months", "seconds", "hours", "minutes")
_UNSAID = ("matches", *DATE_PARTS)


def _integer(kind: WrittenType) -> ReadType:
    return ReadType(BIGINT, kind.shown, bits=64)


def _day_of_week(*_: Any) -> Any:
    raise UnsayableError("SQLite counts days of the week otherwise")


def _text(_: Any, node: exp.Cast) -> exp.Expr:
    if not isinstance(node.this, exp.Literal):
        raise UnsayableError("SQLite writes values otherwise")
    return node


def _sum(_: Any, node: exp.Sum) -> exp.Expr:
    """SQLite adds decimals as floating-point numbers."""
    return exp.Anonymous(this="round", expressions=[exp.Sum(this=node.this), exp.Literal.number(6)])


def _moved(_: Any, node: exp.Expr) -> exp.Expr:
    """Dates of SQLite are texts, which its own functions move."""
    right = node.expression
    if isinstance(right, exp.Literal) and right.is_string and right.name.endswith(_DURATIONS):
        sign = "-" if isinstance(node, exp.Sub) else "+"
        moved = exp.Literal.string(right.name if right.name.startswith("-") else f"{sign}{right.name}")
        return exp.Anonymous(this="datetime", expressions=[node.this, moved])
    return node


def _difference(dialect: Any, node: exp.Sub) -> exp.Expr:
    """The days between two dates, or a date moved back."""
    if not is_date(node.expression):
        return _moved(dialect, node)
    days = [exp.Anonymous(this="julianday", expressions=[one]) for one in (node.this, node.expression)]
    return exp.Cast(this=exp.Paren(this=exp.Sub(this=days[0], expression=days[1])), to=exp.DataType.build("INT"))


class SQLite(Dialect):
    """What SQLite says."""

    sqlglot: ClassVar[str] = "sqlite"
    label: ClassVar[str] = "SQLite"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(
        r"\bAUTOINCREMENT\b|\bWITHOUT ROWID\b|\bSTRICT\s*;|\bPRAGMA\b|\bsqlite_\w+|\bUSING fts[345]\b|\bstrftime\(|\bON CONFLICT (REPLACE|IGNORE|ABORT)\b|"
        r"\bCREATE VIRTUAL TABLE\b|\bBEGIN TRANSACTION;",
        re.I,
    )
    schema: ClassVar[str] = "main"
    lexis: ClassVar[Lexis] = Lexis(brackets=True)
    untyped_columns: ClassVar[bool] = True
    numbered_integer_keys: ClassVar[bool] = True
    types: ClassVar[Mapping[str, Reading]] = {
        **Dialect.types,
        **dict.fromkeys(("INT", "BIGINT", "UBIGINT"), _integer),
    }
    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "TEXT", "INTEGER": "INTEGER", "BIGINT": "INTEGER", "DOUBLE": "REAL", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP", "TIME": "TIME", "UUID": "TEXT", "JSON": "TEXT", "BINARY": "BLOB", "DECIMAL": "DECIMAL({p},{s})",
    }  # fmt: skip
    typed: ClassVar[bool] = False
    index_for_references: ClassVar[bool] = True
    functions: ClassVar[Mapping[str, Function]] = {
        name: make for name, make in Dialect.functions.items() if name not in _UNSAID
    }
    quoted_texts: ClassVar[bool] = True
    folded_likes: ClassVar[bool] = True
    regex: ClassVar[Flavour] = PYTHON
    rewrites: ClassVar[Mapping[type[Any], Rewrite]] = {
        **Dialect.rewrites,
        exp.Add: _moved,
        exp.Sub: _difference,
        exp.Sum: _sum,
    }
    calls: ClassVar[Mapping[str, Rewrite]] = {
        **Dialect.calls,
        "isodow": _day_of_week,
        "strlen": renamed("length"),
        "octet_length": renamed("length"),
    }
    casts: ClassVar[Mapping[Any, Rewrite]] = {
        **dict.fromkeys((Kind.INT128, Kind.TIME), bare),
        **dict.fromkeys(_MOMENTS, inside("datetime")),
        **dict.fromkeys((Kind.TEXT, Kind.VARCHAR), _text),
        Kind.DATE: inside("date"),
        Kind.BOOLEAN: truth_number,
    }
    unsaid: ClassVar[tuple[type[Any], ...]] = (exp.Values, exp.Year, exp.Month, exp.Day, exp.Left, exp.Right)

    @override
    def unknown_type(self, shown: str) -> DataType | None:
        """By affinity, as SQLite takes types that it does not know (https://www.sqlite.org/datatype3.html, 3.1)."""
        upper = shown.upper()
        known = next((made for words, made in _AFFINITIES if any(word in upper for word in words)), None)
        return known or (Scalar("DECIMAL", 14, 2) if upper else STRING)

    @override
    def read(self, database: Database) -> Structure:
        found = list(rows_of(database, _TABLES, _TableRow))
        reserved = _reserved(database, found)
        tables = [_table(database, row, self) for row in found if row.kind == "table" and row.name not in reserved]
        statistics = _statistics(database)
        folded = {table.name.casefold(): table for table in tables}
        for table in tables:
            table.rows = statistics.get(table.name)
            table.foreign_keys = [_resolved(key, folded.get(key.table.casefold())) for key in table.foreign_keys]
        for row in rows_of(database, _TRIGGERS, _TriggerRow):
            if row.table.casefold() in folded:
                folded[row.table.casefold()].triggers.append(row.trigger())
        views = sum(row.kind == "view" for row in found)
        return Structure(str(database.connection), self.name, by_name(tables), views, reserved=reserved)

    @override
    def enclosing(self, database: Database, comment: str) -> tuple[str, str]:
        return f"( /* {comment.replace('*/', '')} */", ")"

    @override
    def duration(self, number: str, unit: str) -> exp.Expr:
        return exp.Literal.string(f"{number} {unit.lower()}s")

    @override
    def matching(self, text: exp.Expr, pattern: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="regexp", expressions=[pattern, text])


class _TableRow(NamedTuple):
    name: str
    kind: str
    sql: str | None

    @property
    def virtual(self) -> bool:
        """Whether a module of SQLite keeps its rows."""
        return re.match(r"\s*CREATE\s+VIRTUAL", self.sql or "", re.I) is not None


class _TriggerRow(NamedTuple):
    table: str
    name: str
    sql: str

    def trigger(self) -> Trigger:
        """As structures have it."""
        found = _TRIGGER.search(self.sql)
        if found is None:
            return Trigger(self.name, "AFTER", ("INSERT",), short(self.sql))
        timing = " ".join((found["timing"] or "BEFORE").upper().split())
        return Trigger(self.name, timing, (found["event"].upper(),), short(found["action"]))


def _reserved(database: Database, found: Sequence[_TableRow]) -> dict[str, str]:
    """Virtual tables, whose rows a module keeps, and the tables in which it keeps them."""
    virtual = [row.name for row in found if row.virtual]
    shadows: set[str] = set()
    # Older versions of SQLite cannot tell.
    with contextlib.suppress(RunError):
        shadows = {str(name) for (name,) in database.query("SELECT name FROM pragma_table_list WHERE type = 'shadow'")}
    made = dict.fromkeys(virtual, _VIRTUAL)
    for row in found:
        owner = row.name.rpartition("_")[0]
        if row.name in shadows or (owner in virtual and row.name[len(owner) + 1 :].lower() in _SHADOWS):
            made[row.name] = _VIRTUAL
    return made


class _ColumnRow(NamedTuple):
    name: str
    type: str
    required: int
    default: str | None
    key: int
    hidden: int


class _IndexRow(NamedTuple):
    name: str
    origin: str
    partial: int


class _ReferenceRow(NamedTuple):
    number: int
    place: int
    parent: str
    own: str
    other: str | None


def _table(database: Database, row: _TableRow, dialect: Dialect) -> TableParts:
    made = TableParts(row.name, checks=list(_checks(row.sql or "", dialect)))
    _read_columns(database, made, dialect)
    _read_indexes(database, made, dialect)
    _read_references(database, made)
    return made


def _read_columns(database: Database, made: TableParts, dialect: Dialect) -> None:
    shown = database.text(made.name)
    asked = f'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo({shown})'
    rows = [row for row in rows_of(database, asked, _ColumnRow) if row.hidden != 1]
    made.primary_key = tuple(row.name for row in sorted(rows, key=lambda row: row.key) if row.key)
    made.columns = [_column(row, made.primary_key, dialect) for row in rows]


def _column(row: _ColumnRow, primary_key: tuple[str, ...], dialect: Dialect) -> ColumnStructure:
    read = dialect.read_type(row.type or "TEXT")
    return ColumnStructure(
        row.name,
        row.type,
        read.data_type,
        read.length,
        nullable=not row.required and not row.key,
        default=row.default,
        generated=row.hidden in (2, 3),
        identity=primary_key == (row.name,) and row.type.upper() == "INTEGER",
        values=read.values,
    )


def _read_indexes(database: Database, made: TableParts, dialect: Dialect) -> None:
    shown = database.text(made.name)
    asked = f"SELECT name, origin, partial FROM pragma_index_list({shown}) WHERE \"unique\" AND origin <> 'pk' ORDER BY seq DESC"
    for row in rows_of(database, asked, _IndexRow):
        name = database.text(row.name)
        columns = [found for (found,) in database.query(f"SELECT name FROM pragma_index_info({name}) ORDER BY seqno")]
        definition = database.query(f"SELECT sql FROM sqlite_master WHERE type = 'index' AND name = {name}")
        text = (definition[0][0] if definition else "") or ""
        if None in columns:
            columns = list(index_columns(text, dialect) or ())
        if not columns:
            made.unread.append(f"a unique index over an expression: {text}")
            continue
        where = re.split(r"(?i)\bWHERE\b", text, maxsplit=1)[1].strip() if row.partial else None
        made.unique_keys.append(UniqueKey(tuple(columns), row.name if row.origin == "c" else "", where))


def _read_references(database: Database, made: TableParts) -> None:
    """The foreign keys, which SQLite tells last to first."""
    shown = database.text(made.name)
    asked = f'SELECT id, seq, "table", "from", "to" FROM pragma_foreign_key_list({shown}) ORDER BY id DESC, seq'
    for _, group in groupby(rows_of(database, asked, _ReferenceRow), key=lambda row: row.number):
        rows = list(group)
        references = tuple(row.other for row in rows if row.other is not None)
        made.foreign_keys.append(ForeignKeyStructure(tuple(row.own for row in rows), rows[0].parent, references))


def _resolved(key: ForeignKeyStructure, parent: TableParts | None) -> ForeignKeyStructure:
    """A foreign key with the parent's name in its case, and its primary key where no columns are named."""
    if parent is None:
        return key
    return replace(key, table=parent.name, references=key.references or parent.primary_key)


def _statistics(database: Database) -> Mapping[str, int]:
    """Numbers of rows that ANALYZE left."""
    if not database.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"):
        return {}
    found = database.query("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL")
    return {name: int(str(text).split()[0]) for name, text in found}


def _checks(sql: str, dialect: Dialect) -> Iterator[CheckConstraint]:
    """The CHECK constraints of a definition, by its words alone, so that nothing else of it needs to be understood."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect.sqlglot)
    except sqlglot.TokenError:
        return
    for place, token in enumerate(tokens[:-1]):
        if token.text.upper() != "CHECK" or tokens[place + 1].text != "(":
            continue
        end = _closing(tokens, place + 1)
        named = place >= 2 and tokens[place - 2].text.upper() == "CONSTRAINT"
        text = sql[tokens[place + 1].end + 1 : tokens[min(end, len(tokens) - 1)].start].strip()
        yield CheckConstraint(text, tokens[place - 1].text if named else "")


def _closing(tokens: list[Any], start: int) -> int:
    """Where the parenthesis that opens at a place is closed."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[place].text, 0)
        if not depth:
            return place
    return len(tokens)


SQLITE = DIALECTS.add(SQLite("sqlite", "SQLite.", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT)"))
