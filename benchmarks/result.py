"""A line of the table of benchmarks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """A line of the table; ``part`` is its heading in RESULTS.md, where that is not the first."""

    work: str
    peer: str
    ours: str
    theirs: str
    ratio: float
    target: float
    part: str = ""

    @property
    def reached(self) -> bool:
        return self.ratio >= self.target
