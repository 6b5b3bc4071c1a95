"""Conditions that every row meets, compiled with the rules."""

from collections.abc import Callable, Sequence

from faasera.core.errors import Problems
from faasera.core.types import BOOLEAN
from faasera.generators.expressions import compile_expression
from faasera.plan.frame import TableFrame
from faasera.plan.model import CheckPlan
from faasera.plan.scope import RuleScope
from faasera.policy.counts import ATTEMPT_BITS
from faasera.policy.model import Check


def compile_checks(
    table: TableFrame, reported: Problems, scope_at: Callable[[Problems], RuleScope]
) -> tuple[CheckPlan, ...]:
    """The checks of a table; problems are reported at each.

    Args:
        table: the table.
        reported: where to report, at the table.
        scope_at: what a check sees, with a place to report at.
    """
    found, names = [], set[str]()
    if table.outline.policy.checks and table.row_count > 1 << ATTEMPT_BITS:
        message = f"checks are kept in tables of up to {1 << ATTEMPT_BITS:,} rows, and '{table.name}' has more"
        reported.add("row-count", message, "Ask for fewer rows, or drop the checks.", at=["checks"])
    for place, check in enumerate(table.outline.policy.checks):
        problems = reported.at("checks", place)
        label = name_of(check, place)
        if label in names:
            problems.add("duplicate-check", f"there are two checks '{label}'", "Rename one of them.", at=["name"])
        names.add(label)
        if check.sql is not None and check.expression is None and not table.row_count:
            continue  # A table without rows breaks nothing.
        made = _compiled(check, label, scope_at(problems))
        if made is not None:
            found.append(made)
    return tuple(found)


def labels_of(checks: Sequence[Check]) -> list[str]:
    """What all checks of a table are called."""
    return [name_of(check, place) for place, check in enumerate(checks)]


def name_of(check: Check, place: int) -> str:
    """What a check is called."""
    return check.name or f"check {place + 1}"


def _compiled(check: Check, label: str, scope: RuleScope) -> CheckPlan | None:
    problems = scope.problems
    if (check.expression is None) == (check.sql is None):
        message = "a check is an 'expression', or 'sql' that no expression can say"
        problems.add("exclusive-keys", message, "Give exactly one of them.")
        return None
    if check.expression is None:
        if not check.assumed:
            message = f"the check '{label}' cannot be honoured: {check.sql}"
            remedy = "Write it as an 'expression', or give its columns rules that meet it and say \"assumed\": true."
            problems.add("check-not-honoured", message, remedy)
        return None
    if check.assumed:
        problems.add("no-effect", "an expression is kept anyway: 'assumed' has no effect", "Remove it.", at=["assumed"])
        return None
    value = compile_expression(check.expression, scope, None, None)
    if value is None:
        return None
    if value.data_type != BOOLEAN:
        problems.add("expression", f"a check is true or false, not {value.data_type}", "Compare.", at=["expression"])
        return None
    return CheckPlan(label, check.expression, value, 1.0)
