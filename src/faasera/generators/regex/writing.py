"""Trees of regular expressions as texts of a syntax."""

from collections.abc import Iterator, Mapping

from faasera.generators.regex.characters import ALL, LAST, Ranges, complement, folded, of, size, union, without
from faasera.generators.regex.flavours import ECMA, PERL, POLICY, POSTGRESQL, PYTHON, RE2, SEPARATORS, Flavour
from faasera.generators.regex.tree import (
    Alternatives,
    Anchor,
    Backreference,
    Characters,
    Group,
    Look,
    Node,
    Place,
    RegexError,
    Repeat,
    Sequence,
    bare,
    children,
    edge,
    may_be_empty,
)

_META = frozenset(".^$|()[]{}*+?\\")
_IN_CLASS = frozenset("[]^-\\")
_NO_NEWLINE = complement(of("\n"))
_CONTROLS = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_PERL_PLACES = {
    Place.START: "^",
    Place.END: "$",
    Place.LINE_START: "(?m:^)",
    Place.LINE_END: "(?m:$)",
    Place.WORD_EDGE: r"\b",
    Place.INSIDE: r"\B",
}
_PLACES: Mapping[str, Mapping[Place, str]] = {
    POLICY.name: _PERL_PLACES,
    RE2.name: _PERL_PLACES,
    PERL.name: {**_PERL_PLACES, Place.END: r"\z", Place.WORD_START: r"\b(?=\w)", Place.WORD_END: r"\b(?<=\w)"},
    PYTHON.name: {**_PERL_PLACES, Place.END: r"\Z", Place.WORD_START: r"\b(?=\w)", Place.WORD_END: r"\b(?<=\w)"},
    POSTGRESQL.name: {
        Place.START: "^",
        Place.END: "$",
        Place.WORD_EDGE: r"\y",
        Place.INSIDE: r"\Y",
        Place.WORD_START: r"\m",
        Place.WORD_END: r"\M",
    },
    ECMA.name: {Place.START: "^", Place.END: "$", Place.WORD_EDGE: r"\b", Place.INSIDE: r"\B"},
}
_MOST_TIMES = {RE2.name: 1000, POLICY.name: 100_000, POSTGRESQL.name: 255}
_SPACES = union(RE2.classes["s"], SEPARATORS)
_WORD = RE2.classes["w"]


def write(node: Node, flavour: Flavour, *, looks: bool = True) -> str:
    """A tree in a syntax.

    Args:
        node: the tree.
        flavour: the syntax.
        looks: whether look-around may be written.

    Raises:
        RegexError: the syntax has no words for it.
    """
    return _Writer(node, flavour, looks).all(node)


class _Writer:
    def __init__(self, node: Node, flavour: Flavour, looks: bool) -> None:
        self.flavour = flavour
        self.looks = looks
        found = list(_characters(node))
        self.fold = any(one.plain is not None for one in found) and all(map(_closed, found))
        dots = {one.ranges for one in found} & {ALL, _NO_NEWLINE}
        self.all_dots = dots == {ALL} and flavour.flags.get("s") == "all"

    def all(self, node: Node) -> str:
        flags = ("i" if self.fold else "") + ("s" if self.all_dots else "")
        return (f"(?{flags})" if flags else "") + self.either(node, outermost=True)

    def either(self, node: Node, *, outermost: bool = False) -> str:
        if isinstance(node, Alternatives):
            return "|".join(self.row(one, outermost) for one in node.branches)
        return self.row(node, outermost)

    def row(self, node: Node, outermost: bool) -> str:
        given = node.parts if isinstance(node, Sequence) else (node,)
        parts = tuple(one for one in given if not (isinstance(one, Repeat) and one.most == 0))
        return "".join(self.part(one, parts, place, outermost) for place, one in enumerate(parts))

    def part(self, node: Node, parts: tuple[Node, ...], place: int, outermost: bool) -> str:
        """One part of a sequence, which may depend on those beside it."""
        before, after = parts[:place][::-1], parts[place + 1 :]
        if isinstance(node, Anchor):
            return self.anchor(node.place, before, after)
        if isinstance(node, Repeat) and node.possessive and _apart(node, after, outermost):
            return self.single(Repeat(node.inner, node.least, node.most))
        return self.single(node)

    def anchor(self, place: Place, before: tuple[Node, ...], after: tuple[Node, ...]) -> str:
        known = _PLACES[self.flavour.name].get(place)
        if known is not None:
            return known
        beside, last = (after, False) if place == Place.WORD_START else (before, True)
        if place in (Place.WORD_START, Place.WORD_END) and beside and not may_be_empty(beside[0]):
            if not without(edge(beside[0], last=last), _WORD):
                return r"\b"
            if self.looks and self.flavour.name in (RE2.name, POLICY.name):
                return r"\b(?=\w)" if place == Place.WORD_START else r"(?<=\w)\b"
        raise RegexError(f"{place.value} has no equal there")

    def single(self, node: Node) -> str:
        """A node that can be repeated as it stands."""
        if isinstance(node, Characters):
            return self.characters(node)
        if isinstance(node, Repeat):
            if node.possessive and not self.flavour.possessive:
                raise RegexError("possessive repetition has no equal there")
            return self.repeat(node)
        if isinstance(node, Group):
            return f"({self.either(node.inner)})"
        if isinstance(node, Look):
            return self.look(node)
        if isinstance(node, Backreference):
            if not self.flavour.references:
                raise RegexError("references to groups are not understood")
            return f"(?:\\{node.number})"
        if isinstance(node, Anchor):
            return self.anchor(node.place, (), ())
        return f"(?:{self.either(node)})"

    def look(self, node: Look) -> str:
        if not self.looks:
            raise RegexError("look-around within an expression is not understood")
        return f"(?{'' if node.ahead else '<'}{'!' if node.negated else '='}{self.either(node.inner)})"

    def repeat(self, node: Repeat) -> str:
        inner = self.single(node.inner)
        if isinstance(node.inner, Repeat | Anchor | Look):
            inner = f"(?:{inner})"
        if node.possessive and (node.least, node.most) == (1, 1):
            return f"(?>{inner})"
        if (node.least, node.most) == (1, 1):
            return inner
        limit = _MOST_TIMES.get(self.flavour.name, 65_535)
        return "".join(inner + counts for counts in _counts(node, limit)) + ("+" if node.possessive else "")

    def characters(self, node: Characters) -> str:
        flavour = self.flavour
        ranges = node.plain if self.fold and node.plain is not None else node.ranges
        if size(ranges) == 1:
            return self.literal(chr(ranges[0][0]), _META)
        if ranges == (ALL if self.all_dots else flavour.dot):
            return "."
        if ranges == ALL:
            return "(?s:.)" if flavour.flags.get("s") == "all" else r"[\s\S]"
        if not flavour.unsure:
            for letter, known in flavour.classes.items():
                if ranges in (known, complement(known)):
                    return "\\" + (letter if ranges == known else letter.upper())
        if not ranges:
            return self.nothing()
        negated = ranges[-1][1] == LAST
        listed = complement(ranges) if negated else ranges
        names = ""
        if flavour.name in (RE2.name, POLICY.name) and not without(_SPACES, listed):
            listed, names = without(listed, _SPACES), r"\s\pZ"
        return f"[{'^' if negated else ''}{names}{''.join(map(self.span, listed))}]"

    def nothing(self) -> str:
        """A class that no character belongs to."""
        if self.flavour.name not in (RE2.name, POLICY.name):
            raise RegexError("a class holds nothing")
        return r"[^\x00-\x{10ffff}]"

    def span(self, ends: tuple[int, int]) -> str:
        low, high = ends
        shown = [
            self.literal(chr(code), _IN_CLASS) for code in ({low, high} if high > low + 1 else range(low, high + 1))
        ]
        if high <= low + 1:
            return "".join(shown)
        return f"{self.literal(chr(low), _IN_CLASS)}-{self.literal(chr(high), _IN_CLASS)}"

    def literal(self, character: str, special: frozenset[str]) -> str:
        if character in special:
            return f"\\{character}"
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isprintable():
            return character
        code = ord(character)
        if self.flavour.name == POSTGRESQL.name:
            return f"\\U{max(code, 1):08x}"
        if self.flavour.name == PYTHON.name:
            return f"\\U{code:08x}"
        if self.flavour.name == ECMA.name:
            return f"\\u{code:04x}"
        return f"\\x{code:02x}" if code < 128 else f"\\x{{{code:x}}}"


def _characters(node: Node) -> Iterator[Characters]:
    if isinstance(node, Characters):
        yield node
    for child in children(node):
        yield from _characters(child)


def _closed(node: Characters) -> bool:
    """Whether a set is the same with and without a difference of small letters and capitals, within ASCII."""
    if node.plain is not None:
        return node.plain[-1][1] < 128
    return folded(node.ranges, beyond_ascii=False) == node.ranges


def _apart(node: Repeat, after: tuple[Node, ...], outermost: bool) -> bool:
    """Whether giving back what was taken would never help: what follows begins with something else."""
    if not after:
        # What ends a match gives nothing back.
        return outermost
    inner = bare(node.inner)
    inner = bare(inner.inner) if isinstance(inner, Repeat) and (node.least, node.most) == (1, 1) else inner
    if not isinstance(inner, Characters):
        return False
    for part in after:
        if isinstance(part, Anchor) and part.place == Place.END:
            return True
        if isinstance(part, Anchor | Look | Backreference) or _meet(inner.ranges, edge(part)):
            return False
        if not may_be_empty(part):
            return True
    return outermost


def _meet(one: Ranges, other: Ranges) -> bool:
    return without(one, other) != one


def _counts(node: Repeat, limit: int) -> Iterator[str]:
    """Quantifiers, each within a limit, that together repeat as often."""
    least, most = node.least, node.most
    while least > limit:
        yield f"{{{limit}}}"
        least, most = least - limit, None if most is None else most - limit
    while most is not None and most > limit:
        yield f"{{{least},{limit}}}" if least else f"{{0,{limit}}}"
        least, most = 0, most - limit
    simple = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    if simple is not None:
        yield simple
    elif most is None:
        yield f"{{{least},}}"
    else:
        yield f"{{{least}}}" if least == most else f"{{{least},{most}}}"
