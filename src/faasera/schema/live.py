"""The structure of live databases, from their own catalogs."""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot

from faasera.core.errors import PolicyError, refuse
from faasera.databases.base import Database
from faasera.databases.structure import CheckConstraint, Column, ForeignKey, Structure, Table, UniqueKey
from faasera.schema.ddl import DdlReader, index_columns
from faasera.schema.types import read_type

_POSTGRES_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::bigint, obj_description(c.oid, 'pg_class'),
       n.nspname = current_schema()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname"""
_POSTGRES_COLUMNS = """
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
_POSTGRES_CONSTRAINTS = """
SELECT k.conrelid::bigint, k.conname::text, k.contype::text,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
       pg_get_expr(k.conbin, k.conrelid), k.confrelid::bigint,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
       k.condeferrable, pg_get_constraintdef(k.oid), k.contypid::bigint
FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY k.conrelid, k.conname"""
_POSTGRES_INDEXES = """
SELECT i.indrelid::bigint, c.relname::text, pg_get_expr(i.indpred, i.indrelid), i.indexprs IS NOT NULL,
       (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.place <= i.indnkeyatts),
       pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND NOT i.indisprimary
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, c.relname"""


def read_database(database: Database, names: Sequence[str] | None = None) -> Structure:
    """The tables of a database.

    Args:
        database: an open one.
        names: only these tables; those that do not exist are left out. None for all.
    """
    readers: dict[str, Callable[[Database], Structure]] = {
        "postgres": _postgres,
        "mysql": _mysql,
        "sqlite": _sqlite,
        "duckdb": _duckdb,
    }
    found = readers[database.dialect](database)
    if names is None:
        return found
    return replace(found, tables={name: table for name, table in found.tables.items() if name in names})


def require_tables(structure: Structure) -> Structure:
    """The same structure, if it has a table.

    Raises:
        PolicyError: it has none.
    """
    if not structure.tables:
        views = f", only {structure.views:,} views" if structure.views else ""
        message = f"{structure.source} holds no table{views}"
        remedy = "Name a source with tables" + ("; rows cannot be put into views." if views else ".")
        refuse("no-tables", message, remedy)
    return structure


# PostgreSQL


def _postgres(database: Database) -> Structure:
    found: dict[int, tuple[str, str | None, int | None]] = {}
    views = 0
    for oid, schema, name, kind, rows, comment, default in database.query(_POSTGRES_TABLES):
        if kind not in ("r", "p"):
            views += 1
            continue
        found[oid] = (name if default else f"{schema}.{name}", comment, None if rows < 0 else rows)
    columns: dict[int, list[Column]] = {}
    domains: dict[int, list[tuple[int, str]]] = {}
    unread: dict[int, list[str]] = {}
    for (
        oid,
        name,
        kind,
        required,
        default,
        identity,
        generated,
        values,
        array,
        comment,
        writable,
        domain,
    ) in database.query(_POSTGRES_COLUMNS):
        serial = identity in ("a", "d") or "nextval(" in (default or "")
        made = _postgres_column(name, kind, tuple(values or ()), array=bool(array))
        columns.setdefault(oid, []).append(
            replace(
                made,
                nullable=not required,
                default=None if serial or generated else default,
                identity=serial,
                generated=bool(generated) or not writable,
                comment=comment,
            )
        )
        if domain is not None:
            domains.setdefault(domain, []).append((oid, name))
    constraints: dict[int, dict[str, list[Any]]] = {}
    for oid, name, kind, keys, check, parent, references, deferrable, shown, domain in database.query(
        _POSTGRES_CONSTRAINTS
    ):
        group = constraints.setdefault(oid, {})
        if kind == "p":
            group["primary"] = list(keys)
        elif kind == "u":
            group.setdefault("unique", []).append(UniqueKey(tuple(keys), name))
        elif kind == "f" and parent in found:
            key = ForeignKey(tuple(keys), found[parent][0], tuple(references), name, deferrable)
            group.setdefault("foreign", []).append(key)
        elif kind == "c" and oid:
            group.setdefault("check", []).append(CheckConstraint(check, name))
        elif kind == "c":
            for table, column in domains.get(domain, ()):
                sql = re.sub(r"\bVALUE\b", f'"{column}"', shown.removeprefix("CHECK ").strip())
                constraints.setdefault(table, {}).setdefault("check", []).append(
                    CheckConstraint(sql, f"{name} of {column}")
                )
        elif kind == "x":
            unread.setdefault(oid, []).append(f"an exclusion constraint: {shown}")
    for oid, name, where, computed, keys, shown in database.query(_POSTGRES_INDEXES):
        if computed:
            keys = index_columns(shown, "postgres")
        if keys is None:
            unread.setdefault(oid, []).append(f"a unique index over an expression: {shown}")
        else:
            constraints.setdefault(oid, {}).setdefault("unique", []).append(UniqueKey(tuple(keys), name, where))
    tables = {}
    for oid, (name, comment, rows) in found.items():
        group = constraints.get(oid, {})
        tables[name] = Table(
            name,
            tuple(columns.get(oid, ())),
            tuple(group.get("primary", ())),
            tuple(group.get("unique", ())),
            tuple(group.get("foreign", ())),
            tuple(group.get("check", ())),
            rows,
            comment,
            tuple(unread.get(oid, ())),
        )
    return Structure(str(database.connection), database.dialect, tables, views)


def _postgres_column(name: str, kind: str, values: tuple[str, ...], *, array: bool) -> Column:
    """A column by PostgreSQL's own name of its type, which loads and casts use as it stands."""
    if values:
        read = read_type("TEXT", "")
        length = max(map(len, values))
    else:
        # A field of a type's name that sqlglot does not know is a type that policies do not know.
        read = read_type(kind.removesuffix("[]"), "postgres")
        length = read.length or 0
    return Column(
        name,
        kind,
        read.data_type,
        length or None,
        read.fixed,
        values=values,
        array=array,
        bits=read.bits,
    )


# MySQL and MariaDB


def _mysql(database: Database) -> Structure:
    reader = DdlReader("mysql")
    statistics: dict[str, int] = {}
    views = 0
    names = []
    for name, kind, rows in database.query(
        "SELECT table_name, table_type, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
    ):
        if kind in ("BASE TABLE", "SYSTEM VERSIONED"):
            names.append(name)
            statistics[name] = int(rows or 0)
        else:
            views += 1
    for name in sorted(names):
        text = str(database.query(f"SHOW CREATE TABLE {database.quote(name)}")[0][1])
        # A table that cannot be read is named below.
        with contextlib.suppress(PolicyError):
            reader.read(_readable_mysql(text), name)
    reader.read(";", "")
    tables = {name: replace(table, rows=statistics.get(name)) for name, table in reader.tables.items()}
    lost = [name for name in names if name not in tables]
    unread = (*reader.unread, *(f"the table {name} cannot be read" for name in lost))
    return Structure(str(database.connection), database.dialect, tables, views, unread)


def _readable_mysql(text: str) -> str:
    """A definition without what no parser needs: indexes that are not unique, and partitions."""
    kept = [line for line in text.splitlines() if not re.match(r"\s*(FULLTEXT |SPATIAL )?KEY\s|\s*PERIOD FOR ", line)]
    joined = re.sub(r",(\s*\n\))", r"\1", "\n".join(kept))
    # sqlglot does not know MariaDB's own types of addresses.
    joined = re.sub(r"(?m)^(\s*`[^`]+`) inet[46]\b", r"\1 inet", joined)
    return re.sub(r"(?ms)^\)(.*?)\n? PARTITION BY .*", r")\1", joined)


# SQLite


def _sqlite(database: Database) -> Structure:
    tables: dict[str, Table] = {}
    views = 0
    for name, kind, sql in database.query(
        "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ):
        if kind == "view":
            views += 1
        elif not re.match(r"\s*CREATE\s+VIRTUAL", sql or "", re.I):
            tables[name] = _sqlite_table(database, name, sql or "")
    statistics = _sqlite_statistics(database)
    folded = {name.casefold(): name for name in tables}
    for name, table in tables.items():
        keys = []
        for key in table.foreign_keys:
            parent = tables.get(folded.get(key.table.casefold(), ""))
            references = key.references or (parent.primary_key if parent is not None else ())
            keys.append(replace(key, table=parent.name if parent is not None else key.table, references=references))
        tables[name] = replace(table, foreign_keys=tuple(keys), rows=statistics.get(name))
    return Structure(str(database.connection), database.dialect, tables, views)


def _sqlite_table(database: Database, name: str, sql: str) -> Table:
    shown = database.text(name)
    columns, primary = [], dict[int, str]()
    for row in database.query(f'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo({shown})'):
        column, kind, required, default, key, hidden = row
        if hidden == 1:
            continue
        read = read_type(kind or "", "sqlite") if kind else read_type("TEXT", "sqlite")
        if key:
            primary[key] = column
        columns.append(
            Column(
                column,
                kind,
                read.data_type,
                read.length,
                nullable=not required and not key,
                default=default,
                generated=hidden in (2, 3),
                values=read.values,
            )
        )
    key_columns = tuple(primary[place] for place in sorted(primary))
    if len(key_columns) == 1:
        columns = [
            replace(one, identity=True) if one.name == key_columns[0] and one.type.upper() == "INTEGER" else one
            for one in columns
        ]
    unique, unread = [], []
    for label, origin, partial in database.query(
        f"SELECT name, origin, partial FROM pragma_index_list({shown}) WHERE \"unique\" AND origin <> 'pk' ORDER BY seq DESC"
    ):
        parts = [
            row[0]
            for row in database.query(f"SELECT name FROM pragma_index_info({database.text(label)}) ORDER BY seqno")
        ]
        definition = database.query(
            f"SELECT sql FROM sqlite_master WHERE type = 'index' AND name = {database.text(label)}"
        )
        text = (definition[0][0] if definition else "") or ""
        if None in parts:
            parts = list(index_columns(text, "sqlite") or ())
        if not parts:
            unread.append(f"a unique index over an expression: {text}")
            continue
        where = re.split(r"(?i)\bWHERE\b", text, maxsplit=1)[1].strip() if partial else None
        unique.append(UniqueKey(tuple(parts), label if origin == "c" else "", where))
    foreign: dict[int, list[Any]] = {}
    for number, place, parent, own, other in database.query(
        f'SELECT id, seq, "table", "from", "to" FROM pragma_foreign_key_list({shown}) ORDER BY id, seq'
    ):
        foreign.setdefault(number, []).append((place, parent, own, other))
    keys = [
        ForeignKey(tuple(one[2] for one in rows), rows[0][1], tuple(one[3] for one in rows if one[3] is not None))
        for _, rows in sorted(foreign.items(), reverse=True)
    ]
    return Table(
        name, tuple(columns), key_columns, tuple(unique), tuple(keys), tuple(_checks_in(sql)), None, None, tuple(unread)
    )


def _checks_in(sql: str) -> list[CheckConstraint]:
    """The CHECK constraints of a definition, by its words alone, so that nothing else of it needs to be understood."""
    try:
        tokens = sqlglot.tokenize(sql, read="sqlite")
    except sqlglot.TokenError:
        return []
    found = []
    for place, token in enumerate(tokens[:-1]):
        if token.text.upper() != "CHECK" or tokens[place + 1].text != "(":
            continue
        depth, end = 0, place + 1
        while end < len(tokens):
            depth += {"(": 1, ")": -1}.get(tokens[end].text, 0)
            if not depth:
                break
            end += 1
        named = place >= 2 and tokens[place - 2].text.upper() == "CONSTRAINT"
        text = sql[tokens[place + 1].end + 1 : tokens[min(end, len(tokens) - 1)].start].strip()
        found.append(CheckConstraint(text, tokens[place - 1].text if named else ""))
    return found


def _sqlite_statistics(database: Database) -> Mapping[str, int]:
    """Numbers of rows that ANALYZE left."""
    if not database.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"):
        return {}
    counted: dict[str, int] = {}
    for name, text in database.query("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL"):
        counted[name] = int(str(text).split()[0])
    return counted


# DuckDB


def _duckdb(database: Database) -> Structure:
    reader = DdlReader("duckdb")
    statistics: dict[str, int] = {}
    comments: dict[str, str] = {}
    for schema, table, rows, text, comment in database.query(
        "SELECT schema_name, table_name, estimated_size, sql, comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY table_oid"
    ):
        name = table if schema == "main" else f"{schema}.{table}"
        statistics[name] = rows
        if comment:
            comments[name] = comment
        reader.read(text, f"{database.connection}: {table}")
    for (text,) in database.query(
        "SELECT sql FROM duckdb_indexes() WHERE is_unique AND database_name = current_database() AND sql IS NOT NULL"
    ):
        reader.read(text, str(database.connection))
    enums = {
        str(name): tuple(labels)
        for name, labels in database.query(
            "SELECT type_name, labels FROM duckdb_types() WHERE logical_type = 'ENUM' AND labels IS NOT NULL"
        )
    }
    views = int(database.query("SELECT count(*) FROM duckdb_views() WHERE NOT internal")[0][0])
    tables = {
        name: replace(
            table,
            rows=statistics.get(name),
            comment=comments.get(name),
            columns=tuple(_with_enum(one, enums) for one in table.columns),
        )
        for name, table in reader.tables.items()
    }
    return Structure(str(database.connection), database.dialect, tables, views, tuple(reader.unread))


def _with_enum(column: Column, enums: Mapping[str, tuple[str, ...]]) -> Column:
    values = enums.get(column.type.strip('"'))
    if values is None:
        return column
    return replace(column, data_type=read_type("TEXT", "").data_type, values=values, length=max(map(len, values)))
