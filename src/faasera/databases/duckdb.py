"""DuckDB: rows by its own scan of Arrow tables, in one transaction."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from faasera.databases.base import Database, plain_table
from faasera.databases.structure import Column


class DuckDB(Database):
    """A database in a file."""

    label: ClassVar[str] = "DuckDB"
    dialect: ClassVar[str] = "duckdb"
    requires: ClassVar[tuple[str, ...]] = ("duckdb",)

    def _open(self) -> None:
        import duckdb

        self.errors = (duckdb.Error,)
        self.existed = Path(self.connection.database).exists()
        self._connection = duckdb.connect(self.connection.database)
        self._connection.execute("SET enable_progress_bar = false")

    def query(self, sql: str) -> list[tuple[Any, ...]]:  # noqa: D102
        with self.reported():
            return self._connection.execute(sql).fetchall()

    def arrow(self, sql: str) -> pa.Table:  # noqa: D102
        with self.reported():
            return self._connection.execute(sql).to_arrow_table()

    def execute(self, sql: str) -> None:  # noqa: D102
        with self.reported():
            self._connection.execute(sql)

    def begin(self) -> None:  # noqa: D102
        self.execute("BEGIN TRANSACTION")

    def commit(self) -> None:  # noqa: D102
        self.execute("COMMIT")

    def rollback(self) -> None:  # noqa: D102
        self.execute("ROLLBACK")
        if not self.existed:
            self._connection.close()
            for path in (Path(self.connection.database), Path(f"{self.connection.database}.wal")):
                path.unlink(missing_ok=True)

    def close(self) -> None:  # noqa: D102
        self._connection.close()

    def encode(self, table: str, columns: Sequence[Column], batches: Sequence[pa.RecordBatch]) -> pa.Table:  # noqa: ARG002, D102
        return plain_table(batches).select([column.name for column in columns])

    def append(self, table: str, columns: Sequence[Column], piece: pa.Table) -> None:  # noqa: D102
        listed = ", ".join(self.quote(column.name) for column in columns)
        made = ", ".join(
            f"CAST(CAST({self.quote(column.name)} AS JSON) AS {column.type})"
            if column.array
            else f"CAST({self.quote(column.name)} AS {column.type})"
            for column in columns
        )
        with self.reported(table):
            self._connection.register("faasera_piece", piece)
            self._connection.execute(f"INSERT INTO {self.table(table)} ({listed}) SELECT {made} FROM faasera_piece")
            self._connection.unregister("faasera_piece")
