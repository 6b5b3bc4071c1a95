"""Words of DuckDB that the readers of several formats share."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def text(value: str) -> str:
    """A quoted text.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def listed(files: Sequence[Path]) -> str:
    """A list of files."""
    return "[" + ", ".join(text(str(file)) for file in files) + "]"


def types(columns: Mapping[str, str]) -> str:
    """The types of columns, as ``read_csv`` and ``read_json`` take them.

    >>> types({"id": "BIGINT"})
    "columns={'id': 'BIGINT'}"
    """
    return f"columns={{{', '.join(f'{text(column)}: {text(kind)}' for column, kind in columns.items())}}}"
