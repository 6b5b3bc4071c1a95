"""PostgreSQL's catalogs: tables with all that holds of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from faasera.databases.base import Database
from faasera.databases.structure import (
    EXCLUSION,
    CheckConstraint,
    ColumnStructure,
    ForeignKeyStructure,
    Structure,
    Trigger,
    UniqueKey,
)
from faasera.schema.dialects.indexes import index_column, tells_nulls
from faasera.schema.dialects.partitioned import gather
from faasera.schema.dialects.partitions import Partition
from faasera.schema.dialects.parts import TableParts, by_name, parsed, rows_of
from faasera.schema.dialects.postgresql_types import CatalogType, CatalogTypes
from faasera.schema.dialects.types import Types

_OURS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
_OF_EXTENSION = "d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'"
_TABLES = f"""
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::bigint, obj_description(c.oid, 'pg_class'),
       n.nspname = current_schema(), c.relispartition,
       (SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition),
       pg_get_expr(c.relpartbound, c.oid), CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       EXISTS (SELECT 1 FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid WHERE i.inhparent = c.oid AND NOT k.relispartition
               AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE {_OF_EXTENSION} AND (d.classid, d.objid) = ('pg_namespace'::regclass, k.relnamespace))),
       (SELECT e.extname::text FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE {_OF_EXTENSION}
        AND (d.classid, d.objid) IN (('pg_class'::regclass, c.oid), ('pg_namespace'::regclass, n.oid)) LIMIT 1),
       array_remove(ARRAY[
         CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN 'USAGE' END,
         CASE WHEN NOT has_any_column_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
         CASE WHEN NOT has_any_column_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
         CASE WHEN NOT has_table_privilege(c.oid, 'TRUNCATE') THEN 'TRUNCATE' END], NULL)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS}
ORDER BY n.nspname, c.relname"""
_COLUMNS = f"""
SELECT a.attrelid::bigint, a.attname::text, a.atttypid::bigint, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, col_description(a.attrelid, a.attnum),
       has_column_privilege(a.attrelid, a.attnum, 'INSERT')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {_OURS}
ORDER BY a.attrelid, a.attnum"""
_CONSTRAINTS = """
SELECT k.conrelid::bigint, k.conname::text, k.contype::text,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
       pg_get_expr(k.conbin, k.conrelid), k.confrelid::bigint,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
       k.condeferrable, pg_get_constraintdef(k.oid), k.contypid::bigint, k.coninhcount > 0
FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 ORDER BY k.conrelid, k.conname"""
_INDEXES = """
SELECT i.indrelid::bigint, c.relname::text, pg_get_expr(i.indpred, i.indrelid),
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, place, false) ORDER BY place) FROM generate_series(1, i.indnkeyatts) place),
       pg_get_indexdef(i.indexrelid), coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND NOT i.indisprimary AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'x'))
ORDER BY i.indrelid, c.relname"""
_TRIGGERS = """
SELECT t.tgrelid::bigint, t.tgname::text, t.tgtype::int, t.tgenabled::text, p.proname::text, p.prosrc, encode(t.tgargs, 'escape')
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND coalesce((to_jsonb(t) ->> 'tgparentid')::bigint, 0) = 0 ORDER BY t.tgrelid, t.tgname"""
_EVENTS = ((4, "INSERT"), (16, "UPDATE"), (8, "DELETE"), (32, "TRUNCATE"))
_SETS = re.compile(r'\bNEW\s*\.\s*(?:"([^"]+)"|(\w+))\s*:?=(?!=)', re.I)


class _TableRow(NamedTuple):
    number: int
    schema: str
    name: str
    kind: str
    rows: int
    comment: str | None
    default: bool
    is_partition: bool
    parent: int | None
    bound: str | None
    key: str | None
    inherited: bool
    extension: str | None
    lacking: list[str]

    @property
    def shown(self) -> str:
        """With its schema where that is not the default one."""
        return self.name if self.default else f"{self.schema}.{self.name}"


class _ColumnRow(NamedTuple):
    table: int
    name: str
    kind: int
    type: str
    required: bool
    default: str | None
    identity: str
    generated: str
    comment: str | None
    writable: bool

    @property
    def serial(self) -> bool:
        """Whether the database numbers it."""
        return self.identity in ("a", "d") or "nextval(" in (self.default or "")


class _ConstraintRow(NamedTuple):
    table: int
    name: str
    kind: str
    columns: list[str] | None
    check: str
    parent: int
    references: list[str] | None
    deferrable: bool
    shown: str
    domain: int
    inherited: bool


class _IndexRow(NamedTuple):
    table: int
    name: str
    where: str | None
    parts: list[str]
    shown: str
    nulls_equal: bool


class _TriggerRow(NamedTuple):
    table: int
    name: str
    kind: int
    enabled: str
    function: str
    source: str
    arguments: str

    def trigger(self) -> Trigger:
        """As structures have it."""
        timing = "BEFORE" if self.kind & 2 else "INSTEAD OF" if self.kind & 64 else "AFTER"
        events = tuple(event for bit, event in _EVENTS if self.kind & bit)
        sets = (
            tuple(dict.fromkeys(one or other for one, other in _SETS.findall(self.source)))
            if timing == "BEFORE"
            else ()
        )
        if self.function in ("tsvector_update_trigger", "tsvector_update_trigger_column"):
            sets = tuple(self.arguments.split("\\000")[:1])
        return Trigger(self.name, timing, events, f"{self.function}()", self.enabled, sets)


@dataclass
class _Found:
    """Tables while they are read, by their numbers in the catalog.

    Attributes:
        tables: with those of partitions, which are given to the tables that they are of.
        names: of all tables, those that are reserved among them.
        roots: of partitions, the table that they are of in the end.
        trees: that table with its partitions.
        reserved: tables that are not the application's.
        views: how many.
        domains: the columns of domains: of each, its table's number, and its name.
    """

    tables: dict[int, TableParts] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    roots: dict[int, int] = field(default_factory=dict)
    trees: dict[int, Partition] = field(default_factory=dict)
    reserved: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    views: int = 0
    domains: dict[int, list[tuple[int, str]]] = field(default_factory=dict)


def read_catalog(database: Database, dialect: Types, name: str) -> Structure:
    """All tables of a PostgreSQL database."""
    found = _tables(database)
    _read_columns(database, found, dialect)
    _read_constraints(database, found)
    _read_indexes(database, found, dialect)
    for row in rows_of(database, _TRIGGERS, _TriggerRow):
        if row.table in found.tables:
            found.tables[found.roots.get(row.table, row.table)].triggers.append(row.trigger())
    for number, tree in found.trees.items():
        parts = [found.tables[one] for one, top in found.roots.items() if top == number and one in found.tables]
        gather(found.tables[number], tree, parts, found.tables.values())
    tables = by_name(parts for number, parts in found.tables.items() if number not in found.roots)
    return Structure(str(database.connection), name, tables, found.views, tuple(found.unread), found.reserved)


def _tables(database: Database) -> _Found:
    """The tables, without columns."""
    found = _Found()
    rows = {row.number: row for row in rows_of(database, _TABLES, _TableRow)}
    found.names = {row.number: row.shown for row in rows.values()}
    for row in rows.values():
        if row.extension is not None:
            found.reserved[row.shown] = f"the extension {row.extension}"
        elif row.kind not in ("r", "p"):
            found.views += not row.is_partition
        elif "." in row.name:
            found.unread.append(f'the table "{row.name}" cannot be named: a point stands between a schema and a table')
        else:
            lacking = tuple(row.lacking or ())
            number = None if row.rows < 0 else row.rows
            found.tables[row.number] = TableParts(
                row.shown, comment=row.comment, rows=number, inherited=row.inherited, lacking=lacking
            )
    for row in rows.values():
        if row.key is not None and not row.is_partition and row.number in found.tables:
            found.trees[row.number] = _tree(row, rows, found)
    return found


def _tree(row: _TableRow, rows: Mapping[int, _TableRow], found: _Found) -> Partition:
    """A table with its partitions."""
    strategy, _, key = (row.key or "").partition(" ")
    made = Partition(row.shown, strategy, tuple(_listed(key.strip()[1:-1])) if key else (), row.bound or "")
    for other in rows.values():
        if other.parent == row.number:
            found.roots[other.number] = found.roots.get(row.number, row.number)
            if other.kind in ("r", "p"):
                made.parts.append(_tree(other, rows, found))
    return made


def _listed(text: str) -> Iterator[str]:
    """The parts of a list, without the commas between them that stand in no parentheses."""
    depth, start, quote = 0, 0, ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _read_columns(database: Database, found: _Found, dialect: Types) -> None:
    rows = [row for row in rows_of(database, _COLUMNS, _ColumnRow) if row.table in found.tables]
    types = CatalogTypes(database, dialect, (row.kind for row in rows))
    for row in rows:
        kind = types.of(row.kind, row.type)
        table = found.tables[row.table]
        table.columns.append(_column(row, kind, denied="INSERT" in table.lacking))
        for domain in kind.domains:
            found.domains.setdefault(domain, []).append((row.table, row.name))


def _column(row: _ColumnRow, kind: CatalogType, *, denied: bool) -> ColumnStructure:
    """A column by PostgreSQL's own name of its type, which loads and casts use as it stands."""
    read = kind.read
    default = row.default if row.default is not None else kind.default
    return ColumnStructure(
        row.name,
        kind.name,
        read.data_type,
        read.length or None,
        fixed=read.fixed,
        nullable=not (row.required or kind.required),
        default=None if row.serial or row.generated else default,
        generated=bool(row.generated) or not (row.writable or denied),
        identity=row.serial,
        values=read.values,
        array=read.array,
        unsigned=read.unsigned,
        bits=read.bits,
        comment=row.comment,
        form=read.form,
    )


def _read_constraints(database: Database, found: _Found) -> None:
    for row in rows_of(database, _CONSTRAINTS, _ConstraintRow):
        if row.kind == "c" and not row.table:
            _read_domain_check(row, found)
        elif row.table in found.tables and not (row.table in found.roots and row.inherited):
            _read_constraint(row, found)


def _read_constraint(row: _ConstraintRow, found: _Found) -> None:
    table = found.tables[row.table]
    columns = tuple(row.columns or ())
    if row.kind == "p":
        table.primary_key = columns
    elif row.kind == "f":
        parent = found.names.get(found.roots.get(row.parent, row.parent))
        if parent is not None:
            # Of a partition, its name until it is known what it takes.
            where = found.names[row.parent] if row.parent in found.roots else None
            key = ForeignKeyStructure(columns, parent, tuple(row.references or ()), row.name, row.deferrable, where)
            table.foreign_keys.append(key)
    elif row.kind == "c":
        table.checks.append(CheckConstraint(row.check, row.name))
    elif row.kind == "x":
        table.unread.append(f"{EXCLUSION}: {row.shown}")
        # Rows with null there exclude no others, and nobody knows of other values whether they do.
        free = [one for one in table.columns if one.name in columns and one.nullable and one.form is not None]
        for column in free[:1]:
            table.columns[table.columns.index(column)] = replace(column, data_type=None)


def _read_domain_check(row: _ConstraintRow, found: _Found) -> None:
    """A domain's check, as one of each column of it."""
    for table, column in found.domains.get(row.domain, ()):
        sql = re.sub(r"\bVALUE\b", f'"{column}"', row.shown.removeprefix("CHECK ").strip())
        if table in found.tables:
            found.tables[table].checks.append(CheckConstraint(sql, f"{row.name} of {column}"))


def _read_indexes(database: Database, found: _Found, dialect: Types) -> None:
    """Unique indexes, those of unique constraints among them."""
    for row in rows_of(database, _INDEXES, _IndexRow):
        table = found.tables.get(row.table)
        if table is None:
            continue
        trees = [parsed(part, dialect) for part in row.parts]
        columns = [index_column(tree) if tree is not None else None for tree in trees]
        if None in columns:
            table.unread.append(f"a unique index over an expression: {row.shown}")
            continue
        equal = row.nulls_equal or any(tells_nulls(tree) for tree in trees if tree is not None)
        named = tuple(dict.fromkeys(str(column) for column in columns))
        table.unique_keys.append(UniqueKey(named, row.name, row.where, equal))
