"""What is made once for a plan and asked for by all of its threads: running totals, and indexes of rows."""

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, TypeVar

from typing_extensions import override

from faasera.core.prefix_sums import Counts, PrefixSums, SumsMaker

T = TypeVar("T")


class Kept:
    """Running totals and indexes by what they belong to, each made when it is first asked for, by one thread.

    Two of them are equal whatever they hold, as it follows from the plan. Copies and pickles have the running totals,
    which take long to make and little room; indexes are made again.

    Args:
        known: running totals that another process made, packed.
        make: makes the others.
    """

    def __init__(self, known: Mapping[str, bytes] | None = None, make: SumsMaker = PrefixSums) -> None:
        self._known = dict(known or {})
        self._make = make
        self._totals: dict[str, PrefixSums] = {}
        self._indexes: dict[str, Any] = {}
        # One thread may need other totals for those that it makes.
        self._lock = RLock()

    def totals(self, key: str, size: int, counts: Counts) -> PrefixSums:
        """The running totals of so many numbers."""
        found = self._totals.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._totals:
                known = self._known.get(key)
                made = self._make(size, counts) if known is None else PrefixSums.unpacked(size, counts, known)
                self._totals[key] = made
            return self._totals[key]

    def index(self, key: str, make: Callable[[], T]) -> T:
        """An index of rows."""
        if key not in self._indexes:
            with self._lock:
                if key not in self._indexes:
                    self._indexes[key] = make()
        found: T = self._indexes[key]
        return found

    def packed(self) -> dict[str, bytes]:
        """All running totals, for another process."""
        with self._lock:
            return self._known | {key: totals.packed() for key, totals in self._totals.items()}

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept)

    @override
    def __hash__(self) -> int:
        return hash(Kept)

    @override
    def __reduce__(self) -> tuple[type["Kept"], tuple[dict[str, bytes]]]:
        return Kept, (self.packed(),)
