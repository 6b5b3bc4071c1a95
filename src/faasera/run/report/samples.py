"""The first rows of a table's file, as texts, whatever the format."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from faasera.writers import WRITERS

_LONGEST = 120


def sample_rows(path: Path, manifest: Mapping[str, Any], table: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Some rows, each by column; none where the file cannot be read.

    Args:
        path: of the output.
        manifest: of the run.
        table: its entry in the manifest.
        count: how many rows at most.
    """
    names = [column["name"] for column in table["columns"]]
    files = [path / file["path"] for file in table["files"]]
    declared = WRITERS.get(manifest["format"])
    if declared is None or not files or not files[0].is_file():
        return []
    options = declared.read_options(manifest.get("options") or {})
    try:
        rows = _first(declared.read(files[0], options), count)
    except (pa.ArrowException, OSError, ValueError):
        return []
    return [{name: _shown(row.get(name)) for name in names} for row in rows]


def _first(batches: Iterator[pa.RecordBatch], count: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in batches:
        rows += batch.slice(0, count - len(rows)).to_pylist()
        if len(rows) == count:
            break
    return rows


def _shown(value: Any) -> str | None:
    """A value as people read it, cut where it is long."""
    if value is None:
        return None
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
