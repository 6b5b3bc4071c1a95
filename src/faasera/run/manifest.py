"""The manifest: what a run made, and from what."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from faasera.core.errors import PolicyError, refuse
from faasera.core.logs import run_id
from faasera.core.storage import Location
from faasera.core.streams import STREAM_VERSION
from faasera.core.version import __version__
from faasera.plan.model import Plan, TablePlan
from faasera.plan.origins import Origin, not_synthetic

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class FileEntry:
    """One file: its path relative to the manifest, its size in bytes, its rows."""

    path: str
    size: int
    rows: int


@dataclass(frozen=True)
class TableEntry:
    """One table of a run.

    Attributes:
        table: its plan.
        origins: where its columns come from, by name.
        digest: of its values.
        column_digests: of each written column's values.
        files: where it is.
        seconds: from its first to its last piece.
    """

    table: TablePlan
    origins: Mapping[str, Origin]
    digest: str
    column_digests: Sequence[str]
    files: Sequence[FileEntry]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        table = self.table
        columns = [
            {
                "name": column.name,
                "dataType": str(column.data_type),
                "nullable": column.generator.nullable,
                "digest": digest,
                **({"semanticType": column.meaning.semantic_type} if column.meaning is not None else {}),
                **self.origins[column.name].as_dict(),
            }
            for column, digest in zip(table.visible, self.column_digests, strict=True)
        ]
        return {
            "name": table.name,
            "synthetic": not not_synthetic(self.origins),
            "rows": table.row_count,
            "columns": columns,
            "primaryKey": table.primary_key,
            "uniqueKeys": [list(key) for key in table.keys],
            "foreignKeys": [foreign_key.as_dict() for foreign_key in table.foreign_keys.values()],
            "redrawn": table.conditioned,
            "digest": self.digest,
            "files": [{"path": file.path, "bytes": file.size, "rows": file.rows} for file in self.files],
        }


@dataclass(frozen=True)
class Manifest:
    """What a run made.

    Attributes:
        plan: what was run.
        format: of the files.
        tables: in the order they were written.
        seconds: how long the run took.
        workers: how many threads made it; they leave no trace in the data.
        finished: when.
        options: of the format, where they are not the defaults.
        run: what tells the shards of this run from those of others; None where one process made all.
        run_id: as logs, lineage and traces name the run.
    """

    plan: Plan
    format: str
    tables: Sequence[TableEntry]
    seconds: float
    workers: int
    finished: datetime.datetime
    options: Mapping[str, Any]
    run: str | None = None
    run_id: str | None = None

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(entry.table.row_count for entry in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """As it is written to ``_manifest.json``."""
        plan = self.plan
        return {
            "name": plan.name,
            "synthetic": not any(not_synthetic(entry.origins) for entry in self.tables),
            "runId": self.run_id,
            **({"run": self.run} if self.run is not None else {}),
            "engine": {"name": "faasera", "version": __version__, "streamVersion": STREAM_VERSION},
            "seed": plan.seed,
            "asOf": plan.as_of.isoformat(),
            "policyDigest": plan.policy_digest,
            "policy": plan.policy,
            "inputs": plan.inputs,
            "format": self.format,
            "options": dict(self.options),
            "tables": [entry.as_dict() for entry in self.tables],
            "provenance": list(plan.provenance),
            "denyList": plan.deny_list.name if plan.deny_list is not None else None,
            "hints": list(plan.policy.get("hints", [])),
            "widenedDefaults": [
                {"table": entry.table.name, "column": column.name, "semanticType": column.meaning.semantic_type}
                for entry in self.tables
                for column in entry.table.columns
                if column.meaning is not None and column.meaning.realistic
            ],
            "warnings": list(plan.warnings),
            "timings": {
                "finishedAt": self.finished.isoformat(timespec="seconds"),
                "seconds": round(self.seconds, 3),
                "rowsPerSecond": round(self.rows / self.seconds) if self.seconds else 0,
                "workers": self.workers,
                "tables": {entry.table.name: round(entry.seconds, 3) for entry in self.tables},
            },
        }


def build_manifest(
    plan: Plan,
    format: str,
    tables: Sequence[TableEntry],
    seconds: float,
    workers: int,
    options: Mapping[str, Any],
    run: str | None = None,
) -> Manifest:
    """The manifest of a run that ends now; the clock appears here and nowhere in the data."""
    finished = datetime.datetime.now(datetime.UTC)
    return Manifest(plan, format, tables, seconds, workers, finished, options, run, run_id.get())


def as_text(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as it stands in its file."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def read_manifest(location: Location) -> dict[str, Any]:
    """The manifest at a place.

    Raises:
        PolicyError: there is none, it cannot be read, or it is none of this program's.
    """
    with location.translated(PolicyError):
        text = location.read(MANIFEST)
    remedy = "Name the place that 'faasera generate --out' wrote."
    if text is None:
        refuse("no-manifest", f"{location} has no {MANIFEST}", remedy)
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"{location}/{MANIFEST} is damaged: {error}"
        refuse("no-manifest", message, "Generate the folder again.")
    if not isinstance(found, dict) or not {"policy", "tables", "format"} <= set(found):
        message = f"{location}/{MANIFEST} is no manifest of this program"
        refuse("no-manifest", message, remedy)
    return found


def listed_files(text: bytes) -> list[str]:
    """The files that a manifest lists, as it names them; none where it is no manifest."""
    try:
        return [str(file["path"]) for table in json.loads(text)["tables"] for file in table["files"]]
    except (ValueError, KeyError, TypeError):
        return []
