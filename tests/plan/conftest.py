"""Databases for the tests of marks."""

from database_fixtures import fresh

__all__ = ["fresh"]
