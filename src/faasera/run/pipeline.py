"""Tables in pieces, pieces from several threads, each part's pieces in order, memory flat."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from faasera.core.digest import Measured, TableDigest
from faasera.core.errors import refuse
from faasera.plan.evaluate import batch_of
from faasera.plan.model import Plan, TablePlan, row_ranges

CHUNK_ROWS = 65_536
RowProgress = Callable[[str, int, int], None]
"""Called with a table's name, its rows written so far, and its rows in all."""


class Sink(Protocol):
    """What takes the rows of a part: a file's writer, or a table of a database."""

    def rows_per_piece(self, row_bytes: int) -> int:
        """How many rows a piece has."""

    def open(self) -> None:
        """Get ready for the first piece."""

    def encode(self, batches: Sequence[pa.RecordBatch]) -> Any:
        """A piece; in any thread."""

    def append(self, piece: Any) -> None:
        """Add a piece behind those before it; one at a time."""

    def finish(self, metadata: Mapping[str, str]) -> None:
        """End after the last piece."""

    def close(self) -> None:
        """Let go, whether finished or not."""


@dataclass
class TablePart:
    """Where some rows of a table go.

    Attributes:
        writer: that takes them.
        start: the first row.
        stop: the end, excluded.
        done: how many are there.
        noted: how many of these are in the run's journal.
        opened: whether the writer is ready.
    """

    writer: Sink
    start: int
    stop: int
    done: int = 0
    noted: int = 0
    opened: bool = False

    def open(self) -> None:
        """Get ready, once; what an earlier run began goes on."""
        if not self.opened:
            self.opened = True
            self.writer.open()


@dataclass
class TableRun:
    """One table while it is written.

    Attributes:
        table: its plan.
        parts: where its rows go, in order.
        digest: of the rows that are there.
        done: how many of them are, in all parts.
        started: when its first piece was there, on the clock of ``time.perf_counter``; 0 before that.
        finished: when its last piece was; 0 before that.
    """

    table: TablePlan
    parts: list[TablePart]
    digest: TableDigest
    done: int = 0
    started: float = 0.0
    finished: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows its parts have together."""
        return sum(part.stop - part.start for part in self.parts)

    def close(self, now: float) -> None:
        """Close all files of the table; the digest is known by now, where this is all of it."""
        metadata = {}
        if self.rows == self.table.row_count:
            metadata["faasera.digest"] = self.digest.table()
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
    run: TableRun
    part: TablePart
    start: int
    stop: int


class Pipeline:
    """Makes rows in several threads, and hands them on in order.

    Args:
        plan: of the tables.
        workers: threads; by default one a core. They leave no trace in the data.
        progress: called as rows are written.
        chunk_rows: made at once.
        appended: called after each piece, before the next one.

    Attributes:
        finished: called with a table's name and rows when all of them are written.
    """

    def __init__(
        self,
        plan: Plan,
        workers: int | None,
        progress: RowProgress | None,
        chunk_rows: int = CHUNK_ROWS,
        appended: Callable[[TableRun, TablePart], None] | None = None,
    ) -> None:
        self.plan = plan
        self.appended = appended
        self.workers = whole_option(_cores() if workers is None else workers, "workers", 1, 256)
        self.chunk_rows = whole_option(chunk_rows, "chunk_rows", 1, 1 << 24)
        self.progress = progress
        self.finished: Callable[[str, int], None] | None = None
        self._turn = threading.Condition()
        self._next = 0
        self._error: BaseException | None = None

    def _tasks(self, runs: Sequence[TableRun]) -> Iterator[_Task]:
        number = 0
        for run in runs:
            for part in run.parts:
                rows = part.writer.rows_per_piece(run.table.row_bytes)
                first = part.start + part.done
                for start, stop in row_ranges(part.stop - first, rows):
                    yield _Task(number, run, part, first + start, first + stop)
                    number += 1

    def write(self, runs: Sequence[TableRun]) -> None:
        """Write all tables.

        Raises:
            BaseException: the first error of any thread, which ends all.
        """
        tasks = self._tasks(runs)
        lock = threading.Lock()

        def work() -> None:
            while self._error is None:
                with lock:
                    task = next(tasks, None)
                if task is None:
                    return
                try:
                    self._append(task, *self._encode(task))
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
                self._finish(run)
                run.started = run.finished

    def _finish(self, run: TableRun) -> None:
        run.close(time.perf_counter())
        if self.finished is not None:
            self.finished(run.table.name, run.rows)

    def _encode(self, task: _Task) -> tuple[Any, Measured]:
        batches, measured = [], Measured()
        for start, stop in row_ranges(task.stop - task.start, self.chunk_rows):
            if self._error is not None:
                return None, []
            batch = batch_of(self.plan, task.run.table, task.start + start, task.start + stop)
            measured += task.run.digest.measure(task.start + start, batch)
            batches.append(batch)
        return task.part.writer.encode(batches), measured

    def _append(self, task: _Task, piece: Any, measured: Measured) -> None:
        with self._turn:
            while self._next != task.number and self._error is None:
                self._turn.wait()
            if self._error is not None:
                return
        run, part = task.run, task.part
        run.started = run.started or time.perf_counter()
        part.open()
        part.writer.append(piece)
        run.digest.merge(measured)
        part.done += task.stop - task.start
        run.done += task.stop - task.start
        if self.appended is not None:
            self.appended(run, part)
        if run.done == run.rows:
            self._finish(run)
        if self.progress is not None:
            self.progress(run.table.name, run.done, run.rows)
        with self._turn:
            self._next += 1
            self._turn.notify_all()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def whole_option(value: int, name: str, low: int, high: int) -> int:
    """The value, if it lies between two ends.

    Raises:
        PolicyError: it does not.
    """
    if not low <= value <= high:
        refuse("bad-option", f"{name} = {value}", f"Use a number between {low:,} and {high:,}.")
    return value
