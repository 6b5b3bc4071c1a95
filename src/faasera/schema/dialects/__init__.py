"""The dialects of SQL, one a file; importing this package registers them."""

from faasera.schema.dialects import postgresql, mariadb, sqlite, duckdb, sqlserver, oracle, standard  # isort: skip
from faasera.schema.dialects.base import DIALECTS, STANDARD, Dialect, dialect_named, dialect_of

__all__ = [
    "DIALECTS",
    "STANDARD",
    "Dialect",
    "dialect_named",
    "dialect_of",
    "duckdb",
    "mariadb",
    "oracle",
    "postgresql",
    "sqlite",
    "sqlserver",
    "standard",
]
