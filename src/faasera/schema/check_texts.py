"""Texts in CHECK constraints: lengths, parts, cases, and texts that are bytes or dates."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from faasera.schema.list_patterns import JSON_TEXT
from faasera.schema.translator import (
    ALWAYS,
    Maker,
    Translator,
    UntranslatableError,
    bare,
    column_text,
    either,
    number_of,
    opposite,
    text_literal,
    text_of,
    uncast,
)

_DAY = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_STORED = {
    "integer": ("whole", "truth"),
    "text": ("text", "json", "date", "moment", "time"),
    "blob": ("bytes",),
    "real": (),
    "numeric": (),
}


def like_literal(part: str) -> str:
    """A text as a part of a pattern of LIKE."""
    return re.sub(r"([\\%_])", r"\\\1", part)


def _bytes(translator: Translator, node: exp.Expr) -> str | None:
    """The column that holds bytes, or a text that is counted in bytes; None for anything else."""
    node = bare(node)
    if isinstance(node, exp.Cast) and getattr(node.to.this, "value", "") in ("VARBINARY", "BINARY", "BLOB"):
        node = bare(node.this)
        return translator.of(node) if translator.kind(node) != "bytes" else _bytes(translator, node)
    found = translator.structure_of(node)
    return column_text(found.name) if found is not None and translator.kind(node) == "bytes" else None


def octets(translator: Translator, node: exp.Expr) -> str:
    """A length in bytes."""
    return f"octet_length({_bytes(translator, node) or translator.of(node)})"


def length(translator: Translator, node: exp.Expr) -> str:
    """A length, of bytes in bytes."""
    inner = node.this
    if _bytes(translator, inner) is not None or node.args.get("binary"):
        return octets(translator, inner)
    if translator.kind(inner) == "list":
        return translator.calls["cardinality"](translator, exp.Anonymous(this="cardinality", expressions=[inner]))
    number = translator.kind(inner) in ("whole", "number", "date", "moment")
    return f"length(text({translator.of(inner)}))" if number else f"length({translator.of(inner)})"


def _trimmed(translator: Translator, node: exp.Trim) -> str:
    strange = node.expression
    if strange is not None and (text_of(strange) is None or str(text_of(strange)).strip()):
        raise translator.unknown(node)
    return f"trim({translator.of(node.this)})"


def _substring(translator: Translator, node: exp.Substring) -> str:
    start, count = number_of(node.args.get("start") or exp.Literal.number(1)), node.args.get("length")
    if not isinstance(start, int) or start < 1 or (count is not None and not isinstance(number_of(count), int)):
        raise translator.unknown(node)
    rest = "" if count is None else f", {number_of(count)}"
    return f"substring({translator.of(node.this)}, {start}{rest})"


def _position(translator: Translator, node: exp.StrPosition) -> str:
    part = text_of(node.args["substr"])
    made = (
        chr(int(number_of(node.args["substr"].expressions[0]) or 0))
        if isinstance(node.args["substr"], exp.Chr)
        else part
    )
    if made is None or node.args.get("position") is not None:
        raise translator.unknown(node)
    return f"position({translator.of(node.this)}, {text_literal(made)})"


def _begins(translator: Translator, node: exp.Expr) -> str:
    subject, part = node.this, text_of(node.expression)
    if part is None:
        raise translator.unknown(node)
    return f"({translator.of(subject)} like {text_literal(like_literal(part) + '%')})"


def _contains(translator: Translator, node: exp.Expr) -> str:
    part = text_of(node.expression)
    if part is None:
        raise translator.unknown(node)
    return f"({translator.of(node.this)} like {text_literal('%' + like_literal(part) + '%')})"


def _affix(form: str) -> Maker:
    def make(translator: Translator, node: exp.Anonymous) -> str:
        part = text_of(node.expressions[1]) if len(node.expressions) == 2 else None
        if part is None:
            raise translator.unknown(node)
        return f"({translator.of(node.expressions[0])} like {text_literal(form.format(like_literal(part)))})"

    return make


def _concatenated(translator: Translator, node: exp.Expr) -> str:
    parts = [node.this, node.expression] if isinstance(node, exp.DPipe) else node.expressions
    made = [translator.of(part) for part in parts]
    if node.args.get("coalesce"):
        made = [
            one if isinstance(bare(part), exp.Literal) else f"coalesce({one}, '')"
            for one, part in zip(made, parts, strict=True)
        ]
    return f"concat({', '.join(made)})"


def _replaced(translator: Translator, node: exp.Replace) -> str:
    old, new = text_of(node.expression), text_of(node.args.get("replacement") or exp.Literal.string(""))
    if old is None or new is None:
        raise translator.unknown(node)
    return f"replace({translator.of(node.this)}, {text_literal(old)}, {text_literal(new)})"


def _side(name: str) -> Maker:
    def make(translator: Translator, node: exp.Expr) -> str:
        count = number_of(node.expression)
        if not isinstance(count, int) or count < 0:
            raise translator.unknown(node)
        return f"{name}({translator.of(node.this)}, {count})"

    return make


def _character(translator: Translator, node: exp.Chr) -> str:
    number = number_of(node.expressions[0]) if len(node.expressions) == 1 else None
    if not isinstance(number, int) or number < 1:
        raise translator.unknown(node)
    return text_literal(chr(number))


def _valid_json(translator: Translator, node: exp.Anonymous) -> str:
    """JSON is valid in its own type; a text is, where it is a flat object or a list."""
    subject = node.expressions[0] if node.expressions else node.this
    if translator.kind(subject) == "text":
        if translator.sign <= 0:
            raise translator.unknown(node)
        return f"matches({translator.of(subject)}, {text_literal(JSON_TEXT)})"
    return ALWAYS


def stored(translator: Translator, node: exp.Expr) -> str | None:
    """How SQLite stores a column, which its type decides."""
    kind = bare(node.this) if isinstance(node, exp.EQ | exp.NEQ | exp.In) else None
    if not isinstance(kind, exp.Typeof) or isinstance(node, exp.NEQ):
        return None
    wanted = [text_of(one) for one in (node.expressions if isinstance(node, exp.In) else [node.expression])]
    held = translator.kind(kind.this)
    if not any(held in _STORED.get(str(one), ()) for one in wanted) and not (held == "number" and "real" in wanted):
        raise UntranslatableError(
            f"what is stored in {translator.shown(kind.this)} is not known to be {', '.join(map(str, wanted))}"
        )
    return ALWAYS if "null" in wanted else opposite(translator.present(kind.this))


def _written_date(translator: Translator, node: exp.Expr) -> str | None:
    """A text that is its own date, or of which SQLite can make one."""
    if isinstance(node, exp.Is) and isinstance(bare(node.expression), exp.Null):
        return _readable_date(translator, node)
    if not isinstance(node, exp.EQ | exp.NullSafeEQ):
        return None
    for made, subject in ((bare(node.this), bare(node.expression)), (bare(node.expression), bare(node.this))):
        inner, pattern = _date_of(made)
        if inner is not None and inner == subject and isinstance(subject, exp.Column):
            shown = (
                f"matches({translator.of(subject)}, {text_literal(f'^{pattern}$')})"
                if translator.kind(subject) == "text"
                else ALWAYS
            )
            if translator.sign <= 0:
                raise translator.unknown(node)
            required = isinstance(node, exp.NullSafeEQ)
            return shown if not required else either([translator.present(subject), shown])
    return None


def _readable_date(translator: Translator, node: exp.Is) -> str | None:
    inner, pattern = _date_of(bare(node.this))
    if inner is None:
        return None
    if translator.kind(inner) != "text":
        return translator.present(inner)
    if translator.sign >= 0:  # It is asked for below a negation alone.
        raise translator.unknown(node)
    known = f"matches({translator.of(inner)}, {text_literal(f'^{pattern}$')})"
    return f"(not (coalesce({known}, false)))"


def _date_of(node: exp.Expr) -> tuple[exp.Expr | None, str]:
    """What a date is made of, and how that is written."""
    if isinstance(node, exp.Date) and not node.expressions:
        return bare(node.this), _DAY
    if isinstance(node, exp.TimeToStr) and text_of(node.args["format"]) == "%Y-%m-%d":
        return uncast(node.this.this if isinstance(node.this, exp.TsOrDsToTimestamp) else node.this), _DAY
    if (
        isinstance(node, exp.Anonymous)
        and str(node.this).lower() in ("datetime", "julianday", "strftime")
        and len(node.expressions) == 1
    ):
        return bare(node.expressions[0]), f"{_DAY} {_TIME}"
    return None, ""


def _found(translator: Translator, node: exp.Expr) -> str | None:
    """Whether a part occurs, asked by its position."""
    left, right = bare(node.this), number_of(node.expression) if node.args.get("expression") is not None else None
    if not isinstance(left, exp.StrPosition) or not isinstance(right, int):
        return None
    answers: dict[tuple[type, int], bool] = {
        (exp.GT, 0): True,
        (exp.GTE, 1): True,
        (exp.NEQ, 0): True,
        (exp.EQ, 0): False,
        (exp.LT, 1): False,
    }
    there = answers.get((type(node), right))
    if there is None:
        return None
    position = _position(translator, left)
    subject, _, part = position.removeprefix("position(").rpartition(", '")
    made = f"({subject} like '%{like_literal(part[:-2])}%')"
    return made if there else opposite(made)


def _flat(translator: Translator, node: exp.Nullif) -> str:
    left, right = translator.of(node.this), translator.of(node.expression)
    return f"if(({left} = {right}), null, {left})"


def _listed_null(translator: Translator, node: exp.Expr) -> str | None:
    """Whether NULLIF makes a null: of one, or of the other value."""
    inner = bare(node.this) if isinstance(node, exp.Is) and isinstance(bare(node.expression), exp.Null) else None
    if not isinstance(inner, exp.Nullif) or not isinstance(uncast(inner.expression), exp.Literal):
        return None
    return either(
        [translator.present(inner.this), f"({translator.of(inner.this)} = {translator.of(inner.expression)})"]
    )


MAKERS: Mapping[type, Maker] = {
    exp.Length: length,
    exp.BitLength: lambda translator, node: f"({octets(translator, node.this)} * 8)",
    exp.Trim: _trimmed,
    exp.Substring: _substring,
    exp.StrPosition: _position,
    exp.StartsWith: _begins,
    exp.EndsWith: lambda translator, node: _affix("%{}")(
        translator, exp.Anonymous(this="", expressions=[node.this, node.expression])
    ),
    exp.Contains: _contains,
    exp.Concat: _concatenated,
    exp.DPipe: _concatenated,
    exp.Replace: _replaced,
    exp.Left: _side("left"),
    exp.Right: _side("right"),
    exp.Chr: _character,
    exp.Nullif: _flat,
    exp.ParseJSON: _valid_json,
    exp.Collate: lambda translator, node: translator.of(node.this),
    exp.Introducer: lambda translator, node: translator.of(node.expression),
}
_LENGTHS = ("char_length", "character_length", "length", "len")
CALLS: Mapping[str, Maker] = {
    **dict.fromkeys(_LENGTHS, lambda translator, node: length(translator, exp.Length(this=node.expressions[0]))),
    **dict.fromkeys(
        ("octet_length", "strlen", "datalength"), lambda translator, node: octets(translator, node.expressions[0])
    ),
    **dict.fromkeys(
        ("btrim", "trim", "ltrim", "rtrim"),
        lambda translator, node: _trimmed(
            translator,
            exp.Trim(this=node.expressions[0], expression=node.expressions[1] if len(node.expressions) > 1 else None),
        ),
    ),
    **dict.fromkeys(("prefix", "starts_with", "startswith"), _affix("{}%")),
    **dict.fromkeys(("suffix", "ends_with", "endswith"), _affix("%{}")),
    "mid": lambda translator, node: _substring(
        translator, exp.Substring(this=node.expressions[0], start=node.expressions[1], length=node.expressions[2])
    ),
    "charindex": lambda translator, node: _position(
        translator, exp.StrPosition(this=node.expressions[1], substr=node.expressions[0])
    ),
    "json_valid": _valid_json,
    "isjson": _valid_json,
}
COMPARED: tuple[Callable[[Translator, exp.Expr], str | None], ...] = (stored, _written_date, _found, _listed_null)
