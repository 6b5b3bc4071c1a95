"""DuckDB: the definitions that it prints, its types, its words, in which the check thinks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from sqlglot import exp
from typing_extensions import override

from faasera.core.types import STRING, DataType
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, Structure, TextForm
from faasera.generators.regex.flavours import RE2, Flavour
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.definitions import comment_on
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.parts import rows_of
from faasera.schema.dialects.scripts.reader import DdlReader
from faasera.schema.dialects.types import Reading, ReadType, decimals

_TABLES = (
    "SELECT schema_name, table_name, estimated_size, sql, comment FROM duckdb_tables() "
    "WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY table_oid"
)
_INDEXES = "SELECT sql FROM duckdb_indexes() WHERE is_unique AND database_name = current_database() AND sql IS NOT NULL"
_ENUMERATIONS = "SELECT type_name, labels FROM duckdb_types() WHERE logical_type = 'ENUM' AND labels IS NOT NULL"
_VIEWS = "SELECT count(*) FROM duckdb_views() WHERE NOT internal"

_FORMS = {
    "INTERVAL": TextForm("INTERVAL", "[2-9] days 0[1-9]:[0-5][0-9]:[0-5][0-9]"),
    "BIT": TextForm("BIT", "[01]{8}", "[01]{32}"),
}


class DuckDB(Dialect):
    """What DuckDB says."""

    sqlglot: ClassVar[str] = "duckdb"
    label: ClassVar[str] = "DuckDB"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(r"\bHUGEINT\b|\bSTRUCT\s*\(|\bUTINYINT\b|\bVARCHAR\[\]", re.I)
    schema: ClassVar[str] = "main"
    lexis: ClassVar[Lexis] = Lexis()
    types: ClassVar[Mapping[str, Reading]] = {**Dialect.types, **decimals(18, 3)}
    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "VARCHAR", "INTEGER": "INTEGER", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
        "TIMESTAMP": "TIMESTAMP", "TIME": "TIME", "UUID": "UUID", "JSON": "JSON", "BINARY": "BLOB", "DECIMAL": "DECIMAL({p},{s})",
    }  # fmt: skip
    regex: ClassVar[Flavour] = RE2
    array_types: ClassVar[bool] = True
    enumeration_type: ClassVar[bool] = True
    creates_schemas: ClassVar[bool] = True
    # An index that is made afterwards costs a third; foreign keys want it from the start.
    primary_key_after_rows: ClassVar[bool] = True
    most_digits: ClassVar[tuple[int, int]] = (38, 38)
    refers_to_later: ClassVar[bool] = False

    @override
    def read(self, database: Database) -> Structure:
        reader = DdlReader(self)
        found = {row.full_name(self.schema): row for row in rows_of(database, _TABLES, _TableRow)}
        for row in found.values():
            reader.read(row.sql, f"{database.connection}: {row.name}")
        for (text,) in database.query(_INDEXES):
            reader.read(text, str(database.connection))
        values = {str(name): tuple(labels) for name, labels in database.query(_ENUMERATIONS)}
        tables = {
            name: replace(
                table,
                rows=found[name].rows if name in found else None,
                comment=(found[name].comment or None) if name in found else None,
                columns=tuple(_with_values(one, values) for one in table.columns),
            )
            for name, table in reader.tables.items()
        }
        views = int(database.query(_VIEWS)[0][0])
        return Structure(str(database.connection), self.name, tables, views, tuple(reader.unread))

    @override
    def read_type(self, kind: Any) -> ReadType:
        text = kind if isinstance(kind, str) else self.written(kind)
        form = _FORMS.get(text.upper())
        return ReadType(STRING, text, form=form) if form is not None else super().read_type(kind)

    @override
    def printed(self, column: ColumnStructure, value: str) -> str | None:
        if column.array:
            return f"CAST(to_json(CAST(CAST({value} AS JSON) AS {column.type})) AS VARCHAR)"
        return f"CAST(CAST({value} AS {column.type}) AS VARCHAR)" if column.form is not None else None

    @override
    def comment(self, database: Database, name: str, comment: str) -> list[str]:
        return comment_on(database, name, comment)

    @override
    def question(self, tree: exp.Expr) -> exp.Expr:
        return tree

    @override
    def comparable(self, database: Database, column: ColumnStructure, data_type: DataType) -> str:
        name = database.quote(column.name)
        if not data_type.is_text:
            return name
        return f"CAST(to_json({name}) AS VARCHAR)" if column.array else f"CAST({name} AS VARCHAR)"


class _TableRow(NamedTuple):
    schema: str
    name: str
    rows: int
    sql: str
    comment: str | None

    def full_name(self, default: str) -> str:
        """With its schema where that is not the default one."""
        return self.name if self.schema == default else f"{self.schema}.{self.name}"


def _with_values(column: ColumnStructure, enumerations: Mapping[str, tuple[str, ...]]) -> ColumnStructure:
    values = enumerations.get(column.type.strip('"'))
    return column if values is None else replace(column, data_type=STRING, values=values, length=max(map(len, values)))


DUCKDB = DIALECTS.add(DuckDB("duckdb", "DuckDB.", "CREATE TABLE a (id UBIGINT PRIMARY KEY, b VARCHAR[])"))
