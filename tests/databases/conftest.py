"""Databases for the tests of this folder."""

from database_fixtures import fresh, server_url

__all__ = ["fresh", "server_url"]
