"""Parquet in one file, its row groups encoded in parallel.

Arrow's Parquet writer uses one core. So every piece is written by it as a small file in memory, in any thread; the
column chunks are then copied behind one another and one footer is made from theirs, offsets moved. The bytes do not
depend on the number of workers. Source of the layout: the Parquet format's ``parquet.thrift``.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from faasera.writers import duckdb, thrift
from faasera.writers.base import WRITERS, Croissant, Options, Outlet, TableWriter, WriterType

_MAGIC = b"PAR1"
# Field numbers of parquet.thrift.
_FILE_ROWS, _FILE_ROW_GROUPS, _FILE_METADATA = 3, 4, 5
_GROUP_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _GROUP_ORDINAL = 1, 3, 5, 7
_CHUNK_OFFSETS, _CHUNK_METADATA = (2, 4, 6), 3
_COLUMN_OFFSETS = (9, 10, 11, 14)
_MOST_KNOWN = 256


class ParquetOptions(Options):
    """Options of Parquet."""

    compression: Literal["snappy", "zstd", "lz4", "gzip", "none"] = Field(
        "snappy", description="snappy, zstd, lz4, gzip or none."
    )
    row_group_rows: int | None = Field(
        None, ge=1, le=1 << 24, description="Rows in a row group (default: 262,144, fewer of long texts)."
    )


@dataclass(frozen=True)
class _Piece:
    """A row group: its column chunks, and the footer of the small file they came from."""

    data: pa.Buffer
    footer: thrift.Struct


class ParquetWriter(TableWriter):
    """Writes Parquet: typed, lists of texts dictionary-encoded."""

    options: ParquetOptions
    piece_rows = 262_144
    streamed_rows = 65_536

    def __init__(self, target: Outlet, schema: pa.Schema, options: ParquetOptions) -> None:
        super().__init__(target, schema, options)
        self._dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self._unique: dict[int, tuple[pa.Array, pa.DictionaryArray | None]] = {}
        self._rows = 0
        self._told = 0
        self._groups: list[thrift.Struct] = []
        self._footer: thrift.Struct | None = None

    def rows_per_piece(self, row_bytes: int) -> int:
        """The rows of a row group, where they are given."""
        return self.options.row_group_rows or super().rows_per_piece(row_bytes)

    def open(self) -> None:
        """Write the magic number."""
        self.write(_MAGIC)

    def new_state(self) -> list[str]:
        """The row groups since the last call, as Thrift in Base64."""
        groups, self._told = self._groups[self._told :], len(self._groups)
        return [base64.b64encode(thrift.write_struct(group)).decode() for group in groups]

    def resume(self, written: int, states: Sequence[Any]) -> None:
        """Go on behind row groups."""
        super().resume(written, states)
        texts = [text for state in states for text in state]
        self._groups = [thrift.Reader(base64.b64decode(text)).struct() for text in texts]
        self._told = len(self._groups)
        self._rows = sum(group[_GROUP_ROWS].value for group in self._groups)
        self._footer = self._empty_piece().footer

    def _empty_piece(self) -> _Piece:
        arrays = [pa.array([], field.type) for field in self.schema]
        return self.encode([pa.RecordBatch.from_arrays(arrays, schema=self.schema)])

    def encode(self, batches: Sequence[pa.RecordBatch]) -> _Piece:
        """One row group, as a file of its own in memory."""
        import pyarrow.parquet as pq  # heavy, and of no use to other formats

        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(
            sink,
            self.schema,
            compression=self.options.compression,
            use_dictionary=self._dictionaries or False,
            store_decimal_as_integer=True,
        ) as writer:
            table = pa.Table.from_batches(list(map(self._with_unique_entries, batches)), self.schema)
            if table.num_rows:
                writer.write_table(table, row_group_size=table.num_rows)
        data = sink.getvalue()
        length = int.from_bytes(data.slice(data.size - 8, 4).to_pybytes(), "little")
        footer_start = data.size - 8 - length
        footer = thrift.Reader(data.slice(footer_start, length).to_pybytes()).struct()
        return _Piece(data.slice(len(_MAGIC), footer_start - len(_MAGIC)), footer)

    def _with_unique_entries(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The same values, no entry twice in a dictionary: Arrow writes such columns in full, and not always alike."""
        arrays = [self._unique_entries(one) if pa.types.is_dictionary(one.type) else one for one in batch.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)

    def _unique_entries(self, array: pa.DictionaryArray) -> pa.DictionaryArray:
        dictionary = array.dictionary
        address = dictionary.buffers()[1].address
        if address not in self._unique:
            if len(self._unique) >= _MOST_KNOWN:
                self._unique.clear()
            encoded = dictionary.dictionary_encode()
            plain = len(encoded.dictionary) == len(dictionary)
            self._unique[address] = (dictionary, None if plain else encoded)
        unique = self._unique[address][1]
        if unique is None:
            return array
        indices = unique.indices.take(array.indices)
        return pa.DictionaryArray.from_arrays(indices, unique.dictionary, safe=False)

    def append(self, piece: _Piece) -> None:
        """Copy the column chunks, and keep the row group's description with its offsets moved."""
        shift = self.written - len(_MAGIC)
        self.write(piece.data)
        if self._footer is None:
            self._footer = piece.footer
        self._rows += piece.footer[_FILE_ROWS].value
        for group in piece.footer[_FILE_ROW_GROUPS].value:
            _move(group, (_GROUP_OFFSET,), shift)
            for chunk in group[_GROUP_COLUMNS].value:
                _move(chunk, _CHUNK_OFFSETS, shift)
                _move(chunk[_CHUNK_METADATA].value, _COLUMN_OFFSETS, shift)
            group[_GROUP_ORDINAL] = thrift.Typed(thrift.I16, len(self._groups) % 32768)
            self._groups.append(group)

    def finish(self, metadata: Mapping[str, str]) -> None:
        """Write the footer: all row groups, and the metadata."""
        if self._footer is None:
            self.append(self._empty_piece())
        assert self._footer is not None
        footer = self._footer
        footer[_FILE_ROWS] = thrift.Typed(thrift.I64, self._rows)
        footer[_FILE_ROW_GROUPS] = thrift.Typed(thrift.LIST, self._groups, thrift.STRUCT)
        pairs: list[thrift.Struct] = [
            {1: thrift.Typed(thrift.BINARY, key.encode()), 2: thrift.Typed(thrift.BINARY, value.encode())}
            for key, value in metadata.items()
        ]
        kept = footer[_FILE_METADATA].value if _FILE_METADATA in footer else []
        footer[_FILE_METADATA] = thrift.Typed(thrift.LIST, [*kept, *pairs], thrift.STRUCT)
        data = thrift.write_struct(footer)
        self.write(data + len(data).to_bytes(4, "little") + _MAGIC)


def _move(fields: thrift.Struct, numbers: Sequence[int], shift: int) -> None:
    """Move the offsets in a struct; 0 means there is none."""
    for number in numbers:
        if number in fields and fields[number].value:
            fields[number] = thrift.Typed(fields[number].kind, fields[number].value + shift)


def read(path: Path, options: ParquetOptions) -> Iterator[pa.RecordBatch]:  # noqa: ARG001
    """The rows of all row groups."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
        yield from file.iter_batches()


def sql(
    files: Sequence[Path],
    options: ParquetOptions,  # noqa: ARG001
    columns: Mapping[str, str] | None,  # noqa: ARG001
) -> str:
    """DuckDB's ``read_parquet``."""
    return f"read_parquet({duckdb.listed(files)})"


WRITERS.add(
    WriterType(
        name="parquet",
        summary="Apache Parquet: typed, compressed, lists of texts dictionary-encoded.",
        example={"compression": "zstd", "row_group_rows": 1_000_000},
        extension=lambda options: ".parquet",  # noqa: ARG005
        options=ParquetOptions,
        writer=ParquetWriter,
        media_type="application/vnd.apache.parquet",
        read=read,
        typed=True,
        sql=sql,
        croissant=Croissant("application/x-parquet"),
    )
)
