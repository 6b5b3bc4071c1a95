"""What a check found, as data: findings, and what columns look like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    Attributes:
        name: of the column.
        data_type: of the policy.
        nulls: values that are missing.
        distinct: different values; an estimate beyond two million rows (HyperLogLog).
        low: the least value, as text.
        high: the greatest value, as text.
        kind: ``histogram`` of equal widths, ``values`` by their frequency, or ``lengths`` of texts.
        labels: of the bars; of a histogram the lower ends.
        counts: how many values each bar stands for.
        expected: how many the rule asks for, where it asks for a distribution.
    """

    name: str
    data_type: str
    nulls: int
    distinct: int
    low: str | None
    high: str | None
    kind: str
    labels: Sequence[Any]
    counts: Sequence[int]
    expected: Sequence[float] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "dataType": self.data_type,
            "nulls": self.nulls,
            "distinct": self.distinct,
            "low": self.low,
            "high": self.high,
            "distribution": {
                "kind": self.kind,
                "labels": list(self.labels),
                "counts": list(self.counts),
                **({"expected": [round(one, 2) for one in self.expected]} if self.expected else {}),
            },
        }


@dataclass(frozen=True)
class TableProfile:
    """All columns of a table.

    Attributes:
        name: of the table.
        rows: that were looked at.
        columns: in their order.
        sampled: whether these are not all rows.
    """

    name: str
    rows: int
    columns: Sequence[ColumnProfile]
    sampled: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = {"name": self.name, "rows": self.rows, "columns": [column.as_dict() for column in self.columns]}
        return found | ({"sampled": True} if self.sampled else {})


@dataclass(frozen=True)
class CheckReport:
    """All findings about one folder or database.

    Attributes:
        name: the policy's.
        rows: of all tables that were checked.
        findings: in the order of the tables.
        seconds: how long it took.
        profiles: what the columns look like, where that was asked for.
        guesses: how many rules and keys of the policy are still marked as guesses: what they mean is not proved.
    """

    name: str
    rows: int
    findings: Sequence[Finding]
    seconds: float
    profiles: Sequence[TableProfile] = ()
    guesses: int = 0

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
            "guesses": self.guesses,
            "findings": [finding.as_dict() for finding in self.findings],
            "seconds": round(self.seconds, 3),
        }
