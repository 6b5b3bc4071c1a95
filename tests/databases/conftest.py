"""Databases for the tests of this folder."""

from database_fixtures import fresh

__all__ = ["fresh"]
