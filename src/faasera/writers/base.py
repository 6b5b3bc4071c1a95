"""What a file format is: how it is written, piece by piece, how it is read back, and what others may know of it."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from faasera.core.errors import PolicyError, Problem, did_you_mean
from faasera.core.registry import Declaration, Registry
from faasera.core.types import DataType

_PIECE_BYTES = 64 << 20


class ByteSink(Protocol):
    """What takes bytes, as an unbuffered file does."""

    def write(self, data: memoryview, /) -> int:
        """Take some or all of the bytes; how many."""

    def fileno(self) -> int:
        """The descriptor of the open file."""

    def close(self) -> None:
        """Let go."""


Outlet = Path | ByteSink


class Options(BaseModel):
    """A writer's options; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TableWriter(ABC):
    """Writes one file of one table.

    ``encode`` may run in many threads at once and must not touch shared state that matters; ``append`` is called with
    the pieces in the order of their rows, one at a time. Nothing is under the file's final name before the run
    publishes it.

    Attributes:
        target: the path of the file, or what takes the bytes.
        written: how many bytes.
        piece_rows: how many rows a piece has at most.
        streamed_rows: the same where somebody reads the pieces as they are made.
    """

    piece_rows: int = 65_536
    streamed_rows: int = 16_384

    def __init__(self, target: Outlet, schema: pa.Schema, options: Any) -> None:
        self.target = target
        self.schema = schema
        self.options = options
        self.written = 0
        self._file: ByteSink | None = None

    @property
    def file(self) -> ByteSink:
        """The open file."""
        if self._file is None:
            if isinstance(self.target, Path):
                self.target.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.target.open("wb", buffering=0)
            else:
                self._file = self.target
        return self._file

    def write(self, data: bytes | memoryview | pa.Buffer) -> None:
        """Write all of the data: an unbuffered write may stop early, as on a disk that fills up."""
        file, view = self.file, memoryview(data)
        self.written += len(view)
        while view:
            view = view[file.write(view) :]

    def sync(self) -> None:
        """See that what was written outlives a crash of the machine."""
        os.fdatasync(self.file.fileno())

    def new_state(self) -> Any:
        """What a writer that goes on later has to know of the pieces since the last call, for JSON."""
        return None

    def resume(self, written: int, states: Sequence[Any]) -> None:  # noqa: ARG002
        """Go on behind the first bytes of a file that is there.

        Args:
            written: how many bytes are kept.
            states: all that ``new_state`` gave for them.
        """
        assert isinstance(self.target, Path)
        file = self.target.open("r+b", buffering=0)
        file.truncate(written)
        file.seek(written)
        self._file, self.written = file, written

    def rows_per_piece(self, row_bytes: int) -> int:
        """How many rows a piece has: fewer of long texts, so that memory stays flat for them, too."""
        return max(1, min(self.piece_rows, _PIECE_BYTES // row_bytes))

    @abstractmethod
    def open(self) -> None:
        """Write what comes before the first row."""

    @abstractmethod
    def encode(self, batches: Sequence[pa.RecordBatch]) -> Any:
        """A piece: consecutive batches in the writer's format."""

    @abstractmethod
    def append(self, piece: Any) -> None:
        """Write a piece behind those before it."""

    @abstractmethod
    def finish(self, metadata: Mapping[str, str]) -> None:
        """Write what comes after the last row; metadata go into the file where the format has room for them."""

    def close(self) -> None:
        """Close the file, whether finished or not."""
        if self._file is not None:
            self._file.close()
            self._file = None


Read = Callable[[Path, Any], Iterator[pa.RecordBatch]]
Sql = Callable[[Sequence[Path], Any, Mapping[str, str] | None], str | None]


@dataclass(frozen=True)
class Croissant:
    """How Croissant, the description of data sets for data science, speaks of a format.

    Attributes:
        encoding: the media type that its readers know.
        path: the JSON Path to a column's values, with ``{}`` for its name; empty where columns go by their names.
    """

    encoding: str
    path: str = ""


@dataclass(frozen=True)
class WriterType(Declaration):
    """A file format, declared as data: all that is known of it anywhere.

    Attributes:
        extension: of its files, given its options.
        options: the model of its options.
        writer: makes a writer.
        media_type: of its files, as registered with IANA where it is.
        read: the rows of one file in their order, given its options: columns under the names in the file, values in
            Arrow's types where ``typed``, else as texts, null where there is none. At least one batch, so that an empty
            one tells the columns where there are no rows, if the format can. Raises ``pa.ArrowException``, ``OSError``
            or ``ValueError`` for a file that is none of the format.
        typed: whether files say the types of their columns.
        sql: a table function of DuckDB over files, given their options, where DuckDB reads the format. Where files do
            not say their columns' types it is given these, as DuckDB names them; or None: then it has texts under the
            names at the head of a file, and is None where no names stand there.
        text: whether files are text, which is compressed on its way over HTTP.
        streams: whether rows can be handed over HTTP as they are made.
        stream_type: their media type there, where clients know another one than ``media_type``.
        loose: whether values of a type do not come back to the last character, though what they mean does.
        croissant: how Croissant speaks of it; None where that knows no such files.
    """

    extension: Callable[[Any], str] = field(compare=False)
    options: type[Options] = field(compare=False)
    writer: Callable[[Outlet, pa.Schema, Any], TableWriter] = field(compare=False)
    media_type: str
    read: Read = field(compare=False)
    typed: bool = False
    sql: Sql | None = field(default=None, compare=False)
    text: bool = False
    streams: bool = True
    stream_type: str = ""
    loose: Callable[[DataType], bool] = field(default=lambda _: False, compare=False)
    croissant: Croissant | None = None

    @property
    def http_type(self) -> str:
        """The media type of a stream of rows."""
        return self.stream_type or self.media_type

    def duckdb(self, files: Sequence[Path], options: Any, columns: Mapping[str, str] | None = None) -> str | None:
        """The table function that ``sql`` makes; None where DuckDB does not read such files."""
        return None if self.sql is None else self.sql(files, options, columns)

    def read_options(self, given: Mapping[str, object]) -> Any:
        """The options, checked.

        Raises:
            PolicyError: an option is unknown to this format, or its value is wrong.
        """
        try:
            return self.options(**given)
        except ValidationError as error:
            known = list(self.options.model_fields)
            raise PolicyError(_problem(self.name, detail, known) for detail in error.errors()) from None


def _problem(format_name: str, detail: Any, known: list[str]) -> Problem:
    name = str(detail["loc"][0]).replace("_", "-")
    if detail["type"] == "extra_forbidden":
        remedy = did_you_mean(name, [option.replace("_", "-") for option in known])
        return Problem("", "no-effect", f"'{name}' has no effect on {format_name}", remedy)
    return Problem(
        "", "bad-option", f"'{name}' = {detail['input']!r}: {detail['msg']}", f"See the options of {format_name}."
    )


WRITERS: Registry[WriterType] = Registry("faasera.writers")
