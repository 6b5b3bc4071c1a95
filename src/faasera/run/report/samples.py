"""The first rows of a table's file, as texts, whatever the format."""

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

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
    if not files or not files[0].is_file():
        return []
    try:
        rows = list(itertools.islice(_rows(files[0], manifest), count))
    except (pa.ArrowException, OSError, ValueError):
        return []
    return [{name: _shown(row.get(name)) for name in names} for row in rows]


def _rows(file: Path, manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    format = manifest["format"]
    if format == "parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(file).iter_batches(64):
            yield from batch.to_pylist()
    elif format == "arrow":
        with pa.ipc.open_stream(str(file)) as stream:
            for batch in stream:
                yield from batch.slice(0, 64).to_pylist()
    elif format == "csv":
        import pyarrow.csv as csv

        delimiter = manifest.get("options", {}).get("delimiter", ",")
        parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        names = csv.open_csv(file, parse_options=parsing).schema.names
        texts = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
        for batch in csv.open_csv(file, parse_options=parsing, convert_options=texts):
            yield from batch.slice(0, 64).to_pylist()
    else:
        with pa.input_stream(str(file), compression="detect") as stream:
            text = stream.read(1 << 20).decode("utf-8", "ignore")
        lines = text.splitlines()
        for line in lines if format == "jsonl" else (line.strip().strip("[],") for line in lines):
            if line:
                yield json.loads(line)


def _shown(value: Any) -> str | None:
    """A value as people read it, cut where it is long."""
    if value is None:
        return None
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
