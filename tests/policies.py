"""Short ways to write policies in tests."""

from pathlib import Path
from typing import Any

import pytest

import faasera

ROOT = Path(__file__).parent.parent


def table(rules: dict[str, Any], rows: int | str = 1000, **keys: Any) -> dict[str, Any]:
    """A policy of one table named ``t``."""
    return {"tableName": "t", "rowCount": rows, "columnRuleMap": rules, **keys}


def pipeline(*tables: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A policy of several tables."""
    return {"tables": list(tables), **keys}


def column(rule: dict[str, Any], rows: int = 1000, name: str = "c", **keys: Any) -> list[Any]:
    """The values of a single column made by a rule."""
    return faasera.generate(table({name: rule}, rows, **keys))["t"].column(name).to_pylist()


def problems(policy: dict[str, Any] | str) -> dict[str, faasera.Problem]:
    """The problems of a policy that must be refused, by their pointer."""
    with pytest.raises(faasera.PolicyError) as raised:
        faasera.load(policy)
    for problem in raised.value.problems:
        assert problem.message and problem.remedy and problem.code
    return {problem.pointer: problem for problem in raised.value.problems}


def problem(policy: dict[str, Any] | str) -> faasera.Problem:
    """The one problem of a policy that must be refused."""
    found = problems(policy)
    assert len(found) == 1, found
    return next(iter(found.values()))
