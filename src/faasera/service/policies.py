"""Policies by name, every version kept."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select

from faasera.core.errors import did_you_mean, pointer
from faasera.plan.told import policy_digest
from faasera.service.errors import NotFoundError, StaleError
from faasera.service.identity import Identity, Role, checked_name
from faasera.service.pages import Page, moment, named_page, page_of
from faasera.service.store import Store, now
from faasera.service.tables import policies


@dataclass(frozen=True)
class PolicyVersion:
    """One version of a policy.

    Attributes:
        name: unique in its project.
        version: 1, 2, 3, …
        document: the policy.
        digest: of the document.
        created: seconds since 1970.
        author: who put it there.
    """

    name: str
    version: int
    document: dict[str, Any]
    digest: str
    created: float
    author: str

    @property
    def etag(self) -> str:
        """What tells this version from all others of the name."""
        return f'"{self.version}-{self.digest}"'

    def as_dict(self, *, document: bool = True) -> dict[str, Any]:
        """For JSON."""
        head = {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "created": moment(self.created),
            "author": self.author,
        }
        return {**head, "policy": self.document} if document else head


class Policies:
    """The policies of all projects."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def page(self, who: Identity, limit: int, cursor: str | None) -> Page:
        """The latest version of each policy of the project, by name, without the documents."""
        newest = (
            select(policies.c.name, func.max(policies.c.version).label("version"))
            .where(policies.c.project == who.project)
            .group_by(policies.c.name)
            .subquery()
        )
        same = (policies.c.name == newest.c.name) & (policies.c.version == newest.c.version)
        query = select(policies).join(newest, same).where(policies.c.project == who.project).order_by(policies.c.name)
        if cursor is not None:
            query = query.where(policies.c.name > cursor)
        with self.store.reading() as connection:
            found = [_version(row).as_dict(document=False) for row in connection.execute(query.limit(limit + 1))]
        return named_page(found, limit, None)

    def get(self, who: Identity, name: str, version: int | None = None) -> PolicyVersion:
        """One version of a policy; the latest by default.

        Raises:
            NotFoundError: there is none.
        """
        with self.store.reading() as connection:
            row = connection.execute(self._query(who, name, version)).first()
            if row is not None:
                return _version(row)
            versions = select(func.max(policies.c.version)).where(*_named(who, name))
            newest = connection.execute(versions).scalar()
            known = connection.execute(select(policies.c.name).where(policies.c.project == who.project)).scalars().all()
        if newest is not None:
            message = f"the policy '{name}' has no version {version}"
            raise NotFoundError("unknown-version", message, f"Its versions are 1 to {newest}.")
        remedy = did_you_mean(name, known) if known else "Put one: PUT /api/v1/policies/{name}."
        raise NotFoundError("unknown-policy", f"there is no policy {name[:80]!r} in '{who.project}'", remedy)

    def _query(self, who: Identity, name: str, version: int | None) -> Any:
        query = select(policies).where(*_named(who, name))
        if version is not None:
            return query.where(policies.c.version == version)
        return query.order_by(policies.c.version.desc()).limit(1)

    def versions(self, who: Identity, name: str, limit: int, cursor: str | None) -> Page:
        """All versions of a policy, the latest first.

        Raises:
            NotFoundError: there is no such policy.
        """
        self.get(who, name)
        query = select(policies).where(*_named(who, name))
        shown = lambda row: _version(row).as_dict(document=False)  # noqa: E731
        return page_of(self.store, query, policies.c.version, limit, cursor, shown)

    def put(
        self, who: Identity, name: str, document: dict[str, Any], *, match: str | None = None, absent: bool = False
    ) -> tuple[PolicyVersion, bool]:
        """Keep a policy as the next version of its name; one that equals the latest is not kept again.

        Args:
            who: asks.
            name: of the policy.
            document: the policy.
            match: the tag that the latest version must have.
            absent: whether there must be none.

        Returns:
            The version, and whether it is new.

        Raises:
            ForbiddenError: the role is below author.
            StaleError: the latest version is another one.
        """
        who.need(Role.AUTHOR)
        checked_name(name, "a policy")
        digest = policy_digest(document)
        with self.store.begin() as connection:
            if connection.dialect.name == "postgresql":
                key = f"faasera policy {who.project} {name}"
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
            row = connection.execute(self._query(who, name, None)).first()
            latest = _version(row) if row is not None else None
            _check_tag(latest, match, absent)
            if latest is not None and latest.digest == digest:
                return latest, False
            made = PolicyVersion(name, latest.version + 1 if latest else 1, document, digest, now(), who.name)
            connection.execute(
                insert(policies).values(
                    project=who.project,
                    name=name,
                    version=made.version,
                    document=document,
                    digest=digest,
                    created=made.created,
                    author=made.author,
                )
            )
        return made, True

    def delete(self, who: Identity, name: str, match: str | None = None) -> None:
        """Remove a policy with all of its versions.

        Raises:
            ForbiddenError: the role is below author.
            NotFoundError: there is no such policy.
            StaleError: the latest version is another one.
        """
        who.need(Role.AUTHOR)
        _check_tag(self.get(who, name), match, absent=False)
        with self.store.begin() as connection:
            connection.execute(delete(policies).where(*_named(who, name)))

    def diff(self, who: Identity, name: str, before: int, after: int) -> list[dict[str, Any]]:
        """What changed from one version to another.

        Raises:
            NotFoundError: there is no such version.
        """
        return differences(self.get(who, name, before).document, self.get(who, name, after).document)


def _named(who: Identity, name: str) -> tuple[Any, Any]:
    return policies.c.project == who.project, policies.c.name == name


def _version(row: Any) -> PolicyVersion:
    return PolicyVersion(row.name, row.version, row.document, row.digest, row.created, row.author)


def _check_tag(latest: PolicyVersion | None, match: str | None, absent: bool) -> None:
    if absent and latest is not None:
        message = f"there is a policy '{latest.name}', of version {latest.version}"
        raise StaleError("policy-exists", message, "Choose another name, or send If-Match.")
    if match is None:
        return
    tags = [tag.strip().removeprefix("W/") for tag in match.split(",")]
    if latest is None or (latest.etag not in tags and "*" not in tags):
        found = f"version {latest.version}" if latest else "none"
        raise StaleError(
            "policy-changed", f"the latest version is not the one that you saw: {found}", "Get it, and try again."
        )


def differences(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> list[dict[str, Any]]:
    """What leads from one JSON value to another: operations of JSON Patch (RFC 6902) with the values before.

    Elements of lists that are named (tables, keys) are compared by their names.

    >>> [(one["op"], one["path"]) for one in differences({"a": 1, "b": 2}, {"a": 3, "c": 4})]
    [('replace', '/a'), ('remove', '/b'), ('add', '/c')]
    """
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[dict[str, Any]] = []
        for key, old in before.items():
            if key in after:
                found += differences(old, after[key], (*path, key))
            else:
                found.append({"op": "remove", "path": pointer(*path, key), "before": old})
        added = [key for key in after if key not in before]
        return found + [{"op": "add", "path": pointer(*path, key), "value": after[key]} for key in added]
    if isinstance(before, list) and isinstance(after, list):
        named = _by_name(before), _by_name(after)
        if named[0] is not None and named[1] is not None:
            return differences(named[0], named[1], path)
        if len(before) == len(after):
            return [
                one for place in range(len(before)) for one in differences(before[place], after[place], (*path, place))
            ]
    if before == after and type(before) is type(after):
        return []
    return [{"op": "replace", "path": pointer(*path), "before": before, "value": after}]


def _by_name(values: list[Any]) -> dict[str, Any] | None:
    """Named elements by their name; None where some have none, or two the same."""
    found: dict[str, Any] = {}
    for value in values:
        name = next((value[key] for key in ("tableName", "name") if isinstance(value, dict) and key in value), None)
        if not isinstance(name, str) or name in found:
            return None
        found[name] = value
    return found
