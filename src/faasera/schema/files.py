"""Tables from the headers of data files: names and types alone; no value is kept."""

from pathlib import Path

import pyarrow as pa

from faasera.core.arrow import decoded_type
from faasera.core.errors import refuse
from faasera.core.from_arrow import from_arrow
from faasera.core.types import STRING, DataType
from faasera.databases.structure import ColumnStructure, Structure, TableStructure
from faasera.schema.shown_types import shown_type

SUFFIXES = (".parquet", ".arrow", ".feather", ".ipc", ".csv", ".tsv")


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
    kind = decoded_type(field.type)
    array = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    element = kind.value_type if array else kind
    data_type, shown = _type(element)
    length = kind.byte_width if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind) else None
    return ColumnStructure(
        field.name, f"{shown}[]" if array else shown, data_type, length, length is not None, nullable, array=array
    )


def _type(kind: pa.DataType) -> tuple[DataType | None, str]:
    if pa.types.is_null(kind):
        return STRING, shown_type(STRING)
    data_type = from_arrow(kind)
    if data_type is None or data_type.is_nested:
        return None, str(kind)
    if pa.types.is_fixed_size_binary(kind):
        return data_type, f"BINARY({kind.byte_width})"
    return data_type, shown_type(data_type)
