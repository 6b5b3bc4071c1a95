"""Regular expressions of bounded language as shapes: sequences of character classes of fixed length."""

import string
from dataclasses import dataclass
from functools import cached_property
from math import prod

from faasera.core.value import ByContent

_DIGITS = string.digits
_WORD = string.ascii_uppercase + string.ascii_lowercase + string.digits + "_"
_CLASSES = {"d": _DIGITS, "w": _WORD}
_PRINTABLE = "".join(map(chr, range(32, 127)))
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}
MAXIMUM_SHAPES = 2_000
MAXIMUM_LENGTH = 10_000
_MAXIMUM_PATTERN = 4_096
_MAXIMUM_NESTING = 32

Shape = tuple[str, ...]
"""For each character the ones that may stand there, sorted."""


class PatternError(ValueError):
    """A pattern that cannot be used; says where and why."""


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

    Understood are literals, escapes (``\\d``, ``\\w``), classes, groups, alternatives, ``?``, ``{m}`` and ``{m,n}``.

    Raises:
        PatternError: the pattern is unbounded, too large, or not understood.
    """
    if len(text) > _MAXIMUM_PATTERN:
        raise PatternError(f"the pattern has {len(text):,} characters; at most {_MAXIMUM_PATTERN:,} are read")
    parser = _Parser(text)
    shapes = parser.alternatives(0)
    if parser.place < len(text):
        raise parser.error("unmatched ')'")
    merged: dict[Shape, float] = {}
    for shape, probability in shapes:
        merged[shape] = merged.get(shape, 0.0) + probability
    return Pattern(text, tuple(merged.items()))


_Shapes = list[tuple[Shape, float]]


class _Parser:
    """A recursive descent over the pattern; each method returns the shapes of what it read.

    Raises:
        PatternError: from any method, where the pattern cannot be read on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def error(self, message: str) -> PatternError:
        return PatternError(f"{message} at character {self.place + 1} of the pattern")

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.error("the pattern ends too early")
        self.place += 1
        return character

    def alternatives(self, depth: int) -> _Shapes:
        if depth > _MAXIMUM_NESTING:
            raise self.error(f"groups are nested deeper than {_MAXIMUM_NESTING}")
        branches = [self.sequence(depth)]
        while self.peek() == "|":
            self.place += 1
            branches.append(self.sequence(depth))
        shapes = [(shape, probability / len(branches)) for branch in branches for shape, probability in branch]
        return self.bounded(shapes)

    def sequence(self, depth: int) -> _Shapes:
        shapes: _Shapes = [((), 1.0)]
        while self.peek() not in ("", "|", ")"):
            if self.peek() == "^" and self.place == 0:
                self.place += 1
                continue
            if self.peek() == "$" and self.place == len(self.text) - 1:
                self.place += 1
                continue
            shapes = self.joined(shapes, self.quantified(self.atom(depth)))
        return shapes

    def joined(self, left: _Shapes, right: _Shapes) -> _Shapes:
        if len(left) * len(right) > MAXIMUM_SHAPES:
            raise self.error(f"more than {MAXIMUM_SHAPES:,} variants of length and alternative")
        return self.bounded([(a + b, p * q) for a, p in left for b, q in right])

    def bounded(self, shapes: _Shapes) -> _Shapes:
        if len(shapes) > MAXIMUM_SHAPES:
            raise self.error(f"more than {MAXIMUM_SHAPES:,} variants of length and alternative")
        if any(len(shape) > MAXIMUM_LENGTH for shape, _ in shapes) or sum(len(shape) for shape, _ in shapes) > 10**6:
            raise self.error(f"texts longer than {MAXIMUM_LENGTH:,} characters")
        return shapes

    def atom(self, depth: int) -> _Shapes:
        character = self.take()
        if character == "(":
            if self.peek() == "?":
                if self.text[self.place : self.place + 2] != "?:":
                    raise self.error("look-around, named groups and flags are not understood")
                self.place += 2
            shapes = self.alternatives(depth + 1)
            if self.peek() != ")":
                raise self.error("missing ')'")
            self.place += 1
            return shapes
        if character == "[":
            return [((self.character_class(),), 1.0)]
        if character == ".":
            return [((_PRINTABLE,), 1.0)]
        if character == "\\":
            return [((self.escape(),), 1.0)]
        if character in "*+?{":
            self.place -= 1
            raise self.error(f"'{character}' has nothing to repeat")
        if character in "^$":
            self.place -= 1
            raise self.error(f"'{character}' can only stand at the {'start' if character == '^' else 'end'}")
        return [((character,), 1.0)]

    def escape(self) -> str:
        character = self.take()
        if character in _CLASSES:
            return "".join(sorted(_CLASSES[character]))
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character.isalnum():
            self.place -= 1
            raise self.error(f"'\\{character}' is not understood")
        return character

    def character_class(self) -> str:
        negated = self.peek() == "^"
        self.place += negated
        members: set[str] = set()
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.class_member()
            following = self.text[self.place + 1 : self.place + 2]
            if self.peek() == "-" and following not in ("]", ""):
                self.place += 1
                high = self.class_member()
                if len(low) != 1 or len(high) != 1 or low > high:
                    raise self.error("a class has a range turned round")
                if ord(high) - ord(low) > 10_000:
                    raise self.error("a class has more than 10,000 characters")
                members.update(chr(code) for code in range(ord(low), ord(high) + 1) if not 0xD800 <= code <= 0xDFFF)
            else:
                members.update(low)
        self.place += 1
        chosen = set(_PRINTABLE) - members if negated else members
        if not chosen:
            raise self.error("a class is empty")
        return "".join(sorted(chosen))

    def class_member(self) -> str:
        character = self.take()
        return self.escape() if character == "\\" else character

    def quantified(self, shapes: _Shapes) -> _Shapes:
        mark = self.peek()
        if mark in ("*", "+"):
            raise self.error(f"'{mark}' makes texts of any length; give an upper bound such as {{0,8}}")
        if mark == "?":
            low, high = 0, 1
            self.place += 1
        elif mark == "{":
            low, high = self.counts()
        else:
            return shapes
        if self.peek() in ("?", "+") and self.peek():
            raise self.error("lazy and possessive repetition make no sense here")
        powers: _Shapes = []
        power: _Shapes = [((), 1.0)]
        if len(shapes) == 1:
            shape, probability = shapes[0]
            self.bounded([(shape * high, probability)])
            powers = [(shape * count, 1.0) for count in range(low, high + 1)]
        else:
            for count in range(high + 1):
                if count >= low:
                    powers.extend(power)
                if count < high:
                    power = self.joined(power, shapes)
        return self.bounded([(shape, probability / (high - low + 1)) for shape, probability in powers])

    def counts(self) -> tuple[int, int]:
        end = self.text.find("}", self.place)
        body = self.text[self.place + 1 : end] if end >= 0 else ""
        low, comma, high = body.partition(",")
        if not low.isdigit() or (high and not high.isdigit()):
            raise self.error("a repetition is {m} or {m,n}")
        if comma and not high:
            raise self.error("'{m,}' makes texts of any length; give an upper bound")
        least, most = int(low), int(high or low)
        if most > MAXIMUM_LENGTH:
            raise self.error(f"texts longer than {MAXIMUM_LENGTH:,} characters")
        if least > most:
            raise self.error("a repetition is turned round")
        self.place = end + 1
        return least, most
