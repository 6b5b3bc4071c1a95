"""Tables that are cut into parts: how scripts say it."""

from faasera.schema.dialects.partitions import Partition
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError


def key_of(cursor: Cursor) -> tuple[str, tuple[str, ...]]:
    """``LIST (kind)`` behind PARTITION BY: the strategy, and what decides."""
    cursor.take("LINEAR")
    kind = cursor.next().upper
    cursor.take("COLUMNS")
    return kind, tuple(part.all() for part in cursor.group().parts()) if cursor.at("(") else ()


def bound_of(cursor: Cursor) -> str:
    """What a part takes, from ``FOR VALUES`` or ``DEFAULT`` on.

    Raises:
        UnreadError: it says neither.
    """
    if cursor.take("DEFAULT"):
        return "DEFAULT"
    if not cursor.take("FOR", "VALUES"):
        raise UnreadError
    if cursor.take("IN"):
        return f"FOR VALUES IN ({_listed(cursor.group())})"
    if cursor.take("FROM"):
        low = _listed(cursor.group())
        cursor.take("TO")
        return f"FOR VALUES FROM ({low}) TO ({_listed(cursor.group())})"
    if cursor.take("WITH"):
        return f"FOR VALUES WITH ({cursor.group().all().lower()})"
    raise UnreadError


def _listed(group: Cursor) -> str:
    """Values as a catalogue writes them: the words for no end in capitals, and no casts."""
    return ", ".join(_value(part) for part in group.parts())


def _value(part: Cursor) -> str:
    word = part.peek().upper
    if word in ("MINVALUE", "MAXVALUE", "NULL"):
        return word
    return " ".join(part.until("::").split())


def parts_of(cursor: Cursor, table: str, key: tuple[str, tuple[str, ...]]) -> Partition | None:
    """The parts that MySQL lists behind the key, as a table of parts; None where any row has its place."""
    strategy, keys = key
    cursor.until("(")
    if not cursor.at("(") or strategy not in ("RANGE", "LIST"):
        return None
    made = Partition(table, strategy, keys)
    before = ", ".join("MINVALUE" for _ in keys)
    for part in cursor.group().parts():
        part.until("VALUES")
        bound = ""
        if part.take("VALUES", "LESS", "THAN"):
            upper = part.group().all() if part.at("(") else part.next().value
            bound = f"FOR VALUES FROM ({before}) TO ({upper})"
            before = upper
        elif part.take("VALUES", "IN"):
            bound = f"FOR VALUES IN ({part.group().all()})"
        if bound:
            made.parts.append(Partition(f"{table} {len(made.parts)}", bound=bound))
    endless = strategy == "RANGE" and len(keys) == 1 and before.upper() == "MAXVALUE"
    return made if made.parts and not endless else None
