"""OpenLineage: a run as events, sent by the project's own client as it is configured.

Source: https://openlineage.io/docs/spec/object-model and the facets named there.
"""

import contextvars
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faasera.core.errors import FaaseraError, refuse
from faasera.core.extras import require
from faasera.core.logs import get_logger
from faasera.core.streams import STREAM_VERSION
from faasera.core.version import __version__
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.lineage.datasets import OWN, DatasetName, DatasetNames
from faasera.plan.model import Plan, TablePlan
from faasera.plan.origins import ENCODED, FILE, REFERENCE, Origin, Origins, Source, not_synthetic

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent

PRODUCER = f"urn:faasera:engine:{__version__}"
_BETWEEN = 10.0
_PATIENCE = 30.0
_PAUSE = 60.0
_FILES = ("openlineage.yml",)
logger = get_logger("lineage")


def configured() -> bool:
    """Whether the OpenLineage client has been told where events go: by its variables, or by its file."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    if os.environ.get("OPENLINEAGE_URL") or os.environ.get("OPENLINEAGE_CONFIG"):
        return True
    if any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ):
        return True
    return any((folder / name).is_file() for folder in (Path.cwd(), Path.home() / ".openlineage") for name in _FILES)


def open_client() -> "OpenLineageClient":
    """The official client.

    Raises:
        PolicyError: it is not installed, or its configuration cannot be used.
    """
    otherwise = "set OPENLINEAGE_DISABLED=true."
    require("openlineage", extra="lineage", purpose="OpenLineage, which is configured,", otherwise=otherwise)
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import set_producer

    set_producer(PRODUCER)
    try:
        return OpenLineageClient()
    except Exception as error:
        message = f"the configuration of OpenLineage cannot be used: {type(error).__name__}: {error}"
        remedy = "Correct openlineage.yml or the variables OPENLINEAGE_…: https://openlineage.io/docs/client/python."
        refuse("lineage-config", message, remedy)


class RunEvents:
    """The events of one run; they are sent beside it, in their order, and never hold it up or break it.

    Args:
        plan: what is run.
        tables: that are written.
        outputs: where each of the policy's tables goes.
        run: the run's UUID.
        version: of the policy, where it is kept in versions.
        replaces: whether what was there is replaced.
    """

    def __init__(
        self,
        plan: Plan,
        tables: Sequence[TablePlan],
        outputs: Mapping[str, DatasetName],
        run: str,
        version: str | None,
        *,
        replaces: bool,
    ) -> None:
        self.client = open_client()
        self.plan = plan
        self.tables = tables
        self.names = DatasetNames(plan, outputs)
        self.run = run
        self.version = version
        self.replaces = replaces
        self.origins = {table.name: Origins(plan).table(table) for table in tables}
        self._done: dict[str, int] = {}
        self._told = 0.0
        self._broken, self._failed = "", 0.0
        self._events: queue.SimpleQueue[tuple[str, RunEvent] | None] = queue.SimpleQueue()
        context = contextvars.copy_context()
        self._sender = threading.Thread(target=context.run, args=(self._send,), name="faasera-lineage", daemon=True)
        self._sender.start()

    # what happens

    def start(self) -> None:
        """The run begins."""
        self._emit("START")

    def table_done(self, table: str, rows: int) -> None:
        """A table is written; told at once the first time, and then now and again."""
        self._done[table] = rows
        if not self._told or time.monotonic() - self._told > _BETWEEN:
            self._told = time.monotonic()
            self._emit("RUNNING")

    def complete(self, manifest: Mapping[str, Any]) -> None:
        """The run has ended well."""
        self._emit("COMPLETE", manifest)
        self._end()

    def fail(self, error: BaseException) -> None:
        """The run has failed; nothing of it was kept."""
        self._emit("FAIL", error=error)
        self._end()

    def abort(self) -> None:
        """Somebody has ended the run."""
        self._emit("ABORT")
        self._end()

    # sending

    def _emit(self, kind: str, manifest: Mapping[str, Any] | None = None, error: BaseException | None = None) -> None:
        self._events.put((kind, self._event(kind, manifest, error)))

    def _send(self) -> None:
        while (entry := self._events.get()) is not None:
            kind, event = entry
            if self._broken and (kind == "RUNNING" or time.monotonic() - self._failed < _PAUSE):
                continue
            try:
                self.client.emit(event)
            except Exception as failure:
                self._failed = time.monotonic()
                if not self._broken:
                    self._broken = f"{type(failure).__name__}: {str(failure).splitlines()[0] if str(failure) else ''}"
                    logger.warning("lineage could not be sent, the run goes on: %s", self._broken)

    def _end(self) -> None:
        self._events.put(None)
        self._sender.join(_PATIENCE)
        if self._sender.is_alive():
            logger.warning("lineage was not sent within %d s", _PATIENCE)
        else:
            self.client.close(_PATIENCE)

    # events

    def _event(self, kind: str, manifest: Mapping[str, Any] | None, error: BaseException | None) -> "RunEvent":
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
        from openlineage.client.facet_v2 import error_message_run, parent_run, processing_engine_run

        run_facets: dict[str, Any] = {
            "processing_engine": processing_engine_run.ProcessingEngineRunFacet(__version__, "faasera")
        }
        if error is not None:
            text = str(error) if isinstance(error, FaaseraError) else type(error).__name__
            run_facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(text, "PYTHON")
        parent = os.environ.get("OPENLINEAGE_PARENT_ID", "").split("/")
        if len(parent) == 3:
            run_facets["parent"] = parent_run.ParentRunFacet(
                parent_run.Run(parent[2]), parent_run.Job(parent[0], parent[1])
            )
        return RunEvent(
            eventTime=datetime.now(UTC).isoformat(timespec="milliseconds"),
            producer=PRODUCER,
            eventType=RunState[kind],
            run=Run(self.run, run_facets),
            job=Job(os.environ.get("OPENLINEAGE_NAMESPACE") or OWN, self.plan.name, self._job_facets()),
            inputs=self._inputs(),
            outputs=[self._output(table, manifest) for table in self.tables],
        )

    def _job_facets(self) -> dict[str, Any]:
        from openlineage.client.facet_v2 import documentation_job, job_type_job

        from faasera.lineage.facets import PolicyFacet

        facets: dict[str, Any] = {
            "jobType": job_type_job.JobTypeJobFacet("BATCH", "FAASERA", "GENERATE"),
            "faasera_policy": PolicyFacet(
                self.plan.policy_digest, self.plan.seed, self.plan.as_of.isoformat(), STREAM_VERSION, self.version
            ),
        }
        if description := self.plan.policy.get("description"):
            facets["documentation"] = documentation_job.DocumentationJobFacet(str(description))
        return facets

    def _inputs(self) -> "list[InputDataset]":
        """What is read: seed files, rows that exist already, reference data, and the schema that was imported."""
        from openlineage.client.event_v2 import InputDataset
        from openlineage.client.facet_v2 import dataset_version_dataset, documentation_dataset, schema_dataset

        columns: dict[DatasetName, dict[Source, None]] = {}
        for origins in self.origins.values():
            for origin in origins.values():
                for source in origin.sources:
                    if self.names.of(source) not in self.names.outputs.values():
                        columns.setdefault(self.names.of(source), {})[source] = None
        made = []
        for dataset, sources in columns.items():
            first = next(iter(sources))
            fields = [schema_dataset.SchemaDatasetFacetFields(source.column) for source in sources]
            facets: dict[str, Any] = {"schema": schema_dataset.SchemaDatasetFacet(fields)}
            version = __version__ if first.kind == REFERENCE else self._digest(first)
            if version:
                facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(version)
            if first.kind == REFERENCE:
                declared = SEMANTIC_TYPES.get(first.dataset)
                if declared is not None:
                    facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(declared.source)
            made.append(InputDataset(dataset.namespace, dataset.name, facets=facets))
        if (schema := self.names.schema_source()) is not None:
            made.append(InputDataset(schema.namespace, schema.name))
        return made

    def _digest(self, source: Source) -> str | None:
        """Of a seed file, or of rows that exist already."""
        name = Path(source.dataset).name if source.kind == FILE else source.dataset
        return self.plan.inputs.get(name)

    def _output(self, table: TablePlan, manifest: Mapping[str, Any] | None) -> "OutputDataset":
        from openlineage.client.event_v2 import OutputDataset
        from openlineage.client.facet_v2 import (
            column_lineage_dataset,
            dataset_version_dataset,
            lifecycle_state_change_dataset,
            output_statistics_output_dataset,
            schema_dataset,
        )

        from faasera.lineage.facets import SyntheticFacet

        origins = self.origins[table.name]
        entry = next((one for one in (manifest or {}).get("tables", ()) if one["name"] == table.name), None)
        change = lifecycle_state_change_dataset.LifecycleStateChange["OVERWRITE" if self.replaces else "CREATE"]
        fields = {name: self._field(origin) for name, origin in origins.items() if origin.sources}
        facets: dict[str, Any] = {
            "schema": schema_dataset.SchemaDatasetFacet(
                [
                    schema_dataset.SchemaDatasetFacetFields(column.name, str(column.data_type))
                    for column in table.visible
                ]
            ),
            "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields),
            "lifecycleStateChange": lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(change),
            "faasera_synthetic": SyntheticFacet(
                not not_synthetic(origins),
                {name: {"method": one.method, "marking": one.marking} for name, one in origins.items()},
                entry["digest"] if entry else None,
            ),
        }
        statistics: dict[str, Any] = {}
        if entry is not None:
            facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(entry["digest"])
            size = sum(file["bytes"] for file in entry["files"]) if entry["files"] else None
            statistics["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                entry["rows"], size, len(entry["files"]) or None
            )
        elif table.name in self._done:
            rows = self._done[table.name]
            statistics["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rows)
        dataset = self.names.outputs[table.name]
        return OutputDataset(dataset.namespace, dataset.name, facets=facets, outputFacets=statistics)

    def _field(self, origin: Origin) -> Any:
        """The sources of a column."""
        from openlineage.client.facet_v2 import column_lineage_dataset

        found = []
        for source in origin.sources:
            dataset = self.names.of(source)
            subtype = "IDENTITY" if origin.method == "taken" else "TRANSFORMATION"
            transformation = column_lineage_dataset.Transformation(
                "DIRECT", subtype, f"{origin.method} by faasera", origin.method == ENCODED
            )
            found.append(
                column_lineage_dataset.InputField(dataset.namespace, dataset.name, source.column, [transformation])
            )
        return column_lineage_dataset.Fields(found)
