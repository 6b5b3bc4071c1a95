"""The service's database: opened, and created on the first start."""

import contextlib
import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from faasera.core.errors import PolicyError, refuse
from faasera.databases.connections import find_connection
from faasera.service import tables

_INSTANCE = "instance"


class Store:
    """The database and the data folder of a service.

    Attributes:
        engine: of the database.
        folder: for files.
        shared: whether several servers may use both at once.
        instance: a name that the database and the folder have in common.
    """

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder = folder
        self.shared = database is not None
        self._lock: int | None = None
        self._make_folder()
        if not self.shared:
            self._take_lock()
        self.url = _url(database) if database is not None else f"sqlite:///{(folder / 'service.db').resolve()}"
        self.engine = _engine(self.url)
        try:
            self.instance = self._prepare()
        except SQLAlchemyError as error:
            self.close()
            place = str(find_connection(database)) if database is not None else str(folder / "service.db")
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            message = f"the service's database {place} cannot be used: {reason}"
            refuse("database-unusable", message, "Check --database, and its rights.")
        except PolicyError:
            self.close()
            raise

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            message = f"{self.folder} cannot be used: {error.strerror or error}"
            refuse("data-unusable", message, "Choose another --data.")

    def _take_lock(self) -> None:
        self._lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            message = f"another server is using {self.folder}"
            remedy = "Stop it, choose another --data, or share a PostgreSQL with --database."
            refuse("data-busy", message, remedy)

    def _prepare(self) -> str:
        """Create what is missing, and see that the database and the folder belong together."""
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Servers that start at the same time create the tables one after the other.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7203441)")
            tables.metadata.create_all(connection)
            found = dict(connection.execute(select(tables.facts.c.name, tables.facts.c.value)).tuples().all())
            if not found:
                found = {"version": tables.VERSION, _INSTANCE: secrets.token_hex(16)}
                for name, value in found.items():
                    connection.execute(insert(tables.facts).values(name=name, value=value))
        if found["version"] != tables.VERSION:
            message = f"the database is of version {found['version']}, this program knows {tables.VERSION}"
            refuse("database-version", message, "Use the Faasera that made it, or a newer one.")
        marker = self.folder / _INSTANCE
        instance: str = found[_INSTANCE]
        if marker.exists() and marker.read_text().strip() != instance:
            message = f"{self.folder} belongs to another database"
            remedy = "Give the --database that it was used with, or another --data."
            refuse("data-of-another", message, remedy)
        marker.write_text(instance + "\n")
        return instance

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction."""
        with self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing, and waits for nobody."""
        with self.engine.connect().execution_options(writes=False) as connection:
            yield connection

    def secret(self, name: str) -> str:
        """A random text that is kept in the data folder, for this service alone to read."""
        path = self.folder / name
        if not path.exists():
            partial = path.with_name(f".{name}.{os.getpid()}")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.write(descriptor, secrets.token_urlsafe(32).encode())
            os.close(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(partial, path)
            partial.unlink()
        return path.read_text()

    def close(self) -> None:
        """Let go of the database and the folder."""
        if hasattr(self, "engine"):
            self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def insert_or_ignore(connection: Connection, table: Any, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing()).rowcount == 1


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def _url(text: str) -> str:
    connection = find_connection(text)
    if connection.engine not in ("postgresql", "sqlite"):
        message = f"the service keeps its jobs in PostgreSQL or SQLite, not in {connection.engine}"
        refuse("database-unusable", message, "Write postgresql://user@host/name, or leave it out.")
    if connection.engine == "sqlite":
        message = "SQLite holds the jobs of a single server, in its data folder"
        refuse("database-unusable", message, "Leave --database out, and choose --data.")
    scheme, _, rest = connection.full_url().partition("://")
    return f"postgresql+psycopg://{rest}" if scheme else rest


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, pool_size=20, max_overflow=20, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        # Transactions are begun by the event below: the module itself would begin them late, and fail on a busy write.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", True) else "BEGIN"
        )

    return engine
