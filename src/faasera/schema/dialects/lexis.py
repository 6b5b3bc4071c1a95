"""How a dialect writes: what is a name, a text, a comment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lexis:
    """The marks that dialects do not share.

    Attributes:
        brackets: whether ``[name]`` is a name.
        backslashes: whether a backslash in a text takes the next character for itself.
        hashes: whether ``#`` begins a comment.
        conditional: whether ``/*!40101 … */`` is read as if it were no comment.
        batches: whether a line that says ``GO`` ends a statement.
        slashes: whether a line that says ``/`` ends a statement.
        routine_ends: whether routines go on to the end of their batch, whatever is in them.
        folded: whether names without quotes are in small letters.
    """

    brackets: bool = False
    backslashes: bool = False
    hashes: bool = False
    conditional: bool = False
    batches: bool = False
    slashes: bool = False
    routine_ends: bool = False
    folded: bool = False
