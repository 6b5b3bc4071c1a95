"""PostgreSQL: its catalogs, its types, its words."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from sqlglot import exp
from typing_extensions import override

from faasera.core.types import STRING, TIMESTAMP, DataType
from faasera.databases.base import Database
from faasera.databases.structure import CheckConstraint, ColumnStructure, ForeignKeyStructure, Structure, UniqueKey
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.definitions import comment_on
from faasera.schema.dialects.indexes import index_columns
from faasera.schema.dialects.parts import TableParts, by_name, rows_of
from faasera.schema.dialects.questions import Rewrite

_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::bigint, obj_description(c.oid, 'pg_class'),
       n.nspname = current_schema()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname"""
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname::text,
       format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
                   CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
       a.attnotnull OR t.typnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e
        WHERE e.enumtypid IN (t.oid, t.typelem, t.typbasetype)),
       t.typcategory = 'A', col_description(a.attrelid, a.attnum), has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
       CASE WHEN t.typtype = 'd' THEN t.oid::bigint END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY a.attrelid, a.attnum"""
_CONSTRAINTS = """
SELECT k.conrelid::bigint, k.conname::text, k.contype::text,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
       pg_get_expr(k.conbin, k.conrelid), k.confrelid::bigint,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
       k.condeferrable, pg_get_constraintdef(k.oid), k.contypid::bigint
FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY k.conrelid, k.conname"""
_INDEXES = """
SELECT i.indrelid::bigint, c.relname::text, pg_get_expr(i.indpred, i.indrelid), i.indexprs IS NOT NULL,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.place <= i.indnkeyatts),
       pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND NOT i.indisprimary
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, c.relname"""
_MARKS = r"\b(big|small)?serial\b|::|\bCREATE TYPE\b|\bCREATE DOMAIN\b|\bjsonb\b|\btimestamptz\b"
_OTHERS = re.compile(r"`|\bAUTO_INCREMENT\b|\bENGINE\s*=", re.I)
"""Words that PostgreSQL never has, whatever else looks like it."""
_CATALOG_NAMES = {
    "timestamp": "timestamp without time zone", "time": "time without time zone", "varchar": "character varying", "int": "integer",
    "char": "character", "decimal": "numeric", "timestamptz": "timestamp with time zone", "double": "double precision", "float": "double precision",
}  # fmt: skip
_LONGEST_VARCHAR = 1000


def _exact(_: Any, node: exp.Expr) -> exp.Expr:
    """A division of decimals, as PostgreSQL divides no doubles with a remainder."""
    numeric = exp.DataType.build("DECIMAL")
    return type(node)(this=exp.Cast(this=node.this, to=numeric), expression=exp.Cast(this=node.expression, to=numeric))


class PostgreSQL(Dialect):
    """What PostgreSQL says."""

    sqlglot: ClassVar[str] = "postgres"
    label: ClassVar[str] = "PostgreSQL"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(_MARKS, re.I)
    schema: ClassVar[str] = "public"
    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "text", "INTEGER": "integer", "BIGINT": "bigint", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "timestamp", "TIME": "time", "UUID": "uuid", "JSON": "jsonb", "BINARY": "bytea", "DECIMAL": "numeric({p},{s})",
    }  # fmt: skip
    array_types: ClassVar[bool] = True
    trial_settings: ClassVar[tuple[str, ...]] = ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = '2s'")
    creates_schemas: ClassVar[bool] = True
    index_for_references: ClassVar[bool] = True
    rewrites: ClassVar[Mapping[type[Any], Rewrite]] = {**Dialect.rewrites, exp.Mod: _exact, exp.Div: _exact}
    calls: ClassVar[Mapping[str, Rewrite]] = {
        **Dialect.calls,
        "isodow": lambda _, node: exp.Extract(this=exp.var("ISODOW"), expression=node.expressions[0]),
    }

    @override
    def looks_like(self, text: str) -> bool:
        return super().looks_like(text) and _OTHERS.search(text) is None

    @override
    def read(self, database: Database) -> Structure:
        tables, views = _tables(database)
        domains = _read_columns(database, tables, self)
        _read_constraints(database, tables, domains)
        _read_indexes(database, tables, self)
        return Structure(str(database.connection), self.name, by_name(tables.values()), views)

    @override
    def column_type(self, data_type: DataType, length: int | None, *, keyed: bool) -> str:
        if data_type == STRING and length is not None and length <= _LONGEST_VARCHAR:
            return f"varchar({max(length, 1)})"
        return super().column_type(data_type, length, keyed=keyed)

    @override
    def catalog_type(self, kind: str) -> str:
        head, bracket, tail = kind.lower().partition("(")
        return _CATALOG_NAMES.get(head.strip(), head.strip()) + bracket + tail

    @override
    def comment(self, database: Database, name: str, comment: str) -> list[str]:
        return comment_on(database, name, comment)

    @override
    def comparable(self, database: Database, column: ColumnStructure, data_type: DataType) -> str:
        name = database.quote(column.name)
        if data_type.is_text:
            return f"CAST(array_to_json({name}) AS text)" if column.array else f"CAST({name} AS text)"
        if column.type == "money":
            return f"CAST({name} AS numeric)"
        if column.type.endswith("with time zone") and data_type == TIMESTAMP:
            return f"({name} AT TIME ZONE 'UTC')"
        return name


Tables = Mapping[int, TableParts]
"""Tables by their numbers in the catalog."""
Domains = Mapping[int, list[tuple[int, str]]]
"""The columns of domains: of each, its table's number, and its name."""


class _TableRow(NamedTuple):
    number: int
    schema: str
    name: str
    kind: str
    rows: int
    comment: str | None
    default: bool


class _ColumnRow(NamedTuple):
    table: int
    name: str
    type: str
    required: bool
    default: str | None
    identity: str
    generated: str
    values: list[str] | None
    array: bool
    comment: str | None
    writable: bool
    domain: int | None

    @property
    def serial(self) -> bool:
        """Whether the database numbers it."""
        return self.identity in ("a", "d") or "nextval(" in (self.default or "")


class _ConstraintRow(NamedTuple):
    table: int
    name: str
    kind: str
    columns: list[str]
    check: str
    parent: int
    references: list[str]
    deferrable: bool
    shown: str
    domain: int


class _IndexRow(NamedTuple):
    table: int
    name: str
    where: str | None
    computed: bool
    columns: list[str] | None
    shown: str


def _tables(database: Database) -> tuple[dict[int, TableParts], int]:
    """The tables, without columns, and how many views there are."""
    found: dict[int, TableParts] = {}
    views = 0
    for row in rows_of(database, _TABLES, _TableRow):
        if row.kind not in ("r", "p"):
            views += 1
            continue
        name = row.name if row.default else f"{row.schema}.{row.name}"
        found[row.number] = TableParts(name, comment=row.comment, rows=None if row.rows < 0 else row.rows)
    return found, views


def _read_columns(database: Database, tables: Tables, dialect: Dialect) -> Domains:
    domains: dict[int, list[tuple[int, str]]] = {}
    for row in rows_of(database, _COLUMNS, _ColumnRow):
        if row.table in tables:
            tables[row.table].columns.append(_column(row, dialect))
        if row.domain is not None:
            domains.setdefault(row.domain, []).append((row.table, row.name))
    return domains


def _column(row: _ColumnRow, dialect: Dialect) -> ColumnStructure:
    """A column by PostgreSQL's own name of its type, which loads and casts use as it stands."""
    made = ColumnStructure(
        row.name,
        row.type,
        STRING,
        nullable=not row.required,
        default=None if row.serial or row.generated else row.default,
        identity=row.serial,
        generated=bool(row.generated) or not row.writable,
        array=bool(row.array),
        comment=row.comment,
    )
    if row.values:
        return replace(made, values=tuple(row.values), length=max(map(len, row.values)) or None)
    # A type's name that sqlglot does not know is a type that policies do not know.
    read = dialect.read_type(row.type.removesuffix("[]"))
    return replace(made, data_type=read.data_type, length=read.length or None, fixed=read.fixed, bits=read.bits)


def _read_constraints(database: Database, tables: Tables, domains: Domains) -> None:
    for row in rows_of(database, _CONSTRAINTS, _ConstraintRow):
        if row.kind == "c" and not row.table:
            _read_domain_check(row, tables, domains)
        elif row.table in tables:
            _read_constraint(row, tables[row.table], tables)


def _read_constraint(row: _ConstraintRow, table: TableParts, tables: Tables) -> None:
    if row.kind == "p":
        table.primary_key = tuple(row.columns)
    elif row.kind == "u":
        table.unique_keys.append(UniqueKey(tuple(row.columns), row.name))
    elif row.kind == "f" and row.parent in tables:
        parent = tables[row.parent].name
        table.foreign_keys.append(
            ForeignKeyStructure(tuple(row.columns), parent, tuple(row.references), row.name, row.deferrable)
        )
    elif row.kind == "c":
        table.checks.append(CheckConstraint(row.check, row.name))
    elif row.kind == "x":
        table.unread.append(f"an exclusion constraint: {row.shown}")


def _read_domain_check(row: _ConstraintRow, tables: Tables, domains: Domains) -> None:
    """A domain's check, as one of each column of it."""
    for table, column in domains.get(row.domain, ()):
        sql = re.sub(r"\bVALUE\b", f'"{column}"', row.shown.removeprefix("CHECK ").strip())
        if table in tables:
            tables[table].checks.append(CheckConstraint(sql, f"{row.name} of {column}"))


def _read_indexes(database: Database, tables: Tables, dialect: Dialect) -> None:
    for row in rows_of(database, _INDEXES, _IndexRow):
        table = tables.get(row.table)
        if table is None:
            continue
        columns = index_columns(row.shown, dialect) if row.computed else row.columns
        if columns is None:
            table.unread.append(f"a unique index over an expression: {row.shown}")
        else:
            table.unique_keys.append(UniqueKey(tuple(columns), row.name, row.where))


POSTGRESQL = DIALECTS.add(PostgreSQL("postgres", "PostgreSQL.", "CREATE TABLE a (id bigserial PRIMARY KEY, b jsonb)"))
