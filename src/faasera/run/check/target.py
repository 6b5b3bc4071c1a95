"""A database that a run loaded, asked in place: DuckDB's SQL in the words of the target, or not at all."""

import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.errors import FaaseraError, RunError
from faasera.core.types import DataType
from faasera.databases.base import open_database
from faasera.databases.connections import find_connection
from faasera.databases.structure import ColumnStructure, TableStructure
from faasera.generators import GENERATORS
from faasera.plan.evaluate import batch_of
from faasera.plan.model import Plan, TablePlan
from faasera.policy.keys import read_keys
from faasera.policy.parse import ParsedTable, parse
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding, plain
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import NotCheckableError
from faasera.run.check.translation import translated
from faasera.schema.dialects import dialect_of
from faasera.schema.live import read_database

_SAMPLE_ROWS = 256
"""So many values tell whether the database prints them as they are written."""


class CheckedDatabase(Place):
    """A database with the tables of a policy.

    Args:
        source: its URL, or the name of a connection.
        plan: what was loaded.
        tables: which ones were; None for all.
        appended: whether their rows came after others.
    """

    ordered: ClassVar[bool] = False

    def __init__(self, source: str, plan: Plan, tables: Collection[str] | None, *, appended: bool) -> None:
        self.directory = plan.directory
        self.policy = parse(plan.policy, GENERATORS, plan.directory)
        self.name = plan.name
        self.appended = appended
        self.database_error = (FaaseraError, NotCheckableError)
        self.database = open_database(find_connection(source))
        self.dialect = dialect_of(self.database)
        for setting in self.dialect.settings:
            with contextlib.suppress(RunError):
                self.database.execute(setting)
        self.written = set(plan.tables if tables is None else tables)
        self.tables, self.unreadable = {}, {}
        self._sources: dict[str, str] = {}
        self._printed: dict[tuple[str, str], ColumnStructure] = {}
        structure = read_database(self.database)
        parsed = {table.policy.table_name: table for table in self.policy.tables}
        for name, table in plan.tables.items():
            target = structure.tables.get(name)
            lacking = _lacking(table, target)
            if target is None or lacking:
                if name in self.written:
                    self.unreadable[name] = lacking
                continue
            columns = {column.name: column.data_type for column in table.visible}
            self._sources[name] = self._source(target, columns, _key_columns(parsed[name]))
            found = self.database.count(target)
            described = [{"name": one.name, "nullable": one.generator.nullable} for one in table.visible]
            entry = {
                "rows": found,
                "promised": table.row_count,
                "columns": described,
                "redrawn": table.conditioned,
            }
            self.tables[name] = CheckedTable(
                name,
                entry,
                parsed[name],
                columns,
                reprinted=self._reprinted(plan, table, target),
                triggered={
                    one: trigger.name for trigger in target.triggers if trigger.on_insert for one in trigger.sets
                },
            )

    def _source(self, target: TableStructure, columns: dict[str, DataType], keys: set[str]) -> str:
        """A table's columns in the types of the policy."""
        shown = []
        for name, data_type in columns.items():
            column = target.column(name)
            assert column is not None
            quoted = self.database.quote(name)
            kept = name in keys and self.dialect.keys_as_stored
            made = quoted if kept else self.dialect.comparable(self.database, column, data_type)
            shown.append(f"{made} AS {quoted}")
        return f"SELECT {', '.join(shown)} FROM {self.database.source(target)}"

    def _reprinted(self, plan: Plan, table: TablePlan, target: TableStructure) -> dict[str, str]:
        """Columns whose first values the database would print otherwise than they were written, with their types."""
        found: dict[str, str] = {}
        sample: pa.RecordBatch | None = None
        for planned in table.visible:
            column = target.column(planned.name)
            if column is None or not planned.data_type.is_text or not table.row_count:
                continue
            printed = self.dialect.printed(column, "v")
            if printed is None:
                continue
            self._printed[table.name, column.name] = column
            sample = sample or batch_of(plan, table, 0, min(table.row_count, _SAMPLE_ROWS))
            values = pc.unique(decoded(sample.column(column.name)).drop_null()).to_pylist()
            listed = " UNION ALL ".join(f"SELECT {self.database.text(str(value))} AS v" for value in values)
            other = f"SELECT count(*) FROM ({listed}) AS s WHERE {printed} <> v"
            try:
                changed = bool(values) and bool(self.database.query(other)[0][0])
            except RunError:
                changed = True
            if changed:
                found[column.name] = column.type
        return found

    @override
    def prints(self, table: CheckedTable, column: str) -> bool:
        return (table.name, column) in self._printed

    @override
    def as_printed(self, table: CheckedTable, column: str, text: str) -> str:
        printed = self.dialect.printed(self._printed[table.name, column], self.database.text(text))
        try:
            return str(self.database.query(f"SELECT {printed}")[0][0])
        except RunError:
            return text

    def _ask(self, query: str) -> str:
        return translated(query, self.dialect, self._sources)

    @override
    def all(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.query(self._ask(query))

    @override
    def records(self, query: str) -> list[dict[str, Any]]:
        table = self.database.arrow(self._ask(query))
        return [{key: plain(value) for key, value in row.items()} for row in table.to_pylist()]

    @override
    def keep(self, name: str, query: str) -> None:
        self.database.execute(f"DROP TABLE IF EXISTS {name}")
        self.database.execute(f"CREATE TEMPORARY TABLE {name} AS {self._ask(query)}")

    @override
    def reference(self, key: str, make: Callable[[], pa.Table]) -> str:
        raise NotCheckableError("reference data is not put into the database")

    @override
    def virtual(self, file: str) -> str | None:
        return None

    @override
    def contents(self, table: CheckedTable) -> Iterator[Finding]:
        promised = int(table.entry["promised"])
        if self.appended and table.rows > promised:
            yield Finding(table.name, "row count", "", SKIPPED, "rows were there before")
        else:
            detail = f"{table.rows:,} rows instead of {promised:,}" if table.rows != promised else ""
            yield Finding(table.name, "row count", "", FAILED if detail else PASSED, detail)
        yield Finding(table.name, "digest", "", SKIPPED, "the rows of a database have no order")

    @override
    def close(self) -> None:
        self.database.close()


def _lacking(table: TablePlan, target: TableStructure | None) -> str:
    """What of a table is not in the database; nothing where all is."""
    if target is None:
        return "the database has no such table"
    missing = [column.name for column in table.visible if target.column(column.name) is None]
    return f"the table has no column {', '.join(missing)}" if missing else ""


def _key_columns(table: ParsedTable) -> set[str]:
    keys = [key.columns for key in read_keys(table.policy, table.rules).declared]
    return {column for key in [*keys, *(one.columns for one in table.policy.foreign_keys)] for column in key}
