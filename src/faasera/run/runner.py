"""A run: tables in pieces, pieces from several threads, files in order, memory flat."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasera.core.digest import TableDigest
from faasera.core.errors import PolicyError, Problem, RunError, did_you_mean
from faasera.plan.evaluate import batch_of, schema_of
from faasera.plan.model import Plan, TablePlan, row_ranges
from faasera.run.allocator import keep_memory
from faasera.run.manifest import FileEntry, Manifest, TableEntry, build_manifest
from faasera.run.staging import MANIFEST, Staging
from faasera.writers import WRITERS
from faasera.writers.base import TableWriter

CHUNK_ROWS = 65_536
Progress = Callable[[str, int, int], None]
"""Called with a table's name, its rows written so far, and its rows in all."""


@dataclass
class _Part:
    """One file of a table: the rows ``start … stop``."""

    target: Path
    writer: TableWriter
    start: int
    stop: int
    opened: bool = False

    def open(self) -> None:
        if not self.opened:
            self.opened = True
            self.writer.open()


@dataclass
class _TableRun:
    """One table while it is written."""

    table: TablePlan
    parts: list[_Part]
    digest: TableDigest
    done: int = 0
    started: float = 0.0
    finished: float = 0.0

    def finish(self, now: float) -> None:
        """Close all files of the table; the digest is known by now."""
        digest = self.digest.table()
        metadata = {"synthetic": "true", "faasera.digest": digest, "faasera.table": self.table.name}
        metadata |= {
            f"faasera.digest.{column.name}": self.digest.column(n) for n, column in enumerate(self.table.visible)
        }
        for part in self.parts:
            part.open()
            part.writer.finish(metadata)
            part.writer.close()
        self.finished = now


@dataclass(frozen=True)
class _Task:
    """A piece to make."""

    number: int
    run: _TableRun
    part: _Part
    start: int
    stop: int


class Run:
    """Writes the tables of a plan to files."""

    def __init__(
        self,
        plan: Plan,
        out: Path,
        *,
        format: str = "csv",
        options: Mapping[str, object] | None = None,
        tables: Sequence[str] | None = None,
        parts: int = 1,
        workers: int | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        self.plan = plan
        self.out = out
        self.format = format
        self.parts = _whole(parts, "parts", 1, 10_000)
        self.workers = _whole(_cores() if workers is None else workers, "workers", 1, 256)
        self.chunk_rows = _whole(chunk_rows, "chunk_rows", 1, 1 << 24)
        self.progress = progress
        self.overwrite = overwrite
        self.tables = _selected(plan, tables)
        declared = WRITERS.get(format)
        if declared is None:
            remedy = did_you_mean(format, WRITERS.names())
            raise PolicyError([Problem("", "unknown-format", f"there is no format '{format}'", remedy)])
        self.writer_type = declared
        self.options = declared.read_options(options or {})
        self._turn = threading.Condition()
        self._next = 0
        self._error: BaseException | None = None

    def _target(self, table: TablePlan) -> Path:
        """The final name of a table's file, or of the folder of its parts."""
        extension = self.writer_type.extension(self.options)
        target = self.out / (table.name if self.parts > 1 else table.name + extension)
        if target.name == MANIFEST:
            message = f"the file of the table '{table.name}' would be {MANIFEST}, which is the manifest's"
            raise PolicyError([Problem("", "reserved-name", message, "Rename the table.")])
        return target

    def execute(self) -> Manifest:
        """Write everything, and the manifest last.

        Raises:
            PolicyError: the output folder cannot be used.
            RunError: the run failed; the output folder is as it was.
        """
        keep_memory()
        started = time.perf_counter()
        targets = [self._target(table) for table in self.tables]
        staging = Staging(self.out, targets, self.overwrite)
        try:
            runs = [self._prepare(table, staging) for table in self.tables]
            self._write(runs)
            entries = [self._entry(run) for run in runs]
            given = self.options.model_dump(exclude_defaults=True)
            manifest = build_manifest(
                self.plan, self.format, entries, time.perf_counter() - started, self.workers, given
            )
            staging.publish(targets, manifest.as_dict())
        except OSError as error:
            staging.abort()
            raise RunError([_os_problem(error, self.out)]) from error
        except BaseException:
            staging.abort()
            raise
        return manifest

    def _prepare(self, table: TablePlan, staging: Staging) -> _TableRun:
        schema = schema_of(self.plan, table)
        columns = [(column.name, str(column.data_type)) for column in table.visible]
        target = self._target(table)
        parts = []
        for number in range(self.parts):
            extension = self.writer_type.extension(self.options)
            name = f"part-{number:05d}{extension}"
            path = staging.path / target.name / name if self.parts > 1 else staging.path / target.name
            final = target / name if self.parts > 1 else target
            start, stop = (table.row_count * edge // self.parts for edge in (number, number + 1))
            parts.append(_Part(final, self.writer_type.writer(path, schema, self.options), start, stop))
        return _TableRun(table, parts, TableDigest(columns, table.row_count))

    def _tasks(self, runs: Sequence[_TableRun]) -> Iterator[_Task]:
        number = 0
        for run in runs:
            for part in run.parts:
                rows = part.writer.rows_per_piece(run.table.row_bytes)
                for start, stop in row_ranges(part.stop - part.start, rows):
                    yield _Task(number, run, part, part.start + start, part.start + stop)
                    number += 1

    def _write(self, runs: Sequence[_TableRun]) -> None:
        tasks = self._tasks(runs)
        lock = threading.Lock()

        def work() -> None:
            while self._error is None:
                with lock:
                    task = next(tasks, None)
                if task is None:
                    return
                try:
                    self._append(task, self._encode(task))
                except BaseException as error:
                    with self._turn:
                        self._error = self._error or error
                        self._turn.notify_all()
                    return

        threads = [
            threading.Thread(target=work, name=f"faasera-{number}", daemon=True) for number in range(self.workers)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.5)
        except BaseException as error:
            with self._turn:
                self._error = error
                self._turn.notify_all()
            for thread in threads:
                thread.join()
            raise
        finally:
            if self._error is not None:
                for run in runs:
                    for part in run.parts:
                        part.writer.close()
        if self._error is not None:
            raise self._error
        for run in runs:
            if not run.finished:
                run.finish(time.perf_counter())
                run.started = run.finished

    def _encode(self, task: _Task) -> Any:
        batches = []
        for start, stop in row_ranges(task.stop - task.start, self.chunk_rows):
            if self._error is not None:
                return None
            batch = batch_of(self.plan, task.run.table, task.start + start, task.start + stop)
            task.run.digest.add(task.start + start, batch)
            batches.append(batch)
        return task.part.writer.encode(batches)

    def _append(self, task: _Task, piece: Any) -> None:
        with self._turn:
            while self._next != task.number and self._error is None:
                self._turn.wait()
            if self._error is not None:
                return
        run, part = task.run, task.part
        run.started = run.started or time.perf_counter()
        part.open()
        part.writer.append(piece)
        run.done += task.stop - task.start
        if run.done == run.table.row_count:
            run.finish(time.perf_counter())
        if self.progress is not None:
            self.progress(run.table.name, run.done, run.table.row_count)
        with self._turn:
            self._next += 1
            self._turn.notify_all()

    def _entry(self, run: _TableRun) -> TableEntry:
        files = [
            FileEntry(str(part.target.relative_to(self.out)), part.writer.path.stat().st_size, part.stop - part.start)
            for part in run.parts
        ]
        columns = [run.digest.column(number) for number in range(len(run.table.visible))]
        return TableEntry(run.table, run.digest.table(), columns, files, run.finished - run.started)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _whole(value: int, name: str, low: int, high: int) -> int:
    if not low <= value <= high:
        raise PolicyError(
            [Problem("", "bad-option", f"{name} = {value}", f"Use a number between {low:,} and {high:,}.")]
        )
    return value


def _selected(plan: Plan, names: Sequence[str] | None) -> list[TablePlan]:
    """The tables to write, in the order of the plan."""
    if names is None:
        return list(plan.tables.values())
    unknown = [name for name in names if name not in plan.tables]
    if unknown:
        raise PolicyError(
            Problem("", "unknown-table", f"there is no table '{name}'", did_you_mean(name, plan.tables))
            for name in unknown
        )
    if not names:
        raise PolicyError([Problem("", "no-tables", "no table is named", did_you_mean("", plan.tables))])
    return [table for name, table in plan.tables.items() if name in names]


def _os_problem(error: OSError, out: Path) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            "", "disk-full", f"the disk of {out} is full; nothing was kept", "Free some space, or choose another --out."
        )
    return Problem(
        "",
        "output-failed",
        f"{out}: {error.strerror or error}; nothing was kept",
        "Check the disk and its permissions.",
    )
