"""Output that appears all at once: files are made in a hidden folder and renamed when everything is done."""

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from faasera.core.errors import FaaseraError, Problem, RunError, refuse
from faasera.run.journal import JOURNAL, Journal
from faasera.run.manifest import MANIFEST, as_text, listed_files
from faasera.run.output import Noted, OutputFolder, file_name
from faasera.run.pipeline import TableRun

_HIDDEN = ".faasera-partial"


def _listed(out: Path) -> list[Path]:
    """The files that the manifest in a folder lists, if there is one; nothing outside the folder."""
    try:
        names = listed_files((out / MANIFEST).read_bytes())
    except OSError:
        return []
    root = out.resolve()
    return [path for path in ((root / name).resolve() for name in names) if path.is_relative_to(root) and path != root]


class Staging(OutputFolder):
    """A folder for one run inside its output folder.

    Args:
        out: the output folder.
        tables: that are written.
        parts: files a table.
        extension: of the files.
        overwrite: replace what an earlier run left there.
        resume: keep a journal, and go on where a run of the same that was killed had come to.

    Raises:
        PolicyError: the folder cannot be used, or a table has the name of the manifest.

    Attributes:
        path: the hidden folder.
        kept: whether what a killed run left is still there, to go on from.
    """

    def __init__(
        self,
        out: Path,
        tables: Sequence[str],
        parts: int,
        extension: str,
        *,
        overwrite: bool = False,
        resume: bool = False,
    ) -> None:
        self.out = out
        self.parts = parts
        self.extension = extension
        self.path = out / _HIDDEN
        names = [name for table in tables for name in self.files(table)]
        self._targets = list(dict.fromkeys(out / Path(name).parts[0] for name in names))
        self._resume = resume
        self.kept = resume and self.path.is_dir()
        self._lock: int | None = None
        self._created: list[Path] = []
        self._check(self._targets, overwrite)

    @override
    def files(self, table: str) -> list[str]:
        name = self.dataset(table)
        if self.parts > 1:
            return [f"{name}/part-{number:05d}{self.extension}" for number in range(self.parts)]
        if name == MANIFEST:
            message = f"the file of the table '{table}' would be {MANIFEST}, which is the manifest's"
            refuse("reserved-name", message, "Rename the table.")
        return [name]

    @override
    def dataset(self, table: str) -> str:
        return file_name(table) + (self.extension if self.parts == 1 else "")

    def _check(self, targets: list[Path], overwrite: bool) -> None:
        if self.out.exists() and not self.out.is_dir():
            refuse("output-unwritable", f"{self.out} is not a folder", "Choose another --out.")
        existing = [path for path in (*targets, self.out / MANIFEST) if path.exists()]
        if existing and not (overwrite or self.kept):
            refuse("output-exists", f"{existing[0]} exists already", "Choose another --out, or add --overwrite.")
        try:
            self._make_folders()
            self._take_lock()
        except OSError as error:
            self._remove_folders()
            message = f"{self.out} cannot be written: {error.strerror or error}"
            refuse("output-unwritable", message, "Check the path and its permissions.")

    def _make_folders(self) -> None:
        missing = [folder for folder in (self.out, *self.out.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            self._created.append(folder)
        self.path.mkdir(exist_ok=True)

    def _take_lock(self) -> None:
        self._lock = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            message = f"another run is writing to {self.out}"
            refuse("output-busy", message, "Wait for it, or choose another --out.")
        if not self.kept:
            self._clear()

    @override
    def take_up(self, fingerprint: Mapping[str, Any], runs: Sequence[TableRun]) -> Noted | None:
        if not self._resume:
            return None
        self._take_back()
        journal = Journal(self.path / JOURNAL, fingerprint, runs)
        if not journal.read():
            self._clear()
        journal.begin()
        return journal.appended

    def _clear(self) -> None:
        """Remove what an earlier run left that was killed."""
        self.kept = False
        for entry in self.path.iterdir():
            if entry.name != "lock":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    @override
    def target(self, name: str) -> Path:
        return self.path / name

    @override
    def size(self, name: str) -> int:
        return (self.path / name).stat().st_size

    def _take_back(self) -> None:
        """Put back what a run had published that was killed before its manifest."""
        for target in self._targets if self.kept else ():
            if target.exists() and not (self.path / target.name).exists():
                target.replace(self.path / target.name)

    @override
    def publish(self, manifest: dict[str, Any]) -> None:
        wanted = self._targets
        (self.path / MANIFEST).write_bytes(as_text(manifest))
        stale = _listed(self.out)
        (self.out / MANIFEST).unlink(missing_ok=True)
        for target in wanted:
            if target.is_dir():
                shutil.rmtree(target)
            (self.path / target.name).replace(target)
        published = {path.resolve() for path in wanted}
        for path in stale:
            if path not in published and not any(parent in published for parent in path.parents):
                path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    if path.parent != self.out.resolve():
                        path.parent.rmdir()
        (self.path / MANIFEST).replace(self.out / MANIFEST)
        self._release()

    @override
    def abort(self) -> None:
        self._release()
        self._remove_folders()

    @override
    def failure(self, error: OSError) -> FaaseraError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = f"the disk of {self.out} is full; nothing was kept"
            return RunError([Problem("", "disk-full", message, "Free some space, or choose another --out.")])
        message = f"{self.out}: {error.strerror or error}; nothing was kept"
        return RunError([Problem("", "output-failed", message, "Check the disk and its permissions.")])

    def _release(self) -> None:
        if self._lock is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _remove_folders(self) -> None:
        """Remove the folders that this run made, as far as they are empty."""
        with contextlib.suppress(OSError):
            for folder in reversed(self._created):
                folder.rmdir()
