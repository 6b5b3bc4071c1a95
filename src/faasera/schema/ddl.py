"""Tables from the text of DDL, by sqlglot: of the four dialects, and of standard SQL."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.core.types import JSON
from faasera.databases.structure import CheckConstraint, Column, ForeignKey, Structure, Table, UniqueKey
from faasera.schema.types import ReadType, read_type

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "")
_DOMAIN = re.compile(r"^\s*CREATE\s+DOMAIN\s+(?P<name>\"[^\"]+\"|[\w.]+)\s+(?:AS\s+)?(?P<rest>.+)$", re.I | re.S)
_HINTS = (
    ("mysql", re.compile(r"`|\bAUTO_INCREMENT\b|\bENGINE\s*=", re.I)),
    (
        "postgres",
        re.compile(r"\b(big|small)?serial\b|::|\bCREATE TYPE\b|\bCREATE DOMAIN\b|\bjsonb\b|\btimestamptz\b", re.I),
    ),
    ("sqlite", re.compile(r"\bAUTOINCREMENT\b|\bWITHOUT ROWID\b|\bSTRICT\s*;", re.I)),
    ("duckdb", re.compile(r"\bHUGEINT\b|\bSTRUCT\s*\(|\bUTINYINT\b|\bVARCHAR\[\]", re.I)),
)
_JSON = re.compile(r"^\(?\s*JSON_VALID\([`\"]?([^`\"()]+)[`\"]?\)\s*\)?$", re.I)
"""How MariaDB keeps that a column is JSON."""
_DEFAULT_SCHEMAS = {"postgres": "public", "duckdb": "main", "sqlite": "main", "mysql": "", "": ""}


def guess_dialect(text: str) -> str:
    """The dialect that a text of DDL looks like; empty for standard SQL."""
    return next((dialect for dialect, marks in _HINTS if marks.search(text)), "")


def read_ddl(text: str, source: str, dialect: str | None = None) -> Structure:
    """The tables that statements define.

    Args:
        text: statements; what defines no table is passed over.
        source: for messages.
        dialect: one of ``DIALECTS``; None to look at the text.

    Raises:
        PolicyError: the text cannot be read as SQL at all.
    """
    reader = DdlReader(guess_dialect(text) if dialect is None else dialect)
    reader.read(text, source)
    return Structure(source, reader.dialect, reader.tables, reader.views, tuple(reader.unread))


class DdlReader:
    """Statement by statement.

    Attributes:
        dialect: of the text.
        tables: found so far.
        views: how many.
        unread: what could not be understood.
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.tables: dict[str, Table] = {}
        self.views = 0
        self.unread: list[str] = []
        self._enums: dict[str, tuple[str, ...]] = {}
        self._domains: dict[str, Column] = {}
        self._domain_checks: dict[str, list[CheckConstraint]] = {}

    def read(self, text: str, source: str) -> None:
        """Read statements, one that cannot be read after the other left out."""
        for statement in self._statements(text, source):
            self._statement(statement)
        self._resolve_references()

    def _statements(self, text: str, source: str) -> Iterator[Any]:
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
        try:
            tokens = sqlglot.tokenize(text, read=self.dialect or None)
        except sqlglot.TokenError as error:
            raise PolicyError([_unreadable(source, error)]) from None
        pieces, start = [], None
        for token in tokens:
            start = token.start if start is None else start
            if token.token_type == sqlglot.TokenType.SEMICOLON:
                pieces.append(text[start : token.start])
                start = None
        if start is not None:
            pieces.append(text[start:])
        failed: sqlglot.ParseError | None = None
        read = 0
        for piece in pieces:
            domain = _DOMAIN.match(piece)
            if domain:
                self._domain(domain["name"].strip('"'), domain["rest"])
                continue
            try:
                for statement in sqlglot.parse(piece, read=self.dialect or None):
                    if statement is not None:
                        read += 1
                        yield statement
            except sqlglot.ParseError as error:
                failed = failed or error
                if re.match(r"\s*CREATE\s+(TEMP\w*\s+)?TABLE|\s*ALTER\s+TABLE", piece, re.I):
                    self.unread.append(f"a statement cannot be read: {_short(piece)}")
            except RecursionError:
                message = f"{source} is nested too deeply: {_short(piece)}"
                refuse("sql-syntax", message, "Flatten it.")
        if failed is not None and not read:
            raise PolicyError([_unreadable(source, failed)])

    def _statement(self, statement: Any) -> None:
        if isinstance(statement, exp.Create):
            kind = str(statement.args.get("kind") or "").upper()
            if kind == "TABLE" and isinstance(statement.this, exp.Schema):
                self._table(statement)
            elif kind == "VIEW":
                self.views += 1
            elif kind == "TYPE":
                self._type(statement)
            elif kind == "INDEX":
                self._index(statement)
        elif isinstance(statement, exp.Alter):
            self._alter(statement)
        elif isinstance(statement, exp.Comment):
            self._comment(statement)
        elif isinstance(statement, exp.Command) and re.match(r"ALTER\s+TABLE", statement.sql(), re.I):
            self.unread.append(f"a statement cannot be read: {_short(statement.sql())}")

    # names

    def table_name(self, table: Any) -> str:
        """A table's name, with its schema where that is not the default one."""
        if isinstance(table, exp.Schema):
            table = table.this
        schema = table.db if isinstance(table, exp.Table) else ""
        default = _DEFAULT_SCHEMAS.get(self.dialect, "")
        return f"{schema}.{table.name}" if schema and schema.lower() != default else str(table.name)

    # statements

    def _table(self, statement: exp.Create) -> None:
        name = self.table_name(statement.this)
        made = TableReader(self, name)
        for part in statement.this.expressions:
            made.part(part)
        comment = statement.find(exp.SchemaCommentProperty)
        self.tables[name] = made.table(comment.this.name if comment is not None else None)

    def _type(self, statement: exp.Create) -> None:
        found = statement.find(exp.DataType)
        if found is not None and found.this == exp.DataType.Type.ENUM:
            values = tuple(str(one.this) for one in found.expressions)
            self._enums[statement.this.sql().strip('"').rpartition(".")[2].strip('"').lower()] = values

    def _domain(self, name: str, rest: str) -> None:
        """A domain, read as a table of one column named VALUE."""
        try:
            made = sqlglot.parse_one(f"CREATE TABLE d (VALUE {rest})", read=self.dialect or None)
        except sqlglot.ParseError:
            self.unread.append(f"the domain {name} cannot be read")
            return
        reader = TableReader(self, name)
        for part in made.this.expressions:
            reader.part(part)
        key = name.rpartition(".")[2].strip('"').lower()
        self._domains[key] = reader.columns[0]
        self._domain_checks[key] = reader.checks

    def _index(self, statement: exp.Create) -> None:
        index = statement.this
        table = index.args.get("table")
        if not statement.args.get("unique") or table is None:
            return
        name = self.table_name(table)
        parameters = index.args.get("params")
        columns = [index_column(one) for one in (parameters.args.get("columns") or [])] if parameters else []
        where = parameters.args.get("where") if parameters else None
        shown = _short(statement.sql(dialect=self.dialect or None))
        if name not in self.tables:
            return
        if not columns or None in columns:
            self._note(name, f"a unique index over an expression: {shown}")
            return
        condition = where.this.sql(dialect=self.dialect or None) if where is not None else None
        key = UniqueKey(tuple(str(one) for one in columns), index.name, condition)
        self.tables[name] = replace(self.tables[name], unique_keys=(*self.tables[name].unique_keys, key))

    def _note(self, table: str, text: str) -> None:
        self.tables[table] = replace(self.tables[table], unread=(*self.tables[table].unread, text))

    def _alter(self, statement: exp.Alter) -> None:
        name = self.table_name(statement.this)
        if name not in self.tables:
            return
        table = self.tables[name]
        made = TableReader(self, name, table)
        for action in statement.args.get("actions") or []:
            for part in action.expressions if isinstance(action, exp.AddConstraint) else [action]:
                made.part(part)
        self.tables[name] = made.table(table.comment)

    def _comment(self, statement: exp.Comment) -> None:
        text = statement.expression.name
        if statement.args.get("kind") == "TABLE":
            name = self.table_name(statement.this)
            if name in self.tables:
                self.tables[name] = replace(self.tables[name], comment=text)
        elif statement.args.get("kind") == "COLUMN" and isinstance(statement.this, exp.Column):
            column = statement.this
            name = self.table_name(exp.table_(column.table, db=column.db or None))
            if name in self.tables:
                table = self.tables[name]
                columns = tuple(replace(one, comment=text) if one.name == column.name else one for one in table.columns)
                self.tables[name] = replace(table, columns=columns)

    def _resolve_references(self) -> None:
        """Foreign keys that name no columns refer to the primary key; names are those of the tables, in their case."""
        folded = {name.casefold(): name for name in self.tables}
        for name, table in self.tables.items():
            keys = []
            for key in table.foreign_keys:
                parent = self.tables.get(folded.get(key.table.casefold(), ""))
                if parent is None:
                    keys.append(key)
                    continue
                known = {column.name.casefold(): column.name for column in parent.columns}
                columns = tuple(known.get(one.casefold(), one) for one in key.references) or parent.primary_key
                keys.append(replace(key, table=parent.name, references=columns))
            self.tables[name] = replace(table, foreign_keys=tuple(keys))

    # types

    def column_type(self, kind: Any) -> tuple[ReadType, list[CheckConstraint], Column | None]:
        """A column's type; of a domain, the base type with the domain's checks and the column that stands for it."""
        if kind is None:
            return read_type("TEXT", "sqlite") if self.dialect == "sqlite" else ReadType(None, ""), [], None
        text = kind.sql(dialect=self.dialect or None) if hasattr(kind, "sql") else str(kind)
        array = text.endswith("[]")
        key = text.removesuffix("[]").rpartition(".")[2].strip('"').lower()
        if key in self._enums:
            values = self._enums[key]
            length = max(map(len, values), default=None)
            return replace(read_type("TEXT", ""), shown=text, length=length, values=values, array=array), [], None
        if key in self._domains and not array:
            domain = self._domains[key]
            base = read_type(domain.type, self.dialect)
            return replace(base, values=domain.values, shown=domain.type), self._domain_checks[key], domain
        return read_type(kind if isinstance(kind, exp.DataType) else text, self.dialect), [], None


class TableReader:
    """The parts of one table."""

    def __init__(self, reader: DdlReader, name: str, table: Table | None = None) -> None:
        self.reader = reader
        self.name = name
        self.columns = list(table.columns) if table else list[Column]()
        self.primary_key = table.primary_key if table else ()
        self.unique_keys = list(table.unique_keys) if table else list[UniqueKey]()
        self.foreign_keys = list(table.foreign_keys) if table else list[ForeignKey]()
        self.checks = list(table.checks) if table else list[CheckConstraint]()
        self.unread = list(table.unread) if table else list[str]()

    def table(self, comment: str | None) -> Table:
        """What was read."""
        keyed = tuple(
            replace(column, nullable=False) if column.name in self.primary_key else column for column in self.columns
        )
        json = {match[1] for check in self.checks if (match := _JSON.match(check.sql))}
        keyed = tuple(
            replace(one, data_type=JSON, type="JSON", length=None) if one.name in json else one for one in keyed
        )
        self.checks = [check for check in self.checks if not _JSON.match(check.sql)]
        return Table(
            self.name,
            keyed,
            self.primary_key,
            tuple(self.unique_keys),
            tuple(self.foreign_keys),
            tuple(self.checks),
            None,
            comment,
            tuple(self.unread),
        )

    def _sql(self, node: Any) -> str:
        return str(node.sql(dialect=self.reader.dialect or None))

    def part(self, part: Any, name: str = "") -> None:
        """A column or a constraint."""
        if isinstance(part, exp.ColumnDef):
            self._column(part)
        elif isinstance(part, exp.Identifier) and self.reader.dialect == "sqlite":
            # SQLite's columns need no type.
            self._column(exp.ColumnDef(this=part))
        elif isinstance(part, exp.Constraint):
            for one in part.expressions:
                self.part(one, part.name)
            options = " ".join(self._sql(one) for one in part.expressions[1:]).upper()
            if "DEFERRABLE" in options and "NOT DEFERRABLE" not in options and self.foreign_keys:
                self.foreign_keys[-1] = replace(self.foreign_keys[-1], deferrable=True)
        elif isinstance(part, exp.PrimaryKey):
            self.primary_key = self._names(part.expressions)
        elif isinstance(part, exp.PrimaryKeyColumnConstraint) and isinstance(part.this, exp.Schema):
            self.primary_key = self._names(part.this.expressions)
        elif isinstance(part, exp.UniqueColumnConstraint):
            self._unique(part, name)
        elif isinstance(part, exp.ForeignKey):
            reference = part.args.get("reference")
            deferrable = any("DEFERRABLE" in str(one).upper() for one in part.args.get("options") or [])
            self._reference(self._names(part.expressions), reference, name, deferrable=deferrable)
        elif isinstance(part, exp.CheckColumnConstraint):
            self.checks.append(CheckConstraint(self._sql(part.this), name))
        elif isinstance(part, exp.ExcludeColumnConstraint):
            self.unread.append(f"an exclusion constraint: {_short(self._sql(part))}")

    def _names(self, nodes: Any) -> tuple[str, ...]:
        known = {column.name.casefold(): column.name for column in self.columns}
        found = [index_column(node) or node.name for node in nodes]
        return tuple(known.get(one.casefold(), one) for one in found)

    def _unique(self, part: exp.UniqueColumnConstraint, name: str) -> None:
        schema = part.this
        columns = schema.expressions if isinstance(schema, exp.Schema) else []
        if columns:
            label = name or (schema.this.name if schema.this is not None else "")
            self.unique_keys.append(UniqueKey(self._names(columns), label))

    def _reference(self, columns: tuple[str, ...], reference: Any, name: str, *, deferrable: bool = False) -> None:
        if reference is None:
            return
        target = reference.this
        listed = target.expressions if isinstance(target, exp.Schema) else []
        table = self.reader.table_name(target)
        options = " ".join(str(one) for one in reference.args.get("options") or []).upper()
        deferred = deferrable or ("DEFERRABLE" in options and "NOT DEFERRABLE" not in options)
        self.foreign_keys.append(ForeignKey(columns, table, tuple(one.name for one in listed), name, deferred))

    def _column(self, part: exp.ColumnDef) -> None:
        name = part.name
        kind, checks, domain = self.reader.column_type(part.args.get("kind"))
        column = Column(
            name,
            kind.shown,
            kind.data_type,
            kind.length,
            kind.fixed,
            nullable=domain.nullable if domain is not None else True,
            identity=kind.serial,
            values=kind.values,
            array=kind.array,
            unsigned=kind.unsigned,
            bits=kind.bits,
        )
        self.columns.append(column)
        for check in checks:
            self.checks.append(CheckConstraint(self._of_domain(check.sql, name), check.name))
        for constraint in part.args.get("constraints") or []:
            column = self._constrained(column, constraint.args.get("kind"), constraint.name)
        self.columns[-1] = column

    def _of_domain(self, sql: str, column: str) -> str:
        """A domain's check, about a column of it."""
        tree = sqlglot.parse_one(sql, read=self.reader.dialect or None)
        for node in list(tree.find_all(exp.Column)):
            if node.name.upper() == "VALUE":
                node.replace(exp.column(column, quoted=True))
        return self._sql(tree)

    def _constrained(self, column: Column, kind: Any, name: str) -> Column:
        if isinstance(kind, exp.NotNullColumnConstraint):
            return replace(column, nullable=bool(kind.args.get("allow_null")))
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            self.primary_key = (column.name,)
            rowid = self.reader.dialect == "sqlite" and column.type.upper() == "INTEGER"
            return replace(column, nullable=False, identity=column.identity or rowid)
        if isinstance(kind, exp.UniqueColumnConstraint):
            self.unique_keys.append(UniqueKey((column.name,), name))
        elif isinstance(kind, exp.CheckColumnConstraint):
            self.checks.append(CheckConstraint(self._sql(kind.this), name))
        elif isinstance(kind, exp.Reference):
            self._reference((column.name,), kind, name)
        elif isinstance(kind, exp.DefaultColumnConstraint):
            default = self._sql(kind.this)
            serial = "nextval" in default.lower()
            return replace(
                column, default=None if default.upper() == "NULL" else default, identity=column.identity or serial
            )
        elif isinstance(kind, exp.AutoIncrementColumnConstraint | exp.GeneratedAsIdentityColumnConstraint):
            computed = isinstance(kind, exp.GeneratedAsIdentityColumnConstraint) and kind.args.get("expression")
            return replace(column, generated=True) if computed else replace(column, identity=True)
        elif isinstance(kind, exp.ComputedColumnConstraint | exp.GeneratedAsRowColumnConstraint):
            return replace(column, generated=True)
        elif isinstance(kind, exp.CommentColumnConstraint):
            return replace(column, comment=kind.this.name)
        return column


def index_columns(sql: str, dialect: str) -> tuple[str, ...] | None:
    """The columns of a unique index by its definition; None where it is over expressions."""
    try:
        statement = sqlglot.parse_one(sql, read=dialect)
    except (sqlglot.ParseError, sqlglot.TokenError):
        return None
    parameters = statement.this.args.get("params") if isinstance(statement, exp.Create) else None
    columns = [index_column(one) for one in (parameters.args.get("columns") or [])] if parameters is not None else []
    found = tuple(one for one in columns if one is not None)
    return found if found and len(found) == len(columns) else None


def index_column(node: Any) -> str | None:
    """The column of an index's part; None for an expression."""
    while isinstance(node, exp.Ordered):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier):
        return str(node.name)
    if isinstance(node, exp.ColumnPrefix):
        return str(node.this.name)
    if isinstance(node, exp.Lower | exp.Upper):
        # Unique without regard to case: what is generated for a key has each character in one case.
        inner = node.this
        while isinstance(inner, exp.Cast | exp.Paren):
            inner = inner.this
        return str(inner.name) if isinstance(inner, exp.Column) else None
    return None


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 120 else text[:117] + "…"


def _unreadable(source: str, error: Exception) -> Problem:
    # sqlglot underlines the place with control sequences of terminals.
    text = re.sub(r"\x1b\[\d*m", "", str(error)).strip().partition("\n")[0]
    return Problem("", "sql-syntax", f"{source} is no SQL that can be read: {text}", "Correct it, or say --dialect.")
