"""What all runs have in common: which tables, what is counted and told of them, and the manifest at the end."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from faasera.core.digest import TableDigest
from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.lineage.datasets import DatasetName
from faasera.plan.model import Plan, TablePlan
from faasera.plan.origins import Origins
from faasera.run.allocator import keep_memory
from faasera.run.manifest import FileEntry, Manifest, TableEntry, build_manifest
from faasera.run.observation import Observation, observed
from faasera.run.pipeline import Pipeline, Sink, TablePart, TableRun
from faasera.writers import WRITERS
from faasera.writers.base import WriterType


class Making:
    """A run while it is made: its clock, what others are told of it, and its manifest.

    It is left when all is done, and others then hear of the last manifest; or by an error, and they hear of that.

        with Making() as making:
            ...                     # what can be refused before anybody is told of a run
            making.begin(plan, tables, outputs)
            making.write(pipeline, runs)
            manifest = making.manifest(plan, "csv", entries, workers=2, options={})
    """

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._left = contextlib.ExitStack()
        self._observation: Observation | None = None

    def __enter__(self) -> "Making":
        """The clock runs since it was made."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell others how it ended."""
        self._left.__exit__(kind, error, trace)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._started

    def begin(
        self,
        plan: Plan,
        tables: Sequence[TablePlan],
        outputs: Mapping[str, DatasetName],
        *,
        replaces: bool = False,
        version: str | None = None,
    ) -> None:
        """Tell the log, catalogues and traces that the run begins; see ``observed``.

        Args:
            plan: what is run.
            tables: that are written.
            outputs: where each of the policy's tables goes.
            replaces: whether what was there is replaced.
            version: of the policy, where it is kept in versions.

        Raises:
            PolicyError: lineage or traces are asked for, and cannot be had.
        """
        told = observed(plan, tables, outputs, replaces=replaces, version=version)
        self._observation = self._left.enter_context(told)

    def write(self, pipeline: Pipeline, runs: Sequence[TableRun]) -> None:
        """Write tables in this process, and tell of each when it is done; the first error ends all."""
        keep_memory()
        if self._observation is not None:
            pipeline.finished = self._observation.table_done
        pipeline.write(runs)

    def manifest(
        self,
        plan: Plan,
        format: str,
        entries: Sequence[TableEntry],
        *,
        workers: int,
        options: Mapping[str, Any],
        seconds: float | None = None,
        run: str | None = None,
    ) -> Manifest:
        """The manifest of the run if it ended now; see ``Manifest``.

        Args:
            plan: what was run.
            format: of the files, or the database's name.
            entries: of its tables.
            workers: that made it.
            options: of the format, or the target.
            seconds: that it took; by default since it began.
            run: what tells its shards from those of others.
        """
        took = self.seconds if seconds is None else seconds
        manifest = build_manifest(plan, format, entries, took, workers, options, run)
        if self._observation is not None:
            self._observation.complete(manifest)
        return manifest


def table_run(table: TablePlan, sinks: Sequence[Sink], span: tuple[int, int] | None = None) -> TableRun:
    """A table before its first row is written.

    Args:
        table: its plan.
        sinks: that take the rows, each about as many, in order.
        span: the first row and the end, excluded, of those that are written; None for all.
    """
    start, stop = (0, table.row_count) if span is None else span
    parts = []
    for number, sink in enumerate(sinks):
        first, end = (start + (stop - start) * edge // len(sinks) for edge in (number, number + 1))
        parts.append(TablePart(sink, first, end))
    described = [(column.name, str(column.data_type)) for column in table.visible]
    return TableRun(table, parts, TableDigest(described, table.row_count, span))


def entry(plan: Plan, run: TableRun, files: Sequence[FileEntry], seconds: float | None = None) -> TableEntry:
    """What the manifest says of a table whose rows have all been written.

    Args:
        plan: of the run.
        run: the table, with the digest of all of its rows.
        files: where they are.
        seconds: that it took; by default from its first piece to its last.
    """
    return TableEntry(
        run.table,
        Origins(plan).table(run.table),
        run.digest.table(),
        [run.digest.column(number) for number in range(len(run.table.visible))],
        files,
        run.finished - run.started if seconds is None else seconds,
    )


def selected(plan: Plan, names: Sequence[str] | None) -> list[TablePlan]:
    """The tables to write, in the order of the plan.

    Raises:
        PolicyError: a name is no table's, or there is none.
    """
    if names is None:
        return list(plan.tables.values())
    unknown = [name for name in names if name not in plan.tables]
    if unknown:
        raise PolicyError(
            Problem("", "unknown-table", f"there is no table '{name}'", did_you_mean(name, plan.tables))
            for name in unknown
        )
    if not names:
        refuse("no-tables", "no table is named", did_you_mean("", plan.tables))
    return [table for name, table in plan.tables.items() if name in names]


def writer_of(format: str, options: Mapping[str, object] | None) -> tuple[WriterType, Any]:
    """A format, and its options as it reads them.

    Raises:
        PolicyError: there is no such format, or it does not know an option.
    """
    declared = WRITERS.get(format)
    if declared is None:
        remedy = did_you_mean(format, WRITERS.names())
        refuse("unknown-format", f"there is no format '{format}'", remedy)
    return declared, declared.read_options(options or {})
