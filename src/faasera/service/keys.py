"""Keys: made, found, revoked. Only hashes are kept."""

import time
from typing import Any

from sqlalchemy import func, insert, select, update

from faasera.service.errors import ConflictError, NotFoundError, UnauthorizedError
from faasera.service.identity import Identity, Role, checked_name, new_key, same, split_key
from faasera.service.pages import Page, moment, page_of
from faasera.service.store import Store, now
from faasera.service.tables import keys

_KNOWN_SECONDS, _MOST_KNOWN = 1.0, 10_000


class AccessKeys:
    """The keys of a service."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, tuple[float, Any]] = {}

    def first(self) -> str | None:
        """An admin's key of the project ``default`` if there is no key at all yet; its text is shown once."""
        identifier, text, hashed = new_key()
        with self.store.begin() as connection:
            if connection.execute(select(keys.c.id).limit(1)).first() is not None:
                return None
            connection.execute(
                insert(keys).values(
                    id=identifier, name="admin", project="default", role=int(Role.ADMIN), hash=hashed, created=now()
                )
            )
        return text

    def create(self, who: Identity, name: str, role: Role, project: str) -> tuple[dict[str, Any], str]:
        """A new key, and its text, which nobody can get again.

        Raises:
            ForbiddenError: the role is below admin.
            ConflictError: the project has a key of that name.
        """
        who.need(Role.ADMIN)
        checked_name(name, "a key", "/name")
        checked_name(project, "a project", "/project")
        identifier, text, hashed = new_key()
        with self.store.begin() as connection:
            taken = select(keys.c.id).where(keys.c.project == project, keys.c.name == name, keys.c.revoked.is_(None))
            if connection.execute(taken).first() is not None:
                message = f"the project '{project}' has a key '{name}'"
                raise ConflictError("name-taken", message, "Choose another name, or revoke that key.", "/name")
            connection.execute(
                insert(keys).values(
                    id=identifier, name=name, project=project, role=int(role), hash=hashed, created=now()
                )
            )
            row = connection.execute(select(keys).where(keys.c.id == identifier)).one()
        return _shown(row), text

    def identify(self, text: str, project: str | None = None) -> Identity:
        """Who holds a key; an admin may look at another project.

        Raises:
            UnauthorizedError: the key is unknown or revoked.
        """
        parts = split_key(text)
        if parts is not None:
            row = self._row(parts[0])
            if row is not None and same(parts[1], row.hash) and row.revoked is None:
                found = Identity(row.id, row.name, Role(row.role), row.project)
                return in_project(found, project)
        raise UnauthorizedError("bad-key", "the key is unknown or revoked", "Ask an admin for a key.")

    def _row(self, identifier: str) -> Any:
        """What is kept of a key; of another server's changes it knows within a second."""
        known = self._known.get(identifier)
        if known is not None and time.monotonic() - known[0] < _KNOWN_SECONDS:
            return known[1]
        with self.store.reading() as connection:
            row = connection.execute(select(keys).where(keys.c.id == identifier)).first()
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        if row is not None:
            self._known[identifier] = (time.monotonic(), row)
        return row

    def by_id(self, identifier: str, project: str | None = None) -> Identity:
        """Who holds the key of an identifier, for those whose key was checked before.

        Raises:
            UnauthorizedError: it is revoked.
        """
        row = self._row(identifier)
        if row is None or row.revoked is not None:
            raise UnauthorizedError("bad-key", "the key is revoked", "Ask an admin for a key.")
        return in_project(Identity(row.id, row.name, Role(row.role), row.project), project)

    def page(self, who: Identity, limit: int, cursor: str | None) -> Page:
        """All keys, without their secrets.

        Raises:
            ForbiddenError: the role is below admin.
        """
        who.need(Role.ADMIN)
        number = func.row_number().over(order_by=(keys.c.created, keys.c.id)).label("number")
        listed = select(keys, number).subquery()
        return page_of(self.store, select(listed), listed.c.number, limit, cursor, _shown)

    def revoke(self, who: Identity, identifier: str) -> dict[str, Any]:
        """Take a key back, for good.

        Raises:
            ForbiddenError: the role is below admin.
            NotFoundError: there is no such key.
        """
        who.need(Role.ADMIN)
        with self.store.begin() as connection:
            row = connection.execute(select(keys).where(keys.c.id == identifier)).first()
            if row is None:
                message = f"there is no key {identifier[:40]!r}"
                raise NotFoundError("unknown-key-id", message, "List them: GET /api/v1/keys.")
            if row.revoked is None:
                connection.execute(update(keys).where(keys.c.id == identifier).values(revoked=now()))
            row = connection.execute(select(keys).where(keys.c.id == identifier)).one()
        self._known.pop(identifier, None)
        return _shown(row)


def in_project(found: Identity, project: str | None) -> Identity:
    """The same person in another project, which admins may look at."""
    if project is None or project == found.project:
        return found
    found.need(Role.ADMIN)
    return Identity(found.id, found.name, found.role, checked_name(project, "a project"))


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "project": row.project,
        "role": Role(row.role).label,
        "created": moment(row.created),
        "revoked": moment(row.revoked),
    }
