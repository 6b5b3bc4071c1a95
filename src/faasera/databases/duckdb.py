"""DuckDB: rows by its own scan of Arrow tables, in one transaction."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from typing_extensions import override

from faasera.databases.base import DATABASES, Database, DatabaseType, plain_table
from faasera.databases.stream import BatchFeed
from faasera.databases.structure import ColumnStructure, TableStructure

_MEMORY = 100_000_000
"""Bytes beyond what is held already."""
_SCHEMA = "main"


class DuckDB(Database):
    """A database in a file."""

    label: ClassVar[str] = "DuckDB"
    dialect: ClassVar[str] = "duckdb"
    requires: ClassVar[tuple[str, ...]] = ("duckdb",)
    sees_own_rows: ClassVar[bool] = False
    inline_constraints: ClassVar[bool] = True
    has_triggers: ClassVar[bool] = False

    def _open(self) -> None:
        import duckdb

        self.errors = (duckdb.Error,)
        self.path = Path(self.connection.database)
        self.existed = self.path.exists()
        self._copy: Path | None = None
        self._connect(self.path)

    def _connect(self, path: Path) -> None:
        import duckdb

        self._connection = duckdb.connect(str(path))
        self._connection.execute("SET enable_progress_bar = false; SET preserve_insertion_order = false")

    @override
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.reported():
            return self._connection.execute(sql).fetchall()

    @override
    def arrow(self, sql: str) -> pa.Table:
        with self.reported():
            return self._connection.sql(sql).to_arrow_table()

    @override
    def execute(self, sql: str) -> None:
        with self.reported():
            self._connection.execute(sql)

    def begin(self, *, emptying: bool = False, circular: bool = False) -> None:  # noqa: ARG002
        """Begin a transaction.

        DuckDB cannot empty a table and fill it again in one transaction where others refer to it: that is done in a
        copy of the file, which takes its place at the end.
        """
        if not emptying:
            self.execute("BEGIN TRANSACTION")
            return
        self.execute("CHECKPOINT")
        self._connection.close()
        self._copy = self.path.with_name(f".{self.path.name}.faasera-partial")
        shutil.copyfile(self.path, self._copy)
        with self.reported():
            self._connect(self._copy)

    @override
    def commit(self) -> None:
        if self._copy is None:
            self.execute("COMMIT")
            return
        self.execute("CHECKPOINT")
        self._connection.close()
        self._copy.replace(self.path)
        self._copy = None
        self._connect(self.path)

    @override
    def rollback(self) -> None:
        self._give_up_stream()
        if self._copy is not None:
            self._connection.close()
            for path in (self._copy, self._copy.with_name(f"{self._copy.name}.wal")):
                path.unlink(missing_ok=True)
            self._copy = None
            self._connect(self.path)
            return
        self.execute("ROLLBACK")
        if not self.existed:
            self._connection.close()
            for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
                path.unlink(missing_ok=True)

    @override
    def close(self) -> None:
        self._give_up_stream()
        self._connection.close()

    @override
    def empty(self, tables: Sequence[TableStructure]) -> None:
        for table in reversed(tables):
            self._empty_own(table)
            self.execute(f"DELETE FROM {self.table(table.name)}")

    def _empty_own(self, table: TableStructure) -> None:
        """Remove rows that others of the table do not refer to, as often as there are any."""
        for key in table.foreign_keys:
            if key.table != table.name:
                continue
            name = self.table(table.name)
            pairs = " AND ".join(
                f"c.{self.quote(own)} = t.{self.quote(other)}"
                for own, other in zip(key.columns, key.references, strict=True)
            )
            leaves = f"DELETE FROM {name} AS t WHERE NOT EXISTS (SELECT 1 FROM {name} c WHERE {pairs})"
            while self.query(leaves)[0][0]:
                pass

    def advance(self, table: str, column: ColumnStructure) -> None:
        """DuckDB's sequences know no other way on than the next value."""
        schema, name = self.parts(table)
        default = self.query(
            "SELECT column_default FROM duckdb_columns() "
            f"WHERE table_name = {self.text(name)} AND schema_name = {self.text(schema or _SCHEMA)} "
            f"AND column_name = {self.text(column.name)} AND column_default ILIKE '%nextval%'"
        )
        if not default:
            return
        sequence = default[0][0].split("'")[1].rpartition(".")[2].strip('"')
        found = self.query(f"SELECT last_value FROM duckdb_sequences() WHERE sequence_name = {self.text(sequence)}")
        most = self.query(f"SELECT max({self.quote(column.name)}) FROM {self.table(table)}")[0][0]
        ahead = int(most) - int(found[0][0] or 0) if found and most is not None else 0
        if ahead > 0:
            self.query(f"SELECT max(nextval({self.text(self.quote(sequence))})) FROM range({ahead})")

    @override
    def encode(self, table: str, columns: Sequence[ColumnStructure], batches: Sequence[pa.RecordBatch]) -> pa.Table:
        return plain_table(batches).select([column.name for column in columns])

    def append(self, table: str, columns: Sequence[ColumnStructure], piece: pa.Table) -> None:
        """Add rows to one long INSERT, whose rows DuckDB writes out as they come; ``end`` ends it."""
        if self._stream is None:
            self._bound_memory(table)
            self._stream = BatchFeed(lambda rows: self.insert(table, columns, rows), piece.schema)
        self._stream.put(piece)

    def insert(self, table: str, columns: Sequence[ColumnStructure], piece: "pa.Table | pa.RecordBatchReader") -> None:
        """Add rows by one statement."""
        listed = ", ".join(self.quote(column.name) for column in columns)
        made = ", ".join(
            f"CAST(CAST({self.quote(column.name)} AS JSON) AS {column.type})"
            if column.array
            else f"CAST({self.quote(column.name)} AS {column.type})"
            for column in columns
        )
        with self.reported(table):
            self._connection.register("faasera_rows", piece)
            self._connection.execute(f"INSERT INTO {self.table(table)} ({listed}) SELECT {made} FROM faasera_rows")
            self._connection.unregister("faasera_rows")

    def _bound_memory(self, table: str) -> None:
        """Keep little more in memory while a table without an index is filled; an index needs what it needs."""
        schema, name = self.parts(table)
        of_table = f"table_name = {self.text(name)} AND schema_name = {self.text(schema or _SCHEMA)}"
        indexed = self.query(
            "SELECT (SELECT count(*) FROM duckdb_constraints() "
            f"WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY') AND {of_table}) "
            f"+ (SELECT count(*) FROM duckdb_indexes() WHERE {of_table})"
        )[0][0]
        self.execute("RESET memory_limit")
        if not indexed:
            # What the indexes of other tables hold stays there until the run is committed.
            held = int(self.query("SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory()")[0][0])
            self.execute(f"SET memory_limit = '{held + _MEMORY}B'")

    @override
    def end(self) -> None:
        super().end()
        # Committing needs the indexes of all tables.
        self.execute("RESET memory_limit")


DATABASES.add(
    DatabaseType(
        name="duckdb",
        summary="A file of DuckDB.",
        example="duckdb:///shop.duckdb",
        label="DuckDB",
        schemes=("duckdb",),
        suffixes=(".duckdb", ".ddb"),
        namespace="duckdb",
        schema=_SCHEMA,
        database=DuckDB,
    )
)
