"""SQLite: rows through ADBC's driver in one transaction; questions through Python's own module."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.errors import RunError, refuse
from faasera.core.text import to_text
from faasera.databases.base import DATABASES, Database, DatabaseType, plain_table
from faasera.databases.structure import ColumnStructure, TableStructure


class SQLite(Database):
    """A database in a file."""

    label: ClassVar[str] = "SQLite"
    dialect: ClassVar[str] = "sqlite"
    requires: ClassVar[tuple[str, ...]] = ("adbc_driver_sqlite",)
    inline_constraints: ClassVar[bool] = True

    def _open(self) -> None:
        import adbc_driver_manager

        self.errors = (adbc_driver_manager.Error, sqlite3.Error)
        self._writer: Any = None
        self._unproved = False
        path = Path(self.connection.database)
        self.existed = path.exists()
        if not path.parent.is_dir():
            raise sqlite3.OperationalError(f"there is no folder {path.parent}")
        self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._reader.create_function("regexp", 2, _matches, deterministic=True)
        self._reader.execute("SELECT count(*) FROM sqlite_master").fetchall()

    @override
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.reported():
            if self._writer is None:
                return self._reader.execute(sql).fetchall()
            with self._writer.cursor() as cursor:
                cursor.execute(sql)
                return [tuple(row) for row in cursor.fetchall()]

    @override
    def arrow(self, sql: str) -> pa.Table:
        with self.reported():
            cursor = self._reader.execute(sql)
            names = [entry[0] for entry in cursor.description]
            rows = cursor.fetchall()
            columns = list(zip(*rows, strict=True)) or [()] * len(names)
            return pa.table([pa.array(column) for column in columns], names=names)

    @override
    def execute(self, sql: str) -> None:
        with self.reported():
            if self._writer is None:
                self._reader.execute(sql)
                return
            with self._writer.cursor() as cursor:
                cursor.execute(sql)

    def begin(self, *, emptying: bool = False, circular: bool = False) -> None:
        """Begin a transaction in which foreign keys hold.

        Where rows are to be removed or refer to later ones, they are all looked at before its end instead: SQLite
        would search the children's rows for each parent's.
        """
        import adbc_driver_sqlite.dbapi as driver

        with self.reported():
            self._writer = driver.connect(self.connection.database, autocommit=True)
            self._unproved = circular or emptying
            self.execute(f"PRAGMA foreign_keys = {'OFF' if self._unproved else 'ON'}")
            self.execute("PRAGMA cache_size = -65536")
            self._writer.adbc_connection.set_autocommit(False)

    @override
    def commit(self) -> None:
        with self.reported():
            self._writer.adbc_connection.commit()
            self._end()

    @override
    def rollback(self) -> None:
        with self.reported():
            self._writer.adbc_connection.rollback()
            self._end()
        if not self.existed:
            self._reader.close()
            Path(self.connection.database).unlink(missing_ok=True)

    @override
    def empty(self, tables: Sequence[TableStructure]) -> None:
        for table in reversed(tables):
            self.execute(f"DELETE FROM {self.table(table.name)}")

    @override
    def settle_references(self) -> None:
        if not self._unproved:
            return
        lost = self.query('SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2')
        if lost:
            table, parent, count = lost[0]
            message = f"{count:,} rows of {table} refer to no row of {parent}"
            refuse("database-failed", message, "Load both tables in one run.", kind=RunError)

    def _end(self) -> None:
        self._writer.close()
        self._writer = None

    @override
    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        self.execute("BEGIN")
        try:
            yield
        finally:
            self.execute("ROLLBACK")

    @override
    def close(self) -> None:
        if self._writer is not None:
            self._end()
        self._reader.close()

    @override
    def encode(self, table: str, columns: Sequence[ColumnStructure], batches: Sequence[pa.RecordBatch]) -> pa.Table:
        rows = plain_table(batches)
        arrays = [_stored(rows[column.name].combine_chunks()) for column in columns]
        return pa.table(arrays, names=[column.name for column in columns])

    @override
    def append(self, table: str, columns: Sequence[ColumnStructure], piece: pa.Table) -> None:
        with self.reported(table), self._writer.cursor() as cursor:
            cursor.adbc_ingest(table, piece, mode="append")

    def parts(self, name: str) -> tuple[str, str]:
        """SQLite has no schemas: a point belongs to the name."""
        return "", name


def _matches(pattern: str, value: Any) -> bool | None:
    return None if value is None else re.search(pattern, str(value)) is not None


def _stored(values: pa.Array) -> pa.Array:
    """Values as SQLite stores them: whole numbers, floating-point numbers, texts and bytes."""
    kind = values.type
    if pa.types.is_boolean(kind):
        return values.cast(pa.int64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_binary(kind):
        return values
    return decoded(to_text(values))


DATABASES.add(
    DatabaseType(
        name="sqlite",
        summary="A file of SQLite.",
        example="sqlite:///shop.db",
        label="SQLite",
        schemes=("sqlite",),
        suffixes=(".db", ".sqlite", ".sqlite3"),
        namespace="sqlite",
        schema="main",
        database=SQLite,
    )
)
