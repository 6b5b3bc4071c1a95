"""CSV after RFC 4180: UTF-8, a header, quotes only where needed; null is nothing, an empty text is ``""``."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from pydantic import Field, field_validator

from faasera.core.records import TokenTable, assemble
from faasera.core.text import to_text
from faasera.writers import duckdb
from faasera.writers.base import WRITERS, Croissant, Options, Outlet, TableWriter, WriterType
from faasera.writers.compression import EXTENSIONS, Compression, compressor, opened

_MOST_KNOWN = 256
_LONGEST_LINE = 8_000_000


class CsvOptions(Options):
    """Options of CSV."""

    delimiter: str = Field(",", min_length=1, max_length=1, description="What separates values; one character.")
    compression: Compression = Field("none", description="none, gzip or zstd.")
    escape_formulas: bool = Field(
        False, description="An apostrophe before texts that spreadsheets would run as formulas: = + - @."
    )

    @field_validator("delimiter")
    @classmethod
    def _usable(cls, value: str) -> str:
        if value in '"\r\n' or not value.isascii():
            raise ValueError("the delimiter is one ASCII character, no quote and no line end")
        return value


def quote(texts: pa.Array, delimiter: str) -> pa.Array:
    """Texts with quotes around those that need them: special characters, or nothing at all in them."""
    special = pc.match_substring_regex(texts, pattern=f'[{_escaped(delimiter)}"\r\n]')
    needy = pc.or_(special, pc.equal(texts, ""))
    if not pc.any(needy).as_py():
        return texts
    doubled = pc.replace_substring(texts, pattern='"', replacement='""')
    return pc.if_else(needy, pc.binary_join_element_wise('"', doubled, '"', ""), texts)


def _escaped(delimiter: str) -> str:
    return "\\" + delimiter if delimiter in "\\^]-[" else delimiter


def _any_empty(texts: pa.Array) -> bool:
    """Whether any of the texts is empty, nulls included."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bool((offsets[1:] == offsets[:-1]).any())


def escape(texts: pa.Array) -> pa.Array:
    """Texts with an apostrophe before those that a spreadsheet takes for a formula.

    Source: OWASP, CSV Injection.
    """
    risky = pc.match_substring_regex(texts, pattern="^[=+\\-@\t\r]")
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


class CsvWriter(TableWriter):
    """Writes CSV. Arrow's writer joins the cells where no value needs quotes, Arrow's string kernels elsewhere."""

    options: CsvOptions

    def __init__(self, target: Outlet, schema: pa.Schema, options: CsvOptions) -> None:
        super().__init__(target, schema, options)
        self._delimiter = options.delimiter
        self._compress = compressor(options.compression)
        self._write_options = arrow_csv.WriteOptions(
            include_header=False, delimiter=self._delimiter, quoting_style="none", batch_size=1 << 20
        )
        # Columns whose texts may hold anything; numbers and dates cannot, and lists are looked through once.
        self._free = [pa.types.is_string(field.type) or pa.types.is_binary(field.type) for field in schema]
        self._quoted_dictionaries: dict[int, tuple[pa.Array, pa.Array, TokenTable | None]] = {}
        self._needs_quotes = False

    def open(self) -> None:
        """Write the header line."""
        names = quote(pa.array(self.schema.names, pa.string()), self._delimiter).to_pylist()
        self.write(self._compress(pa.py_buffer((self._delimiter.join(names) + "\n").encode())))

    def encode(self, batches: Sequence[pa.RecordBatch]) -> list[bytes | pa.Buffer]:
        """The lines of each batch, compressed if asked for."""
        pieces = []
        for batch in batches:
            sink = pa.BufferOutputStream()
            texts = [self._texts(column) for column in batch.columns]
            if self.options.escape_formulas:
                texts = [
                    escape(text) if free and pa.types.is_string(text.type) else text
                    for text, free in zip(texts, self._free, strict=True)
                ]
            if self._needs_quotes or self._has_empty(texts) or not self._write_plain(texts, sink):
                self._write_quoted(texts, sink)
            pieces.append(self._compress(sink.getvalue()))
        return pieces

    def _texts(self, column: pa.Array) -> pa.Array:
        texts = to_text(column)
        if not pa.types.is_dictionary(texts.type):
            return texts
        dictionary = texts.dictionary
        address = dictionary.buffers()[1].address
        known = self._quoted_dictionaries
        if address not in known:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            quoted = quote(escape(dictionary) if self.options.escape_formulas else dictionary, self._delimiter)
            if quoted is not dictionary:
                self._needs_quotes = True
            known[address] = (dictionary, quoted, TokenTable.of(quoted))
        _, quoted, tokens = known[address]
        if tokens is not None and not texts.null_count:
            return assemble([(tokens, np.asarray(texts.indices))])
        return quoted.take(texts.indices)

    def _has_empty(self, texts: list[pa.Array]) -> bool:
        """Whether an empty text may be among the values, which has to be told from null."""
        return any(_any_empty(column) for column, free in zip(texts, self._free, strict=True) if free)

    def _write_plain(self, texts: list[pa.Array], sink: pa.BufferOutputStream) -> bool:
        """Write through Arrow's CSV writer, which refuses values that would need quotes; False if it did."""
        batch = pa.RecordBatch.from_arrays(texts, names=list(map(str, range(len(texts)))))
        try:
            arrow_csv.write_csv(batch, sink, self._write_options)
        except pa.ArrowInvalid:
            self._needs_quotes = True
            return False
        return True

    def _write_quoted(self, texts: list[pa.Array], sink: pa.BufferOutputStream) -> None:
        cells = []
        for column, free in zip(texts, self._free, strict=True):
            cell = quote(column, self._delimiter) if free else column
            cells.append(pc.fill_null(cell, "") if cell.null_count else cell)
        if not len(cells[0]):
            return
        cells[-1] = pc.binary_join_element_wise(cells[-1], "\n", "")
        lines = pc.binary_join_element_wise(*cells, self._delimiter) if len(cells) > 1 else cells[0]
        begin, end = np.frombuffer(lines.buffers()[1], dtype=np.int32)[
            [lines.offset, lines.offset + len(lines)]
        ].tolist()
        sink.write(lines.buffers()[2].slice(begin, end - begin))

    def append(self, piece: list[bytes | pa.Buffer]) -> None:
        """Write the lines."""
        for buffer in piece:
            self.write(buffer)

    def finish(self, metadata: Mapping[str, str]) -> None:
        """CSV has no place for metadata; they stand in the manifest."""


def read(path: Path, options: CsvOptions) -> Iterator[pa.RecordBatch]:
    """The values as texts; null is nothing, and ``""`` an empty text."""
    layout = arrow_csv.ParseOptions(delimiter=options.delimiter, newlines_in_values=True)
    blocks = arrow_csv.ReadOptions(block_size=_LONGEST_LINE)
    with opened(path, options.compression) as file, arrow_csv.open_csv(file, blocks, layout) as reader:
        names = reader.schema.names
    texts = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    with opened(path, options.compression) as file, arrow_csv.open_csv(file, blocks, layout, texts) as reader:
        yield pa.RecordBatch.from_pylist([], schema=reader.schema)
        yield from reader


def sql(files: Sequence[Path], options: CsvOptions, columns: Mapping[str, str] | None) -> str:
    """DuckDB's ``read_csv``; without types, of texts under the names in the header."""
    quoting = f"quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, max_line_size={_LONGEST_LINE}"
    layout = f"header=true, delim={duckdb.text(options.delimiter)}, {quoting}"
    kinds = "auto_detect=true, all_varchar=true" if columns is None else f"auto_detect=false, {duckdb.types(columns)}"
    return f"read_csv({duckdb.listed(files)}, {layout}, {kinds})"


WRITERS.add(
    WriterType(
        name="csv",
        summary="Comma-separated values after RFC 4180, UTF-8 with a header.",
        example={"delimiter": ";", "compression": "gzip"},
        extension=lambda options: ".csv" + EXTENSIONS[options.compression],
        options=CsvOptions,
        writer=CsvWriter,
        media_type="text/csv",
        read=read,
        sql=sql,
        text=True,
        croissant=Croissant("text/csv"),
    )
)
