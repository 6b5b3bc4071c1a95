"""A run into files: all of them, or none."""

from collections.abc import Sequence
from typing import Any, cast

from faasera.core.errors import refuse
from faasera.core.storage import Location
from faasera.core.streams import STREAM_VERSION
from faasera.lineage.datasets import DatasetName, object_dataset
from faasera.plan.evaluate import schema_of
from faasera.plan.model import Plan
from faasera.run.making import Making, entry, selected, table_run, writer_of
from faasera.run.manifest import FileEntry, Manifest, TableEntry
from faasera.run.objects import ObjectOutput
from faasera.run.order import Files
from faasera.run.output import OutputFolder, place_of
from faasera.run.pipeline import CHUNK_ROWS, Pipeline, RowProgress, TableRun, whole_option
from faasera.run.staging import Staging
from faasera.writers.base import TableWriter


class Run:
    """Writes the tables of a plan to files.

    Args:
        plan: what to make.
        target: where to, and how.
        tables: which ones; None for all.
        workers: threads; by default one a core.
        progress: called with a table's name, its rows so far and its rows in all.
        chunk_rows: made at once.
        version: of the policy, where it is kept in versions; for lineage.

    Raises:
        PolicyError: the call is wrong.
    """

    def __init__(
        self,
        plan: Plan,
        target: Files,
        *,
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        progress: RowProgress | None = None,
        chunk_rows: int = CHUNK_ROWS,
        version: str | None = None,
    ) -> None:
        self.plan = plan
        self.target = target
        self.out = place_of(target.out)
        self.destination = Location(target.out if target.destination is None else target.destination)
        self.parts = whole_option(target.parts, "parts", 1, 10_000)
        self.version = version
        self.progress = progress
        self.pipeline = Pipeline(plan, workers, self._written, chunk_rows)
        self.tables = selected(plan, tables)
        self.writer_type, self.options = writer_of(target.format, target.options)
        self._writers: Sequence[TableWriter] = ()

    def execute(self) -> Manifest:
        """Write everything, and the manifest last.

        Raises:
            PolicyError: the output folder cannot be used, or it grows too large.
            RunError: the run failed; the output folder is as it was.
        """
        making, output = Making(), self._output()
        try:
            with making:
                runs = [self._table_run(table.name, output) for table in self.tables]
                self._writers = [cast(TableWriter, part.writer) for run in runs for part in run.parts]
                self.pipeline.appended = output.take_up(self._fingerprint(), runs)
                outputs = self._datasets(output)
                making.begin(self.plan, self.tables, outputs, replaces=self.target.overwrite, version=self.version)
                making.write(self.pipeline, runs)
                manifest = making.manifest(
                    self.plan,
                    self.target.format,
                    [self._entry(run, output) for run in runs],
                    workers=self.pipeline.workers,
                    options=self.options.model_dump(exclude_defaults=True),
                )
                output.publish(manifest.as_dict())
        except OSError as error:
            output.abort()
            raise output.failure(error) from error
        except BaseException:
            output.abort()
            raise
        return manifest

    def _output(self) -> OutputFolder:
        names, overwrite = [table.name for table in self.tables], self.target.overwrite
        extension = self.writer_type.extension(self.options)
        if isinstance(self.out, Location):
            return ObjectOutput(self.out, names, self.parts, extension, overwrite=overwrite)
        return Staging(self.out, names, self.parts, extension, overwrite=overwrite, resume=self.target.resume)

    def _written(self, table: str, done: int, total: int) -> None:
        """Tell how far a table is, unless the files have grown too large."""
        most = self.target.most_bytes
        if most is not None and sum(writer.written for writer in self._writers) > most:
            message = f"the output is larger than {most:,} bytes"
            refuse("size-limit", message, "Ask for fewer rows, or a smaller format.")
        if self.progress is not None:
            self.progress(table, done, total)

    def _datasets(self, output: OutputFolder) -> dict[str, DatasetName]:
        """Where the policy's tables go, as catalogues know it."""
        return {name: object_dataset(self.destination, output.dataset(name)) for name in self.plan.tables}

    def _fingerprint(self) -> dict[str, Any]:
        """What decides the bytes."""
        return {
            "streamVersion": STREAM_VERSION,
            "policyDigest": self.plan.policy_digest,
            "seed": self.plan.seed,
            "inputs": self.plan.inputs,
            "format": self.target.format,
            "options": self.options.model_dump(),
            "tables": [table.name for table in self.tables],
            "parts": self.parts,
            "chunkRows": self.pipeline.chunk_rows,
        }

    def _table_run(self, name: str, output: OutputFolder) -> TableRun:
        table = self.plan.tables[name]
        schema = schema_of(self.plan, table)
        targets = [output.target(file) for file in output.files(name)]
        return table_run(table, [self.writer_type.writer(target, schema, self.options) for target in targets])

    def _entry(self, run: TableRun, output: OutputFolder) -> TableEntry:
        names = output.files(run.table.name)
        files = [
            FileEntry(name, output.size(name), part.stop - part.start)
            for part, name in zip(run.parts, names, strict=True)
        ]
        return entry(self.plan, run, files)
