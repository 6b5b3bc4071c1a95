"""JSON: one array of objects, or one object a line."""

import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from faasera.core.arrow import decoded
from faasera.core.json_text import quoted
from faasera.core.text import to_text
from faasera.core.types import JSON, DataType
from faasera.writers import duckdb
from faasera.writers.base import WRITERS, Croissant, Options, Outlet, TableWriter, WriterType
from faasera.writers.compression import EXTENSIONS, Compression, compressor, opened

_BATCH_ROWS = 10_000
_LARGEST_OBJECT = 200_000_000
_DOUBLE_DIGITS = 15


class JsonOptions(Options):
    """Options of JSON and JSON Lines."""

    compression: Compression = Field("none", description="none, gzip or zstd.")


def cell_texts(column: pa.Array, data_type: str | None = None) -> pa.Array:
    """A column as JSON values: numbers and truth values bare, JSON columns as they are, all else as strings."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        entries = _on_one_line(column.dictionary) if data_type == "JSON" else quoted(column.dictionary)
        texts = entries.take(column.indices)
    else:
        texts = decoded(to_text(column, "T"))
        bare = (
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_boolean(kind)
        )
        if data_type == "JSON":
            texts = _on_one_line(texts)
        elif not bare:
            texts = quoted(texts)
        elif pa.types.is_floating(kind):
            texts = pc.if_else(pc.is_finite(column), texts, "null")
    return pc.fill_null(texts, "null") if texts.null_count else texts


def _on_one_line(texts: pa.Array) -> pa.Array:
    """JSON values without their line breaks, which can only stand between their parts."""
    return pc.replace_substring_regex(texts, pattern="[\\r\\n]", replacement=" ")


def rows_as_json(batch: pa.RecordBatch) -> bytes:
    """Rows as JSON objects with commas between them."""
    if not batch.num_rows:
        return b""
    caught = io.BytesIO()
    writer = JsonLinesWriter(cast(Outlet, caught), batch.schema, JsonOptions())
    writer.separator = ","
    writer.append(writer.encode([batch]))
    return caught.getvalue()


class JsonLinesWriter(TableWriter):
    """Writes JSON Lines: one object a line."""

    separator = "\n"
    head = b""
    tail = b"\n"
    empty_tail = b""

    def __init__(self, target: Outlet, schema: pa.Schema, options: JsonOptions) -> None:
        super().__init__(target, schema, options)
        self._compress = compressor(options.compression)
        names = [json.dumps(name, ensure_ascii=False) + ":" for name in schema.names]
        self._labels = [("{" if place == 0 else ",") + name for place, name in enumerate(names)]
        self._types = [(field.metadata or {}).get(b"dataType", b"").decode() for field in schema]
        self._empty = True

    def open(self) -> None:
        """Write what opens the document."""
        if self.head:
            self.write(self._compress(pa.py_buffer(self.head)))
        else:
            self.write(b"")

    def encode(self, batches: Sequence[pa.RecordBatch]) -> pa.Buffer:
        """The objects of the batches, each with a separator before it."""
        sink = pa.BufferOutputStream()
        for batch in batches:
            if not batch.num_rows:
                continue
            parts: list[object] = [self.separator]
            for label, column, data_type in zip(self._labels, batch.columns, self._types, strict=True):
                parts += [label, cell_texts(column, data_type)]
            parts.append("}")
            lines = pc.binary_join_element_wise(*parts, "")
            begin, end = np.frombuffer(lines.buffers()[1], dtype=np.int32)[
                [lines.offset, lines.offset + len(lines)]
            ].tolist()
            sink.write(lines.buffers()[2].slice(begin, end - begin))
        return sink.getvalue()

    def append(self, piece: pa.Buffer) -> None:
        """Write the objects; the very first has no separator before it."""
        if piece.size and self._empty:
            piece = piece.slice(len(self.separator))
            self._empty = False
        self.write(self._compress(piece))

    def resume(self, written: int, states: Sequence[Any]) -> None:
        """Go on behind objects."""
        super().resume(written, states)
        self._empty = not states

    def finish(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        """Write what closes the document."""
        tail = self.empty_tail if self._empty else self.tail
        # A compressed file of nothing is not nothing.
        if tail or not self.written:
            self.write(self._compress(pa.py_buffer(tail)))


class JsonWriter(JsonLinesWriter):
    """Writes one JSON array, an object a line."""

    separator = ",\n"
    head = b"[\n"
    tail = b"\n]\n"
    empty_tail = b"]\n"


def read(path: Path, options: JsonOptions) -> Iterator[pa.RecordBatch]:
    """The values of objects as texts, an object a line; numbers digit by digit."""
    with opened(path, options.compression) as file, io.TextIOWrapper(file, "utf-8", newline="\n") as lines:
        objects = filter(None, map(_object, lines))
        schema: pa.Schema | None = None
        while rows := list(itertools.islice(objects, _BATCH_ROWS)):
            names = dict.fromkeys(name for row in rows for name in row)
            schema = schema or pa.schema([pa.field(name, pa.string()) for name in names])
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
        if schema is None:
            yield pa.RecordBatch.from_pylist([], schema=pa.schema([]))


def _object(line: str) -> dict[str, str | None]:
    """The values of an object as texts; of none in a line that opens or closes the array.

    Raises:
        ValueError: there is no object.
    """
    text = line.strip().removesuffix(",")
    if text in ("", "[", "]", "[]"):
        return {}
    found = json.loads(text, parse_int=str, parse_float=str)
    if not isinstance(found, dict):
        raise ValueError("a line that is no object")
    inner = json.loads(text) if any(isinstance(value, dict | list) for value in found.values()) else found
    return {name: _text(value, inner[name]) for name, value in found.items()}


def _text(value: Any, inner: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(inner, ensure_ascii=False)


def sql(
    files: Sequence[Path],
    options: JsonOptions,  # noqa: ARG001
    columns: Mapping[str, str] | None,
    *,
    layout: str,
) -> str | None:
    """DuckDB's ``read_json``."""
    if columns is None:
        return None
    limit = f"maximum_object_size={_LARGEST_OBJECT}"
    return f"read_json({duckdb.listed(files)}, format='{layout}', {duckdb.types(columns)}, {limit})"


def loose(data_type: DataType) -> bool:
    """Whether readers lose blanks inside of JSON values, and digits that a double cannot hold."""
    return data_type == JSON or data_type.precision > _DOUBLE_DIGITS


WRITERS.add(
    WriterType(
        name="json",
        summary="One JSON array of objects.",
        example={"compression": "gzip"},
        extension=lambda options: ".json" + EXTENSIONS[options.compression],
        options=JsonOptions,
        writer=JsonWriter,
        media_type="application/json",
        read=read,
        sql=partial(sql, layout="array"),
        text=True,
        streams=False,
        loose=loose,
        croissant=Croissant("application/json", "$[*].{}"),
    )
)
WRITERS.add(
    WriterType(
        name="jsonl",
        summary="JSON Lines: one object a line.",
        example={"compression": "zstd"},
        extension=lambda options: ".jsonl" + EXTENSIONS[options.compression],
        options=JsonOptions,
        writer=JsonLinesWriter,
        media_type="application/jsonl",
        read=read,
        sql=partial(sql, layout="newline_delimited"),
        text=True,
        stream_type="application/x-ndjson",
        loose=loose,
        croissant=Croissant("application/jsonlines"),
    )
)
