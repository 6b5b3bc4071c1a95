"""Tables from the text of DDL: of any dialect that is declared, and of standard SQL."""

import re
from collections import Counter
from collections.abc import Iterable

from faasera.core.errors import refuse
from faasera.databases.structure import Structure
from faasera.schema.dialects import DIALECTS, STANDARD, dialect_named
from faasera.schema.dialects.scripts.reader import DdlReader

_IDLE = re.compile(r"--[^\n]*|\$(\w*)\$.*?\$\1\$|'(?:[^'\\]|''|\\.)*'|/\*(?![!M]).*?\*/", re.S)
_MANY = {
    "block of code": "blocks of code",
    "policy of rows": "policies of rows",
    "other file, which is not followed": "other files, which are not followed",
}
_LOOKED_AT, _MOST_LOOKED_AT = 200_000, 5_000_000


def guess_dialect(text: str) -> str:
    """The name of the dialect whose own words a text of DDL has most of; standard SQL's where it has none of any."""
    # Comments and texts speak of anything, and are asked last.
    for size, bare in ((_LOOKED_AT, True), (_MOST_LOOKED_AT, True), (_LOOKED_AT, False)):
        shown = _IDLE.sub(" ", text[:size]) if bare else text[:size]
        likeness = {dialect.name: dialect.likeness(shown) for dialect in DIALECTS}
        most = max(likeness.values(), default=0)
        if most:
            return next(name for name, count in likeness.items() if count == most)
    return STANDARD


def read_ddl(text: str, source: str, dialect: str | None = None) -> Structure:
    """The tables that are there once statements were run.

    Args:
        text: statements; what makes no table is passed over.
        source: for messages.
        dialect: the name of one of ``DIALECTS``; None to look at the text.

    Raises:
        PolicyError: the text cannot be read as SQL at all.
    """
    return read_scripts([(source, text)], source, dialect)


def read_scripts(scripts: Iterable[tuple[str, str]], source: str, dialect: str | None = None) -> Structure:
    """The tables that are there once scripts were run, one after the other.

    Args:
        scripts: names for messages, and texts.
        source: of all of them.
        dialect: the name of one of ``DIALECTS``; None to look at the texts.

    Raises:
        PolicyError: none of the texts can be read as SQL.
    """
    scripts = list(scripts)
    if dialect is None:
        dialect = guess_dialect("\n".join(text for _, text in scripts))
    reader = DdlReader(dialect_named(dialect))
    for name, text in scripts:
        reader.read(text, name, named=len(scripts) > 1)
    tables = reader.tables
    if reader.unread and not tables and not reader.views:
        refuse(
            "sql-syntax", f"{source} is no SQL that can be read: {reader.unread[0]}", "Correct it, or say --dialect."
        )
    return Structure(
        source,
        reader.dialect.name,
        tables,
        reader.views,
        tuple(reader.unread),
        notes=(*reader.taken, *_left_out(reader.left_out)),
    )


def _left_out(kinds: Counter[str]) -> tuple[str, ...]:
    """A sentence of what is not read, as it makes no table."""
    shown = ", ".join(
        f"{count:,} {_MANY.get(kind, f'{kind}s') if count > 1 else kind}" for kind, count in sorted(kinds.items())
    )
    return (f"left out, as they make no table that stays: {shown}",) if shown else ()
