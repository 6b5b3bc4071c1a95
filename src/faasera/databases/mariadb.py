"""MariaDB and MySQL: LOAD DATA LOCAL INFILE from memory, or multi-row INSERT where the server forbids it."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.errors import RunError, refuse
from faasera.core.text import to_text
from faasera.core.types import BINARY
from faasera.databases.base import DATABASES, Database, DatabaseType, plain_table
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, TableStructure

_PORT = 3306
_PASSWORD_VARIABLE, _PASSWORD_FILE = "MYSQL_PWD", ".my.cnf"
_LINES = "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\n'"
_MOST_STATEMENT = 4 << 20
_MODES = "CONCAT(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')"


class MariaDB(Database):
    """A MariaDB or MySQL server's database, by PyMySQL; ``MYSQL_PWD`` and ``~/.my.cnf`` count."""

    label: ClassVar[str] = "MariaDB"
    dialect: ClassVar[str] = "mysql"
    requires: ClassVar[tuple[str, ...]] = ("pymysql",)
    transactional_definitions: ClassVar[bool] = False
    fills_later: ClassVar[bool] = True

    def _open(self) -> None:
        import pymysql

        self.errors = (pymysql.MySQLError, OSError)
        self._references: list[tuple[str, ForeignKeyStructure]] = []
        asked = self.connection
        given: dict[str, Any] = {"user": asked.user, "password": asked.password or os.environ.get(_PASSWORD_VARIABLE)}
        file = Path.home() / _PASSWORD_FILE
        if asked.password is None and file.is_file():
            given["read_default_file"] = str(file)
        given["unix_socket"] = asked.options.get("unix_socket")
        self._connection = pymysql.connect(
            host=asked.host or "localhost",
            port=asked.port or _PORT,
            database=asked.database or None,
            charset="utf8mb4",
            local_infile=True,
            autocommit=True,
            **{key: value for key, value in given.items() if value is not None},
        )
        self.execute(f"SET SESSION sql_mode = {_MODES}, time_zone = '+00:00'")
        self.may_load_files = bool(self.query("SELECT @@local_infile")[0][0])

    @override
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.reported(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    @override
    def arrow(self, sql: str) -> pa.Table:
        with self.reported(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            names = [entry[0] for entry in cursor.description]
            columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
            return pa.table([pa.array(column) for column in columns], names=names)

    @override
    def execute(self, sql: str) -> None:
        with self.reported(), self._connection.cursor() as cursor:
            cursor.execute(sql)

    @override
    def begin(self, *, emptying: bool = False, circular: bool = False) -> None:
        with self.reported():
            self._connection.begin()

    @override
    def commit(self) -> None:
        with self.reported():
            self._connection.commit()

    @override
    def rollback(self) -> None:
        with self.reported():
            self._connection.rollback()

    @override
    def close(self) -> None:
        if self._connection.open:
            self._connection.close()

    def empty(self, tables: Sequence[TableStructure]) -> None:
        """Remove rows by DELETE, which can be rolled back, as TRUNCATE cannot."""
        with self._unchecked():
            for table in reversed(tables):
                self.execute(f"DELETE FROM {self.table(table.name)}")

    @override
    def drop(self, tables: Sequence[str]) -> None:
        with self._unchecked():
            for table in reversed(tables):
                self.execute(f"DROP TABLE IF EXISTS {self.table(table)}")

    @contextlib.contextmanager
    def _unchecked(self) -> Iterator[None]:
        """No look at foreign keys, for what removes all rows on both of their sides."""
        self.execute("SET SESSION foreign_key_checks = 0")
        yield
        self.execute("SET SESSION foreign_key_checks = 1")

    def hold_references(self, references: Sequence[tuple[str, ForeignKeyStructure]]) -> None:
        """MySQL cannot defer: where a second pass cannot help either, references are looked at afterwards."""
        self._references = list(references)
        if references:
            self.execute("SET SESSION foreign_key_checks = 0")

    @override
    def settle_references(self) -> None:
        if self._references:
            self.execute("SET SESSION foreign_key_checks = 1")
        for table, key in self._references:
            pairs = list(zip(key.columns, key.references, strict=True))
            joined = " AND ".join(f"c.{self.quote(own)} = p.{self.quote(other)}" for own, other in pairs)
            filled = " AND ".join(f"c.{self.quote(own)} IS NOT NULL" for own in key.columns)
            lost = self.query(
                f"SELECT count(*) FROM {self.table(table)} c LEFT JOIN {self.table(key.table)} p ON {joined} "
                f"WHERE {filled} AND p.{self.quote(key.references[0])} IS NULL"
            )[0][0]
            if lost:
                message = f"{lost:,} rows of {table} refer to no row of {key.table}"
                refuse("database-failed", message, "Load both tables in one run.", kind=RunError)

    @override
    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    @override
    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"

    def encode(self, table: str, columns: Sequence[ColumnStructure], batches: Sequence[pa.RecordBatch]) -> Any:
        """Lines of CSV for LOAD DATA, or statements where the server takes no files."""
        rows = plain_table(batches)
        values = [rows[column.name].combine_chunks() for column in columns]
        if self.may_load_files:
            cells = [_cell(array, '"') for array in values]
            lines = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
            return rows.num_rows, _bytes(pc.binary_join_element_wise(lines, "\n", ""))
        cells = [
            _hex_cell(array) if _is_bytes(array) else _within(_made_of_text(column), _cell(array, "'"))
            for array, column in zip(values, columns, strict=True)
        ]
        lines = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
        listed = ", ".join(self.quote(column.name) for column in columns)
        head = f"INSERT INTO {self.table(table)} ({listed}) VALUES "
        return rows.num_rows, _statements(head, pc.binary_join_element_wise("(", lines, ")", ""))

    def append(self, table: str, columns: Sequence[ColumnStructure], piece: Any) -> None:
        """Add rows; what the server only warns of, as LOAD DATA LOCAL skips rows silently, is an error.

        Raises:
            RunError: the server refuses a row, warns, or takes fewer rows than there are.
        """
        rows, data = piece
        if isinstance(data, list):
            for statement in data:
                with self.reported(table), self._connection.cursor() as cursor:
                    cursor.execute(statement)
                    self._no_warnings(cursor, table)
            return
        handle = os.memfd_create("faasera")
        try:
            with os.fdopen(handle, "wb", closefd=False) as file:
                file.write(data)
            made = [_made(column) for column in columns]
            into = ", ".join(
                f"@c{place}" if form else self.quote(column.name)
                for place, (column, form) in enumerate(zip(columns, made, strict=True))
            )
            sets = ", ".join(
                f"{self.quote(column.name)} = {form.format(f'@c{place}')}"
                for place, (column, form) in enumerate(zip(columns, made, strict=True))
                if form
            )
            sql = (
                f"LOAD DATA LOCAL INFILE '/proc/self/fd/{handle}' INTO TABLE {self.table(table)} "
                f"CHARACTER SET utf8mb4 {_LINES} ({into})" + (f" SET {sets}" if sets else "")
            )
            with self.reported(table), self._connection.cursor() as cursor:
                cursor.execute(sql)
                self._no_warnings(cursor, table)
                if cursor.rowcount != rows:
                    message = f"{self.label} took {cursor.rowcount:,} of {rows:,} rows of '{table}'"
                    refuse("database-failed", message, "See the server's log.", kind=RunError)
        finally:
            os.close(handle)

    def _no_warnings(self, cursor: Any, table: str) -> None:
        if not cursor.warning_count:
            return
        cursor.execute("SHOW WARNINGS LIMIT 3")
        said = "; ".join(dict.fromkeys(str(row[2]) for row in cursor.fetchall()))
        message = f"{self.label} refused: {table}: {said}"
        refuse("database-failed", message, "Correct what it names, and run again.", kind=RunError)


def _is_bytes(array: pa.Array) -> bool:
    return bool(pa.types.is_binary(array.type))


def _made(column: ColumnStructure) -> str:
    """How a value is made of what a line has for it; empty where that is the value."""
    if column.data_type is not None and column.data_type == BINARY:
        return "UNHEX({})"
    return _made_of_text(column)


def _made_of_text(column: ColumnStructure) -> str:
    base = column.type.partition("(")[0].lower()
    if base == "bit":
        return "CAST({} AS UNSIGNED)"
    return "ST_GeomFromText({})" if column.form is not None and not base.startswith("inet") else ""


def _cell(array: pa.Array, mark: str) -> pa.Array:
    """Values as LOAD DATA or INSERT reads them: texts in quotes, the word NULL, 1 and 0."""
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    texts = decoded(to_text(array))
    if pa.types.is_string(array.type):
        for special in (mark,) if mark == '"' else ("\\", mark):
            if pc.any(pc.match_substring(texts, special)).as_py():
                texts = pc.replace_substring(texts, special, special * 2)
        texts = pc.binary_join_element_wise(mark, texts, mark, "")
    elif mark == "'" and not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        texts = pc.binary_join_element_wise(mark, texts, mark, "")
    return pc.fill_null(texts, "NULL")


def _hex_cell(array: pa.Array) -> pa.Array:
    return pc.fill_null(pc.binary_join_element_wise("x'", decoded(to_text(array)), "'", ""), "NULL")


def _within(form: str, cells: pa.Array) -> pa.Array:
    """Literals as arguments of what makes values of them."""
    if not form:
        return cells
    before, after = form.split("{}")
    return pc.binary_join_element_wise(before, cells, after, "")


def _bytes(lines: pa.Array) -> memoryview:
    """The bytes of texts laid end to end."""
    offsets = memoryview(lines.buffers()[1]).cast("i")
    start, stop = offsets[lines.offset], offsets[lines.offset + len(lines)]
    return memoryview(lines.buffers()[2])[start:stop]


def _statements(head: str, tuples: pa.Array) -> list[str]:
    """INSERT statements of a few megabytes each."""
    lengths = pc.binary_length(tuples)
    rows = max(1, int(_MOST_STATEMENT / max(pc.mean(lengths).as_py(), 1)))
    found = []
    for start in range(0, len(tuples), rows):
        part = tuples.slice(start, rows)
        joined = pc.binary_join(pa.ListArray.from_arrays([0, len(part)], pa.concat_arrays([part])), ",")
        found.append(head + joined[0].as_py())
    return found


DATABASES.add(
    DatabaseType(
        name="mariadb",
        summary="A database of a MariaDB or MySQL server.",
        example="mysql://user@host/shop",
        label="MySQL or MariaDB",
        schemes=("mysql", "mariadb"),
        port=_PORT,
        namespace="mysql",
        password_variable=_PASSWORD_VARIABLE,
        password_file=_PASSWORD_FILE,
        database=MariaDB,
    )
)
