"""What keys promise, as queries for the rows that break them."""

from collections.abc import Iterator
from dataclasses import dataclass

from faasera.policy.keys import UNIQUE, Key
from faasera.policy.model import ForeignKey, Reference
from faasera.run.check import sql
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import NotCheckableError, quoted
from faasera.run.check.view import source_of


@dataclass(frozen=True)
class Query:
    """A promise about rows together.

    Attributes:
        kind: of promise.
        subject: the columns.
        offending: selects what breaks it.
        reason: why the promise cannot be looked at, instead of a query.
    """

    kind: str
    subject: str
    offending: str
    reason: str = ""


def key_queries(place: Place, table: CheckedTable) -> Iterator[Query]:
    """All promises of a table's keys."""
    seen: set[tuple[str, ...]] = set()
    for one in table.keys.declared:
        if tuple(sorted(one.columns)) not in seen:
            seen.add(tuple(sorted(one.columns)))
            yield _unique(table, one)
    for column in dict.fromkeys(column for one in table.keys.declared if one.kind != UNIQUE for column in one.columns):
        if column in table.columns:
            yield Query("never null", column, f"SELECT * FROM {quoted(table.name)} WHERE {quoted(column)} IS NULL")
    for key, reference in table.foreign_keys:
        subject = f"{', '.join(key.columns)} → {reference.parent}"
        try:
            yield Query("foreign key", subject, _orphans(place, table, key, reference))
            if key.children_per_parent is not None:
                yield Query("cardinality", subject, _cardinality(place, table, key, reference))
        except NotCheckableError as error:
            yield Query("foreign key", subject, "", str(error))


def _unique(table: CheckedTable, key: Key) -> Query:
    hidden = [column for column in key.columns if column not in table.columns]
    subject = ", ".join(key.columns)
    if hidden:
        return Query(key.kind, subject, "", f"{hidden[0]} is hidden")
    listed = ", ".join(map(quoted, key.columns))
    filled = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in key.columns)
    grouped = f"SELECT {listed}, count(*) AS rows FROM {quoted(table.name)} WHERE {filled} GROUP BY {listed}"
    return Query(key.kind, subject, f"{grouped} HAVING count(*) > 1")


def _columns(table: CheckedTable, columns: list[str]) -> list[str]:
    for column in columns:
        if column not in table.columns:
            raise NotCheckableError(f"{column} is hidden")
    return [quoted("c", column) for column in columns]


def _parent_columns(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference) -> list[str]:
    parent = place.tables.get(reference.own_table) if reference.own_table else None
    found = []
    for own, other in zip(key.columns, reference.columns, strict=True):
        if parent is not None and other not in parent.columns:
            raise NotCheckableError(f"{reference.table}.{other} is hidden")
        kind = sql_type(table.columns[own])
        found.append(quoted("p", other) if parent is not None else f"CAST({quoted('p', other)} AS {kind})")
    return found


def _applies(key: ForeignKey, reference: Reference) -> list[str]:
    """With which values of other columns a row refers to one of several parents."""
    several = reference.cases if len(key.references) > 1 else {}
    return [sql.among(quoted("c", column), values) for column, values in several.items()]


def _orphans(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference) -> str:
    """Rows whose reference is complete and leads nowhere."""
    own = _columns(table, key.columns)
    source = source_of(place, reference)
    pairs = zip(own, _parent_columns(place, table, key, reference), strict=True)
    conditions = [*(f"{column} IS NOT NULL" for column in own), *_applies(key, reference)]
    joined = " AND ".join(f"{one} = {other}" for one, other in pairs)
    return f"SELECT c.* FROM {quoted(table.name)} c ANTI JOIN {source} p ON {joined} WHERE {' AND '.join(conditions)}"


def _cardinality(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference) -> str:
    """Parents with fewer or more children than promised."""
    assert key.children_per_parent is not None
    own = ", ".join(_columns(table, key.columns))
    counted = f"SELECT {own}, count(*) AS children FROM {quoted(table.name)} c GROUP BY {own}"
    parents = _parent_columns(place, table, key, reference)
    pairs = " AND ".join(f"c.{quoted(one)} = {other}" for one, other in zip(key.columns, parents, strict=True))
    low, high = key.children_per_parent.min, key.children_per_parent.max
    return (
        f"SELECT {', '.join(parents)}, coalesce(c.children, 0) AS children FROM {source_of(place, reference)} p "
        f"LEFT JOIN ({counted}) c ON {pairs} WHERE coalesce(c.children, 0) NOT BETWEEN {low} AND {high}"
    )
