"""A run into a database: tables created where they are missing, rows in one transaction, nothing half loaded."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from faasera.core.errors import FaaseraError, RunError, did_you_mean, refuse
from faasera.databases.base import Database
from faasera.databases.connections import is_same
from faasera.databases.structure import ForeignKeyStructure
from faasera.lineage.datasets import table_dataset
from faasera.plan.model import ForeignKeyPlan, Plan
from faasera.run.appending import continue_keys
from faasera.run.left_out import check_left_out
from faasera.run.making import Making, entry, selected, table_run
from faasera.run.manifest import Manifest
from faasera.run.pipeline import Pipeline, RowProgress, TableRun
from faasera.run.table_sink import TableSink
from faasera.run.target_tables import TargetTable, TargetTables

MODES = ("fail", "append", "truncate", "replace")


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
        disable_triggers: whether rows are loaded without the triggers of their tables.
        overwrite_source: whether rows may go that the policy was imported beside.
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
        disable_triggers: bool = False,
        overwrite_source: bool = False,
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        progress: RowProgress | None = None,
        log: LoadLog | None = None,
        version: str | None = None,
    ) -> None:
        if mode not in MODES:
            refuse("unknown-mode", f"there is no mode '{mode}'", did_you_mean(mode, MODES))
        self.plan = plan
        self.database = database
        self.mode = mode
        self.disable_triggers = disable_triggers
        self.overwrite_source = overwrite_source
        self.tables = selected(plan, tables)
        self.pipeline = Pipeline(plan, workers, progress)
        self.log = log
        self.version = version

    def execute(self) -> Manifest:
        """Load everything, or nothing.

        Raises:
            PolicyError: the target does not take these rows; nothing was touched.
            RunError: the run failed; the target is as it was, or the message says what is left, and how to undo it.
        """
        with Making() as making:
            targets = TargetTables(self.database, self.mode)
            targets.remove_unfinished()
            present = targets.present(self.tables)
            replaces = self.mode in ("truncate", "replace")
            if replaces and any(present.values()):
                self._refuse_source()
            if self.disable_triggers:
                targets.check_triggers(self.tables)
            if self.log is not None:
                self.log.begin({table.name: present.get(table.name, 0) for table in self.tables})
            if self.mode == "append":
                self.plan = self.pipeline.plan = continue_keys(self.plan, self.database, present)
                self.tables = [self.plan.tables[table.name] for table in self.tables]
            targets.check(self.plan, self.tables)
            check_left_out(self.plan, self.tables, targets.structure, self.database)
            loads = targets.of(self.plan, self.tables)
            outputs = {name: table_dataset(self.database.connection, name) for name in self.plan.tables}
            making.begin(self.plan, self.tables, outputs, replaces=replaces, version=self.version)
            try:
                return self._load(making, targets, loads, emptying=replaces and any(present.values()))
            except BaseException as error:
                self._undo(targets, error)
                raise

    def _load(self, making: Making, targets: TargetTables, loads: Sequence[TargetTable], *, emptying: bool) -> Manifest:
        database, circular = self.database, any(load.late for load in loads)
        if database.transactional_definitions:
            database.begin(emptying=emptying, circular=circular)
        targets.create(loads)
        if not database.transactional_definitions:
            database.begin(emptying=emptying, circular=circular)
        kept = [targets.structure.tables[load.plan.name] for load in loads if load.definition is None]
        if self.disable_triggers:
            database.disable_triggers(kept)
        if self.mode == "truncate":
            database.empty(kept)
        database.hold_references(self._held(targets, loads))
        runs = [self._table_run(load) for load in loads]
        making.write(self.pipeline, runs)
        self._fill_postponed(loads)
        if self.log is not None:
            self.log.commit(self._manifest(making, targets, runs))
        database.settle_references()
        if not database.transactional_definitions:
            database.commit()
        targets.complete(loads)
        if self.disable_triggers:
            database.enable_triggers()
        if database.transactional_definitions:
            database.commit()
        return self._manifest(making, targets, runs)

    def _refuse_source(self) -> None:
        """Keep the rows of the database that the policy was imported from, unless that is said.

        Raises:
            PolicyError: it is the target.
        """
        source = self.plan.policy.get("importedFrom")
        if isinstance(source, str) and not self.overwrite_source and is_same(source, self.database.connection):
            message = f"{self.database.connection} is where the policy was imported from, and its rows would go"
            refuse("target-is-source", message, "Choose another target; or add --overwrite-source, if they may.")

    def _manifest(self, making: Making, targets: TargetTables, runs: Sequence[TableRun]) -> Manifest:
        return making.manifest(
            replace(self.plan, warnings=(*self.plan.warnings, *targets.warnings)),
            self.database.label,
            [entry(self.plan, run, []) for run in runs],
            workers=self.pipeline.workers,
            options={"to": str(self.database.connection), "mode": self.mode},
        )

    def _table_run(self, load: TargetTable) -> TableRun:
        own = [
            (key.columns, key.parent_columns)
            for key in load.plan.foreign_keys.values()
            if key.parent == load.plan.name and not key.virtual
        ]
        empty = frozenset(column for key in self._postponed(load) for column in key.columns)
        return table_run(load.plan, [TableSink(self.database, load.plan.name, load.columns, empty, own)])

    # circles

    def _postponed(self, load: TargetTable) -> tuple[ForeignKeyPlan, ...]:
        return load.postponed() if self.database.fills_later else ()

    def _held(self, targets: TargetTables, loads: Sequence[TargetTable]) -> list[tuple[str, ForeignKeyStructure]]:
        """The references of circles that must not be looked at before all rows are there."""
        found = []
        for load in loads:
            target = targets.structure.tables.get(load.plan.name) if load.definition is None else None
            for key in load.late:
                if key in self._postponed(load):
                    continue
                plain = ForeignKeyStructure(key.columns, key.parent, key.parent_columns)
                known = target.foreign_keys if target is not None else ()
                named = next((one for one in known if set(one.columns) == set(key.columns)), plain)
                found.append((load.plan.name, named))
        return found

    def _fill_postponed(self, loads: Sequence[TargetTable]) -> None:
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
                run = table_run(plan, [TableSink(database, temporary, written)])
                Pipeline(self.plan, self.pipeline.workers, None).write([run])
                database.update_from(load.plan.name, temporary, load.row_key, sorted(columns))

    # undo

    def _undo(self, targets: TargetTables, error: BaseException) -> None:
        """Leave the target as it was, or say what is left of the run."""
        with contextlib.suppress(FaaseraError):
            self.database.rollback()
        left = targets.drop_created()
        if isinstance(error, RunError):
            kept = self._left(left) if left else "nothing of this run was kept"
            first = error.problems[0]
            error.problems = (replace(first, message=f"{first.message}; {kept}"), *error.problems[1:])

    def _left(self, left: Sequence[str]) -> str:
        drops = " ".join(f"DROP TABLE {self.database.table(name)};" for name in left)
        return f"tables that it created may be left: {', '.join(left)}. To undo: {drops}"
