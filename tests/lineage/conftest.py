"""Databases for the tests of lineage; and nothing of its configuration for others."""

import os
from collections.abc import Iterator

import pytest
from database_fixtures import fresh

__all__ = ["fresh"]


@pytest.fixture(autouse=True)
def without_leftovers() -> Iterator[None]:
    """The client keeps what it was told in variables of its own; later tests are to tell nobody anything."""
    before = set(os.environ)
    yield
    for name in set(os.environ) - before:
        if name.startswith("OPENLINEAGE"):
            del os.environ[name]
