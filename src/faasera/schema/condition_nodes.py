"""Trees of conditions, taken apart and written out again."""

import datetime
from typing import Any

from faasera.generators.expression_syntax import Call, Column, Literal, Node
from faasera.generators.literals import add_months
from faasera.policy.model import Document
from faasera.schema.translator import column_text, text_literal

TODAY: datetime.date = Document.model_fields["as_of"].default
"""What a policy takes for today, where it says nothing else."""
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_INFIX = {"+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "and", "or"}
_EPOCH = datetime.date(1970, 1, 1)


def parts_of(node: Node, function: str) -> list[Node]:
    """The conditions that ``and`` or ``or`` joins."""
    if isinstance(node, Call) and node.function == function:
        return [one for argument in node.arguments for one in parts_of(argument, function)]
    return [node]


def columns_of(node: Node) -> set[str]:
    """The columns that a tree names."""
    if isinstance(node, Column):
        return {node.name}
    return {name for one in node.arguments for name in columns_of(one)} if isinstance(node, Call) else set()


def absent(node: Node) -> str | None:
    """The column that a node says is null; None for anything else."""
    inner = node.arguments[0] if isinstance(node, Call) and node.function == "is_null" else None
    return inner.name if isinstance(inner, Column) else None


def refuted(node: Node) -> Node | None:
    """What a node says is not so; None for anything else."""
    return node.arguments[0] if isinstance(node, Call) and node.function == "not" else None


def is_constant(node: Node) -> bool:
    """Whether a node is the same in all rows, and its value is known here."""
    if isinstance(node, Literal):
        return True
    if not isinstance(node, Call):
        return False
    numbers = node.function == "negate" and isinstance(node.arguments[0], Literal)
    moved = node.function in ("add_days", "add_months") and all(map(is_constant, node.arguments))
    return numbers or moved or node.function == "as_of"


def constant(node: Node) -> Any:
    """The value of a constant; dates as texts."""
    if isinstance(node, Literal):
        return node.value
    assert isinstance(node, Call)
    if node.function == "negate":
        return -constant(node.arguments[0])
    if node.function == "as_of":
        return str(TODAY)
    date, amount = constant(node.arguments[0]), int(constant(node.arguments[1]))
    day = datetime.date.fromisoformat(str(date)[:10])
    if node.function == "add_days":
        return str(day + datetime.timedelta(days=amount))
    import numpy as np

    moved = add_months(np.array([(day - _EPOCH).days]), amount)
    return str(_EPOCH + datetime.timedelta(days=int(moved[0])))


def written(node: Node) -> str:
    """A tree as the text of an expression."""
    if isinstance(node, Column):
        return column_text(node.name)
    if isinstance(node, Literal):
        if isinstance(node.value, bool) or node.value is None:
            return {True: "true", False: "false", None: "null"}[node.value]
        return text_literal(node.value) if isinstance(node.value, str) else str(node.value)
    shown = [written(one) for one in node.arguments]
    if node.function in _INFIX:
        return f"({shown[0]} {node.function} {shown[1]})"
    if node.function == "negate":
        return f"-{shown[0]}"
    if node.function == "not":
        return f"(not {shown[0]})"
    if node.function == "is_null":
        return f"({shown[0]} is null)"
    if node.function == "like":
        return f"({shown[0]} like {shown[1]})"
    return f"{node.function}({', '.join(shown)})"
