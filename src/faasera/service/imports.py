"""What kinds of files may be uploaded to make a policy of: none that holds code."""

import re
from pathlib import PurePath

from faasera.service.errors import ServiceError

SUFFIXES = (".sql", ".csv", ".parquet", ".arrow", ".feather", ".json", ".yaml", ".yml", ".avsc")


def upload_name(name: str) -> str:
    """A safe name for an uploaded file: a table is named after it, and its ending says how it is read.

    Raises:
        ServiceError: such files are not read.
    """
    path = PurePath(name.replace("\\", "/"))
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"files like {name[:80]!r} are not read"
        raise ServiceError("file-format", message, f"Its name ends in one of {', '.join(SUFFIXES)}.", "/file")
    return (re.sub(r"[^\w-]", "_", path.stem)[:60] or "upload") + suffix
