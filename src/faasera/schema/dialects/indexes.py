"""The columns of indexes."""

import sqlglot
from sqlglot import exp

from faasera.schema.dialects.types import Types


def index_columns(sql: str, dialect: Types) -> tuple[str, ...] | None:
    """The columns of a unique index by its definition; None where it is over expressions."""
    try:
        statement = sqlglot.parse_one(sql, read=dialect.sqlglot or None)
    except (sqlglot.ParseError, sqlglot.TokenError):
        return None
    parameters = statement.this.args.get("params") if isinstance(statement, exp.Create) else None
    columns = [index_column(one) for one in (parameters.args.get("columns") or [])] if parameters is not None else []
    found = tuple(one for one in columns if one is not None)
    return found if found and len(found) == len(columns) else None


def index_column(node: exp.Expr) -> str | None:
    """The column of an index's part; None for an expression."""
    while isinstance(node, exp.Ordered):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier):
        return str(node.name)
    if isinstance(node, exp.ColumnPrefix):
        return str(node.this.name)
    if isinstance(node, exp.Lower | exp.Upper):
        # Unique without regard to case: what is generated for a key has each character in one case.
        inner = node.this
        while isinstance(inner, exp.Cast | exp.Paren):
            inner = inner.this
        return str(inner.name) if isinstance(inner, exp.Column) else None
    return None
