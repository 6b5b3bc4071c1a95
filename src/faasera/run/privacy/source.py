"""Real tables, to be looked at and not kept: files, a folder of files, or a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faasera.core.errors import refuse
from faasera.databases.base import open_database, require_db
from faasera.databases.connections import find_connection, is_database
from faasera.run.check.sql import quoted, text

if TYPE_CHECKING:
    import duckdb

_READERS = {
    ".parquet": "read_parquet([{}])",
    ".csv": "read_csv([{}], all_varchar=true, header=true)",
    ".tsv": "read_csv([{}], all_varchar=true, header=true, delim='\t')",
    ".jsonl": "read_json_auto([{}], format='newline_delimited', maximum_object_size=200000000)",
    ".ndjson": "read_json_auto([{}], format='newline_delimited', maximum_object_size=200000000)",
    ".json": "read_json_auto([{}], format='array', maximum_object_size=200000000)",
}
_SUFFIXES = ", ".join(_READERS)


@dataclass(frozen=True)
class RealTable:
    """A real table.

    Attributes:
        name: as the source has it.
        view: by which DuckDB knows it, quoted.
        columns: by their names in lower case.
    """

    name: str
    view: str
    columns: dict[str, str]


def real_tables(database: "duckdb.DuckDBPyConnection", source: str, prefix: str) -> dict[str, RealTable]:
    """The tables of a source by their names in lower case; their values are read when they are asked for.

    Args:
        database: in which the views are made.
        source: a file, a folder of files, a database's URL, or the name of a connection.
        prefix: of the views' names.

    Raises:
        PolicyError: there is no such source, or it has no tables.
    """
    found: dict[str, RealTable] = {}
    made = _of_database(database, source, prefix) if is_database(source) else _of_files(database, source, prefix)
    for given, view in made:
        described = database.execute(f"DESCRIBE {view}").fetchall()
        found[given.casefold()] = RealTable(given, view, {row[0].casefold(): row[0] for row in described})
    if not found:
        message = f"there are no tables in {source}"
        refuse("no-tables", message, f"Name a file or a folder of files: {_SUFFIXES}.")
    return found


def _of_database(database: "duckdb.DuckDBPyConnection", source: str, prefix: str) -> Iterator[tuple[str, str]]:
    from faasera.schema.live import read_database

    require_db()
    opened = open_database(find_connection(source, open_to_all=True))
    try:
        for number, table in enumerate(read_database(opened)):
            view = f"{prefix} {number}"
            database.register(view, opened.arrow(f"SELECT * FROM {opened.table(table.name)}"))
            yield table.name, quoted(view)
    finally:
        opened.close()


def _of_files(database: "duckdb.DuckDBPyConnection", source: str, prefix: str) -> Iterator[tuple[str, str]]:
    import duckdb

    for number, (given, paths) in enumerate(sorted(_tables(Path(source)).items())):
        view = quoted(f"{prefix} {number}")
        reader = _READERS[paths[0].suffix.lower()].format(", ".join(text(str(path)) for path in paths))
        try:
            database.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {reader}")
        except duckdb.Error as error:
            # The first line alone, and of that what is no value of the file.
            message = f"{paths[0]} cannot be read: {type(error).__name__}"
            refuse("file-unreadable", message, "Correct the file.")
        yield given, view


def _tables(path: Path) -> dict[str, list[Path]]:
    """The files of each table: a file alone, or all of a folder of parts."""
    if path.is_file():
        if path.suffix.lower() not in _READERS:
            message = f"{path} is no file of rows that can be read"
            refuse("file-format", message, f"Use {_SUFFIXES}.")
        return {path.stem: [path]}
    if not path.is_dir():
        message = f"there is no {path}"
        refuse("source-unreadable", message, "Name a file, a folder, or a database's URL.")
    found: dict[str, list[Path]] = {}
    for one in sorted(path.iterdir()):
        if one.is_file() and one.suffix.lower() in _READERS and not one.name.startswith(("_", ".")):
            found[one.stem] = [one]
        parts = sorted(one.glob("*")) if one.is_dir() and not one.name.startswith(("_", ".")) else []
        parts = [part for part in parts if part.suffix.lower() in _READERS]
        if parts:
            found[one.name] = [part for part in parts if part.suffix == parts[0].suffix]
    return found
