"""Bounded languages of unbounded ones: texts of a sane length, in which an expression is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from faasera.generators.regex.characters import Ranges, common, of, size, union, without
from faasera.generators.regex.tree import (
    NOTHING,
    Alternatives,
    Anchor,
    Characters,
    Group,
    Node,
    Place,
    RegexError,
    Repeat,
    Sequence,
    bare,
    holds,
    sequence,
)

_MOST_BRANCHES = 64
_BROAD, _OPEN = 80, 30
"""Sets of so many printable characters are broad: few of them make nicer texts. Of named sets, so many are enough."""
_FAR = 32
"""Texts whose lengths differ by more are cut."""
_LOWER, _UPPER, _DIGITS = of("abcdefghijklmnopqrstuvwxyz"), of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), of("0123456789")
_NICE = (union(_LOWER, _DIGITS), union(_UPPER, _DIGITS))
_CONTROLS: Ranges = ((0, 31), (127, 159))
_STARTS, _ENDS = (Place.START, Place.LINE_START), (Place.END, Place.LINE_END)
_WORDS = (Place.WORD_EDGE, Place.WORD_START, Place.WORD_END, Place.INSIDE)


@dataclass(frozen=True)
class Branch:
    """One way to match.

    Attributes:
        body: what is matched, without anchors.
        begun: whether any text may stand before it.
        ended: whether any text may stand behind it.
    """

    body: Node
    begun: bool
    ended: bool

    def whole(self, fill: Node) -> Node:
        """The whole text, with something before and behind where anything may be there."""
        return sequence([*([fill] if self.begun else []), self.body, *([fill] if self.ended else [])])


@dataclass(frozen=True)
class Bounds:
    """How often what has no end is repeated.

    Attributes:
        characters: at most, single characters.
        groups: at most, all else.
        narrow: whether what has an end is cut as well.
        fixed: whether characters are repeated always as often.
    """

    characters: int
    groups: int
    narrow: bool = False
    fixed: bool = False


LADDER = (
    *(Bounds(characters, groups) for characters, groups in ((8, 2), (6, 2), (6, 1))),
    *(
        Bounds(characters, groups, narrow=True)
        for characters, groups in ((8, 2), (6, 1), (4, 1), (3, 1), (2, 1), (1, 1), (1, 0))
    ),
)
"""From the most to the fewest; what is too long or has too many forms takes the next ones."""


def branches(node: Node) -> list[Branch]:
    """The ways in which a tree is found in a text.

    Raises:
        RegexError: they are too many, or none that can be told.
    """
    made = [one for one in map(_branch, _spread(node)) if one is not None]
    if not made:
        raise RegexError("no text has it")
    return made


def _spread(node: Node) -> Iterator[tuple[Node, ...]]:
    """Alternatives that stand at an end, one by one, as far as anchors are in them."""
    waiting, count = [node], 0
    while waiting:
        parts = _parts(waiting.pop(0))
        count += 1
        if count > _MOST_BRANCHES:
            raise RegexError("its anchors stand in too many places")
        place = next((place for place in (0, len(parts) - 1) if parts and _opened(parts[place])), None)
        if place is None:
            yield parts
            continue
        waiting = [sequence([*parts[:place], one, *parts[place + 1 :]]) for one in _opened(parts[place])] + waiting


def _parts(node: Node) -> tuple[Node, ...]:
    node = bare(node)
    parts = node.parts if isinstance(node, Sequence) else (node,)
    flat: list[Node] = []
    for one in parts:
        inner = bare(one)
        open_group = isinstance(inner, Sequence) and holds(inner, Anchor)
        flat.extend(_parts(inner) if open_group else (one,))
    return tuple(flat)


def _opened(node: Node) -> tuple[Node, ...]:
    """What a part may be, one by one, if that decides about anchors."""
    inner = bare(node)
    if not holds(inner, Anchor):
        return ()
    if isinstance(inner, Alternatives):
        return inner.branches
    if isinstance(inner, Repeat):
        return (NOTHING, inner.inner) if inner.least == 0 else (inner.inner,)
    return ()


def _branch(parts: tuple[Node, ...]) -> Branch | None:
    """A way to match; None for one that no text has."""
    begun = ended = True
    left = list(parts)
    while left and isinstance(left[0], Anchor) and left[0].place not in _ENDS:
        begun, left = False, left[1:]
    while left and isinstance(left[-1], Anchor) and left[-1].place not in _STARTS:
        ended, left = False, left[:-1]
    kept = [one for one in left if not (isinstance(one, Anchor) and one.place in _WORDS)]
    if any(holds(one, Anchor) for one in kept):
        inner = [_wordless(one) for one in kept]
        if any(holds(one, Anchor) for one in inner):
            return None
        kept = inner
    return Branch(sequence(kept), begun, ended)


def _wordless(node: Node) -> Node:
    """A tree without the edges of words."""
    if isinstance(node, Anchor):
        return NOTHING if node.place in _WORDS else node
    return mapped(node, _wordless)


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """A node with its parts changed."""
    if isinstance(node, Sequence):
        return sequence([change(one) for one in node.parts])
    if isinstance(node, Alternatives):
        return Alternatives(tuple(change(one) for one in node.branches))
    return replace(node, inner=change(node.inner)) if isinstance(node, Repeat | Group) else node


def kept_to(node: Node, allowed: Ranges) -> Node | None:
    """A tree of the same texts without those that have other characters; None where none is left."""
    if isinstance(node, Characters):
        left = common(node.made, allowed)
        return (
            replace(node, ranges=common(node.ranges, allowed), plain=None if node.plain is None else left)
            if left
            else None
        )
    if isinstance(node, Alternatives):
        found = [made for one in node.branches if (made := kept_to(one, allowed)) is not None]
        return Alternatives(tuple(found)) if found else None
    if isinstance(node, Repeat):
        inner = kept_to(node.inner, allowed)
        if inner is None:
            return NOTHING if node.least == 0 else None
        return replace(node, inner=inner)
    if isinstance(node, Sequence):
        parts = [kept_to(one, allowed) for one in node.parts]
        return None if None in parts else sequence([one for one in parts if one is not None])
    if isinstance(node, Group):
        inner = kept_to(node.inner, allowed)
        return None if inner is None else replace(node, inner=inner)
    return node


def bounded(node: Node, bounds: Bounds) -> Node:
    """A tree that repeats nothing without an end, of characters that make nice texts."""
    if isinstance(node, Characters):
        return Characters(nice(node))
    if not isinstance(node, Repeat):
        return mapped(node, lambda one: bounded(one, bounds))
    inner, least, most = bare(node.inner), node.least, node.most
    single = isinstance(inner, Characters)
    room = bounds.characters if single else bounds.groups
    if most is None:
        # What may be anything is better there than not.
        least = 1 if single and least == 0 and bounds.characters > 1 and _is_broad(inner) else least
        most = least + room if least > 1 else max(room, least)
    elif single and most - least > _FAR:
        most = least + _FAR // 2
    if bounds.narrow:
        most = min(most, max(least + room, 1 if least == 0 else least)) if room else max(least, 0)
    if bounds.fixed and single:
        least = most = max(least, min(most, bounds.characters))
    return Repeat(bounded(node.inner, bounds), least, most)


def nice(node: Characters) -> Ranges:
    """The characters of a set that texts are made of: no controls where there are others."""
    if not _is_broad(node):
        return without(node.made, _CONTROLS) or node.made
    found = max((common(node.made, wanted) for wanted in _NICE), key=size)
    return found if size(found) > 1 else node.made


def _is_broad(node: Node) -> bool:
    return isinstance(node, Characters) and size(common(node.made, ((32, 126),))) >= (_OPEN if node.open else _BROAD)
