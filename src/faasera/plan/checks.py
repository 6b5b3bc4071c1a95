"""Conditions that every row meets: rows that would break one are drawn again, a bounded number of times."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from faasera.core.errors import Problems, RunError
from faasera.core.streams import Words
from faasera.core.types import BOOLEAN
from faasera.generators import GENERATORS
from faasera.generators.expressions import compile_expression
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.plan.evaluate import Evaluation, rows_between
from faasera.plan.links import DrawnLink
from faasera.plan.model import CheckPlan, ColumnPlan, Redraw, TablePlan
from faasera.plan.scope import RuleScope
from faasera.policy.model import Check

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver

_SAMPLE_ROWS = 4096
_LEAST_ACCEPTED = 0.01


def compile_checks(table: "TableResolver") -> list[CheckPlan]:
    """The checks of a table; problems are reported at each."""
    found, names = [], set[str]()
    for place, check in enumerate(table.policy.checks):
        problems = table.problems.at("checks", place)
        label = name_of(check, place)
        if label in names:
            problems.add("duplicate-check", f"there are two checks '{label}'", "Rename one of them.", at=["name"])
        names.add(label)
        made = _compiled(table, check, label, problems)
        if made is not None:
            found.append(made)
    return found


def name_of(check: Check, place: int) -> str:
    """What a check is called."""
    return check.name or f"check {place + 1}"


def _compiled(table: "TableResolver", check: Check, label: str, problems: Problems) -> CheckPlan | None:
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
    scope = RuleScope(table, "", problems)
    value = compile_expression(check.expression, scope, None, None)
    if value is None:
        return None
    if value.data_type != BOOLEAN:
        problems.add("expression", f"a check is true or false, not {value.data_type}", "Compare.", at=["expression"])
        return None
    return CheckPlan(label, check.expression, value, 1.0)


def with_checks(plan: TablePlan, checks: list[CheckPlan]) -> TablePlan:
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
            pending += column.generator.uses
            pending += _companions(plan, column)
    return columns, keys


def _leads(path: str, key: str, parent: str) -> bool:
    """Whether a path to a parent's column goes by a foreign key."""
    return path.startswith((f"{key}.", f"{parent}."))


def _is_fixed(column: ColumnPlan) -> bool:
    generator = column.generator
    declared = GENERATORS.get(column.rule)
    by_type = declared is not None and declared.fixed
    return by_type or generator.unique or generator.numbering or generator.by_row


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
    drawn = isinstance(key.link, DrawnLink) and not key.link.draw.unique
    return drawn and not shared and not key.when and not set(key.columns) & fixed


def measured(plan: TablePlan, relatives: Mapping[str, TablePlan], problems: Problems) -> TablePlan:
    """The plan with how many rows meet each check at once; a check that too few rows meet is reported by name."""
    if not plan.redraws or not plan.row_count:
        return plan
    rows = rows_between(0, min(plan.row_count, _SAMPLE_ROWS))
    redraws = []
    for redraw in plan.redraws:
        accepted = _acceptance(plan, relatives, redraw, rows)
        checks = tuple(replace(check, acceptance=accepted[check.name]) for check in redraw.checks)
        redraws.append(replace(redraw, checks=checks))
        together = accepted[""]
        if together == 1.0:
            continue
        names = " and ".join(f"'{check.name}'" for check in checks)
        if not redraw.columns and not redraw.foreign_keys:
            message = f"{1 - together:.1%} of the rows break {names}, and their columns cannot be drawn again"
            problems.add("check-not-honoured", message, _remedy(redraw), at=["checks"])
        elif together < _LEAST_ACCEPTED:
            message = f"{names}: only {together:.2%} of the rows drawn meet it, less than {_LEAST_ACCEPTED:.0%}"
            problems.add("check-not-honoured", message, _remedy(redraw), at=["checks"])
    made = replace(plan, redraws=tuple(redraws))
    if not problems.found:
        try:
            evaluation = Evaluation(relatives, made, rows)
            for redraw in made.redraws:
                evaluation.attempts(redraw)
        except RunError as error:
            for problem in error.problems:
                problems.add("check-not-honoured", problem.message, problem.remedy, at=["checks"])
    return made


def _remedy(redraw: Redraw) -> str:
    texts = "; ".join(check.text for check in redraw.checks)
    return f"Give the columns rules that meet it more often: {texts}."


def _acceptance(plan: TablePlan, relatives: Mapping[str, TablePlan], redraw: Redraw, rows: Words) -> dict[str, float]:
    """Which share of rows meets each check at the first draw, and (under no name) all of them together."""
    passes = -(-_SAMPLE_ROWS // max(len(rows), 1)) if redraw.columns or redraw.foreign_keys else 1
    counts: dict[str, int] = {check.name: 0 for check in redraw.checks} | {"": 0}
    tried = 0
    base = Evaluation(relatives, plan, rows)
    for number in range(min(passes, 16)):
        attempt = base.attempt(redraw, number)
        kept = np.ones(len(rows), dtype=np.bool_)
        for check in redraw.checks:
            met = check.met(attempt)
            counts[check.name] += int(met.sum())
            kept &= met
        counts[""] += int(kept.sum())
        tried += len(rows)
    return {name: count / tried for name, count in counts.items()}
