"""What lies in an object store, brought to this machine: policies with their seed files, and the output of runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, refuse
from faasera.core.storage import Location
from faasera.generators import GENERATORS
from faasera.hinting.frozen import hints_path
from faasera.policy.inputs import input_files
from faasera.policy.parse import MAXIMUM_BYTES, decode, load_value
from faasera.run.manifest import MANIFEST, as_text, listed_files, read_manifest

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def fetch_policy(url: str) -> tuple[dict[str, Any], Path, str]:
    """The JSON value of a policy in an object store, a folder with copies of its files, and its name.

    Raises:
        PolicyError: it cannot be read.
    """
    location = Location(url)
    with location.translated(PolicyError):
        size = location.size()
        if size is None:
            message = f"the policy {location} does not exist"
            refuse("policy-unreadable", message, "Correct the URL.")
        if size > MAXIMUM_BYTES:
            message = f"{location} has {size / 1e6:,.0f} MB; a policy has at most {MAXIMUM_BYTES / 1e6:.0f} MB"
            refuse("policy-too-large", message, "Move long value lists into seed files.")
        text = decode(location.read() or b"", str(location))
        value = load_value(text, yaml=Path(location.name).suffix.lower() in (".yaml", ".yml"))
        folder = tempfile.TemporaryDirectory(prefix="faasera-policy-")
        _FOLDERS.append(folder)
        seeds = value.get("seedDirectory")
        for name in [*input_files(value, GENERATORS), hints_path(Path(location.name)).name]:
            content = location.parent.read(name)
            if content is not None:
                target = Path(folder.name) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                if isinstance(seeds, str):
                    (Path(folder.name) / seeds).mkdir(parents=True, exist_ok=True)
    return value, Path(folder.name), Path(location.name).stem


def forget() -> None:
    """Remove the copies of policies' files."""
    while _FOLDERS:
        _FOLDERS.pop().cleanup()


@contextmanager
def fetched_output(url: str) -> Iterator[Path]:
    """A folder with a copy of what a run wrote to an object store, while it is looked at.

    Raises:
        PolicyError: there is no run, or it cannot be read.
    """
    location = Location(url)
    with tempfile.TemporaryDirectory(prefix="faasera-output-") as folder:
        manifest = as_text(read_manifest(location))
        with location.translated(PolicyError):
            for name in [MANIFEST, *listed_files(manifest)]:
                content = location.read(name) if ".." not in Path(name).parts else None
                if content is not None:
                    target = Path(folder) / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
        yield Path(folder)
