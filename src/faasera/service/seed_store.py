"""Seed files of projects: a folder for each project, replaced whole, so that a run that reads one sees it whole."""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from faasera.core.errors import did_you_mean
from faasera.service.errors import NotFoundError, ServiceError, TooLargeError
from faasera.service.identity import Identity, Role
from faasera.service.pages import moment
from faasera.service.settings import Settings
from faasera.service.store import Store

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet", ".jsonl")
_PART = re.compile(r"^[A-Za-z0-9][\w. -]{0,98}$")
_STAMP = "seeds-changed"
_CHUNK = 1 << 20
_MOST_ROWS, _MOST_BYTES = 20_000_000, 1 << 30


class SeedStore:
    """Keeps the seed files of all projects."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.root = store.folder / "projects"
        self.settings = settings

    def folder(self, project: str) -> Path:
        """The folder of a project; made if it is missing."""
        path = self.root / project / "seeds"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def stamp(self, project: str) -> tuple[Any, ...]:
        """What changes when a seed file of the project does."""
        try:
            found = (self.root / project / _STAMP).stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_ino

    def _changed(self, project: str) -> None:
        stamp = self.root / project / _STAMP
        partial = stamp.with_name(f".{secrets.token_hex(8)}")
        partial.touch()
        partial.replace(stamp)

    @staticmethod
    def _files(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path

    def entries(self, who: Identity) -> list[dict[str, Any]]:
        """Names and sizes of the project's files."""
        folder = self.folder(who.project)
        return [_shown(path, str(path.relative_to(folder))) for path in self._files(folder)]

    def open(self, who: Identity, name: str) -> Path:
        """The path of a file.

        Raises:
            NotFoundError: there is none of that name.
        """
        folder = self.folder(who.project)
        path = folder / _checked(name)
        if not path.is_file():
            known = [str(one.relative_to(folder)) for one in self._files(folder)]
            raise NotFoundError("unknown-seed-file", f"there is no seed file '{name}'", did_you_mean(name, known))
        return path

    def put(self, who: Identity, name: str, content: BinaryIO) -> dict[str, Any]:
        """Keep a file, instead of one of that name.

        Raises:
            ForbiddenError: the role is below author.
            ServiceError: the name is not fit for a seed file.
            TooLargeError: it is larger than allowed.
        """
        who.need(Role.AUTHOR)
        checked = _checked(name)
        if not checked.endswith(SUFFIXES):
            raise ServiceError(
                "bad-name", f"'{name}' is no seed file", f"Its name ends in one of {', '.join(SUFFIXES)}."
            )
        target = self.folder(who.project) / checked
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{secrets.token_hex(8)}")
        try:
            with partial.open("xb") as file:
                while chunk := content.read(_CHUNK):
                    if file.tell() + len(chunk) > self.settings.max_seed_file:
                        most = f"{self.settings.max_seed_file:,} bytes"
                        raise TooLargeError("too-large", f"a seed file has at most {most}", "Send a smaller one.")
                    file.write(chunk)
            if checked.endswith(".parquet"):
                _check_parquet(partial)
            partial.replace(target)
            self._changed(who.project)
        finally:
            partial.unlink(missing_ok=True)
        return _shown(target, checked)

    def delete(self, who: Identity, name: str) -> None:
        """Remove a file.

        Raises:
            ForbiddenError: the role is below author.
            NotFoundError: there is none of that name.
        """
        who.need(Role.AUTHOR)
        path = self.open(who, name)
        path.unlink()
        self._changed(who.project)
        with contextlib.suppress(OSError):
            path.parent.rmdir()

    def snapshot(self, project: str, target: Path) -> None:
        """The project's files as they are now; links where possible, since files are replaced and never changed."""
        folder = self.folder(project)
        for path in self._files(folder):
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, copy)
            except FileExistsError:
                continue
            except OSError:
                shutil.copyfile(path, copy)
        target.mkdir(parents=True, exist_ok=True)


def _checked(name: str) -> str:
    parts = name.split("/")
    if len(parts) > 3 or not all(_PART.match(part) for part in parts):
        message = f"{name[:80]!r} is no name of a seed file"
        raise ServiceError(
            "bad-name", message, "Use letters, digits, dots, hyphens and spaces, in at most two folders."
        )
    return name


def _check_parquet(path: Path) -> None:
    """Refuse what is small as a file and huge in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        raise ServiceError("bad-seed-file", "the file is no Parquet file", "Send one.") from None
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if metadata.num_rows > _MOST_ROWS or size > _MOST_BYTES:
        message = f"the file holds {metadata.num_rows:,} rows, {size:,} bytes"
        remedy = f"A Parquet seed file holds at most {_MOST_ROWS:,} rows, and {_MOST_BYTES:,} bytes."
        raise TooLargeError("too-large", message, remedy)


def _shown(path: Path, name: str) -> dict[str, Any]:
    found = path.stat()
    return {"name": name, "bytes": found.st_size, "changed": moment(found.st_mtime)}
