"""``<policy>.hints.json``: suggestions as they were accepted, with where they came from."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from faasera.core.errors import PolicyError, Problem, Problems, refuse
from faasera.policy.model import Model
from faasera.policy.parse import validate

SUFFIX = ".hints.json"
MOST_VALUES = 500
MOST_CHARACTERS = 200
_MOST_BYTES = 8 << 20
Value = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Hint(Model):
    """The suggestions for one column: a list of values, or a semantic type.

    Attributes:
        values: texts, each once.
        semantic_type: instead of values.
        model: that proposed them; or which of the built-in matchers.
        date: when; None where nobody froze it.
        prompt_digest: SHA-256 of what was sent; of the matcher's question.
        confidence: of the matcher, 0 to 1.
        refused: how many values were refused, by reason.
        reviewed: whether a person has looked at them.
    """

    table: str
    column: str
    values: list[Value] | None = Field(None, min_length=1, max_length=MOST_VALUES)
    semantic_type: str | None = None
    model: str = Field(min_length=1)
    date: str | None = Field(None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    prompt_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    confidence: float | None = Field(None, ge=0, le=1)
    refused: dict[str, int] = Field({})
    reviewed: bool = False

    def summary(self) -> dict[str, Any]:
        """For manifests: all but the values themselves, which are in the policy."""
        found = self.model_dump(by_alias=True, mode="json")
        return {**found, "values": len(self.values) if self.values is not None else 0}


class Hints(Model):
    """A whole file."""

    version: int = Field(1, ge=1, le=1)
    hints: list[Hint]

    def find(self, table: str, column: str) -> Hint | None:
        """The entry of a column."""
        return next((one for one in self.hints if (one.table, one.column) == (table, column)), None)


def hints_path(policy: Path) -> Path:
    """Where the hints of a policy's file are."""
    return policy.with_name(policy.stem + SUFFIX)


def read_hints(path: Path) -> Hints | None:
    """The hints of a file; None if there is none.

    Raises:
        PolicyError: it is not what ``faasera hints`` writes; with all that is wrong.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        refuse("hints-file", message, "Check its permissions.")
    return parse_hints(data, path.name)


def parse_hints(data: bytes, name: str) -> Hints:
    """Hints from the bytes of a file.

    Raises:
        PolicyError: they are not what ``faasera hints`` writes; with all that is wrong.
    """
    remedy = "Correct it, or run 'faasera hints POLICY' again."
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES >> 20} MB")
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        refuse("hints-file", f"{name} is no JSON of hints: {error}", remedy)
    problems = Problems()
    found = validate(Hints, value, problems)
    if found is not None:
        for place, one in enumerate(found.hints):
            if (one.values is None) == (one.semantic_type is None):
                message = f"{one.table}.{one.column} has values and a semantic type, or neither"
                problems.add("hints-file", message, "Keep one of them.", at=["hints", place])
            folded = [text.casefold() for text in one.values or ()]
            if len(set(folded)) < len(folded):
                message = f"{one.table}.{one.column} has a value twice"
                problems.add("hints-file", message, "Keep one of them.", at=["hints", place, "values"])
        names = [(one.table, one.column) for one in found.hints]
        for table, column in {name for name in names if names.count(name) > 1}:
            problems.add("hints-file", f"{table}.{column} is there twice", "Keep one of them.", at=["hints"])
    if problems.found or found is None:
        raise PolicyError(
            Problem("", "hints-file", f"{name}, at {one.pointer or '/'}: {one.message}", one.remedy)
            for one in problems.found
        )
    return found


def write_hints(path: Path, hints: Hints) -> None:
    """Write the file beside its name, and rename it.

    Raises:
        PolicyError: it cannot be written.
    """
    value = hints.model_dump(by_alias=True, mode="json", exclude_none=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        refuse("output-unwritable", message, "Check the path and its permissions.")


def merged(old: Hints | None, new: list[Hint], kept: Mapping[tuple[str, str], Any]) -> Hints:
    """New entries in the place of old ones; old ones of columns that still wait stay.

    Args:
        old: as they stand in the file.
        new: that were proposed now.
        kept: the columns that wait for hints.
    """
    fresh = {(one.table, one.column): one for one in new}
    before = [one for one in (old.hints if old is not None else []) if (one.table, one.column) in kept]
    listed = [fresh.pop((one.table, one.column), one) for one in before]
    return Hints(hints=[*listed, *fresh.values()])
