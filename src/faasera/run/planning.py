"""From a policy in any form to a plan."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.core.kept import Kept
from faasera.core.storage import Location, is_url, unknown_scheme
from faasera.generators import GENERATORS
from faasera.hinting.applied import applied
from faasera.hinting.frozen import hints_path, read_hints
from faasera.plan.model import Plan
from faasera.plan.resolve import resolve
from faasera.policy.counts import parse_count
from faasera.policy.model import DEFAULT_ROWS
from faasera.policy.parse import check_value, load_value, parse, read_text

PolicySource = str | Path | Mapping[str, Any]
RowOverride = int | str | Mapping[str, int | str]


def read_policy(source: PolicySource) -> tuple[dict[str, Any], Path, str]:
    """The JSON value of a policy with its hints in place, the folder that its paths start from, and its name.

    Args:
        source: a path to JSON or YAML, the URL of such a file in an object store, JSON text (it begins with ``{``),
            or a dict. Hints are those of the file beside a path, ``<policy>.hints.json``.

    Raises:
        PolicyError: it cannot be read.
    """
    value, directory, name = read_as_written(source)
    path = hints_path(directory / name)
    hints = read_hints(path) if _is_file(source) else None
    return applied(value, hints, path.name), directory, name


def _is_file(source: PolicySource) -> bool:
    return isinstance(source, Path) or (isinstance(source, str) and not source.lstrip().startswith("{"))


def read_as_written(source: PolicySource) -> tuple[dict[str, Any], Path, str]:
    """As ``read_policy``, without hints: what a person has written.

    Args:
        source: a path to JSON or YAML, the URL of such a file in an object store, JSON text (it begins with ``{``),
            or a dict.

    Raises:
        PolicyError: it cannot be read.
    """
    if isinstance(source, Mapping):
        return check_value(json.loads(json.dumps(source, default=str))), Path.cwd(), "policy"
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return load_value(source), Path.cwd(), "policy"
    if is_url(source):
        location = Location(source)
        if not location.is_local:
            from faasera.run.fetching import fetch_policy

            return fetch_policy(str(source))
        source = location.shown
    problem = unknown_scheme(str(source))
    if problem is not None:
        raise PolicyError([problem])
    path = Path(source)
    if path.is_dir() or not path.exists():
        kind = "is a folder" if path.is_dir() else "does not exist"
        near = [entry.name for entry in path.parent.iterdir() if entry.is_file()] if path.parent.is_dir() else []
        candidates = [name for name in near if name.endswith((".json", ".yaml", ".yml"))]
        remedy = did_you_mean(path.name, candidates) if candidates else "Start with: faasera init DIR"
        refuse("policy-unreadable", f"the policy {path} {kind}", remedy)
    return load_value(read_text(path), yaml=path.suffix.lower() in (".yaml", ".yml")), path.parent, path.stem


def load_plan(
    source: PolicySource,
    *,
    seed: int | None = None,
    rows: RowOverride | None = None,
    directory: Path | None = None,
    name: str | None = None,
    kept: Kept | None = None,
) -> Plan:
    """The plan of a policy.

    Args:
        source: a path, a URL, JSON text or a dict.
        seed: instead of the policy's.
        rows: instead of the policy's row counts: one for all tables, of which a table takes as many as it has room
            for, or by table.
        directory: instead of the folder that the policy's paths start from.
        name: instead of the file's name, where the policy has none of its own.
        kept: how running totals are made.

    Raises:
        PolicyError: with all problems of the policy and of the call.
    """
    value, found, stem = read_policy(source)
    value = overridden(value, seed=seed, rows=rows)
    folder, one_for_all = directory or found, rows is not None and not isinstance(rows, Mapping)
    return planned(value, lambda given: resolve(parse(given, GENERATORS, folder), name or stem, kept=kept), one_for_all)


def planned(value: Mapping[str, Any], plan_of: Callable[[dict[str, Any]], Plan], one_for_all: bool) -> Plan:
    """The plan of a policy whose tables have no more rows than there is room for, where nobody asked for just so many.

    Args:
        value: of the policy.
        plan_of: plans a value.
        one_for_all: whether row counts are one that was given for all tables.

    Raises:
        PolicyError: with all problems that fewer rows do not mend, or if a number that was asked for is too large.
    """
    value, notes = dict(value), dict[str, str]()
    while True:
        try:
            plan = plan_of(value)
        except PolicyError as error:
            limits = _limits(value, error.problems, one_for_all)
            if not limits:
                raise
            value = _limited(value, limits)
            notes |= {
                name: f"{name} has {most:,} row{'s' * (most != 1)}: {why}" for name, (most, why) in limits.items()
            }
        else:
            return replace(plan, warnings=(*plan.warnings, *notes.values())) if notes else plan


def _limits(value: Mapping[str, Any], problems: Sequence[Problem], one_for_all: bool) -> dict[str, tuple[int, str]]:
    """The tables that have too many rows and can have fewer, each with how many, and why; none where one cannot."""
    found: dict[str, tuple[int, str]] = {}
    for problem in problems:
        if problem.room is None:
            continue  # What is wrong beside it is told when there is room.
        parts = problem.pointer.split("/")[1:]
        table: dict[str, Any] = value["tables"][int(parts[1])] if parts[:1] == ["tables"] else dict(value)
        name, rows = str(table["tableName"]), parse_count(table.get("rowCount", DEFAULT_ROWS))
        asked = "rowCount" in table and not one_for_all
        if asked or _counts_by_parents(table) or problem.room >= rows:
            return {}
        if name not in found or problem.room < found[name][0]:
            found[name] = (problem.room, problem.message)
    return found


def _limited(value: Mapping[str, Any], limits: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """A policy's value with fewer rows of some tables."""
    if not isinstance(value.get("tables"), list):
        return {**value, "rowCount": limits[str(value["tableName"])][0]}
    tables = [
        {**table, "rowCount": limits[name][0]} if (name := str(table["tableName"])) in limits else table
        for table in value["tables"]
    ]
    return {**value, "tables": tables}


def overridden(value: Mapping[str, Any], *, seed: int | None, rows: RowOverride | None) -> dict[str, Any]:
    """A policy's value with another seed, or other row counts.

    Raises:
        PolicyError: a row count is none, or there is no such table.
    """
    changed = dict(value)
    if seed is not None:
        changed["seed"] = seed
    if rows is not None:
        _override_rows(changed, rows)
    return changed


def _counts_by_parents(table: dict[str, Any]) -> bool:
    """Whether a table's rows follow from its parents'."""
    keys = table.get("foreignKeys")
    return isinstance(keys, list) and any(isinstance(key, dict) and "childrenPerParent" in key for key in keys)


def _is_left_alone(table: dict[str, Any]) -> bool:
    """Whether a count for all tables passes a table by: one without rows, or one with as many as its parents say."""
    return table.get("rowCount") == 0 or _counts_by_parents(table)


def _override_rows(value: dict[str, Any], rows: RowOverride) -> None:
    """Put other row counts into the policy's value."""
    pipeline = isinstance(value.get("tables"), list)
    tables = [dict(table) for table in value["tables"] if isinstance(table, dict)] if pipeline else [value]
    names = [str(table.get("tableName")) for table in tables]
    try:
        if isinstance(rows, Mapping):
            wanted = {name: parse_count(count) for name, count in rows.items()}
        else:
            alone = {str(table.get("tableName")) for table in tables if _is_left_alone(table)}
            wanted = dict.fromkeys((name for name in names if name not in alone), parse_count(rows))
    except ValueError as error:
        refuse("row-count", str(error), "Write for example 10000, 10k or 2.5M.")
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise PolicyError(
            Problem("", "unknown-table", f"there is no table '{name}'", did_you_mean(name, names)) for name in unknown
        )
    for table in tables:
        if str(table.get("tableName")) in wanted:
            table["rowCount"] = wanted[str(table.get("tableName"))]
    if pipeline:
        value["tables"] = tables
