"""Texts for constraints that no expression can say: drawn, tried one by one, and listed."""

from collections.abc import Set
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from faasera.core.types import STRING
from faasera.databases.structure import ColumnStructure, TableStructure
from faasera.generators.regex.reading import read
from faasera.generators.regex.sampling import texts
from faasera.generators.regex.tree import RegexError
from faasera.schema.dialects import Dialect
from faasera.schema.matching import of_regex

_WANTED, _WANTED_OF_KEYS = 100, 1_000
_LONGEST = 255


@dataclass(frozen=True)
class TriedTexts:
    """Texts that meet a constraint.

    Attributes:
        column: whose they are.
        texts: the texts.
    """

    column: str
    texts: tuple[str, ...]


def tried_texts(sql: str, dialect: Dialect, table: TableStructure, keyed: Set[str]) -> TriedTexts | None:
    """Texts that meet a constraint which is a regular expression of one column; None for other constraints.

    Args:
        sql: the constraint.
        dialect: its words.
        table: its table.
        keyed: columns that want more texts, as these may not repeat.
    """
    try:
        node = _unwrapped(sqlglot.parse_one(sql, read=dialect.sqlglot or None))
        column = _column(node, table)
        if column is None or not isinstance(node, exp.RegexpLike | exp.RegexpILike | exp.RegexpFullMatch):
            return None
        fold = isinstance(node, exp.RegexpILike) or dialect.folded_patterns
        patterns = of_regex(node, dialect, fold=fold)
        tree = read(patterns[0].text, patterns[0].flavour)
        length = column.length if column.length is not None else _LONGEST
        padded = column.fixed and dialect.padded_texts
        found = texts(tree, _WANTED_OF_KEYS if column.name in keyed else _WANTED, length if padded else 0, length)
    except (sqlglot.ParseError, sqlglot.TokenError, RegexError):
        return None
    return TriedTexts(column.name, tuple(found)) if found and len(patterns) == 1 else None


def _unwrapped(node: exp.Expr) -> exp.Expr:
    """A condition without parentheses, and without the permission of null."""
    while isinstance(node, exp.Paren | exp.Or):
        if isinstance(node, exp.Paren):
            node = node.this
            continue
        left, right = (one.this if isinstance(one, exp.Paren) else one for one in (node.left, node.right))
        if not (isinstance(left, exp.Is) and isinstance(left.expression, exp.Null)):
            break
        node = right
    return node


def _column(node: exp.Expr, table: TableStructure) -> ColumnStructure | None:
    """The column that is matched, where it holds texts."""
    subject = node.args.get("this")
    while isinstance(subject, exp.Paren | exp.Cast):
        subject = subject.this
    named = subject.name.casefold() if isinstance(subject, exp.Column) else None
    found = next((one for one in table.columns if one.name.casefold() == named), None)
    return found if found is not None and found.data_type == STRING and not found.array else None
