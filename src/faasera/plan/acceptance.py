"""The last phase: how many rows meet each check at the first draw, and whether all meet them in the end, on rows."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from faasera.core.errors import Problems
from faasera.core.streams import Words
from faasera.plan.evaluate import Evaluation, Rows, UnmetError, rows_between
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.model import Redraw, TablePlan

_SAMPLE_ROWS = 4096
_SURE_ROWS = 1000
_LEAST_ACCEPTED = 0.01


def accept(frame: Frame, tables: Rows) -> None:
    """Hold foreign keys and checks against rows; what they break is reported.

    Args:
        frame: the policy before a rule is read.
        tables: has all plans, and takes them again with how many rows meet each check at once.
    """
    unmet: list[UnmetError] = []
    with frame.outline.problems.expected_none() as fine:
        for table in frame.tables.values():
            with _kept_in(unmet):
                _check_links(table, tables)
        # Weights that are none leave rows without parents.
        for table in frame.tables.values() if fine else ():
            with _kept_in(unmet):
                tables.plans[table.name] = measured(tables.plan(table.name), tables, table.outline.problems)
    for error in unmet if fine else ():
        report_unmet(frame, error)


def report_unmet(frame: Frame, error: UnmetError) -> None:
    """Report rows that meet the checks of their table in no attempt, at these."""
    for problem in error.problems:
        problems = frame.tables[error.table].outline.problems
        problems.add(problem.code, problem.message, problem.remedy, at=["checks"])


@contextlib.contextmanager
def _kept_in(unmet: list[UnmetError]) -> Iterator[None]:
    """Make rows; what comes of checks that are never met, of whichever table, is kept."""
    try:
        yield
    except UnmetError as error:
        unmet.append(error)


def _check_links(table: TableFrame, tables: Rows) -> None:
    """Report what can be seen of foreign keys only once rows can be made, such as weights that are none."""
    for name, relation in table.relations.items() if table.row_count else ():
        tables.plan(table.name).foreign_keys[name].link.check(tables, relation.problems)


def measured(plan: TablePlan, tables: Rows, problems: Problems) -> TablePlan:
    """The plan with how many rows meet each check at once; a check that too few rows meet is reported by name."""
    if not plan.redraws or not plan.row_count:
        return plan
    rows = rows_between(0, min(plan.row_count, _SAMPLE_ROWS))
    made = replace(plan, redraws=tuple(_measured(plan, tables, redraw, rows, problems) for redraw in plan.redraws))
    if not problems.found:
        evaluation = Evaluation(tables, made, rows)
        for redraw in made.redraws:
            evaluation.attempts(redraw)
    return made


def _measured(plan: TablePlan, tables: Rows, redraw: Redraw, rows: Words, problems: Problems) -> Redraw:
    accepted = _acceptance(plan, tables, redraw, rows)
    checks = tuple(replace(check, acceptance=accepted[check.name]) for check in redraw.checks)
    together = accepted[""]
    names = " and ".join(f"'{check.name}'" for check in checks)
    if together < 1.0 and not redraw.columns and not redraw.foreign_keys:
        message = f"{1 - together:.1%} of the rows break {names}, and their columns cannot be drawn again"
        problems.add("check-not-honoured", message, _remedy(redraw), at=["checks"])
    elif together < _LEAST_ACCEPTED:
        message = f"{names}: only {together:.2%} of the rows drawn meet it, less than {_LEAST_ACCEPTED:.0%}"
        problems.add("check-not-honoured", message, _remedy(redraw), at=["checks"])
    return replace(redraw, checks=checks)


def _remedy(redraw: Redraw) -> str:
    texts = "; ".join(check.text for check in redraw.checks)
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
        if tried >= _SURE_ROWS and counts[""] == tried:
            # What a thousand rows meet needs no better measure.
            break
    return {name: count / tried for name, count in counts.items()}
