"""The structure of live databases, from their own catalogs."""

from collections.abc import Sequence
from dataclasses import replace

from faasera.core.errors import refuse
from faasera.databases.base import Database
from faasera.databases.structure import Structure
from faasera.schema.dialects import dialect_of


def read_database(database: Database, names: Sequence[str] | None = None) -> Structure:
    """The tables of a database.

    Args:
        database: an open one.
        names: only these tables; those that do not exist are left out. None for all.
    """
    found = dialect_of(database).read(database)
    if names is None:
        return found
    return replace(found, tables={name: table for name, table in found.tables.items() if name in names})


def require_tables(structure: Structure) -> Structure:
    """The same structure, if it has a table.

    Raises:
        PolicyError: it has none.
    """
    if not structure.tables:
        views = f", only {structure.views:,} views" if structure.views else ""
        message = f"{structure.source} holds no table{views}"
        remedy = "Name a source with tables" + ("; rows cannot be put into views." if views else ".")
        refuse("no-tables", message, remedy)
    return structure
