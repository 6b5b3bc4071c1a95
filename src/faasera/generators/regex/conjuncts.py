"""Look-around as conditions of its own: what must be found in a text, and what must not."""

from dataclasses import dataclass

from faasera.generators.regex.characters import ALL, Ranges, common, without
from faasera.generators.regex.flavours import RE2, Flavour
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import (
    Alternatives,
    Anchor,
    Characters,
    Group,
    Look,
    Node,
    Place,
    RegexError,
    Repeat,
    Sequence,
    bare,
    holds,
    sequence,
)
from faasera.generators.regex.writing import write

_START, _END = Anchor(Place.START), Anchor(Place.END)


@dataclass(frozen=True)
class Conjunct:
    """One of the conditions that make an expression hold.

    Attributes:
        node: a tree without look-around.
        wanted: whether it is to be found in the text, or not.
    """

    node: Node
    wanted: bool


def conjuncts(node: Node) -> tuple[Conjunct, ...]:
    """Conditions that hold together just where a tree is found in a text.

    Raises:
        RegexError: look-around stands where it cannot be taken apart.
    """
    if not holds(node, Look):
        return (Conjunct(node, True),)
    made: list[Conjunct] = []
    rest = list(_flat(_absorbed(node)))
    if rest and rest[0] == _START:
        rest = _leading(rest, made)
    if rest and rest[-1] == _END:
        rest = _trailing(rest, made)
    left = sequence(rest)
    whole = _tempered(rest)
    if whole is not None:
        return (*made, *whole)
    if holds(left, Look):
        raise RegexError("look-around within an expression is not understood")
    if rest != [_START] or not made:
        made.append(Conjunct(left, True))
    return tuple(made)


def searches(text: str, flavour: Flavour = RE2) -> tuple[tuple[str, bool], ...]:
    """An expression as expressions of RE2, each of which is to be found in a text, or not.

    Raises:
        RegexError: it cannot be said in RE2.
    """
    if "(?=" not in text and "(?!" not in text and "(?<" not in text:
        return ((text, True),)
    return tuple((write(one.node, RE2, looks=False), one.wanted) for one in conjuncts(read(text, flavour)))


def _flat(node: Node) -> tuple[Node, ...]:
    node = bare(node)
    if not isinstance(node, Sequence):
        return (node,)
    # A group around all but the anchors is opened as well.
    inner = [one for one in node.parts if not isinstance(one, Anchor)]
    if len(inner) == 1 and isinstance(inner[0], Group | Sequence):
        return tuple(part for one in node.parts for part in (_flat(one) if one is inner[0] else (one,)))
    return node.parts


def _leading(parts: list[Node], made: list[Conjunct]) -> list[Node]:
    """Looks ahead from the start of the text become conditions."""
    place = 1
    while place < len(parts):
        one = parts[place]
        if not (isinstance(one, Look) and one.ahead) or holds(one.inner, Look):
            break
        made.append(Conjunct(_shortened(sequence([_START, one.inner])), not one.negated))
        place += 1
    return [_START, *parts[place:]]


def _trailing(parts: list[Node], made: list[Conjunct]) -> list[Node]:
    """Looks behind from the end of the text become conditions."""
    place = len(parts) - 1
    while place > 0:
        one = parts[place - 1]
        if not (isinstance(one, Look) and not one.ahead) or holds(one.inner, Look):
            break
        made.append(Conjunct(sequence([one.inner, _END]), not one.negated))
        place -= 1
    return [*parts[:place], _END]


def _shortened(node: Node) -> Node:
    """Without what takes any text at the start, as an expression is found anywhere."""
    parts = node.parts if isinstance(node, Sequence) else (node,)
    if len(parts) > 2 and parts[0] == _START and parts[1] == Repeat(Characters(ALL, open=True), 0, None):
        return sequence(list(parts[2:]))
    return node


def _tempered(parts: list[Node]) -> tuple[Conjunct, ...] | None:
    """``^(?:(?!x).)*$``: what is found nowhere in a text of such characters; None where it is something else."""
    if len(parts) != 3 or parts[0] != _START or parts[2] != _END or not isinstance(parts[1], Repeat):
        return None
    inner = bare(parts[1].inner)
    if not isinstance(inner, Sequence) or len(inner.parts) != 2:
        return None
    look, taken = inner.parts
    if not (isinstance(look, Look) and look.ahead and look.negated and isinstance(taken, Characters)) or holds(
        look.inner, Anchor, Look
    ):
        return None
    whole = sequence([_START, Repeat(taken, parts[1].least, parts[1].most), _END])
    return Conjunct(whole, True), Conjunct(look.inner, False)


def _absorbed(node: Node) -> Node:
    """A tree whose looks at one character are told by the sets of the characters beside them."""
    if isinstance(node, Alternatives):
        return Alternatives(tuple(map(_absorbed, node.branches)))
    if isinstance(node, Group):
        return Group(_absorbed(node.inner), node.number)
    if isinstance(node, Repeat):
        return Repeat(_absorbed(node.inner), node.least, node.most, node.possessive)
    if not isinstance(node, Sequence):
        return node
    parts = [_absorbed(one) for one in node.parts]
    made: list[Node] = []
    place = 0
    while place < len(parts):
        front, place = _looks(parts, place, ahead=True)
        taken = parts[place] if place < len(parts) else None
        single = taken.inner if isinstance(taken, Repeat) else taken
        countable = isinstance(taken, Characters) or (
            isinstance(taken, Repeat) and taken.least > 0 and not taken.possessive
        )
        if taken is None or not isinstance(single, Characters) or not countable:
            made.extend([*front, *([taken] if taken is not None else [])])
            place += 1
            continue
        back, after = _looks(parts, place + 1, ahead=False)
        made.extend(_narrowed(taken, single, front, back))
        place = after
    return sequence(made)


def _looks(parts: list[Node], place: int, *, ahead: bool) -> tuple[list[Look], int]:
    """The looks at one character from a place on, and the place behind them."""
    found: list[Look] = []
    while place < len(parts):
        one = parts[place]
        if not isinstance(one, Look) or one.ahead != ahead or not isinstance(bare(one.inner), Characters):
            break
        found.append(one)
        place += 1
    return found, place


def _narrowed(taken: Node, single: Characters, front: list[Look], back: list[Look]) -> list[Node]:
    """A repetition of a set whose first and last characters are looked at."""
    if not front and not back:
        return [taken]
    first, last = _set(single, front), _set(single, back)
    least, most = (taken.least, taken.most) if isinstance(taken, Repeat) else (1, 1)
    alone = _set(first, back)

    def between(taking: int) -> Repeat:
        return Repeat(single, max(least - taking, 0), None if most is None else most - taking)

    if not back:
        return [first] if most == 1 else [first, between(1)]
    if not front:
        return [last] if most == 1 else [between(1), last]
    if most == 1:
        return [alone]
    longer = sequence([first, between(2), last])
    return [Alternatives((alone, longer)) if least == 1 else longer]


def _set(given: Characters, looks: list[Look]) -> Characters:
    ranges: Ranges = given.ranges
    for one in looks:
        seen = bare(one.inner)
        assert isinstance(seen, Characters)
        ranges = without(ranges, seen.ranges) if one.negated else common(ranges, seen.ranges)
    return Characters(ranges, given.open)
