"""Whole rows that occur in the source, or nearly do."""

from collections.abc import Iterator, Sequence
from typing import Any

from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding
from faasera.run.privacy.hashed import Hashed
from faasera.run.privacy.report import Thresholds

_FEWEST_COLUMNS = 3


def row_findings(
    hashed: Hashed, table: str, places: Sequence[int], thresholds: Thresholds, measures: dict[str, Any]
) -> Iterator[Finding]:
    """Rows that are equal in all of some columns, and rows that are equal in all but one.

    Args:
        hashed: both sides.
        table: its name, for findings.
        places: of the columns that say something of a person: no running numbers, no references.
        thresholds: to judge by.
        measures: gets what was counted.
    """
    if not places:
        yield Finding(table, "rows", "", SKIPPED, "no shared column says anything of a person")
        return
    hits, count, natural = hashed.rates(_tuple(places))
    measures["rows"] = {"columns": len(places), "rows": count, "inSource": hits, "byNature": round(natural, 6)}
    allowed = natural + thresholds.rows if natural else 0.0
    detail = f"{hits:,} of {count:,} rows are those of the source in all {len(places)} columns; {natural:.1%} by nature"
    yield _judged(table, "rows", hits, count, allowed, detail)
    if len(places) < _FEWEST_COLUMNS:
        yield Finding(table, "near rows", "", SKIPPED, f"fewer than {_FEWEST_COLUMNS} columns to compare")
        return
    hits, count, natural = _near(hashed, places)
    measures["nearRows"] = {"rows": count, "inSource": hits, "byNature": round(natural, 6)}
    detail = f"{hits:,} of {count:,} rows differ from a real one in one column at most; {natural:.1%} by nature"
    yield _judged(table, "near rows", hits, count, natural + (thresholds.near_rows if natural else 0.0), detail)


def _judged(table: str, kind: str, hits: int, count: int, allowed: float, detail: str) -> Finding:
    failed = hits > allowed * count
    return Finding(table, kind, "", FAILED if failed else PASSED, detail if hits else "", hits)


def _tuple(places: Sequence[int]) -> str:
    """The hashes of several columns as one text; a null counts as a value."""
    return "concat_ws('|', " + ", ".join(f"coalesce(c{place}, '-')" for place in places) + ")"


def _near(hashed: Hashed, places: Sequence[int]) -> tuple[int, int, float]:
    """As ``Hashed.rates``, for rows that are equal in all columns but one."""
    rests = [_tuple([place for place in places if place != one]) for one in places]
    occurs = " OR ".join(f"{rest} IN (SELECT {rest} FROM {hashed.real})" for rest in rests)
    hits, count = hashed.one(f"SELECT count(*) FILTER ({occurs}), count(*) FROM {hashed.made}")
    repeated = ", ".join(f"count(*) OVER (PARTITION BY {rest}) AS n{place}" for place, rest in enumerate(rests))
    shared = " OR ".join(f"n{place} > 1" for place in range(len(rests)))
    own, real = hashed.one(f"SELECT count(*) FILTER ({shared}), count(*) FROM (SELECT {repeated} FROM {hashed.real})")
    return int(hits), int(count), int(own) / int(real) if real else 0.0
