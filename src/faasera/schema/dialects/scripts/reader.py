"""Tables from scripts of DDL: what running them would leave."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from faasera.databases.structure import TableStructure
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.scripts.alterations import TableAlteration
from faasera.schema.dialects.scripts.catalogue import Catalogue, Name, Table
from faasera.schema.dialects.scripts.columns import ColumnReader
from faasera.schema.dialects.scripts.creations import TableCreation
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError, words
from faasera.schema.dialects.scripts.finishing import finished
from faasera.schema.dialects.scripts.programs import inner_statements, trigger_of
from faasera.schema.dialects.scripts.splitting import Splitter
from faasera.schema.dialects.scripts.tokens import QUOTED, TEXT, Statement
from faasera.schema.dialects.scripts.types import TypeReader

_QUIET = words(
    "SET RESET SELECT INSERT REPLACE UPDATE DELETE MERGE COPY LOAD TRUNCATE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE ABORT LOCK UNLOCK GRANT REVOKE DENY "
    "ANALYZE ANALYSE VACUUM REINDEX CLUSTER CHECKPOINT REFRESH REASSIGN SECURITY NOTIFY LISTEN DISCARD FLUSH PURGE OPTIMIZE CHECK REPAIR CACHE PRAGMA ATTACH DETACH "
    "SHOW DESCRIBE DESC EXPLAIN HELP VALUES WITH TABLE CALL EXEC EXECUTE PREPARE DEALLOCATE PRINT WAITFOR DECLARE END GO EXIT QUIT SPOOL PROMPT WHENEVER COMMENT DELIMITER "
    "INSTALL IMPORT EXPORT FORCE KILL HANDLER XA RETURN RAISE IF WHILE USE DO RENAME AUDIT NOAUDIT EXPORT CONNECT DISCONNECT UPSERT UNDROP SP_RENAME"
)
_MODIFIERS = words(
    "GLOBAL LOCAL UNLOGGED EXTERNAL COLUMN ROW MULTISET VOLATILE TRANSIENT HYBRID CACHED MEMORY PRIVATE FORCE NOFORCE EDITIONABLE NONEDITIONABLE EDITIONING "
    "FULLTEXT SPATIAL CLUSTERED NONCLUSTERED BITMAP MATERIALIZED RECURSIVE AGGREGATE TRUSTED PROCEDURAL DEFAULT BLOCKCHAIN IMMUTABLE SHARDED DUPLICATED"
)
_LEFT_OUT = {
    "FUNCTION": "function", "PROCEDURE": "procedure", "PROC": "procedure", "EVENT": "event", "PACKAGE": "package", "RULE": "rule",
    "MACRO": "macro", "VIRTUAL": "virtual table", "POLICY": "policy of rows", "FOREIGN": "foreign table", "TEMPORARY": "temporary table",
}  # fmt: skip
_TEMPORARY = ("TEMP", "TEMPORARY")
_DEEPEST = 100


class DdlReader:
    """Applies statement after statement.

    Attributes:
        dialect: of the text.
        catalogue: what the statements made so far.
        unread: what could not be understood, as sentences.
        left_out: what is there besides tables, by its kind, and how often.
        taken: types that are not known, and were taken for texts, as sentences.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.catalogue = Catalogue(dialect.schema, exact=dialect.lexis.folded)
        self.unread: list[str] = []
        self.left_out: Counter[str] = Counter()
        self.taken: list[str] = []
        self._types = TypeReader(dialect, self.catalogue)
        self._where = ""

    @property
    def tables(self) -> dict[str, TableStructure]:
        """The tables as they are now."""
        self.taken = []
        return finished(self.catalogue, self.dialect, self.taken)

    @property
    def views(self) -> int:
        """How many views there are."""
        return len(self.catalogue.views)

    def read(self, text: str, source: str = "", *, named: bool = False) -> None:
        """Apply the statements of a script; one that cannot be read is left out, and named.

        Args:
            text: the script.
            source: where it is from.
            named: whether messages say so.
        """
        splitter = Splitter(text, self.dialect.lexis)
        for statement in splitter.statements():
            self._where = f"{source + ', ' if named else ''}line {statement.line}"
            self._read(statement)
        self.left_out += splitter.left_out
        if splitter.cut:
            self.unread.append(f"{source}: {splitter.cut}")

    def _read(self, statement: Statement) -> None:
        cursor = Cursor.of(statement, self.dialect.lexis)
        head = cursor.peek().upper
        if not statement.whole:
            self._lose(statement, "it ends in the middle")
            return
        if head in ("CREATE", "ALTER", "DROP") and _depth(statement) > _DEEPEST:
            self._lose(statement, "it is nested too deeply")
            return
        reader = _READERS.get(head)
        try:
            if reader is not None:
                reader(self, cursor, statement)
            elif head not in _QUIET and (head or not cursor.done):
                self._lose(statement, "nobody knows such a statement")
        except (UnreadError, IndexError):
            self._lose(statement, "it cannot be read")

    def _lose(self, statement: Statement, reason: str, part: str = "") -> None:
        shown = short(statement.sql)
        self.unread.append(f"{self._where}: {reason}: {short(part) + ' of ' + shown if part else shown}")

    # CREATE

    def _create(self, cursor: Cursor, statement: Statement) -> None:
        cursor.take("CREATE")
        or_replace = cursor.take("OR", "REPLACE")
        cursor.take("OR", "ALTER")
        temporary = unique = materialized = foreign = virtual = False
        while True:
            word = cursor.peek().upper
            if word in _MODIFIERS:
                materialized |= word == "MATERIALIZED"
                cursor.next()
            elif word in _TEMPORARY:
                temporary = True
                cursor.next()
            elif word == "UNIQUE":
                unique = True
                cursor.next()
            elif word in ("FOREIGN", "VIRTUAL") and cursor.peek(1).upper == "TABLE":
                foreign, virtual = word == "FOREIGN", word == "VIRTUAL"
                cursor.next()
            elif word in ("DEFINER", "ALGORITHM"):
                cursor.next()
                cursor.until("SQL", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "DEFINER")
            elif word == "SQL" and cursor.peek(1).upper == "SECURITY":
                cursor.place += 3
            elif word == "CONSTRAINT" and cursor.peek(1).upper == "TRIGGER":
                cursor.next()
            else:
                break
        kind = cursor.next().upper
        if kind == "TABLE" and virtual:
            cursor.take("IF", "NOT", "EXISTS")
            self.catalogue.virtual.add(cursor.name())
            self.left_out[_LEFT_OUT["VIRTUAL"]] += 1
        elif kind == "TABLE" and foreign:
            cursor.take("IF", "NOT", "EXISTS")
            self.catalogue.add_view(cursor.qualified())
        elif kind == "TABLE":
            self._table(cursor, statement, temporary=temporary, or_replace=or_replace)
        elif kind == "VIEW":
            cursor.take("IF", "NOT", "EXISTS")
            name = cursor.qualified()
            if not temporary:
                self.catalogue.add_view(name)
        elif kind == "INDEX":
            self._index(cursor, unique=unique)
        elif kind in ("TYPE", "DOMAIN") and not cursor.at("BODY"):
            self._types.create(kind, cursor)
        elif kind == "SCHEMA":
            self._schema(cursor, statement)
        elif kind == "TRIGGER":
            self._trigger(cursor)
        elif kind in _LEFT_OUT:
            self.left_out[_LEFT_OUT[kind]] += 1

    def _table(self, cursor: Cursor, statement: Statement, *, temporary: bool, or_replace: bool) -> None:
        if cursor.peek().value.startswith("#"):
            temporary = True
        made = TableCreation(self.dialect, self.catalogue)
        place = cursor.place
        try:
            table = made.read(cursor, temporary=temporary, or_replace=or_replace)
        except UnreadError:
            cursor.place = place
            cursor.take("IF", "NOT", "EXISTS")
            name = cursor.qualified()
            self._lose(statement, "it cannot be read")
            self.catalogue.lose(name, self.unread[-1])
            return
        for part in made.lost:
            self._lose(
                statement, "a part cannot be read" if table is not None else part, part if table is not None else ""
            )
        if table is not None and temporary:
            self.left_out[_LEFT_OUT["TEMPORARY"]] += 1

    def _schema(self, cursor: Cursor, statement: Statement) -> None:
        """A schema, with what is made in it."""
        cursor.take("IF", "NOT", "EXISTS")
        name = "" if cursor.at("AUTHORIZATION") else cursor.qualified()[-1]
        if cursor.take("AUTHORIZATION"):
            role = cursor.name()
            name = name or role
        before, self.catalogue.current = self.catalogue.current, name
        try:
            starts = [
                place
                for place in range(cursor.place, len(cursor.tokens))
                if cursor.tokens[place].upper in ("CREATE", "GRANT") and not _within(cursor, place)
            ]
            for start, end in pairwise([*starts, len(cursor.tokens)]):
                self._read(Statement(statement.text, tuple(cursor.tokens[start:end]), statement.line))
        finally:
            self.catalogue.current = before

    def _index(self, cursor: Cursor, *, unique: bool) -> None:
        cursor.take("CONCURRENTLY")
        cursor.take("IF", "NOT", "EXISTS")
        name = "" if cursor.at("ON") else cursor.qualified()[-1]
        cursor.until("ON")
        cursor.take("ON")
        cursor.take("ONLY")
        where = cursor.qualified()
        table = self.catalogue.table(where)
        if not unique or (table is None and self.catalogue.is_view(where)):
            return
        if table is None and self.catalogue.is_lost(where):
            return
        if table is None:
            raise UnreadError
        cursor.until("(")
        group = cursor.group()
        equal, condition = False, None
        while not cursor.done:
            if cursor.take("NULLS", "NOT", "DISTINCT"):
                equal = True
            elif cursor.take("WHERE"):
                condition = _bare(cursor.until("WITH", "ON", ";", "TABLESPACE"))
            elif not cursor.skip_group():
                cursor.next()
        if not any(key.name == name for key in table.unique_keys if name):
            ColumnReader(self.dialect, self.catalogue, table).add_unique(
                group, name, where=condition, equal=equal, label="idx"
            )

    def _trigger(self, cursor: Cursor) -> None:
        found = trigger_of(cursor)
        table = self.catalogue.table(found.table)
        if table is not None and not table.temporary:
            table.triggers = [one for one in table.triggers if one.name != found.trigger.name]
            table.triggers.append(found.trigger)

    # ALTER, RENAME

    def _alter(self, cursor: Cursor, statement: Statement) -> None:
        cursor.take("ALTER")
        cursor.take_any(("ONLINE", "OFFLINE", "IGNORE"))
        cursor.take_any(("FOREIGN", "MATERIALIZED"))
        kind = cursor.next().upper
        if kind == "TABLE":
            self._alter_table(cursor, statement)
        elif kind in ("TYPE", "DOMAIN"):
            self._types.alter(kind, cursor)
        elif kind == "INDEX":
            self._alter_index(cursor)
        elif kind == "SCHEMA":
            before = cursor.name()
            if cursor.take("RENAME", "TO"):
                after = cursor.name()
                for table in [one for one in self.catalogue.tables if one.schema == before]:
                    self.catalogue.rename(table, after, table.name)
            elif cursor.take("TRANSFER"):
                moved = self._named(cursor)
                if moved is not None:
                    self.catalogue.rename(moved, before, moved.name)
        elif kind == "VIEW":
            cursor.take("IF", "EXISTS")
            name = cursor.qualified()
            if cursor.take("RENAME", "TO"):
                self.catalogue.drop_view(name)
                self.catalogue.add_view((*name[:-1], cursor.name()))

    def _alter_table(self, cursor: Cursor, statement: Statement) -> None:
        if cursor.at("ALL", "IN"):
            return
        known = cursor.take("IF", "EXISTS")
        only = cursor.take("ONLY")
        name = cursor.qualified()
        cursor.take("*")
        table = self.catalogue.table(name)
        if table is None:
            # What is said of owners and rights is nobody's loss.
            dropping = cursor.at("DROP") and not any(token.upper == "ADD" for token in cursor.tokens)
            quiet = (
                known
                or dropping
                or self.catalogue.is_lost(name)
                or self.catalogue.is_view(name)
                or cursor.peek().upper in ("OWNER", "ENABLE", "DISABLE", "REPLICA", "CLUSTER", "SET")
            )
            if not quiet and name[-1] not in self.catalogue.virtual:
                self._lose(statement, f"there is no table {'.'.join(name)}")
            return
        made = TableAlteration(self.dialect, self.catalogue, table, only=only)
        made.read(Cursor(cursor.text, cursor.tokens[cursor.place :], cursor.lexis))
        for part in made.lost:
            self._lose(statement, "it cannot be read", part)

    def _named(self, cursor: Cursor) -> Table | None:
        return self.catalogue.table(cursor.qualified())

    def _alter_index(self, cursor: Cursor) -> None:
        cursor.take("IF", "EXISTS")
        name = cursor.qualified()[-1]
        if cursor.take("RENAME", "TO"):
            after = cursor.name()
            for table in self.catalogue.tables:
                TableAlteration(self.dialect, self.catalogue, table, only=True).rename(name, after)

    def _rename(self, cursor: Cursor, _: Statement) -> None:
        """MySQL's ``RENAME TABLE a TO b``."""
        cursor.take("RENAME")
        if not cursor.take_any(("TABLE", "TABLES")):
            return
        for part in cursor.parts():
            table = self._named(part)
            if table is None or not part.take("TO"):
                raise UnreadError
            name = part.qualified()
            self.catalogue.rename(table, name[0] if len(name) > 1 else table.schema, name[-1])

    # DROP

    def _drop(self, cursor: Cursor, _: Statement) -> None:
        cursor.take("DROP")
        cursor.take_any((*_TEMPORARY, "MATERIALIZED", "FOREIGN"))
        kind = cursor.next().upper
        cursor.take("IF", "EXISTS")
        cursor.take("CONCURRENTLY")
        cascade = any(token.upper == "CASCADE" for token in cursor.tokens)
        drop = {
            "TABLE": self._drop_table,
            "TABLES": self._drop_table,
            "TYPE": self._drop_type,
            "DOMAIN": self._drop_type,
        }.get(kind)
        if kind == "INDEX":
            self._drop_index(cursor)
        elif kind == "SCHEMA" or (kind == "DATABASE" and self.dialect.sqlglot == "mysql"):
            for name in _names(cursor):
                for table in [one for one in self.catalogue.tables if one.schema == name[-1]]:
                    self.catalogue.drop(table, cascade=cascade)
        elif kind == "VIEW":
            for name in _names(cursor):
                self.catalogue.drop_view(name)
        elif kind == "TRIGGER":
            self._drop_trigger(cursor.qualified())
        elif drop is not None:
            for name in _names(cursor):
                # What is not there is no loss.
                drop(name, cascade=cascade)

    def _drop_table(self, name: Name, *, cascade: bool) -> None:
        table = self.catalogue.table(name)
        if table is None:
            self.catalogue.drop_view(name)
            self.catalogue.virtual.discard(name[-1])
            said = self.catalogue.forget(name)
            if said in self.unread:
                self.unread.remove(said)
            return
        # MySQL's CASCADE means nothing: references wait for another table of the name.
        self.catalogue.drop(table, cascade=cascade and self.dialect.sqlglot != "mysql")

    def _drop_type(self, name: Name, *, cascade: bool) -> None:
        self._types.drop(name, cascade=cascade)

    def _drop_index(self, cursor: Cursor) -> None:
        for name in _names(cursor):
            index = name[-1]
            on = cursor.qualified() if cursor.take("ON") else None
            found = self.catalogue.table(on) if on else None
            for table in [found] if found is not None else self.catalogue.tables:
                TableAlteration(self.dialect, self.catalogue, table, only=True).drop_index(index)

    def _drop_trigger(self, name: Name) -> None:
        for table in self.catalogue.tables:
            table.triggers = [one for one in table.triggers if one.name != name[-1]]

    # all else

    def _comment(self, cursor: Cursor, _: Statement) -> None:
        cursor.take("COMMENT", "ON")
        kind = cursor.next().upper
        if kind not in ("TABLE", "COLUMN"):
            return
        name = cursor.qualified()
        cursor.take("IS")
        text = cursor.string() if cursor.peek().kind in (TEXT, QUOTED) else None
        if kind == "TABLE":
            table = self.catalogue.table(name)
            if table is not None:
                table.comment = text or None
            return
        table = self.catalogue.table(name[:-1]) if len(name) > 1 else None
        column = table.column(name[-1]) if table is not None else None
        if column is not None:
            column.comment = text or None

    def _set(self, cursor: Cursor, _: Statement) -> None:
        cursor.take("SET")
        cursor.take_any(("LOCAL", "SESSION"))
        if cursor.take("SEARCH_PATH"):
            cursor.take_any(("TO", "="))
            self._search([part.name() for part in cursor.parts() if part.peek().value])
        elif cursor.take("SCHEMA") or cursor.take("CURRENT_SCHEMA") or cursor.take("CURRENT", "SCHEMA"):
            cursor.take("=")
            self._search([cursor.name()])

    def _search(self, names: list[str]) -> None:
        """Where names without a schema are, from here on."""
        chosen = [name for name in names if name not in ("$user", "") and not name.lower().startswith("pg_")]
        named = not chosen or chosen[0].upper() == "DEFAULT"
        self.catalogue.current = self.dialect.schema if named else chosen[0]

    def _select(self, cursor: Cursor, _: Statement) -> None:
        """``SELECT set_config('search_path', …)``, as pg_dump says it; all other questions change nothing."""
        match = re.match(
            r"(?is)SELECT\s+(?:pg_catalog\.)?set_config\(\s*'search_path'\s*,\s*'([^']*)'", cursor.all()[:200]
        )
        if match:
            self._search([one.strip().strip('"') for one in match[1].split(",")])

    def _use(self, cursor: Cursor, _: Statement) -> None:
        cursor.take("USE")
        cursor.take_any(("SCHEMA", "DATABASE"))
        if self.dialect.sqlglot == "mysql":
            self.catalogue.current = cursor.name()

    def _execute(self, cursor: Cursor, _: Statement) -> None:
        """SQL Server's ``EXEC sp_rename 'a.b', 'c', 'COLUMN'``."""
        cursor.next()
        if cursor.qualified()[-1].lower() != "sp_rename":
            return
        texts = [token.value for token in cursor.tokens if token.kind == TEXT]
        name = tuple(part.strip("[]") for part in texts[0].split("."))
        if len(texts) > 2 and texts[2].upper() == "COLUMN":
            table = self.catalogue.table(name[:-1])
            if table is None:
                raise UnreadError
            TableAlteration(self.dialect, self.catalogue, table, only=False).rename_column(name[-1], texts[1])
        elif len(texts) == 2:
            table = self.catalogue.table(name)
            if table is not None:
                self.catalogue.rename(table, table.schema, texts[1])

    def _block(self, cursor: Cursor, statement: Statement) -> None:
        """A block that only makes what is not there; others are not run."""
        inner = inner_statements(cursor)
        if inner is None:
            self.left_out["block of code"] += 1
            return
        for sql in inner:
            for one in Splitter(sql, self.dialect.lexis).statements():
                self._read(Statement(one.text, one.tokens, statement.line, one.whole))

    def _if(self, cursor: Cursor, statement: Statement) -> None:
        """SQL Server's ``IF NOT EXISTS (…) CREATE …``."""
        for place in range(cursor.place, len(cursor.tokens)):
            if cursor.tokens[place].upper in ("CREATE", "ALTER", "DROP", "EXEC") and not _within(cursor, place):
                rest = tuple(cursor.tokens[place:])
                self._read(Statement(statement.text, rest, statement.line))
                return


def _names(cursor: Cursor) -> Iterator[Name]:
    """A list of names, without what follows it."""
    while True:
        yield cursor.qualified()
        if not cursor.take(","):
            return


def _within(cursor: Cursor, place: int) -> bool:
    """Whether a token is in parentheses."""
    before = cursor.tokens[cursor.place : place]
    return sum({"(": 1, ")": -1}.get(token.upper, 0) for token in before) > 0


def _depth(statement: Statement) -> int:
    depth = deepest = 0
    for token in statement.tokens:
        if token.upper == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif token.upper == ")":
            depth -= 1
    return deepest


def _bare(sql: str) -> str:
    """A condition without parentheses around all of it."""
    text = sql.strip()
    if text.startswith("(") and text.endswith(")"):
        depth = 0
        for place, one in enumerate(text):
            depth += {"(": 1, ")": -1}.get(one, 0)
            if not depth and place < len(text) - 1:
                return text
        return text[1:-1].strip()
    return text


def short(sql: str) -> str:
    """A statement as messages show it."""
    text = " ".join(sql[:600].split())
    return text if len(text) <= 120 else text[:117] + "…"


Reader = Callable[[DdlReader, Cursor, Statement], None]
_READERS: dict[str, Reader] = {
    "CREATE": DdlReader._create,
    "ALTER": DdlReader._alter,
    "DROP": DdlReader._drop,
    "RENAME": DdlReader._rename,
    "COMMENT": DdlReader._comment,
    "SET": DdlReader._set,
    "SELECT": DdlReader._select,
    "USE": DdlReader._use,
    "EXEC": DdlReader._execute,
    "EXECUTE": DdlReader._execute,
    "DO": DdlReader._block,
    "IF": DdlReader._if,
}
"""What reads each statement, by its first word."""
