"""Standard SQL: for statements that show no dialect, and for what has no SQL of its own."""

from faasera.schema.dialects.base import DIALECTS, STANDARD, Dialect

ANSI = DIALECTS.add(Dialect(STANDARD, "Standard SQL.", "CREATE TABLE a (id INTEGER PRIMARY KEY)"))
