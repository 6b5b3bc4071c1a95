"""Virtual parents: keys that exist already, in a file or in a database."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.errors import FaaseraError, Problems, did_you_mean
from faasera.core.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, STRING, TIMESTAMP, DataType
from faasera.core.value import ByContent
from faasera.databases.base import open_database
from faasera.databases.connections import find_connection
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.seed_files import locate
from faasera.plan.model import ColumnPlan, TablePlan
from faasera.policy.model import Reference

if TYPE_CHECKING:
    from faasera.plan.relations import Relation, UniqueTuple
    from faasera.plan.resolve import Resolver

_SUFFIXES = (".parquet", ".csv", ".jsonl")
_WHOLE = re.compile(r"^(0|-?[1-9]\d{0,17})$").pattern
_DAY = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True, eq=False)
class FileColumn(ByContent, Generator):
    """A column of a file, in memory."""

    name: str
    values: pa.Array
    facts: Facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.values.take(pa.array(context.rows))

    @override
    def describe(self) -> str:
        return "from the file"


class VirtualTable:
    """Rows that exist already, as a parent.

    Attributes:
        name: the file, as the policy names it, or the connection and its table.
        path: where the file is; None for a database.
        order: its columns.
        content: its rows.
    """

    def __init__(self, name: str, path: Path | None, content: pa.Table) -> None:
        self.name = name
        self.path = path
        self.order = list(content.column_names)
        self.relations: Mapping[str, Relation] = {}
        self.content = content
        self._keys: dict[tuple[str, ...], None] = {}

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return int(self.content.num_rows)

    def digest(self) -> str:
        """Of the file's bytes, or of the rows."""
        if self.path is None:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, self.content.schema) as stream:
                stream.write_table(self.content.combine_chunks())
            return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()

    def unique_tuples(self) -> "list[UniqueTuple]":
        """The keys that foreign keys refer to."""
        return [(columns, ()) for columns in self._keys]

    def add_key(self, columns: Sequence[str], problems: Problems) -> bool:
        """Check that columns are a key of the file; False after a problem was reported."""
        key = tuple(columns)
        missing = [column for column in key if column not in self.order]
        for column in missing:
            remedy = did_you_mean(column, self.order)
            problems.add("unknown-column", f"'{self.name}' has no column '{column}'", remedy, at=["columns"])
        if missing:
            return False
        content = self.content.select(list(dict.fromkeys(key)))
        empty = max(column.null_count for column in content.columns)
        repeated = content.num_rows - content.group_by(content.column_names).aggregate([]).num_rows
        if empty or repeated:
            what = f"{empty:,} rows without a value" if empty else f"{repeated:,} rows that repeat another's"
            message = f"({', '.join(key)}) is no key of '{self.name}': it has {what}"
            problems.add("file-key", message, "Correct the file, or name columns that are a key.", at=["columns"])
            return False
        self._keys[key] = None
        return True

    def sort(self, columns: Sequence[str]) -> None:
        """Put the rows in the order of a key, as a database has none; what another key sorted stays."""
        if len(self._keys) == 1:
            self.content = self.content.sort_by([(column, "ascending") for column in columns])

    def handle(self, column: str) -> Generator | None:
        """The column; None for a type that policies do not know."""
        return self._columns.get(column)

    @cached_property
    def _columns(self) -> dict[str, FileColumn]:
        made = {}
        for name in self.order:
            values = self.content[name].combine_chunks()
            read = _typed(values)
            if read is not None:
                unique = (name,) in self._keys
                made[name] = FileColumn(name, read[0], Facts(read[1], bool(values.null_count), unique))
        return made

    def plan(self) -> TablePlan:
        """As the parent of a plan's tables."""
        columns = tuple(ColumnPlan(name, column, "FILE", False) for name, column in self._columns.items())
        return TablePlan(self.name, self.row_count, columns, None, tuple(self._keys))


def _typed(values: pa.Array) -> tuple[pa.Array, DataType] | None:
    """Values as a policy's type holds them."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _typed(values.dictionary_decode())
    if pa.types.is_decimal(kind):
        data_type = DataType("DECIMAL", min(kind.precision, 38), kind.scale)
        return (values.cast(data_type.arrow), data_type) if 0 <= kind.scale <= kind.precision else None
    found: tuple[tuple[Any, DataType], ...] = (
        (pa.types.is_boolean, BOOLEAN),
        (lambda kind: pa.types.is_integer(kind) and kind.bit_width < 32, INTEGER),
        (pa.types.is_int32, INTEGER),
        (pa.types.is_integer, BIGINT),
        (pa.types.is_floating, DOUBLE),
        (pa.types.is_date, DATE),
        (pa.types.is_timestamp, TIMESTAMP),
        (pa.types.is_string, STRING),
        (pa.types.is_large_string, STRING),
    )
    for fits, data_type in found:
        if fits(kind):
            return values.cast(data_type.arrow), data_type
    return None


def virtual_table(reference: Reference, resolver: "Resolver", problems: Problems) -> VirtualTable | None:
    """The rows of a file or a database as a parent with that key; None after a problem was reported."""
    if reference.connection is not None:
        return _of_database(reference, resolver, problems)
    name, columns = str(reference.file), reference.columns
    path = locate(name, resolver.seed_directory, problems.at("file"), suffixes=_SUFFIXES)
    if path is None:
        return None
    if path.suffix.lower() not in _SUFFIXES:
        message = f"'{name}' is no file of keys that can be read"
        problems.add("file-format", message, f"Use {', '.join(_SUFFIXES)}.", at=["file"])
        return None
    found: VirtualTable | None = resolver.cached(f"keys {path}", lambda: _read(name, path, problems))
    return found if found is not None and found.add_key(columns, problems) else None


def _of_database(reference: Reference, resolver: "Resolver", problems: Problems) -> VirtualTable | None:
    table, connection = str(reference.table), str(reference.connection)

    def read() -> VirtualTable | None:
        if reference.parent in resolver.keys:
            return VirtualTable(reference.parent, None, resolver.keys[reference.parent])
        try:
            database = open_database(find_connection(connection, open_to_all=True))
            try:
                content = database.arrow(f"SELECT * FROM {database.table(table)}")
            finally:
                database.close()
        except FaaseraError as error:
            first = error.problems[0]
            problems.add(first.code, first.message, first.remedy, at=["connection"])
            return None
        return VirtualTable(reference.parent, None, content)

    found: VirtualTable | None = resolver.cached(f"keys {reference.parent}", read)
    if found is None or not found.add_key(reference.columns, problems):
        return None
    found.sort(reference.columns)
    return found


def _read(name: str, path: Path, problems: Problems) -> VirtualTable | None:
    try:
        return VirtualTable(name, path, _content(path))
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        problems.add("file-unreadable", f"'{name}' cannot be read: {reason}", "Correct the file.", at=["file"])
        return None


def _content(path: Path) -> pa.Table:
    """The file's rows.

    Texts of CSV become numbers or dates only where every value is written as these are, so that 00123 stays a text.
    """
    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet

        return parquet.read_table(path, memory_map=True)
    if path.suffix.lower() == ".jsonl":
        from pyarrow import json

        return json.read_json(path)
    from pyarrow import csv

    with path.open(encoding="utf-8-sig") as file:
        header = csv.read_csv(pa.BufferReader(file.readline().encode())).column_names
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    content = csv.read_csv(path, convert_options=options)
    for index, column in enumerate(content.columns):
        for pattern, data_type in ((_WHOLE, BIGINT), (_DAY, DATE)):
            fits = pc.match_substring_regex(column, pattern)
            if len(column) > column.null_count and pc.all(fits, skip_nulls=True).as_py():
                content = content.set_column(index, content.column_names[index], column.cast(data_type.arrow))
                break
    return content
