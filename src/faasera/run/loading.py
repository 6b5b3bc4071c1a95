"""A run into a database: tables created where they are missing, rows in one transaction, nothing half loaded."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from faasera.core.digest import TableDigest
from faasera.core.errors import FaaseraError, PolicyError, Problem, Problems, RunError, did_you_mean
from faasera.databases.base import Database
from faasera.databases.connections import Connection
from faasera.databases.structure import Column, Structure
from faasera.databases.structure import Table as Target
from faasera.plan.links import ForestLink
from faasera.plan.model import ForeignKeyPlan, Plan, TablePlan
from faasera.run.allocator import keep_memory
from faasera.run.appending import Continuation, continue_keys
from faasera.run.manifest import Manifest, TableEntry, build_manifest
from faasera.run.pipeline import Part, Pipeline, Progress, TableRun
from faasera.run.runner import selected
from faasera.schema.comparison import compare
from faasera.schema.creation import MARK, Definition, define
from faasera.schema.live import read_database

MODES = ("fail", "append", "truncate", "replace")
_PIECE_BYTES = 32 << 20
_UNFINISHED = "unfinished load"


@dataclass
class _Load:
    """One table on its way into the database.

    Attributes:
        plan: of the table.
        columns: of the database, in the order of the plan's.
        definition: how it was created; None where it was there.
        first: the first row to write.
        late: foreign keys whose parents come later, as the database holds them.
    """

    plan: TablePlan
    columns: list[Column]
    definition: Definition | None
    first: int = 0
    late: tuple[ForeignKeyPlan, ...] = ()


class TableSink:
    """Takes the rows of a table into a database."""

    def __init__(self, database: Database, table: str, columns: Sequence[Column], empty: frozenset[str]) -> None:
        self.database = database
        self.table = table
        self.columns = list(columns)
        self.empty = empty

    def rows_per_piece(self, row_bytes: int) -> int:  # noqa: D102
        return max(1, min(self.database.piece_rows, _PIECE_BYTES // row_bytes))

    def open(self) -> None:
        """Nothing to get ready: the table is there."""

    def encode(self, batches: Sequence[pa.RecordBatch]) -> Any:  # noqa: D102
        if self.empty:
            batches = [_emptied(batch, self.empty) for batch in batches]
        return self.database.encode(self.table, self.columns, batches)

    def append(self, piece: Any) -> None:  # noqa: D102
        self.database.append(self.table, self.columns, piece)

    def finish(self, metadata: Mapping[str, str]) -> None:
        """Rows are kept when the run is committed."""

    def close(self) -> None:
        """The connection is the run's."""


def _emptied(batch: pa.RecordBatch, columns: frozenset[str]) -> pa.RecordBatch:
    arrays = [
        pa.nulls(batch.num_rows, array.type) if name in columns else array
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


class DatabaseRun:
    """Loads the tables of a plan into a database.

    Args:
        plan: what to make.
        connection: where to put it.
        database: open.
        mode: what to do with rows that are there: one of ``MODES``.
        tables: which ones; None for all.
        workers: threads; by default one a core.
        progress: called with a table's name, its rows so far and its rows in all.
    """

    def __init__(
        self,
        plan: Plan,
        connection: Connection,
        database: Database,
        *,
        mode: str = "fail",
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        if mode not in MODES:
            raise PolicyError([Problem("", "unknown-mode", f"there is no mode '{mode}'", did_you_mean(mode, MODES))])
        self.plan = plan
        self.connection = connection
        self.database = database
        self.mode = mode
        self.tables = selected(plan, tables)
        self.pipeline = Pipeline(plan, workers, progress)
        self.warnings: list[str] = []
        self._created: list[str] = []

    def execute(self) -> Manifest:
        """Load everything, or nothing.

        Raises:
            PolicyError: the target does not take these rows; nothing was touched.
            RunError: the run failed; the target is as it was, or the message says what is left, and how to undo it.
        """
        keep_memory()
        started = time.perf_counter()
        database = self.database
        structure = read_database(database)
        self._remove_unfinished(structure)
        present = self._present(structure)
        if self.mode == "append":
            self._continue(structure, present)
        self._check_keys(structure)
        try:
            if database.transactional_definitions:
                database.begin()
            loads = self._loads(structure)
            if not database.transactional_definitions:
                database.begin()
            self._empty(structure, loads)
            self._defer(structure, loads)
            runs = [self._run(load) for load in loads]
            self.pipeline.write(runs)
            self._second_pass(loads)
            self._finish(structure, loads)
        except BaseException as error:
            self._undo(error)
            raise
        entries = [self._entry(run) for run in runs]
        seconds = time.perf_counter() - started
        plan = replace(self.plan, warnings=(*self.plan.warnings, *self.warnings))
        return build_manifest(
            plan, database.label, entries, seconds, self.pipeline.workers, {"to": str(self.connection)}
        )

    # before

    def _remove_unfinished(self, structure: Structure) -> None:
        """Tables that a killed run created and left without their rows."""
        for name in [
            one.name for one in structure if one.comment and _UNFINISHED in one.comment and MARK in one.comment
        ]:
            with contextlib.suppress(RunError):
                self.database.execute("SET SESSION foreign_key_checks = 0")
            self.database.execute(f"DROP TABLE {self.database.table(name)}")
            del structure.tables[name]
            self.warnings.append(f"the table {name}, which a run that was cut off had left empty, was created anew")

    def _present(self, structure: Structure) -> dict[str, int]:
        """How many rows the tables have; refused where they have any and nothing says what to do with them."""
        found = {}
        for table in self.tables:
            if table.name in structure.tables:
                found[table.name] = int(
                    self.database.query(f"SELECT count(*) FROM {self.database.table(table.name)}")[0][0]
                )
        held = {name: rows for name, rows in found.items() if rows}
        if held and self.mode == "fail":
            shown = ", ".join(f"{name} ({rows:,})" for name, rows in held.items())
            message = f"{self.connection} has rows already: {shown}"
            remedy = "Add --mode append, truncate or replace, or choose another target."
            raise PolicyError([Problem("", "target-not-empty", message, remedy)])
        return found

    def _continue(self, structure: Structure, present: Mapping[str, int]) -> None:
        """Let row numbers and keys go on after those that are there."""
        made: Continuation = continue_keys(self.plan, self.database, structure, present)
        self.plan = self.pipeline.plan = made.plan
        self._first = made.first
        self.tables = [self.plan.tables[table.name] for table in self.tables]

    _first: Mapping[str, int] = {}

    def _check_keys(self, structure: Structure) -> None:
        """What the target needs and the policy lacks, of all tables at once."""
        problems = Problems()
        wanted = {table.name for table in self.tables}
        if self.mode != "replace":
            for table in self.tables:
                target = structure.tables.get(table.name)
                if target is not None:
                    compare(self.plan, table, target, self.database.dialect, problems)
        for table in self.tables:
            for key in table.foreign_keys.values():
                missing = not key.virtual and key.parent not in wanted and key.parent not in structure.tables
                if missing and table.name not in structure.tables:
                    message = f"{table.name} refers to {key.parent}, which is neither loaded nor there"
                    problems.add("target-differs", message, "Load both.")
        self._check_dependents(structure, problems)
        problems.raise_any()

    def _check_dependents(self, structure: Structure, problems: Problems) -> None:
        """Tables beside the policy's whose rows refer to rows that would go."""
        if self.mode not in ("truncate", "replace"):
            return
        wanted = {table.name for table in self.tables}
        for other in structure:
            for key in other.foreign_keys:
                if key.table in wanted and other.name not in wanted:
                    count = int(self.database.query(f"SELECT count(*) FROM {self.database.table(other.name)}")[0][0])
                    if count or self.mode == "replace":
                        message = f"{other.name}, which is not loaded, refers to {key.table} and has {count:,} rows"
                        problems.add("target-in-use", message, "Load both, or remove its rows first.")

    # tables

    def _loads(self, structure: Structure) -> list[_Load]:
        if self.mode == "replace":
            self._drop([table.name for table in self.tables if table.name in structure.tables])
        kept = {} if self.mode == "replace" else structure.tables
        missing = [table for table in self.tables if table.name not in kept]
        known = set(kept)
        inline = not self.database.transactional_definitions and len(missing) < len(self.tables)
        definitions: dict[str, Definition] = {}
        for table in missing:
            made = define(self.plan, table, self.database, known | {table.name}, inline=inline)
            known.add(table.name)
            for statement in made.create:
                self._define(statement)
            self._created.append(table.name)
            self.warnings += made.warnings
            definitions[table.name] = made
        loads = []
        for table in self.tables:
            definition = definitions.get(table.name)
            if definition is not None:
                columns = definition.columns
            else:
                columns = compare(self.plan, table, kept[table.name], self.database.dialect, Problems())
            late = self._late(table, kept.get(table.name), inline=inline)
            loads.append(_Load(table, columns, definition, self._first.get(table.name, 0), late))
        return loads

    def _define(self, statement: str) -> None:
        """Create something; where that cannot be rolled back, it is marked until the run is done."""
        if not self.database.transactional_definitions and statement.startswith("CREATE TABLE"):
            statement = statement.replace(f"COMMENT = '{MARK}", f"COMMENT = '{_UNFINISHED}: {MARK}", 1)
        self.database.execute(statement)

    def _drop(self, names: Sequence[str]) -> None:
        if not names:
            return
        listed = [self.database.table(name) for name in reversed(names)]
        if self.database.dialect == "postgres":
            self.database.execute(f"DROP TABLE {', '.join(listed)}")
            return
        if self.database.dialect == "mysql":
            self.database.execute("SET SESSION foreign_key_checks = 0")
        for name in listed:
            self.database.execute(f"DROP TABLE {name}")
        if self.database.dialect == "mysql":
            self.database.execute("SET SESSION foreign_key_checks = 1")

    def _late(self, table: TablePlan, target: Target | None, *, inline: bool) -> tuple[ForeignKeyPlan, ...]:
        """Foreign keys whose parents may come after the row, where the database looks at once."""
        if target is None and not inline and self.database.dialect not in ("duckdb", "sqlite"):
            return ()
        order = [one.name for one in self.tables]
        found = []
        for key in table.foreign_keys.values():
            later = key.parent in order and order.index(key.parent) > order.index(table.name)
            own = key.parent == table.name and not isinstance(key.link, ForestLink)
            held = target is None or any(set(one.columns) == set(key.columns) for one in target.foreign_keys)
            if (later or own) and held and not key.virtual:
                found.append(key)
        return tuple(found)

    def _empty(self, structure: Structure, loads: Sequence[_Load]) -> None:
        if self.mode != "truncate":
            return
        names = [load.plan.name for load in loads if load.definition is None]
        if self.database.dialect == "postgres" and names:
            self.database.execute(f"TRUNCATE {', '.join(map(self.database.table, names))}")
            return
        circular = any(load.late for load in loads)
        if circular and self.database.dialect == "mysql":
            self.database.execute("SET SESSION foreign_key_checks = 0")
        for name in reversed(names):
            own = [key for key in structure.tables[name].foreign_keys if key.table == name]
            for key in own if self.database.dialect == "mysql" and not circular else ():
                sets = ", ".join(f"{self.database.quote(column)} = NULL" for column in key.columns)
                optional = all((found := structure.tables[name].column(one)) and found.nullable for one in key.columns)
                if optional:
                    self.database.execute(f"UPDATE {self.database.table(name)} SET {sets}")
            self.database.execute(f"DELETE FROM {self.database.table(name)}")
        if circular and self.database.dialect == "mysql":
            self.database.execute("SET SESSION foreign_key_checks = 1")

    # circles

    def _defer(self, structure: Structure, loads: Sequence[_Load]) -> None:
        """PostgreSQL looks at foreign keys of a circle when all rows are there."""
        if self.database.dialect != "postgres" or not any(load.late for load in loads):
            return
        for name, constraint in self._altered(structure, loads):
            self.database.execute(f"ALTER TABLE {name} ALTER CONSTRAINT {constraint} DEFERRABLE")
        self.database.execute("SET CONSTRAINTS ALL DEFERRED")

    def _altered(self, structure: Structure, loads: Sequence[_Load]) -> list[tuple[str, str]]:
        found = []
        for load in loads:
            target = structure.tables.get(load.plan.name)
            for key in target.foreign_keys if target is not None else ():
                late = any(set(key.columns) == set(one.columns) for one in load.late)
                if late and not key.deferrable:
                    found.append((self.database.table(load.plan.name), self.database.quote(key.name)))
        return found

    def _second_pass(self, loads: Sequence[_Load]) -> None:
        """MySQL gets the foreign keys of a circle when all rows are there."""
        if self.database.dialect != "mysql":
            return
        runs = []
        for load in loads:
            empty = self._emptied(load)
            if not empty:
                continue
            key = self._row_key(load)
            wanted = {*key, *empty}
            plan = replace(
                load.plan,
                columns=tuple(replace(one, hidden=one.hidden or one.name not in wanted) for one in load.plan.columns),
            )
            columns = [column for column in load.columns if column.name in wanted]
            temporary = f"faasera {load.plan.name}"[:60]
            kinds = ", ".join(f"{self.database.quote(one.name)} {one.type}" for one in columns)
            listed = ", ".join(map(self.database.quote, key))
            self.database.execute(
                f"CREATE TEMPORARY TABLE {self.database.quote(temporary)} ({kinds}, PRIMARY KEY ({listed}))"
            )
            sink = TableSink(self.database, temporary, columns, frozenset())
            described = [(one.name, str(one.data_type)) for one in plan.visible]
            digest = TableDigest(described, plan.row_count - load.first)
            runs.append((load, temporary, TableRun(plan, [Part(sink, load.first, plan.row_count)], digest, load.first)))
        if not runs:
            return
        quiet = Pipeline(self.plan, self.pipeline.workers, None)
        quiet.write([run for _, _, run in runs])
        for load, temporary, _ in runs:
            pairs = " AND ".join(
                f"t.{self.database.quote(one)} = s.{self.database.quote(one)}" for one in self._row_key(load)
            )
            sets = ", ".join(
                f"t.{self.database.quote(one)} = s.{self.database.quote(one)}" for one in sorted(self._emptied(load))
            )
            table = self.database.table(load.plan.name)
            self.database.execute(f"UPDATE {table} t JOIN {self.database.quote(temporary)} s ON {pairs} SET {sets}")
            self.database.execute(f"DROP TEMPORARY TABLE {self.database.quote(temporary)}")

    def _row_key(self, load: _Load) -> tuple[str, ...]:
        visible = {column.name for column in load.plan.visible}
        return next(
            (
                key
                for key in load.plan.keys
                if set(key) <= visible and not any(load.plan.column(one).generator.nullable for one in key)
            ),
            (),
        )

    def _emptied(self, load: _Load) -> frozenset[str]:
        """The columns that a first pass leaves empty."""
        if self.database.dialect != "mysql" or not self._row_key(load):
            return frozenset()
        nullable = {column.name for column in load.columns if column.nullable}
        key = set(self._row_key(load))
        keys = [one for one in load.late if set(one.columns) & nullable and not set(one.columns) & key]
        return frozenset(column for one in keys for column in one.columns if column in nullable)

    def _unchecked(self, loads: Sequence[_Load]) -> bool:
        """Whether MySQL must not look at foreign keys, as those of a circle cannot be empty at first."""
        if self.database.dialect != "mysql":
            return False
        return any(not set(key.columns) & self._emptied(load) for load in loads for key in load.late)

    # rows

    def _run(self, load: _Load) -> TableRun:
        if self._unchecked([load]):
            self.database.execute("SET SESSION foreign_key_checks = 0")
        described = [(column.name, str(column.data_type)) for column in load.plan.visible]
        sink = TableSink(self.database, load.plan.name, load.columns, self._emptied(load))
        digest = TableDigest(described, load.plan.row_count - load.first)
        return TableRun(load.plan, [Part(sink, load.first, load.plan.row_count)], digest, load.first)

    # after

    def _finish(self, structure: Structure, loads: Sequence[_Load]) -> None:
        """Keys, references, counters; then everything is kept."""
        database = self.database
        if self._unchecked(loads):
            database.execute("SET SESSION foreign_key_checks = 1")
            self._prove_references(loads)
        if database.dialect == "postgres":
            altered = self._altered(structure, loads)
            if altered or any(load.late for load in loads):
                database.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name, constraint in altered:
                database.execute(f"ALTER TABLE {name} ALTER CONSTRAINT {constraint} NOT DEFERRABLE")
        if not database.transactional_definitions:
            database.commit()
        for load in loads:
            for statement in load.definition.keys if load.definition else ():
                database.execute(statement)
        for load in loads:
            for statement in load.definition.references if load.definition else ():
                database.execute(statement)
        self._move_counters(loads)
        if database.transactional_definitions:
            database.commit()
        else:
            self._unmark(loads)

    def _unmark(self, loads: Sequence[_Load]) -> None:
        for load in loads:
            if load.definition is not None:
                comment = load.definition.create[-1].rpartition("COMMENT = ")[2]
                self.database.execute(f"ALTER TABLE {self.database.table(load.plan.name)} COMMENT = {comment}")

    def _prove_references(self, loads: Sequence[_Load]) -> None:
        """Look for rows without a parent, where MySQL did not."""
        for load in loads:
            for key in load.late:
                pairs = " AND ".join(
                    f"c.{self.database.quote(own)} = p.{self.database.quote(other)}"
                    for own, other in zip(key.columns, key.parent_columns, strict=True)
                )
                filled = " AND ".join(f"c.{self.database.quote(own)} IS NOT NULL" for own in key.columns)
                missing = f"p.{self.database.quote(key.parent_columns[0])} IS NULL"
                table, parent = self.database.table(load.plan.name), self.database.table(key.parent)
                sql = f"SELECT count(*) FROM {table} c LEFT JOIN {parent} p ON {pairs} WHERE {filled} AND {missing}"
                count = int(self.database.query(sql)[0][0])
                if count:
                    message = f"{count:,} rows of {load.plan.name} refer by {key.name} to no row of {key.parent}"
                    raise RunError([Problem("", "database-failed", message, "Load both tables in one run.")])

    def _move_counters(self, loads: Sequence[_Load]) -> None:
        """Sequences and identities go on after the largest key."""
        for load in loads:
            for column in load.columns:
                if not column.identity or load.definition is not None:
                    continue
                table, name = self.database.table(load.plan.name), self.database.quote(column.name)
                if self.database.dialect == "postgres":
                    owner = f"pg_get_serial_sequence({self.database.text(table)}, {self.database.text(column.name)})"
                    largest = f"(SELECT max({name}) FROM {table})"
                    known = f"{owner} IS NOT NULL AND {largest} IS NOT NULL"
                    self.database.query(f"SELECT setval({owner}, greatest({largest}, 1)) WHERE {known}")
                elif self.database.dialect == "duckdb" and column.default and "nextval" in column.default.lower():
                    sequence = column.default.split("'")[1].rpartition(".")[2]
                    self._advance(sequence, f"SELECT max({name}) FROM {table}")

    def _advance(self, sequence: str, largest: str) -> None:
        """DuckDB's sequences know no other way on than the next value."""
        found = self.database.query(
            f"SELECT last_value FROM duckdb_sequences() WHERE sequence_name = {self.database.text(sequence)}"
        )
        most = self.database.query(largest)[0][0]
        if found and most is not None:
            ahead = int(most) - int(found[0][0] or 0)
            if ahead > 0:
                text = self.database.text(sequence)
                self.database.query(f"SELECT max(nextval({text})) FROM range({ahead})")

    def _undo(self, error: BaseException) -> None:
        """Leave the target as it was, or say what is left of the run."""
        left = []
        with contextlib.suppress(FaaseraError):
            self.database.rollback()
        if not self.database.transactional_definitions:
            for name in reversed(self._created):
                try:
                    with contextlib.suppress(FaaseraError):
                        self.database.execute("SET SESSION foreign_key_checks = 0")
                    self.database.execute(f"DROP TABLE IF EXISTS {self.database.table(name)}")
                except FaaseraError:
                    left.append(name)
        if isinstance(error, RunError):
            kept = "nothing of this run was kept" if not left else self._left(left)
            problem = error.problems[0]
            message = f"{problem.message}; {kept}"
            error.problems = (replace(problem, message=message), *error.problems[1:])

    def _left(self, left: Sequence[str]) -> str:
        drops = " ".join(f"DROP TABLE {self.database.table(name)};" for name in left)
        return f"no row was kept, but these tables, which it created, are left: {', '.join(left)}. To undo: {drops}"

    def _entry(self, run: TableRun) -> TableEntry:
        columns = [run.digest.column(number) for number in range(len(run.table.visible))]
        table = replace(run.table, row_count=run.rows) if run.first else run.table
        return TableEntry(table, run.digest.table(), columns, [], run.finished - run.started)
