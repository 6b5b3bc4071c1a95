"""A folder that a run left, opened in DuckDB: its manifest, its policy, its tables."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
from typing_extensions import override

from faasera.core.digest import TableDigest
from faasera.core.errors import refuse
from faasera.core.extras import require
from faasera.core.storage import Location
from faasera.core.type_text import parse_type
from faasera.core.types import BINARY, JSON, DataType
from faasera.generators import GENERATORS
from faasera.policy.parse import ParsedPolicy, parse
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.place import CheckedTable, Place, first_line, plain
from faasera.run.check.report import FAILED, PASSED, Finding
from faasera.run.check.sql import name, text
from faasera.run.manifest import read_manifest
from faasera.run.planning import PolicySource, read_policy

if TYPE_CHECKING:
    import duckdb

MEMORY = "2GB"
_BATCH_ROWS = 65_536
_WIDE, _MOST_CELLS = 200, 100_000_000


class Folder(Place):
    """What a run left in files, ready for questions.

    Attributes:
        path: the folder.
        manifest: of the run.
        database: DuckDB, with the tables as views.
        most_rows: of a table that has more, about so many are looked at; None for no such limit.
    """

    ordered: ClassVar[bool] = True

    def __init__(
        self,
        path: Path,
        policy: PolicySource | None,
        workspace: Path,
        directory: Path | None = None,
        most_rows: int | None = None,
    ) -> None:
        self.path = path
        self.most_rows = most_rows
        self.manifest = read_manifest(Location(path))
        self.directory = directory
        if policy is None:
            value: Mapping[str, Any] = self.manifest["policy"]
        else:
            value, self.directory, _ = read_policy(policy)
        self.policy: ParsedPolicy = parse(value, GENERATORS, self.directory or path)
        self.name = str(self.manifest.get("name"))
        self.written = {entry["name"] for entry in self.manifest["tables"]}
        self.database, self.database_error = _connect(workspace)
        self.tables: dict[str, CheckedTable] = {}
        self._references: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        parsed = {table.policy.table_name: table for table in self.policy.tables}
        for entry in self.manifest["tables"]:
            if entry["name"] not in parsed:
                message = f"the folder has a table '{entry['name']}', and the policy has none of that name"
                refuse("unknown-table", message, "Give the policy that made the folder.")
            columns = {column["name"]: parse_type(column["dataType"]) for column in entry["columns"]}
            table = CheckedTable(entry["name"], entry, parsed[entry["name"]], columns)
            table.sampled = most_rows is not None and table.rows > most_rows
            gone = [file["path"] for file in entry["files"] if not (path / file["path"]).is_file()]
            if gone:
                self.unreadable[table.name] = f"missing: {', '.join(gone)}"
                continue
            try:
                self._open(table)
            except (self.database_error, UnreadableFileError) as error:
                self.unreadable[table.name] = first_line(error)
            else:
                self.tables[table.name] = table

    @override
    def reference(self, key: str, make: Callable[[], pa.Table]) -> str:
        if key not in self._references:
            self._references[key] = f"reference {len(self._references)}"
            self.database.register(self._references[key], make())
        return name(self._references[key])

    # tables

    def _open(self, table: CheckedTable) -> None:
        """A view or table of the right types."""
        quoted = name(table.name)
        if self.manifest["format"] == "arrow":
            self._open_arrow(table)
        elif self.manifest["format"] == "parquet":
            # A view of a wide file is bound anew, column by column, with each question.
            wide = len(table.columns) > _WIDE and table.rows * len(table.columns) <= _MOST_CELLS
            made = "TABLE" if table.sampled or wide else "VIEW"
            sample = self._sample(table)
            self.database.execute(f"CREATE {made} {quoted} AS SELECT * FROM read_parquet({self._files(table)}){sample}")
        else:
            self._open_text(table)
            return
        found = {row[0]: row[1] for row in self.all(f"DESCRIBE {quoted}")}
        self._compare_names(table, list(found))
        for column, data_type in table.columns.items():
            kind = found.get(column, "missing")
            if kind != sql_type(data_type):
                table.wrong_types[column] = f"{kind} instead of {sql_type(data_type)}"

    def _open_arrow(self, table: CheckedTable) -> None:
        """A table of the batches of Arrow streams."""
        paths = [str(self.path / file["path"]) for file in table.entry["files"]]
        try:
            with pa.ipc.open_stream(paths[0]) as first:
                schema = first.schema
            every = -(-table.rows // self.most_rows) if table.sampled and self.most_rows else 1
            batches = itertools.islice((batch for path in paths for batch in pa.ipc.open_stream(path)), 0, None, every)
            self.database.register("arrow stream", pa.RecordBatchReader.from_batches(schema, batches))
            self.database.execute(f'CREATE TABLE {name(table.name)} AS SELECT * FROM "arrow stream"')
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFileError(f"no Arrow stream: {error}") from error
        finally:
            self.database.unregister("arrow stream")

    def _open_text(self, table: CheckedTable) -> None:
        """A table read from CSV or JSON; where that fails, one of what fits the types."""
        quoted = name(table.name)
        if self.manifest["format"] == "csv":
            described = self.all(f"DESCRIBE SELECT * FROM {self._source(table, None)}")
            self._compare_names(table, [row[0] for row in described])
        plain = {column: "VARCHAR" if kind == BINARY else sql_type(kind) for column, kind in table.columns.items()}
        blobs = ", ".join(
            f"from_hex({name(column)}) AS {name(column)}" if kind == BINARY else name(column)
            for column, kind in table.columns.items()
        )
        table.unfit = dict.fromkeys(table.columns, 0)
        try:
            source = f"{self._source(table, plain)}{self._sample(table)}"
            self.database.execute(f"CREATE TABLE {quoted} AS SELECT {blobs} FROM {source}")
        except self.database_error:
            raw, texts = name(f"{table.name} as text"), dict.fromkeys(table.columns, "VARCHAR")
            # As a table, since casts of a view are made by the reader of the file, which stops at what it cannot cast.
            source = f"{self._source(table, texts)}{self._sample(table)}"
            self.database.execute(f"CREATE TABLE {raw} AS SELECT * FROM {source}")
            typed = ", ".join(f"{_typed(column, kind)} AS {name(column)}" for column, kind in table.columns.items())
            self.database.execute(f"CREATE TABLE {quoted} AS SELECT {typed} FROM {raw}")
            table.unfit = self._unfit(table, raw)
            self.database.execute(f"DROP TABLE {raw}")

    @staticmethod
    def _compare_names(table: CheckedTable, found: list[str]) -> None:
        if found != list(table.columns):
            table.wrong_types["*"] = f"the columns are {', '.join(found)}"

    def _sample(self, table: CheckedTable) -> str:
        """Which rows of a table are read: all, or pieces from everywhere in it that make up about so many."""
        if not table.sampled or self.most_rows is None:
            return ""
        return f" USING SAMPLE {100 * self.most_rows / table.rows:.6f} PERCENT (system, 7)"

    def _files(self, table: CheckedTable) -> str:
        return "[" + ", ".join(text(str(self.path / file["path"])) for file in table.entry["files"]) + "]"

    def _source(self, table: CheckedTable, types: Mapping[str, str] | None) -> str:
        """The files of a format of text as a table function; without types, of texts under the names in the file."""
        columns = "all_varchar=true"
        if types is not None:
            listed = ", ".join(f"{text(column)}: {text(kind)}" for column, kind in types.items())
            columns = f"columns={{{listed}}}"
        if self.manifest["format"] == "csv":
            delimiter = self.manifest.get("options", {}).get("delimiter", ",")
            detect = "true" if types is None else "false"
            quoting = "quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, max_line_size=8000000"
            layout = f"auto_detect={detect}, header=true, delim={text(delimiter)}, {quoting}"
            return f"read_csv({self._files(table)}, {layout}, {columns})"
        layout = "newline_delimited" if self.manifest["format"] == "jsonl" else "array"
        return f"read_json({self._files(table)}, format='{layout}', {columns}, maximum_object_size=200000000)"

    def _unfit(self, table: CheckedTable, raw: str) -> dict[str, int]:
        """How many texts of each column are no values of its type."""
        counts = ", ".join(
            f"count(*) FILTER ({name(column)} IS NOT NULL AND {_typed(column, kind)} IS NULL)"
            for column, kind in table.columns.items()
        )
        found = self.one(f"SELECT {counts} FROM {raw}")
        return dict(zip(table.columns, found, strict=True))

    def batches(self, table: CheckedTable) -> Iterator[pa.RecordBatch]:
        """The table's rows in the order of its files, in the types of the policy."""
        cast = ", ".join(f"CAST({name(one)} AS {sql_type(kind)}) AS {name(one)}" for one, kind in table.columns.items())
        reader = self.database.cursor().sql(f"SELECT {cast} FROM {name(table.name)}").to_arrow_reader(_BATCH_ROWS)
        schema = pa.schema([pa.field(column, kind.arrow) for column, kind in table.columns.items()])
        for batch in reader:
            yield batch.cast(schema)

    @override
    def contents(self, table: CheckedTable) -> Iterator[Finding]:
        found = int(self.one(f"SELECT count(*) FROM {name(table.name)}")[0])
        detail = "" if found == table.rows else f"{found:,} rows instead of {table.rows:,}"
        yield Finding(table.name, "row count", "", FAILED if detail else PASSED, detail)
        for column, wrong in table.wrong_types.items():
            yield Finding(table.name, "type", column, FAILED, wrong)
        for column, data_type in table.columns.items():
            if column not in table.wrong_types:
                count = table.unfit.get(column, 0)
                detail = f"{count:,} values are no {data_type}" if count else ""
                yield Finding(table.name, "type", column, FAILED if count else PASSED, detail, count)
        if not table.wrong_types:
            yield self._digest(table)

    def _digest(self, table: CheckedTable) -> Finding:
        """The manifest's digests, made again from the values that were read back."""
        digest = TableDigest([(column, str(kind)) for column, kind in table.columns.items()], table.rows)
        start = 0
        for batch in self.batches(table):
            if start + batch.num_rows > table.rows:
                break
            digest.add(start, batch)
            start += batch.num_rows
        if start == table.rows and digest.table() == table.entry["digest"]:
            return Finding(table.name, "digest", "", PASSED)
        columns = table.entry["columns"]
        changed = [one["name"] for number, one in enumerate(columns) if digest.column(number) != one["digest"]]
        # Reading a JSON file loses blanks inside of JSON values, and digits that a double cannot hold.
        json = self.manifest["format"] in ("json", "jsonl")
        loose = [one for one, kind in table.columns.items() if json and (kind == JSON or kind.precision > 15)]
        if start == table.rows and set(changed) <= set(loose):
            return Finding(table.name, "digest", "", PASSED, f"without {', '.join(loose)}")
        detail = (
            f"the values of {', '.join(changed)} are not those of the run" if changed else "rows are missing or added"
        )
        return Finding(table.name, "digest", "", FAILED, detail)

    # questions

    @override
    def all(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.execute(query).fetchall()

    @override
    def keep(self, name: str, query: str) -> None:
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    @override
    def close(self) -> None:
        self.database.close()

    @override
    def records(self, query: str) -> list[dict[str, Any]]:
        cursor = self.database.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [{key: plain(value) for key, value in zip(names, row, strict=True)} for row in cursor.fetchall()]

    # reference data

    @override
    def virtual(self, file: str) -> str | None:
        if self.directory is None:
            return None
        path = self.seed_directory / file
        if not path.is_file():
            return None
        readers = {
            ".parquet": "read_parquet({})",
            ".jsonl": "read_json_auto({})",
            ".csv": "read_csv({}, all_varchar=true)",
        }
        return readers[path.suffix.lower()].format(text(str(path)))


class UnreadableFileError(Exception):
    """A file that is not of the format that the manifest says."""


def require_duckdb() -> None:
    """See that checks can be made.

    Raises:
        PolicyError: DuckDB is not installed.
    """
    require("duckdb", extra="check", purpose="checking")


def _connect(workspace: Path) -> "tuple[duckdb.DuckDBPyConnection, type[Exception]]":
    require_duckdb()
    import duckdb

    database = duckdb.connect(str(workspace / "check.duckdb"))
    database.execute(f"SET memory_limit='{MEMORY}'; SET temp_directory={text(str(workspace / 'spill'))}")
    # DuckDB 2.0.0 finds other rows where it pushes IS NULL down into plain encoded texts of a Parquet file.
    database.execute("SET enable_progress_bar=false; SET disabled_optimizers='filter_pushdown'")
    return database, duckdb.Error


def _typed(column: str, data_type: DataType) -> str:
    """A raw text as a value of its type; null where it is none."""
    if data_type == BINARY:
        return f"TRY(from_hex({name(column)}))"
    return name(column) if data_type.is_text else f"TRY_CAST({name(column)} AS {sql_type(data_type)})"
