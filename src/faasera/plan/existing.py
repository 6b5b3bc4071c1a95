"""Rows that exist before a run, as parents: of a file, or of a table in a database."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.errors import FaaseraError, Problems, did_you_mean
from faasera.core.from_arrow import from_arrow
from faasera.core.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, MOST_DIGITS, STRING, TIMESTAMP, DataType
from faasera.core.value import ByContent
from faasera.databases.base import open_database
from faasera.databases.connections import find_connection
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.seed_files import locate
from faasera.plan.model import ColumnPlan, TablePlan
from faasera.policy.keys import Key, Keys
from faasera.policy.model import Reference

_SUFFIXES = (".parquet", ".csv", ".jsonl")
_WHOLE = re.compile(r"^(0|-?[1-9]\d{0,17})$").pattern
_KEY_TYPES = (BOOLEAN, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMP, STRING)
"""Besides decimals, the types whose values are taken from rows that others have made."""
_DAY = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True, eq=False)
class ExistingColumn(ByContent, Generator):
    """A column of rows that exist already, in memory.

    Attributes:
        values: one for each row.
        facts: what is known of them.
    """

    values: pa.Array
    facts: Facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.values.take(pa.array(context.rows))

    @override
    def describe(self) -> str:
        return "from the file"


@dataclass(frozen=True, eq=False)
class ExistingRows:
    """Rows that exist already, as a parent.

    Attributes:
        name: the file, as the policy names it, or the connection and its table.
        path: where the file is; None for a database.
        rows: sorted by the first key where a database, which has no order, has them.
        keys: what foreign keys refer to.
    """

    name: str
    path: Path | None
    rows: pa.Table
    keys: Keys

    @property
    def order(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.rows.column_names)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return int(self.rows.num_rows)

    @cached_property
    def digest(self) -> str:
        """Of the file's bytes, or of the rows."""
        if self.path is None:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, self.rows.schema) as stream:
                stream.write_table(self.rows.combine_chunks())
            return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()

    @cached_property
    def columns(self) -> Mapping[str, ExistingColumn]:
        """The columns whose values a policy's type can hold."""
        made = {}
        for name in self.order:
            read = _typed(self.rows[name].combine_chunks())
            if read is not None:
                values, data_type = read
                facts = Facts(data_type, nullable=bool(values.null_count), unique=self.keys.single(name))
                made[name] = ExistingColumn(values, facts)
        return made

    @cached_property
    def plan(self) -> TablePlan:
        """As the parent of a plan's tables."""
        columns = tuple(ColumnPlan(name, column, "FILE", False) for name, column in self.columns.items())
        keys = tuple(key.columns for key in self.keys.declared)
        return TablePlan(self.name, self.row_count, columns, None, keys)


class ExistingReader:
    """Reads each file and each table once, whichever foreign keys refer to it.

    Args:
        seed_directory: where files are.
        known: rows of databases that are known, by the plan's name for them.
    """

    def __init__(self, seed_directory: Path, known: Mapping[str, pa.Table]) -> None:
        self.seed_directory = seed_directory
        self.known = known
        self._read: dict[str, tuple[str, Path | None, pa.Table] | None] = {}
        self._keys: dict[str, dict[tuple[str, ...], None]] = {}

    def name_of(self, reference: Reference, problems: Problems) -> str | None:
        """Read what a reference leads to, and see that its columns are a key there.

        Returns:
            What the plan calls these rows; None after a problem was reported.
        """
        found = self._of_database(reference, problems) if reference.connection else self._of_file(reference, problems)
        if found is None:
            return None
        name, _, content = found
        if not _check_key(name, content, reference.columns, problems):
            return None
        self._keys.setdefault(name, {})[tuple(reference.columns)] = None
        return name

    def all(self) -> dict[str, ExistingRows]:
        """All rows that foreign keys refer to, by name; their keys are known by now."""
        made = {}
        for found in self._read.values():
            if found is not None and found[0] in self._keys:
                name, path, content = found
                keys = list(self._keys[name])
                if path is None:
                    content = content.sort_by([(column, "ascending") for column in keys[0]])
                made[name] = ExistingRows(name, path, content, Keys(tuple(map(Key, keys))))
        return made

    def _of_file(self, reference: Reference, problems: Problems) -> tuple[str, Path | None, pa.Table] | None:
        name = str(reference.file)
        path = locate(name, self.seed_directory, problems.at("file"), suffixes=_SUFFIXES)
        if path is None:
            return None
        if path.suffix.lower() not in _SUFFIXES:
            message = f"'{name}' is no file of keys that can be read"
            problems.add("file-format", message, f"Use {', '.join(_SUFFIXES)}.", at=["file"])
            return None

        def read() -> tuple[str, Path | None, pa.Table] | None:
            try:
                return name, path, _content(path)
            except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
                reason = str(error).partition("\n")[0]
                problems.add("file-unreadable", f"'{name}' cannot be read: {reason}", "Correct the file.", at=["file"])
                return None

        return self._once(str(path), read)

    def _of_database(self, reference: Reference, problems: Problems) -> tuple[str, Path | None, pa.Table] | None:
        def read() -> tuple[str, Path | None, pa.Table] | None:
            if reference.parent in self.known:
                return reference.parent, None, self.known[reference.parent]
            try:
                database = open_database(find_connection(str(reference.connection), open_to_all=True))
                try:
                    content = database.arrow(f"SELECT * FROM {database.table(str(reference.table))}")
                finally:
                    database.close()
            except FaaseraError as error:
                first = error.problems[0]
                problems.add(first.code, first.message, first.remedy, at=["connection"])
                return None
            return reference.parent, None, content

        return self._once(reference.parent, read)

    def _once(
        self, key: str, read: Callable[[], tuple[str, Path | None, pa.Table] | None]
    ) -> tuple[str, Path | None, pa.Table] | None:
        if key not in self._read:
            self._read[key] = read()
        return self._read[key]


def _check_key(name: str, content: pa.Table, key: Sequence[str], problems: Problems) -> bool:
    """Whether columns are a key of the rows; what is wrong is reported."""
    missing = [column for column in key if column not in content.column_names]
    for column in missing:
        remedy = did_you_mean(column, content.column_names)
        problems.add("unknown-column", f"'{name}' has no column '{column}'", remedy, at=["columns"])
    if missing:
        return False
    content = content.select(list(dict.fromkeys(key)))
    nested = [column for column in content.column_names if pa.types.is_nested(content.schema.field(column).type)]
    if nested:
        message = f"'{name}.{nested[0]}' has {content.schema.field(nested[0]).type} values, which are no keys"
        problems.add("data-type", message, "Refer to another column, or convert it.", at=["columns"])
        return False
    empty = max(column.null_count for column in content.columns)
    repeated = content.num_rows - content.group_by(content.column_names).aggregate([]).num_rows
    if empty or repeated:
        what = f"{empty:,} rows without a value" if empty else f"{repeated:,} rows that repeat another's"
        message = f"({', '.join(key)}) is no key of '{name}': it has {what}"
        problems.add("file-key", message, "Correct the file, or name columns that are a key.", at=["columns"])
        return False
    return True


def _typed(values: pa.Array) -> tuple[pa.Array, DataType] | None:
    """Values as a policy's type holds them; None where no type does."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _typed(values.dictionary_decode())
    if pa.types.is_decimal(kind):
        kind = pa.decimal256(min(kind.precision, MOST_DIGITS), kind.scale)
    data_type = from_arrow(kind)
    if data_type is None or not (data_type.is_decimal or data_type in _KEY_TYPES):
        return None
    try:
        return values.cast(data_type.arrow), data_type
    except pa.ArrowInvalid:
        return None  # Nanoseconds, or whole numbers beyond 64 bits with a sign.


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
