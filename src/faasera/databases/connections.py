"""Finding connections: by URLs, by names, and by the endings of files."""

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.core.storage import is_url
from faasera.databases.base import DATABASES, DatabaseType
from faasera.databases.connection import Connection, server_of

_SCHEME = re.compile(r"^[A-Za-z][\w+.-]*://")
_LOCAL = dict.fromkeys(("", "localhost", "127.0.0.1", "::1"), "localhost")
_NAME = re.compile(r"^[A-Za-z][\w-]*$")
_EXAMPLE = "Write for example postgresql://user@host/shop, sqlite:///shop.db, or the name of a connection."


def connections_file() -> Path:
    """Where named connections are kept."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "faasera" / "connections.toml"


def is_connection(text: str) -> bool:
    """Whether a text can only mean a database: a URL, or the name of a connection that is known."""
    return not is_url(text) and (bool(_SCHEME.match(text)) or text in _names())


def is_database(text: str) -> bool:
    """Whether a text names a database, not a folder: as ``is_connection``, or by the ending of its file."""
    return is_connection(text) or (not is_url(text) and is_database_file(text))


def is_database_file(text: str) -> bool:
    """Whether the ending of a path is that of a database's file."""
    return _of_suffix(Path(text)) is not None


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
            refuse("password-in-call", message, f"Leave it out, and give it by {_ways_for_passwords(found)}.")
        return found
    named = _names()
    if text in named:
        return named[text]()
    path = Path(text)
    if (kind := _of_suffix(path)) is not None:
        return Connection(kind.name, f"{kind.schemes[0]}:///{path}", database=str(path))
    remedy = did_you_mean(text, named) if named and _NAME.match(text) else _EXAMPLE
    refuse("unknown-connection", f"there is no connection '{text}'", remedy)


def is_same(source: str, connection: Connection) -> bool:
    """Whether a database that an import names is the one of a connection, as far as their names tell.

    Args:
        source: a URL without a password, or the name of a file.
        connection: of the other.
    """
    try:
        other = find_connection(source)
    except PolicyError:
        return False
    kind = DATABASES.get(connection.engine)
    if kind is None or other.engine != connection.engine:
        return False
    if kind.in_file:
        # An import names no folders.
        return Path(other.database).name == Path(connection.database).name
    places = {
        (_LOCAL.get(one.host or "", one.host), one.port or kind.port, one.database) for one in (other, connection)
    }
    return len(places) == 1


def _of_suffix(path: Path) -> DatabaseType | None:
    """The kind of database whose files end so."""
    suffix = path.suffix.lower()
    return DATABASES.find(lambda one: suffix in one.suffixes) if suffix else None


def _ways_for_passwords(connection: Connection) -> str:
    """How a connection gets its password without anybody reading it."""
    kind = DATABASES.get(connection.engine)
    ways = ["FAASERA_CONNECTION_<NAME>", "connections.toml"]
    if kind is not None and kind.password_variable:
        ways.append(kind.password_variable)
    file = f" ({kind.password_file})" if kind is not None and kind.password_file else ""
    return f"{', '.join(ways)}, or the driver's own file{file}"


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
    netloc = (f"{quote(user, safe='')}@" if user else "") + server_of(parts)
    shown = text if password is None else parts._replace(netloc=netloc).geturl()
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "password" in options:
        raise _wrong("the URL has a password behind its question mark", "Put it before the host, or leave it out.")
    kind = DATABASES.find(lambda one: scheme in one.schemes)
    engine = kind.name if kind is not None else scheme
    if kind is not None and kind.in_file:
        path = unquote(parts.netloc + parts.path)
        path = path.removeprefix("/") if not parts.netloc else path
        if not path or path == ":memory:":
            raise _wrong(f"{shown} names no file", f"Write {scheme}:///file, or {scheme}:////absolute/file.")
        return Connection(engine, shown, database=path, options=options)
    database = unquote(parts.path.removeprefix("/"))
    return Connection(engine, shown, parts.hostname, port, user, database, options, password)
