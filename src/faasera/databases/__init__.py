"""Databases: how to reach them, what they hold, how rows get into them; importing this package registers them."""

from faasera.databases import postgresql, mariadb, sqlite, duckdb  # isort: skip
from faasera.databases.base import DATABASES

__all__ = ["DATABASES", "duckdb", "mariadb", "postgresql", "sqlite"]
