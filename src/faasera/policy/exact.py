"""Numbers of a policy whose digits no double holds: texts where a rule's type wants the digits, else refused."""

from collections.abc import Iterator
from typing import Any

from faasera.core.errors import Problems
from faasera.policy.values import Exact

_VALUES = ("value", "values", "default")
_RANGE = ("min", "max", "step")


def settle_numbers(policy: dict[str, Any], problems: Problems) -> None:
    """Replace each ``Exact`` of a policy by a text or a plain number, in place.

    A rule's values, in a column of any type but ``DOUBLE``, become texts, which are read to the last digit. Everything
    else is a double by nature. A value with more digits than doubles have, in a rule without a type, is a problem.

    Args:
        policy: a JSON value as read from text, of any shape.
        problems: where to report.
    """
    if not any(isinstance(node[key], Exact) for node, key in _places(policy)):
        return
    listed = policy.get("tables")
    tables: list[tuple[Any, Problems]] = [(policy, problems)]
    if isinstance(listed, list):
        tables = [(table, problems.at("tables", place)) for place, table in enumerate(listed)]
    for table, here in tables:
        if isinstance(table, dict):
            _settle_table(table, here)
    for node, key in _places(policy):
        if isinstance(node[key], Exact):
            node[key] = float(node[key])


def _settle_table(table: dict[str, Any], problems: Problems) -> None:
    rules = table.get("columnRuleMap")
    for column, rule in rules.items() if isinstance(rules, dict) else ():
        if isinstance(rule, dict):
            _settle_rule(rule, problems.at("columnRuleMap", column))
    for node, key in _places(table.get("foreignKeys")):
        if isinstance(node, dict) and key == "when":
            _as_texts(node[key])


def _settle_rule(rule: dict[str, Any], problems: Problems) -> None:
    cases = rule.get("when")
    for place, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict):
            _as_texts(case.get("where"))
            if isinstance(case.get("rule"), dict):
                _settle_rule(case["rule"], problems.at("when", place, "rule"))
    if rule.get("dataType") == "DOUBLE":
        return
    bounds = rule.get("range")
    for holder, keys in ((rule, _VALUES), (bounds if isinstance(bounds, dict) else {}, _RANGE)):
        for key in keys:
            if "dataType" not in rule:
                _check_digits(holder.get(key), problems.at(*(("range", key) if holder is bounds else (key,))))
            elif isinstance(holder.get(key), Exact):
                holder[key] = holder[key].digits
            else:
                _as_texts(holder.get(key))


def _check_digits(value: Any, problems: Problems) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Exact) and one.beyond_doubles:
            message = f"{one.digits} has more digits than a DOUBLE keeps, and no data type says what it is"
            problems.add("data-type", message, "Give a 'dataType', such as DECIMAL(38,10) or DOUBLE.")
            return


def _as_texts(value: Any) -> None:
    for node, key in _places(value):
        if isinstance(node[key], Exact):
            node[key] = node[key].digits


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value inside of another one: what holds it, and its key there."""
    pending, seen = [value], set()
    while pending:
        node = pending.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            yield node, key
            pending.append(node[key])
