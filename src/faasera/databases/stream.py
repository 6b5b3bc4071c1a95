"""Rows that one long statement takes from a queue, in a thread of its own."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

import pyarrow as pa


class BatchFeed:
    """A statement that reads rows while they are made.

    Args:
        insert: runs the statement on a reader of rows.
        schema: of the rows.
    """

    def __init__(self, insert: Callable[[pa.RecordBatchReader], None], schema: pa.Schema) -> None:
        self._queue: queue.Queue[pa.Table | None] = queue.Queue(maxsize=2)
        self._error: BaseException | None = None
        self._given_up = False
        reader = pa.RecordBatchReader.from_batches(schema, self._batches())

        def run() -> None:
            try:
                insert(reader)
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=run, name="faasera-rows", daemon=True)
        self._thread.start()

    def _batches(self) -> Iterator[pa.RecordBatch]:
        while (piece := self._queue.get()) is not None:
            yield from piece.to_batches()
        if self._given_up:
            raise pa.ArrowInvalid("the run was given up")

    def put(self, piece: pa.Table | None) -> None:
        """Hand rows on; None for the end.

        Raises:
            BaseException: what the statement raised.
        """
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._queue.put(piece, timeout=0.1)
                break
        if self._error is not None:
            raise self._error

    def end(self) -> None:
        """Wait until all rows have arrived.

        Raises:
            BaseException: what the statement raised.
        """
        self.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def give_up(self) -> None:
        """Let the statement fail, and wait for it."""
        self._given_up = True
        with contextlib.suppress(BaseException):
            self.put(None)
        self._thread.join()
