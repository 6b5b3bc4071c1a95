"""Files of any format as tables of DuckDB: by its own readers where it has them, else by the format's."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faasera.core.arrow import decoded
from faasera.core.errors import refuse
from faasera.core.types import BINARY, DataType
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import quoted
from faasera.writers import WRITERS

if TYPE_CHECKING:
    import duckdb

_WIDE, _MOST_CELLS = 200, 100_000_000


class UnreadableFileError(Exception):
    """A file that is not of the format that the manifest says."""


class FileReader:
    """Opens the tables of a run.

    Args:
        database: where they become tables or views.
        path: the folder.
        manifest: of the run.
        most_rows: of a table that is sampled.

    Attributes:
        format: of all files.

    Raises:
        PolicyError: nothing here knows the format.
    """

    def __init__(
        self,
        database: "duckdb.DuckDBPyConnection",
        path: Path,
        manifest: Mapping[str, Any],
        most_rows: int | None,
    ) -> None:
        declared = WRITERS.get(manifest["format"])
        if declared is None:
            message = f"the files are of the format '{manifest['format']}', which is not known here"
            refuse("unknown-format", message, "Install the package that brings the format.")
        self.format = declared
        self._options = declared.read_options(manifest.get("options") or {})
        self._database = database
        self._path = path
        self._most_rows = most_rows

    def open(self, table: CheckedTable) -> None:
        """Make a view or table of the right types, and note in the table what is wrong with them.

        Raises:
            UnreadableFileError: a file is none of the format.
            duckdb.Error: the same, or there is no room.
        """
        files = [self._path / file["path"] for file in table.entry["files"]]
        if self.format.sql is None:
            self._scan(table, files)
        elif self.format.typed:
            self._look(table, f"{self.format.duckdb(files, self._options)}{self._sample(table)}")
        else:
            self._parse(table, files)

    def _look(self, table: CheckedTable, source: str) -> None:
        """A view of files that DuckDB reads and that say their types."""
        # A view of a wide file is bound anew, column by column, with each question.
        wide = len(table.columns) > _WIDE and table.rows * len(table.columns) <= _MOST_CELLS
        made = "TABLE" if table.sampled or wide else "VIEW"
        self._database.execute(f"CREATE {made} {quoted(table.name)} AS SELECT * FROM {source}")
        self._compare(table, self._described(quoted(table.name)))

    def _parse(self, table: CheckedTable, files: Sequence[Path]) -> None:
        """A table of files of text that DuckDB reads; where that fails, one of what fits the types."""
        import duckdb

        sample = self._sample(table)
        if (texts := self.format.duckdb(files, self._options)) is not None:
            _compare_names(table, list(self._described(texts)))
        kinds = {column: "VARCHAR" if kind == BINARY else sql_type(kind) for column, kind in table.columns.items()}
        blobs = ", ".join(
            f"from_hex({quoted(column)}) AS {quoted(column)}" if kind == BINARY else quoted(column)
            for column, kind in table.columns.items()
        )
        table.unfit = dict.fromkeys(table.columns, 0)
        try:
            source = f"{self.format.duckdb(files, self._options, kinds)}{sample}"
            self._database.execute(f"CREATE TABLE {quoted(table.name)} AS SELECT {blobs} FROM {source}")
        except duckdb.Error:
            # As a table, since casts of a view are made by the reader of the file, which stops at what it cannot cast.
            raw, kinds = quoted(f"{table.name} as text"), dict.fromkeys(table.columns, "VARCHAR")
            source = f"{self.format.duckdb(files, self._options, kinds)}{sample}"
            self._database.execute(f"CREATE TABLE {raw} AS SELECT * FROM {source}")
            self._cast(table, raw)

    def _scan(self, table: CheckedTable, files: Sequence[Path]) -> None:
        """A table of what the format's own reader finds."""
        raw = quoted(table.name if self.format.typed else f"{table.name} as text")
        every = -(-table.rows // self._most_rows) if table.sampled and self._most_rows else 1
        try:
            batches = self._batches(files)
            first = next(batches)
            schema = first.schema
            if not schema.names and not table.rows:
                schema = pa.schema([(column, pa.string()) for column in table.columns])
            filled = (batch for batch in itertools.chain([first], batches) if batch.num_rows)
            chosen = itertools.islice(filled, 0, None, every)
            self._database.register("batches", pa.RecordBatchReader.from_batches(schema, chosen))
            self._database.execute(f"CREATE TABLE {raw} AS SELECT * FROM batches")
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UnreadableFileError(f"no file of the format '{self.format.name}': {error}") from error
        finally:
            self._database.unregister("batches")
        found = self._described(raw)
        if self.format.typed:
            self._compare(table, found)
            return
        _compare_names(table, list(found))
        if table.wrong_types:
            self._database.execute(f"ALTER TABLE {raw} RENAME TO {quoted(table.name)}")
        else:
            self._cast(table, raw)

    def _batches(self, files: Sequence[Path]) -> Iterator[pa.RecordBatch]:
        for file in files:
            for batch in self.format.read(file, self._options):
                yield pa.RecordBatch.from_arrays([decoded(one) for one in batch.columns], names=batch.schema.names)

    def _cast(self, table: CheckedTable, raw: str) -> None:
        """A table of the texts of another that fit the types; and how many there are of each column that do not."""
        typed = ", ".join(f"{_typed(column, kind)} AS {quoted(column)}" for column, kind in table.columns.items())
        self._database.execute(f"CREATE TABLE {quoted(table.name)} AS SELECT {typed} FROM {raw}")
        counts = ", ".join(
            f"count(*) FILTER ({quoted(column)} IS NOT NULL AND {_typed(column, kind)} IS NULL)"
            for column, kind in table.columns.items()
        )
        found = self._database.execute(f"SELECT {counts} FROM {raw}").fetchone()
        table.unfit = dict(zip(table.columns, found or (), strict=True))
        self._database.execute(f"DROP TABLE {raw}")

    def _sample(self, table: CheckedTable) -> str:
        """Which rows of a table are read: all, or pieces from everywhere in it that make up about so many."""
        if not table.sampled or self._most_rows is None:
            return ""
        return f" USING SAMPLE {100 * self._most_rows / table.rows:.6f} PERCENT (system, 7)"

    def _described(self, source: str) -> dict[str, str]:
        """The columns of a source, with their types."""
        found = self._database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        return {row[0]: row[1] for row in found}

    @staticmethod
    def _compare(table: CheckedTable, found: Mapping[str, str]) -> None:
        """Note what is wrong with the names and types of columns."""
        _compare_names(table, list(found))
        for column, data_type in table.columns.items():
            kind = found.get(column, "missing")
            if kind != sql_type(data_type):
                table.wrong_types[column] = f"{kind} instead of {sql_type(data_type)}"


def _compare_names(table: CheckedTable, found: list[str]) -> None:
    if found != list(table.columns):
        table.wrong_types["*"] = f"the columns are {', '.join(found)}"


def _typed(column: str, data_type: DataType) -> str:
    """A raw text as a value of its type; null where it is none."""
    if data_type == BINARY:
        return f"TRY(from_hex({quoted(column)}))"
    return quoted(column) if data_type.is_text else f"TRY_CAST({quoted(column)} AS {sql_type(data_type)})"
