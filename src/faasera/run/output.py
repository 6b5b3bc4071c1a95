"""Where the files of a run go: they appear all at once, or not at all."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from faasera.core.errors import FaaseraError
from faasera.core.storage import Location, is_url
from faasera.run.pipeline import TablePart, TableRun
from faasera.writers.base import Outlet

Noted = Callable[[TableRun, TablePart], None]
"""Called after each piece, so that a run that is killed can go on from there."""


class OutputFolder(ABC):
    """A folder that a run writes to.

    Attributes:
        parts: files a table.
        extension: of the files.
    """

    parts: int
    extension: str

    @abstractmethod
    def files(self, table: str) -> list[str]:
        """The names of a table's files, relative to the folder."""

    @abstractmethod
    def dataset(self, table: str) -> str:
        """The name of what holds a table's rows: its only file, or the folder of its files."""

    @abstractmethod
    def target(self, name: str) -> Outlet:
        """Where a file is written, by its name in the manifest."""

    @abstractmethod
    def size(self, name: str) -> int:
        """The bytes of a file that was written."""

    def take_up(self, fingerprint: Mapping[str, Any], runs: Sequence[TableRun]) -> Noted | None:  # noqa: ARG002
        """Go on where a run of the same that was killed had come to, and keep a journal.

        Args:
            fingerprint: what decides the bytes.
            runs: the tables as they are to be written; those that are there count as done.

        Returns:
            What notes each piece; None where a run cannot go on.
        """
        return None

    @abstractmethod
    def publish(self, manifest: dict[str, Any]) -> None:
        """Let the run be seen; the manifest comes last, so that it vouches for all the rest."""

    @abstractmethod
    def abort(self) -> None:
        """Leave the folder as it was."""

    @abstractmethod
    def failure(self, error: OSError) -> FaaseraError:
        """What an error of the system means, for people."""


def file_name(table: str) -> str:
    """A table's name as that of a file: what some file systems refuse in names is written as in URLs."""
    return re.sub(r'[:*?"<>|%]', lambda match: f"%{ord(match[0]):02X}", table)


def place_of(out: Path | str) -> Path | Location:
    """A folder of this machine as a path, one of an object store as a location.

    Raises:
        PolicyError: the URL names no place of files.
    """
    location = Location(out)
    if not location.is_local:
        return location
    return Path(location.shown) if is_url(out) else Path(out)
