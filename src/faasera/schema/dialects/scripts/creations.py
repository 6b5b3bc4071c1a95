"""CREATE TABLE in all of its forms."""

import re
from dataclasses import replace

from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.scripts.catalogue import Catalogue, Column, PartOf, Table
from faasera.schema.dialects.scripts.columns import ColumnReader
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError
from faasera.schema.dialects.scripts.partitions import bound_of, key_of, parts_of
from faasera.schema.dialects.scripts.tokens import QUOTED, TEXT, WORD

_COPIED = ("COMMENTS", "CONSTRAINTS", "DEFAULTS", "GENERATED", "IDENTITY", "INDEXES")


class TableCreation:
    """Reads one statement that makes a table.

    Args:
        dialect: of the script.
        catalogue: what there is before, and takes the table.

    Attributes:
        lost: what of the table cannot be read.
    """

    def __init__(self, dialect: Dialect, catalogue: Catalogue) -> None:
        self.dialect = dialect
        self.catalogue = catalogue
        self.lost: list[str] = []

    def read(self, cursor: Cursor, *, temporary: bool, or_replace: bool) -> Table | None:
        """The table, from behind the word TABLE; None where there was one of its name.

        Raises:
            UnreadError: it has no form that is known.
        """
        if_missing = cursor.take("IF", "NOT", "EXISTS")
        name = cursor.qualified()
        before = self.catalogue.meant(name)
        if before is not None and not or_replace:
            if not if_missing:
                self.lost.append("there is a table of that name")
            return None
        schema, own = self.catalogue.place(name)
        table = Table(schema, own, temporary=temporary)
        self._body(cursor, table)
        self._options(cursor, table)
        # A unique key over the primary key's columns is the same index.
        key = set(table.primary_key)
        table.unique_keys = [one for one in table.unique_keys if set(one.columns) != key or one.where is not None]
        if not table.columns and not table.parents and table.partition is None and self.lost:
            raise UnreadError
        if before is not None:
            self.catalogue.drop(before, cascade=False)
        self.catalogue.add(table)
        return table

    def _body(self, cursor: Cursor, table: Table) -> None:
        if cursor.take("PARTITION", "OF"):
            self._part_of(cursor, table)
        elif cursor.take("OF"):
            self._of_type(cursor, table)
        elif cursor.take("LIKE") or cursor.take("CLONE"):
            self._like(cursor, table, everything=True)
        elif cursor.take("AS") or cursor.at("(", "SELECT") or cursor.at("SELECT"):
            self._query(cursor, table)
        elif cursor.at("(", "LIKE") and self.dialect.sqlglot == "mysql":
            group = cursor.group()
            group.take("LIKE")
            self._like(group, table, everything=True)
        else:
            parts = cursor.group().parts()
            parents = self._parents(cursor)
            for parent in parents:
                self._inherit(table, parent)
            table.parents = parents
            self._parts(parts, table)

    def _parts(self, parts: list[Cursor], table: Table) -> None:
        reader = ColumnReader(self.dialect, self.catalogue, table)
        later = []
        for part in parts:
            if part.take("LIKE"):
                self._like(part, table, everything=False)
                continue
            inherited = {name: one for name, one in table.columns.items() if table.parents}
            try:
                # PostgreSQL names keys after conditions, and references last.
                if not _is_key(part):
                    self._part(reader, part, inherited)
                else:
                    later.append(part)
            except UnreadError:
                self.lost.append(part.all())
        for part in sorted(later, key=lambda one: _rank(one)):
            try:
                reader.part(part)
            except UnreadError:
                self.lost.append(part.all())

    @staticmethod
    def _part(reader: ColumnReader, part: Cursor, inherited: dict[str, Column]) -> None:
        reader.part(part)
        last = next(reversed(reader.table.columns.values()), None)
        if last is not None and inherited.get(last.name) is not None:
            last.nullable = last.nullable and inherited[last.name].nullable

    def _parents(self, cursor: Cursor) -> list[Table]:
        if not cursor.take("INHERITS"):
            return []
        found = []
        for part in cursor.group().parts():
            parent = self.catalogue.table(part.qualified())
            if parent is None:
                raise UnreadError
            found.append(parent)
        return found

    @staticmethod
    def _inherit(table: Table, parent: Table) -> None:
        for column in parent.columns.values():
            if column.name not in table.columns:
                table.columns[column.name] = column.copy()
                table.columns[column.name].comment = None
        table.checks += [one for one in parent.checks if one not in table.checks]

    def _part_of(self, cursor: Cursor, table: Table) -> None:
        parent = self.catalogue.table(cursor.qualified())
        if parent is None:
            raise UnreadError
        for column in parent.columns.values():
            table.columns[column.name] = column.copy()
            table.columns[column.name].comment = None
        reader = ColumnReader(self.dialect, self.catalogue, table)
        if cursor.at("("):
            for part in cursor.group().parts():
                if not reader.constraint(part):
                    found = table.column(part.name())
                    if found is not None:
                        part.take("WITH", "OPTIONS")
                        reader.attributes(part, found)
        table.partition = PartOf(parent, bound_of(cursor))

    def _of_type(self, cursor: Cursor, table: Table) -> None:
        kind = self.catalogue.type(cursor.qualified())
        if kind is None or not kind.columns:
            raise UnreadError
        for column in kind.columns:
            table.columns[column.name] = column.copy()
        reader = ColumnReader(self.dialect, self.catalogue, table)
        for part in cursor.group().parts() if cursor.at("(") else []:
            if not reader.constraint(part) and (found := table.column(part.name())) is not None:
                part.take("WITH", "OPTIONS")
                reader.attributes(part, found)

    def _like(self, cursor: Cursor, table: Table, *, everything: bool) -> None:
        other = self.catalogue.table(cursor.qualified())
        if other is None:
            raise UnreadError
        copied = set(_COPIED) if everything else set()
        while word := cursor.take_any(("INCLUDING", "EXCLUDING")):
            named = cursor.next().upper
            chosen = set(_COPIED) if named == "ALL" else {named}
            copied = copied | chosen if word == "INCLUDING" else copied - chosen
        for column in other.columns.values():
            made = column.copy()
            table.columns[made.name] = made
            made.default = made.default if "DEFAULTS" in copied else None
            made.identity = made.identity and "IDENTITY" in copied
            made.generated = made.generated and "GENERATED" in copied
            made.comment = made.comment if "COMMENTS" in copied else None
        if "CONSTRAINTS" in copied:
            table.checks += other.checks
        if "INDEXES" in copied:
            reader = ColumnReader(self.dialect, self.catalogue, table)
            if other.primary_key:
                table.primary_key, table.primary_name = other.primary_key, reader.new_name("", "pkey") or "PRIMARY"
            for key in other.unique_keys:
                label = "idx" if key.where else "key"
                name = reader.new_name("_".join(key.columns), label) or key.name
                table.unique_keys.append(replace(key, name=name))
            table.unread += other.unread

    def _query(self, cursor: Cursor, table: Table) -> None:
        """The columns of a query, with the types that they have by those of the tables that it asks."""
        from faasera.schema.dialects.scripts.queries import columns_of

        text = re.sub(r"(?is)\s+WITH\s+(NO\s+)?DATA\s*$", "", cursor.rest())
        for name, kind in columns_of(text, self.dialect, self.catalogue):
            user = self.catalogue.type((kind.strip('"').removesuffix("[]"),))
            table.columns.setdefault(name, Column(name, kind, user, kind.endswith("[]")))

    # what follows the body

    def _options(self, cursor: Cursor, table: Table) -> None:
        while not cursor.done:
            if cursor.take("PARTITION", "BY"):
                table.partitioned = key_of(cursor)
                if self.dialect.sqlglot == "mysql":
                    table.parts = parts_of(cursor, table.name, table.partitioned)
                    # Any row has its place where there are no parts to tell of.
                    table.partitioned = table.partitioned if table.parts is not None else None
            elif cursor.take("COMMENT"):
                cursor.take("=")
                if cursor.peek().kind in (TEXT, QUOTED):
                    table.comment = cursor.string() or None
            elif cursor.at("AS") and cursor.peek(1).upper in ("SELECT", "(", "WITH", "TABLE"):
                cursor.take("AS")
                self._query(cursor, table)
            elif cursor.at("SELECT"):
                self._query(cursor, table)
            elif not cursor.skip_group():
                cursor.place += 1


def _is_key(part: Cursor) -> bool:
    ahead = 2 if part.at("CONSTRAINT") else 0
    first, second = part.peek(ahead), part.peek(ahead + 1)
    if first.kind != WORD:
        return False
    return first.upper in ("UNIQUE", "EXCLUDE") or (first.upper in ("PRIMARY", "FOREIGN") and second.upper == "KEY")


def _rank(part: Cursor) -> int:
    word = part.peek(2 if part.at("CONSTRAINT") else 0).upper
    return {"PRIMARY": 0, "FOREIGN": 2}.get(word, 1)
