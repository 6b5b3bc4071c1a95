"""What a database is to the engine: questions, statements, transactions, and rows in bulk."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from faasera.core.arrow import decoded
from faasera.core.errors import PolicyError, Problem, RunError, refuse
from faasera.core.extras import require
from faasera.core.registry import Declaration, Registry
from faasera.databases.connection import Connection
from faasera.databases.stream import BatchFeed
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, TableStructure


class Database(ABC):
    """An open database.

    All methods raise ``RunError`` where the database refuses, with its words and without secrets.

    Attributes:
        label: the product's name.
        dialect: of its SQL, by the name under which that is declared.
        requires: the modules of its drivers.
        errors: what these raise.
        transactional_definitions: whether tables that are made in a transaction go when it is rolled back.
        piece_rows: how many rows are written at once.
        sees_own_rows: whether rows may refer to rows of the same statement.
        inline_constraints: whether constraints can only be made with their table.
        fills_later: whether references of a circle are filled by a second pass, as the database looks at once.
        has_triggers: whether there are any.
        disables_triggers: whether a transaction can do without them.
        script_settings: statements before a script that others wrote is run.
    """

    label: ClassVar[str]
    dialect: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    transactional_definitions: ClassVar[bool] = True
    piece_rows: ClassVar[int] = 65_536
    sees_own_rows: ClassVar[bool] = True
    inline_constraints: ClassVar[bool] = False
    fills_later: ClassVar[bool] = False
    has_triggers: ClassVar[bool] = True
    disables_triggers: ClassVar[bool] = False
    script_settings: ClassVar[tuple[str, ...]] = ()
    errors: tuple[type[BaseException], ...] = ()

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._stream: BatchFeed | None = None
        require(*self.requires, extra="db", purpose=self.label)
        try:
            self._open()
        except self.errors as error:
            raise PolicyError([self._unreachable(error)]) from None

    @abstractmethod
    def _open(self) -> None:
        """Connect; sets ``errors`` first."""

    @abstractmethod
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of an answer."""

    @abstractmethod
    def arrow(self, sql: str) -> pa.Table:
        """All rows of an answer as Arrow columns."""

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Run a statement."""

    @abstractmethod
    def begin(self, *, emptying: bool = False, circular: bool = False) -> None:
        """Begin a transaction.

        Args:
            emptying: whether tables are emptied or dropped in it at first.
            circular: whether rows may come before those that they refer to.
        """

    @abstractmethod
    def commit(self) -> None:
        """Keep what was done since ``begin``."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo what was done since ``begin``."""

    @abstractmethod
    def close(self) -> None:
        """Leave; what was not committed is undone."""

    @abstractmethod
    def encode(self, table: str, columns: Sequence[ColumnStructure], batches: Sequence[pa.RecordBatch]) -> Any:
        """Rows as ``append`` takes them; may run in several threads at once."""

    @abstractmethod
    def append(self, table: str, columns: Sequence[ColumnStructure], piece: Any) -> None:
        """Add rows to a table."""

    def insert(self, table: str, columns: Sequence[ColumnStructure], piece: Any) -> None:
        """Add rows, so that later statements see them at once."""
        self.append(table, columns, piece)

    def end(self) -> None:
        """See that all rows given to ``append`` have arrived."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.end()

    def _give_up_stream(self) -> None:
        """Let a statement that still takes rows fail."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.give_up()

    @abstractmethod
    def empty(self, tables: Sequence[TableStructure]) -> None:
        """Remove all rows of tables, given parents first."""

    def drop(self, tables: Sequence[str]) -> None:
        """Drop tables, given parents first."""
        for table in reversed(tables):
            self.execute(f"DROP TABLE {self.table(table)}")

    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        """Questions that see the database as it is at the first of them, where it can do that."""
        yield

    def disable_triggers(self, tables: Sequence[TableStructure]) -> None:  # noqa: B027
        """Let tables do without their triggers until ``enable_triggers``, where ``disables_triggers`` says so."""

    def enable_triggers(self) -> None:  # noqa: B027
        """Let triggers that were disabled run again."""

    def create_database(self, name: str) -> None:
        """Make an empty database on the same server."""
        self.execute(f"CREATE DATABASE {self.quote(name)}")

    def drop_database(self, name: str) -> None:
        """Throw a database of the same server away."""
        self.execute(f"DROP DATABASE IF EXISTS {self.quote(name)}")

    def hold_references(self, references: Sequence[tuple[str, ForeignKeyStructure]]) -> None:  # noqa: B027
        """Let rows refer to rows that come later, by these foreign keys of tables, until ``settle_references``."""

    def settle_references(self) -> None:  # noqa: B027
        """Look at all references that were held.

        Raises:
            RunError: one leads nowhere.
        """

    def advance(self, table: str, column: ColumnStructure) -> None:  # noqa: B027
        """Let the counter of a column go on after the largest value; most databases do so by themselves."""

    @contextlib.contextmanager
    def temporary_table(self, table: str, columns: Sequence[ColumnStructure], key: Sequence[str]) -> Iterator[str]:
        """A table of some of another's columns, by its name, for as long as the context lasts."""
        name = f"faasera {table}"[:60]
        kinds = ", ".join(f"{self.quote(one.name)} {one.type}" for one in columns)
        listed = ", ".join(map(self.quote, key))
        self.execute(f"CREATE TEMPORARY TABLE {self.quote(name)} ({kinds}, PRIMARY KEY ({listed}))")
        yield name
        self.execute(f"DROP TABLE {self.quote(name)}")

    def update_from(self, table: str, temporary: str, key: Sequence[str], columns: Sequence[str]) -> None:
        """Fill columns of a table from another one's rows of the same key."""
        pairs = " AND ".join(f"t.{self.quote(one)} = s.{self.quote(one)}" for one in key)
        sets = ", ".join(f"t.{self.quote(one)} = s.{self.quote(one)}" for one in columns)
        self.execute(f"UPDATE {self.table(table)} t JOIN {self.quote(temporary)} s ON {pairs} SET {sets}")

    def quote(self, name: str) -> str:
        """A quoted name."""
        return '"' + name.replace('"', '""') + '"'

    def table(self, name: str) -> str:
        """A table's quoted name, its schema in front where it has one."""
        return ".".join(self.quote(part) for part in self.parts(name) if part)

    def source(self, table: TableStructure) -> str:
        """A table as questions name it, without the rows of those that inherit from it."""
        return self.table(table.name)

    def count(self, table: TableStructure) -> int:
        """How many rows a table has."""
        return int(self.query(f"SELECT count(*) FROM {self.source(table)}")[0][0])

    def parts(self, name: str) -> tuple[str, str]:
        """A table's schema, empty for the default one, and its name."""
        schema, _, rest = name.rpartition(".")
        return schema, rest

    def text(self, value: str) -> str:
        """A text as a literal."""
        return "'" + value.replace("'", "''") + "'"

    def explain(self, error: BaseException) -> str:
        """What an error says, on one line and without secrets."""
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return self.connection.redacted("; ".join(lines[:3]) or type(error).__name__)

    def _unreachable(self, error: BaseException) -> Problem:
        message = f"{self.connection} cannot be opened: {self.explain(error)}"
        remedy = "Check host, port, user, password and database; faasera reads the driver's own files, too."
        return Problem("", "database-unreachable", message, remedy)

    @contextlib.contextmanager
    def reported(self, doing: str = "") -> Iterator[None]:
        """Turn the driver's errors into problems.

        Args:
            doing: what the database was asked for, for the message.

        Raises:
            RunError: the driver raised one.
        """
        try:
            yield
        except self.errors as error:
            where = f"{doing}: " if doing else ""
            message = f"{self.label} refused: {where}{self.explain(error)}"
            remedy = "Correct what it names, and run again."
            refuse("database-failed", message, remedy, kind=RunError)


@dataclass(frozen=True)
class DatabaseType(Declaration):
    """A kind of database, declared as data: all that is known of it before one is opened.

    Attributes:
        label: how messages name it.
        schemes: of its URLs, the one that is written first.
        suffixes: of its files; empty for a server's.
        port: that servers listen on; None for a database in a file.
        namespace: what catalogues put before host or path (https://openlineage.io/docs/spec/naming).
        schema: the one that tables are in where none is named; empty where there are no schemas.
        password_variable: of the environment, which its driver reads.
        password_file: in the home folder, which its driver reads.
        database: opens one.
    """

    label: str
    schemes: tuple[str, ...]
    database: Callable[[Connection], Database] = field(compare=False)
    suffixes: tuple[str, ...] = ()
    port: int | None = None
    namespace: str = ""
    schema: str = ""
    password_variable: str = ""
    password_file: str = ""

    @property
    def in_file(self) -> bool:
        """Whether a database is a file, not a server's."""
        return self.port is None


DATABASES: Registry[DatabaseType] = Registry("faasera.databases")


def require_db() -> None:
    """See that SQL can be read and written.

    Raises:
        PolicyError: the packages of the extra ``db`` are not installed.
    """
    require("sqlglot", extra="db", purpose="reading or writing a schema")


def open_database(connection: Connection) -> Database:
    """Open a database.

    Raises:
        PolicyError: it cannot be reached, its driver is missing, or its kind is not known.
    """
    kind = DATABASES.get(connection.engine)
    if kind is None:
        *labels, last = [one.label for one in DATABASES]
        message = f"{connection}: rows cannot be written to '{connection.engine}'"
        remedy = f"Use {', '.join(labels)} or {last}; or write files, and load them there."
        refuse("unknown-database", message, remedy)
    return kind.database(connection)


def plain_table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Batches as one table, without dictionaries."""
    names = batches[0].schema.names
    plain = [
        pa.RecordBatch.from_arrays([decoded(column) for column in batch.columns], names=names) for batch in batches
    ]
    return pa.Table.from_batches(plain)
