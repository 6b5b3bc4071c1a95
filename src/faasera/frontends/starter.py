"""The starter policy that ``faasera init`` writes."""

from importlib.resources import files
from pathlib import Path

from faasera.core.errors import refuse

_FILES = ("policy.yaml", "seeds/products.csv")


def write_starter(directory: Path) -> list[Path]:
    """Write the starter policy and its seed files; the policy comes first in the list.

    Raises:
        PolicyError: a file exists already, or cannot be written.
    """
    targets = [directory / name for name in _FILES]
    existing = [path for path in targets if path.exists()]
    if existing:
        refuse("output-exists", f"{existing[0]} exists already", "Choose another folder.")
    home = files("faasera.frontends").joinpath("starter_files")
    try:
        for name, target in zip(_FILES, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(home.joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        message = f"{directory} cannot be written: {error.strerror}"
        refuse("output-unwritable", message, "Check the path and its permissions.")
    return targets
