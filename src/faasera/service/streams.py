"""Rows of a table as they are made: no file, and no more memory than a few pieces, however slow the reader."""

import contextlib
import itertools
import queue
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from faasera.core.digest import Measured, TableDigest
from faasera.core.errors import FaaseraError
from faasera.plan.evaluate import schema_of
from faasera.plan.model import Plan, TablePlan
from faasera.run.pipeline import Pipeline, TablePart, TableRun
from faasera.writers.base import TableWriter, WriterType

_CHUNK_ROWS = 16_384
_WAITING = 2
_LEVEL, _GZIP_BITS = 1, 31


class ClosedError(Exception):
    """The reader has left."""


class ByteStream:
    """The bytes of some rows of a table, made by threads while they are read.

    Args:
        plan: of the policy.
        table: whose rows.
        start: the first row.
        stop: the end, excluded.
        format: one that can be streamed.
        options: of the format, read.
        gzip: whether the bytes are compressed (RFC 1952).
        workers: threads.
    """

    def __init__(
        self,
        plan: Plan,
        table: TablePlan,
        start: int,
        stop: int,
        format: WriterType,
        options: Any,
        *,
        gzip: bool,
        workers: int,
    ) -> None:
        self.gzip = gzip
        self._queue: queue.Queue[memoryview | None] = queue.Queue(maxsize=_WAITING)
        self._closed = threading.Event()
        self._error: BaseException | None = None
        sink: _Plain = _Gzip(self._put) if gzip else _Plain(self._put)
        pieces = _Pieces(format.writer(sink, schema_of(plan, table), options), sink)
        columns = [(column.name, str(column.data_type)) for column in table.visible]
        self._run = TableRun(table, [TablePart(pieces, start, stop)], _NoDigest(columns, 0))
        self._pipeline = Pipeline(plan, workers, None, _CHUNK_ROWS)
        self._thread = threading.Thread(target=self._make, name="faasera-stream", daemon=True)

    def _put(self, data: memoryview | None) -> None:
        while not self._closed.is_set():
            try:
                self._queue.put(data, timeout=0.5)
            except queue.Full:
                continue
            return
        raise ClosedError

    def _make(self) -> None:
        try:
            self._pipeline.write([self._run])
        except BaseException as error:
            self._error = error
        with contextlib.suppress(ClosedError):
            self._put(None)

    def first(self) -> memoryview:
        """The bytes before the first rows, and these; after that, the others can be iterated over.

        Raises:
            FaaseraError: the first rows cannot be made.
        """
        self._thread.start()
        return memoryview(b"".join(itertools.islice(self, 2)))

    def __iter__(self) -> Iterator[memoryview]:
        """The bytes, piece by piece.

        Raises:
            FaaseraError: a row cannot be made.
        """
        while (piece := self._queue.get()) is not None:
            yield piece
        if isinstance(self._error, FaaseraError):
            raise self._error
        if self._error is not None:
            raise RuntimeError("the stream ended early") from self._error

    def close(self) -> None:
        """Stop making rows."""
        self._closed.set()


class _NoDigest(TableDigest):
    """No digest: a stream has no manifest to put it in."""

    def measure(self, start: int, batch: pa.RecordBatch) -> Measured:  # noqa: ARG002
        return []


class _Plain:
    """Hands bytes on."""

    def __init__(self, put: Callable[[memoryview], None]) -> None:
        self._put = put

    def write(self, data: memoryview) -> int:
        self._put(data)
        return len(data)

    def fileno(self) -> int:
        raise OSError("a stream has no descriptor")

    def end(self) -> None:
        """Nothing comes after the last byte."""

    def close(self) -> None:
        """Nothing to let go of."""


class _Gzip(_Plain):
    """Compresses bytes before it hands them on (RFC 1952)."""

    def __init__(self, put: Callable[[memoryview], None]) -> None:
        super().__init__(put)
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_BITS)

    def write(self, data: memoryview) -> int:
        if made := self._deflate.compress(data):
            self._put(memoryview(made))
        return len(data)

    def end(self) -> None:
        """What is left, and the sums."""
        self._put(memoryview(self._deflate.flush()))


class _Pieces:
    """A writer of a file's bytes as the end of a pipeline."""

    def __init__(self, writer: TableWriter, sink: _Plain) -> None:
        self.writer = writer
        self.sink = sink
        self.piece_rows = writer.streamed_rows

    def rows_per_piece(self, row_bytes: int) -> int:
        return min(self.writer.rows_per_piece(row_bytes), self.piece_rows)

    def open(self) -> None:
        self.writer.open()

    def encode(self, batches: Sequence[pa.RecordBatch]) -> Any:
        return self.writer.encode(batches)

    def append(self, piece: Any) -> None:
        self.writer.append(piece)

    def finish(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        self.writer.finish({})
        self.sink.end()

    def close(self) -> None:
        """The reader closes the stream."""
