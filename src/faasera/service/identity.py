"""Who asks, and what that allows."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import IntEnum

from faasera.core.errors import did_you_mean
from faasera.service.errors import ForbiddenError, ServiceError

PREFIX = "fsk"
_KEY = re.compile(rf"^{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")


class Role(IntEnum):
    """What somebody may do; each role may do what those before it may."""

    VIEWER = 1
    AUTHOR = 2
    OPERATOR = 3
    ADMIN = 4

    @classmethod
    def named(cls, text: str) -> "Role":
        """The role of a name.

        Raises:
            ServiceError: there is none.
        """
        try:
            return cls[text.upper()]
        except KeyError:
            remedy = did_you_mean(text, [role.label for role in cls])
            raise ServiceError("unknown-role", f"there is no role '{text}'", remedy, "/role") from None

    @property
    def label(self) -> str:
        """The name, as people write it."""
        return self.name.lower()


@dataclass(frozen=True)
class Identity:
    """Somebody whose key or token was checked.

    Attributes:
        id: of the key, or of the token's subject.
        name: shown in the audit log.
        role: what is allowed.
        project: whose policies, jobs and seed files are seen.
    """

    id: str
    name: str
    role: Role
    project: str

    def need(self, role: Role) -> None:
        """See that a role is held.

        Raises:
            ForbiddenError: it is not.
        """
        if self.role < role:
            message = f"this needs the role {role.label}; the key '{self.name}' has {self.role.label}"
            raise ForbiddenError("role-too-small", message, f"Ask an admin for a key with the role {role.label}.")


def new_key() -> tuple[str, str, str]:
    """A new key: its identifier, its text, which is shown once, and the hash that is kept."""
    identifier, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return identifier, f"{PREFIX}_{identifier}_{secret}", hashed(secret)


def hashed(secret: str) -> str:
    """The hash of a secret; 256 random bits need no slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_key(text: str) -> tuple[str, str] | None:
    """The identifier and the secret of a key's text; None if it is none."""
    found = _KEY.match(text)
    return (found[1], found[2]) if found else None


def same(given: str, kept: str) -> bool:
    """Whether a secret is the one of a hash, in constant time."""
    return hmac.compare_digest(hashed(given), kept)


def checked_name(text: str, what: str, pointer: str = "") -> str:
    """A name that is fit for paths, URLs and logs.

    Raises:
        ServiceError: it is not.
    """
    if not _NAME.match(text):
        message = f"{text[:80]!r} is no name of {what}"
        remedy = "Use up to 63 letters, digits, dots, hyphens and underscores, beginning with a letter or a digit."
        raise ServiceError("bad-name", message, remedy, pointer)
    return text
