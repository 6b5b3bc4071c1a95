"""Where databases are: URLs, names of connections, and passwords that nobody gets to see."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.core.storage import is_url

ENGINES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mariadb",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
"""Schemes of URLs, each with the engine that it stands for."""
FILE_ENGINES = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb", ".ddb": "duckdb"}
"""Endings of database files, each with the engine that reads them."""
_SCHEME = re.compile(r"^[A-Za-z][\w+.-]*://")
_NAME = re.compile(r"^[A-Za-z][\w-]*$")
_EXAMPLE = "Write for example postgresql://user@host/shop, sqlite:///shop.db, or the name of a connection."


@dataclass(frozen=True)
class Connection:
    """Where a database is, and who asks.

    Attributes:
        engine: one of ``ENGINES``' values, or the URL's scheme where it is another one.
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
        return parts._replace(netloc=f"{user}:{quote(self.password, safe='')}@{_server(parts)}").geturl()


def _server(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def connections_file() -> Path:
    """Where named connections are kept."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "faasera" / "connections.toml"


def is_connection(text: str) -> bool:
    """Whether a text can only mean a database: a URL, or the name of a connection that is known."""
    return not is_url(text) and (bool(_SCHEME.match(text)) or text in _names())


def is_database(text: str) -> bool:
    """Whether a text names a database, not a folder: as ``is_connection``, or by the ending of its file."""
    return is_connection(text) or (not is_url(text) and Path(text).suffix.lower() in FILE_ENGINES)


def connection_names() -> list[str]:
    """The names of all connections that are known."""
    return sorted(_names())


def find_connection(text: str, *, open_to_all: bool = False) -> Connection:
    """The connection that a URL, a name or a database file stands for.

    Args:
        text: a URL, a name in ``connections.toml`` or of ``FAASERA_CONNECTION_<NAME>``, or the path of a file.
        open_to_all: whether others can read the text, as a policy or a command's arguments; it then holds no password.

    Raises:
        PolicyError: it stands for none.
    """
    if _SCHEME.match(text):
        found = _from_url(text)
        if open_to_all and found.password is not None:
            message = f"the URL of {found} has a password in it, where others can read it"
            remedy = (
                "Leave it out, and give it by FAASERA_CONNECTION_<NAME>, connections.toml, PGPASSWORD, MYSQL_PWD, "
                "or the driver's own file (.pgpass, .my.cnf)."
            )
            refuse("password-in-call", message, remedy)
        return found
    named = _names()
    if text in named:
        return named[text]()
    path = Path(text)
    if path.suffix.lower() in FILE_ENGINES:
        engine = FILE_ENGINES[path.suffix.lower()]
        return Connection(engine, f"{engine}:///{path}", database=str(path))
    remedy = did_you_mean(text, named) if named and _NAME.match(text) else _EXAMPLE
    refuse("unknown-connection", f"there is no connection '{text}'", remedy)


def _names() -> dict[str, Callable[[], Connection]]:
    """The connections of the file and of the environment, which goes first, each read when it is asked for."""
    found: dict[str, Callable[[], Connection]] = {
        name: partial(_from_entry, name, entry) for name, entry in _entries().items()
    }
    for variable in os.environ:
        if variable.startswith("FAASERA_CONNECTION_"):
            name = variable.removeprefix("FAASERA_CONNECTION_").lower()
            found[name] = found[name.replace("_", "-")] = partial(_from_variable, variable)
    return found


def _from_variable(variable: str) -> Connection:
    url = os.environ[variable]
    if not _SCHEME.match(url):
        raise _wrong(f"{variable} holds no URL", _EXAMPLE)
    return _from_url(url)


def _wrong(message: str, remedy: str) -> PolicyError:
    return PolicyError([Problem("", "connection", message, remedy)])


def _entries() -> dict[str, Any]:
    path = connections_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _wrong(f"{path}: {error.strerror or error}", "Check the path and its permissions.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The parser's message names a place, never the content.
        raise _wrong(f"{path} is not valid TOML: {error}", "Correct the syntax there.") from None


def _from_entry(name: str, entry: Any) -> Connection:
    path = connections_file()
    keys = ("url", "password", "password_env")
    if not isinstance(entry, dict) or not isinstance(entry.get("url"), str) or not _SCHEME.match(entry["url"]):
        raise _wrong(f"{path}: the connection '{name}' has no 'url'", f'Write [{name}] and url = "postgresql://…".')
    for key in entry:
        if key not in keys:
            raise _wrong(f"{path}: '{key}' of '{name}' is not a key here", did_you_mean(key, keys))
    found = _from_url(entry["url"])
    password = entry.get("password")
    variable = entry.get("password_env")
    if variable is not None:
        password = os.environ.get(str(variable))
        if password is None:
            raise _wrong(f"the connection '{name}' needs the environment variable {variable}", "Set it.")
    if password is None:
        return found
    return replace(found, password=str(password))


def _from_url(text: str) -> Connection:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _wrong(f"the URL cannot be read: {error}", _EXAMPLE) from None
    scheme = parts.scheme.lower()
    password = unquote(parts.password) if parts.password is not None else None
    user = unquote(parts.username) if parts.username is not None else None
    netloc = (f"{quote(user, safe='')}@" if user else "") + _server(parts)
    shown = text if password is None else parts._replace(netloc=netloc).geturl()
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "password" in options:
        raise _wrong("the URL has a password behind its question mark", "Put it before the host, or leave it out.")
    engine = ENGINES.get(scheme, scheme)
    if engine in ("sqlite", "duckdb"):
        path = unquote(parts.netloc + parts.path)
        path = path.removeprefix("/") if not parts.netloc else path
        if not path or path == ":memory:":
            raise _wrong(f"{shown} names no file", f"Write {scheme}:///file, or {scheme}:////absolute/file.")
        return Connection(engine, shown, database=path, options=options)
    database = unquote(parts.path.removeprefix("/"))
    return Connection(engine, shown, parts.hostname, port, user, database, options, password)
