"""Object stores that jobs may write to: only under places that an admin has allowed."""

import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from faasera.core.errors import RunError, refuse
from faasera.core.storage import Location
from faasera.run.manifest import MANIFEST
from faasera.service.errors import ServiceError

_CHUNK = 4 << 20


def allowed(url: str, places: Sequence[str]) -> str:
    """The URL to write to, with what the admin's entry adds (a region, an endpoint).

    Args:
        url: as it was asked for.
        places: URLs below which writing is allowed.

    Raises:
        ServiceError: it is below none of them.
    """
    asked = urlsplit(url)
    path = unquote(asked.path)
    if asked.query or asked.fragment or asked.username or "\\" in path or ".." in path.split("/"):
        raise _refused(url, places)
    for place in places:
        entry = urlsplit(place)
        base = unquote(entry.path).rstrip("/")
        same = (asked.scheme.lower(), asked.netloc) == (entry.scheme.lower(), entry.netloc)
        if same and posixpath.normpath(path) == path.rstrip("/") and path.startswith(base + "/"):
            return asked._replace(query=entry.query).geturl()
    raise _refused(url, places)


def _refused(url: str, places: Sequence[str]) -> ServiceError:
    shown = [urlsplit(place)._replace(query="").geturl() for place in places]
    remedy = (
        f"Write below {' or '.join(shown)}." if shown else "Leave 'to' out, or ask an admin to allow it by --outputs."
    )
    # Without what may be a password.
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return ServiceError("output-not-allowed", f"jobs may not write to {place[:200]!r}", remedy, "/output/to")


def deliver(folder: Path, url: str, told: Callable[[int, int], None]) -> list[str]:
    """Copy what a run wrote to an object store, the manifest last.

    Args:
        folder: with the manifest.
        url: of a place below an allowed one.
        told: called with the bytes copied so far, and all of them.

    Raises:
        RunError: the store does not take it.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    files.append(folder / MANIFEST)
    total, done = sum(path.stat().st_size for path in files), 0
    location = Location(url)
    with location.translated(RunError, "/output/to"):
        manifest = (folder / MANIFEST).read_bytes()
        if location.read(MANIFEST) not in (None, manifest):
            message = f"{location} holds the output of another run"
            refuse("output-exists", message, "Choose another place.", at="/output/to")
        for path in files:
            upload = location.open(path.relative_to(folder).as_posix())
            with path.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    upload.write(chunk)
                    done += len(chunk)
                    told(done, total)
            upload.close()
    return [path.relative_to(folder).as_posix() for path in files]
