"""Where the files of a run go: they appear all at once, or not at all."""

import re
from abc import ABC, abstractmethod
from typing import Any

from faasera.writers.base import Target


class Output(ABC):
    """A folder that a run writes to."""

    @abstractmethod
    def target(self, name: str) -> Target:
        """Where a file is written, by its name in the manifest."""

    @abstractmethod
    def size(self, name: str) -> int:
        """The bytes of a file that was written."""

    @abstractmethod
    def publish(self, manifest: dict[str, Any]) -> None:
        """Let the run be seen; the manifest comes last, so that it vouches for all the rest."""

    @abstractmethod
    def abort(self) -> None:
        """Leave the folder as it was."""


def file_name(table: str) -> str:
    """A table's name as that of a file: what some file systems refuse in names is written as in URLs."""
    return re.sub(r'[:*?"<>|%]', lambda match: f"%{ord(match[0]):02X}", table)
