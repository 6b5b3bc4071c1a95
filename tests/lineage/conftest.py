"""Databases for the tests of lineage."""

from database_fixtures import fresh

__all__ = ["fresh"]
