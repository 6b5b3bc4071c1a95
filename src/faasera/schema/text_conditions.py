"""Conditions on single texts, as what is found in them and what is not."""

from faasera.generators.expression_syntax import Call, Column, Literal, Node
from faasera.generators.regex import tree
from faasera.generators.regex.conjuncts import Conjunct, conjuncts
from faasera.generators.regex.flavours import LIKE, RE2
from faasera.generators.regex.reading import read
from faasera.schema.condition_nodes import columns_of, parts_of

_FOLDING = ("lower", "upper")
_START, _END = tree.Anchor(tree.Place.START), tree.Anchor(tree.Place.END)


def functions_of(node: Node) -> set[str]:
    """The functions and operators that an expression has."""
    if not isinstance(node, Call):
        return set()
    return {node.function, *(name for one in node.arguments for name in functions_of(one))}


def form_of(node: Node) -> tuple[str, tuple[Conjunct, ...]] | None:
    """The column that a condition is about, and what it says of its text; None for all else."""
    if not isinstance(node, Call):
        return None
    columns = columns_of(node)
    if len(columns) != 1:
        return None
    try:
        made = _said(node)
    except tree.RegexError:
        return None
    return (columns.pop(), made) if made else None


def _said(node: Node) -> tuple[Conjunct, ...]:
    """What a condition says of the text of its one column; nothing for what is not about that.

    Raises:
        RegexError: it is about that, and cannot be taken apart.
    """
    if not isinstance(node, Call):
        return ()
    if node.function in ("matches", "like"):
        return _pattern(node)
    if node.function == "not":
        inner = _said(node.arguments[0])
        return (Conjunct(inner[0].node, not inner[0].wanted),) if len(inner) == 1 else ()
    if node.function == "or":
        return _either(node)
    return _cased(node) if node.function == "=" else ()


def _pattern(node: Call) -> tuple[Conjunct, ...]:
    subject, pattern = node.arguments
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        return ()
    fold = isinstance(subject, Call) and subject.function in _FOLDING
    inner = subject.arguments[0] if isinstance(subject, Call) and fold else subject
    if not isinstance(inner, Column):
        return ()
    return conjuncts(read(pattern.value, LIKE if node.function == "like" else RE2, fold=fold))


def _either(node: Call) -> tuple[Conjunct, ...]:
    """One of several patterns, or null."""
    told = [one for one in parts_of(node, "or") if not (isinstance(one, Call) and one.function == "is_null")]
    if len(told) == 1:
        return _said(told[0])
    branches = []
    for one in told:
        made = _value(one) or _said(one)
        if len(made) != 1 or not made[0].wanted:
            return ()
        branches.append(made[0].node)
    return (Conjunct(tree.Alternatives(tuple(branches)), True),)


def _value(node: Node) -> tuple[Conjunct, ...]:
    """A column that is one text."""
    if not (isinstance(node, Call) and node.function == "="):
        return ()
    column, value = node.arguments
    if not (isinstance(column, Column) and isinstance(value, Literal) and isinstance(value.value, str)):
        return ()
    letters: list[tree.Node] = [tree.Characters(((ord(one), ord(one)),)) for one in value.value]
    return (Conjunct(tree.sequence([_START, *letters, _END]), True),)


def _cased(node: Call) -> tuple[Conjunct, ...]:
    """A text that has no capitals, or no small letters."""
    for one, other in (node.arguments, node.arguments[::-1]):
        if (
            isinstance(one, Column)
            and isinstance(other, Call)
            and other.function in _FOLDING
            and other.arguments == (one,)
        ):
            return (Conjunct(read("[A-Z]" if other.function == "lower" else "[a-z]", RE2), False),)
    return ()
