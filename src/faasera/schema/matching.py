"""Patterns of SQL as those of expressions: regular expressions of any engine, LIKE, SIMILAR TO and GLOB."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from faasera.generators.regex.characters import ALL
from faasera.generators.regex.conjuncts import searches
from faasera.generators.regex.flavours import GLOB, LIKE, RE2, SIMILAR, Flavour, escaped_by
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import Anchor, Characters, Node, Place, RegexError, Repeat, Sequence, sequence
from faasera.generators.regex.writing import write
from faasera.schema.dialects import Dialect
from faasera.schema.translator import Maker, Translator, opposite, text_literal, uncast

_FLAGS = {"postgres": "imnpwsxc", "mysql": "imnc", "duckdb": "ics"}
_IN_MYSQL = {"n": "s"}
_ANYTHING = Repeat(Characters(ALL, open=True), 0, None)


@dataclass(frozen=True)
class SqlPattern:
    """A pattern of SQL.

    Attributes:
        text: as it is written.
        flavour: its syntax.
        fold: whether small letters and capitals are the same.
    """

    text: str
    flavour: Flavour
    fold: bool = False

    def canonical(self, *, negated: bool) -> str:
        """As expressions read it, so that it holds nowhere where the engine may see it otherwise.

        Args:
            negated: whether it is asked that it does not match.

        Raises:
            RegexError: expressions cannot say it.
        """
        node = read(self.text, self.flavour, fold=self.fold, wide=negated)
        node = _found(node) if self.flavour.whole else node
        for same in (self.text, f"(?i){self.text}"):
            if _reads(same, node):
                return same
        made = write(node, RE2)
        _check(made)
        return made


def _reads(text: str, node: Node) -> bool:
    """Whether expressions read a text as a tree."""
    try:
        if read(text, RE2) != node:
            return False
        _check(text)
    except RegexError:
        return False
    return True


def _check(text: str) -> None:
    """Raise unless RE2 takes all parts of a text."""
    try:
        for one, _ in searches(text):
            pc.match_substring_regex(pa.array([""]), one)
    except pa.ArrowInvalid as error:
        raise RegexError(str(error).partition(" (")[0]) from None


def _found(node: Node) -> Node:
    """What matches a whole text, as it is found in one: without what takes anything at its ends."""
    parts = list(node.parts) if isinstance(node, Sequence) else [node]
    start, end = Anchor(Place.START), Anchor(Place.END)
    if len(parts) > 3 and parts[0] == start and parts[1] == _ANYTHING:
        parts = parts[2:]
    if len(parts) > 2 and parts[-1] == end and parts[-2] == _ANYTHING:
        parts = parts[:-2]
    return sequence(parts)


def of_regex(node: exp.Expr, dialect: Dialect, *, fold: bool) -> list[SqlPattern]:
    """The patterns of ``~``, ``REGEXP`` and their kin; more than one beside ``ANY`` and ``ALL``.

    Raises:
        RegexError: they are no literals, or of a kind that is not known.
    """
    pattern = uncast(node.expression)
    letters = _letters(node)
    known = _FLAGS.get(dialect.name, "")
    if letters.strip(known):
        raise RegexError(f"the flags '{letters}' are not understood")
    fold = (fold or "i" in letters) and "c" not in letters
    if isinstance(pattern, exp.Any | exp.All):
        listed = uncast(pattern.this)
        members = (
            [uncast(one) for one in listed.expressions] if isinstance(listed, exp.Array | exp.Tuple) else [pattern]
        )
    else:
        members = [pattern]
    flavour = replace(dialect.regex, whole=isinstance(node, exp.RegexpFullMatch | exp.SimilarTo))
    others = "".join(_IN_MYSQL.get(one, one) if dialect.name == "mysql" else one for one in letters if one not in "ic")
    before = f"(?{others})" if others else ""
    return [_single(one, flavour, before, fold=fold) for one in members]


def _single(pattern: exp.Expr, flavour: Flavour, before: str, *, fold: bool) -> SqlPattern:
    if isinstance(pattern, exp.Anonymous) and str(pattern.this).lower() in ("similar_to_escape", "similar_escape"):
        return of_similar(*(uncast(one) for one in pattern.expressions))
    return SqlPattern(before + text_of(pattern), flavour, fold)


def of_similar(pattern: exp.Expr, escape: exp.Expr | None = None) -> SqlPattern:
    """The pattern of ``SIMILAR TO``.

    Raises:
        RegexError: it is no literal.
    """
    flavour = SIMILAR if escape is None or isinstance(escape, exp.Null) else escaped_by(SIMILAR, text_of(escape))
    return SqlPattern(text_of(pattern), flavour)


def of_like(pattern: exp.Expr, escape: str, *, fold: bool) -> SqlPattern:
    """The pattern of ``LIKE``.

    Raises:
        RegexError: it is no literal.
    """
    return SqlPattern(text_of(pattern), escaped_by(LIKE, escape), fold)


def of_glob(pattern: exp.Expr) -> SqlPattern:
    """The pattern of ``GLOB``.

    Raises:
        RegexError: it is no literal.
    """
    return SqlPattern(text_of(pattern), GLOB)


def text_of(node: exp.Expr) -> str:
    """The text of a literal, or of several that are joined.

    Raises:
        RegexError: it is no literal.
    """
    node = uncast(node)
    if isinstance(node, exp.DPipe | exp.Concat):
        parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
        return "".join(map(text_of, parts))
    if isinstance(node, exp.Literal | exp.ByteString | exp.RawString | exp.National):
        return str(node.this)
    raise RegexError("its pattern is no literal")


def _letters(node: exp.Expr) -> str:
    given = node.args.get("flag") or node.args.get("options") or node.args.get("parameters")
    return text_of(given) if given is not None else ""


# conditions


def _matches(translator: Translator, subject: str, pattern: SqlPattern) -> str:
    return f"matches({subject}, {text_literal(pattern.canonical(negated=translator.sign < 0))})"


def _subject(translator: Translator, node: exp.Expr, folded: bool) -> tuple[str, bool]:
    """What is matched, and whether small letters and capitals are the same, as its collation has it."""
    inner, other = node.this, node.expression
    binary = exp.DataType.Type.BINARY
    folded = folded and not (isinstance(other, exp.Cast) and other.to.this == binary)
    while isinstance(inner, exp.Collate) or (isinstance(inner, exp.Cast) and inner.to.this == binary):
        collation = inner.expression.name if isinstance(inner, exp.Collate) else "binary"
        folded = folded and not collation.lower().endswith(("_bin", "_cs", "binary"))
        inner = inner.this
    column = uncast(inner)
    found = translator.names.get(column.name.casefold()) if isinstance(column, exp.Column) else None
    return translator.of(inner), folded or (found is not None and found.type.lower() == "citext")


def _regex(translator: Translator, node: exp.Expr) -> str:
    """``~``, ``REGEXP`` and their kin."""
    dialect = translator.dialect
    subject, folded = _subject(translator, node, isinstance(node, exp.RegexpILike) or dialect.folded_patterns)
    patterns = of_regex(node, dialect, fold=folded)
    word = " and " if isinstance(uncast(node.expression), exp.All) else " or "
    made = word.join(_matches(translator, subject, one) for one in patterns)
    return made if len(patterns) == 1 else f"({made})"


def _like(translator: Translator, node: exp.Expr, escape: str | None = None) -> str:
    dialect, given = translator.dialect, uncast(node.expression)
    if isinstance(given, exp.Anonymous) and str(given.this).lower() == "like_escape":
        # So PostgreSQL keeps an escape.
        escape = text_of(given.expressions[1])
        node.set("expression", given.expressions[0].copy())
    subject, folded = _subject(translator, node, isinstance(node, exp.ILike) or dialect.folded_likes)
    pattern = of_like(node.expression, dialect.like_escape if escape is None else escape, fold=folded)
    text = pattern.text
    if "\\" in text or (escape and escape in text):
        return _matches(translator, subject, pattern)
    if folded and text.lower() != text.upper():
        return f"(lower({subject}) like {text_literal(text.lower())})"
    return f"({subject} like {text_literal(text)})"


def _escaped(translator: Translator, node: exp.Escape) -> str:
    inner = uncast(node.this)
    if inner.args.get("negate"):
        inner.set("negate", False)
        with translator.signed(-translator.sign):
            return opposite(_escaped(translator, node))
    if isinstance(inner, exp.SimilarTo):
        made = _matches(translator, translator.of(inner.this), of_similar(inner.expression, node.expression))
    elif isinstance(inner, exp.Like | exp.ILike):
        made = _like(translator, inner, text_of(node.expression))
    else:
        raise RegexError("an escape of something else is not understood")
    return made


def _glob(translator: Translator, node: exp.Glob) -> str:
    return _matches(translator, translator.of(node.this), of_glob(node.expression))


def _similar(translator: Translator, node: exp.SimilarTo) -> str:
    if translator.dialect.name == "duckdb":
        # Regular expressions of the whole text.
        return _regex(translator, node)
    return _matches(translator, translator.of(node.this), of_similar(node.expression))


def _called(translator: Translator, node: exp.Anonymous) -> str:
    """Regular expressions as functions of other names."""
    name, arguments = str(node.this).lower(), node.expressions
    if len(arguments) != 2:
        raise RegexError(f"{name}() of {len(arguments)} arguments is not understood")
    text, pattern = arguments[::-1] if name == "regexp" else arguments
    kind = exp.RegexpFullMatch if "full" in name else (exp.RegexpILike if "ic" in name else exp.RegexpLike)
    made = kind(this=text.copy(), expression=pattern.copy())
    return _regex(translator, made)


MAKERS: Mapping[type, Maker] = {
    exp.RegexpLike: _regex,
    exp.RegexpFullMatch: _regex,
    exp.RegexpILike: _regex,
    exp.ILike: _like,
    exp.Like: _like,
    exp.Glob: _glob,
    exp.SimilarTo: _similar,
    exp.Escape: _escaped,
}
"""How conditions with patterns are said, by their nodes."""
CALLS: Mapping[str, Maker] = dict.fromkeys(("regexp", "textregexeq", "texticregexeq", "regexp_full_match"), _called)
"""The same, by the names of functions."""
