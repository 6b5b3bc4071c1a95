"""What conditions on rows say of single columns."""

import re
from dataclasses import dataclass, field
from typing import Any

from faasera.generators.expression_syntax import Call, Column, Literal, Node, parse_expression
from faasera.generators.regex.conjuncts import Conjunct
from faasera.schema import list_patterns
from faasera.schema.arms import always_present, arms_of, joint_values, null_share
from faasera.schema.condition_nodes import (
    OPPOSITE,
    absent,
    columns_of,
    constant,
    is_constant,
    parts_of,
    refuted,
    written,
)
from faasera.schema.text_conditions import form_of

_LENGTHS = ("length", "octet_length")
_KEPT = ("lower", "upper", "trim", "text", "coalesce", "integer", "number")
_PARTS = ("year", "month", "day", "weekday")


@dataclass
class ConstraintFacts:
    """What the conditions of a table say of one column by itself.

    Attributes:
        values: it is one of these.
        low: it is not below this.
        above: it is above this.
        high: it is not above this.
        below: it is below this.
        step: it is a multiple of this.
        shortest: its text has as many characters, its bytes are as many, its list has as many elements.
        longest: it has no more of them.
        forms: what is found in its text, and what is not.
        tried: whether the values are texts that were tried, of many more that may be.
        elements: what the elements of its list match.
        likely: a regular expression of texts that meet what is asked, for want of a better rule.
        characters: what may stand at a place of its text, the first being 1.
        kinds: of its JSON.
        unit: that its dates are cut to.
        parts: values of the year, month, day or weekday of its dates.
        required: it is never null.
        after: columns that it is not before.
        equal: an expression over other columns that it is equal to.
        nulls: the share of its values that is best null, where that hangs on other columns.
    """

    values: list[Any] | None = None
    low: Any = None
    above: Any = None
    high: Any = None
    below: Any = None
    step: int | None = None
    shortest: int | None = None
    longest: int | None = None
    forms: list[Conjunct] = field(default_factory=list)
    tried: bool = False
    elements: str | None = None
    likely: str | None = None
    characters: dict[int, list[str]] = field(default_factory=dict)
    kinds: list[str] | None = None
    unit: str | None = None
    parts: dict[str, list[int]] = field(default_factory=dict)
    required: bool = False
    after: list[str] = field(default_factory=list)
    equal: str | None = None
    nulls: float | None = None


Facts = dict[str, ConstraintFacts]
"""By column."""


def facts_of(conditions: list[str]) -> Facts:
    """What holds of single columns in all rows, by column."""
    return facts_of_nodes([one for text in conditions for one in parts_of(parse_expression(text), "and")])


def facts_of_nodes(nodes: list[Node]) -> Facts:
    """What holds of single columns where all of these conditions do, by column."""
    found: Facts = {}
    for node in nodes:
        _learn(node, found)
    learn_lists(nodes, found)
    for node in nodes:
        _learn_arms(node, found)
    return found


def _of(column: str, found: Facts) -> ConstraintFacts:
    return found.setdefault(column, ConstraintFacts())


def _learn(node: Node, found: Facts) -> None:
    if isinstance(node, Column):
        _among(node.name, [True], found)
    if not isinstance(node, Call):
        return
    listed = _listed(node)
    if listed is not None:
        _among(*listed, found)
    elif _learn_text(node, found):
        return
    elif node.function == "not":
        _refuted(node.arguments[0], found)
    elif node.function == "or":
        _unless_null(parts_of(node, "or"), found)
    elif node.function in ("=", *OPPOSITE):
        left, right = node.arguments
        _compare(node.function, left, right, found)
        _compare(OPPOSITE.get(node.function, "="), right, left, found)


def _learn_text(node: Call, found: Facts) -> bool:
    """Whether a condition is about the characters of a column's text, which are learned."""
    subject, pattern = (*node.arguments, None, None)[:2]
    if node.function == "matches" and isinstance(subject, Column) and isinstance(pattern, Literal):
        facts, elements = _of(subject.name, found), list_patterns.elements(str(pattern.value))
        if pattern.value == list_patterns.JSON_TEXT:
            facts.kinds = facts.kinds or ["object", "array"]
            return True
        if elements is not None:
            facts.elements = elements
            return True
    form = form_of(node)
    if form is not None:
        _of(form[0], found).forms.extend(form[1])
    return form is not None


def _among(column: str, values: list[Any], found: Facts) -> None:
    facts = _of(column, found)
    facts.values = values if facts.values is None else [one for one in facts.values if one in values]


def _refuted(node: Node, found: Facts) -> None:
    if isinstance(node, Column):
        _among(node.name, [False], found)
    elif absent(node) is not None:
        _of(str(absent(node)), found).required = True
    elif isinstance(node, Call) and node.function == "or":
        for one in parts_of(node, "or"):
            inner = refuted(one)
            _refuted(one, found) if inner is None else _learn(inner, found)


def _unless_null(arms: list[Node], found: Facts) -> None:
    """What holds of a column where it is not null; all else of a disjunction says nothing of one column."""
    nulls = {name for name in map(absent, arms) if name is not None}
    rest = [arm for arm in arms if absent(arm) is None]
    if not nulls or not rest:
        return
    joined = rest[0]
    for arm in rest[1:]:
        joined = Call("or", (joined, arm))
    learned: Facts = {}
    for one in parts_of(joined, "and"):
        _learn(one, learned)
    for name in nulls & set(learned):
        _merge(_of(name, found), learned[name])


def _merge(facts: ConstraintFacts, other: ConstraintFacts) -> None:
    """Add what holds of all values that are not null."""
    for name, value in vars(other).items():
        if name != "required" and value and not getattr(facts, name):
            setattr(facts, name, value)


def _compare(operator: str, left: Node, right: Node, found: Facts) -> None:
    if isinstance(left, Column):
        _compare_column(operator, left.name, right, found)
    elif isinstance(left, Call) and is_constant(right):
        _compare_call(operator, left, constant(right), found)
    elif operator == "=" and isinstance(left, Call) and left.function == "round" and isinstance(right, Call):
        # Sums of decimals are rounded on both sides.
        inner = left.arguments[0]
        if isinstance(inner, Column) and right.function == "round" and inner.name not in columns_of(right):
            _of(inner.name, found).equal = written(right.arguments[0])


def _compare_column(operator: str, column: str, right: Node, found: Facts) -> None:
    facts = _of(column, found)
    if is_constant(right):
        _bound(facts, operator, constant(right))
    elif isinstance(right, Column) and operator in (">", ">="):
        facts.after.append(right.name)
    elif operator == "=" and isinstance(right, Call):
        inner = right.arguments[0] if right.arguments else None
        if right.function == "cut" and inner == Column(column) and isinstance(right.arguments[1], Literal):
            facts.unit = str(right.arguments[1].value)
        elif column not in columns_of(right) and any(columns_of(right)):
            facts.equal = written(right)


def _bound(facts: ConstraintFacts, operator: str, value: Any) -> None:
    """Keep the narrowest of all ends."""
    name = {"<": "below", "<=": "high", ">": "above", ">=": "low"}.get(operator)
    if name is None:
        return
    before = getattr(facts, name)
    if before is not None and type(before) is type(value):
        value = min(before, value) if operator in ("<", "<=") else max(before, value)
    setattr(facts, name, value)


def _compare_call(operator: str, left: Call, value: Any, found: Facts) -> None:
    counted = _counted(left)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if counted is not None and whole:
        _measure(_of(counted, found), operator, value)
        return
    inner = left.arguments[0] if left.arguments else None
    while isinstance(inner, Call) and inner.function in ("trim", "lower", "upper", "coalesce"):
        inner = inner.arguments[0]
    if not isinstance(inner, Column):
        if isinstance(inner, Call) and left.function == "length":
            _compare_call(operator, Call("length", inner.arguments), value, found)
        return
    facts = _of(inner.name, found)
    if left.function in _LENGTHS and whole:
        _measure(facts, operator, value)
    elif left.function == "abs" and operator in ("<", "<="):
        _bound(facts, operator, value)
        _bound(facts, {"<": ">", "<=": ">="}[operator], -value)
    elif left.function == "position" and operator in (">", ">=") and whole:
        before = value + (operator == ">") - 1
        facts.likely = f"[a-z]{{{max(before, 1)},{max(before, 1) + 6}}}" + re.escape(str(_text(left, 1))) + "[a-z]{2,6}"
    elif left.function == "year" and whole:
        _bound(facts, operator, _year_end(operator, value))


def _year_end(operator: str, year: int) -> str:
    return f"{year + (operator == '>') - (operator == '<'):04d}-" + ("01-01" if operator in (">", ">=") else "12-31")


def _measure(facts: ConstraintFacts, operator: str, value: int) -> None:
    if operator in (">", ">=", "="):
        facts.shortest = max(facts.shortest or 0, value + (operator == ">"))
    if operator in ("<", "<=", "="):
        most = value - (operator == "<")
        facts.longest = most if facts.longest is None else min(facts.longest, most)


def _counted(node: Call) -> str | None:
    """The list whose elements a sum counts."""
    if node.function != "+" or node.arguments[1] != Literal(1) or not isinstance(node.arguments[0], Call):
        return None
    for one in node.arguments[0].arguments:
        inner = one.arguments[0] if isinstance(one, Call) and one.function == "length" else None
        if isinstance(inner, Column):
            return inner.name
    return None


def _listed(node: Call) -> tuple[str, list[Any]] | None:
    """The column and the values of ``c = 1 or c = 2``; None where it is something else."""
    if node.function == "or":
        both = [_listed(one) if isinstance(one, Call) else None for one in node.arguments]
        if both[0] is None or both[1] is None or both[0][0] != both[1][0]:
            return None
        return both[0][0], [*both[0][1], *both[1][1]]
    if node.function != "=":
        return None
    for shown, value in (node.arguments, node.arguments[::-1]):
        if is_constant(value):
            found = _same(shown, constant(value))
            if found is not None:
                return found, [constant(value)]
    return None


def _same(node: Node, value: Any) -> str | None:
    """The column that is a value where a node is: itself, or what leaves the value as it is."""
    if isinstance(node, Column):
        return node.name
    if not isinstance(node, Call) or node.function not in _KEPT or not isinstance(node.arguments[0], Column):
        return None
    if node.function == "coalesce" and (len(node.arguments) != 2 or node.arguments[1] == Literal(value)):
        return None
    text = str(value)
    kept = {"lower": text.lower() == text, "upper": text.upper() == text, "trim": text.strip() == text}
    return node.arguments[0].name if kept.get(node.function, True) else None


def learn_lists(nodes: list[Node], found: Facts) -> None:
    """What values of a part of a column say: of a place in its text, of its dates, of its JSON, of a remainder."""
    for node in nodes:
        arms = [one for one in parts_of(node, "or") if absent(one) is None]
        pairs = [one.arguments for one in arms if isinstance(one, Call) and one.function == "="]
        subject = pairs[0][0] if pairs and len(pairs) == len(arms) else None
        if not isinstance(subject, Call) or not all(one == subject and is_constant(value) for one, value in pairs):
            continue
        column = subject.arguments[0] if subject.arguments else None
        if isinstance(column, Column):
            _learn_part(_of(column.name, found), subject, [constant(value) for _, value in pairs])


def _learn_arms(node: Node, found: Facts) -> None:
    """What a disjunction says of single columns, however it is met."""
    if not isinstance(node, Call) or node.function not in ("or", "=", "<>") or _listed(node) is not None:
        return
    arms = arms_of(node, _listed)
    if len(arms) < 2:
        return
    for name, values in joint_values(arms).items():
        _among(name, values, found)
    for name in always_present(arms):
        _of(name, found).required = True
    for name, share in null_share(arms).items():
        _of(name, found).nulls = share


def _learn_part(facts: ConstraintFacts, subject: Call, values: list[Any]) -> None:
    if subject.function == "json_type":
        facts.kinds = [str(one) for one in values]
    elif subject.function in _PARTS and all(isinstance(one, int) for one in values):
        facts.parts[subject.function] = list(values)
    elif subject.function == "%" and values == [0] and isinstance(subject.arguments[1], Literal):
        facts.step = subject.arguments[1].value if isinstance(subject.arguments[1].value, int) else None
    elif subject.function in ("left", "substring") and is_constant(subject.arguments[-1]):
        _learn_characters(facts, subject, [str(one) for one in values])


def _learn_characters(facts: ConstraintFacts, subject: Call, values: list[str]) -> None:
    start = 1 if subject.function == "left" else int(constant(subject.arguments[1]))
    length = int(constant(subject.arguments[-1]))
    if all(len(one) == length for one in values) and (length == 1 or len(values) == 1):
        for place in range(length):
            facts.characters[start + place] = [one[place] for one in values]


def _text(node: Call, place: int) -> Any:
    return constant(node.arguments[place])
