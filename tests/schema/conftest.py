"""Databases for the tests that ask one."""

from database_fixtures import fresh, server_url

__all__ = ["fresh", "server_url"]
