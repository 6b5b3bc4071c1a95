"""The columns of queries, of which some tables are made."""

import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.scripts.catalogue import Catalogue
from faasera.schema.dialects.scripts.cursor import UnreadError


def columns_of(text: str, dialect: Dialect, catalogue: Catalogue) -> list[tuple[str, str]]:
    """The names of a query's columns with their types.

    Raises:
        UnreadError: they cannot be told from the tables that are known.
    """
    text = re.sub(r"(?is)^\s*TABLE\s+", "SELECT * FROM ", text)
    try:
        tree = sqlglot.parse_one(text, read=dialect.sqlglot or None)
        if isinstance(tree, exp.Subquery):
            tree = tree.unnest()
        if not isinstance(tree, exp.Query):
            raise UnreadError
        schema = _tables(tree, catalogue, dialect)
        found = annotate_types(
            qualify(tree, schema=schema, dialect=dialect.sqlglot or None, validate_qualify_columns=False), schema=schema
        )
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError):
        raise UnreadError from None
    columns = [(one.alias_or_name, _type(one, dialect)) for one in found.selects]
    if any(name in ("*", "") for name, _ in columns):
        raise UnreadError
    return columns


def _type(node: exp.Expr, dialect: Dialect) -> str:
    kind = node.type
    if kind is None or kind.this in (exp.DataType.Type.UNKNOWN, exp.DataType.Type.NULL):
        raise UnreadError
    return dialect.written(kind)


def _tables(tree: exp.Expr, catalogue: Catalogue, dialect: Dialect) -> dict[str, Any]:
    """The tables that a query asks, as the optimizer wants them; all without their schemas."""
    made: dict[str, Any] = {}
    for one in tree.find_all(exp.Table):
        parts = tuple(part.name for part in (one.args.get("db"), one.this) if part is not None)
        known = catalogue.table(parts) if parts else None
        if known is None:
            continue
        one.set("db", None)
        made[one.name] = {column.name: _written(column.type, dialect) for column in known.columns.values()}
    return made


def _written(kind: str, dialect: Dialect) -> str:
    found = dialect.read_type(kind).shown or kind
    return found or "text"
