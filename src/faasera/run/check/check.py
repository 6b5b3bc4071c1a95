"""The check as a whole: every promise of the policy that SQL can state, asked of what was written."""

import contextlib
import tempfile
import time
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from faasera.core.errors import refuse
from faasera.databases.connections import is_database
from faasera.generators import GENERATORS
from faasera.plan.checks import name_of
from faasera.plan.model import Plan
from faasera.policy.model import ForeignKey
from faasera.run.check.case_nulls import case_nulls
from faasera.run.check.distribution import asked_for, column_findings, foreign_key_findings
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding, StepProgress, first_line
from faasera.run.check.folder import Folder
from faasera.run.check.forest import forest_findings
from faasera.run.check.keys import key_queries
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.profile import profile
from faasera.run.check.report import CheckReport, TableProfile
from faasera.run.check.rules import check_condition, conditions
from faasera.run.check.sql import Condition, NotCheckableError, quoted
from faasera.run.check.statistics import null_share
from faasera.run.check.view import View
from faasera.run.fetching import fetched_output
from faasera.run.output import place_of
from faasera.run.planning import PolicySource, RowOverride, load_plan

_SAMPLES = 3


def check(
    directory: str | Path,
    policy: PolicySource | None = None,
    *,
    rows: RowOverride | None = None,
    progress: StepProgress | None = None,
    seed_directory: Path | None = None,
    described: bool = False,
    most_rows: int | None = None,
) -> CheckReport:
    """Prove by SQL that a folder or a database holds what its policy promises.

    Args:
        directory: what a run wrote, with its manifest; or a database's URL, or the name of a connection.
        policy: instead of the one in the manifest; from a file, its seed files are at hand, too. A database needs it.
        rows: instead of the policy's row counts, for a database, as they were when it was loaded.
        progress: called as the check goes on.
        seed_directory: the folder that the paths of the manifest's policy start from, if it is known.
        described: whether columns are described, too; of a folder only.
        most_rows: where a table has more, about so many are described, and no promise is looked at.

    Returns:
        Every promise, with whether it is kept; those that SQL cannot state are named with the reason.

    Raises:
        PolicyError: the folder has no manifest, the policy is wrong, or DuckDB is not installed.
    """
    if is_database(str(directory)):
        if policy is None:
            message = "a database does not tell which policy its rows come from"
            refuse("no-policy", message, "Add --policy FILE.")
        return check_database(str(directory), load_plan(policy, rows=rows), progress=progress)
    if rows is not None:
        message = "row counts of a folder stand in its manifest"
        refuse("no-effect", message, "Leave them out.")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="faasera-check-") as workspace, _local(directory) as path:
        place = Folder(path, policy, Path(workspace), seed_directory, most_rows)
        with contextlib.closing(place):
            findings = list(_findings(place, progress or (lambda *_: None)))
            profiles = list(_profiles(place)) if described else []
    return _report(place, findings, started, profiles)


def check_database(
    source: str,
    plan: Plan,
    *,
    tables: Collection[str] | None = None,
    appended: bool = False,
    progress: StepProgress | None = None,
) -> CheckReport:
    """Prove by SQL that a database holds what a plan was to put into it.

    Args:
        source: its URL, or the name of a connection.
        plan: what was loaded.
        tables: which ones were; None for all.
        appended: whether their rows came after others.
        progress: called as the check goes on.

    Returns:
        As ``check``.

    Raises:
        PolicyError: the database cannot be opened.
    """
    from faasera.run.check.target import CheckedDatabase

    started = time.perf_counter()
    place = CheckedDatabase(source, plan, tables, appended=appended)
    with contextlib.closing(place):
        findings = list(_findings(place, progress or (lambda *_: None)))
    return _report(place, findings, started, [])


def _report(place: Place, findings: list[Finding], started: float, profiles: list[TableProfile]) -> CheckReport:
    rows = sum(table.rows for name, table in place.tables.items() if name in place.written)
    return CheckReport(place.name, rows, findings, time.perf_counter() - started, profiles, _guesses(place))


def _guesses(place: Place) -> int:
    """How many rules and keys of the checked tables are marked as guesses."""
    tables = [table.parsed for name, table in place.tables.items() if name in place.written]
    rules = sum(1 for table in tables for rule in table.rules.values() if rule is not None and rule.guess)
    return rules + sum(1 for table in tables for key in table.policy.foreign_keys if key.guess)


def _local(directory: str | Path) -> contextlib.AbstractContextManager[Path]:
    """The folder on this machine; a copy of one in an object store."""
    place = place_of(directory)
    return contextlib.nullcontext(place) if isinstance(place, Path) else fetched_output(place.url)


def _profiles(place: Folder) -> Iterator[TableProfile]:
    for table in place.tables.values():
        if not table.wrong_types:
            asked = partial(asked_for, place, table)
            yield profile(place.database, table.name, table.columns.items(), asked, sampled=table.sampled)


def _findings(place: Place, progress: StepProgress) -> Iterator[Finding]:
    for lost, reason in place.unreadable.items():
        yield Finding(lost, "files", "", FAILED, reason)
    for parsed in place.policy.tables:
        if parsed.policy.table_name not in place.written:
            yield Finding(parsed.policy.table_name, "files", "", SKIPPED, "the table was not written")
    sampled = [table.name for table in place.tables.values() if table.sampled]
    if sampled:
        detail = f"only a sample of {', '.join(sampled)} was looked at; 'faasera check' looks at all rows"
        yield from (Finding(table.name, "promises", "", SKIPPED, detail) for table in place.tables.values())
        return
    for table in place.tables.values():
        if table.name not in place.written:
            continue
        try:
            yield from _table(place, table, progress)
        except place.database_error as error:
            yield Finding(table.name, "contents", "", FAILED, first_line(error))


def _table(place: Place, table: CheckedTable, progress: StepProgress) -> Iterator[Finding]:
    progress(table.name, "rows, types, digest")
    yield from place.contents(table)
    if table.wrong_types:
        yield Finding(table.name, "contents", "", SKIPPED, "the columns are not those of the manifest")
        return
    progress(table.name, "nulls")
    yield from _nulls(place, table)
    progress(table.name, "keys")
    for query in key_queries(place, table):
        if query.reason:
            yield Finding(table.name, query.kind, query.subject, SKIPPED, query.reason)
        else:
            yield _asked(place, table, query.kind, query.subject, query.offending)
    shared = _shared_columns(table)
    yield from forest_findings(place, table, shared)
    progress(table.name, "values")
    yield from _conditions(place, table)
    progress(table.name, "distributions")
    for column in table.columns:
        for finding in column_findings(place, table, column):
            yield _conditioned(finding) if column in table.redrawn else finding
    for finding in foreign_key_findings(place, table, shared):
        columns = finding.subject.partition(" → ")[0].split(", ")
        yield _conditioned(finding) if set(columns) & set(table.redrawn) else finding


def _conditioned(finding: Finding) -> Finding:
    detail = "the values are those of rows that meet the table's checks"
    return Finding(finding.table, finding.kind, finding.subject, SKIPPED, detail)


def _shared_columns(table: CheckedTable) -> set[str]:
    columns = [column for key in table.parsed.policy.foreign_keys for column in key.columns]
    return {column for column in columns if columns.count(column) > 1}


def _nulls(place: Place, table: CheckedTable) -> Iterator[Finding]:
    """Whether columns have as many nulls as asked for, or none."""
    if not table.columns:
        return
    counts = place.one(
        f"SELECT {', '.join(f'count(*) - count({quoted(column)})' for column in table.columns)} "
        f"FROM {quoted(table.name)}"
    )
    shared = _shared_columns(table)
    keys: dict[str, ForeignKey] = {
        column: key for key in table.parsed.policy.foreign_keys for column in key.columns if len(key.references) == 1
    }
    for column, nulls in zip(table.columns, counts, strict=True):
        rule, key = table.rule(column), keys.get(column)
        if not table.nullable(column):
            detail = f"{nulls:,} nulls in a column that has none" if nulls else ""
            yield Finding(table.name, "no nulls", column, FAILED if detail else PASSED, detail, nulls)
            continue
        if rule is not None and rule.when is not None:
            for found in case_nulls(place, table, column, rule):
                yield _conditioned(found) if column in table.redrawn else found
            continue
        fraction = float(rule.null_fraction) if rule is not None else 0.0
        known = GENERATORS.get(rule.type) if rule is not None else None
        derived = known is not None and known.derived
        if key is not None and column not in shared and key.references[0].table != table.name:
            fraction = float(key.null_fraction)
        chosen = key is not None and key.references[0].when is not None
        if not fraction or derived or chosen:
            continue
        found = _fraction(table, column, nulls, fraction)
        yield _conditioned(found) if column in table.redrawn else found


def _fraction(table: CheckedTable, column: str, nulls: int, fraction: float) -> Finding:
    """Whether a column's nulls may come from a fraction."""
    detail = null_share(table.rows, fraction, nulls)
    return Finding(table.name, "null fraction", column, FAILED if detail else PASSED, detail)


def _conditions(place: Place, table: CheckedTable) -> Iterator[Finding]:
    """All promises about single rows, in as few passes as there are ways to look at them."""
    narrow, wide = View(place, table), View(place, table)
    groups: dict[int, list[Condition]] = {id(narrow): [], id(wide): []}
    for column in table.columns:
        trial = View(place, table)
        try:
            list(conditions(table, column, trial.rows))
            view = narrow if trial.plain else wide
            groups[id(view)] += conditions(table, column, view.rows)
        except NotCheckableError as error:
            yield Finding(table.name, "rule", column, SKIPPED, str(error))
    for number, given in enumerate(table.parsed.policy.checks):
        label = name_of(given, number)
        if given.expression is None:
            yield Finding(table.name, "check", label, SKIPPED, "the constraint is SQL of a database")
            continue
        try:
            groups[id(wide)].append(check_condition(label, given.expression, wide.rows))
        except NotCheckableError as error:
            yield Finding(table.name, "check", label, SKIPPED, str(error))
    for view in (narrow, wide):
        yield from _scan(place, table, view, groups[id(view)])


def _scan(place: Place, table: CheckedTable, view: View, group: list[Condition]) -> Iterator[Finding]:
    if not group:
        return
    source = view.from_clause()
    wrongs = ", ".join(f"coalesce({one.wrong}, FALSE) AS w{number}" for number, one in enumerate(group))
    counts = ", ".join(f"count(*) FILTER (w{number})" for number in range(len(group)))
    try:
        found = place.one(f"SELECT {counts} FROM (SELECT {wrongs} FROM {source})")
    except place.database_error as error:
        if len(group) == 1:
            yield Finding(table.name, group[0].kind, group[0].subject, SKIPPED, first_line(error))
        for condition in group if len(group) > 1 else ():
            yield from _scan(place, table, view, [condition])
        return
    for condition, count in zip(group, found, strict=True):
        trigger = table.triggered.get(condition.subject)
        if count and trigger is not None:
            detail = f"{_rows(count)}, which the trigger {trigger} may have made so"
            yield Finding(table.name, condition.kind, condition.subject, SKIPPED, detail)
            continue
        samples = []
        if count:
            query = f'SELECT t.*, coalesce({condition.wrong}, FALSE) AS "# wrong" FROM {source}'
            query = f'SELECT * FROM ({query}) WHERE "# wrong" LIMIT {_SAMPLES}'
            samples = [
                {key: value for key, value in record.items() if not key.startswith("#")}
                for record in place.records(query)
            ]
        status = FAILED if count else PASSED
        yield Finding(table.name, condition.kind, condition.subject, status, _rows(count), count, samples)


def _asked(place: Place, table: CheckedTable, kind: str, subject: str, offending: str) -> Finding:
    try:
        count = int(place.one(f"SELECT count(*) FROM ({offending})")[0])
    except NotCheckableError as error:
        return Finding(table.name, kind, subject, SKIPPED, str(error))
    samples = place.records(f"SELECT * FROM ({offending}) LIMIT {_SAMPLES}") if count else []
    return Finding(table.name, kind, subject, FAILED if count else PASSED, _rows(count), count, samples)


def _rows(count: int) -> str:
    """How many rows break a promise; nothing where none does."""
    return f"{count:,} row{'s' * (count != 1)}" if count else ""
