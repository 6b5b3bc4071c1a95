"""From an existing schema to a policy file, again and again."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.databases.connections import find_connection, is_connection
from faasera.policy.keys import identifying_columns
from faasera.run.planning import load_plan, read_as_written
from faasera.schema.drafts import Note
from faasera.schema.infer import guessed, mark_keys, policy_of
from faasera.schema.merging import Drift, merge
from faasera.schema.sources import only_tables, read_source
from faasera.schema.trials_in_database import SourceTrial
from faasera.schema.writing import policy_text


@dataclass(frozen=True)
class Imported:
    """What an import made.

    Attributes:
        policy: the document.
        text: as it is written.
        notes: what a person should know of the source.
        drifts: what changed since the import before.
        problems: for which the policy would be refused.
        merged: whether there was an earlier policy, whose edits were kept.
    """

    policy: dict[str, Any]
    text: str
    notes: tuple[Note, ...]
    drifts: tuple[Drift, ...]
    problems: tuple[Problem, ...]
    merged: bool

    @property
    def guesses(self) -> int:
        """How many rules are guesses that a person should review."""
        return sum(1 for _ in guessed(self.policy))

    def summary(self) -> list[tuple[str, ...]]:
        """For each table its name, and its numbers of rows, columns, keys, checks and guesses."""
        counts: dict[str, int] = {}
        for table, _, _ in guessed(self.policy):
            counts[table] = counts.get(table, 0) + 1
        rows = []
        for table in self.policy["tables"]:
            keys = [identifying_columns(table), *table.get("uniqueKeys", [])]
            foreign = table.get("foreignKeys", [])
            counted = any("childrenPerParent" in key for key in foreign)
            number = "by its parents" if counted else f"{table.get('rowCount', 1000):,}"
            total = sum(1 for key in keys if key) + len(foreign)
            name = table["tableName"]
            numbers = (len(table["columnRuleMap"]), total, len(table.get("checks", [])), counts.get(name, 0))
            rows.append((name, number, *map(str, numbers)))
        return rows

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "policy": self.policy,
            "notes": [asdict(note) for note in self.notes],
            "drifts": [asdict(drift) for drift in self.drifts],
            "guesses": [dict(zip(("table", "column", "reason"), one, strict=True)) for one in guessed(self.policy)],
            "problems": [problem.as_dict() for problem in self.problems],
        }


def import_schema(
    source: str,
    out: Path | None = None,
    *,
    scale: float | None = None,
    tables: list[str] | None = None,
    locale: str | None = None,
    dialect: str | None = None,
    fresh: bool = False,
    text: str | None = None,
    via: str | None = None,
) -> Imported:
    """Make a policy of a source, or bring the one in a file up to date with it.

    Args:
        source: a URL, the name of a connection, a file, a folder of data files or of migrations, or a Python module.
        out: the policy's file, JSON or YAML; None to write none.
        scale: row counts are the source's statistics times this.
        tables: only these.
        locale: of names and forms.
        dialect: of DDL; None to look at the text.
        fresh: whether a policy that is there is replaced instead of being kept up to date.
        text: DDL instead of a file's content.
        via: a server that runs DDL in a database of its own, which is thrown away.

    Raises:
        PolicyError: the source cannot be read, or the file cannot be written.
    """
    structure, keys = read_source(source, dialect=dialect, text=text, via=via)
    name = out.stem if out is not None else "imported"
    trial = SourceTrial(source) if text is None and structure.dialect and is_connection(source) else None
    try:
        draft = policy_of(only_tables(structure, tables), name=name, scale=scale, locale=locale, trial=trial)
    finally:
        if trial is not None:
            trial.close()
    mark_keys(draft.policy, keys)
    policy, drifts, problems = draft.policy, list[Drift](), draft.problems
    merged = out is not None and out.exists() and not fresh
    if merged:
        assert out is not None
        existing, _, _ = read_as_written(out)
        policy, drifts = merge(existing, policy)
        problems = _problems(policy, out)
    if text is None:
        policy = _said(policy, "importedFrom", _shown(source))
    made = policy_text(policy, yaml=out is not None and out.suffix.lower() in (".yaml", ".yml"))
    if out is not None:
        _write(out, made)
    return Imported(policy, made, tuple(draft.notes), tuple(drifts), problems, merged)


def _problems(policy: dict[str, Any], out: Path) -> tuple[Problem, ...]:
    given = policy.get("seedDirectory")
    try:
        load_plan({**policy, "seedDirectory": str((out.parent / (given or ".")).resolve())})
    except PolicyError as error:
        return error.problems
    return ()


def _shown(source: str) -> str:
    """A source as others may read it: without a password, and without this machine's folders."""
    return str(find_connection(source)) if is_connection(source) else Path(source).name or source


def _said(policy: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """The policy with a key of the document, before its tables."""
    rest = {name: one for name, one in policy.items() if name != "tables"}
    return {**rest, key: value, "tables": policy["tables"]}


def _write(path: Path, text: str) -> None:
    """Write the file beside its name, and rename it, so that an edited policy is never half written."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        refuse("output-unwritable", message, "Check the path and its permissions.")
