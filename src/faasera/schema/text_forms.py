"""Patterns of texts that meet what constraints say of a column: regular expressions, lengths, letters."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from faasera.generators.patterns import Pattern, pattern_of
from faasera.generators.regex.bounding import LADDER, Bounds, bounded, branches, kept_to
from faasera.generators.regex.characters import ALL, Ranges, common, complement
from faasera.generators.regex.conjuncts import Conjunct
from faasera.generators.regex.flavours import POLICY
from faasera.generators.regex.lengths import fitted
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import (
    Alternatives,
    Anchor,
    Characters,
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

_ANY = Characters(ALL, open=True)
_LONGEST = 1_000
_MOST_SHAPES = 128
_FIXED = tuple(Bounds(characters, 1, narrow=True, fixed=True) for characters in (8, 6, 4, 3, 2, 1))


@dataclass(frozen=True)
class TextForm:
    """What the texts of a column are like.

    Attributes:
        conditions: what must be found in them, and what must not.
        shortest: the fewest characters.
        longest: the most.
    """

    conditions: tuple[Conjunct, ...]
    shortest: int
    longest: int

    @property
    def sensitive_to_blanks(self) -> bool:
        """Whether blanks behind a text may change whether it meets the conditions."""
        return any(not one.wanted or holds(one.node, Anchor) for one in self.conditions)

    @property
    def says_what_is_not(self) -> bool:
        """Whether the conditions only say what must not be found."""
        return not any(one.wanted for one in self.conditions)

    def patterns(self, *, keyed: bool) -> Iterator[str]:
        """Patterns of policies whose texts may meet the conditions, the most telling first.

        Args:
            keyed: whether no text may have two ways to be made.
        """
        found: set[str] = set()
        for node in self._bases():
            for ladder in (LADDER, _FIXED) if keyed else (LADDER,):
                made = next(self._written(node, ladder, keyed=keyed), None)
                if made is not None and made not in found:
                    found.add(made)
                    yield made

    # what is asked

    @property
    def _allowed(self) -> Ranges:
        """The characters that a text may have anywhere."""
        allowed = ALL
        for one in self.conditions:
            simple = _simple(one.node)
            if one.wanted and simple is not None:
                allowed = common(allowed, simple.inner.ranges if isinstance(simple.inner, Characters) else ALL)
            inner = bare(one.node)
            inner = bare(inner.inner) if isinstance(inner, Repeat) and inner.least == 1 else inner
            if not one.wanted and isinstance(inner, Characters):
                allowed = common(allowed, complement(inner.ranges))
        return allowed

    def _bases(self) -> Iterator[Node]:
        """Trees of whole texts, each of which meets one of the conditions or more."""
        wanted = [one.node for one in self.conditions if one.wanted]
        simple = [made for one in wanted if (made := _simple(one)) is not None]
        pieces = [one for one in wanted if _is_open(one)]
        others = [one for one in wanted if _simple(one) is None and not _is_open(one)]
        for one in others:
            # What no text has is said by the plan.
            with contextlib.suppress(RegexError):
                yield self._found(one)
        rest = _narrowest(simple)
        if pieces:
            yield self._pieced(pieces, rest)
        if not others:
            yield rest

    def _found(self, node: Node) -> Node:
        fill = Repeat(_ANY, 1, None)
        found = [one.whole(fill) for one in branches(node)]
        return found[0] if len(found) == 1 else Alternatives(tuple(found))

    def _pieced(self, pieces: list[Node], rest: Repeat) -> Node:
        """All that must be found somewhere, one after the other, and what fills the rest."""
        bodies = [branches(one)[0].body for one in pieces]
        fill = Repeat(rest.inner, 1, None)
        parts: list[Node] = [fill]
        for body in bodies:
            parts.extend((body, fill))
        return sequence(parts)

    def _written(self, node: Node, ladder: tuple[Bounds, ...], *, keyed: bool) -> Iterator[str]:
        allowed = self._allowed
        left = kept_to(node, allowed) if allowed != ALL else node
        for bounds in ladder if left is not None else ():
            assert left is not None
            made = self._fitting(bounded(left, bounds))
            if made is None:
                continue
            try:
                text = write(made, POLICY, looks=False)
                pattern = pattern_of(read(text, POLICY), text)
            except RegexError:
                continue
            if self._suits(pattern, keyed=keyed):
                yield text

    def _fitting(self, node: Node) -> Node | None:
        """A tree of texts of the right length; of at least one character where there are such."""
        longest = min(self.longest, max(_LONGEST, self.shortest))
        if self.shortest == 0:
            return fitted(node, 1, longest) or fitted(node, 0, longest)
        made = fitted(node, self.shortest, longest)
        if made is None and self.shortest > 0:
            made = fitted(_stretched(node, self.shortest, longest), self.shortest, longest)
        return made

    def _suits(self, pattern: Pattern, *, keyed: bool) -> bool:
        fits = min(len(shape) for shape, _ in pattern.shapes) >= self.shortest and pattern.max_length <= self.longest
        return fits and len(pattern.shapes) <= _MOST_SHAPES and (pattern.unambiguous or not keyed)


def _stretched(node: Node, shortest: int, longest: int) -> Node:
    """A tree whose repetitions go on as long as there is room, as texts would be too short."""
    if (
        isinstance(node, Repeat)
        and isinstance(bare(node.inner), Characters)
        and node.most is not None
        and node.most > 1
    ):
        return Repeat(node.inner, node.least, max(node.most, min(longest, shortest + node.most)))
    if isinstance(node, Sequence):
        return sequence([_stretched(one, shortest, longest) for one in node.parts])
    return node


def _simple(node: Node) -> Repeat | None:
    """``^[…]{m,n}$``: what says nothing but characters and lengths; None for all else."""
    parts = bare(node)
    if not isinstance(parts, Sequence) or len(parts.parts) != 3:
        return None
    start, taken, end = parts.parts
    taken = bare(taken)
    taken = taken if isinstance(taken, Repeat) else Repeat(taken, 1, 1)
    if (start, end) != (Anchor(Place.START), Anchor(Place.END)) or not isinstance(bare(taken.inner), Characters):
        return None
    return Repeat(bare(taken.inner), taken.least, taken.most)


def _is_open(node: Node) -> bool:
    """Whether something has to be found anywhere in the text."""
    if holds(node, Anchor):
        try:
            found = branches(node)
        except RegexError:
            return False
        return all(one.begun and one.ended for one in found)
    return True


def _narrowest(simple: list[Repeat]) -> Repeat:
    """What fills a text, as far as simple conditions go; of any characters where there are none."""
    if not simple:
        return Repeat(_ANY, 1, None)
    ranges, least, most = ALL, 0, None
    for one in simple:
        assert isinstance(one.inner, Characters)
        ranges = common(ranges, one.inner.ranges)
        least = max(least, one.least)
        most = one.most if most is None else min(most, one.most if one.most is not None else most)
    first = simple[0].inner
    inner = first if len(simple) == 1 else Characters(ranges, open=True)
    return Repeat(inner, least, most)
