"""What disjunctions say of single columns: which values all arms leave, and which columns are null in which arm."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faasera.generators.expression_syntax import Call, Node
from faasera.schema.condition_nodes import absent, parts_of, refuted

Listed = Callable[[Call], tuple[str, list[Any]] | None]
"""Tells the column and the values of a list of them."""
_MOST_ARMS = 40


@dataclass
class Arm:
    """One arm of a disjunction.

    Attributes:
        values: of columns that it lists.
        present: columns that it wants a value of.
        empty: columns that it wants to be null.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)


def arms_of(node: Node, listed: Listed) -> list[Arm]:
    """The arms of a disjunction of conditions that all hold; of two truths that are equal, the two ways to be so."""
    equal = _equal(node)
    if equal is not None:
        return [_arm([*equal[0], *equal[1]], listed), _arm([_not(equal[0]), _not(equal[1])], listed)]
    return [_arm(parts_of(one, "and"), listed) for one in parts_of(node, "or")[:_MOST_ARMS]]


def _equal(node: Node) -> tuple[list[Node], list[Node]] | None:
    """Two conditions that are both so or both not so."""
    if not isinstance(node, Call) or node.function not in ("=", "<>"):
        return None
    left, right = node.arguments
    if not (_is_condition(left) and _is_condition(right)):
        return None
    return [left], [right if node.function == "=" else _not([right])]


def _is_condition(node: Node) -> bool:
    known = ("is_null", "not", "=", "or", "and")
    return (
        isinstance(node, Call)
        and node.function in known
        and not (node.function == "=" and _is_condition(node.arguments[0]))
    )


def _not(nodes: list[Node]) -> Node:
    (node,) = nodes
    inner = refuted(node)
    return inner if inner is not None else Call("not", (node,))


def _arm(nodes: list[Node], listed: Listed) -> Arm:
    made = Arm()
    for node in nodes:
        _add(node, made, listed)
    return made


def _add(node: Node, made: Arm, listed: Listed) -> None:
    inner = refuted(node)
    if inner is not None:
        name = absent(inner)
        if name is not None:
            made.present.add(name)
        elif isinstance(inner, Call) and inner.function == "or":
            for one in parts_of(inner, "or"):
                _add(_not([one]), made, listed)
    elif absent(node) is not None:
        made.empty.add(str(absent(node)))
    elif isinstance(node, Call) and node.function == "and":
        for one in parts_of(node, "and"):
            _add(one, made, listed)
    elif isinstance(node, Call):
        found = listed(node)
        if found is not None:
            made.values[found[0]] = found[1]


def joint_values(arms: list[Arm]) -> dict[str, list[Any]]:
    """The values of columns that every arm lists."""
    if not arms:
        return {}
    common = set(arms[0].values).intersection(*(arm.values for arm in arms[1:]))
    return {name: list(dict.fromkeys(value for arm in arms for value in arm.values[name])) for name in common}


def always_present(arms: list[Arm]) -> set[str]:
    """The columns that every arm wants a value of."""
    return set.intersection(*(arm.present for arm in arms)) if arms else set()


def null_share(arms: list[Arm]) -> dict[str, float]:
    """Of columns that are null in some arms and not in others, in which share of them."""
    named = {name for arm in arms for name in arm.empty} & {name for arm in arms for name in arm.present}
    return {name: round(sum(name in arm.empty for arm in arms) / len(arms), 2) for name in named}
