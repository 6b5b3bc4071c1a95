"""What the text of a document comes to: objects that know of keys written twice, and numbers that know their digits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

_KEPT_BY_DOUBLES = 17
"""So many digits tell any double from its neighbours; who writes more means more than a double."""
_LONGEST_NUMBER = 1000


@dataclass(frozen=True)
class Repetition:
    """A key that is written twice in one object.

    Attributes:
        key: its name.
        line: of the second time, from 1; 0 where that is not known.
    """

    key: str
    line: int = 0

    def __str__(self) -> str:
        """What is wrong."""
        return f"the key '{self.key}' is written twice" + (f", again on line {self.line}" if self.line else "")


class Pairs(dict[str, Any]):
    """A JSON object that remembers which of its keys were written twice."""

    repeated: tuple[Repetition, ...] = ()


def pairs(items: Sequence[tuple[str, Any]], lines: Sequence[int] = ()) -> Pairs:
    """The object of some keys with their values, of which the last counts.

    Args:
        items: in the order of the text.
        lines: where each key is written, if that is known.
    """
    made = Pairs(items)
    if len(made) < len(items):
        seen: set[str] = set()
        repeated = []
        for place, (key, _) in enumerate(items):
            if key in seen:
                repeated.append(Repetition(key, lines[place] if lines else 0))
            seen.add(key)
        made.repeated = tuple(repeated)
    return made


def repetitions(value: Any) -> Iterator[Repetition]:
    """All keys that are written twice in one object, anywhere in a value."""
    pending, seen = [value], set()
    while pending:
        node = pending.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Pairs):
            yield from node.repeated
        pending += node.values() if isinstance(node, dict) else node


class Exact(float):
    """A number whose digits a double does not hold: it counts as the nearest one wherever nobody asks for them.

    Attributes:
        digits: as written.
    """

    digits: str

    def __new__(cls, digits: str) -> "Exact":
        """The nearest double, with its digits."""
        made = super().__new__(cls, digits)
        made.digits = digits
        return made

    @property
    def beyond_doubles(self) -> bool:
        """Whether it has more digits than a double is ever written with."""
        return len(Decimal(self.digits).normalize().as_tuple().digits) > _KEPT_BY_DOUBLES


def whole_number(text: str) -> int:
    """A whole number of a document.

    Raises:
        ValueError: it is longer than any number here.
    """
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(text):,} digits; the most are {_LONGEST_NUMBER:,}")
    return int(text)


def real_number(text: str) -> float:
    """A number with a point or an exponent: a double, or ``Exact`` where that would lose digits.

    Raises:
        ValueError: it is longer or larger than any number here.
    """
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(text):,} characters; the most are {_LONGEST_NUMBER:,}")
    made = float(text)
    if not isfinite(made):
        raise ValueError(f"{text} is larger than any number here")
    return made if Decimal(text) == Decimal(repr(made)) else Exact(text)
