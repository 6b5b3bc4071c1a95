"""What a table that refers to itself promises: roots, depth, branching, and never a cycle."""

from collections.abc import Iterator

from faasera.policy.model import ForeignKey, Reference
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import quoted

DEEPEST = 2000


def forest_findings(place: Place, table: CheckedTable, shared: set[str]) -> Iterator[Finding]:
    """All promises of a table's foreign keys to itself.

    Args:
        place: the tables.
        table: one of them.
        shared: columns that several foreign keys have; forests then stand in groups, each with its own roots.
    """
    for key, reference in table.foreign_keys:
        if reference.own_table != table.name or key.acyclic is None or len(key.references) > 1:
            continue
        subject = f"{', '.join(key.columns)} → {table.name}"
        hidden = [one for one in (*key.columns, *reference.columns) if one not in table.columns]
        if hidden:
            yield Finding(table.name, "forest", subject, SKIPPED, f"{hidden[0]} is hidden")
        else:
            yield from _forest(place, table, key, reference, subject, grouped=bool(shared & set(key.columns)))


def _forest(
    place: Place, table: CheckedTable, key: ForeignKey, reference: Reference, subject: str, *, grouped: bool
) -> Iterator[Finding]:
    to_itself = key.never_null or bool(set(key.columns) & table.keys.never_null)
    roots, reached, depth = _walk(place, table, key, reference, own=to_itself)
    rows, shape = table.rows, key.acyclic
    assert shape is not None
    if depth == DEEPEST:
        yield Finding(table.name, "no cycle", subject, SKIPPED, f"more than {DEEPEST:,} levels, each a query")
        return
    detail = "" if reached == rows else f"{rows - reached:,} of {rows:,} rows are under no root: they are in a cycle"
    yield Finding(table.name, "no cycle", subject, FAILED if detail else PASSED, detail, max(rows - reached, 0))
    wanted = shape.roots if shape.roots is not None else max(1, round(rows * float(key.null_fraction)))
    if to_itself and shape.roots is None and (key.unique or table.keys.within(key.columns)):
        wanted = rows  # A root is its own only child.
    if not grouped and not place.appended and reference.when is None:
        detail = "" if roots == min(wanted, rows) else f"{roots:,} roots instead of {min(wanted, rows):,}"
        yield Finding(table.name, "roots", subject, FAILED if detail else PASSED, detail)
    if shape.max_depth is not None:
        detail = "" if depth <= shape.max_depth else f"depth {depth}, at most {shape.max_depth} allowed"
        yield Finding(table.name, "depth", subject, FAILED if detail else PASSED, detail)
    if shape.branching is not None:
        own = ", ".join(map(quoted, key.columns))
        not_itself = " OR ".join(
            f"{quoted(one)} IS DISTINCT FROM {quoted(other)}"
            for one, other in zip(key.columns, reference.columns, strict=True)
        )
        filled = " AND ".join(f"{quoted(one)} IS NOT NULL" for one in key.columns)
        most = place.one(
            f"SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM {quoted(table.name)} "
            f"WHERE ({not_itself}) AND {filled} GROUP BY {own})"
        )[0]
        detail = "" if most <= shape.branching.max else f"a row has {most:,} children, at most {shape.branching.max:,}"
        yield Finding(table.name, "branching", subject, FAILED if detail else PASSED, detail)


def _walk(
    place: Place, table: CheckedTable, key: ForeignKey, reference: Reference, *, own: bool
) -> tuple[int, int, int]:
    """The numbers of roots and of rows that they lead down to, and how many steps the deepest is away.

    A root refers to nothing, or where it cannot (``own``) to itself; either, where a reference applies to some rows.
    """
    pairs = list(zip(key.columns, reference.columns, strict=True))
    itself = " AND ".join(f"{quoted(one)} IS NOT DISTINCT FROM {quoted(other)}" for one, other in pairs)
    empty = " OR ".join(f"{quoted(one)} IS NULL" for one, _ in pairs)
    nowhere = itself if own else empty
    if reference.when is not None:
        nowhere = f"{itself} OR {empty}"
    keys = ", ".join(quoted(other) for _, other in pairs)
    place.keep("level0", f"SELECT {keys} FROM {quoted(table.name)} WHERE {nowhere}")
    roots = reached = int(place.one("SELECT count(*) FROM level0")[0])
    size, depth = roots, 0
    joined = " AND ".join(f"c.{quoted(one)} = l.{quoted(other)}" for one, other in pairs)
    not_root = " OR ".join(f"c.{quoted(one)} IS DISTINCT FROM c.{quoted(other)}" for one, other in pairs)
    below = ", ".join(f"c.{quoted(other)}" for _, other in pairs)
    while size and reached < table.rows and depth < DEEPEST:
        level, lower = f"level{depth % 2}", f"level{1 - depth % 2}"
        made = f"SELECT {below} FROM {quoted(table.name)} c JOIN {level} l ON {joined} WHERE {not_root}"
        place.keep(lower, made)
        size = int(place.one(f"SELECT count(*) FROM {lower}")[0])
        reached += size
        depth += size > 0
    return roots, reached, depth
