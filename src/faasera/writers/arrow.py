"""Arrow's IPC streaming format: record batches that any Arrow library reads as they come."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from faasera.core.arrow import decoded, decoded_type
from faasera.writers.base import WRITERS, Options, Outlet, TableWriter, WriterType

_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class ArrowOptions(Options):
    """Options of Arrow."""

    compression: Literal["none", "lz4", "zstd"] = Field("none", description="none, lz4 or zstd.")


class ArrowWriter(TableWriter):
    """Writes an Arrow IPC stream, texts in full.

    Source of the layout: the Arrow columnar format, "IPC Streaming Format".
    """

    options: ArrowOptions

    def __init__(self, target: Outlet, schema: pa.Schema, options: ArrowOptions) -> None:
        super().__init__(target, schema, options)
        plain = [pa.field(one.name, decoded_type(one.type), one.nullable, one.metadata) for one in schema]
        self._plain = pa.schema(plain, schema.metadata)
        self._head = self._plain.serialize()
        codec = None if options.compression == "none" else options.compression
        self._write_options = pa.ipc.IpcWriteOptions(compression=codec)

    def open(self) -> None:
        """Write the schema."""
        self.write(self._head)

    def encode(self, batches: Sequence[pa.RecordBatch]) -> list[pa.Buffer]:
        """A message for each batch."""
        pieces = []
        for batch in batches:
            plain = pa.RecordBatch.from_arrays([decoded(one) for one in batch.columns], schema=self._plain)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, self._plain, options=self._write_options) as writer:
                writer.write_batch(plain)
            whole = sink.getvalue()
            pieces.append(whole.slice(self._head.size, whole.size - self._head.size - len(_END)))
        return pieces

    def append(self, piece: list[pa.Buffer]) -> None:
        """Write the messages."""
        for buffer in piece:
            self.write(buffer)

    def finish(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        """Write the end of the stream."""
        self.write(_END)


def _extension(_: Any) -> str:
    return ".arrows"


def read(path: Path, options: ArrowOptions) -> Iterator[pa.RecordBatch]:  # noqa: ARG001
    """The batches of the stream."""
    with pa.ipc.open_stream(str(path)) as stream:
        yield pa.RecordBatch.from_pylist([], schema=stream.schema)
        yield from stream


WRITERS.add(
    WriterType(
        name="arrow",
        summary="Arrow IPC stream: typed, read without parsing.",
        example={"compression": "zstd"},
        extension=_extension,
        options=ArrowOptions,
        writer=ArrowWriter,
        media_type="application/vnd.apache.arrow.stream",
        read=read,
        typed=True,
    )
)
