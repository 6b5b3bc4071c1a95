"""The events of OpenLineage that tell of a run: what is read and written, and how columns come from one another."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_version_dataset,
    documentation_dataset,
    documentation_job,
    error_message_run,
    job_type_job,
    lifecycle_state_change_dataset,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
)

from faasera.core.errors import FaaseraError
from faasera.core.streams import STREAM_VERSION
from faasera.core.version import __version__
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.lineage.datasets import OWN, DatasetName, DatasetNames
from faasera.lineage.facets import PolicyFacet, SyntheticFacet
from faasera.plan.model import Plan, TablePlan
from faasera.plan.origins import ENCODED, FILE, REFERENCE, TAKEN, Origin, Origins, Source, not_synthetic

PRODUCER = f"urn:faasera:engine:{__version__}"


class EventMaker:
    """Makes the events of one run.

    Args:
        plan: what is run.
        tables: that are written.
        names: of all that is read and written.
        run: the run's UUID.
        version: of the policy, where it is kept in versions.
        replaces: whether what was there is replaced.
    """

    def __init__(
        self,
        plan: Plan,
        tables: Sequence[TablePlan],
        names: DatasetNames,
        run: str,
        version: str | None,
        *,
        replaces: bool,
    ) -> None:
        self.plan = plan
        self.tables = tables
        self.names = names
        self.run = run
        self.version = version
        self.replaces = replaces
        self.origins = {table.name: Origins(plan).table(table) for table in tables}

    def event(
        self,
        kind: str,
        done: Mapping[str, int],
        manifest: Mapping[str, Any] | None = None,
        error: BaseException | None = None,
    ) -> RunEvent:
        """One event.

        Args:
            kind: the name of its ``RunState``.
            done: rows of the tables that are written.
            manifest: of a run that has ended well.
            error: of one that has failed.
        """
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
            outputs=[self._output(table, done, manifest) for table in self.tables],
        )

    def _job_facets(self) -> dict[str, Any]:
        facets: dict[str, Any] = {
            "jobType": job_type_job.JobTypeJobFacet("BATCH", "FAASERA", "GENERATE"),
            "faasera_policy": PolicyFacet(
                self.plan.policy_digest, self.plan.seed, self.plan.as_of.isoformat(), STREAM_VERSION, self.version
            ),
        }
        if description := self.plan.policy.get("description"):
            facets["documentation"] = documentation_job.DocumentationJobFacet(str(description))
        return facets

    def _inputs(self) -> list[InputDataset]:
        """What is read: seed files, rows that exist already, reference data, and the schema that was imported."""
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

    def _output(self, table: TablePlan, done: Mapping[str, int], manifest: Mapping[str, Any] | None) -> OutputDataset:
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
        elif table.name in done:
            rows = done[table.name]
            statistics["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rows)
        dataset = self.names.outputs[table.name]
        return OutputDataset(dataset.namespace, dataset.name, facets=facets, outputFacets=statistics)

    def _field(self, origin: Origin) -> Any:
        """The sources of a column."""
        found = []
        for source in origin.sources:
            dataset = self.names.of(source)
            subtype = "IDENTITY" if origin.method == TAKEN else "TRANSFORMATION"
            transformation = column_lineage_dataset.Transformation(
                "DIRECT", subtype, f"{origin.method} by faasera", origin.method == ENCODED
            )
            found.append(
                column_lineage_dataset.InputField(dataset.namespace, dataset.name, source.column, [transformation])
            )
        return column_lineage_dataset.Fields(found)
