"""The report as data: everything that the page, the Markdown and the JSON show."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasera.core.storage import Location
from faasera.core.version import __version__
from faasera.run.check.check import check
from faasera.run.check.findings import StepProgress
from faasera.run.check.report import CheckReport
from faasera.run.fetching import fetched_output
from faasera.run.manifest import read_manifest
from faasera.run.output import place_of
from faasera.run.planning import PolicySource
from faasera.run.report.samples import sample_rows

MOST_ROWS = 5_000_000
_SAMPLES = 10


@dataclass(frozen=True)
class Report:
    """What is told of an output.

    Attributes:
        manifest: of the run.
        check: whether it keeps its promises, with what its columns look like.
        samples: the first rows of each table, as texts.
        privacy: the comparison with real data, where there was one.
    """

    manifest: Mapping[str, Any]
    check: CheckReport
    samples: Mapping[str, Sequence[Mapping[str, str | None]]]
    privacy: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, and for whoever shows it."""
        manifest = self.manifest
        profiles = {profile.name: profile.as_dict() for profile in self.check.profiles}
        findings = [finding.as_dict() for finding in self.check.findings]
        return {
            "name": manifest["name"],
            "description": manifest["policy"].get("description"),
            "synthetic": manifest["synthetic"],
            "runId": manifest.get("runId"),
            "engine": manifest["engine"],
            "reportedBy": __version__,
            "seed": manifest["seed"],
            "asOf": manifest["asOf"],
            "policyDigest": manifest["policyDigest"],
            "format": manifest["format"],
            "rows": sum(table["rows"] for table in manifest["tables"]),
            "bytes": sum(file["bytes"] for table in manifest["tables"] for file in table["files"]),
            "signature": {name: manifest["signature"][name] for name in ("algorithm", "key")}
            if isinstance(manifest.get("signature"), dict)
            else None,
            "timings": manifest["timings"],
            "warnings": manifest["warnings"],
            "inputs": manifest["inputs"],
            "hints": manifest["hints"],
            "widenedDefaults": manifest["widenedDefaults"],
            "importedFrom": manifest["policy"].get("importedFrom"),
            "check": {
                "ok": self.check.ok,
                "passed": len(self.check.passed),
                "failed": len(self.check.failed),
                "skipped": len(self.check.skipped),
                "seconds": round(self.check.seconds, 3),
            },
            "tables": [
                _table(table, profiles.get(table["name"]), findings, self.samples.get(table["name"], ()))
                for table in manifest["tables"]
            ],
            "privacy": self.privacy,
        }


def _table(
    table: Mapping[str, Any],
    profile: Mapping[str, Any] | None,
    findings: Sequence[dict[str, Any]],
    samples: Sequence[Mapping[str, str | None]],
) -> dict[str, Any]:
    """A table of the manifest, with what was found of it."""
    described = {column["name"]: column for column in profile["columns"]} if profile is not None else {}
    keys = {column for key in table["uniqueKeys"] for column in key}
    references = {
        column: str(key["references"].get("table") or key["references"].get("file"))
        for key in table["foreignKeys"]
        for column in key["columns"]
    }
    columns = []
    for column in table["columns"]:
        looks = described.get(column["name"])
        columns.append(
            {
                **{
                    name: column.get(name) for name in ("name", "dataType", "semanticType", "method", "marking", "from")
                },
                "primaryKey": column["name"] == table["primaryKey"],
                "key": column["name"] in keys,
                "references": references.get(column["name"]),
                "profile": {name: value for name, value in looks.items() if name not in ("name", "dataType")}
                if looks is not None
                else None,
            }
        )
    return {
        "name": table["name"],
        "rows": table["rows"],
        "lookedAt": profile["rows"] if profile is not None else 0,
        "sampled": bool(profile and profile.get("sampled")),
        "synthetic": table["synthetic"],
        "digest": table["digest"],
        "files": table["files"],
        "foreignKeys": table["foreignKeys"],
        "columns": columns,
        "findings": [finding for finding in findings if finding["table"] == table["name"]],
        "samples": list(samples),
    }


def make_report(
    directory: str | Path,
    policy: PolicySource | None = None,
    *,
    seed_directory: Path | None = None,
    most_rows: int | None = MOST_ROWS,
    privacy: Mapping[str, Any] | None = None,
    progress: StepProgress | None = None,
) -> Report:
    """Look at what a run wrote: its columns, its promises, some of its rows.

    Args:
        directory: what a run wrote, with its manifest.
        policy: instead of the one in the manifest; from a file, its seed files are at hand, too.
        seed_directory: the folder that the paths of the manifest's policy start from, if it is known.
        most_rows: where a table has more, a sample is described, and no promise is looked at; None for no limit.
        privacy: a comparison with real data, as ``PrivacyReport.as_dict`` has it, to be shown with the rest.
        progress: called with a table's name and what is looked at next.

    Raises:
        PolicyError: there is no manifest, the policy is wrong, or a package is not installed.
    """
    with ExitStack() as opened:
        place = place_of(directory)
        path = place if isinstance(place, Path) else opened.enter_context(fetched_output(place.url))
        manifest = read_manifest(Location(path))
        found = check(
            path, policy, progress=progress, seed_directory=seed_directory, described=True, most_rows=most_rows
        )
        samples = {table["name"]: sample_rows(path, manifest, table, _SAMPLES) for table in manifest["tables"]}
    return Report(manifest, found, samples, privacy)


def written_at(report: Mapping[str, Any]) -> str:
    """When the run ended, as people write it."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.strptime(report["timings"]["finishedAt"][:19], "%Y-%m-%dT%H:%M:%S"))
