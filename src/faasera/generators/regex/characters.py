"""Sets of characters as ranges of code points."""

from collections.abc import Iterable, Iterator

Ranges = tuple[tuple[int, int], ...]
"""Sorted, apart from each other, both ends included."""

LAST = 0x10FFFF
ALL: Ranges = ((0, LAST),)
NONE: Ranges = ()
PRINTABLE: Ranges = ((32, 126),)
BEYOND_ASCII: Ranges = ((128, LAST),)
_SURROGATES: Ranges = ((0xD800, 0xDFFF),)
_CASED = 0x600
"""Letters that have another case are folded below this code point."""


def union(*sets: Iterable[tuple[int, int]]) -> Ranges:
    """What is in any of the sets.

    >>> union(((97, 99),), ((100, 102),))
    ((97, 102),)
    """
    made: list[tuple[int, int]] = []
    for low, high in sorted(one for given in sets for one in given):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def complement(given: Ranges) -> Ranges:
    """What is not in the set."""
    made, start = [], 0
    for low, high in given:
        if low > start:
            made.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        made.append((start, LAST))
    return tuple(made)


def common(one: Ranges, other: Ranges) -> Ranges:
    """What is in both sets."""
    return complement(union(complement(one), complement(other)))


def without(one: Ranges, other: Ranges) -> Ranges:
    """What is in the first set and not in the second."""
    return common(one, complement(other))


def of(text: str) -> Ranges:
    """The characters of a text."""
    return union((ord(one), ord(one)) for one in text)


def size(given: Ranges) -> int:
    """How many characters there are."""
    return sum(high - low + 1 for low, high in given)


def members(given: Ranges) -> str:
    """All characters, in order."""
    return "".join(map(chr, _codes(without(given, _SURROGATES))))


def folded(given: Ranges, *, beyond_ascii: bool) -> Ranges:
    """A set with the small letters of its capitals, and the other way round."""
    limit = _CASED if beyond_ascii else 128
    others: set[int] = set()
    for code in _codes(common(given, ((0, limit - 1),))):
        for other in (chr(code).lower(), chr(code).upper()):
            if len(other) == 1 and ord(other) < limit:
                others.add(ord(other))
    return union(given, ((code, code) for code in others))


def _codes(given: Ranges) -> Iterator[int]:
    return (code for low, high in given for code in range(low, high + 1))
