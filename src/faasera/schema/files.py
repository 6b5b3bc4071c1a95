"""Tables from the headers of data files: names and types alone; no value is kept."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from faasera.core.errors import refuse
from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    DataType,
)
from faasera.databases.structure import ColumnStructure, Structure, TableStructure

SUFFIXES = (".parquet", ".arrow", ".feather", ".ipc", ".csv", ".tsv")
_KINDS: tuple[tuple[Callable[[pa.DataType], bool], DataType, str], ...] = (
    (pa.types.is_boolean, BOOLEAN, "BOOLEAN"),
    (pa.types.is_int64, BIGINT, "BIGINT"),
    (pa.types.is_uint64, BIGINT, "BIGINT"),
    (pa.types.is_uint32, BIGINT, "BIGINT"),
    (pa.types.is_integer, INTEGER, "INT"),
    (pa.types.is_floating, DOUBLE, "DOUBLE"),
    (pa.types.is_date, DATE, "DATE"),
    (pa.types.is_timestamp, TIMESTAMP, "TIMESTAMP"),
    (pa.types.is_time, TIME, "TIME"),
    (pa.types.is_string, STRING, "TEXT"),
    (pa.types.is_large_string, STRING, "TEXT"),
    (pa.types.is_string_view, STRING, "TEXT"),
    (pa.types.is_null, STRING, "TEXT"),
    (pa.types.is_binary, BINARY, "BLOB"),
    (pa.types.is_large_binary, BINARY, "BLOB"),
)


def read_files(paths: list[Path], source: str) -> Structure:
    """A table for each file.

    Raises:
        PolicyError: one of them cannot be read.
    """
    tables = {}
    for path in paths:
        try:
            schema, rows = _schema(path)
        except (OSError, pa.ArrowException) as error:
            reason = str(error).partition("\n")[0]
            message = f"{path} cannot be read: {reason}"
            refuse("file-unreadable", message, "Correct the file.")
        columns = tuple(_column(field, nullable=path.suffix in (".csv", ".tsv") or field.nullable) for field in schema)
        tables[path.stem] = TableStructure(path.stem, columns, rows=rows)
    return Structure(source, "", tables)


def _schema(path: Path) -> tuple[pa.Schema, int | None]:
    if path.suffix == ".parquet":
        from pyarrow import parquet

        file = parquet.ParquetFile(path)
        return file.schema_arrow, file.metadata.num_rows
    if path.suffix in (".csv", ".tsv"):
        from pyarrow import csv

        layout = csv.ParseOptions(delimiter="\t" if path.suffix == ".tsv" else ",")
        with csv.open_csv(path, parse_options=layout) as reader:
            return reader.schema, None
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).schema, None


def _column(field: pa.Field, *, nullable: bool) -> ColumnStructure:
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    array = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    element = kind.value_type if array else kind
    data_type, shown = _type(element)
    length = kind.byte_width if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind) else None
    return ColumnStructure(
        field.name, f"{shown}[]" if array else shown, data_type, length, length is not None, nullable, array=array
    )


def _type(kind: pa.DataType) -> tuple[DataType | None, str]:
    if pa.types.is_decimal(kind):
        if not 0 <= kind.scale <= kind.precision <= 38:
            return None, str(kind)
        return DataType("DECIMAL", kind.precision, kind.scale), f"DECIMAL({kind.precision}, {kind.scale})"
    if pa.types.is_fixed_size_binary(kind):
        return BINARY, f"BINARY({kind.byte_width})"
    return next(((data_type, shown) for fits, data_type, shown in _KINDS if fits(kind)), (None, str(kind)))
