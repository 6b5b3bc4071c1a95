"""Tables from statements of DDL, one statement after the other."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.databases.structure import TableStructure, UniqueKey
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.indexes import index_column
from faasera.schema.dialects.parts import TableParts
from faasera.schema.dialects.table_reader import Names, TableReader, short

_DOMAIN = re.compile(r"^\s*CREATE\s+DOMAIN\s+(?P<name>\"[^\"]+\"|[\w.]+)\s+(?:AS\s+)?(?P<rest>.+)$", re.I | re.S)
_OF_TABLE = re.compile(r"\s*CREATE\s+(TEMP\w*\s+)?TABLE|\s*ALTER\s+TABLE", re.I)


class DdlReader:
    """Statement by statement.

    Attributes:
        dialect: of the text.
        sqlglot: its name there; None for standard SQL.
        tables: found so far.
        views: how many.
        unread: what could not be understood.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.sqlglot = dialect.sqlglot or None
        self.tables: dict[str, TableStructure] = {}
        self.views = 0
        self.unread: list[str] = []
        self._names = Names(dialect)

    def read(self, text: str, source: str) -> None:
        """Read statements, one that cannot be read after the other left out."""
        for statement in self._statements(text, source):
            self._statement(statement)
        self._resolve_references()

    def _statements(self, text: str, source: str) -> Iterator[Any]:
        """The trees of all statements that can be read; others are noted where they are about a table."""
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
        failed: sqlglot.ParseError | None = None
        read = 0
        for piece in self._pieces(text, source):
            domain = _DOMAIN.match(piece)
            if domain:
                self._domain(domain["name"].strip('"'), domain["rest"])
                continue
            try:
                for statement in sqlglot.parse(piece, read=self.sqlglot):
                    if statement is not None:
                        read += 1
                        yield statement
            except sqlglot.ParseError as error:
                failed = failed or error
                if _OF_TABLE.match(piece):
                    self.unread.append(f"a statement cannot be read: {short(piece)}")
            except RecursionError:
                message = f"{source} is nested too deeply: {short(piece)}"
                refuse("sql-syntax", message, "Flatten it.")
        if failed is not None and not read:
            raise PolicyError([_unreadable(source, failed)])

    def _pieces(self, text: str, source: str) -> Iterator[str]:
        """The texts of statements, without the semicolons between them."""
        try:
            tokens = sqlglot.tokenize(text, read=self.sqlglot)
        except sqlglot.TokenError as error:
            raise PolicyError([_unreadable(source, error)]) from None
        start = None
        for token in tokens:
            start = token.start if start is None else start
            if token.token_type == sqlglot.TokenType.SEMICOLON:
                yield text[start : token.start]
                start = None
        if start is not None:
            yield text[start:]

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
            self.unread.append(f"a statement cannot be read: {short(statement.sql())}")

    def _table(self, statement: exp.Create) -> None:
        name = self._names.table(statement.this)
        made = TableReader(self._names, TableParts(name))
        for part in statement.this.expressions:
            made.part(part)
        comment = statement.find(exp.SchemaCommentProperty)
        self.tables[name] = replace(made.table(), comment=comment.this.name if comment is not None else None)

    def _type(self, statement: exp.Create) -> None:
        found = statement.find(exp.DataType)
        if found is not None and found.this == exp.DataType.Type.ENUM:
            values = tuple(str(one.this) for one in found.expressions)
            self._names.add_enumeration(statement.this.sql(), values)

    def _domain(self, name: str, rest: str) -> None:
        """A domain, read as a table of one column named VALUE."""
        try:
            made = sqlglot.parse_one(f"CREATE TABLE d (VALUE {rest})", read=self.sqlglot)
        except sqlglot.ParseError:
            self.unread.append(f"the domain {name} cannot be read")
            return
        reader = TableReader(self._names, TableParts(name))
        for part in made.this.expressions:
            reader.part(part)
        self._names.add_domain(name, reader.made.columns[0], reader.made.checks)

    def _index(self, statement: exp.Create) -> None:
        index = statement.this
        table = index.args.get("table")
        if not statement.args.get("unique") or table is None:
            return
        name = self._names.table(table)
        parameters = index.args.get("params")
        columns = [index_column(one) for one in (parameters.args.get("columns") or [])] if parameters else []
        where = parameters.args.get("where") if parameters else None
        shown = short(statement.sql(dialect=self.sqlglot))
        if name not in self.tables:
            return
        if not columns or None in columns:
            self._note(name, f"a unique index over an expression: {shown}")
            return
        condition = where.this.sql(dialect=self.sqlglot) if where is not None else None
        key = UniqueKey(tuple(str(one) for one in columns), index.name, condition)
        self.tables[name] = replace(self.tables[name], unique_keys=(*self.tables[name].unique_keys, key))

    def _note(self, table: str, text: str) -> None:
        self.tables[table] = replace(self.tables[table], unread=(*self.tables[table].unread, text))

    def _alter(self, statement: exp.Alter) -> None:
        name = self._names.table(statement.this)
        if name not in self.tables:
            return
        made = TableReader(self._names, TableParts.of(self.tables[name]))
        for action in statement.args.get("actions") or []:
            for part in action.expressions if isinstance(action, exp.AddConstraint) else [action]:
                made.part(part)
        self.tables[name] = made.table()

    def _comment(self, statement: exp.Comment) -> None:
        text = statement.expression.name
        if statement.args.get("kind") == "TABLE":
            name = self._names.table(statement.this)
            if name in self.tables:
                self.tables[name] = replace(self.tables[name], comment=text)
        elif statement.args.get("kind") == "COLUMN" and isinstance(statement.this, exp.Column):
            column = statement.this
            name = self._names.table(exp.table_(column.table, db=column.db or None))
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


def _unreadable(source: str, error: Exception) -> Problem:
    # sqlglot underlines the place with control sequences of terminals.
    text = re.sub(r"\x1b\[\d*m", "", str(error)).strip().partition("\n")[0]
    return Problem("", "sql-syntax", f"{source} is no SQL that can be read: {text}", "Correct it, or say --dialect.")
