"""Tables from the text of DDL, by sqlglot: of any dialect that is declared, and of standard SQL."""

from faasera.databases.structure import Structure
from faasera.schema.dialects import DIALECTS, STANDARD, dialect_named
from faasera.schema.dialects.statements import DdlReader


def guess_dialect(text: str) -> str:
    """The name of the dialect that a text of DDL looks like; standard SQL's where it has no marks of any."""
    found = DIALECTS.find(lambda dialect: dialect.looks_like(text))
    return found.name if found is not None else STANDARD


def read_ddl(text: str, source: str, dialect: str | None = None) -> Structure:
    """The tables that statements define.

    Args:
        text: statements; what defines no table is passed over.
        source: for messages.
        dialect: the name of one of ``DIALECTS``; None to look at the text.

    Raises:
        PolicyError: the text cannot be read as SQL at all.
    """
    reader = DdlReader(dialect_named(guess_dialect(text) if dialect is None else dialect))
    reader.read(text, source)
    return Structure(source, reader.dialect.name, reader.tables, reader.views, tuple(reader.unread))
