"""A file format: values between tabs, under a line of names with types (``id:BIGINT``); null is ``\\N``."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.text import to_text
from faasera.core.types import DataType
from faasera.writers.base import WRITERS, Options, TableWriter, WriterType

NULL = "\\N"
ESCAPES = [("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")]
PARSERS = {"BINARY": bytes.fromhex, "TIME": datetime.time.fromisoformat}


class TsvxOptions(Options):
    """Options of TSVX."""

    windows: bool = Field(False, description="Lines end as Windows has them.")


class TsvxWriter(TableWriter):
    """Writes TSVX."""

    options: TsvxOptions

    @property
    def end(self) -> str:
        return "\r\n" if self.options.windows else "\n"

    @override
    def open(self) -> None:
        names = [f"{field.name}:{(field.metadata or {}).get(b'dataType', b'STRING').decode()}" for field in self.schema]
        self.write(("\t".join(names) + self.end).encode())

    @override
    def encode(self, batches: Sequence[pa.RecordBatch]) -> bytes:
        return "".join(line for batch in batches for line in self.lines(batch)).encode()

    def lines(self, batch: pa.RecordBatch) -> list[str]:
        cells = [pc.fill_null(escaped(decoded(to_text(column))), NULL) for column in batch.columns]
        cells[-1] = pc.binary_join_element_wise(cells[-1], self.end, "")
        return (pc.binary_join_element_wise(*cells, "\t") if len(cells) > 1 else cells[0]).to_pylist()

    @override
    def append(self, piece: bytes) -> None:
        self.write(piece)

    @override
    def finish(self, metadata: Mapping[str, str]) -> None:
        """There is no room for metadata."""


def escaped(texts: pa.Array) -> pa.Array:
    for plain, written in [("\\", "\\\\"), *ESCAPES]:
        texts = pc.replace_substring(texts, plain, written)
    return texts


def plain(texts: pa.Array) -> pa.Array:
    texts = pc.replace_substring(texts, "\\\\", "\0")
    for plain, written in [*ESCAPES, ("\\", "\0")]:
        texts = pc.replace_substring(texts, written, plain)
    return texts


def read(path: Path, options: TsvxOptions) -> Iterator[pa.RecordBatch]:  # noqa: ARG001
    with path.open(encoding="utf-8", newline="\n") as file:
        names = [one.rpartition(":") for one in file.readline().rstrip("\r\n").split("\t")]
    types = {name: DataType.parse(kind) for name, _, kind in names}
    layout = csv.ParseOptions(delimiter="\t", quote_char=False)
    texts = csv.ConvertOptions(
        column_types=dict.fromkeys(types, pa.string()), null_values=[NULL], strings_can_be_null=True
    )
    head = csv.ReadOptions(column_names=list(types), skip_rows=1)
    schema = pa.schema([(name, kind.arrow) for name, kind in types.items()])
    yield pa.RecordBatch.from_pylist([], schema)
    if path.read_bytes().count(b"\n") > 1:
        for batch in csv.open_csv(path, head, layout, texts):
            columns = [value(column, kind) for column, kind in zip(batch.columns, types.values(), strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def value(texts: pa.Array, kind: DataType) -> pa.Array:
    if kind.name in PARSERS:
        return pa.array([None if one is None else PARSERS[kind.name](one) for one in texts.to_pylist()], kind.arrow)
    return pc.cast(plain(texts), kind.arrow)


WRITERS.add(
    WriterType(
        name="tsvx",
        summary="Values between tabs, under names with types.",
        example={"windows": True},
        extension=lambda _: ".tsvx",
        options=TsvxOptions,
        writer=TsvxWriter,
        media_type="text/vnd.example.tsvx",
        read=read,
        typed=True,
        text=True,
    )
)
