"""Safe values of semantic types in other spellings: without separators, or with others, in small letters or capitals."""

from collections.abc import Iterator
from functools import cache

from faasera.generators.patterns import pattern_of
from faasera.generators.regex.bounding import mapped
from faasera.generators.regex.characters import folded, of, size, without
from faasera.generators.regex.flavours import POLICY, RE2
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import NOTHING, Characters, Node, RegexError
from faasera.generators.regex.writing import write
from faasera.generators.semantic.registry import SEMANTIC_TYPES

_SEPARATORS = of(" -:")
_OTHERS = ("", "-", " ", ".", ":")
_AREA, _DRAMA = "[2-9](0[1-9]|[2-8][0-9])", "01[0-9]{2}"
_PHONES = tuple(
    form.format(area=_AREA, drama=_DRAMA)
    for form in (
        r"\+1{area}555{drama}", "1{area}555{drama}", "{area}555{drama}", "{area}-555-{drama}", r"\({area}\) 555-{drama}",
        r"\({area}\)555-{drama}", r"{area}\.555\.{drama}", "{area} 555 {drama}", r"\+1-{area}-555-{drama}", r"\+1 {area} 555 {drama}",
        r"\+1 \({area}\) 555-{drama}", r"\+1 {area}-555-{drama}", r"\+1\.{area}555{drama}", "1-{area}-555-{drama}", r"001{area}555{drama}", "555-{drama}", "555{drama}",
    )
)  # fmt: skip
"""The lines of North America that are kept for drama (555-0100 to 555-0199)."""


@cache
def spellings(semantic: str) -> tuple[str, ...]:
    """Patterns of safe values of a type as they may be written as well; none for what is nobody's anyway."""
    if semantic == "phone-number":
        return _PHONES
    entry = SEMANTIC_TYPES.get(semantic)
    if entry is None or entry.pattern is None or not entry.safe:
        return ()
    try:
        return tuple(dict.fromkeys(_variants(read(entry.pattern, RE2), entry.pattern)))
    except RegexError:
        return ()


def _variants(node: Node, original: str) -> Iterator[str]:
    for cased in (node, _capitals(node)):
        for separator in _OTHERS:
            text = write(_separated(cased, separator), POLICY)
            try:
                pattern_of(read(text, POLICY), text)
            except RegexError:
                continue
            if text != original:
                yield text


def _separated(node: Node, separator: str) -> Node:
    """A tree with another separator; bare for none."""
    if isinstance(node, Characters) and size(node.ranges) == 1 and not without(node.ranges, _SEPARATORS):
        return Characters(of(separator)) if separator else NOTHING
    return mapped(node, lambda one: _separated(one, separator))


def _capitals(node: Node) -> Node:
    """A tree whose small letters are capitals."""
    if isinstance(node, Characters):
        return Characters(without(folded(node.ranges, beyond_ascii=False), of("abcdefghijklmnopqrstuvwxyz")))
    return mapped(node, _capitals)
