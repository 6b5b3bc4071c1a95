"""A folder that a run left, opened in DuckDB: its manifest, its policy, its tables."""

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
from faasera.generators import GENERATORS
from faasera.policy.parse import ParsedPolicy, parse
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.findings import FAILED, PASSED, Finding, first_line, plain
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.reading import FileReader, UnreadableFileError
from faasera.run.check.sql import quoted, text
from faasera.run.manifest import read_manifest
from faasera.run.planning import PolicySource, read_policy

if TYPE_CHECKING:
    import duckdb

MEMORY = "2GB"
_BATCH_ROWS = 65_536


class Folder(Place):
    """What a run left in files, ready for questions.

    Args:
        path: the folder.
        policy: instead of the one in the manifest.
        workspace: a folder for what does not fit into memory.
        directory: the folder that the paths of the manifest's policy start from, if it is known.
        most_rows: of a table that has more, about so many are looked at; None for no such limit.

    Attributes:
        path: the folder.
        manifest: of the run.
        database: DuckDB, with the tables as views.
        reader: of the files.
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
        self.reader = FileReader(self.database, path, self.manifest, most_rows)
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
                self.reader.open(table)
            except (self.database_error, UnreadableFileError) as error:
                self.unreadable[table.name] = first_line(error)
            else:
                self.tables[table.name] = table

    @override
    def reference(self, key: str, make: Callable[[], pa.Table]) -> str:
        if key not in self._references:
            self._references[key] = f"reference {len(self._references)}"
            self.database.register(self._references[key], make())
        return quoted(self._references[key])

    def batches(self, table: CheckedTable) -> Iterator[pa.RecordBatch]:
        """The table's rows in the order of its files, in the types of the policy."""
        cast = ", ".join(
            f"CAST({quoted(one)} AS {sql_type(kind)}) AS {quoted(one)}" for one, kind in table.columns.items()
        )
        reader = self.database.cursor().sql(f"SELECT {cast} FROM {quoted(table.name)}").to_arrow_reader(_BATCH_ROWS)
        schema = pa.schema([pa.field(column, kind.arrow) for column, kind in table.columns.items()])
        for batch in reader:
            yield batch.cast(schema)

    @override
    def contents(self, table: CheckedTable) -> Iterator[Finding]:
        found = int(self.one(f"SELECT count(*) FROM {quoted(table.name)}")[0])
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
        loose = [column for column, kind in table.columns.items() if self.reader.format.loose(kind)]
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
