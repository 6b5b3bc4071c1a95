"""Search for rows of small numbers of which certain columns together are unique."""

from collections.abc import Sequence
from itertools import islice, product

_MOST_ROWS = 256
_MOST_VECTORS = 20_000
_MOST_STEPS = 20_000


def packed(sizes: Sequence[int], keys: Sequence[Sequence[int]], rows: int) -> list[tuple[int, ...]] | None:
    """So many vectors that differ in the places of each key; None where there are none, or none were found soon.

    Args:
        sizes: how many values each place has.
        keys: places that tell vectors apart.
        rows: how many vectors.

    >>> packed([2, 2, 2], [(0, 1), (1, 2), (0, 2)], 4)
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    >>> packed([2, 2, 2], [(0, 1), (1, 2), (0, 2)], 5) is None
    True
    """
    if rows > _MOST_ROWS or rows > min(_room(sizes, key) for key in keys):
        return None
    vectors = list(islice(product(*map(range, sizes)), _MOST_VECTORS + 1))
    if len(vectors) > _MOST_VECTORS:
        return None
    return _chosen(vectors, keys, rows)


def _room(sizes: Sequence[int], key: Sequence[int]) -> int:
    room = 1
    for place in key:
        room *= sizes[place]
    return room


def _chosen(vectors: list[tuple[int, ...]], keys: Sequence[Sequence[int]], rows: int) -> list[tuple[int, ...]] | None:
    """Depth first, in order, with the choices so far on a stack."""
    shown = [[tuple(vector[place] for place in key) for key in keys] for vector in vectors]
    seen: list[set[tuple[int, ...]]] = [set() for _ in keys]
    stack: list[int] = []
    place = 0
    for _ in range(_MOST_STEPS + len(vectors)):
        if len(stack) == rows:
            return [vectors[number] for number in stack]
        if len(vectors) - place < rows - len(stack):
            if not stack:
                return None
            place = stack.pop()
            for known, part in zip(seen, shown[place], strict=True):
                known.remove(part)
        elif not any(part in known for known, part in zip(seen, shown[place], strict=True)):
            stack.append(place)
            for known, part in zip(seen, shown[place], strict=True):
                known.add(part)
        place += 1
    return [vectors[number] for number in stack] if len(stack) == rows else None
