"""Standard SQL: for statements that show no dialect, and for what has no SQL of its own."""

from collections.abc import Mapping
from typing import ClassVar

from faasera.core.types import BINARY, BOOLEAN
from faasera.schema.dialects.base import DIALECTS, STANDARD, Dialect
from faasera.schema.dialects.types import Reading, plain


class StandardSQL(Dialect):
    """What all dialects say."""

    unknown_as_text: ClassVar[bool] = True
    types: ClassVar[Mapping[str, Reading]] = {**Dialect.types, "IMAGE": plain(BINARY), "BIT": plain(BOOLEAN)}


ANSI = DIALECTS.add(StandardSQL(STANDARD, "Standard SQL.", "CREATE TABLE a (id INTEGER PRIMARY KEY)"))
