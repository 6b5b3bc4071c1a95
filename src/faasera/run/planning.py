"""From a policy in any form to a plan."""

import json
from collections.abc import Mapping
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
        rows: instead of the policy's row counts: one for all tables, or by table.
        directory: instead of the folder that the policy's paths start from.
        name: instead of the file's name, where the policy has none of its own.
        kept: how running totals are made.

    Raises:
        PolicyError: with all problems of the policy and of the call.
    """
    value, found, stem = read_policy(source)
    parsed = parse(overridden(value, seed=seed, rows=rows), GENERATORS, directory or found)
    return resolve(parsed, name or stem, kept=kept)


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
    """Whether a table's rows follow from its parents', so that a count for all tables passes it by."""
    keys = table.get("foreignKeys")
    return isinstance(keys, list) and any(isinstance(key, dict) and "childrenPerParent" in key for key in keys)


def _left_empty(table: dict[str, Any]) -> bool:
    """Whether an import left a table without rows, so that a count for all tables passes it by."""
    return bool(table.get("guess")) and table.get("rowCount") == 0


def _override_rows(value: dict[str, Any], rows: RowOverride) -> None:
    """Put other row counts into the policy's value."""
    pipeline = isinstance(value.get("tables"), list)
    tables = [dict(table) for table in value["tables"] if isinstance(table, dict)] if pipeline else [value]
    names = [str(table.get("tableName")) for table in tables]
    try:
        if isinstance(rows, Mapping):
            wanted = {name: parse_count(count) for name, count in rows.items()}
        else:
            counted = {
                str(table.get("tableName")) for table in tables if _counts_by_parents(table) or _left_empty(table)
            }
            wanted = dict.fromkeys((name for name in names if name not in counted), parse_count(rows))
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
