"""Sixth phase: conditions that every row meets, and what is drawn again in rows that would break one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from faasera.core.errors import Problems
from faasera.core.types import BOOLEAN
from faasera.generators import GENERATORS
from faasera.generators.expressions import compile_expression
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.plan.frame import TableFrame
from faasera.plan.model import CheckPlan, ColumnPlan, Redraw, TablePlan
from faasera.plan.scope import RuleScope
from faasera.policy.counts import ATTEMPT_BITS
from faasera.policy.model import Check


def compile_checks(table: TableFrame, scope_at: Callable[[Problems], RuleScope]) -> tuple[CheckPlan, ...]:
    """The checks of a table; problems are reported at each.

    Args:
        table: the table.
        scope_at: what a check sees, with a place to report at.
    """
    found, names = [], set[str]()
    if table.outline.policy.checks and table.row_count > 1 << ATTEMPT_BITS:
        message = f"checks are kept in tables of up to {1 << ATTEMPT_BITS:,} rows, and '{table.name}' has more"
        table.outline.problems.add("row-count", message, "Ask for fewer rows, or drop the checks.", at=["checks"])
    for place, check in enumerate(table.outline.policy.checks):
        problems = table.outline.problems.at("checks", place)
        label = name_of(check, place)
        if label in names:
            problems.add("duplicate-check", f"there are two checks '{label}'", "Rename one of them.", at=["name"])
        names.add(label)
        made = _compiled(check, label, scope_at(problems))
        if made is not None:
            found.append(made)
    return tuple(found)


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


def condition(plan: TablePlan, checks: Sequence[CheckPlan]) -> TablePlan:
    """The plan with its checks, and with what is drawn again where one fails."""
    fixed = {column for key in plan.keys for column in key}
    groups: list[tuple[set[str], set[str], list[CheckPlan]]] = []
    for check in checks:
        columns, keys = _reach(plan, check.value.uses, fixed)
        merged = [group for group in groups if group[0] & columns or group[1] & keys]
        for group in merged:
            groups.remove(group)
            columns |= group[0]
            keys |= group[1]
        own = [one for group in merged for one in group[2]]
        groups.append((columns, keys, [*own, check]))
    redraws = tuple(
        Redraw(
            frozenset(columns),
            frozenset(keys),
            tuple(own),
        )
        for columns, keys, own in groups
    )
    return replace(plan, redraws=redraws)


def _reach(plan: TablePlan, uses: tuple[str, ...], fixed: set[str]) -> tuple[set[str], set[str]]:
    """What is drawn again so that these columns change: columns, and foreign keys."""
    columns, keys = set[str](), set[str]()
    pending = list(uses)
    while pending:
        name = pending.pop()
        column = next((one for one in plan.columns if one.name == name), None)
        if column is None:
            leading = [one for one, key in plan.foreign_keys.items() if _leads(name, one, key.parent)]
            keys |= {one for one in leading if _free(plan, one, fixed)}
            continue
        if name in columns:
            continue
        referring = [one for one, key in plan.foreign_keys.items() if name in key.columns]
        if referring:
            keys |= {one for one in referring if _free(plan, one, fixed)}
        elif name not in fixed and not _is_fixed(column):
            columns.add(name)
            pending += column.generator.facts.uses
            pending += _companions(plan, column)
    return columns, keys


def _leads(path: str, key: str, parent: str) -> bool:
    """Whether a path to a parent's column goes by a foreign key."""
    return path.startswith((f"{key}.", f"{parent}."))


def _is_fixed(column: ColumnPlan) -> bool:
    declared, facts = GENERATORS.get(column.rule), column.generator.facts
    by_type = declared is not None and declared.fixed
    return by_type or facts.unique or facts.numbering or facts.by_row


def _companions(plan: TablePlan, column: ColumnPlan) -> list[str]:
    """The columns that agree with one of a semantic type, and change with it."""
    kinds = {one.name: SEMANTIC_TYPES.get(one.meaning.semantic_type) for one in plan.columns if one.meaning}
    own = kinds.get(column.name)
    if own is None or not own.kind:
        return []
    return [name for name, other in kinds.items() if other is not None and other.kind == own.kind]


def _free(plan: TablePlan, name: str, fixed: set[str]) -> bool:
    """Whether a foreign key's parent can be drawn again: nothing else hangs on it."""
    key = plan.foreign_keys[name]
    shared = any(set(key.columns) & set(other.columns) for one, other in plan.foreign_keys.items() if one != name)
    return key.link.redrawable and not shared and not key.when and not set(key.columns) & fixed
