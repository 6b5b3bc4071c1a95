"""A place of a database, and who asks there: as a value, whose password nobody gets to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlsplit


@dataclass(frozen=True)
class Connection:
    """Where a database is, and who asks.

    Attributes:
        engine: the name of a database's declaration, or the URL's scheme where there is none.
        url: without the password.
        host: None for the default, or for a database in a file.
        port: None for the engine's own.
        user: None for the driver's choice.
        database: its name, or the path of its file.
        options: what stands behind the question mark.
        password: never shown; None leaves it to the driver's own files.
    """

    engine: str
    url: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """The URL, without the password."""
        return self.url

    def redacted(self, text: str) -> str:
        """A text, as a driver's message, without the password in any spelling."""
        for secret in (self.password, quote(self.password, safe="") if self.password else None):
            if secret:
                text = text.replace(secret, "***")
        return text

    def full_url(self) -> str:
        """The URL with the password, for drivers that take nothing else."""
        if self.password is None:
            return self.url
        parts = urlsplit(self.url)
        user = quote(self.user or "", safe="")
        return parts._replace(netloc=f"{user}:{quote(self.password, safe='')}@{server_of(parts)}").geturl()


def server_of(parts: SplitResult) -> str:
    """Host and port of a URL, without who asks."""
    return parts.netloc.rpartition("@")[2]
