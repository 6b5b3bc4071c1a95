"""A run into files: all of them, or none."""

import errno
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from faasera.core.digest import TableDigest
from faasera.core.errors import PolicyError, Problem, RunError, did_you_mean
from faasera.core.streams import STREAM_VERSION
from faasera.plan.evaluate import schema_of
from faasera.plan.model import Plan, TablePlan
from faasera.run.allocator import keep_memory
from faasera.run.journal import JOURNAL, Journal
from faasera.run.manifest import FileEntry, Manifest, TableEntry, build_manifest
from faasera.run.pipeline import CHUNK_ROWS, Part, Pipeline, Progress, TableRun, whole_option
from faasera.run.staging import MANIFEST, Staging
from faasera.writers import WRITERS
from faasera.writers.base import TableWriter


class Run:
    """Writes the tables of a plan to files.

    Args:
        plan: what to make.
        out: the folder; made if it is missing.
        format: of the files.
        options: of the format.
        tables: which ones; None for all.
        parts: files per table.
        workers: threads; by default one a core.
        overwrite: replace what an earlier run left there.
        progress: called with a table's name, its rows so far and its rows in all.
        chunk_rows: made at once.
        resume: keep a journal, and go on where a run of the same that was killed had come to.
    """

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
        resume: bool = False,
    ) -> None:
        self.plan = plan
        self.out = out
        self.format = format
        self.parts = whole_option(parts, "parts", 1, 10_000)
        self.resume = resume
        self.pipeline = Pipeline(plan, workers, progress, chunk_rows)
        self.overwrite = overwrite
        self.tables = selected(plan, tables)
        self._writers: Sequence[TableWriter] = ()
        declared = WRITERS.get(format)
        if declared is None:
            remedy = did_you_mean(format, WRITERS.names())
            raise PolicyError([Problem("", "unknown-format", f"there is no format '{format}'", remedy)])
        self.writer_type = declared
        self.options = declared.read_options(options or {})

    @property
    def written(self) -> int:
        """How many bytes are in the files so far."""
        return sum(writer.written for writer in self._writers)

    def _target(self, table: TablePlan) -> Path:
        """The final name of a table's file, or of the folder of its parts."""
        extension = self.writer_type.extension(self.options)
        # What some file systems refuse in names is written as in URLs.
        name = re.sub(r'[:*?"<>|%]', lambda match: f"%{ord(match[0]):02X}", table.name)
        target = self.out / (name if self.parts > 1 else name + extension)
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
        staging = Staging(self.out, targets, self.overwrite, resume=self.resume)
        try:
            runs = [self._prepare(table, staging) for table in self.tables]
            self._writers = [cast(TableWriter, part.writer) for run, _ in runs for part in run.parts]
            if self.resume:
                staging.take_back(targets)
                journal = Journal(staging.path / JOURNAL, self._fingerprint(), [run for run, _ in runs])
                if not journal.read():
                    staging.clear()
                journal.begin()
                self.pipeline.appended = journal.appended
            self.pipeline.write([run for run, _ in runs])
            entries = [self._entry(run, finals, staging) for run, finals in runs]
            given = self.options.model_dump(exclude_defaults=True)
            manifest = build_manifest(
                self.plan, self.format, entries, time.perf_counter() - started, self.pipeline.workers, given
            )
            staging.publish(targets, manifest.as_dict())
        except OSError as error:
            staging.abort()
            raise RunError([_os_problem(error, self.out)]) from error
        except BaseException:
            staging.abort()
            raise
        return manifest

    def _fingerprint(self) -> dict[str, Any]:
        """What decides the bytes."""
        return {
            "streamVersion": STREAM_VERSION,
            "policyDigest": self.plan.policy_digest,
            "seed": self.plan.seed,
            "inputs": self.plan.inputs,
            "format": self.format,
            "options": self.options.model_dump(),
            "tables": [table.name for table in self.tables],
            "parts": self.parts,
            "chunkRows": self.pipeline.chunk_rows,
        }

    def _prepare(self, table: TablePlan, staging: Staging) -> tuple[TableRun, list[Path]]:
        schema = schema_of(self.plan, table)
        columns = [(column.name, str(column.data_type)) for column in table.visible]
        target = self._target(table)
        parts, finals = [], []
        for number in range(self.parts):
            extension = self.writer_type.extension(self.options)
            name = f"part-{number:05d}{extension}"
            path = staging.path / target.name / name if self.parts > 1 else staging.path / target.name
            final = target / name if self.parts > 1 else target
            start, stop = (table.row_count * edge // self.parts for edge in (number, number + 1))
            finals.append(final)
            parts.append(Part(self.writer_type.writer(path, schema, self.options), start, stop))
        return TableRun(table, parts, TableDigest(columns, table.row_count)), finals

    def _entry(self, run: TableRun, finals: Sequence[Path], staging: Staging) -> TableEntry:
        names = [final.relative_to(self.out) for final in finals]
        files = [
            FileEntry(str(name), (staging.path / name).stat().st_size, part.stop - part.start)
            for part, name in zip(run.parts, names, strict=True)
        ]
        columns = [run.digest.column(number) for number in range(len(run.table.visible))]
        return TableEntry(run.table, run.digest.table(), columns, files, run.finished - run.started)


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
