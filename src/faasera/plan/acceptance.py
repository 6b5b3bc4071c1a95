"""The last phase: how many rows meet each check at the first draw, and whether all meet them in the end, on rows."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from faasera.core.errors import Problem, Problems, pointer
from faasera.core.streams import Words
from faasera.plan.checks import labels_of
from faasera.plan.evaluate import Evaluation, Rows, UnmetError, UnplannedError, rows_between
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.model import CheckPlan, Redraw, TablePlan

_SAMPLE_ROWS = 4096
_SURE_ROWS = 1000
_LEAST_ACCEPTED = 0.01


def accept(frame: Frame, tables: Rows, sound: Callable[[str], bool]) -> list[Problem]:
    """Hold foreign keys and checks against the rows of all tables that can be made; what they break comes back.

    Args:
        frame: the policy before a rule is read.
        tables: has all plans, and takes them again with how many rows meet each check at once.
        sound: whether rows of a table can be made, in spite of the problems so far.
    """
    wrong: list[Problem] = []
    unmet: list[UnmetError] = []
    for table in [table for name, table in frame.tables.items() if name in tables.plans and sound(name)]:
        problems = Problems(table.outline.problems.path, wrong)
        with _kept_in(unmet), problems.expected_none() as fine:
            _check_links(table, tables, wrong)
            # Weights that are none leave rows without parents.
            if fine:
                labels = labels_of(table.outline.policy.checks)
                tables.plans[table.name] = measured(tables.plan(table.name), tables, labels, problems)
    told = [problem.pointer for problem in wrong]
    for error in unmet:
        place = pointer(*frame.tables[error.table].outline.problems.path, "checks")
        if not any(one == place or one.startswith(f"{place}/") for one in told):
            report_unmet(frame, error, wrong)
    return wrong


def report_unmet(frame: Frame, error: UnmetError, found: list[Problem]) -> None:
    """Report rows that meet the checks of their table in no attempt, at these.

    Args:
        frame: the policy before a rule is read.
        error: says which table it is.
        found: takes the problems.
    """
    problems = Problems(frame.tables[error.table].outline.problems.path, found)
    for problem in error.problems:
        problems.add(problem.code, problem.message, problem.remedy, at=["checks"])


@contextlib.contextmanager
def _kept_in(unmet: list[UnmetError]) -> Iterator[None]:
    """Make rows where that can be; what comes of checks that are never met, of whichever table, is kept."""
    try:
        yield
    except UnplannedError:
        # The table whose rows are needed has problems of its own.
        return
    except UnmetError as error:
        unmet.append(error)


def _check_links(table: TableFrame, tables: Rows, wrong: list[Problem]) -> None:
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
        evaluation = Evaluation(tables, made, rows)
        for redraw in made.redraws:
            evaluation.attempts(redraw)
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
        if tried >= _SURE_ROWS and counts[""] == tried:
            # What a thousand rows meet needs no better measure.
            break
    return {name: count / tried for name, count in counts.items()}
