"""Partitions belong to the table that they are of: what holds of them, as what holds of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from faasera.databases.structure import CheckConstraint, UniqueKey
from faasera.schema.dialects.partitions import Partition, Region, of_column, regions
from faasera.schema.dialects.parts import TableParts


def gather(root: TableParts, tree: Partition, parts: Iterable[TableParts], others: Iterable[TableParts]) -> None:
    """Give a table what only holds of partitions of it, and where its rows can be.

    Args:
        root: the table.
        tree: with its partitions.
        parts: the partitions.
        others: all tables, whose references to a partition (its name is in their ``where``) get the rows that it takes.
    """
    parts, others = list(parts), list(others)
    if root.rows is None and parts and all(one.rows is not None for one in parts):
        leaves = set(tree.leaves())
        root.rows = sum(one.rows or 0 for one in parts if one.name in leaves)
    places = {one.name: _says(root, regions(tree, frozenset(one.leaves()))) for one in tree.walk()}
    required = {column.name for one in parts for column in one.columns if not column.nullable}
    root.columns = [replace(one, nullable=one.nullable and one.name not in required) for one in root.columns]
    for one in parts:
        _add_own(root, one, places.get(one.name))
    only = _wanted(root, tree, {one.name for one in parts}, others)
    _add_place(root, tree, only)
    for other in others:
        other.foreign_keys = [
            replace(key, where=None if only else places[key.where])
            if key.where in places and key.table == root.name
            else key
            for key in other.foreign_keys
        ]


def _says(root: TableParts, found: list[Region]) -> str | None:
    """The rows of some partitions, as a condition."""
    return " AND ".join(sql for _, sql in _conditions(root, found[0])) if found else None


def _conditions(root: TableParts, region: Region) -> Iterator[tuple[str, str]]:
    """What holds of the rows of a region: of each key, the condition in SQL."""
    numbers = {column.name for column in root.columns if column.data_type is not None and column.data_type.is_number}
    for key, limit in region.limits.items():
        name, made = of_column(key, limit)
        sql = made.says(name)
        if name.strip('"') in numbers:
            sql = re.sub(r"'(-?[\d.]+)'", r"\1", sql)
        # Sessions read in UTC.
        yield key, re.sub(r"(\d\d:\d\d:\d\d(?:\.\d+)?)\+00'", r"\1'", sql)


def _add_own(root: TableParts, part: TableParts, place: str | None) -> None:
    """What holds of a partition alone."""
    root.unread += part.unread
    known = {key.columns for key in root.foreign_keys}
    root.foreign_keys += [key for key in part.foreign_keys if key.columns not in known]
    known_keys = {(key.columns, key.where) for key in root.unique_keys}
    for key in [*part.unique_keys, *([UniqueKey(part.primary_key)] if part.primary_key else [])]:
        if (key.columns, key.where) not in known_keys and key.columns != root.primary_key:
            where = " AND ".join(f"({one})" for one in (key.where, place) if one)
            root.unique_keys.append(replace(key, where=where or None))
    inherited = {check.sql for check in root.checks}
    for check in part.checks:
        if check.sql not in inherited:
            sql = f"(NOT ({place})) OR ({check.sql})" if place else check.sql
            root.checks.append(CheckConstraint(sql, f"{check.name} of {part.name}"))


def _wanted(root: TableParts, tree: Partition, names: set[str], others: Iterable[TableParts]) -> frozenset[str] | None:
    """The leaves that all rows are put into, as a key refers to nothing else of the table; None for any."""
    asked = {key.where for one in others for key in one.foreign_keys if key.where in names}
    if len(asked) != 1 or any(key.where in names for key in root.foreign_keys):
        return None
    return frozenset(next(one for one in tree.walk() if one.name in asked).leaves())


def _add_place(root: TableParts, tree: Partition, within: frozenset[str] | None) -> None:
    """What lets every row find a partition."""
    if not tree.parts:
        root.unread.append(f"no partition that takes a row: {tree.strategy} ({', '.join(tree.keys)})")
        return
    found = regions(tree, within)
    if not found:
        root.unread.append(f"partitions whose rows nobody can tell: {tree.strategy} ({', '.join(tree.keys)})")
        return
    if len(found[0].leaves) < len(tree.leaves()):
        root.remarks.append(f"all rows are put into {', '.join(found[0].leaves)}, of {len(tree.leaves()):,} partitions")
    for key, sql in _conditions(root, found[0]):
        root.checks.append(CheckConstraint(sql, f"partitions by {key}"))
