"""A dialect of SQL: what its words mean, and which words it has, declared as data."""

import re
from typing import ClassVar

from faasera.core.errors import did_you_mean, refuse
from faasera.core.registry import Registry
from faasera.databases.base import Database
from faasera.databases.structure import Structure
from faasera.schema.dialects.definitions import Definitions
from faasera.schema.dialects.expressions import Expressions
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.questions import Questions

STANDARD = "ansi"
"""The name of standard SQL."""


class Dialect(Definitions, Expressions, Questions):
    """What one SQL says: structures read, tables made, conditions and questions put in its words.

    Attributes:
        label: how people call it.
        marks: words that no other has; None where it has none.
        schema: the one that tables are in where none is named; empty where there is none.
        lexis: how it writes.
        unknown_as_text: whether columns of types that nobody knows are taken for texts, as no database is there to ask.
        untyped_columns: whether columns need no type.
        numbered_integer_keys: whether a primary key of the type INTEGER is numbered where nothing is given.
        trial_settings: what makes a transaction read only and short; empty where constraints cannot be tried.
    """

    label: ClassVar[str] = "standard SQL"
    marks: ClassVar[re.Pattern[str] | None] = None
    schema: ClassVar[str] = ""
    lexis: ClassVar[Lexis] = Lexis(brackets=True, conditional=True, batches=True, slashes=True)
    unknown_as_text: ClassVar[bool] = False
    untyped_columns: ClassVar[bool] = False
    numbered_integer_keys: ClassVar[bool] = False
    trial_settings: ClassVar[tuple[str, ...]] = ()

    def read(self, database: Database) -> Structure:
        """The tables of an open database, from its own catalog.

        Raises:
            PolicyError: the dialect knows no catalog.
        """
        message = f"{database.connection}: {self.label} knows no catalog of tables"
        refuse("unknown-database", message, "Import its DDL from a file.")

    def looks_like(self, text: str) -> bool:
        """Whether a text has words of this dialect alone."""
        return self.marks is not None and self.marks.search(text) is not None

    def likeness(self, text: str) -> int:
        """How many of this dialect's own words a text has."""
        if not self.looks_like(text):
            return 0
        # A dialect may know itself by other means.
        found = self.marks.finditer(text) if self.marks is not None else ()
        return max(1, len({" ".join(match[0].lower().split()) for match in found}))


DIALECTS: Registry[Dialect] = Registry("faasera.dialects")


def dialect_named(name: str) -> Dialect:
    """The dialect of that name; standard SQL where there is no name.

    Raises:
        PolicyError: there is none of that name.
    """
    found = DIALECTS.get(name or STANDARD)
    if found is None:
        refuse("unknown-dialect", f"there is no dialect '{name}'", did_you_mean(name, DIALECTS.names()))
    return found


def dialect_of(database: Database) -> Dialect:
    """The dialect that a database speaks.

    Raises:
        PolicyError: nobody declares it.
    """
    return dialect_named(database.dialect)
