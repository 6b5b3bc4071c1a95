"""ALTER TABLE: what each action does to a table."""

from dataclasses import replace

from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.scripts.catalogue import Catalogue, Column, PartOf, Table
from faasera.schema.dialects.scripts.columns import ColumnReader, renamed
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError
from faasera.schema.dialects.scripts.partitions import bound_of
from faasera.schema.dialects.scripts.tokens import NUMBER, QUOTED, WORD

_QUIET = (
    "OWNER", "CLUSTER", "REPLICA", "RESET", "VALIDATE", "ENGINE", "AUTO_INCREMENT", "CONVERT", "DEFAULT", "CHARSET", "CHARACTER", "COLLATE", "ORDER",
    "CHECK", "NOCHECK", "ROW_FORMAT", "LOCK", "ALGORITHM", "FORCE", "DISCARD", "IMPORT", "OPTIMIZE", "REBUILD", "ANALYZE", "TRUNCATE", "REORGANIZE",
    "COALESCE", "EXCHANGE", "PARTITION", "MOVE", "NOLOGGING", "LOGGING", "CACHE", "NOCACHE", "STATS_PERSISTENT", "KEY_BLOCK_SIZE", "SWITCH", "READ", "WITHOUT", "OPTIONS",
    "TABLESPACE", "PCTFREE", "INITRANS", "STORAGE", "PARALLEL", "NOPARALLEL", "ENABLE", "DISABLE", "INITIALLY", "NOT", "WITH", "CONNECTION", "COMPRESSION",
)  # fmt: skip
_VERBS = frozenset(
    (
        "ADD",
        "DROP",
        "ALTER",
        "MODIFY",
        "CHANGE",
        "RENAME",
        "SET",
        "ATTACH",
        "DETACH",
        "INHERIT",
        "NO",
        "OF",
        "COMMENT",
        *_QUIET,
    )
)
_INDEXES = ("KEY", "INDEX", "FULLTEXT", "SPATIAL", "VECTOR")


class TableAlteration:
    """Reads one statement that changes a table.

    Args:
        dialect: of the script.
        catalogue: what there is.
        table: to change.

    Attributes:
        lost: actions that cannot be read.
    """

    def __init__(self, dialect: Dialect, catalogue: Catalogue, table: Table, *, only: bool) -> None:
        self.dialect = dialect
        self.catalogue = catalogue
        self.table = table
        self.reader = ColumnReader(dialect, catalogue, table)
        self.heirs = [] if only else catalogue.heirs(table)
        self.lost: list[str] = []

    def read(self, cursor: Cursor) -> None:
        """All actions, from behind the table's name."""
        if cursor.at("WITH", "CHECK") or cursor.at("WITH", "NOCHECK"):
            cursor.place += 2
        before: tuple[str, ...] = ()
        for action in cursor.parts():
            try:
                if action.peek().upper not in _VERBS and before:
                    # Some dialects say ADD once for several.
                    self._again(action, before)
                else:
                    before = self._action(action)
            except UnreadError:
                self.lost.append(" ".join(action.all().split()))

    def _again(self, action: Cursor, before: tuple[str, ...]) -> None:
        if before == ("DROP", "COLUMN"):
            self.drop_column(action)
        elif before == ("DROP", "CONSTRAINT"):
            self._drop_constraint(action)
        elif before[0] == "ADD":
            self._add_part(action)
        elif before[0] == "MODIFY":
            self._modify(action)
        else:
            raise UnreadError

    def _action(self, action: Cursor) -> tuple[str, ...]:
        verb = action.next().upper
        if verb == "ADD":
            self._add(action)
        elif verb == "DROP":
            return "DROP", self._drop(action)
        elif verb == "ALTER":
            self._alter(action)
        elif verb == "MODIFY":
            action.take("COLUMN")
            self._if(action)
            for part in action.group().parts() if action.at("(") else [action]:
                self._modify(part)
        elif verb == "CHANGE":
            action.take("COLUMN")
            self._if(action)
            before = action.name()
            self.rename_column(before, action.spelled(action.peek()))
            self._modify(action)
        elif verb == "RENAME":
            self._rename(action)
        elif verb == "SET":
            if action.take("SCHEMA"):
                self.catalogue.rename(self.table, action.name(), self.table.name)
        elif verb == "ATTACH":
            action.take("PARTITION")
            found = self._other(action)
            found.partition = PartOf(self.table, bound_of(action))
        elif verb == "DETACH":
            action.take("PARTITION")
            self._other(action).partition = None
        elif verb == "INHERIT":
            self.table.parents.append(self._other(action))
        elif verb == "NO":
            action.take("INHERIT")
            parent = self._other(action)
            self.table.parents = [one for one in self.table.parents if one is not parent]
        elif verb == "COMMENT":
            action.take("=")
            self.table.comment = action.string() or None
        elif verb in ("ENABLE", "DISABLE"):
            self._trigger(verb, action)
        elif verb not in _QUIET and verb != "OF":
            raise UnreadError
        return (verb,)

    def _other(self, action: Cursor) -> Table:
        found = self.catalogue.table(action.qualified())
        if found is None:
            raise UnreadError
        return found

    @staticmethod
    def _if(action: Cursor) -> bool:
        return action.take("IF", "EXISTS") or action.take("IF", "NOT", "EXISTS")

    # adding

    def _add(self, action: Cursor) -> None:
        if action.at("PARTITION") or action.at("SYSTEM", "VERSIONING") or action.at("PERIOD"):
            return
        if action.at("CONSTRAINT", "IF", "NOT", "EXISTS"):
            shorter = Cursor(action.text, (action.tokens[1], *action.tokens[5:]), action.lexis)
            if shorter.peek(1).value not in self.table.constraint_names():
                self.reader.part(shorter)
            return
        if action.take_any(_INDEXES) and self._is_index(action):
            return
        action.place = 1
        column = action.take("COLUMN")
        missing = self._if(action)
        if action.at("(") and not column:
            for part in action.group().parts():
                self._add_part(part)
        elif missing and self.table.column(action.spelled(action.peek())) is not None:
            action.rest()
        elif column:
            for part in action.group().parts() if action.at("(") else [action]:
                self._add_column(part)
        else:
            self._add_part(action)

    @staticmethod
    def _is_index(action: Cursor) -> bool:
        return any(
            action.peek(ahead).upper == "(" and action.peek(ahead + 1).kind != NUMBER for ahead in range(5)
        ) and not action.at(".")

    def _add_part(self, part: Cursor) -> None:
        if part.take("DEFAULT"):
            self.reader.named_default(part)
        else:
            before = len(self.table.checks)
            if not self.reader.constraint(part):
                self._add_column(part)
            for heir in self.heirs:
                heir.checks += self.table.checks[before:]

    def _add_column(self, part: Cursor) -> None:
        if self.table.column(part.spelled(part.peek())) is not None:
            raise UnreadError
        before = list(self.table.columns)
        made = self.reader.column(part)
        self._place(made, part, before)
        for heir in self.heirs:
            heir.columns.setdefault(made.name, made.copy())

    def _place(self, made: Column, part: Cursor, before: list[str]) -> None:
        """Where MySQL puts a column: it says so last."""
        last = part.tokens[-1]
        if last.upper == "FIRST":
            order = [made.name, *before]
        elif len(part.tokens) > 2 and part.tokens[-2].upper == "AFTER":
            found = self.table.column(last.value)
            if found is None or found.name not in before:
                return
            at = before.index(found.name) + 1
            order = [*before[:at], made.name, *before[at:]]
        else:
            return
        self.table.columns = {name: self.table.columns[name] for name in order}

    # dropping

    def _drop(self, action: Cursor) -> str:
        if action.take("CONSTRAINT"):
            self._drop_constraint(action)
            return "CONSTRAINT"
        if action.take("PRIMARY", "KEY"):
            self.table.primary_key, self.table.primary_name = (), ""
        elif (
            action.take("FOREIGN", "KEY")
            or action.at("CHECK")
            or (action.peek().upper in ("INDEX", "KEY") and action.peek(1).kind in (WORD, QUOTED))
        ):
            action.take_any(("CHECK", "INDEX", "KEY"))
            self._drop_constraint(action, quiet=True)
        elif action.peek().upper in ("PARTITION", "SYSTEM", "PERIOD", "DEFAULT"):
            pass
        else:
            action.take("COLUMN")
            for part in action.group().parts() if action.at("(") else [action]:
                self.drop_column(part)
            return "COLUMN"
        return ""

    def _drop_constraint(self, action: Cursor, *, quiet: bool = False) -> None:
        known = self._if(action)
        name = action.name()
        cascade = action.take("CASCADE")
        if not self.drop_named(name, cascade=cascade) and not (known or quiet):
            raise UnreadError

    def drop_named(self, name: str, *, cascade: bool = False) -> bool:
        """Take a constraint away; False where there is none of the name."""
        self.catalogue.free_names()
        table, folded = self.table, name.casefold()
        for one in (table, *self.heirs):
            one.checks = [check for check in one.checks if check.name.casefold() != folded or one is table]
        if name and table.primary_name.casefold() == folded:
            self._lose_key(table.primary_key, cascade=cascade)
            table.primary_key, table.primary_name = (), ""
            return True
        for key in table.unique_keys:
            if key.name.casefold() == folded:
                table.unique_keys.remove(key)
                self._lose_key(key.columns, cascade=cascade)
                return True
        for reference in table.foreign_keys:
            if reference.name.casefold() == folded:
                table.foreign_keys.remove(reference)
                return True
        for place, check in enumerate(table.checks, start=1):
            if folded in (check.name.casefold(), *(_numbered(table, place) if not check.name else ())):
                table.checks.remove(check)
                return True
        for text in [one for one in table.unread if name in one]:
            table.unread.remove(text)
            return True
        if name in table.other_names:
            table.other_names.discard(name)
            return True
        return False

    def drop_index(self, name: str) -> None:
        """Take a unique index away."""
        folded = name.casefold()
        self.table.unique_keys = [key for key in self.table.unique_keys if key.name.casefold() != folded]
        self.table.unread = [text for text in self.table.unread if f" INDEX {name} ON " not in text]

    def rename(self, before: str, after: str) -> None:
        """Give a constraint or an index another name."""
        rename_constraint(self.table, before, after)

    def _lose_key(self, columns: tuple[str, ...], *, cascade: bool) -> None:
        """References to a key that is gone."""
        if not cascade:
            return
        for other in self.catalogue.tables:
            other.foreign_keys = [
                key
                for key in other.foreign_keys
                if not (key.parent is self.table and set(key.references or self.table.primary_key) == set(columns))
            ]

    def drop_column(self, action: Cursor) -> None:
        """Take a column away, with all that holds of it."""
        known = self._if(action)
        found = self.table.column(action.name())
        if found is None:
            if not known:
                raise UnreadError
            return
        for table in (self.table, *self.heirs):
            self._without(table, found.name)

    def _without(self, table: Table, name: str) -> None:
        self.catalogue.free_names()
        table.columns.pop(name, None)
        if self.dialect.sqlglot == "mysql":
            table.primary_key = tuple(one for one in table.primary_key if one != name)
            shorter = [
                replace(key, columns=tuple(one for one in key.columns if one != name)) for key in table.unique_keys
            ]
            table.unique_keys = [key for key in shorter if key.columns]
        else:
            table.primary_key = () if name in table.primary_key else table.primary_key
            table.unique_keys = [
                key for key in table.unique_keys if name not in key.columns and not self._names(key.where or "", name)
            ]
        table.foreign_keys = [key for key in table.foreign_keys if name not in key.columns]
        table.checks = [check for check in table.checks if not self._names(check.sql, name)]
        for other in self.catalogue.tables:
            other.foreign_keys = [
                key for key in other.foreign_keys if not (key.parent is table and name in key.references)
            ]

    def _names(self, sql: str, column: str) -> bool:
        """Whether a condition is about a column."""
        return renamed(sql, column, "", self.reader) != sql

    # changing

    def _alter(self, action: Cursor) -> None:
        if action.peek().upper in ("CONSTRAINT", "CHECK", "INDEX") and action.peek(1).kind in (WORD, QUOTED):
            word = action.next().upper
            name = action.name()
            if word != "INDEX" and action.take("NOT", "ENFORCED"):
                self.drop_named(name)
            elif word == "CONSTRAINT" and (action.at("DEFERRABLE") or action.at("NOT", "DEFERRABLE")):
                for key in self.table.foreign_keys:
                    key.deferrable = action.at("DEFERRABLE") if key.name == name else key.deferrable
            return
        action.take("COLUMN")
        self._if(action)
        found = self.table.column(action.name())
        if found is None:
            raise UnreadError
        for table in (self.table, *self.heirs):
            column = table.columns.get(found.name)
            if column is not None:
                place = action.place
                self._alter_column(column, Cursor(action.text, action.tokens[place:], action.lexis))

    def _alter_column(self, column: Column, action: Cursor) -> None:
        if action.take("SET", "DATA", "TYPE") or action.take("TYPE"):
            self._retype(column, action)
        elif action.take("SET", "NOT", "NULL"):
            column.nullable = False
        elif action.take("DROP", "NOT", "NULL"):
            column.nullable = True
        elif action.take("SET", "DEFAULT"):
            self.reader.set_default(column, action.rest())
        elif action.take("DROP", "DEFAULT"):
            column.default = None
            # A column of a sequence is not numbered any more.
            column.identity = False
        elif action.take("ADD", "GENERATED"):
            column.identity, column.nullable = True, False
        elif action.take("DROP", "IDENTITY"):
            column.identity = False
        elif action.take("DROP", "EXPRESSION"):
            column.generated = False
        elif action.peek().upper not in ("SET", "RESET", "RESTART", "ADD", "DROP"):
            # SQL Server's: a type, and whether it may be null, which it may where nothing is said.
            self._retype(column, action)
            column.nullable = True
            self.reader.attributes(action, column)

    def _retype(self, column: Column, action: Cursor) -> None:
        identity = column.identity
        self.reader.type(action, column)
        column.identity = identity

    def _modify(self, action: Cursor) -> None:
        """MySQL's definition of a column anew, and Oracle's of what is different."""
        if action.take("CONSTRAINT"):
            return
        name = action.spelled(action.peek())
        found = self.table.column(name)
        if found is None:
            raise UnreadError
        action.next()
        if self.dialect.sqlglot != "mysql":
            if action.peek().upper not in ("NOT", "NULL", "DEFAULT", "CONSTRAINT", ""):
                self._retype(found, action)
            self.reader.attributes(action, found)
            return
        keyed = found.name in self.table.primary_key
        made = Column(found.name)
        order = list(self.table.columns)
        self.table.columns[found.name] = made
        self.reader.type(action, made)
        self.reader.attributes(action, made)
        made.nullable = made.nullable and not keyed
        order.remove(found.name)
        if action.tokens[-1].upper == "FIRST" or action.tokens[-2].upper == "AFTER":
            self._place(made, action, order)

    # names

    def _rename(self, action: Cursor) -> None:
        if (
            action.take("CONSTRAINT")
            or action.take("INDEX")
            or (action.at("KEY") and action.peek(2).upper == "TO" and action.take("KEY"))
        ):
            before = action.name()
            action.take("TO")
            rename_constraint(self.table, before, action.name())
        elif action.take("TO") or action.take("AS") or action.take("=") or len(action.tokens) == 2:
            name = action.qualified()
            self.catalogue.rename(self.table, name[0] if len(name) > 1 else self.table.schema, name[-1])
        else:
            action.take("COLUMN")
            self._if(action)
            before = action.name()
            if not action.take("TO"):
                raise UnreadError
            self.rename_column(before, action.name())

    def rename_column(self, before: str, after: str) -> None:
        """Give a column another name, wherever it is named."""
        found = self.table.column(before)
        if found is None:
            raise UnreadError
        before = found.name
        if before == after:
            return
        for table in (self.table, *self.heirs):
            self._rename_in(table, before, after)

    def _rename_in(self, table: Table, before: str, after: str) -> None:
        def other(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(after if one == before else one for one in names)

        for key in self.catalogue.referring(table):
            key.references = other(key.references)
        columns = {}
        for name, column in table.columns.items():
            column.name = after if name == before else name
            columns[column.name] = column
        table.columns = columns
        table.primary_key = other(table.primary_key)
        table.unique_keys = [
            replace(
                key,
                columns=other(key.columns),
                where=renamed(key.where, before, after, self.reader) if key.where else None,
            )
            for key in table.unique_keys
        ]
        for reference in table.foreign_keys:
            reference.columns = other(reference.columns)
        table.checks = [replace(check, sql=renamed(check.sql, before, after, self.reader)) for check in table.checks]

    def _trigger(self, verb: str, action: Cursor) -> None:
        action.take_any(("ALWAYS", "REPLICA"))
        if not action.take("TRIGGER"):
            return
        name = action.name()
        enabled = "O" if verb == "ENABLE" else "D"
        self.table.triggers = [
            replace(one, enabled=enabled) if name.upper() in ("ALL", "USER") or one.name == name else one
            for one in self.table.triggers
        ]


def rename_constraint(table: Table, before: str, after: str) -> None:
    """Give a constraint or an index another name."""
    if table.primary_name == before:
        table.primary_name = after
    table.unique_keys = [replace(key, name=after) if key.name == before else key for key in table.unique_keys]
    table.checks = [replace(check, name=after) if check.name == before else check for check in table.checks]
    for key in table.foreign_keys:
        key.name = after if key.name == before else key.name


def _numbered(table: Table, place: int) -> tuple[str, ...]:
    """The names that MariaDB and MySQL give to a check without one."""
    return f"constraint_{place}", f"{table.name}_chk_{place}".casefold()
