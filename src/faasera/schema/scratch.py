"""Scripts run in a database that is made for them, read there, and thrown away with it."""

import contextlib
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from faasera.core.errors import PolicyError, RunError, refuse
from faasera.databases.base import DATABASES, Database, open_database
from faasera.databases.connection import Connection
from faasera.databases.connections import find_connection
from faasera.databases.structure import Structure
from faasera.schema.dialects import dialect_of
from faasera.schema.dialects.scripts.cursor import words
from faasera.schema.dialects.scripts.reader import short
from faasera.schema.dialects.scripts.splitting import Splitter
from faasera.schema.dialects.scripts.tokens import QUOTED, WORD, Statement, Token
from faasera.schema.live import read_database
from faasera.schema.scripts import Scripts

_RUN = words("CREATE ALTER DROP COMMENT SET DO RENAME PRAGMA SELECT")
_CALLED = re.compile(
    r"\b(set_config|AddGeometryColumn|create_hypertable|create_distributed_table|create_reference_table)\s*\(", re.I
)
# What belongs to the server, and not to the database that is thrown away.
_OF_SERVER = words(
    "DATABASE ROLE USER GROUP TABLESPACE SERVER SUBSCRIPTION PUBLICATION SYSTEM EVENT LOGIN CREDENTIAL PROFILE AUDIT RESOURCE DEFAULT"
)
_OF_SESSION = words("ROLE GLOBAL @@GLOBAL PERSIST PASSWORD AUTHORIZATION CLIENT_ENCODING NAMES TRANSACTION_READ_ONLY")
_CODE = words(
    "FUNCTION PROCEDURE TRIGGER VIEW RULE AGGREGATE POLICY OPERATOR CAST COLLATION EXTENSION LANGUAGE STATISTICS MATERIALIZED"
)
_BEFORE_NAMES = words(
    "TABLE TABLES ON TO EXISTS REFERENCES FROM JOIN INDEX VIEW TRIGGER PROCEDURE FUNCTION , LIKE UPDATE INTO"
)


def read_by_running(scripts: Scripts, source: str, via: str) -> Structure:
    """The tables that a database has once it ran scripts.

    Args:
        scripts: in their order.
        source: where they are from, for messages.
        via: the URL or name of a server's connection; of SQLite and DuckDB, of which a temporary file is used, the bare name, too.

    Raises:
        PolicyError: the server cannot be reached or makes no database, or no statement made a table.
    """
    with _trial_database(via) as connection:
        database = open_database(connection)
        runner = _Runner(database, len(scripts.texts) > 1)
        try:
            for statement in database.script_settings:
                database.execute(statement)
            for name, text in scripts.texts:
                runner.run(name, text)
        finally:
            database.close()
        # Another session, as scripts change what names without a schema mean.
        database = open_database(connection)
        try:
            found = read_database(database)
        finally:
            database.close()
    if not found.tables and runner.failed:
        refuse(
            "database-failed",
            f"{source}: {runner.failed[0]}",
            "Correct the statement that it names, or run it elsewhere.",
        )
    notes = (*scripts.notes, f"run in a database of its own by {runner.label}, which is gone", *runner.notes)
    return replace(found, source=source, unread=(*found.unread, *runner.failed), notes=(*found.notes, *notes))


@contextlib.contextmanager
def _trial_database(via: str) -> Iterator[Connection]:
    """A connection to an empty database, which is thrown away in the end."""
    kind = DATABASES.get(via) or DATABASES.find(lambda one: via.partition(":")[0].lower() in one.schemes)
    if kind is not None and kind.in_file:
        with tempfile.TemporaryDirectory(prefix="faasera-") as folder:
            path = Path(folder) / f"trial{kind.suffixes[0]}"
            yield Connection(kind.name, f"{kind.schemes[0]}:///{path}", database=str(path))
        return
    connection = find_connection(via, open_to_all=True)
    name = f"faasera_trial_{secrets.token_hex(6)}"
    server = open_database(connection)
    try:
        server.create_database(name)
    except RunError as error:
        problem = error.problems[0]
        raise PolicyError(
            [replace(problem, remedy="Give a role that may create databases, or read the file without --via.")]
        ) from None
    finally:
        server.close()
    try:
        yield replace(connection, url=urlsplit(connection.url)._replace(path=f"/{name}").geturl(), database=name)
    finally:
        server = open_database(connection)
        try:
            server.drop_database(name)
        finally:
            server.close()


class _Runner:
    """Runs statements, as far as they are about the database alone.

    Attributes:
        failed: what the database refused, as sentences.
        notes: what was not run, or failed without loss to tables.
    """

    def __init__(self, database: Database, named: bool) -> None:
        self.database = database
        self.label = database.label
        self.lexis = dialect_of(database).lexis
        self.named = named
        self.failed: list[str] = []
        self.notes: list[str] = []
        self.own: set[str] = set()

    def run(self, name: str, text: str) -> None:
        """Run a script."""
        splitter = Splitter(text, self.lexis)
        for statement in splitter.statements():
            where = f"{name + ', ' if self.named else ''}line {statement.line}"
            self._own_names(statement)
            if not statement.whole:
                self.failed.append(f"{where}: it ends in the middle: {short(statement.sql)}")
            elif self._wanted(statement):
                self._run(statement, where)
        if splitter.cut:
            self.failed.append(f"{name}: {splitter.cut}")

    def _own_names(self, statement: Statement) -> None:
        """Databases that the script makes or chooses: their tables are made in the one that is thrown away."""
        tokens = statement.tokens
        head = [token.upper for token in tokens[:2]]
        if head[:1] == ["USE"] and len(tokens) > 1:
            self.own.add(tokens[1].value.casefold())
        elif head in (["CREATE", "DATABASE"], ["CREATE", "SCHEMA"]):
            self.own.add(tokens[-1].value.casefold() if len(tokens) < 4 else self._after_exists(tokens).casefold())
        elif head == ["CREATE", "TABLE"]:
            place = next((at for at in range(2, len(tokens)) if tokens[at].upper not in ("IF", "NOT", "EXISTS")), 2)
            if place + 1 < len(tokens) and tokens[place + 1].upper == ".":
                self.own.add(tokens[place].value.casefold())

    @staticmethod
    def _after_exists(tokens: tuple[Token, ...]) -> str:
        return next((token.value for token in tokens[2:] if token.upper not in ("IF", "NOT", "EXISTS")), "")

    def _wanted(self, statement: Statement) -> bool:
        tokens = statement.tokens
        head = tokens[0].upper
        first = [token.upper for token in tokens[1:5]]
        if head not in _RUN or (head == "SELECT" and not _CALLED.search(statement.sql)):
            return False
        if head == "SET":
            return not _OF_SESSION & set(first)
        if head in ("CREATE", "ALTER", "DROP") and first:
            kinds = [word for word in first if word not in ("OR", "REPLACE", "IF", "NOT", "EXISTS")]
            if kinds and kinds[0] in _OF_SERVER and not (kinds[0] == "DEFAULT" and head == "CREATE"):
                return False
        uppers = {token.upper for token in tokens}
        return not (head == "ALTER" and "OWNER" in uppers and "TO" in uppers)

    def _run(self, statement: Statement, where: str) -> None:
        sql = self._sql(statement)
        if sql is None:
            self.notes.append(f"{where}: not run, as it names another database: {short(statement.sql)}")
            return
        try:
            self.database.execute(sql)
        except RunError as error:
            kinds = {token.upper for token in statement.tokens[1:8]}
            said = f"{where}: {error.problems[0].message}: {short(statement.sql)}"
            (self.notes if kinds & _CODE and "TABLE" not in kinds else self.failed).append(said)

    def _sql(self, statement: Statement) -> str | None:
        """A statement without comments, and without the names of the script's own databases; None where it names another one."""
        tokens, made = statement.tokens, []
        qualified = not dialect_of(self.database).schema
        place, end = 0, tokens[0].start
        while place < len(tokens):
            token = tokens[place]
            gap = statement.text[end : token.start]
            named = (
                qualified
                and place + 2 < len(tokens)
                and tokens[place + 1].upper == "."
                and token.kind in (WORD, QUOTED)
            )
            if named and token.value.casefold() in self.own:
                made.append(" ")
                place, end = place + 2, tokens[place + 1].end
                continue
            if named and tokens[place - 1].upper in _BEFORE_NAMES:
                return None
            made += [gap if gap.isspace() or not gap else " ", statement.text[token.start : token.end]]
            place, end = place + 1, token.end
        return "".join(made)
