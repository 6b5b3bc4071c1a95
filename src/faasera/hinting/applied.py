"""A policy with its suggestions in place: from here on they are ordinary lists and semantic types."""

import copy
from typing import Any

from faasera.core.errors import PolicyError, Problem, did_you_mean
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.hinting.frozen import Hint, Hints
from faasera.hinting.matcher import SURE, lexical_match
from faasera.hinting.wanted import KEY, Wanted, wanted

HINTS = "hints"
"""The key of the document where a policy says which of its lists were suggested."""


def applied(policy: dict[str, Any], hints: Hints | None, name: str = "") -> dict[str, Any]:
    """The policy with hints in the place of rules that wait for them; without hints, what the built-in matcher is
    sure of. No model is asked.

    Args:
        policy: its JSON value.
        hints: that were frozen; None where there is no file.
        name: of that file, for messages.

    Raises:
        PolicyError: a hint is for no column that waits for one, or names no semantic type.
    """
    waiting = list(wanted(policy))
    _check(hints, waiting, name)
    if not waiting:
        return policy
    made = copy.deepcopy(policy)
    summaries = []
    for one in waiting:
        hint = hints.find(one.table, one.column) if hints is not None else None
        if hint is None:
            hint = _matched(one)
        _at(made, one)[one.column] = _rule(one, hint)
        if hint is not None:
            summaries.append(hint.summary())
    if summaries:
        made[HINTS] = summaries
    return made


def _check(hints: Hints | None, waiting: list[Wanted], name: str) -> None:
    known = {f"{one.table}.{one.column}" for one in waiting}
    problems = []
    for hint in hints.hints if hints is not None else ():
        place = f"{hint.table}.{hint.column}"
        if place not in known:
            message = f"{name} has hints for {place}, which does not wait for any"
            remedy = f"Remove the entry, or run 'faasera hints' again. {did_you_mean(place, known) if known else ''}"
            problems.append(Problem("", "hints-file", message, remedy.strip()))
        if hint.semantic_type is not None and SEMANTIC_TYPES.get(hint.semantic_type) is None:
            message = f"{name}: there is no semantic type '{hint.semantic_type}' ({place})"
            remedy = did_you_mean(hint.semantic_type, SEMANTIC_TYPES.names())
            problems.append(Problem("", "hints-file", message, remedy))
    if problems:
        raise PolicyError(problems)


def _matched(one: Wanted) -> Hint | None:
    """What the built-in matcher is sure of; it needs nothing but the names."""
    found = lexical_match(one)
    if found is None or found.confidence < SURE:
        return None
    return found.hint(one)


def _rule(one: Wanted, hint: Hint | None) -> dict[str, Any]:
    """The rule with the hint in it; where there is none, one that says that it still waits."""
    kept = {name: value for name, value in one.rule.items() if name not in ("type", KEY)}
    if hint is None:
        return {"type": "SEED", **kept, KEY: True}
    if hint.semantic_type is not None:
        return {"type": "RANDOM", "semanticType": hint.semantic_type, **kept}
    kept.pop("locale", None)
    return {"type": "SEED", "values": list(hint.values or ()), **kept}


def _at(policy: dict[str, Any], one: Wanted) -> dict[str, Any]:
    """The rules of the column's table."""
    tables = policy.get("tables")
    table = (
        next(table for table in tables if table.get("tableName") == one.table) if isinstance(tables, list) else policy
    )
    rules: dict[str, Any] = table["columnRuleMap"]
    return rules
