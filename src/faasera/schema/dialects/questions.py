"""Questions in DuckDB's SQL in a dialect's words; what is not surely the same there is not asked."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlglot import exp

from faasera.core.types import DataType
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure
from faasera.generators.regex.flavours import RE2
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import Anchor, Place, RegexError, sequence
from faasera.generators.regex.writing import write
from faasera.schema.dialects.types import Types
from faasera.schema.dialects.unsayable import UnsayableError

Rewrite = Callable[[Any, Any], exp.Expr]
"""From a dialect and a tree to the tree in the dialect's words."""
Kind = exp.DataType.Type

_KNOWN: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.From, exp.Where, exp.Join, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Subquery, exp.Table,
    exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Star, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between,
    exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
    exp.Count, exp.Sum, exp.Max, exp.Min, exp.Avg, exp.Filter, exp.Exists, exp.Like, exp.RegexpLike, exp.RegexpFullMatch, exp.Lower, exp.Upper,
    exp.Abs, exp.Length, exp.DPipe, exp.Window, exp.WindowSpec, exp.RowNumber, exp.Lead, exp.Lag, exp.Interval, exp.Var, exp.Year, exp.Month, exp.Day,
    exp.Greatest, exp.Least, exp.Union, exp.Values, exp.TimestampTrunc, exp.DateTrunc, exp.Div, exp.Floor, exp.Left, exp.Right, exp.Round, exp.Ceil,
    exp.Replace, exp.Trim, exp.Substring,
)  # fmt: skip


def _called(node: exp.Anonymous) -> str:
    return str(node.this).lower()


def _label(node: exp.Expr) -> str:
    return f"{node.this}()" if isinstance(node, exp.Anonymous) else type(node).__name__.lower()


def _call(dialect: "Questions", node: exp.Anonymous) -> exp.Expr:
    make = dialect.calls.get(_called(node))
    return make(dialect, node) if make is not None else node


def _filtered(_: "Questions", node: exp.Filter) -> exp.Expr:
    """A count of some rows."""
    condition = node.expression.this
    kept = exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0))
    return exp.Coalesce(this=exp.Sum(this=kept), expressions=[exp.Literal.number(0)])


def _matching(dialect: "Questions", node: exp.Expr) -> exp.Expr:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        raise UnsayableError("a pattern that differs by row")
    try:
        tree = read(pattern.name, RE2)
        if isinstance(node, exp.RegexpFullMatch):
            tree = sequence([Anchor(Place.START), tree, Anchor(Place.END)])
        return dialect.matching(node.this, exp.Literal.string(write(tree, dialect.regex)))
    except RegexError as error:
        raise UnsayableError(str(error)) from None


def _cast(dialect: "Questions", node: exp.Cast) -> exp.Expr:
    make = dialect.casts.get(node.to.this)
    return make(dialect, node) if make is not None else node


def _day(dialect: "Questions", node: exp.Expr) -> exp.Expr:
    """The day of a moment; other units have no word that all share."""
    unit = str(node.args.get("unit") or "").upper()
    if "DAY" not in unit:
        raise UnsayableError(f"a date cut to its {unit.lower()}")
    return _cast(dialect, exp.Cast(this=node.this, to=exp.DataType.build("DATE")))


def _interval(dialect: "Questions", node: exp.Interval) -> exp.Expr:
    return dialect.duration(exp.Literal.number(node.this.name).sql(), str(node.args.get("unit") or "DAY").upper())


def _with_alias(_: "Questions", node: exp.Subquery) -> exp.Expr:
    if isinstance(node.parent, exp.From | exp.Join) and not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier("asked", quoted=True)))
    return node


def _duration_in(unit: str) -> Rewrite:
    def make(dialect: "Questions", node: exp.Anonymous) -> exp.Expr:
        count = node.expressions[0]
        fixed = count.this if isinstance(count, exp.Neg) else count
        if not isinstance(fixed, exp.Literal):
            raise UnsayableError("a duration that differs by row")
        return dialect.duration(count.sql(), unit)

    return make


def _microseconds(dialect: "Questions", node: exp.Anonymous) -> exp.Expr:
    microseconds = int(node.expressions[0].sql())
    if microseconds % 1_000_000:
        raise UnsayableError("a part of a second")
    return dialect.duration(str(microseconds // 1_000_000), "SECOND")


def renamed(name: str) -> Rewrite:
    """A function that has another name."""
    return lambda _, node: exp.Anonymous(this=name, expressions=node.expressions)


def inside(name: str) -> Rewrite:
    """What a node is about, as the argument of a function."""
    return lambda _, node: exp.Anonymous(this=name, expressions=[node.this])


def bare(_: "Questions", node: exp.Expr) -> exp.Expr:
    """What a cast is about, as it is."""
    return exp.Paren(this=node.this)


def truth_number(_: "Questions", node: exp.Cast) -> exp.Expr:
    """A truth value where these are numbers."""
    if isinstance(node.this, exp.Literal):
        return exp.Literal.number(int(node.this.name.lower() in ("true", "t", "1")))
    return exp.Paren(this=node.this)


def is_date(node: exp.Expr) -> bool:
    """Whether a tree is surely a date."""
    cast = isinstance(node, exp.Cast) and node.to.this == Kind.DATE
    return cast or (isinstance(node, exp.Anonymous) and node.this == "date")


REWRITES: Mapping[type[Any], Rewrite] = {
    exp.Anonymous: _call,
    exp.Filter: _filtered,
    exp.RegexpFullMatch: _matching,
    exp.RegexpLike: _matching,
    exp.Cast: _cast,
    exp.TimestampTrunc: _day,
    exp.DateTrunc: _day,
    exp.Interval: _interval,
    exp.Subquery: _with_alias,
}
CALLS: Mapping[str, Rewrite] = {
    "to_days": _duration_in("DAY"),
    "to_months": _duration_in("MONTH"),
    "to_microseconds": _microseconds,
    "strlen": renamed("octet_length"),
    "octet_length": renamed("octet_length"),
}
CASTS: Mapping[Any, Rewrite] = {
    Kind.INT128: lambda _, node: exp.Cast(this=node.this, to=exp.DataType.build("DECIMAL(38, 0)")),
}


class Questions(Types):
    """How a dialect is asked.

    Attributes:
        rewrites: how nodes are said that are said otherwise, by their class.
        calls: how functions are said that only DuckDB has, by their names.
        casts: how casts are said that are said otherwise, by their types.
        unsaid: nodes that it has no words for.
        settings: statements before the first question, each of which it may refuse.
        keys_as_stored: whether keys are compared as the database does itself, so that their indexes are used.
    """

    rewrites: ClassVar[Mapping[type[Any], Rewrite]] = REWRITES
    calls: ClassVar[Mapping[str, Rewrite]] = CALLS
    casts: ClassVar[Mapping[Any, Rewrite]] = CASTS
    unsaid: ClassVar[tuple[type[Any], ...]] = ()
    settings: ClassVar[tuple[str, ...]] = ()
    keys_as_stored: ClassVar[bool] = False

    def question(self, tree: exp.Expr) -> exp.Expr:
        """A question in the dialect's words; the tree is changed in its place.

        Raises:
            UnsayableError: the dialect may not mean the same by it.
        """
        for node in list(tree.walk()):
            if not self._knows(node):
                raise UnsayableError(f"{self.name} may not have the same {_label(node)}")
        # Children before their parents, so that what replaces a node holds replaced ones.
        for node in reversed(list(tree.walk())):
            made = self.rewritten(node)
            if made is not node:
                node.replace(made)
        return tree

    def _knows(self, node: exp.Expr) -> bool:
        if isinstance(node, _KNOWN) and not isinstance(node, self.unsaid):
            return True
        return isinstance(node, exp.Anonymous) and node.parent is not None and _called(node) in self.calls

    def rewritten(self, node: exp.Expr) -> exp.Expr:
        """One node in the dialect's words; itself where they are the same."""
        make = next((self.rewrites[kind] for kind in type(node).__mro__ if kind in self.rewrites), None)
        return make(self, node) if make is not None else node

    def duration(self, number: str, unit: str) -> exp.Expr:
        """A length of time."""
        return exp.Interval(this=exp.Literal.string(f"{number} {unit.lower()}"))

    def matching(self, text: exp.Expr, pattern: exp.Expr) -> exp.Expr:
        """Whether a regular expression is found in a text."""
        return exp.RegexpLike(this=text, expression=pattern)

    def comparable(self, database: Database, column: ColumnStructure, data_type: DataType) -> str:  # noqa: ARG002
        """A column in the type that the policy has for it."""
        return database.quote(column.name)

    def printed(self, column: ColumnStructure, value: str) -> str | None:  # noqa: ARG002
        """A text, in SQL, as the database would print it once it is in a column; None where it prints it as it is."""
        return None
