"""Numbers in CHECK constraints: arithmetic, and how many columns are null."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from faasera.schema.check_dates import arithmetic
from faasera.schema.translator import (
    ALWAYS,
    NEVER,
    Maker,
    Translator,
    bare,
    both,
    either,
    number_of,
    opposite,
    text_of,
    uncast,
)

SYMBOLS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip
_FUNCTIONS: dict[type, str] = {
    exp.Lower: "lower", exp.Upper: "upper", exp.Abs: "abs", exp.Sqrt: "sqrt", exp.Floor: "floor", exp.Ceil: "ceil", exp.Round: "round",
    exp.Pow: "power", exp.BitwiseAnd: "bit_and", exp.BitwiseOr: "bit_or", exp.BitwiseXor: "bit_xor",
}  # fmt: skip
_ENDLESS = {"infinity": 1, "-infinity": -1, "inf": 1, "-inf": -1}


def function(translator: Translator, node: exp.Expr) -> str:
    """A function that expressions have under another name at most."""
    arguments = [node.this, *([node.args["decimals"]] if node.args.get("decimals") else [])]
    if isinstance(node, exp.Pow | exp.BitwiseAnd | exp.BitwiseOr | exp.BitwiseXor):
        arguments = [node.this, node.expression]
    return f"{_FUNCTIONS[type(node)]}({', '.join(translator.of(one) for one in arguments)})"


def computed(translator: Translator, node: exp.Expr) -> str:
    """Arithmetic of numbers, or of dates."""
    if isinstance(node, exp.Add | exp.Sub):
        dated = arithmetic(translator, node)
        if dated is not None:
            return dated
    left, right = _number(translator, node.this), _number(translator, node.expression)
    made = f"({left} {SYMBOLS[type(node)]} {right})"
    whole = translator.kind(node.this) == translator.kind(node.expression) == "whole"
    if isinstance(node, exp.Div) and whole and node.args.get("typed"):
        return f"integer({made})"
    if isinstance(node, exp.Mod) and whole and not _compared_with_zero(node):
        return f"({left} - (integer({left} / {right}) * {right}))"  # What is left has the sign of the first number.
    if isinstance(node, exp.Mod) and not whole:
        return _rest(translator, node)
    return made


def _number(translator: Translator, node: exp.Expr) -> str:
    made = translator.of(node)
    return f"integer({made})" if translator.kind(node) == "truth" else made


def _compared_with_zero(node: exp.Expr) -> bool:
    inner: exp.Expr = node
    while isinstance(inner.parent, exp.Paren):
        inner = inner.parent
    parent = inner.parent
    return (
        isinstance(parent, exp.EQ | exp.NEQ)
        and number_of(parent.expression if parent.this is inner else parent.this) == 0
    )


def _rest(translator: Translator, node: exp.Mod) -> str:
    """What is left of a decimal, where the question is whether anything is."""
    step, digits = number_of(node.expression), digits_of(translator, node)
    if not step or digits is None or not _compared_with_zero(node):
        raise translator.unknown(node)
    return f"(integer(round({translator.of(node.this)} * {10**digits})) % {round(step * 10**digits)})"


def digits_of(translator: Translator, node: exp.Expr) -> int | None:
    """How many digits after the point a sum of columns and literals has; None where it is none, or not exact."""
    node = bare(node)
    number = number_of(node)
    if number is not None:
        return len(repr(number).partition(".")[2]) if isinstance(number, float) else 0
    if isinstance(node, exp.Cast | exp.Neg):
        return digits_of(translator, node.this)
    if isinstance(node, exp.Column):
        found = translator.structure_of(node)
        exact = found is not None and found.data_type is not None and found.data_type.is_exact and not found.array
        return found.data_type.scale if exact and found is not None and found.data_type is not None else None
    if isinstance(node, exp.Coalesce):
        parts = [digits_of(translator, one) for one in (node.this, *node.expressions)]
        return None if None in parts else max(part for part in parts if part is not None)
    if isinstance(node, exp.Add | exp.Sub | exp.Mod | exp.Mul):
        left, right = digits_of(translator, node.this), digits_of(translator, node.expression)
        if left is None or right is None:
            return None
        return left + right if isinstance(node, exp.Mul) else max(left, right)
    return None


def exact(translator: Translator, node: exp.Expr) -> str | None:
    """Sums of decimals beside one another: rounded to their digits, as expressions compute them as doubles."""
    symbol = SYMBOLS.get(type(node))
    sides = [node.this, node.expression] if symbol else []
    summed = any(isinstance(uncast(one), exp.Add | exp.Sub | exp.Mul) for one in sides)
    digits = [digits_of(translator, one) for one in sides]
    if not summed or None in digits or not any(digits):
        return None
    most = max(one for one in digits if one is not None)
    left, right = (
        f"round({translator.of(one)}, {most})" if number_of(one) is None else translator.of(one) for one in sides
    )
    return f"({left} {symbol} {right})"


def counted(translator: Translator, node: exp.Expr) -> str | None:
    """How many columns are null, beside a number: as a condition on each of them, where it is one."""
    symbol, number = (
        SYMBOLS.get(type(node)),
        number_of(node.expression) if node.args.get("expression") is not None else None,
    )
    nulls = _nulls(translator, node.this)
    if symbol is None or nulls is None or not isinstance(number, int):
        return None
    known, count = [opposite(one) for one in nulls], len(nulls)
    if {"=": number == count, ">=": number == count, ">": number == count - 1}.get(symbol, False):
        return both(known)
    if {"=": number == 0, "<=": number == 0, "<": number == 1}.get(symbol, False):
        return both(nulls)
    if {">=": number == 1, ">": number == 0, "<>": number == 0}.get(symbol, False):
        return either(known)
    if {"<=": number == count - 1, "<": number == count, "<>": number == count}.get(symbol, False):
        return either(nulls)
    return None


def _nulls(translator: Translator, node: exp.Expr) -> list[str] | None:
    """Of a count of columns that are not null, whether each of them is; None for anything else."""
    node = bare(node)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "num_nonnulls":
        return [translator.present(one) for one in node.expressions]
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "num_nulls":
        return [opposite(translator.present(one)) for one in node.expressions]
    if isinstance(node, exp.Add):
        left, right = _nulls(translator, node.this), _nulls(translator, node.expression)
        return None if left is None or right is None else left + right
    return _null_number(translator, node)


def _null_number(translator: Translator, node: exp.Expr) -> list[str] | None:
    """A number that is 1 where a column is not null, and 0 where it is."""
    if isinstance(node, exp.Cast) and getattr(node.to.this, "value", "") in ("INT", "BIGINT", "SMALLINT"):
        return _null_test(translator, node.this)
    if (
        isinstance(node, exp.Case)
        and node.this is None
        and len(node.args["ifs"]) == 1
        and node.args.get("default") is not None
    ):
        one = node.args["ifs"][0]
        yes, no = number_of(one.args["true"]), number_of(node.args["default"])
        tested = _null_test(translator, one.this)
        if tested is not None and {yes, no} == {0, 1}:
            return tested if yes else [opposite(tested[0])]
    if isinstance(node, exp.Is | exp.Not) and translator.dialect.schema != "public":
        return _null_test(translator, node)
    return None


def _null_test(translator: Translator, node: exp.Expr) -> list[str] | None:
    """Whether a column is null, of a test whether it is not."""
    inner, negated = bare(node), False
    while isinstance(inner, exp.Not):
        inner, negated = bare(inner.this), not negated
    if not isinstance(inner, exp.Is) or not isinstance(bare(inner.expression), exp.Null):
        return None
    negated = negated != bool(inner.args.get("negate"))
    made = translator.present(inner.this)
    return [made if negated else opposite(made)]


def nulls(translator: Translator, node: exp.Anonymous) -> str:
    """How many columns are null, or are not."""
    zero, one = ("0", "1") if str(node.this).lower() == "num_nonnulls" else ("1", "0")
    return "(" + " + ".join(f"if({translator.present(part)[1:-1]}, {zero}, {one})" for part in node.expressions) + ")"


def endless(translator: Translator, node: exp.Expr) -> str | None:
    """A value beside infinity, or beside what is no number: rules make neither."""
    symbol = SYMBOLS.get(type(node))
    text = (text_of(node.expression) or "").lower() if symbol else ""
    if not isinstance(uncast(node.expression) if symbol else None, exp.Literal) or translator.kind(node.this) in (
        "text",
        "",
    ):
        return None
    if text == "nan":
        return {"<>": ALWAYS, "=": NEVER, "<": ALWAYS}.get(str(symbol))
    if text not in _ENDLESS:
        return None
    below = _ENDLESS[text] > 0
    return ALWAYS if symbol == "<>" or symbol in (("<", "<=") if below else (">", ">=")) else NEVER


MAKERS: Mapping[type, Maker] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), computed),
    **dict.fromkeys(_FUNCTIONS, function),
    exp.Trunc: lambda translator, node: f"integer({translator.of(node.this)})",
    exp.IntDiv: lambda translator, node: f"integer({translator.of(node.this)} / {translator.of(node.expression)})",
    exp.Sign: lambda translator, node: (
        f"if({translator.of(node.this)} > 0, 1, if({translator.of(node.this)} < 0, -1, 0))"
    ),
}
CALLS: Mapping[str, Maker] = dict.fromkeys(("num_nonnulls", "num_nulls"), nulls)
COMPARED: tuple[Callable[[Translator, exp.Expr], str | None], ...] = (counted, endless, exact)
