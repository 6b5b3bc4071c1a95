"""The columns of indexes."""

import sqlglot
from sqlglot import exp

from faasera.schema.dialects.types import Types

_WRAPPED = (exp.Ordered, exp.Paren, exp.Cast, exp.Collate)
_FUNCTIONS: tuple[type[exp.Expression], ...] = (
    # Unique without regard to case and blanks: what is generated for a key has each character in one case, and no
    # blank at its ends.
    exp.Lower, exp.Upper, exp.Trim,
    # Two texts of one digest are not found by chance.
    exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.Hex, exp.Reverse,
    exp.Encode, exp.Unhex,
)  # fmt: skip
_CALLS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "digest", "encode", "convert_to", "btrim", "ltrim", "rtrim", "reverse",
          "unaccent", "immutable_unaccent", "f_unaccent", "citext", "hashtextextended", "nullif")  # fmt: skip
"""Functions whose values differ where those of the column do, as they are made for keys."""


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
    """The column of an index's part, or of a function there whose values are unique where the column's are.

    None for other expressions.
    """
    if isinstance(node, exp.Column | exp.Identifier):
        return str(node.name)
    if isinstance(node, exp.ColumnPrefix):
        return str(node.this.name)
    if isinstance(node, _WRAPPED):
        narrowing = isinstance(node, exp.Cast) and not node.to.is_type(*exp.DataType.TEXT_TYPES, "citext", "bytea")
        return None if narrowing else index_column(node.this)
    if isinstance(node, _FUNCTIONS):
        return index_column(node.this) if node.this is not None else None
    if isinstance(node, exp.Coalesce) and all(
        isinstance(_bare(one), exp.Literal | exp.Neg) for one in node.expressions
    ):
        return index_column(node.this)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _CALLS and node.expressions:
        found = [column for one in node.expressions if (column := index_column(one)) is not None]
        return found[0] if len(found) == 1 else None
    return None


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node


def tells_nulls(node: exp.Expr) -> bool:
    """Whether an index's part has a value for null, so that two of them are alike."""
    return node.find(exp.Coalesce) is not None
