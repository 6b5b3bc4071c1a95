"""Empty databases of each kind, on real servers."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from servers import MARIADB, POSTGRES

from faasera.databases.base import Database, open_database
from faasera.databases.connections import find_connection

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb")


def opened(url: str) -> Database:
    """The database of a URL."""
    return open_database(find_connection(url))


def _at(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a dialect, and tells its URL."""
    made: list[tuple[str, str]] = []

    def make(dialect: str) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        if dialect in ("sqlite", "duckdb"):
            return f"{dialect}:///{tmp_path / name}.{'db' if dialect == 'sqlite' else 'duckdb'}"
        server = os.environ[POSTGRES if dialect == "postgres" else MARIADB]
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
