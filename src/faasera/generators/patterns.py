"""Regular expressions of bounded language as shapes: sequences of character classes of fixed length."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

from faasera.core.value import ByContent
from faasera.generators.regex.characters import members, size
from faasera.generators.regex.flavours import POLICY
from faasera.generators.regex.reading import read
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
    holds,
    sequence,
)

MAXIMUM_SHAPES = 2_000
MAXIMUM_LENGTH = 10_000
_LARGEST_CLASS = 10_000

Shape = tuple[str, ...]
"""For each character the ones that may stand there, sorted."""


PatternError = RegexError
"""A pattern that cannot be used; says why."""


@dataclass(frozen=True, eq=False)
class Pattern(ByContent):
    """A parsed pattern.

    Attributes:
        text: as written.
        shapes: its variants, each with the probability of being chosen; alternatives and lengths are equally likely.
    """

    text: str
    shapes: tuple[tuple[Shape, float], ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many texts each shape has."""
        return tuple(prod(map(len, shape)) for shape, _ in self.shapes)

    @property
    def size(self) -> int:
        """How many texts the shapes have together."""
        return sum(self.sizes)

    @property
    def max_length(self) -> int:
        """The longest text, in characters."""
        return max(len(shape) for shape, _ in self.shapes)

    @cached_property
    def unambiguous(self) -> bool:
        """Whether no text belongs to two shapes: they differ in length, or have no character in common somewhere."""
        by_length: dict[int, list[Shape]] = {}
        for shape, _ in self.shapes:
            others = by_length.setdefault(len(shape), [])
            if not all(any(set(a).isdisjoint(b) for a, b in zip(shape, other, strict=True)) for other in others):
                return False
            others.append(shape)
        return True


def parse_pattern(text: str) -> Pattern:
    """Read a regular expression of bounded language.

    Raises:
        PatternError: the pattern is unbounded, too large, or not understood.
    """
    return pattern_of(read(text, POLICY), text)


def pattern_of(node: Node, text: str) -> Pattern:
    """The shapes of a tree, as a whole text matches it.

    Raises:
        PatternError: its language is unbounded, too large, or not told by sets of characters alone.
    """
    merged: dict[Shape, float] = {}
    for shape, probability in _shapes(without_anchors(node)):
        merged[shape] = merged.get(shape, 0.0) + probability
    return Pattern(text, tuple(merged.items()))


_Shapes = list[tuple[Shape, float]]
_ENDS = {Place.START: ("^", "start"), Place.END: ("$", "end")}


def without_anchors(node: Node, *, first: bool = True, last: bool = True) -> Node:
    """A tree without anchors at the ends of the text, where they say nothing.

    Raises:
        PatternError: an anchor stands elsewhere.
    """
    if isinstance(node, Anchor):
        mark, where = _ENDS.get(node.place, ("", ""))
        if not mark:
            raise PatternError(f"{node.place.value} is not understood")
        if not (first if node.place == Place.START else last):
            raise PatternError(f"'{mark}' can only stand at the {where}")
        return NOTHING
    if isinstance(node, Alternatives):
        return Alternatives(tuple(without_anchors(one, first=first, last=last) for one in node.branches))
    if isinstance(node, Group):
        return Group(without_anchors(node.inner, first=first, last=last), node.number)
    if isinstance(node, Repeat) and holds(node.inner, Anchor):
        return Repeat(without_anchors(node.inner, first=first, last=last), node.least, node.most)
    if isinstance(node, Sequence) and holds(node, Anchor):
        taking = [place for place, one in enumerate(node.parts) if not isinstance(one, Anchor)]
        start, end = (taking[0], taking[-1]) if taking else (len(node.parts), -1)
        return sequence(
            [
                without_anchors(one, first=first and place <= start, last=last and place >= end)
                for place, one in enumerate(node.parts)
            ]
        )
    return node


def _shapes(node: Node) -> _Shapes:
    """The shapes of a tree, each with its probability."""
    if isinstance(node, Characters):
        return [((_class(node),), 1.0)]
    if isinstance(node, Sequence):
        shapes: _Shapes = [((), 1.0)]
        for part in node.parts:
            shapes = _joined(shapes, _shapes(part))
        return shapes
    if isinstance(node, Alternatives):
        branches = [_shapes(one) for one in node.branches]
        return _bounded([(shape, chance / len(branches)) for branch in branches for shape, chance in branch])
    if isinstance(node, Repeat):
        return _repeated(node)
    if isinstance(node, Group):
        return _shapes(node.inner)
    raise PatternError("look-around and references are not understood in a pattern")


def _class(node: Characters) -> str:
    if size(node.made) > _LARGEST_CLASS:
        raise PatternError("a class has more than 10,000 characters")
    found = members(node.made)
    if not found:
        raise PatternError("a class is empty")
    return found


def _repeated(node: Repeat) -> _Shapes:
    low, high = node.least, node.most
    if node.possessive:
        raise PatternError("possessive repetition is not understood in a pattern")
    if high is None:
        mark = {0: "*", 1: "+"}.get(low, f"{{{low},}}")
        raise PatternError(f"'{mark}' makes texts of any length; give an upper bound such as {{{low},{low + 8}}}")
    if high > MAXIMUM_LENGTH:
        raise PatternError(f"texts longer than {MAXIMUM_LENGTH:,} characters")
    shapes = _shapes(node.inner)
    powers: _Shapes = []
    power: _Shapes = [((), 1.0)]
    if len(shapes) == 1:
        shape, _ = shapes[0]
        if len(shape) * high > MAXIMUM_LENGTH:
            raise PatternError(f"texts longer than {MAXIMUM_LENGTH:,} characters")
        powers = [(shape * count, 1.0) for count in range(low, high + 1)]
    else:
        for copies in range(high + 1):
            if copies >= low:
                powers.extend(power)
            if copies < high:
                power = _joined(power, shapes)
    return _bounded([(shape, probability / (high - low + 1)) for shape, probability in powers])


def _joined(left: _Shapes, right: _Shapes) -> _Shapes:
    if len(left) * len(right) > MAXIMUM_SHAPES:
        raise PatternError(f"more than {MAXIMUM_SHAPES:,} variants of length and alternative")
    return _bounded([(a + b, p * q) for a, p in left for b, q in right])


def _bounded(shapes: _Shapes) -> _Shapes:
    if len(shapes) > MAXIMUM_SHAPES:
        raise PatternError(f"more than {MAXIMUM_SHAPES:,} variants of length and alternative")
    if any(len(shape) > MAXIMUM_LENGTH for shape, _ in shapes) or sum(len(shape) for shape, _ in shapes) > 10**6:
        raise PatternError(f"texts longer than {MAXIMUM_LENGTH:,} characters")
    return shapes
