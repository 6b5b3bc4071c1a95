"""Columns and constraints, as the bodies of tables and ALTER TABLE write them."""

import re
from collections.abc import Callable

from faasera.databases.structure import CheckConstraint, UniqueKey
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.indexes import index_columns
from faasera.schema.dialects.scripts.catalogue import Catalogue, Column, ForeignKey, Name, Table
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError, words
from faasera.schema.dialects.scripts.tokens import NUMBER, QUOTED, SYMBOL, TEXT, WORD, scan

# What may come behind a type, or behind a default.
_ENDS = words(
    "CONSTRAINT NOT NULL DEFAULT PRIMARY UNIQUE CHECK REFERENCES COLLATE GENERATED AS AUTO_INCREMENT AUTOINCREMENT IDENTITY COMMENT ON KEY STORAGE "
    "COMPRESSION VIRTUAL STORED PERSISTED PERSISTENT INVISIBLE VISIBLE SRID ROWGUIDCOL SPARSE ENCODE ENABLE DISABLE DEFERRABLE INITIALLY MASKED "
    "FOREIGN USING OPTIONS WITH CHARSET ENGINE_ATTRIBUTE COLUMN_FORMAT FIRST AFTER FOR REF_SYSTEM_ID WITHOUT_DEFAULT INCLUDE SORTKEY DISTKEY "
    "EXCLUDE"
)
_OF_TYPES = ("(", ")", "[", "]", ".", ",")
_CONSTRAINTS = ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE")
_INDEXES = ("KEY", "INDEX", "FULLTEXT", "SPATIAL", "VECTOR")
_SERIALS = {
    "serial": "integer", "bigserial": "bigint", "smallserial": "smallint", "serial4": "integer", "serial8": "bigint", "serial2": "smallint",
}  # fmt: skip
_NUMBERED = re.compile(r"\bnextval\s*\(|\bnext value for\b|\.nextval\b|\bunique_rowid\s*\(", re.I)
_ADDED = re.compile(r"\s+(?:ZEROFILL|SIGNED|ASCII|UNICODE|BINARY)\b|\s+CHARACTER\s+SET\s+\S+|\s+SUB_TYPE\s+\S+", re.I)


class ColumnReader:
    """Reads the parts of one table into it.

    Args:
        dialect: of the script.
        catalogue: what there is before.
        table: that the parts belong to.
    """

    def __init__(self, dialect: Dialect, catalogue: Catalogue, table: Table) -> None:
        self.dialect = dialect
        self.catalogue = catalogue
        self.table = table
        self.names = dialect.lexis.folded

    def part(self, cursor: Cursor) -> None:
        """A column or a constraint of a table's body.

        Raises:
            UnreadError: it is neither.
        """
        if not self.constraint(cursor):
            self.column(cursor)

    def constraint(self, cursor: Cursor) -> bool:
        """A constraint, if that is what comes next."""
        name = ""
        start = cursor.place
        if cursor.at("CONSTRAINT") and cursor.peek(1).kind in (WORD, QUOTED, TEXT):
            cursor.take("CONSTRAINT")
            # MySQL's may have no name.
            name = (
                ""
                if cursor.peek().upper in _CONSTRAINTS and cursor.peek(1).upper not in _CONSTRAINTS
                else cursor.name()
            )
        if name:
            self.catalogue.take_name(self.table.schema, name)
        if cursor.take("NOT", "NULL"):
            # PostgreSQL 18 names these, too.
            cursor.take("ENFORCED")
            found = self.table.column(cursor.name())
            if found is not None:
                found.nullable = False
            return True
        word = cursor.peek().upper
        if word == "PRIMARY" and cursor.peek(1).upper == "KEY":
            self._primary(cursor, name)
        elif word == "UNIQUE" and self._is_unique(cursor):
            self._unique(cursor, name)
        elif word == "FOREIGN" and cursor.peek(1).upper == "KEY":
            cursor.place += 2
            self.foreign(cursor, name)
        elif word == "CHECK" and cursor.peek(1).upper == "(":
            cursor.place += 1
            self.check(cursor, name)
        elif word == "EXCLUDE" and cursor.peek(1).upper in ("USING", "("):
            self.table.unread.append(f"an exclusion constraint: {' '.join(cursor.rest().split())}")
            self.table.other_names.add(name or self.new_name("", "excl"))
        elif (word == "PERIOD" and cursor.peek(1).upper == "FOR") or (word in _INDEXES and self._is_index(cursor)):
            cursor.rest()
        elif name:
            # SQL Server names defaults.
            self.table.other_names.add(name)
            if not cursor.take("DEFAULT"):
                raise UnreadError
            self.named_default(cursor)
        else:
            cursor.place = start
            return False
        return True

    def named_default(self, cursor: Cursor) -> None:
        """A default that stands apart from its column."""
        value = cursor.until("FOR")
        cursor.take("FOR")
        found = self.table.column(cursor.name())
        if found is not None:
            found.default = value

    def new_name(self, column: str, label: str) -> str:
        """The name that PostgreSQL gives what has none; empty for others."""
        if not self.names:
            return ""
        parts = (self.table.name, column, label) if column else (self.table.name, label)
        return self.catalogue.new_name(self.table.schema, *parts)

    @staticmethod
    def _is_unique(cursor: Cursor) -> bool:
        return any(cursor.peek(ahead).upper in ("(", "USING") for ahead in range(1, 5))

    @staticmethod
    def _is_index(cursor: Cursor) -> bool:
        """Whether an index is meant, and no column that has the name of one."""
        for ahead in range(1, 7):
            token = cursor.peek(ahead)
            if token.upper == "(":
                return cursor.peek(ahead + 1).kind != NUMBER
            if token.upper == "." or token.kind not in (WORD, QUOTED):
                return False
        return False

    # keys

    def _primary(self, cursor: Cursor, name: str) -> None:
        cursor.take("PRIMARY", "KEY")
        if cursor.take("USING", "INDEX") and not cursor.at("("):
            self._by_index(cursor, name, primary=True)
            return
        cursor.until("(")
        columns = self.listed(cursor.group())
        self.table.primary_key = columns
        self.table.primary_name = name or self.new_name("", "pkey")
        for one in columns:
            found = self.table.column(one)
            if found is not None:
                found.nullable = False

    def _unique(self, cursor: Cursor, name: str) -> None:
        cursor.take("UNIQUE")
        if cursor.take("USING", "INDEX"):
            self._by_index(cursor, name, primary=False)
            return
        equal = cursor.take("NULLS", "NOT", "DISTINCT")
        cursor.take("NULLS", "DISTINCT")
        cursor.take_any(("KEY", "INDEX"))
        if not cursor.at("(") and cursor.peek().upper not in ("CLUSTERED", "NONCLUSTERED", "USING"):
            own = cursor.name()
            name = name or own
        cursor.until("(")
        self.add_unique(cursor.group(), name, equal=equal)

    def add_unique(
        self, group: Cursor, name: str, *, where: str | None = None, equal: bool = False, label: str = "key"
    ) -> None:
        """A unique key over what is listed."""
        columns = self.columns_of(group)
        if columns is None:
            shown = " ".join(group.all().split())
            condition = f" WHERE {where}" if where else ""
            self.table.unread.append(
                f"a unique index over an expression: CREATE UNIQUE INDEX {name or 'i'} ON {self.table.name} ({shown}){condition}"
            )
            self.table.other_names.add(name)
            return
        columns = self.table.spelled(columns)
        if not name:
            name = self.new_name("_".join(columns), label) if self.dialect.sqlglot != "mysql" else columns[0]
        self.table.unique_keys.append(UniqueKey(columns, name, where, equal))

    def columns_of(self, group: Cursor) -> tuple[str, ...] | None:
        """The columns of a key; None where it is over expressions."""
        parts = group.parts()
        if all(_is_plain(part) for part in parts):
            return tuple(part.name() for part in parts)
        return index_columns(f"CREATE UNIQUE INDEX i ON t ({group.all()})", self.dialect)

    def listed(self, group: Cursor) -> tuple[str, ...]:
        """The columns of a list, in their own case."""
        return self.table.spelled(tuple(part.name() for part in group.parts()))

    def _by_index(self, cursor: Cursor, name: str, *, primary: bool) -> None:
        index = cursor.name()
        found = next((key for key in self.table.unique_keys if key.name == index), None)
        if found is None:
            raise UnreadError
        self.table.unique_keys.remove(found)
        if primary:
            self.table.primary_key, self.table.primary_name = found.columns, name or index
        else:
            self.table.unique_keys.append(UniqueKey(found.columns, name or index, None, found.nulls_equal))

    # references and conditions

    def foreign(self, cursor: Cursor, name: str) -> None:
        """``[name] (columns) REFERENCES …``."""
        if not cursor.at("("):
            own = cursor.name()
            name = name or own
        columns = self.listed(cursor.group())
        cursor.until("REFERENCES")
        self.reference(cursor, columns, name)

    def reference(self, cursor: Cursor, columns: tuple[str, ...], name: str) -> None:
        """``REFERENCES table (columns) …``."""
        if not cursor.take("REFERENCES"):
            raise UnreadError
        parent = cursor.qualified()
        references = tuple(part.name() for part in cursor.group().parts()) if cursor.at("(") else ()
        deferrable = self._reference_options(cursor)
        if not name:
            name = self.new_name("_".join(columns), "fkey") if self.names else self._numbered_reference()
        self.table.foreign_keys.append(ForeignKey(columns, self._parent(parent), references, name, deferrable))

    def _parent(self, name: Name) -> Table | Name:
        schema, own = self.catalogue.place(name)
        if own == self.table.name and schema == self.table.schema:
            return self.table
        return self.catalogue.table(name) or ((schema, own) if schema else (own,))

    def _numbered_reference(self) -> str:
        return f"{self.table.name}_ibfk_{len(self.table.foreign_keys) + 1}" if self.dialect.sqlglot == "mysql" else ""

    @staticmethod
    def _reference_options(cursor: Cursor) -> bool:
        """What is done when the parent changes; whether the check may wait."""
        deferrable = False
        while True:
            if cursor.take_any(("MATCH",)):
                cursor.next()
            elif cursor.at("ON") and cursor.peek(1).upper in ("DELETE", "UPDATE"):
                cursor.place += 2
                if cursor.take_any(("SET", "NO")):
                    cursor.next()
                    cursor.skip_group()
                else:
                    cursor.next()
            elif (
                cursor.take("NOT", "DEFERRABLE")
                or cursor.take("NOT", "VALID")
                or cursor.take("NOT", "FOR", "REPLICATION")
            ):
                pass
            elif cursor.take("DEFERRABLE"):
                deferrable = True
            elif cursor.take("INITIALLY"):
                cursor.next()
            else:
                return deferrable

    def check(self, cursor: Cursor, name: str) -> None:
        """``(condition)`` of a check."""
        cursor.take("NOT", "FOR", "REPLICATION")
        group = cursor.group()
        sql = group.all()
        if cursor.take("NOT", "ENFORCED"):
            self.table.other_names.add(name)
            return
        cursor.take("ENFORCED")
        cursor.take("NO", "INHERIT")
        cursor.take("NOT", "VALID")
        if not name:
            name = self._check_name(group)
        self.table.checks.append(CheckConstraint(sql, name))

    def _check_name(self, group: Cursor) -> str:
        if not self.names:
            return ""
        found = {
            one.name
            for token in group.tokens
            if token.kind in (WORD, QUOTED) and (one := self.table.columns.get(group.spelled(token))) is not None
        }
        return self.new_name(found.pop() if len(found) == 1 else "", "check")

    # columns

    def column(self, cursor: Cursor) -> Column:
        """A column with its type and constraints, which becomes the table's last one."""
        made = Column(cursor.name())
        if cursor.at("(") or cursor.at("."):
            raise UnreadError
        self.table.columns[made.name] = made
        try:
            self.type(cursor, made)
            self.attributes(cursor, made)
        except UnreadError:
            del self.table.columns[made.name]
            raise
        return made

    def type(self, cursor: Cursor, column: Column) -> None:
        """A column's type."""
        start = cursor.place
        name: list[str] = []
        while not cursor.done:
            token = cursor.peek()
            if token.upper in _ENDS and not self._goes_on(cursor):
                break
            if cursor.at("CHARACTER", "SET") and cursor.place > start:
                cursor.place += 3
                continue
            if token.kind == SYMBOL and token.upper not in _OF_TYPES:
                raise UnreadError
            if token.kind in (WORD, QUOTED) and (not name or name[-1] == "."):
                name.append(cursor.spelled(token))
            elif token.upper == "." and name:
                name.append(".")
            if not cursor.skip_group():
                cursor.place += 1
        text = self._type_text(cursor, start)
        plain = tuple(one for one in name if one != ".")
        column.array = text.endswith("]") or text.upper().endswith(" ARRAY")
        column.type = _ADDED.sub("", text)
        self._numbered_type(column)
        column.user_type = self.catalogue.type(plain) if plain and "(" not in text else None

    def _numbered_type(self, column: Column) -> None:
        """A type that says that the database numbers the column is another one's name."""
        plain = _SERIALS.get(column.type.lower())
        if plain is None:
            return
        column.identity, column.nullable, column.type = True, False, plain
        if self.dialect.sqlglot == "mysql":
            column.type = "bigint unsigned"
            self.table.unique_keys.append(UniqueKey((column.name,), column.name))

    def _type_text(self, cursor: Cursor, start: int) -> str:
        """A type as it is written, in one line and without brackets."""
        text = " ".join(cursor.between(start, cursor.place).split())
        text = re.sub(r"(\[\d*\])+$", "[]", re.sub(r"(?i)^pg_catalog\.", "", text))
        return re.sub(r"\[([A-Za-z_]\w*)\]", r"\1", text) if self.dialect.lexis.brackets else text

    @staticmethod
    def _goes_on(cursor: Cursor) -> bool:
        """Whether a word that ends types belongs to this one."""
        return cursor.at("WITH") and cursor.peek(1).upper in ("TIME", "LOCAL")

    def attributes(self, cursor: Cursor, column: Column) -> None:
        """All that is said of a column behind its type."""
        name = ""
        while not cursor.done:
            if cursor.take("CONSTRAINT"):
                name = cursor.name()
                continue
            maker = _ATTRIBUTES.get(cursor.peek().upper)
            if maker is None or not maker(self, cursor, column, name):
                if not cursor.skip_group():
                    cursor.place += 1
                continue
            name = ""

    def default(self, cursor: Cursor, column: Column, _: str = "") -> bool:
        """``DEFAULT value``."""
        if not cursor.take("DEFAULT"):
            return False
        start = cursor.place
        cursor.take_any(("NOT", "-", "+", "NULL"))
        if not cursor.skip_group():
            cursor.place += 1
        while not cursor.done and (cursor.peek().upper not in _ENDS or self._goes_on(cursor)):
            if not cursor.skip_group():
                cursor.place += 1
        # NULL is read by itself, and what follows it is the column's.
        if cursor.tokens[start].upper == "NULL":
            cursor.place = start + 1
        self.set_default(column, cursor.between(start, min(cursor.place, len(cursor.tokens))))
        return True

    def set_default(self, column: Column, text: str) -> None:
        """A default; one that counts is the database's own numbering."""
        if _NUMBERED.search(text):
            column.identity = True
            column.default = None
        else:
            column.default = None if text.upper() == "NULL" else text

    def _not(self, cursor: Cursor, column: Column, _: str) -> bool:
        if not cursor.take("NOT", "NULL"):
            cursor.place += 1
            cursor.next()
            return True
        column.nullable = False
        return True

    def _null(self, cursor: Cursor, _column: Column, _: str) -> bool:
        return cursor.take("NULL")

    def _primary_column(self, cursor: Cursor, column: Column, name: str) -> bool:
        if not cursor.take("PRIMARY"):
            return False
        cursor.take("KEY")
        column.nullable = False
        self.table.primary_key = (column.name,)
        self.table.primary_name = name or self.new_name("", "pkey")
        if self.dialect.numbered_integer_keys and column.type.upper() == "INTEGER" and not cursor.at("DESC"):
            column.identity = True
        return True

    def _unique_column(self, cursor: Cursor, column: Column, name: str) -> bool:
        cursor.take("UNIQUE")
        equal = cursor.take("NULLS", "NOT", "DISTINCT")
        cursor.take("KEY")
        name = name or (column.name if self.dialect.sqlglot == "mysql" else self.new_name(column.name, "key"))
        self.table.unique_keys.append(UniqueKey((column.name,), name, None, equal))
        return True

    def _check_column(self, cursor: Cursor, _: Column, name: str) -> bool:
        if not (cursor.at("CHECK", "(") or cursor.at("CHECK", "NOT")):
            return False
        cursor.take("CHECK")
        self.check(cursor, name)
        return True

    def _reference_column(self, cursor: Cursor, column: Column, name: str) -> bool:
        self.reference(cursor, (column.name,), name)
        return True

    def generated(self, cursor: Cursor, column: Column, _: str = "") -> bool:
        """``GENERATED …`` and ``AS (…)``: computed, or numbered."""
        if cursor.take("GENERATED"):
            cursor.take_any(("ALWAYS",))
            if cursor.take("BY", "DEFAULT"):
                cursor.take("ON", "NULL")
        if not cursor.take("AS"):
            return False
        if cursor.take("IDENTITY"):
            column.identity, column.nullable = True, False
            cursor.skip_group()
            return True
        column.generated = True
        if cursor.at("ROW"):
            cursor.until("HIDDEN", "NOT", "NULL")
        elif not cursor.skip_group():
            cursor.until(*_ENDS)
        return True

    def _numbered(self, cursor: Cursor, column: Column, _: str) -> bool:
        cursor.next()
        cursor.skip_group()
        column.identity, column.nullable = True, False
        return True

    def _key(self, cursor: Cursor, column: Column, name: str) -> bool:
        """MySQL's short word for a primary key."""
        cursor.take("KEY")
        if self.dialect.sqlglot == "mysql" and not self.table.primary_key:
            column.nullable = False
            self.table.primary_key, self.table.primary_name = (column.name,), name
        return True

    def _comment(self, cursor: Cursor, column: Column, _: str) -> bool:
        cursor.take("COMMENT")
        if cursor.peek().kind not in (TEXT, QUOTED):
            return False
        column.comment = cursor.string() or None
        return True

    def _on(self, cursor: Cursor, _column: Column, _: str) -> bool:
        """``ON UPDATE now()``, ``ON CONFLICT IGNORE``."""
        cursor.take("ON")
        cursor.next()
        cursor.next()
        cursor.skip_group()
        return True


Attribute = Callable[[ColumnReader, Cursor, Column, str], bool]
_ATTRIBUTES: dict[str, Attribute] = {
    "NOT": ColumnReader._not,
    "NULL": ColumnReader._null,
    "DEFAULT": ColumnReader.default,
    "PRIMARY": ColumnReader._primary_column,
    "UNIQUE": ColumnReader._unique_column,
    "CHECK": ColumnReader._check_column,
    "REFERENCES": ColumnReader._reference_column,
    "GENERATED": ColumnReader.generated,
    "AS": ColumnReader.generated,
    "AUTO_INCREMENT": ColumnReader._numbered,
    "AUTOINCREMENT": ColumnReader._numbered,
    "IDENTITY": ColumnReader._numbered,
    "KEY": ColumnReader._key,
    "COMMENT": ColumnReader._comment,
    "ON": ColumnReader._on,
}
"""What reads each word behind a column's type."""


def _is_plain(part: Cursor) -> bool:
    """Whether a key's part is a column's name, perhaps with a length and an order."""
    first, second = part.peek(), part.peek(1)
    if first.kind not in (WORD, QUOTED, TEXT) or second.upper == ".":
        return False
    return second.upper != "(" or (part.peek(2).kind == NUMBER and part.peek(3).upper == ")")


def renamed(sql: str, before: str, after: str, reader: ColumnReader) -> str:
    """A condition with another name for a column."""
    lexis = reader.dialect.lexis
    made, at = [], 0
    for token in scan(sql, lexis):
        name = token.value.lower() if token.kind == WORD and lexis.folded else token.value
        if token.kind in (WORD, QUOTED) and name.casefold() == before.casefold():
            quote = "`" if reader.dialect.sqlglot == "mysql" else '"'
            made += [sql[at : token.start], f"{quote}{after}{quote}"]
            at = token.end
    return "".join([*made, sql[at:]])
