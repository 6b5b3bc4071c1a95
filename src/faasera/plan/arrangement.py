"""Unique tuples that share columns: one number for each row, of which every column shows a part.

A tuple is unique where its columns' parts tell the number. Three ways are tried, the plainest first: tuples with
columns of their own, columns that show the same digit, and Reed-Solomon codes (I. S. Reed and G. Solomon, "Polynomial
codes over certain finite fields", 1960), of which any d columns tell a number of d digits. Small tables that none of
them fits are searched for.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod

import numpy as np
from typing_extensions import override

from faasera.core.draws import MAXIMUM_PERMUTATION, Draw, Placed
from faasera.core.streams import Words
from faasera.plan.packing import packed

Key = frozenset[str]
"""The members that a unique tuple can be told by."""

_MOST_COLOURED = 7
_MOST_DIGITS = 4
_MOST_TRIED = 2_000


class Part(ABC):
    """What a column shows of a number."""

    @abstractmethod
    def of(self, numbers: Words) -> Words:
        """The part of each number."""


@dataclass(frozen=True)
class Digit(Part):
    """A digit in mixed radix.

    Attributes:
        stride: the product of the radices of the digits below.
        radix: how many values it has.
    """

    stride: int
    radix: int

    @override
    def of(self, numbers: Words) -> Words:
        return (numbers // np.uint64(self.stride)) % np.uint64(self.radix)


@dataclass(frozen=True)
class Evaluated(Part):
    """A number's digits as the coefficients of a polynomial over a prime field, evaluated at a place.

    Attributes:
        prime: the size of the field, below 2^31.
        digits: how many.
        place: of the field; the prime itself for the place at infinity, where the highest digit is.
    """

    prime: int
    digits: int
    place: int

    @override
    def of(self, numbers: Words) -> Words:
        prime, rest = np.uint64(self.prime), numbers
        digits = []
        for _ in range(self.digits):
            digits.append(rest % prime)
            rest = rest // prime
        found = digits[-1]
        if self.place < self.prime:
            for digit in digits[-2::-1]:
                found = (found * np.uint64(self.place) + digit) % prime
        return found


@dataclass(frozen=True)
class Listed(Part):
    """Values that were searched for, one for each number.

    Attributes:
        values: of the numbers from 0 on.
    """

    values: tuple[int, ...] = field(repr=False)

    @override
    def of(self, numbers: Words) -> Words:
        listed = np.array(self.values, dtype=np.uint64)
        return listed[np.minimum(numbers, np.uint64(len(listed) - 1)).view(np.int64)]


@dataclass(frozen=True)
class ArrangedDraw(Draw):
    """A member that shows a part of a number which no two rows have in common.

    Attributes:
        size: how many values the member has.
        numbers: draws the number; its size is how many rows there can be.
        part: that is shown.
        with_others: the members beside it, for the plan.
    """

    size: int
    numbers: Draw
    part: Part
    with_others: tuple[str, ...]

    @override
    def of(self, context: Placed) -> Words:
        return self.part.of(self.numbers.of(context))

    @override
    def indices(self, rows: Words) -> Words:
        return self.part.of(self.numbers.indices(rows))

    @override
    def describe(self) -> str:
        others = ", ".join(self.with_others)
        return f"part of unique tuples, arranged with {others} for up to {self.numbers.size:,} rows"


@dataclass(frozen=True)
class Base:
    """Members that show one number.

    Attributes:
        size: how many numbers there are.
        parts: what each member shows.
        keys: the sets of members each of which tells the number.
    """

    size: int
    parts: Mapping[str, Part]
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Members:
    """What can be arranged.

    Attributes:
        sizes: of the members, by name.
        late: those that are taken only where no other will do.
        known: the bases with most room that keys have together.
    """

    sizes: Mapping[str, int]
    late: frozenset[str] = frozenset()
    known: dict[tuple[Key, ...], Base | None] = field(default_factory=dict, compare=False, repr=False)

    def room(self, key: Key) -> int:
        """How many tuples a key has."""
        return prod(self.sizes[name] for name in key)

    def in_order(self, key: Key) -> list[str]:
        """A key's members, those to be taken first before others."""
        return sorted(key, key=lambda name: (name in self.late, -self.sizes[name], name))


def arranged(members: Members, keys: Sequence[Key], rows: int) -> list[Base] | None:
    """Bases that make all keys unique in so many rows; None where none were found.

    Args:
        members: what can be drawn.
        keys: the members that each of them can be told by.
        rows: how many.
    """
    if any(members.room(key) < rows for key in keys):
        return None
    made = _told_by_one(members, keys, rows)
    left = [key for key in keys if not any(key & base.parts.keys() for base in made)]
    taken = {name for base in made for name in base.parts}
    apart = _apart(members, [key - taken for key in left], rows)
    if apart is not None:
        return made + apart
    for group in touching(left):
        base = _together(members, group, rows)
        if base is None:
            return None
        made.append(base)
    return made


def most_rows(members: Members, keys: Sequence[Key], asked: int) -> int:
    """The most rows below those asked for which all keys can be arranged."""
    low, high = 1, min([asked, *(members.room(key) for key in keys)])
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if arranged(members, keys, middle) is not None else (low, middle - 1)
    return low


def touching(keys: Sequence[Key]) -> list[list[Key]]:
    """Keys in groups that hang together by their members."""
    groups: list[list[Key]] = []
    for key in keys:
        near = [group for group in groups if any(key & other for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), key])
    return groups


def _told_by_one(members: Members, keys: Sequence[Key], rows: int) -> list[Base]:
    """Members that are unique by themselves: each time the one that tells most of the keys that are left."""
    made, left = list[Base](), list(keys)
    while True:
        large = {name for key in left for name in key if members.sizes[name] >= rows}
        if not large:
            return made
        best = min(
            large, key=lambda one: (one in members.late, -sum(one in key for key in left), -members.sizes[one], one)
        )
        made.append(_whole(members, best))
        left = [key for key in left if best not in key]


def _whole(members: Members, name: str) -> Base:
    size = min(members.sizes[name], MAXIMUM_PERMUTATION)
    return Base(size, {name: Digit(1, size)}, (frozenset([name]),))


def _apart(members: Members, keys: Sequence[Key], rows: int) -> list[Base] | None:
    """Bases without a member in common, each of the digits of its members; None where there are none."""
    steps = iter(range(_MOST_TRIED))

    def extended(left: Sequence[Key], chosen: tuple[Key, ...]) -> tuple[Key, ...] | None:
        left = [key for key in left if not any(base <= key for base in chosen)]
        if not left:
            return chosen
        taken = frozenset[str]().union(*chosen)
        for base in _smallest(members, left[0] - taken, rows):
            if next(steps, None) is None:
                return None
            found = extended(left[1:], (*chosen, base))
            if found is not None:
                return found
        return None

    chosen = extended(keys, ())
    return None if chosen is None else [_mixed(members, base) for base in chosen]


def _smallest(members: Members, key: Key, rows: int) -> Iterator[Key]:
    """The parts of a key with room for the rows, none within another, smaller ones first."""
    found: list[Key] = []
    for count in range(1, len(key) + 1):
        for names in combinations(members.in_order(key), count):
            part = frozenset(names)
            if members.room(part) >= rows and not any(known <= part for known in found):
                found.append(part)
                yield part


def _mixed(members: Members, base: Key) -> Base:
    """The digits of a number in mixed radix, one for each member."""
    parts, stride = dict[str, Part](), 1
    for name in sorted(base, key=lambda name: (members.sizes[name], name)):
        radix = min(members.sizes[name], MAXIMUM_PERMUTATION // stride)
        parts[name] = Digit(stride, radix)
        stride *= radix
    return Base(stride, parts, (base,))


def _together(members: Members, keys: Sequence[Key], rows: int) -> Base | None:
    """One number for keys that share members; None where no way was found."""
    asked = tuple(keys)
    if asked not in members.known:
        ways = [base for base in (_coloured(members, keys), _evaluated(members, keys)) if base is not None]
        members.known[asked] = max(ways, key=lambda base: base.size, default=None)
    best = members.known[asked]
    if best is not None and best.size >= rows:
        return best
    return _searched(members, keys, rows)


def _coloured(members: Members, keys: Sequence[Key]) -> Base | None:
    """Members that show one of a few digits, so that every key shows all of them; the one with most room."""
    names = sorted({name for key in keys for name in key})
    if len(names) > _MOST_COLOURED:
        return None
    best: tuple[int, list[int], dict[str, int]] = (1, [], {})
    for count in range(2, min(len(key) for key in keys) + 1):
        for colours in product(range(-1, count), repeat=len(names)):
            coloured = dict(zip(names, colours, strict=True))
            radices = [_radix(members, keys, coloured, digit) for digit in range(count)]
            if best[0] < prod(radices) <= MAXIMUM_PERMUTATION:
                best = (prod(radices), radices, coloured)
    size, radices, coloured = best
    if not radices:
        return None
    parts: dict[str, Part] = {}
    for name, digit in coloured.items():
        if digit >= 0 and members.sizes[name] >= radices[digit]:
            parts[name] = Digit(prod(radices[:digit]), radices[digit])
    return Base(size, parts, tuple(key & parts.keys() for key in keys))


def _radix(members: Members, keys: Sequence[Key], coloured: Mapping[str, int], digit: int) -> int:
    """How many values a digit can have: as many as the largest member of each key that shows it."""
    return min(max((members.sizes[name] for name in key if coloured[name] == digit), default=0) for key in keys)


def _evaluated(members: Members, keys: Sequence[Key]) -> Base | None:
    """A Reed-Solomon code of as many digits as gives most room."""
    best: Base | None = None
    for digits in range(2, min([_MOST_DIGITS, *(len(key) for key in keys)]) + 1):
        least = min(sorted((members.sizes[name] for name in key), reverse=True)[digits - 1] for key in keys)
        prime = _prime(min(least, 1 << 31, int(MAXIMUM_PERMUTATION ** (1 / digits))))
        names = sorted({name for key in keys for name in key if members.sizes[name] >= prime})
        if prime < 2 or len(names) > prime + 1 or (best is not None and prime**digits <= best.size):
            continue
        parts = {name: Evaluated(prime, digits, prime - place) for place, name in enumerate(names)}
        best = Base(prime**digits, parts, tuple(key & parts.keys() for key in keys))
    return best


def _prime(number: int) -> int:
    """The largest prime that is no larger; 0 where there is none."""
    while number > 1 and any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1)):
        number -= 1
    return number if number > 1 else 0


def _searched(members: Members, keys: Sequence[Key], rows: int) -> Base | None:
    names = sorted({name for key in keys for name in key})
    places = [tuple(place for place, name in enumerate(names) if name in key) for key in keys]
    found = packed([min(members.sizes[name], rows) for name in names], places, rows)
    if found is None:
        return None
    parts = {name: Listed(tuple(vector[place] for vector in found)) for place, name in enumerate(names)}
    return Base(rows, parts, tuple(keys))
