"""The catalogs of MariaDB and MySQL: tables with all that holds of them."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from faasera.core.errors import RunError
from faasera.core.types import JSON
from faasera.databases.base import Database
from faasera.databases.structure import (
    CheckConstraint,
    ColumnStructure,
    ForeignKeyStructure,
    Structure,
    Trigger,
    UniqueKey,
)
from faasera.schema.dialects.indexes import index_column, tells_nulls
from faasera.schema.dialects.partitions import Among, Between, Limit, limits_of, of_column, values_of
from faasera.schema.dialects.parts import TableParts, by_name, parsed, rows_of
from faasera.schema.dialects.scripts.finishing import JSON_CHECK
from faasera.schema.dialects.scripts.reader import short
from faasera.schema.dialects.types import Types

_HERE = "table_schema = DATABASE()"
_TABLES = f"SELECT table_name, table_type, table_rows, table_comment FROM information_schema.tables WHERE {_HERE}"
_COLUMNS = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, column_comment "
    f"FROM information_schema.columns WHERE {_HERE} ORDER BY table_name, ordinal_position"
)
_INDEXES = (
    "SELECT table_name, index_name, column_name, {expression} FROM information_schema.statistics "
    f"WHERE {_HERE} AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index"
)
_REFERENCES = (
    "SELECT table_name, constraint_name, column_name, "
    "IF(referenced_table_schema = DATABASE(), referenced_table_name, CONCAT(referenced_table_schema, '.', referenced_table_name)), "
    f"referenced_column_name FROM information_schema.key_column_usage WHERE {_HERE} AND referenced_table_name IS NOT NULL "
    "ORDER BY table_name, constraint_name, ordinal_position"
)
_CHECKS = (
    "SELECT table_name, IF(level = 'Column', '', constraint_name), check_clause FROM information_schema.check_constraints "
    "WHERE constraint_schema = DATABASE()"
)
_CHECKS_OF_MYSQL = (
    "SELECT t.table_name, t.constraint_name, c.check_clause FROM information_schema.check_constraints c "
    "JOIN information_schema.table_constraints t ON (t.constraint_schema, t.constraint_name) = (c.constraint_schema, c.constraint_name) "
    "WHERE t.table_schema = DATABASE() AND t.constraint_type = 'CHECK'"
)
_TRIGGERS = (
    "SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement "
    "FROM information_schema.triggers WHERE event_object_schema = DATABASE() ORDER BY event_object_table, action_order"
)
_PARTITIONS = (
    "SELECT table_name, partition_name, partition_method, partition_expression, partition_description FROM information_schema.partitions "
    f"WHERE {_HERE} AND partition_name IS NOT NULL AND coalesce(subpartition_ordinal_position, 1) = 1 "
    "ORDER BY table_name, partition_ordinal_position"
)
_VERSIONED = "SYSTEM VERSIONED"
_TABLE_KINDS = ("BASE TABLE", _VERSIONED)
_COMPUTED = re.compile(r"\b(VIRTUAL|STORED|PERSISTENT) GENERATED", re.I)
_SETS = re.compile(r"\bNEW\s*\.\s*`?(\w+)`?\s*:?=", re.I)


class _TableRow(NamedTuple):
    name: str
    kind: str
    rows: int | None
    comment: str | None


class _ColumnRow(NamedTuple):
    table: str
    name: str
    type: str
    nullable: str
    default: str | None
    extra: str
    comment: str | None


class _IndexRow(NamedTuple):
    table: str
    name: str
    column: str | None
    expression: str | None


class _ReferenceRow(NamedTuple):
    table: str
    name: str
    column: str
    parent: str
    other: str


class _CheckRow(NamedTuple):
    table: str
    name: str
    clause: str


class _TriggerRow(NamedTuple):
    table: str
    name: str
    timing: str
    event: str
    action: str

    def trigger(self) -> Trigger:
        """As structures have it."""
        sets = tuple(dict.fromkeys(_SETS.findall(self.action))) if self.timing == "BEFORE" else ()
        return Trigger(self.name, self.timing, (self.event,), short(self.action), sets=sets)


class _PartitionRow(NamedTuple):
    table: str
    name: str
    method: str
    expression: str | None
    description: str | None


def read_catalog(database: Database, dialect: Types, name: str) -> Structure:
    """All tables of a MariaDB or MySQL database."""
    rows = list(rows_of(database, _TABLES, _TableRow))
    tables = {
        row.name: TableParts(row.name, rows=int(row.rows or 0), comment=row.comment or None)
        for row in rows
        if row.kind in _TABLE_KINDS
    }
    for column in rows_of(database, _COLUMNS, _ColumnRow):
        if column.table in tables:
            tables[column.table].columns.append(_column(column, dialect))
    versioned = {row.name for row in rows if row.kind == _VERSIONED}
    _read_indexes(database, tables, versioned, dialect)
    _read_references(database, tables)
    for check in _checks(database):
        if check.table in tables:
            _read_check(check, tables[check.table])
    for trigger in rows_of(database, _TRIGGERS, _TriggerRow):
        if trigger.table in tables:
            tables[trigger.table].triggers.append(trigger.trigger())
    for owner, group in groupby(rows_of(database, _PARTITIONS, _PartitionRow), key=lambda row: row.table):
        if owner in tables:
            tables[owner].checks += _places(list(group))
    return Structure(str(database.connection), name, by_name(tables.values()), len(rows) - len(tables))


def _column(row: _ColumnRow, dialect: Types) -> ColumnStructure:
    read = dialect.read_type(row.type)
    default = None if row.default is None or str(row.default).upper() == "NULL" else str(row.default)
    return ColumnStructure(
        row.name,
        row.type,
        read.data_type,
        read.length,
        read.fixed,
        nullable=row.nullable == "YES",
        default=default,
        generated=_COMPUTED.search(row.extra or "") is not None,
        identity="auto_increment" in (row.extra or "").lower(),
        values=read.values,
        unsigned=read.unsigned,
        bits=read.bits,
        comment=row.comment or None,
        form=read.form,
    )


def _read_indexes(database: Database, tables: dict[str, TableParts], versioned: set[str], dialect: Types) -> None:
    try:
        rows = list(rows_of(database, _INDEXES.format(expression="expression"), _IndexRow))
    except RunError:
        # Only MySQL has indexes over expressions.
        rows = list(rows_of(database, _INDEXES.format(expression="NULL"), _IndexRow))
    for (owner, name), group in groupby(rows, key=lambda row: (row.table, row.name)):
        if owner not in tables:
            continue
        table, found = tables[owner], list(group)
        if owner in versioned:
            # MariaDB adds the end of a row's time to each key.
            own = {one.name for one in table.columns if not one.generated}
            found = [one for one in found if one.column is None or one.column in own]
        trees = [parsed(str(one.expression), dialect) if one.column is None else None for one in found]
        columns = [one.column or (tree and index_column(tree)) for one, tree in zip(found, trees, strict=True)]
        if None in columns:
            shown = ", ".join(str(one.column or one.expression) for one in found)
            table.unread.append(f"a unique index over an expression: {name} ({shown})")
        elif name == "PRIMARY":
            table.primary_key = tuple(map(str, columns))
        else:
            equal = any(tells_nulls(tree) for tree in trees if tree is not None)
            table.unique_keys.append(UniqueKey(tuple(dict.fromkeys(map(str, columns))), name, nulls_equal=equal))


def _read_references(database: Database, tables: dict[str, TableParts]) -> None:
    rows = rows_of(database, _REFERENCES, _ReferenceRow)
    for (owner, name), group in groupby(rows, key=lambda row: (row.table, row.name)):
        found = list(group)
        columns, others = tuple(one.column for one in found), tuple(one.other for one in found)
        if owner in tables:
            tables[owner].foreign_keys.append(ForeignKeyStructure(columns, found[0].parent, others, name))


def _checks(database: Database) -> Iterator[_CheckRow]:
    with contextlib.suppress(RunError):
        yield from rows_of(database, _CHECKS, _CheckRow)
        return
    # MySQL tells tables elsewhere, and none of checks before version 8.
    with contextlib.suppress(RunError):
        for row in rows_of(database, _CHECKS_OF_MYSQL, _CheckRow):
            yield row._replace(clause=re.sub(r"_utf8mb\d(?=')", "", row.clause.replace("\\'", "'")))


def _read_check(row: _CheckRow, table: TableParts) -> None:
    json = JSON_CHECK.match(row.clause)
    if json is None:
        table.checks.append(CheckConstraint(row.clause, row.name))
        return
    table.columns = [
        replace(one, data_type=JSON, type="JSON", length=None) if one.name == json[1] else one for one in table.columns
    ]


def _places(rows: list[_PartitionRow]) -> Iterator[CheckConstraint]:
    """What lets every row find a partition."""
    method, expression = rows[0].method.upper(), rows[0].expression or ""
    descriptions = [row.description or "" for row in rows]
    keys = tuple(one.strip() for one in expression.split(",")) if "COLUMNS" in method else (expression.strip(),)
    found: dict[str, Limit] = {}
    if method.startswith("RANGE"):
        last = values_of(descriptions[-1])
        found = limits_of(keys, ["MINVALUE"] * len(last), last) or {}
    elif method.startswith("LIST") and "DEFAULT" not in (one.upper() for one in descriptions) and len(keys) == 1:
        found = {keys[0]: Among(tuple(value for one in descriptions for value in values_of(one)))}
    for key, limit in found.items():
        # Rows with null are in the first partition.
        given = replace(limit, nulls=True) if isinstance(limit, Between) else limit
        name, made = of_column(key, given)
        if not isinstance(made, Between) or made.high is not None:
            yield CheckConstraint(made.says(name), f"partitions by {key.replace('`', '')}")
