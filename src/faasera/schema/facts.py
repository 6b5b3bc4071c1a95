"""What conditions on rows say of single columns."""

from dataclasses import dataclass, field
from typing import Any

from faasera.generators.expression_syntax import Call, Column, Literal, Node, parse_expression
from faasera.generators.regex.conjuncts import Conjunct
from faasera.schema.text_conditions import form_of


@dataclass
class ConstraintFacts:
    """What the conditions of a table say of one column by itself.

    Attributes:
        values: it is one of these.
        low: it is not below this.
        above: it is above this.
        high: it is not above this.
        below: it is below this.
        shortest: its text has as many characters.
        longest: its text has no more characters.
        forms: what is found in its text, and what is not.
        tried: whether the values are texts that were tried, of many more that may be.
        required: it is never null.
        after: columns that it is not before.
    """

    values: list[Any] | None = None
    low: Any = None
    above: Any = None
    high: Any = None
    below: Any = None
    shortest: int | None = None
    longest: int | None = None
    forms: list[Conjunct] = field(default_factory=list)
    tried: bool = False
    required: bool = False
    after: list[str] = field(default_factory=list)


def facts_of(conditions: list[str]) -> dict[str, ConstraintFacts]:
    """What holds of single columns in all rows, by column."""
    found: dict[str, ConstraintFacts] = {}
    for text in conditions:
        for node in conjuncts(parse_expression(text)):
            _learn(node, found)
    return found


def conjuncts(node: Node) -> list[Node]:
    """The conditions that a condition comes to, which must all hold."""
    if isinstance(node, Call) and node.function == "and":
        return [one for argument in node.arguments for one in conjuncts(argument)]
    return [node]


def _learn(node: Node, found: dict[str, ConstraintFacts]) -> None:
    truth = _truth(node)
    if truth is not None:
        found.setdefault(truth[0], ConstraintFacts()).values = [truth[1]]
        return
    if not isinstance(node, Call):
        return
    listed = _listed(node)
    if listed is not None:
        column, values = listed
        facts = found.setdefault(column, ConstraintFacts())
        facts.values = values if facts.values is None else [one for one in facts.values if one in values]
        return
    if node.function == "not" and isinstance(node.arguments[0], Call) and node.arguments[0].function == "is_null":
        inner = node.arguments[0].arguments[0]
        if isinstance(inner, Column):
            found.setdefault(inner.name, ConstraintFacts()).required = True
        return
    form = form_of(node)
    if form is not None:
        found.setdefault(form[0], ConstraintFacts()).forms.extend(form[1])
        return
    if node.function == "=":
        for operator in ("<=", ">="):
            _compare_lengths(operator, node.arguments[0], node.arguments[1], found)
    if node.function in ("<", "<=", ">", ">="):
        left, right = node.arguments
        if isinstance(right, Call) and right.function == "negate" and isinstance(right.arguments[0], Literal):
            right = Literal(-right.arguments[0].value)  # type: ignore[operator]
        _compare(node.function, left, right, found)
        swapped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[node.function]
        _compare(swapped, right, left, found)


def _truth(node: Node) -> tuple[str, bool] | None:
    """The column and the value of ``c``, ``not c`` and ``coalesce(c, false) = true``."""
    if isinstance(node, Column):
        return node.name, True
    if not isinstance(node, Call):
        return None
    inner = node.arguments[0] if node.arguments else None
    if node.function == "not" and isinstance(inner, Column):
        return inner.name, False
    if node.function != "=" or not isinstance(inner, Call) or inner.function != "coalesce":
        return None
    column, given, value = inner.arguments[0], inner.arguments[-1], node.arguments[1]
    if not isinstance(column, Column) or not isinstance(given, Literal) or not isinstance(value, Literal):
        return None
    if len(inner.arguments) == 2 and isinstance(value.value, bool) and given.value is not value.value:
        return column.name, value.value
    return None


def _compare(operator: str, left: Node, right: Node, found: dict[str, ConstraintFacts]) -> None:
    if isinstance(left, Column) and isinstance(right, Literal):
        facts = found.setdefault(left.name, ConstraintFacts())
        setattr(facts, {"<": "below", "<=": "high", ">": "above", ">=": "low"}[operator], right.value)
    elif isinstance(left, Column) and isinstance(right, Column) and operator in (">", ">="):
        found.setdefault(left.name, ConstraintFacts()).after.append(right.name)
    else:
        _compare_lengths(operator, left, right, found)


def _compare_lengths(operator: str, left: Node, right: Node, found: dict[str, ConstraintFacts]) -> None:
    if isinstance(left, Call) and left.function == "length" and isinstance(right, Literal):
        inner = left.arguments[0]
        while isinstance(inner, Call) and inner.function == "trim":
            inner = inner.arguments[0]
        if isinstance(inner, Column) and isinstance(right.value, int):
            facts = found.setdefault(inner.name, ConstraintFacts())
            if operator in (">", ">="):
                facts.shortest = max(right.value + (operator == ">"), facts.shortest or 0)
            else:
                longest = right.value - (operator == "<")
                facts.longest = longest if facts.longest is None else min(longest, facts.longest)


def _listed(node: Call) -> tuple[str, list[Any]] | None:
    """The column and the values of ``c = 1 or c = 2``; None where it is something else."""
    if node.function == "or":
        both = [_listed(one) if isinstance(one, Call) else None for one in node.arguments]
        if both[0] is None or both[1] is None or both[0][0] != both[1][0]:
            return None
        return both[0][0], [*both[0][1], *both[1][1]]
    if node.function != "=":
        return None
    for column, value in (node.arguments, node.arguments[::-1]):
        if isinstance(column, Column) and isinstance(value, Literal):
            return column.name, [value.value]
        if isinstance(column, Call) and column.function == "length" and isinstance(value, Literal):
            return None
    return None
