"""Questions in DuckDB's SQL, put in the words of other databases; what is not surely the same there is not asked."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.run.check.sql import NotCheckableError

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
_MISSING: dict[str, tuple[type[exp.Expression], ...]] = {
    "postgres": (),
    "mysql": (exp.Values,),
    "sqlite": (exp.Values, exp.Year, exp.Month, exp.Day, exp.Left, exp.Right),
}


def translated(query: str, dialect: str, tables: Mapping[str, str]) -> str:
    """A question in another dialect.

    Args:
        query: in DuckDB's SQL.
        dialect: sqlglot's name of the target's.
        tables: the policy's tables by name, each as a query of the target's dialect.

    Raises:
        NotCheckableError: the dialect may not mean the same by it.
    """
    tree = sqlglot.parse_one(query, read="duckdb")
    if dialect != "duckdb":
        for node in list(tree.walk()):
            if not isinstance(node, _KNOWN) or isinstance(node, _MISSING[dialect]):
                special = _SPECIAL.get(str(node.this).lower()) if isinstance(node, exp.Anonymous) else None
                if special is None or node.parent is None:
                    raise NotCheckableError(f"{dialect} may not have the same {_label(node)}")
        # Children before their parents, so that what replaces a node holds replaced ones.
        for node in reversed(list(tree.walk())):
            made = _rewrite(node, dialect)
            if made is not node:
                node.replace(made)
    tree = tree.transform(_sources, tables, dialect)
    return str(tree.sql(dialect=dialect))


def _label(node: Any) -> str:
    return f"{node.this}()" if isinstance(node, exp.Anonymous) else type(node).__name__.lower()


_SPECIAL: dict[str, Callable[[exp.Anonymous, str], Any]] = {}


def _special(name: str) -> Callable[[Callable[[exp.Anonymous, str], Any]], Callable[[exp.Anonymous, str], Any]]:
    def register(make: Callable[[exp.Anonymous, str], Any]) -> Callable[[exp.Anonymous, str], Any]:
        _SPECIAL[name] = make
        return make

    return register


def _interval(count: Any, unit: str, dialect: str) -> Any:
    if not isinstance(count, exp.Literal) and not (isinstance(count, exp.Neg) and isinstance(count.this, exp.Literal)):
        raise NotCheckableError("a duration that differs by row")
    number = count.sql()
    if dialect == "sqlite":
        return exp.Literal.string(f"{number} {unit.lower()}s")
    if dialect == "mysql":
        return exp.Interval(this=exp.Literal.number(number), unit=exp.var(unit))
    return exp.Interval(this=exp.Literal.string(f"{number} {unit.lower()}"))


@_special("to_days")
def _to_days(node: exp.Anonymous, dialect: str) -> Any:
    return _interval(node.expressions[0], "DAY", dialect)


@_special("to_months")
def _to_months(node: exp.Anonymous, dialect: str) -> Any:
    return _interval(node.expressions[0], "MONTH", dialect)


@_special("to_microseconds")
def _to_microseconds(node: exp.Anonymous, dialect: str) -> Any:
    microseconds = int(node.expressions[0].sql())
    if microseconds % 1_000_000:
        raise NotCheckableError("a part of a second")
    return _interval(exp.Literal.number(microseconds // 1_000_000), "SECOND", dialect)


@_special("isodow")
def _isodow(node: exp.Anonymous, dialect: str) -> Any:
    inner = node.expressions[0]
    if dialect == "postgres":
        return exp.Extract(this=exp.var("ISODOW"), expression=inner)
    if dialect == "mysql":
        return exp.Add(this=exp.Anonymous(this="WEEKDAY", expressions=[inner]), expression=exp.Literal.number(1))
    raise NotCheckableError("SQLite counts days of the week otherwise")


@_special("strlen")
@_special("octet_length")
def _octet_length(node: exp.Anonymous, dialect: str) -> Any:
    return exp.Anonymous(this="length" if dialect == "sqlite" else "octet_length", expressions=node.expressions)


def _rewrite(node: Any, dialect: str) -> Any:
    """One node in the words of a dialect."""
    if isinstance(node, exp.Anonymous):
        make = _SPECIAL.get(str(node.this).lower())
        return make(node, dialect) if make is not None else node
    if isinstance(node, exp.Filter):
        condition = node.expression.this
        kept = exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0))
        return exp.Coalesce(this=exp.Sum(this=kept), expressions=[exp.Literal.number(0)])
    if isinstance(node, exp.RegexpFullMatch | exp.RegexpLike):
        return _regexp(node, dialect)
    if isinstance(node, exp.Cast):
        return _cast(node, dialect)
    if isinstance(node, exp.Length) and dialect == "mysql":
        return exp.Anonymous(this="CHAR_LENGTH", expressions=[node.this])
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        return _cast(exp.Cast(this=node.this, to=exp.DataType.build("DATE")), dialect)
    if isinstance(node, exp.Interval):
        return _plain_interval(node, dialect)
    if isinstance(node, exp.Sub) and dialect in ("mysql", "sqlite") and _is_date(node.expression):
        return _days_between(node, dialect)
    if isinstance(node, exp.Add | exp.Sub) and dialect == "sqlite":
        return _sqlite_moved(node)
    if isinstance(node, exp.Sum) and dialect == "sqlite":
        # SQLite adds decimals as floating-point numbers.
        return exp.Anonymous(this="round", expressions=[exp.Sum(this=node.this), exp.Literal.number(6)])
    if isinstance(node, exp.Subquery) and isinstance(node.parent, exp.From | exp.Join) and not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier("asked", quoted=True)))
    if isinstance(node, exp.Mod | exp.Div) and dialect == "postgres":
        numeric = exp.DataType.build("DECIMAL")
        return type(node)(
            this=exp.Cast(this=node.this, to=numeric), expression=exp.Cast(this=node.expression, to=numeric)
        )
    return node


def _plain_interval(node: exp.Interval, dialect: str) -> Any:
    text = node.this.name
    unit = str(node.args.get("unit") or "DAY").upper()
    return _interval(exp.Literal.number(text), unit, dialect)


def _is_date(node: Any) -> bool:
    cast = isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE
    return cast or (isinstance(node, exp.Anonymous) and node.this == "date")


def _days_between(node: exp.Sub, dialect: str) -> Any:
    if dialect == "mysql":
        return exp.Anonymous(this="DATEDIFF", expressions=[node.this, node.expression])
    days = [exp.Anonymous(this="julianday", expressions=[one]) for one in (node.this, node.expression)]
    return exp.Cast(this=exp.Paren(this=exp.Sub(this=days[0], expression=days[1])), to=exp.DataType.build("INT"))


def _sqlite_moved(node: Any) -> Any:
    """Dates of SQLite are texts, which its own functions move."""
    right = node.expression
    durations = ("days", "months", "seconds", "hours", "minutes")
    if isinstance(right, exp.Literal) and right.is_string and right.name.endswith(durations):
        sign = "-" if isinstance(node, exp.Sub) else "+"
        moved = exp.Literal.string(right.name if right.name.startswith("-") else f"{sign}{right.name}")
        return exp.Anonymous(this="datetime", expressions=[node.this, moved])
    return node


def _regexp(node: Any, dialect: str) -> Any:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        raise NotCheckableError("a pattern that differs by row")
    text = pattern.name
    if isinstance(node, exp.RegexpFullMatch):
        text = f"^(?:{text})$"
    literal = exp.Literal.string(text)
    if dialect == "sqlite":
        return exp.Anonymous(this="regexp", expressions=[literal, node.this])
    if dialect == "mysql":
        # MariaDB has no REGEXP_LIKE.
        place = exp.Anonymous(this="REGEXP_INSTR", expressions=[node.this, literal])
        return exp.Paren(this=exp.GT(this=place, expression=exp.Literal.number(0)))
    return exp.RegexpLike(this=node.this, expression=literal)


def _cast(node: exp.Cast, dialect: str) -> Any:
    kind = node.to.this
    kinds = exp.DataType.Type
    if kind == kinds.BOOLEAN and isinstance(node.this, exp.Literal) and dialect in ("mysql", "sqlite"):
        return exp.Literal.number(int(node.this.name.lower() in ("true", "t", "1")))
    if kind == kinds.INT128:
        return (
            exp.Paren(this=node.this)
            if dialect == "sqlite"
            else exp.Cast(this=node.this, to=exp.DataType.build("DECIMAL(38, 0)"))
        )
    if dialect == "sqlite":
        if kind == kinds.DATE:
            return exp.Anonymous(this="date", expressions=[node.this])
        if kind in (kinds.TIMESTAMP, kinds.TIMESTAMPNTZ, kinds.DATETIME):
            return exp.Anonymous(this="datetime", expressions=[node.this])
        if kind in (kinds.TIME, kinds.BOOLEAN):
            return exp.Paren(this=node.this)
        if kind in (kinds.TEXT, kinds.VARCHAR) and not isinstance(node.this, exp.Literal):
            raise NotCheckableError("SQLite writes values otherwise")
    if dialect == "mysql":
        if kind in (kinds.TIME, kinds.BOOLEAN):
            return exp.Paren(this=node.this)
        if kind in (kinds.TEXT, kinds.VARCHAR):
            return node.this if isinstance(node.this, exp.Literal) else node
        if kind in (kinds.TIMESTAMP, kinds.TIMESTAMPNTZ, kinds.DATETIME):
            return exp.Anonymous(this="TIMESTAMP", expressions=[node.this])
        if kind in (kinds.INT, kinds.BIGINT):
            return exp.Paren(this=node.this)
    return node


def _sources(node: Any, tables: Mapping[str, str], dialect: str) -> Any:
    """A table of the policy as its columns in the policy's types."""
    if isinstance(node, exp.Table) and not node.db and node.name in tables:
        alias = node.alias or node.name
        made = sqlglot.parse_one(tables[node.name], read=dialect)
        return exp.Subquery(this=made, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return node
