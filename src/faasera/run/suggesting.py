"""Suggestions for a policy's file: asked for, frozen beside it, reviewed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from faasera.core.errors import Problems, refuse
from faasera.hinting.frozen import Hint, Hints, hints_path, merged, read_hints, write_hints
from faasera.hinting.proposing import SCHEMA, Denied, Proposed, ask_model, match_offline, messages_for
from faasera.hinting.providers import ChatModel, ModelSettings, request_of
from faasera.hinting.wanted import Wanted, wanted
from faasera.plan.deny import read_deny_list
from faasera.policy.model import DenyListSource
from faasera.policy.parse import validate
from faasera.run.planning import read_as_written


@dataclass(frozen=True)
class Suggestions:
    """What a policy's file waits for, and what is frozen beside it.

    Attributes:
        path: of the file of hints.
        waiting: the columns that wait.
        hints: that are frozen; None where there is no file.
        denied: whether a value is on the policy's deny list.
    """

    path: Path
    waiting: list[Wanted]
    hints: Hints | None
    denied: Denied

    def missing(self) -> list[Wanted]:
        """Columns without an entry."""
        known = {(one.table, one.column) for one in self.hints.hints} if self.hints is not None else set()
        return [one for one in self.waiting if (one.table, one.column) not in known]


def suggestions_for(policy: str | Path) -> Suggestions:
    """What a policy's file waits for.

    Raises:
        PolicyError: it cannot be read, or no column of it waits for suggestions.
    """
    value, directory, name = read_as_written(policy)
    waiting = list(wanted(value))
    if not waiting:
        message = "no column of the policy waits for suggestions"
        remedy = 'Say "useAIHinting": true in the document, a table or a column; columns with a source need none.'
        refuse("no-effect", message, remedy)
    path = hints_path(directory / name)
    return Suggestions(path, waiting, read_hints(path), _denied(value, directory))


def _denied(value: dict[str, Any], directory: Path) -> Denied:
    """Whether a value is on the policy's deny list; one of keyed hashes is left to the run, which has the key."""
    problems = Problems()
    given = value.get("denyList")
    source = validate(DenyListSource, given, problems) if given is not None else None
    if source is None or source.key_id is not None:
        return lambda _: False
    found = read_deny_list(source.file, None, directory / str(value.get("seedDirectory") or "."), problems)
    problems.raise_any()
    if found is None:
        return lambda _: False
    return lambda value: bool(found.denied(pa.array([value]))[0])


def requests_of(waiting: list[Wanted], settings: ModelSettings | None) -> list[dict[str, Any]]:
    """Exactly what a model would be sent, one request a column."""
    return [request_of(settings, messages_for(one), "values", SCHEMA) for one in waiting]


def suggest(
    found: Suggestions,
    settings: ModelSettings | None,
    *,
    everything: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> Proposed:
    """Ask for suggestions, and freeze what can be kept.

    Args:
        found: what waits.
        settings: of the model; None to match offline.
        everything: whether columns that have an entry are asked for again.
        told: called with each column.

    Raises:
        PolicyError: a package is missing, or the file cannot be written.
    """
    waiting = found.waiting if everything else found.missing()
    outcome = (
        match_offline(waiting) if settings is None else ask_model(ChatModel(settings), waiting, found.denied, told)
    )
    if outcome.hints:
        kept = {(one.table, one.column): one for one in found.waiting}
        write_hints(found.path, merged(found.hints, list(outcome.hints), kept))
    return outcome


def accept(found: Suggestions, removed: set[str]) -> Hints:
    """Mark all entries as reviewed, without those that a person has removed.

    Args:
        found: the policy's suggestions.
        removed: columns, as table.column.

    Raises:
        PolicyError: there is no file, a name is none of its entries, or it cannot be written.
    """
    if found.hints is None:
        message = f"there is no {found.path.name}"
        refuse("hints-missing", message, "Run 'faasera hints POLICY' first.")
    names = {f"{one.table}.{one.column}" for one in found.hints.hints}
    strange = sorted(removed - names)
    if strange:
        message = f"there are no hints for {', '.join(strange)}"
        refuse("unknown-column", message, f"There are: {', '.join(sorted(names))}.")
    kept: list[Hint] = [
        one.model_copy(update={"reviewed": True})
        for one in found.hints.hints
        if f"{one.table}.{one.column}" not in removed
    ]
    made = Hints(hints=kept)
    write_hints(found.path, made)
    return made
