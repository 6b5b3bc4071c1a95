"""Lists, JSON and ranges in CHECK constraints."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from faasera.schema.list_patterns import having, only
from faasera.schema.translator import (
    ALWAYS,
    NEVER,
    Maker,
    Translator,
    bare,
    both,
    column_text,
    either,
    number_of,
    opposite,
    text_literal,
    text_of,
    uncast,
)

_KINDS = {
    "object": ("object",), "array": ("array",), "string": ("string",), "boolean": ("boolean",), "null": ("null",), "number": ("number",),
    "text": ("string",), "varchar": ("string",),
}  # fmt: skip
_EMPTY = re.compile(r"^\{\s*\}$")


def _list(translator: Translator, node: exp.Expr) -> str | None:
    """The column of a list; None for anything else."""
    found = translator.structure_of(uncast(node))
    return column_text(found.name) if found is not None and found.array and found.data_type is not None else None


def members(translator: Translator, node: exp.Expr) -> list[exp.Expr]:
    """The nodes of a list that is written out."""
    inner = uncast(node.expressions[0] if isinstance(node, exp.Anonymous) else node)
    if isinstance(inner, exp.Any | exp.All):
        inner = uncast(inner.this)
    if isinstance(inner, exp.Array | exp.Tuple):
        return list(inner.expressions)
    text = text_of(inner)
    if text is not None and text.startswith("{"):
        parts = [part.strip().strip('"') for part in text[1:-1].split(",")]
        numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", part) for part in parts)
        return [exp.Literal.number(part) if numbers else exp.Literal.string(part) for part in parts]
    raise translator.unknown(node)


def _value(translator: Translator, node: exp.Expr) -> Any:
    number = number_of(node) if not (isinstance(uncast(node), exp.Literal) and uncast(node).is_string) else None
    found = text_of(node) if number is None else number
    if found is None:
        raise translator.unknown(node)
    return found


def _has(translator: Translator, name: str, node: exp.Expr) -> str:
    return f"matches({name}, {text_literal(having(_value(translator, node)))})"


def size(translator: Translator, node: exp.Expr) -> str:
    """How many elements a list has, which is JSON of words and numbers until it is loaded."""
    name = _list(translator, node.this if isinstance(node, exp.ArraySize) else node.expressions[0])
    if name is None:
        raise translator.unknown(node)
    return f"(length({name}) - length(replace({name}, ',', '')) + 1)"


def _filled(translator: Translator, node: exp.Expr) -> str | None:
    """Whether there is an element at all."""
    left = bare(node.this)
    if isinstance(node, exp.Is) and isinstance(bare(node.expression), exp.Null) and isinstance(left, exp.ArraySize):
        name = _list(translator, left.this)
        return None if name is None else either([translator.present(left.this), f"({name} = '[]')"])
    least = {(exp.GT, 0), (exp.GTE, 1), (exp.NEQ, 0)}
    right = node.args.get("expression")
    if right is None or (type(node), number_of(right)) not in least:
        return None
    named = isinstance(left, exp.Anonymous) and str(left.this).lower()
    if isinstance(left, exp.ArraySize) or named == "cardinality":
        name = _list(translator, left.this if isinstance(left, exp.ArraySize) else left.expressions[0])
        return None if name is None else f"({name} <> '[]')"
    if named in ("jsonb_array_length", "json_array_length", "json_length"):
        shown = translator.of(left.expressions[0])
        return f"(not matches({shown}, '^\\s*[\\[{{]\\s*[\\]}}]\\s*$'))"
    return None


def _empty(translator: Translator, node: exp.Expr) -> str | None:
    """A list beside an empty one."""
    if not isinstance(node, exp.EQ | exp.NEQ):
        return None
    name, right = _list(translator, node.this), uncast(node.expression)
    if name is None:
        return None
    if _EMPTY.match(text_of(right) or "") or (isinstance(right, exp.Array) and not right.expressions):
        return f"({name} {'=' if isinstance(node, exp.EQ) else '<>'} '[]')"
    raise translator.unknown(node)


def among(translator: Translator, node: exp.Expr) -> str | None:
    """A value beside one or all of a list: of a written one, or of a column."""
    right = bare(node.expression) if node.args.get("expression") is not None else None
    quantifier = _quantifier(right)
    if right is None or not quantifier:
        return None
    inner = right.expressions[0] if isinstance(right, exp.Anonymous) else right.this
    name = _list(translator, inner)
    if name is not None and isinstance(node, exp.EQ) and quantifier == "any":
        return _has(translator, name, node.this)
    if name is not None and isinstance(node, exp.NEQ) and quantifier == "all":
        return opposite(_has(translator, name, node.this))
    listed = members(translator, right)
    if isinstance(node, exp.EQ | exp.NEQ) and isinstance(node, exp.EQ) == (quantifier == "any"):
        shown = ", ".join(translator.of(one) for one in listed)
        return f"({translator.of(node.this)} {'in' if isinstance(node, exp.EQ) else 'not in'} ({shown}))"
    made = [translator.of(type(node)(this=node.this.copy(), expression=one.copy())) for one in listed]
    return either(made) if quantifier == "any" else both(made)


def _quantifier(node: exp.Expr | None) -> str:
    """Whether a comparison is with any or with all of a list; empty for neither."""
    if isinstance(node, exp.Anonymous):
        return "all" if str(node.this).lower() == "all" and len(node.expressions) == 1 else ""
    return "any" if isinstance(node, exp.Any) else ("all" if isinstance(node, exp.All) else "")


def _contained(translator: Translator, node: exp.Expr) -> str:
    """A list within a written one, or around it."""
    inner, outer = (
        (node.this, node.expression) if isinstance(node, exp.ArrayContainedBy) else (node.expression, node.this)
    )
    within, around = _list(translator, inner), _list(translator, outer)
    if within is not None and around is None:
        values = [_value(translator, one) for one in members(translator, outer)]
        return f"matches({within}, {text_literal(only(values))})"
    if around is not None and within is None:
        return both([_has(translator, around, one) for one in members(translator, inner)])
    raise translator.unknown(node)


def _overlapping(translator: Translator, node: exp.Expr) -> str:
    name, other = _list(translator, node.this), node.expression
    if name is None:
        name, other = _list(translator, node.expression), node.this
    if name is None or _list(translator, other) is not None:
        raise translator.unknown(node)
    return either([_has(translator, name, one) for one in members(translator, other)])


def _containing(translator: Translator, node: exp.ArrayContains) -> str:
    name = _list(translator, node.this)
    if name is None:
        raise translator.unknown(node)
    return _has(translator, name, node.expression)


def _placed(translator: Translator, node: exp.Expr) -> str | None:
    """Whether a list has no such element."""
    left = bare(node.this) if isinstance(node, exp.Is) and isinstance(bare(node.expression), exp.Null) else None
    if not isinstance(left, exp.ArrayPosition):
        return None
    name = _list(translator, left.this)
    if name is None:
        raise translator.unknown(left)
    none = isinstance(uncast(left.expression), exp.Null)
    return f"(not matches({name}, '[\\[,] ?null'))" if none else opposite(_has(translator, name, left.expression))


def json_kind(translator: Translator, node: exp.Expr) -> str | None:
    """What a JSON text holds."""
    left = bare(node.this) if isinstance(node, exp.EQ | exp.NEQ | exp.In) else None
    call = isinstance(left, exp.Anonymous) and str(left.this).lower() in ("jsonb_typeof", "json_typeof", "json_type")
    if left is None or not (call or isinstance(left, exp.JSONType)):
        return None
    subject = left.expressions[0] if call else left.this
    if not call and left.args.get("expression") is not None:
        raise translator.unknown(left)
    wanted = [
        str(text_of(one)).lower() for one in (node.expressions if isinstance(node, exp.In) else [node.expression])
    ]
    if not set(wanted) <= set(_KINDS):
        raise translator.unknown(left)
    kinds = [text_literal(kind) for one in wanted for kind in _KINDS[one]]
    made = f"json_type({translator.of(subject)})"
    if len(kinds) > 1:
        return f"({made} in ({', '.join(kinds)}))"
    return f"({made} {'<>' if isinstance(node, exp.NEQ) else '='} {kinds[0]})"


def _is_json(translator: Translator, node: exp.Expr) -> str | None:
    found = bare(node.expression) if isinstance(node, exp.Is) else None
    if not isinstance(found, exp.JSON) or translator.kind(node.this) != "json":
        return None
    kind = {"OBJECT": "object", "ARRAY": "array"}.get(str(found.this))
    return ALWAYS if kind is None else f"(json_type({translator.of(node.this)}) = '{kind}')"


def _range(translator: Translator, node: exp.Expr) -> bool:
    return translator.kind(uncast(node)) == "range"


def _of_range(answer: str) -> Maker:
    """What is so of every range that rules make: neither empty nor open, with its lower end and without its upper one."""

    def make(translator: Translator, node: exp.Anonymous) -> str:
        if not _range(translator, node.expressions[0]):
            raise translator.unknown(node)
        return answer

    return make


def _ends(translator: Translator, node: exp.Expr) -> str | None:
    """The ends of a range: there, and in their order."""
    left = bare(node.this) if isinstance(node, exp.Is | exp.Binary) else None
    if not isinstance(left, exp.Lower | exp.Upper) or not _range(translator, left.this):
        return None
    right = bare(node.expression)
    if isinstance(node, exp.Is) and isinstance(right, exp.Null):
        return translator.present(left.this)
    orders = (exp.LT, exp.LTE, exp.NEQ) if isinstance(left, exp.Lower) else (exp.GT, exp.GTE, exp.NEQ)
    if isinstance(right, exp.Lower | exp.Upper) and left.this == right.this and type(left) is not type(right):
        return ALWAYS if isinstance(node, orders) else NEVER
    raise translator.unknown(node)


MAKERS: Mapping[type, Maker] = {
    exp.ArraySize: size,
    exp.ArrayContainedBy: _contained,
    exp.ArrayContainsAll: _contained,
    exp.ArrayOverlaps: _overlapping,
    exp.ArrayContains: _containing,
}
CALLS: Mapping[str, Maker] = {
    "cardinality": size,
    "isempty": _of_range(NEVER),
    "lower_inf": _of_range(NEVER),
    "upper_inf": _of_range(NEVER),
    "lower_inc": _of_range(ALWAYS),
    "upper_inc": _of_range(NEVER),
}
COMPARED: tuple[Callable[[Translator, exp.Expr], str | None], ...] = (
    among,
    _filled,
    _placed,
    json_kind,
    _is_json,
    _ends,
    _empty,
)
