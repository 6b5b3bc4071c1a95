"""What a job left: files, its manifest, the check, the profile; alone or as a ZIP archive made while it is read."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faasera.core.errors import did_you_mean
from faasera.run.manifest import MANIFEST as PUBLISHED
from faasera.service.errors import ConflictError, GoneError, NotFoundError
from faasera.service.jobs import Job, State
from faasera.service.task import CHECK, MANIFEST, PROFILE, REPORT

_CHUNK = 1 << 20
KINDS = {"manifest": MANIFEST, "check": CHECK, "profile": PROFILE, "report": REPORT}


def files_of(job: Job, folder: Path) -> list[dict[str, Any]]:
    """The files of a job that succeeded, the manifest first.

    Raises:
        ConflictError: it did not, or not yet.
        GoneError: they were removed.
    """
    _see_files(job)
    output = folder / "output"
    paths = sorted(
        (path for path in output.rglob("*") if path.is_file() and ".faasera-partial" not in path.parts),
        key=lambda path: (path.name != PUBLISHED, str(path)),
    )
    return [{"name": path.relative_to(output).as_posix(), "bytes": path.stat().st_size} for path in paths]


def file_of(job: Job, folder: Path, name: str) -> Path:
    """The path of one of a job's files.

    Raises:
        NotFoundError: there is none of that name.
    """
    known = [entry["name"] for entry in files_of(job, folder)]
    if name not in known:
        raise NotFoundError("unknown-artifact", f"the job has no file {name[:80]!r}", did_you_mean(name, known))
    return folder / "output" / name


def document_of(job: Job, folder: Path, kind: str) -> dict[str, Any]:
    """A job's manifest, check, profile or report.

    Raises:
        NotFoundError: it has none.
    """
    _see_files(job)
    path = folder / KINDS[kind]
    if not path.is_file():
        reason = "the job was not asked to check" if kind != "manifest" else "the job left none"
        raise NotFoundError(
            f"no-{kind}", f"there is no {kind}: {reason}", "Ask for it: POST /api/v1/jobs with check: true."
        )
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _see_files(job: Job) -> None:
    if job.state is not State.SUCCESS:
        raise ConflictError("job-not-done", f"the job is {job.state}", "Only jobs with SUCCESS have results.")
    if job.removed is not None:
        raise GoneError("artifacts-removed", "the job's files were removed after their time", "Run the policy again.")


class _Buffer(io.RawIOBase):
    """Takes what is written, until it is handed on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def archive(job: Job, folder: Path) -> Iterator[bytes]:
    """The bytes of a ZIP archive of all files, stored as they are; no file in between."""
    buffer = _Buffer()
    entries = files_of(job, folder)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for entry in entries:
            path = folder / "output" / entry["name"]
            with path.open("rb") as source, target.open(zipfile.ZipInfo(entry["name"]), "w", force_zip64=True) as out:
                while chunk := source.read(_CHUNK):
                    out.write(chunk)
                    yield buffer.taken()
            yield buffer.taken()
    yield buffer.taken()
