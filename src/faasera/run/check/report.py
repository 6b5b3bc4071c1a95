"""What a check found, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faasera.run.check.profile import TableProfile

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


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


@dataclass(frozen=True)
class CheckReport:
    """All findings about one folder.

    Attributes:
        name: the policy's.
        rows: of all tables that were checked.
        findings: in the order of the tables.
        seconds: how long it took.
        profiles: what the columns look like, where that was asked for.
    """

    name: str
    rows: int
    findings: Sequence[Finding]
    seconds: float
    profiles: "Sequence[TableProfile]" = ()

    @property
    def ok(self) -> bool:
        """Whether no promise is broken."""
        return not self.failed

    def _with(self, status: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.status == status]

    @property
    def failed(self) -> list[Finding]:
        """Broken promises."""
        return self._with(FAILED)

    @property
    def passed(self) -> list[Finding]:
        """Kept promises."""
        return self._with(PASSED)

    @property
    def skipped(self) -> list[Finding]:
        """Promises that SQL cannot prove, each with the reason."""
        return self._with(SKIPPED)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "ok": self.ok,
            "rows": self.rows,
            "passed": len(self.passed),
            "failed": len(self.failed),
            "skipped": len(self.skipped),
            "findings": [finding.as_dict() for finding in self.findings],
            "seconds": round(self.seconds, 3),
        }
