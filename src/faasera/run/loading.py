"""A run into a database: tables created where they are missing, rows in one transaction, nothing half loaded."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from faasera.core.digest import TableDigest
from faasera.core.errors import FaaseraError, Problems, RunError, did_you_mean, refuse
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, Structure
from faasera.databases.structure import TableStructure as Target
from faasera.lineage.datasets import Dataset, table_dataset
from faasera.plan.links import ForestLink
from faasera.plan.model import ForeignKeyPlan, Plan, TablePlan
from faasera.plan.origins import Origins
from faasera.run.allocator import keep_memory
from faasera.run.appending import continue_keys
from faasera.run.manifest import Manifest, TableEntry, build_manifest
from faasera.run.observation import observed
from faasera.run.pipeline import Part, Pipeline, Progress, TableRun
from faasera.run.runner import selected
from faasera.run.table_sink import TableSink
from faasera.schema.comparison import compare
from faasera.schema.creation import MARK, Definition, define
from faasera.schema.live import read_database

MODES = ("fail", "append", "truncate", "replace")
_UNFINISHED = "unfinished load"


@dataclass(frozen=True)
class _Load:
    """One table on its way into the database.

    Attributes:
        plan: of the table.
        columns: of the database, in the order of the plan's.
        definition: how it is created; None where it is there.
        late: foreign keys whose parents come later, as the database holds them.
    """

    plan: TablePlan
    columns: tuple[ColumnStructure, ...]
    definition: Definition | None
    late: tuple[ForeignKeyPlan, ...]

    @property
    def row_key(self) -> tuple[str, ...]:
        """A key that tells the rows apart, and is never null."""
        visible = {column.name for column in self.plan.visible}
        nullable = {column.name for column in self.plan.columns if column.generator.nullable}
        return next((key for key in self.plan.keys if set(key) <= visible - nullable), ())

    def postponed(self) -> tuple[ForeignKeyPlan, ...]:
        """Late foreign keys that can be empty until their parents are there."""
        nullable = {column.name for column in self.columns if column.nullable}
        free = nullable - set(self.row_key)
        return tuple(key for key in self.late if self.row_key and set(key.columns) <= free)


def unfinished(structure: Structure) -> list[Target]:
    """Tables of a target that a run created and did not end."""
    return [one for one in structure if one.comment and one.comment.startswith(f"{_UNFINISHED}: {MARK}")]


class LoadLog(Protocol):
    """Remembers a load, so that after a crash it can be told whether its rows were kept."""

    def begin(self, present: Mapping[str, int]) -> None:
        """Before anything is changed: how many rows each table has."""

    def commit(self, manifest: Manifest) -> None:
        """Just before everything is kept."""


class DatabaseRun:
    """Loads the tables of a plan into a database.

    Args:
        plan: what to make.
        database: where to put it; open.
        mode: what to do with rows that are there: one of ``MODES``.
        tables: which ones; None for all.
        workers: threads; by default one a core.
        progress: called with a table's name, its rows so far and its rows in all.
        log: told what is there before, and what is about to be kept.
        version: of the policy, where it is kept in versions; for lineage.
    """

    def __init__(
        self,
        plan: Plan,
        database: Database,
        *,
        mode: str = "fail",
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
        log: LoadLog | None = None,
        version: str | None = None,
    ) -> None:
        if mode not in MODES:
            refuse("unknown-mode", f"there is no mode '{mode}'", did_you_mean(mode, MODES))
        self.plan = plan
        self.database = database
        self.mode = mode
        self.tables = selected(plan, tables)
        self.pipeline = Pipeline(plan, workers, progress)
        self.warnings: list[str] = []
        self.log = log
        self.version = version
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
        if self.log is not None:
            self.log.begin({table.name: present.get(table.name, 0) for table in self.tables})
        if self.mode == "append":
            self.plan = self.pipeline.plan = continue_keys(self.plan, database, present)
            self.tables = [self.plan.tables[table.name] for table in self.tables]
        self._check(structure)
        loads = self._loads(structure)
        with observed(
            self.plan,
            self.tables,
            self._datasets(),
            replaces=self.mode in ("truncate", "replace"),
            version=self.version,
        ) as observation:
            self.pipeline.finished = observation.table_done
            manifest = self._execute(structure, present, loads, started)
            observation.complete(manifest)
        return manifest

    def _datasets(self) -> dict[str, Dataset]:
        """Where the policy's tables go, as catalogues know it."""
        return {name: table_dataset(self.database.connection, name) for name in self.plan.tables}

    def _execute(
        self, structure: Structure, present: Mapping[str, int], loads: Sequence[_Load], started: float
    ) -> Manifest:
        database = self.database
        try:
            if database.transactional_definitions:
                self._begin(present, loads)
            self._create(structure, loads)
            if not database.transactional_definitions:
                self._begin(present, loads)
            if self.mode == "truncate":
                database.empty([structure.tables[load.plan.name] for load in loads if load.definition is None])
            database.hold_references(self._held(structure, loads))
            runs = [self._run(load) for load in loads]
            self.pipeline.write(runs)
            self._fill_postponed(loads)
            if self.log is not None:
                self.log.commit(self._manifest(runs, started))
            self._finish(loads)
        except BaseException as error:
            self._undo(error)
            raise
        return self._manifest(runs, started)

    def _manifest(self, runs: Sequence[TableRun], started: float) -> Manifest:
        entries = [self._entry(run) for run in runs]
        seconds = time.perf_counter() - started
        plan = replace(self.plan, warnings=(*self.plan.warnings, *self.warnings))
        target = {"to": str(self.database.connection), "mode": self.mode}
        return build_manifest(plan, self.database.label, entries, seconds, self.pipeline.workers, target)

    # before

    def _remove_unfinished(self, structure: Structure) -> None:
        """Tables that a run created which was cut off, and that are still without rows."""
        left = unfinished(structure)
        if left:
            self.database.drop([one.name for one in left])
        for one in left:
            del structure.tables[one.name]
            self.warnings.append(f"the table {one.name}, which a run that was cut off had left empty, was made anew")

    def _present(self, structure: Structure) -> dict[str, int]:
        """How many rows the tables have; refused where they have any and nothing says what to do with them."""
        database = self.database
        found = {
            table.name: int(database.query(f"SELECT count(*) FROM {database.table(table.name)}")[0][0])
            for table in self.tables
            if table.name in structure.tables
        }
        held = {name: rows for name, rows in found.items() if rows}
        if held and self.mode == "fail":
            shown = ", ".join(f"{name} ({rows:,})" for name, rows in held.items())
            message = f"{database.connection} has rows already: {shown}"
            remedy = "Add --mode append, truncate or replace, or choose another target."
            refuse("target-not-empty", message, remedy)
        return found

    def _check(self, structure: Structure) -> None:
        """What the target needs and the policy lacks, of all tables at once."""
        problems = Problems()
        wanted = {table.name for table in self.tables}
        for table in self.tables:
            target = structure.tables.get(table.name) if self.mode != "replace" else None
            if target is not None:
                compare(self.plan, table, target, self.database.dialect, problems)
                continue
            for key in table.foreign_keys.values():
                if not key.virtual and key.parent not in wanted and key.parent not in structure.tables:
                    message = f"{table.name} refers to {key.parent}, which is neither loaded nor there"
                    problems.add("target-differs", message, "Load both.")
        self._check_dependents(structure, wanted, problems)
        problems.raise_any()

    def _check_dependents(self, structure: Structure, wanted: set[str], problems: Problems) -> None:
        """Tables beside the policy's that refer to rows which would go."""
        if self.mode not in ("truncate", "replace"):
            return
        for other in structure:
            for key in other.foreign_keys:
                if key.table in wanted and other.name not in wanted:
                    message = f"{other.name}, which is not loaded, refers to {key.table}, whose rows would go"
                    problems.add("target-in-use", message, "Load both, or drop that foreign key.")

    # tables

    def _loads(self, structure: Structure) -> list[_Load]:
        kept = {} if self.mode == "replace" else structure.tables
        missing = [table for table in self.tables if table.name not in kept]
        known = set(kept)
        # What cannot be rolled back is made with all of its constraints beside tables that keep their rows.
        inline = not self.database.transactional_definitions and len(missing) < len(self.tables)
        loads = []
        for table in self.tables:
            definition = None
            if table in missing:
                known.add(table.name)
                definition = define(self.plan, table, self.database, known, inline=inline)
                self.warnings += definition.warnings
                columns = definition.columns
            else:
                columns = compare(self.plan, table, kept[table.name], self.database.dialect, Problems())
            follows = definition is not None and not (inline or self.database.inline_constraints)
            late = () if follows else self._late(table, kept.get(table.name))
            loads.append(_Load(table, tuple(columns), definition, late))
        return loads

    def _late(self, table: TablePlan, target: Target | None) -> tuple[ForeignKeyPlan, ...]:
        """Foreign keys whose parents may come after the row."""
        order = [one.name for one in self.tables]
        found = []
        for key in table.foreign_keys.values():
            later = key.parent in order and order.index(key.parent) > order.index(table.name)
            own = key.parent == table.name and not isinstance(key.link, ForestLink)
            held = target is None or any(set(one.columns) == set(key.columns) for one in target.foreign_keys)
            if (later or own) and held and not key.virtual:
                found.append(key)
        return tuple(found)

    def _begin(self, present: Mapping[str, int], loads: Sequence[_Load]) -> None:
        emptying = self.mode in ("truncate", "replace") and any(present.values())
        self.database.begin(emptying=emptying, circular=any(load.late for load in loads))

    def _create(self, structure: Structure, loads: Sequence[_Load]) -> None:
        if self.mode == "replace":
            self.database.drop([load.plan.name for load in loads if load.plan.name in structure.tables])
        for load in loads:
            for statement in load.definition.create if load.definition is not None else ():
                if not self.database.transactional_definitions:
                    # Marked until the run is done, as this cannot be rolled back.
                    statement = statement.replace(f"COMMENT = '{MARK}", f"COMMENT = '{_UNFINISHED}: {MARK}", 1)
                self._created.append(load.plan.name)
                self.database.execute(statement)

    # circles

    def _postponed(self, load: _Load) -> tuple[ForeignKeyPlan, ...]:
        return load.postponed() if self.database.fills_later else ()

    def _held(self, structure: Structure, loads: Sequence[_Load]) -> list[tuple[str, ForeignKeyStructure]]:
        """The references of circles that must not be looked at before all rows are there."""
        found = []
        for load in loads:
            target = structure.tables.get(load.plan.name) if load.definition is None else None
            for key in load.late:
                if key in self._postponed(load):
                    continue
                plain = ForeignKeyStructure(key.columns, key.parent, key.parent_columns)
                known = target.foreign_keys if target is not None else ()
                named = next((one for one in known if set(one.columns) == set(key.columns)), plain)
                found.append((load.plan.name, named))
        return found

    def _fill_postponed(self, loads: Sequence[_Load]) -> None:
        """A second pass: references that were left empty, now that their parents are there."""
        database = self.database
        for load in loads:
            columns = {column for key in self._postponed(load) for column in key.columns}
            if not columns:
                continue
            wanted = {*load.row_key, *columns}
            plan = replace(
                load.plan,
                columns=tuple(replace(one, hidden=one.hidden or one.name not in wanted) for one in load.plan.columns),
            )
            written = [column for column in load.columns if column.name in wanted]
            with database.temporary_table(load.plan.name, written, load.row_key) as temporary:
                run = self._table_run(plan, TableSink(database, temporary, written))
                Pipeline(self.plan, self.pipeline.workers, None).write([run])
                database.update_from(load.plan.name, temporary, load.row_key, sorted(columns))

    # rows

    def _run(self, load: _Load) -> TableRun:
        own = [
            (key.columns, key.parent_columns)
            for key in load.plan.foreign_keys.values()
            if key.parent == load.plan.name and not key.virtual
        ]
        empty = frozenset(column for key in self._postponed(load) for column in key.columns)
        return self._table_run(load.plan, TableSink(self.database, load.plan.name, load.columns, empty, own))

    @staticmethod
    def _table_run(plan: TablePlan, sink: TableSink) -> TableRun:
        described = [(column.name, str(column.data_type)) for column in plan.visible]
        return TableRun(plan, [Part(sink, 0, plan.row_count)], TableDigest(described, plan.row_count))

    # after

    def _finish(self, loads: Sequence[_Load]) -> None:
        """Keys, references, counters; then everything is kept."""
        database = self.database
        database.settle_references()
        if not database.transactional_definitions:
            database.commit()
        definitions = [load.definition for load in loads if load.definition is not None]
        for definition in definitions:
            for statement in definition.keys:
                database.execute(statement)
        for definition in definitions:
            for statement in definition.references:
                database.execute(statement)
        if not database.transactional_definitions:
            for load in loads:
                if load.definition is not None:
                    comment = load.definition.create[-1].rpartition("COMMENT = ")[2]
                    database.execute(f"ALTER TABLE {database.table(load.plan.name)} COMMENT = {comment}")
        for load in loads:
            for column in load.columns if load.definition is None else ():
                if column.identity:
                    database.advance(load.plan.name, column)
        if database.transactional_definitions:
            database.commit()

    def _undo(self, error: BaseException) -> None:
        """Leave the target as it was, or say what is left of the run."""
        left = []
        with contextlib.suppress(FaaseraError):
            self.database.rollback()
        if not self.database.transactional_definitions:
            for name in reversed(dict.fromkeys(self._created)):
                try:
                    self.database.drop([name])
                except FaaseraError:
                    left.append(name)
        if isinstance(error, RunError):
            kept = self._left(left) if left else "nothing of this run was kept"
            first = error.problems[0]
            error.problems = (replace(first, message=f"{first.message}; {kept}"), *error.problems[1:])

    def _left(self, left: Sequence[str]) -> str:
        drops = " ".join(f"DROP TABLE {self.database.table(name)};" for name in left)
        return f"tables that it created may be left: {', '.join(left)}. To undo: {drops}"

    def _entry(self, run: TableRun) -> TableEntry:
        columns = [run.digest.column(number) for number in range(len(run.table.visible))]
        return TableEntry(
            run.table, Origins(self.plan).table(run.table), run.digest.table(), columns, [], run.finished - run.started
        )
