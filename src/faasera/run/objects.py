"""Output in an object store: files under names of their own, and a manifest that makes them count."""

import contextlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from typing_extensions import override

from faasera.core.errors import FaaseraError, refuse
from faasera.core.storage import Location
from faasera.run.manifest import MANIFEST, as_text, listed_files
from faasera.run.output import OutputFolder, file_name
from faasera.writers.base import Outlet


def new_tag() -> str:
    """What makes the names of one attempt its own, so that nothing it leaves can be taken for another's."""
    return secrets.token_hex(6)


def part_name(table: str, number: int, tag: str, extension: str) -> str:
    """The name of a part: a folder a table, as the tools that query object stores want it."""
    return f"{file_name(table)}/part-{number:05d}-{tag}{extension}"


def refuse_other_run(location: Location, tables: Iterable[str], *, overwrite: bool) -> None:
    """See that a place is free.

    Raises:
        PolicyError: it holds the output of a run.
        RunError: it cannot be looked at.
    """
    with location.translated():
        if overwrite:
            location.size(MANIFEST)
            return
        existing = MANIFEST if location.size(MANIFEST) is not None else None
        for table in tables:
            existing = existing or next(iter(location.files(file_name(table))), None)
    if existing is not None:
        message = f"{location} holds the output of another run: {existing}"
        refuse("output-exists", message, "Choose another place, or overwrite it: --overwrite, mode='overwrite'.")


def publish(
    location: Location, manifest: dict[str, Any], published: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """Put the manifest there, and remove what an earlier run and attempts that failed have left.

    Args:
        location: of the folder.
        manifest: of the run.
        published: called in between.

    Raises:
        OSError: the store does not take it.
    """
    wanted = {str(file["path"]) for table in manifest["tables"] for file in table["files"]}
    before = location.read(MANIFEST)
    location.write(MANIFEST, as_text(manifest))
    if published is not None:
        published(manifest)
    stale = {name for name in listed_files(before or b"") if ".." not in name.split("/")}
    for table in manifest["tables"]:
        # Folders with an underscore belong to others: the log of a Delta table.
        stale |= {name for name in location.files(file_name(table["name"])) if "/_" not in name}
    location.delete(sorted(stale - wanted))


class ObjectOutput(OutputFolder):
    """A folder in an object store for one run.

    Args:
        location: of the folder.
        tables: that are written.
        parts: files a table.
        extension: of the files.
        overwrite: replace what an earlier run left there.

    Raises:
        PolicyError: it holds another run.
        RunError: the store cannot be reached.
    """

    def __init__(
        self, location: Location, tables: Sequence[str], parts: int, extension: str, *, overwrite: bool = False
    ) -> None:
        self.location = location
        self.parts = parts
        self.extension = extension
        self._tag = new_tag()
        self._written: list[str] = []
        refuse_other_run(location, tables, overwrite=overwrite)

    @override
    def files(self, table: str) -> list[str]:
        return [part_name(table, number, self._tag, self.extension) for number in range(self.parts)]

    @override
    def dataset(self, table: str) -> str:
        return file_name(table)

    @override
    def target(self, name: str) -> Outlet:
        self._written.append(name)
        return self.location.open(name)

    @override
    def size(self, name: str) -> int:
        return self.location.size(name) or 0

    @override
    def publish(self, manifest: dict[str, Any]) -> None:
        publish(self.location, manifest)

    @override
    def abort(self) -> None:
        with contextlib.suppress(OSError):
            self.location.delete(self._written)

    @override
    def failure(self, error: OSError) -> FaaseraError:
        try:
            with self.location.translated():
                raise error
        except FaaseraError as found:
            return found
