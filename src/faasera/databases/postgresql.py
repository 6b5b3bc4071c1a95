"""PostgreSQL: binary COPY through ADBC, in one transaction."""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import fixed_text, valid_mask, with_nulls
from faasera.core.text import to_text
from faasera.databases.base import DATABASES, Database, DatabaseType, plain_table
from faasera.databases.stream import BatchFeed
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, TableStructure

_TEXTS = ("text", "character varying", "character", "name", "citext", "json", "xml", "bpchar", '"char"')
_NATIVE: dict[str, pa.DataType] = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "time without time zone": pa.time64("us"),
    "bytea": pa.binary(),
}
_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
_STAGING = "faasera staging"


class PostgreSQL(Database):
    """A PostgreSQL server's database, by ADBC's driver, which is libpq's: ``.pgpass`` and ``PGPASSWORD`` count."""

    label: ClassVar[str] = "PostgreSQL"
    dialect: ClassVar[str] = "postgres"
    requires: ClassVar[tuple[str, ...]] = ("adbc_driver_postgresql",)
    disables_triggers: ClassVar[bool] = True
    script_settings: ClassVar[tuple[str, ...]] = ("SET check_function_bodies = off", "SET client_min_messages = error")

    def _open(self) -> None:
        import adbc_driver_manager
        import adbc_driver_postgresql.dbapi as driver

        self.errors = (adbc_driver_manager.Error,)
        self._staged: set[str] = set()
        self._altered: list[tuple[str, str]] = []
        self._deferred = False
        self._enabling: list[str] = []
        self._connection = driver.connect(self.connection.full_url())
        self._connection.adbc_connection.set_autocommit(True)
        # Moments of policies are UTC, and bounds are read in the zone of the session.
        self.execute("SET TIME ZONE 'UTC'")

    def explain(self, error: BaseException) -> str:
        """What the server says, without the statement that the driver puts before it."""
        said = re.search(r"(?:ERROR|FATAL|PANIC):\s+(.*)", str(error), re.DOTALL)
        return super().explain(Exception(said[1])) if said else super().explain(error)

    def _cursor(self) -> Any:
        return self._connection.cursor()

    @override
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.reported(), self._cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    @override
    def arrow(self, sql: str) -> pa.Table:
        with self.reported(), self._cursor() as cursor:
            cursor.execute(sql)
            table: pa.Table = cursor.fetch_arrow_table()
            return pa.table([_readable(column.combine_chunks()) for column in table.columns], names=table.column_names)

    @override
    def execute(self, sql: str) -> None:
        with self.reported(), self._cursor() as cursor:
            cursor.execute(sql)

    @override
    def begin(self, *, emptying: bool = False, circular: bool = False) -> None:
        with self.reported():
            self._connection.adbc_connection.set_autocommit(False)

    @override
    def commit(self) -> None:
        with self.reported():
            self._connection.commit()
            self._connection.adbc_connection.set_autocommit(True)

    @override
    def rollback(self) -> None:
        self._give_up_stream()
        with self.reported():
            self._connection.rollback()
            self._connection.adbc_connection.set_autocommit(True)

    @override
    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        self.begin()
        try:
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        finally:
            self.rollback()

    @override
    def close(self) -> None:
        self._give_up_stream()
        self._connection.close()

    @override
    def empty(self, tables: Sequence[TableStructure]) -> None:
        if tables:
            self.execute(f"TRUNCATE {', '.join(map(self.source, tables))}")

    @override
    def drop(self, tables: Sequence[str]) -> None:
        if tables:
            self.execute(f"DROP TABLE {', '.join(map(self.table, tables))}")

    @override
    def source(self, table: TableStructure) -> str:
        shown = self.table(table.name)
        return f"ONLY {shown}" if table.inherited else shown

    @override
    def disable_triggers(self, tables: Sequence[TableStructure]) -> None:
        for table in tables:
            for trigger in table.triggers:
                if trigger.enabled == "D":
                    continue
                changed = f"ALTER TABLE {self.source(table)} {{}} TRIGGER {self.quote(trigger.name)}"
                with self.reported(f"--disable-triggers: {table.name}"), self._cursor() as cursor:
                    cursor.execute(changed.format("DISABLE"))
                self._enabling.append(changed.format(_ENABLE[trigger.enabled]))

    @override
    def enable_triggers(self) -> None:
        if self._enabling:
            # A table whose references are still to be looked at cannot be altered.
            self.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in self._enabling:
            self.execute(statement)

    @override
    def create_database(self, name: str) -> None:
        self.execute(f"CREATE DATABASE {self.quote(name)} TEMPLATE template0")

    def hold_references(self, references: Sequence[tuple[str, ForeignKeyStructure]]) -> None:
        """Constraints of a circle become deferrable within the transaction."""
        self._altered = [(self.table(table), self.quote(key.name)) for table, key in references if not key.deferrable]
        for table, name in self._altered:
            self.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE")
        self._deferred = bool(references)
        if self._deferred:
            self.execute("SET CONSTRAINTS ALL DEFERRED")

    @override
    def settle_references(self) -> None:
        if self._deferred:
            self.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in self._altered:
            self.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE")

    @override
    def advance(self, table: str, column: ColumnStructure) -> None:
        owner = f"pg_get_serial_sequence({self.text(self.table(table))}, {self.text(column.name)})"
        largest = f"(SELECT max({self.quote(column.name)}) FROM {self.table(table)})"
        known = f"{owner} IS NOT NULL AND {largest} IS NOT NULL"
        self.query(f"SELECT setval({owner}, greatest({largest}, 1)) WHERE {known}")

    @override
    def encode(self, table: str, columns: Sequence[ColumnStructure], batches: Sequence[pa.RecordBatch]) -> pa.Table:
        rows = plain_table(batches)
        arrays = [(_encoder(column) or _texts)(rows[column.name].combine_chunks()) for column in columns]
        return pa.table(arrays, names=[column.name for column in columns])

    def append(self, table: str, columns: Sequence[ColumnStructure], piece: pa.Table) -> None:
        """Add rows to one long COPY, which ``end`` ends; types without a binary form go through a temporary table."""
        if all(_encoder(column) is not None for column in columns):
            if self._stream is None:
                self._stream = BatchFeed(lambda rows: self._copy(table, rows), piece.schema)
            self._stream.put(piece)
        else:
            self._append_staged(table, columns, piece)

    def _copy(self, table: str, rows: pa.RecordBatchReader) -> None:
        schema, name = self.parts(table)
        with self.reported(table), self._cursor() as cursor:
            cursor.adbc_ingest(name, rows, mode="append", db_schema_name=schema or None)

    def _append_staged(self, table: str, columns: Sequence[ColumnStructure], piece: pa.Table) -> None:
        with self.reported(table), self._cursor() as cursor:
            temporary = self.quote(f"{_STAGING} {table}"[:60])
            if table not in self._staged:
                kinds = ", ".join(
                    f"{self.quote(column.name)} {'text' if _encoder(column) is None else _plain_type(column)}"
                    for column in columns
                )
                cursor.execute(f"CREATE TEMPORARY TABLE {temporary} ({kinds}) ON COMMIT DROP")
                self._staged.add(table)
            cursor.adbc_ingest(f"{_STAGING} {table}"[:60], piece, mode="append", temporary=True)
            listed = ", ".join(self.quote(column.name) for column in columns)
            cast = ", ".join(_from_text(self.quote(column.name), column) for column in columns)
            cursor.execute(
                f"INSERT INTO {self.table(table)} ({listed}) OVERRIDING SYSTEM VALUE SELECT {cast} FROM {temporary}"
            )
            cursor.execute(f"TRUNCATE {temporary}")


def _readable(values: pa.Array) -> pa.Array:
    """What ADBC marks as PostgreSQL's own types, as Arrow's: UUIDs and JSON as texts, numeric as decimals."""
    if not isinstance(values.type, pa.BaseExtensionType):
        return values
    storage = values.storage
    if values.type.extension_name == "arrow.uuid":
        texts = [None if value is None else str(UUID(bytes=value)) for value in storage.to_pylist()]
        return pa.array(texts, pa.string())
    if getattr(values.type, "type_name", "") == "numeric":
        digits = pc.utf8_length(pc.replace_substring_regex(storage, r"^[^.]*\.?", ""))
        scale = min(pc.max(digits).as_py() or 0, 18)
        return storage.cast(pa.decimal128(38, scale))
    return storage


def _base(column: ColumnStructure) -> str:
    """The type's name without length, precision and time fraction."""
    head, _, tail = column.type.partition("(")
    return (head + tail.partition(")")[2]).strip()


def _plain_type(column: ColumnStructure) -> str:
    """A type that takes the column's values in a temporary table."""
    return "text" if column.values else column.type


def _encoder(column: ColumnStructure) -> Callable[[pa.Array], pa.Array] | None:
    """From a policy's values to what binary COPY takes for the column's type; None where it takes nothing of ours."""
    if column.array or column.form is not None:
        return None
    base = _base(column)
    if column.values or base in _TEXTS:
        return _texts
    if base == "jsonb":
        return _versioned
    if base == "uuid":
        return _uuids
    if base == "numeric":
        return _decimals
    if base in _NATIVE:
        kind = _NATIVE[base]
        return lambda values: _native(values, kind)
    return None


def _native(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(values.type) and pa.types.is_integer(kind):
        values = values.cast(pa.int8())
    if pa.types.is_string(values.type) and pa.types.is_timestamp(kind):
        values = values.cast(pa.timestamp("us"))
    if pa.types.is_timestamp(kind) and kind.tz and not pa.types.is_string(values.type):
        return values.cast(pa.timestamp("us")).cast(kind)
    return values.cast(kind, safe=False)


def _texts(values: pa.Array) -> pa.Array:
    texts = to_text(values)
    return texts if pa.types.is_string(texts.type) else texts.cast(pa.string())


def _from_text(column: str, kind: ColumnStructure) -> str:
    """A column of texts as the type that it is for; lists are in JSON."""
    if kind.array:
        elements = f"ARRAY(SELECT jsonb_array_elements_text(CAST({column} AS jsonb)))"
        return f"CASE WHEN {column} IS NOT NULL THEN CAST({elements} AS {kind.type}) END"
    if kind.type == "money":
        # Texts of money are those of the server's country.
        return f"CAST(CAST({column} AS numeric) AS money)"
    return f"CAST({column} AS {kind.type})"


def _versioned(values: pa.Array) -> pa.Array:
    """The binary form of jsonb: a version byte before the text."""
    return pc.binary_join_element_wise(
        pa.scalar(b"\x01", pa.binary()), _texts(values).cast(pa.binary()), pa.scalar(b"", pa.binary())
    )


def _uuids(values: pa.Array) -> pa.Array:
    """Sixteen bytes for each text of 32 hexadecimal digits with dashes."""
    valid = valid_mask(values)
    filled = pc.fill_null(values, "00000000-0000-0000-0000-000000000000")
    digits = pc.ascii_lower(pc.replace_substring(filled, "-", ""))
    data = np.frombuffer(digits.buffers()[2], np.uint8)
    start = np.frombuffer(digits.buffers()[1], np.int32)[digits.offset]
    codes = data[start : start + 32 * len(values)].reshape(-1, 2)
    nibbles = np.where(codes >= ord("a"), codes - (ord("a") - 10), codes - ord("0"))
    return with_nulls(fixed_text(nibbles[:, 0] << 4 | nibbles[:, 1], 16, pa.binary()), valid)


def _decimals(values: pa.Array) -> pa.Array:
    return values.cast(pa.string()).cast(pa.decimal128(38, 10)) if pa.types.is_floating(values.type) else values


DATABASES.add(
    DatabaseType(
        name="postgresql",
        summary="A database of a PostgreSQL server.",
        example="postgresql://user@host/shop",
        label="PostgreSQL",
        schemes=("postgresql", "postgres"),
        port=5432,
        namespace="postgres",
        schema="public",
        password_variable="PGPASSWORD",
        password_file=".pgpass",
        database=PostgreSQL,
    )
)
