"""Who did what: a line for each call that changes something, and for each that was refused."""

from typing import Any

from sqlalchemy import insert, select

from faasera.service.identity import Identity, Role
from faasera.service.pages import Page, moment, page_of
from faasera.service.store import Store, now
from faasera.service.tables import audit


class AuditLog:
    """Writes and reads the log."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def note(self, who: Identity, action: str, subject: str, outcome: str = "done") -> None:
        """Add a line."""
        with self.store.begin() as connection:
            connection.execute(
                insert(audit).values(
                    time=now(),
                    project=who.project,
                    key=who.id,
                    name=who.name[:200],
                    action=action,
                    subject=subject[:300],
                    outcome=outcome,
                )
            )

    def page(self, who: Identity, limit: int, cursor: str | None) -> Page:
        """The latest lines of the project first.

        Raises:
            ForbiddenError: the role is below admin.
        """
        who.need(Role.ADMIN)
        query = select(audit).where(audit.c.project == who.project)
        return page_of(self.store, query, audit.c.number, limit, cursor, _shown)


def _shown(row: Any) -> dict[str, Any]:
    names = ("project", "key", "name", "action", "subject", "outcome")
    return {"time": moment(row.time), **{name: getattr(row, name) for name in names}}
