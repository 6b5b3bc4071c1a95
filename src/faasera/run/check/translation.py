"""Questions in DuckDB's SQL about the policy's tables, put to the tables of another database."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.run.check.sql import NotCheckableError
from faasera.schema.dialects import Dialect
from faasera.schema.dialects.duckdb import DUCKDB
from faasera.schema.dialects.unsayable import UnsayableError


def translated(query: str, dialect: Dialect, tables: Mapping[str, str]) -> str:
    """A question in another dialect.

    Args:
        query: in DuckDB's SQL.
        dialect: the target's.
        tables: the policy's tables by name, each as a query of the target's dialect.

    Raises:
        NotCheckableError: the dialect may not mean the same by it.
    """
    try:
        tree = dialect.question(sqlglot.parse_one(query, read=DUCKDB.sqlglot))
    except UnsayableError as error:
        raise NotCheckableError(str(error)) from None
    return dialect.written(tree.transform(_source, tables, dialect.sqlglot or None))


@lru_cache(maxsize=256)
def _parsed(query: str, dialect: str | None) -> Any:
    """The tree of a table's query, which all questions about it have."""
    return sqlglot.parse_one(query, read=dialect)


def _source(node: Any, tables: Mapping[str, str], dialect: str | None) -> Any:
    """A table of the policy as its columns in the policy's types."""
    if isinstance(node, exp.Table) and not node.db and node.name in tables:
        alias = node.alias or node.name
        made = _parsed(tables[node.name], dialect)
        return exp.Subquery(this=made.copy(), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return node
