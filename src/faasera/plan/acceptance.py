"""The last phase: how many rows meet each check at the first draw, and whether all meet them in the end, on rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from faasera.core.errors import Problem, Problems, RunError
from faasera.core.streams import Words
from faasera.plan.evaluate import Evaluation, Rows, rows_between
from faasera.plan.frame import TableFrame
from faasera.plan.model import CheckPlan, Redraw, TablePlan

_SAMPLE_ROWS = 4096
_LEAST_ACCEPTED = 0.01


def check_links(table: TableFrame, tables: Rows, wrong: list[Problem]) -> None:
    """Report what can be seen of foreign keys only once rows can be made, such as weights that are none.

    Args:
        table: whose.
        tables: make rows.
        wrong: where to report.
    """
    for name, relation in table.relations.items() if table.row_count else ():
        problems = Problems(relation.problems.path, wrong)
        tables.plan(table.name).foreign_keys[name].link.check(tables, problems)


def measured(plan: TablePlan, tables: Rows, labels: Sequence[str], problems: Problems) -> TablePlan:
    """The plan with how many rows meet each check at once; a check that too few rows meet is reported by name.

    Args:
        plan: of a table.
        tables: make rows.
        labels: of the checks, in the order of the policy.
        problems: where to report, at the table.
    """
    if not plan.redraws or not plan.row_count:
        return plan
    rows = rows_between(0, min(plan.row_count, _SAMPLE_ROWS))
    with problems.expected_none() as fine:
        redraws = [_measured(plan, tables, redraw, rows, labels, problems) for redraw in plan.redraws]
    made = replace(plan, redraws=tuple(redraws))
    if fine:
        try:
            evaluation = Evaluation(tables, made, rows)
            for redraw in made.redraws:
                evaluation.attempts(redraw)
        except RunError as error:
            for problem in error.problems:
                problems.add("check-not-honoured", problem.message, problem.remedy, at=["checks"])
    return made


def _measured(
    plan: TablePlan, tables: Rows, redraw: Redraw, rows: Words, labels: Sequence[str], problems: Problems
) -> Redraw:
    accepted = _acceptance(plan, tables, redraw, rows)
    checks = tuple(replace(check, acceptance=accepted[check.name]) for check in redraw.checks)
    together = accepted[""]
    fixed = together < 1.0 and not redraw.columns and not redraw.foreign_keys
    if not fixed and together >= _LEAST_ACCEPTED:
        return replace(redraw, checks=checks)
    least = 1.0 if fixed else _LEAST_ACCEPTED
    alone: list[tuple[CheckPlan, ...]] = [(check,) for check in checks if check.acceptance < least]
    for broken in alone or [checks]:
        names = " and ".join(f"'{check.name}'" for check in broken)
        share = broken[0].acceptance if len(broken) == 1 else together
        message = f"{names}: only {share:.2%} of the rows drawn meet it, less than {_LEAST_ACCEPTED:.0%}"
        if fixed:
            message = f"{1 - share:.1%} of the rows break {names}, and their columns cannot be drawn again"
        worst = min(broken, key=lambda check: check.acceptance)
        problems.add("check-not-honoured", message, _remedy(broken), at=["checks", labels.index(worst.name)])
    return replace(redraw, checks=checks)


def _remedy(checks: Sequence[CheckPlan]) -> str:
    texts = "; ".join(check.text for check in checks)
    return f"Give the columns rules that meet it more often: {texts}."


def _acceptance(plan: TablePlan, tables: Rows, redraw: Redraw, rows: Words) -> dict[str, float]:
    """Which share of rows meets each check at the first draw, and (under no name) all of them together."""
    passes = -(-_SAMPLE_ROWS // max(len(rows), 1)) if redraw.columns or redraw.foreign_keys else 1
    counts: dict[str, int] = {check.name: 0 for check in redraw.checks} | {"": 0}
    tried = 0
    base = Evaluation(tables, plan, rows)
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
