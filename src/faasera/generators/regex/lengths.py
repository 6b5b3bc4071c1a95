"""How long the texts of a bounded tree are, and trees whose texts have a wanted length."""

from dataclasses import replace

from faasera.generators.regex.tree import Alternatives, Characters, Group, Node, Repeat, Sequence, sequence

_MOST_COPIES, _DEEPEST = 12, 4
"""Copies that are told apart, and how deep these may be nested."""


def span(node: Node) -> tuple[int, int]:
    """The fewest and the most characters of a tree that repeats nothing without an end."""
    if isinstance(node, Characters):
        return 1, 1
    if isinstance(node, Group):
        return span(node.inner)
    if isinstance(node, Repeat):
        low, high = span(node.inner)
        assert node.most is not None
        return low * node.least, high * node.most
    if isinstance(node, Sequence):
        spans = [span(one) for one in node.parts]
        return sum(low for low, _ in spans), sum(high for _, high in spans)
    if isinstance(node, Alternatives):
        spans = [span(one) for one in node.branches]
        return min(low for low, _ in spans), max(high for _, high in spans)
    return 0, 0


def fitted(node: Node, low: int, high: int, depth: int = 0) -> Node | None:
    """A tree of those texts of another that have from ``low`` to ``high`` characters, or of many of them.

    None where none of them was found.
    """
    shortest, longest = span(node)
    if shortest >= low and longest <= high:
        return node
    if longest < low or shortest > high:
        return None
    if isinstance(node, Group):
        inner = fitted(node.inner, low, high, depth)
        return None if inner is None else replace(node, inner=inner)
    if isinstance(node, Alternatives):
        found = [made for one in node.branches if (made := fitted(one, low, high, depth)) is not None]
        return None if not found else (found[0] if len(found) == 1 else Alternatives(tuple(found)))
    if isinstance(node, Repeat):
        return _repeat(node, low, high, depth)
    return _sequence(node, low, high, depth) if isinstance(node, Sequence) else None


def _repeat(node: Repeat, low: int, high: int, depth: int) -> Node | None:
    shortest, longest = span(node.inner)
    assert node.most is not None
    if shortest == longest:
        least, most = max(node.least, -(-low // shortest)), min(node.most, high // shortest)
        return replace(node, least=least, most=most) if least <= most else None
    if depth == _DEEPEST:
        return None
    # Copies of different lengths are told apart.
    for count in range(min(node.most, _MOST_COPIES), node.least - 1, -1):
        if count * longest >= low and count * shortest <= high:
            made = fitted(sequence([node.inner] * count), low, high, depth + 1)
            if made is not None:
                return made
    return None


def _sequence(node: Sequence, low: int, high: int, depth: int) -> Node | None:
    """Its longest parts give way first, then those that have room grow."""
    parts = list(node.parts)
    order = sorted(range(len(parts)), key=lambda place: span(parts[place])[0] - span(parts[place])[1])
    for place in order:
        excess = sum(span(one)[1] for one in parts) - high
        shortest, longest = span(parts[place])
        if excess > 0 and longest > shortest:
            parts[place] = fitted(parts[place], shortest, max(shortest, longest - excess), depth) or parts[place]
    for place in order:
        missing = low - sum(span(one)[0] for one in parts)
        shortest, longest = span(parts[place])
        if missing > 0 and longest > shortest:
            parts[place] = fitted(parts[place], min(longest, shortest + missing), longest, depth) or parts[place]
    made = sequence(parts)
    shortest, longest = span(made)
    return made if shortest >= low and longest <= high else None
