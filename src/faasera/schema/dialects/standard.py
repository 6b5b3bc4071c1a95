"""Standard SQL: for statements that show no dialect, and for what has no SQL of its own."""

from typing import ClassVar

from faasera.schema.dialects.base import DIALECTS, STANDARD, Dialect


class StandardSQL(Dialect):
    """What all dialects say."""

    unknown_as_text: ClassVar[bool] = True


ANSI = DIALECTS.add(StandardSQL(STANDARD, "Standard SQL.", "CREATE TABLE a (id INTEGER PRIMARY KEY)"))
