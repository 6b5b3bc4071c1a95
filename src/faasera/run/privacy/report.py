"""What a comparison with real data found, and by which thresholds it was judged."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding


@dataclass(frozen=True)
class Thresholds:
    """When a comparison fails. Rates are shares of generated rows; a rate "by nature" is that of real rows
    among the other real rows, which is what chance and common values come to.

    Attributes:
        values: how many rows may have a value of the source in a column that tells people apart.
        rows: by how much the rate of whole rows that occur in the source may exceed that by nature; where that is
            nothing, no row may occur.
        near_rows: the same for rows that differ in one column.
        closeness: by how much the share of rows that are as close to a real row as the closest twentieth of real
            rows are to one another may exceed that by nature.
        advantage: by how much an attacker who guesses from distances whether a real row was used may beat chance
            (area under the curve, minus a half).
    """

    values: int = 0
    rows: float = 0.01
    near_rows: float = 0.05
    closeness: float = 0.05
    advantage: float = 0.05


@dataclass(frozen=True)
class PrivacyReport:
    """All findings of a comparison.

    Attributes:
        name: the policy's.
        source: what was compared with.
        findings: in the order of the tables.
        measures: of each table: rates and distances.
        thresholds: by which the findings were judged.
        unmatched: tables and columns of one side that the other has not.
        seconds: how long it took.
    """

    name: str
    source: str
    findings: Sequence[Finding]
    measures: Mapping[str, Mapping[str, Any]]
    thresholds: Thresholds
    unmatched: Sequence[str]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether no threshold is exceeded."""
        return not any(finding.status == FAILED for finding in self.findings)

    def count(self, status: str) -> int:
        """How many findings have a status."""
        return sum(finding.status == status for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; nothing of the source is in it."""
        return {
            "name": self.name,
            "source": self.source,
            "ok": self.ok,
            "passed": self.count(PASSED),
            "failed": self.count(FAILED),
            "skipped": self.count(SKIPPED),
            "thresholds": asdict(self.thresholds),
            "findings": [finding.as_dict() for finding in self.findings],
            "tables": {table: dict(values) for table, values in self.measures.items()},
            "unmatched": list(self.unmatched),
            "seconds": round(self.seconds, 3),
        }
