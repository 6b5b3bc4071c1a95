"""Single texts of expressions that no sets of characters tell: with references to groups, and look-around anywhere."""

import random
import re

from faasera.generators.regex.bounding import Bounds, bounded
from faasera.generators.regex.characters import members, of
from faasera.generators.regex.flavours import PYTHON
from faasera.generators.regex.tree import (
    Alternatives,
    Anchor,
    Backreference,
    Characters,
    Group,
    Look,
    Node,
    Place,
    RegexError,
    Repeat,
    Sequence,
    children,
)
from faasera.generators.regex.writing import write

_TRIES, _LEAST_TRIES = 20, 4_000
_LONGEST_CLASS = 256
_BOUNDS = Bounds(6, 2, narrow=True)
_FILLS = of("abcdefghijklmnopqrstuvwxyz0123456789")


def texts(node: Node, count: int, shortest: int, longest: int) -> list[str]:
    """Different texts in which a tree is found, as many as were met: each was tried.

    Args:
        node: the tree.
        count: how many are wanted.
        shortest: the fewest characters.
        longest: the most.

    Raises:
        RegexError: nothing here can try it.
    """
    try:
        judge = re.compile(write(node, PYTHON))
    except re.error as error:
        raise RegexError(str(error)) from None
    chance = random.Random(judge.pattern)
    drawn = _Sampler(bounded(_closed(node), _BOUNDS), chance)
    found: dict[str, None] = {}
    for _ in range(max(count * _TRIES, _LEAST_TRIES)):
        text = drawn.text()
        if shortest <= len(text) <= longest and judge.search(text) is not None:
            found[text] = None
            if len(found) == count:
                break
    return list(found)


def _closed(node: Node) -> Node:
    """A tree with something in the place of ends that are open."""
    fill = Repeat(Characters(_FILLS), 0, 6)
    parts = node.parts if isinstance(node, Sequence) else (node,)
    before = () if parts and parts[0] == Anchor(Place.START) else (fill,)
    after = () if parts and parts[-1] == Anchor(Place.END) else (fill,)
    return Sequence((*before, *parts, *after))


class _Sampler:
    """Draws texts of a bounded tree, and keeps what its groups took."""

    def __init__(self, node: Node, chance: random.Random) -> None:
        self.node = node
        self.chance = chance
        self.taken: dict[int, str] = {}
        self.known: dict[Characters, str] = {}

    def text(self) -> str:
        """Another text, which may meet the expression or not."""
        self.taken.clear()
        return self.drawn(self.node)

    def drawn(self, node: Node) -> str:
        if isinstance(node, Characters):
            return self.chance.choice(self.letters(node))
        if isinstance(node, Alternatives):
            return self.drawn(self.chance.choice(node.branches))
        if isinstance(node, Repeat):
            return "".join(
                self.drawn(node.inner) for _ in range(self.chance.randint(node.least, node.most or node.least))
            )
        if isinstance(node, Group):
            self.taken[node.number] = self.drawn(node.inner)
            return self.taken[node.number]
        if isinstance(node, Backreference):
            return self.taken.get(node.number, "")
        if isinstance(node, Look):
            return ""
        return "".join(map(self.drawn, children(node)))

    def letters(self, node: Characters) -> str:
        if node not in self.known:
            found = members(node.made[:_LONGEST_CLASS])[:_LONGEST_CLASS]
            if not found:
                raise RegexError("a class is empty")
            self.known[node] = found
        return self.known[node]
