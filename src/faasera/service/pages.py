"""Long lists in pages, and moments as text."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select

from faasera.service.errors import ServiceError
from faasera.service.store import Store


@dataclass(frozen=True)
class Page:
    """Some entries of a list.

    Attributes:
        items: in order.
        next: the cursor of the next page; None where this is the last.
    """

    items: Sequence[dict[str, Any]]
    next: str | None


def page_of(
    store: Store,
    query: Select[Any],
    number: ColumnElement[int],
    limit: int,
    cursor: str | None,
    shown: Callable[[Any], dict[str, Any]],
) -> Page:
    """The page behind a cursor, the highest numbers first.

    Raises:
        ServiceError: the cursor is none.
    """
    if cursor is not None:
        query = query.where(number < _number(cursor))
    with store.reading() as connection:
        rows = connection.execute(query.order_by(number.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page([shown(row) for row in rows], str(getattr(rows[-1], _name(number))) if more else None)


def named_page(items: Sequence[dict[str, Any]], limit: int, cursor: str | None) -> Page:
    """The page behind a cursor of a list that is sorted by name."""
    found = [item for item in items if cursor is None or item["name"] > cursor]
    return Page(found[:limit], found[limit - 1]["name"] if len(found) > limit else None)


def _name(number: ColumnElement[int]) -> str:
    return str(getattr(number, "name", "number"))


def _number(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise ServiceError("bad-cursor", f"{cursor[:40]!r} is no cursor", "Use the 'next' of the page before.")
    return int(cursor)


def moment(seconds: float | None) -> str | None:
    """Seconds since 1970 after ISO 8601."""
    if seconds is None:
        return None
    return (
        datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
