"""Types that scripts make: enumerations, domains, and others whose columns nobody knows."""

from dataclasses import replace

from faasera.databases.structure import CheckConstraint
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.scripts.catalogue import Catalogue, Column, Name, Table, UserType
from faasera.schema.dialects.scripts.columns import ColumnReader
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError


class TypeReader:
    """Reads CREATE TYPE, CREATE DOMAIN, and what changes them.

    Args:
        dialect: of the script.
        catalogue: what there is.
    """

    def __init__(self, dialect: Dialect, catalogue: Catalogue) -> None:
        self.dialect = dialect
        self.catalogue = catalogue

    def create(self, kind: str, cursor: Cursor) -> None:
        """A type or domain, from behind the word."""
        cursor.take("IF", "NOT", "EXISTS")
        name = self.catalogue.place(cursor.qualified())
        made = UserType(name, "other")
        if kind == "DOMAIN":
            cursor.take("AS")
            self._domain(made, cursor)
        elif cursor.take("AS", "ENUM"):
            made.kind = "enum"
            made.values = [part.string() for part in cursor.group().parts()]
        elif cursor.take("AS", "RANGE"):
            made.kind = "range"
            made.base = self._subtype(cursor)
        elif cursor.take("FROM"):
            # SQL Server's other name for a type.
            self._domain(made, cursor)
        elif cursor.at("AS", "(") or cursor.at("AS", "OBJECT"):
            cursor.until("(")
            made.kind = "composite"
            reader = ColumnReader(self.dialect, self.catalogue, Table("", name[-1]))
            made.columns = [reader.column(part) for part in cursor.group().parts()]
        elif cursor.take("AS") and not cursor.done:
            # DuckDB's other name for a type.
            self._domain(made, cursor)
        self.catalogue.add_type(made)

    def _subtype(self, cursor: Cursor) -> Column | None:
        """The type between the ends of a range; None where it is not said."""
        for part in cursor.group().parts():
            if part.take("SUBTYPE", "="):
                found = Column("")
                ColumnReader(self.dialect, self.catalogue, Table("", "")).type(part, found)
                return found
        return None

    def _domain(self, made: UserType, cursor: Cursor) -> None:
        made.kind = "domain"
        table = Table("", made.name[-1])
        reader = ColumnReader(self.dialect, self.catalogue, table)
        column = Column("VALUE")
        table.columns["VALUE"] = column
        reader.type(cursor, column)
        reader.attributes(cursor, column)
        made.base = column
        made.checks = [self._named(made, check) for check in table.checks]

    def _named(self, made: UserType, check: CheckConstraint) -> CheckConstraint:
        """A domain's check with the name that PostgreSQL gives it."""
        own = check.name if check.name and not check.name.startswith(f"{made.name[-1]}_value_check") else ""
        if own:
            return check
        taken = {one.name for one in made.checks}
        name = f"{made.name[-1]}_check"
        return replace(check, name=name if name not in taken else f"{name}{len(taken)}")

    def alter(self, kind: str, cursor: Cursor) -> None:
        """A type or domain that is changed."""
        found = self.catalogue.type(cursor.qualified())
        if found is None:
            raise UnreadError
        if cursor.take("ADD", "VALUE"):
            self._add_value(found, cursor)
        elif cursor.take("RENAME", "VALUE"):
            before = cursor.string()
            cursor.take("TO")
            after = cursor.string()
            found.values = [after if one == before else one for one in found.values]
        elif cursor.take("RENAME", "TO"):
            self._rename(found, (found.name[0], cursor.name()))
        elif cursor.take("SET", "SCHEMA"):
            self._rename(found, (cursor.name(), found.name[-1]))
        elif kind == "DOMAIN":
            self._alter_domain(found, cursor)

    @staticmethod
    def _add_value(found: UserType, cursor: Cursor) -> None:
        known = cursor.take("IF", "NOT", "EXISTS")
        value = cursor.string()
        if value in found.values:
            if not known:
                raise UnreadError
            return
        place = len(found.values)
        if beside := cursor.take_any(("BEFORE", "AFTER")):
            place = found.values.index(cursor.string()) + (beside == "AFTER")
        found.values.insert(place, value)

    def _rename(self, found: UserType, name: Name) -> None:
        self.catalogue.drop_type(found)
        found.name = name
        self.catalogue.add_type(found)

    def _alter_domain(self, found: UserType, cursor: Cursor) -> None:
        base = found.base
        if base is None:
            raise UnreadError
        if cursor.take("SET", "NOT", "NULL"):
            base.nullable = False
        elif cursor.take("DROP", "NOT", "NULL"):
            base.nullable = True
        elif cursor.take("SET", "DEFAULT"):
            base.default = cursor.rest()
        elif cursor.take("DROP", "DEFAULT"):
            base.default = None
        elif cursor.take("ADD"):
            table = Table("", found.name[-1], {"VALUE": base})
            ColumnReader(self.dialect, self.catalogue, table).constraint(cursor)
            found.checks += [self._named(found, check) for check in table.checks]
        elif cursor.take("DROP", "CONSTRAINT"):
            cursor.take("IF", "EXISTS")
            name = cursor.name()
            found.checks = [one for one in found.checks if one.name != name]

    def drop(self, name: Name, *, cascade: bool) -> None:
        """Take a type away, with the columns of it."""
        found = self.catalogue.type(name)
        if found is None:
            return
        self.catalogue.drop_type(found)
        if cascade:
            for table in self.catalogue.tables:
                for column in [one for one in table.columns.values() if one.user_type is found]:
                    del table.columns[column.name]
