"""The structure of live databases, from their own catalogs."""

import re
from collections.abc import Sequence
from dataclasses import replace

from faasera.core.errors import RunError, refuse
from faasera.databases.base import Database
from faasera.databases.structure import Structure
from faasera.schema.dialects import dialect_of
from faasera.schema.reserved import without_reserved

_TRIES = 5
_CHANGED = re.compile(
    r"cache lookup failed|could not open relation|with OID \d+ does not exist|schema has changed|definition has changed",
    re.I,
)
"""What databases say where a table goes that was there a moment ago."""


def read_database(database: Database, names: Sequence[str] | None = None) -> Structure:
    """The tables of a database.

    Args:
        database: an open one.
        names: only these tables; those that do not exist are left out. None for all.
    """
    found = without_reserved(_read(database))
    if names is None:
        return found
    return replace(found, tables={name: table for name, table in found.tables.items() if name in names})


def _read(database: Database) -> Structure:
    """What a database holds at one time, read again where it changed meanwhile."""
    for _ in range(_TRIES):
        try:
            with database.unchanging():
                return dialect_of(database).read(database)
        except RunError as error:
            if not _CHANGED.search(str(error)):
                raise
    message = f"the schema of {database.connection} changed {_TRIES} times while it was read"
    refuse("schema-changing", message, "Wait until it is migrated.", kind=RunError)


def require_tables(structure: Structure) -> Structure:
    """The same structure without what is not the application's, if there is a table besides.

    Raises:
        PolicyError: it has none.
    """
    structure = without_reserved(structure)
    if not structure.tables:
        views = f", only {structure.views:,} views" if structure.views else ""
        message = f"{structure.source} holds no table{views}"
        remedy = "Name a source with tables" + ("; rows cannot be put into views." if views else ".")
        refuse("no-tables", message, remedy)
    return structure
