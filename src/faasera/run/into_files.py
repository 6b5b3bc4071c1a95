"""A run into files: all of them, or none."""

import errno
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from faasera.core.digest import TableDigest
from faasera.core.errors import FaaseraError, PolicyError, Problem, RunError, did_you_mean, refuse
from faasera.core.storage import Location, is_url
from faasera.core.streams import STREAM_VERSION
from faasera.lineage.datasets import Dataset, file_dataset, object_dataset
from faasera.plan.evaluate import schema_of
from faasera.plan.model import Plan, TablePlan
from faasera.plan.origins import Origins
from faasera.run.allocator import keep_memory
from faasera.run.journal import JOURNAL, Journal
from faasera.run.manifest import MANIFEST, FileEntry, Manifest, TableEntry, build_manifest
from faasera.run.objects import ObjectOutput, new_tag, part_name
from faasera.run.observation import observed
from faasera.run.output import Output, file_name
from faasera.run.pipeline import CHUNK_ROWS, Part, Pipeline, Progress, TableRun, whole_option
from faasera.run.staging import Staging
from faasera.writers import WRITERS
from faasera.writers.base import TableWriter, WriterType


class Run:
    """Writes the tables of a plan to files.

    Args:
        plan: what to make.
        out: the folder, made if it is missing; or the URL of one in an object store.
        format: of the files.
        options: of the format.
        tables: which ones; None for all.
        parts: files per table.
        workers: threads; by default one a core.
        overwrite: replace what an earlier run left there.
        progress: called with a table's name, its rows so far and its rows in all.
        chunk_rows: made at once.
        resume: keep a journal, and go on where a run of the same that was killed had come to.
        version: of the policy, where it is kept in versions; for lineage.
        destination: the URL where the files are brought afterwards, if they are; for lineage.
    """

    def __init__(
        self,
        plan: Plan,
        out: Path | str,
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
        version: str | None = None,
        destination: str | None = None,
    ) -> None:
        self.plan = plan
        self.out = place_of(out)
        self.format = format
        self.parts = whole_option(parts, "parts", 1, 10_000)
        self.resume = resume
        self.version = version
        self.destination = place_of(destination) if destination is not None else self.out
        self.pipeline = Pipeline(plan, workers, progress, chunk_rows)
        self.overwrite = overwrite
        self.tables = selected(plan, tables)
        self._writers: Sequence[TableWriter] = ()
        self.writer_type, self.options = writer_of(format, options)

    @property
    def written(self) -> int:
        """How many bytes are in the files so far."""
        return sum(writer.written for writer in self._writers)

    def _names(self, table: TablePlan, tag: str) -> list[str]:
        """The names of a table's files, relative to the folder."""
        extension = self.writer_type.extension(self.options)
        if isinstance(self.out, Location):
            return [part_name(table.name, number, tag, extension) for number in range(self.parts)]
        name = file_name(table.name)
        if self.parts > 1:
            return [f"{name}/part-{number:05d}{extension}" for number in range(self.parts)]
        if name + extension == MANIFEST:
            message = f"the file of the table '{table.name}' would be {MANIFEST}, which is the manifest's"
            refuse("reserved-name", message, "Rename the table.")
        return [name + extension]

    def execute(self) -> Manifest:
        """Write everything, and the manifest last.

        Raises:
            PolicyError: the output folder cannot be used.
            RunError: the run failed; the output folder is as it was.
        """
        keep_memory()
        started = time.perf_counter()
        tag = new_tag()
        names = [self._names(table, tag) for table in self.tables]
        output: Output
        if isinstance(self.out, Location):
            output = ObjectOutput(self.out, [table.name for table in self.tables], self.overwrite)
        else:
            output = Staging(
                self.out, [one for several in names for one in several], self.overwrite, resume=self.resume
            )
        try:
            runs = [self._prepare(table, output, given) for table, given in zip(self.tables, names, strict=True)]
            self._writers = [cast(TableWriter, part.writer) for run in runs for part in run.parts]
            if self.resume and isinstance(output, Staging):
                self._take_up(output, runs)
            with observed(
                self.plan, self.tables, self._datasets(), replaces=self.overwrite, version=self.version
            ) as observation:
                self.pipeline.finished = observation.table_done
                self.pipeline.write(runs)
                entries = [self._entry(run, given, output) for run, given in zip(runs, names, strict=True)]
                given = self.options.model_dump(exclude_defaults=True)
                manifest = build_manifest(
                    self.plan, self.format, entries, time.perf_counter() - started, self.pipeline.workers, given
                )
                output.publish(manifest.as_dict())
                observation.complete(manifest)
        except OSError as error:
            output.abort()
            raise _failure(error, self.out) from error
        except BaseException:
            output.abort()
            raise
        return manifest

    def _datasets(self) -> dict[str, Dataset]:
        """Where the policy's tables go, as catalogues know it."""
        ending = self.writer_type.extension(self.options) if self.parts == 1 and isinstance(self.out, Path) else ""
        names = {name: file_name(name) + ending for name in self.plan.tables}
        if isinstance(self.destination, Location):
            return {name: object_dataset(self.destination, file) for name, file in names.items()}
        return {name: file_dataset(self.destination / file) for name, file in names.items()}

    def _take_up(self, staging: Staging, runs: Sequence[TableRun]) -> None:
        """Go on where a run of the same that was killed had come to, and keep a journal."""
        staging.take_back()
        journal = Journal(staging.path / JOURNAL, self._fingerprint(), runs)
        if not journal.read():
            staging.clear()
        journal.begin()
        self.pipeline.appended = journal.appended

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

    def _prepare(self, table: TablePlan, output: Output, names: Sequence[str]) -> TableRun:
        schema = schema_of(self.plan, table)
        parts = []
        for number, name in enumerate(names):
            start, stop = (table.row_count * edge // self.parts for edge in (number, number + 1))
            parts.append(Part(self.writer_type.writer(output.target(name), schema, self.options), start, stop))
        return TableRun(table, parts, digest_of(table))

    def _entry(self, run: TableRun, names: Sequence[str], output: Output) -> TableEntry:
        files = [
            FileEntry(name, output.size(name), part.stop - part.start)
            for part, name in zip(run.parts, names, strict=True)
        ]
        columns = [run.digest.column(number) for number in range(len(run.table.visible))]
        return TableEntry(
            run.table,
            Origins(self.plan).table(run.table),
            run.digest.table(),
            columns,
            files,
            run.finished - run.started,
        )


def place_of(out: Path | str) -> Path | Location:
    """A folder of this machine as a path, one of an object store as a location.

    Raises:
        PolicyError: the URL names no place of files.
    """
    location = Location(out)
    if not location.is_local:
        return location
    return Path(location.shown) if is_url(out) else Path(out)


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


def digest_of(table: TablePlan, span: tuple[int, int] | None = None) -> TableDigest:
    """An empty digest of a table's values; with a span, for what its rows add."""
    return TableDigest([(column.name, str(column.data_type)) for column in table.visible], table.row_count, span)


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


def _failure(error: OSError, out: Path | Location) -> FaaseraError:
    """What an error of the system means."""
    if isinstance(out, Location):
        try:
            with out.translated():
                raise error
        except FaaseraError as found:
            return found
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = f"the disk of {out} is full; nothing was kept"
        return RunError([Problem("", "disk-full", message, "Free some space, or choose another --out.")])
    message = f"{out}: {error.strerror or error}; nothing was kept"
    return RunError([Problem("", "output-failed", message, "Check the disk and its permissions.")])
