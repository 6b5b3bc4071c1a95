"""Output that appears all at once: files are made in a hidden folder and renamed when everything is done."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from faasera.core.errors import refuse
from faasera.run.manifest import MANIFEST, as_text, listed_files
from faasera.run.output import Output

_HIDDEN = ".faasera-partial"


def _listed(out: Path) -> list[Path]:
    """The files that the manifest in a folder lists, if there is one; nothing outside the folder."""
    try:
        names = listed_files((out / MANIFEST).read_bytes())
    except OSError:
        return []
    root = out.resolve()
    return [path for path in ((root / name).resolve() for name in names) if path.is_relative_to(root) and path != root]


class Staging(Output):
    """A folder for one run inside its output folder.

    Attributes:
        out: the output folder.
        path: the hidden folder.
        kept: whether what a killed run left is still there, to go on from.
    """

    def __init__(self, out: Path, names: Iterable[str], overwrite: bool, *, resume: bool = False) -> None:
        self.out = out
        self.path = out / _HIDDEN
        self._targets = list(dict.fromkeys(out / Path(name).parts[0] for name in names))
        self.kept = resume and self.path.is_dir()
        self._lock: int | None = None
        self._created: list[Path] = []
        self._check(self._targets, overwrite)

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
            self.clear()

    def clear(self) -> None:
        """Remove what an earlier run left that was killed."""
        self.kept = False
        for entry in self.path.iterdir():
            if entry.name != "lock":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def target(self, name: str) -> Path:
        """Where a file is written."""
        return self.path / name

    def size(self, name: str) -> int:
        """The bytes of a file that was written."""
        return (self.path / name).stat().st_size

    def take_back(self) -> None:
        """Put back what a run had published that was killed before its manifest."""
        for target in self._targets if self.kept else ():
            if target.exists() and not (self.path / target.name).exists():
                target.replace(self.path / target.name)

    def publish(self, manifest: dict[str, Any]) -> None:
        """Give everything its final name; the manifest comes last, so that it vouches for all the rest."""
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

    def abort(self) -> None:
        """Leave the output folder as it was."""
        self._release()
        self._remove_folders()

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
