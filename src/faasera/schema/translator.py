"""What conditions of SQL are translated by: a node at a time, each by its maker."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlglot import exp

from faasera.core.types import BINARY, BOOLEAN, DATE, JSON, TIME, TIMESTAMP, DataType
from faasera.databases.structure import ColumnStructure, TableStructure
from faasera.policy.names import braced
from faasera.schema.dialects import Dialect

ALWAYS, NEVER = "true", "false"
_NAME = re.compile(r"^[^\W\d]\w*$")
_RESERVED = {"and", "or", "not", "in", "is", "like", "between", "true", "false", "null"}
_NUMBERED = (exp.Length, exp.BitLength, exp.StrPosition, exp.Extract, exp.Year, exp.Month, exp.Day, exp.DateDiff)
_TEXTUAL = (
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Substring,
    exp.Left,
    exp.Right,
    exp.Concat,
    exp.DPipe,
    exp.Replace,
    exp.SplitPart,
)
_SUMS = (
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Pow,
    exp.IntDiv,
    exp.BitwiseAnd,
    exp.BitwiseOr,
    exp.BitwiseXor,
)
_FIRST = (
    exp.Coalesce,
    exp.Greatest,
    exp.Least,
    exp.Nullif,
    exp.Neg,
    exp.Abs,
    exp.Round,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.Collate,
)
_KINDS_OF_CASTS = {
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "BPCHAR", "NVARCHAR", "NCHAR", "CITEXT", "UUID"), "text"),
    **dict.fromkeys(("INT", "BIGINT", "SMALLINT", "TINYINT", "UBIGINT"), "whole"),
    **dict.fromkeys(("DECIMAL", "DOUBLE", "FLOAT"), "number"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "TIMESTAMPNTZ"), "moment"),
    "BOOLEAN": "truth", "DATE": "date", "TIME": "time", "INTERVAL": "span",
}  # fmt: skip

Maker = Callable[[Any, Any], str]
"""From a translator and a node to the text of an expression."""


class UntranslatableError(Exception):
    """A constraint that a policy cannot state; the text says why."""


def column_text(name: str) -> str:
    """A column's name as expressions write it."""
    plain = bool(_NAME.match(name)) and name.lower() not in _RESERVED
    return name if plain else braced(name)


def text_literal(value: str) -> str:
    """A text as expressions write it."""
    return "'" + value.replace("'", "''") + "'"


def bare(node: exp.Expr) -> exp.Expr:
    """A node without parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def uncast(node: exp.Expr) -> exp.Expr:
    """A node without parentheses and casts."""
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node


def number_of(node: exp.Expr) -> int | float | None:
    """The number that a literal is, perhaps below zero or in a cast; None for anything else."""
    inner = uncast(node)
    sign = 1
    while isinstance(inner, exp.Neg):
        inner, sign = uncast(inner.this), -sign
    if not isinstance(inner, exp.Literal) or not re.fullmatch(r"-?\d+(\.\d+)?", str(inner.this)):
        return None
    return sign * (float(inner.this) if "." in str(inner.this) else int(inner.this))


def text_of(node: exp.Expr) -> str | None:
    """The text that a literal is, perhaps in a cast; None for anything else."""
    inner = uncast(node)
    if isinstance(inner, exp.Introducer):
        inner = inner.expression
    return str(inner.this) if isinstance(inner, exp.Literal) and inner.is_string else None


class Translator:
    """From sqlglot's tree to the text of an expression.

    Attributes:
        makers: of nodes, by their classes.
        calls: of functions that sqlglot does not know, by their names in small letters.
        compared: asked for each comparison whether they say it; None where they do not.
        sign: whether what is made may ask for more than the constraint (1), for less (-1), or for exactly that (0).
        now: what stands for the clock; empty where nothing may.

    Raises:
        UntranslatableError: from any method, for what expressions cannot say.
    """

    makers: ClassVar[Mapping[type, Maker]] = {}
    calls: ClassVar[Mapping[str, Maker]] = {}
    compared: ClassVar[tuple[Callable[[Any, Any], str | None], ...]] = ()

    def __init__(self, dialect: Dialect, table: TableStructure) -> None:
        self.dialect = dialect
        self.table = table
        self.names = {column.name.casefold(): column for column in table.columns}
        self.sign = 1
        self.now = ""

    @contextmanager
    def signed(self, sign: int) -> Iterator[None]:
        """Translate under another sign."""
        before, self.sign = self.sign, sign
        try:
            yield
        finally:
            self.sign = before

    def of(self, node: exp.Expr) -> str:
        """The text of a node."""
        if not node.args.get("negate"):
            return self.plain(node)
        with self.signed(-self.sign):
            return opposite(self.plain(node))

    def plain(self, node: exp.Expr) -> str:
        """A node without its negation, which sqlglot keeps as a flag of some."""
        for kind, make in self.makers.items():
            if isinstance(node, kind):
                return make(self, node)
        if isinstance(node, exp.Anonymous):
            called = self.calls.get(str(node.this).lower())
            if called is None:
                raise UntranslatableError(f"expressions know no {str(node.this).lower()}()")
            return called(self, node)
        raise self.unknown(node)

    def truth(self, node: exp.Expr) -> str:
        """A condition; some databases take numbers for one."""
        made = self.of(node)
        if self.kind(node) in ("whole", "number"):
            number = number_of(node)
            if number is not None:
                return ALWAYS if number else NEVER
            return f"({made} <> 0)"
        return made

    def exactly(self, node: exp.Expr) -> str:
        """A condition that may not be made stricter or looser."""
        with self.signed(0):
            return self.truth(node)

    def unknown(self, node: exp.Expr) -> UntranslatableError:
        """What expressions do not know."""
        return UntranslatableError(f"expressions know no {self.shown(node)}")

    def shown(self, node: exp.Expr) -> str:
        """A node for people."""
        text = " ".join(self.dialect.written(node).split())
        return text if len(text) <= 60 else text[:57] + "…"

    # columns

    def structure_of(self, node: exp.Expr) -> ColumnStructure | None:
        """The column that a node names, perhaps in parentheses."""
        node = bare(node)
        return self.names.get(node.name.casefold()) if isinstance(node, exp.Column) else None

    def column(self, node: exp.Column) -> str:
        """A column whose values are asked for."""
        found = self.structure_of(node)
        if found is None:
            if isinstance(node.this, exp.Identifier) and node.this.quoted and self.dialect.quoted_texts:
                return text_literal(node.name)
            raise UntranslatableError(f"there is no column {node.name}")
        if found.generated:
            raise UntranslatableError(f"{found.name} is computed by the database")
        if found.data_type is None or found.array or found.data_type == BINARY:
            raise UntranslatableError(f"expressions do not know {found.type}, the type of {found.name}")
        return column_text(found.name)

    def present(self, node: exp.Expr) -> str:
        """Whether something is null: of a column of any type, or of an expression."""
        found = self.structure_of(uncast(node))
        if found is None or found.generated:
            return f"({self.of(bare(node))} is null)"
        if found.data_type is not None:
            return f"({column_text(found.name)} is null)"
        if found.nullable and found.default is None:
            return ALWAYS  # A column without a rule stays empty.
        return f"({self.column(exp.column(exp.to_identifier(found.name, quoted=True)))} is null)"

    # kinds

    def kind(self, node: exp.Expr) -> str:
        """What a node's values are, as far as that is known; empty where it is not."""
        node = bare(node)
        if isinstance(node, exp.Column):
            return self._kind_of_column(node)
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else ("number" if "." in str(node.this) else "whole")
        if isinstance(node, exp.Cast):
            return _KINDS_OF_CASTS.get(getattr(node.to.this, "value", ""), "")
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Boolean | exp.Is):
            return "truth"
        if isinstance(node, exp.CurrentDate):
            return "date"
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDatetime):
            return "moment"
        if isinstance(node, exp.Interval):
            return "span"
        if isinstance(node, _SUMS):
            return self._kind_of_sum(node)
        if isinstance(node, exp.Case):
            return self.kind(node.args["ifs"][0].args["true"]) if node.args.get("ifs") else ""
        if isinstance(node, exp.If):
            return self.kind(node.args["true"])
        if isinstance(node, _NUMBERED):
            return "whole"
        if isinstance(node, _TEXTUAL):
            return "text"
        return self.kind(node.this) if isinstance(node, _FIRST) else ""

    def _kind_of_column(self, node: exp.Column) -> str:
        found = self.structure_of(node)
        if found is None:
            return "text" if self.dialect.quoted_texts else ""
        kind = found.data_type
        if "range" in found.type.lower():
            return "range"
        if kind is None:
            return ""
        if found.array:
            return "list"
        if kind.is_number:
            return "whole" if kind.scale == 0 and kind.is_exact else "number"
        kinds: dict[DataType, str] = {
            BINARY: "bytes",
            BOOLEAN: "truth",
            DATE: "date",
            TIME: "time",
            TIMESTAMP: "moment",
            JSON: "json",
        }
        return kinds.get(kind, "text" if kind.is_text else "")

    def _kind_of_sum(self, node: exp.Expr) -> str:
        left, right = self.kind(node.this), self.kind(node.expression)
        if left in ("date", "moment") or right in ("date", "moment"):
            if left in ("date", "moment") and right in ("date", "moment"):
                return "whole" if left == right == "date" else "span"
            return "date" if {left, right} == {"date", "whole"} else "moment"
        return "whole" if left == right == "whole" and not isinstance(node, exp.Pow) else "number"


def opposite(made: str) -> str:
    """A condition's negation."""
    if made.startswith("(not ") and wrapped(made):
        return made[5:-1]
    return {ALWAYS: NEVER, NEVER: ALWAYS}.get(made, f"(not {made})")


def both(parts: list[str]) -> str:
    """Conditions that all hold."""
    left = list(dict.fromkeys(part for part in parts if part != ALWAYS))
    if NEVER in left:
        return NEVER
    return f"({' and '.join(left)})" if len(left) > 1 else (left[0] if left else ALWAYS)


def either(parts: list[str]) -> str:
    """Conditions of which one holds."""
    left = list(dict.fromkeys(part for part in parts if part != NEVER))
    if ALWAYS in left:
        return ALWAYS
    return f"({' or '.join(left)})" if len(left) > 1 else (left[0] if left else NEVER)


def wrapped(text: str) -> bool:
    """Whether one pair of parentheses encloses all of a text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth, quoted = 0, False
    for place, one in enumerate(text):
        quoted ^= one == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(one, 0)
        if not depth and place < len(text) - 1:
            return False
    return True
