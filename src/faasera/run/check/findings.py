"""What a check finds of one promise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
StepProgress = Callable[[str, str], None]
"""Called with a table's name and what is looked at next."""


@dataclass(frozen=True)
class Finding:
    """One promise, and whether it is kept.

    Attributes:
        table: the table's name.
        kind: of promise (``foreign key``, ``range``).
        subject: the columns, or what else it is about.
        status: ``passed``, ``failed`` or ``skipped``.
        detail: what is wrong, or why it was skipped.
        violations: how many rows break it; None where rows are not what is counted.
        samples: some of these rows.
    """

    table: str
    kind: str
    subject: str
    status: str
    detail: str = ""
    violations: int | None = None
    samples: Sequence[dict[str, Any]] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        values: dict[str, Any] = {
            "table": self.table,
            "kind": self.kind,
            "subject": self.subject,
            "status": self.status,
        }
        if self.detail:
            values["detail"] = self.detail
        if self.violations is not None:
            values["violations"] = self.violations
        if self.samples:
            values["samples"] = list(self.samples)
        return values


def first_line(error: Exception) -> str:
    """What an error says, without its details."""
    return str(error).strip().partition("\n")[0]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)
