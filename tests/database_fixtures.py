"""Empty databases of each kind, on real servers."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers import MARIADB, POSTGRES, server_url_of

from faasera.databases.base import Database, open_database
from faasera.databases.connections import find_connection
from faasera.databases.structure import Structure
from faasera.schema.live import read_database

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb")
SERVERS = {"postgres": POSTGRES, "mysql": MARIADB}


def opened(url: str) -> Database:
    """The database of a URL."""
    return open_database(find_connection(url))


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    """All rows of an answer."""
    database = opened(url)
    try:
        return database.query(sql)
    finally:
        database.close()


def do(url: str, *statements: str) -> None:
    """Run statements."""
    database = opened(url)
    try:
        for statement in statements:
            database.execute(statement)
    finally:
        database.close()


def structure(url: str) -> Structure:
    """What the database holds."""
    database = opened(url)
    try:
        return read_database(database)
    finally:
        database.close()


def _at(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextlib.contextmanager
def databases(folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a dialect, and tells its URL; those of servers are dropped in the end."""
    made: list[tuple[str, str]] = []

    def make(dialect: str) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        if dialect in ("sqlite", "duckdb"):
            return f"{dialect}:///{folder / name}.{'db' if dialect == 'sqlite' else 'duckdb'}"
        server = server_url_of(SERVERS[dialect])
        database = opened(server)
        database.execute(f"CREATE DATABASE {name}")
        database.close()
        made.append((server, name))
        return _at(server, name)

    yield make
    for server, name in made:
        database = opened(server)
        database.execute(f"DROP DATABASE IF EXISTS {name}" + (" WITH (FORCE)" if server.startswith("postgres") else ""))
        database.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a dialect, and tells its URL."""
    with databases(tmp_path) as make:
        yield make


@pytest.fixture
def server_url() -> Callable[[str], str]:
    """Tells the URL of a dialect's server."""
    return lambda dialect: server_url_of(SERVERS[dialect])
