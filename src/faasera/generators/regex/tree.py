"""Regular expressions as trees, whatever syntax they were written in."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from faasera.generators.regex.characters import NONE, PRINTABLE, Ranges, common, union


class RegexError(ValueError):
    """A regular expression that cannot be read, or not be used for what it is needed; says why."""


class Place(Enum):
    """What an anchor asks of the place where it stands."""

    START = "the start of the text"
    END = "the end of the text"
    LINE_START = "the start of a line"
    LINE_END = "the end of a line"
    WORD_EDGE = "the edge of a word"
    INSIDE = "no edge of a word"
    WORD_START = "the start of a word"
    WORD_END = "the end of a word"


@dataclass(frozen=True)
class Characters:
    """One character out of a set.

    Attributes:
        ranges: the set.
        open: whether it is written by what it does not hold, or by a name: of such a set printable ones are made.
        plain: the set as it is written, where small letters and capitals are the same.
    """

    ranges: Ranges
    open: bool = False
    plain: Ranges | None = None

    @property
    def made(self) -> Ranges:
        """The characters that texts are made of."""
        written = self.ranges if self.plain is None else self.plain
        return common(written, PRINTABLE) if self.open else written


@dataclass(frozen=True)
class Anchor:
    """A place in the text."""

    place: Place


@dataclass(frozen=True)
class Sequence:
    """Parts one after the other."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Alternatives:
    """One of several."""

    branches: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    """A part several times.

    Attributes:
        inner: the part.
        least: how often at least.
        most: how often at most; None for any number.
        possessive: whether what was taken is never given back.
    """

    inner: "Node"
    least: int
    most: int | None
    possessive: bool = False


@dataclass(frozen=True)
class Group:
    """A part that is captured, and may be referred to by its number."""

    inner: "Node"
    number: int


@dataclass(frozen=True)
class Look:
    """What stands before or behind a place, without being taken."""

    inner: "Node"
    ahead: bool
    negated: bool


@dataclass(frozen=True)
class Backreference:
    """The text that a group took."""

    number: int


Node = Characters | Anchor | Sequence | Alternatives | Repeat | Group | Look | Backreference
NOTHING = Sequence()


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    if isinstance(node, Sequence):
        return node.parts
    if isinstance(node, Alternatives):
        return node.branches
    return (node.inner,) if isinstance(node, Repeat | Group | Look) else ()


def holds(node: Node, *kinds: type) -> bool:
    """Whether a tree has nodes of these classes."""
    return isinstance(node, kinds) or any(holds(one, *kinds) for one in children(node))


def sequence(parts: Iterable[Node]) -> Node:
    """Parts one after the other, without sequences in it."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Sequence) else (part,))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def bare(node: Node) -> Node:
    """A node without the groups around it."""
    while isinstance(node, Group) or (isinstance(node, Sequence) and len(node.parts) == 1):
        node = node.inner if isinstance(node, Group) else node.parts[0]
    return node


def may_be_empty(node: Node) -> bool:
    """Whether a node can take no character."""
    if isinstance(node, Characters):
        return False
    if isinstance(node, Alternatives):
        return any(map(may_be_empty, node.branches))
    if isinstance(node, Repeat):
        return node.least == 0 or may_be_empty(node.inner)
    return (
        all(map(may_be_empty, node.parts))
        if isinstance(node, Sequence)
        else not isinstance(node, Group) or may_be_empty(node.inner)
    )


def edge(node: Node, *, last: bool = False) -> Ranges:
    """The characters that a node can begin with, or end with."""
    if isinstance(node, Characters):
        return node.ranges
    if isinstance(node, Alternatives):
        return union(*(edge(one, last=last) for one in node.branches))
    if isinstance(node, Repeat | Group):
        return edge(node.inner, last=last)
    found = NONE
    if isinstance(node, Sequence):
        for part in reversed(node.parts) if last else node.parts:
            found = union(found, edge(part, last=last))
            if not may_be_empty(part):
                break
    return found
