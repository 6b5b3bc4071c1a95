"""How close generated rows come to real ones, and whether distances give away who was in the source.

Sources: Gower, A General Coefficient of Similarity (Biometrics 27, 1971), for distances over numbers and categories;
distance to the closest record and nearest neighbour ratio as in Zhao et al., CTAB-GAN (2021); the attack by distances
as in Hilprecht et al., Monte Carlo and Reconstruction Membership Inference Attacks (2019).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding
from faasera.run.check.sql import quoted
from faasera.run.privacy.hashed import Pair
from faasera.run.privacy.report import Thresholds

if TYPE_CHECKING:
    import duckdb

ROWS, REFERENCES = 2_000, 10_000
"""The most rows whose distances are measured, and the most that they are measured to."""
_FEWEST = 50
_CHUNK = 100
_CLOSE = 0.05
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """Rows as numbers: numeric columns divided by the source's range, categories by their codes.

    Attributes:
        values: by row and column.
        numeric: which columns are numbers.
    """

    values: Numbers
    numeric: Sequence[bool]

    def take(self, rows: npt.NDArray[np.int64]) -> "Features":
        """Some of the rows."""
        return Features(self.values[rows], self.numeric)

    def __len__(self) -> int:
        return len(self.values)


class Distances:
    """The distances of one table.

    Args:
        database: DuckDB.
        pairs: the columns that distances are measured over.
        thresholds: to judge by.
    """

    def __init__(self, database: "duckdb.DuckDBPyConnection", pairs: Sequence[Pair], thresholds: Thresholds) -> None:
        self.database = database
        self.pairs = pairs
        self.thresholds = thresholds
        self._codes: list[dict[str, int]] = [{} for _ in pairs]
        self._ranges: list[tuple[float, float]] = []

    def findings(
        self, table: str, made: str, real: str, holdout: str | None, measures: dict[str, Any]
    ) -> Iterator[Finding]:
        """Whether generated rows are closer to real ones than real ones are to each other.

        Args:
            table: its name, for findings.
            made: the generated table, quoted.
            real: the source's.
            holdout: real rows that nobody used, in a table of the same columns; None where there are none.
            measures: gets what was measured.
        """
        if not self.pairs:
            yield Finding(table, "distances", "", SKIPPED, "no shared column has values that rows have in common")
            return
        given = self._features(real, [pair.real for pair in self.pairs], REFERENCES + ROWS, first=True)
        ours = self._features(made, [pair.column for pair in self.pairs], ROWS)
        if len(given) < 2 * _FEWEST or len(ours) < _FEWEST:
            reason = f"{len(given):,} real and {len(ours):,} generated rows are too few to measure"
            yield Finding(table, "distances", "", SKIPPED, reason)
            return
        half = max(_FEWEST, len(given) - REFERENCES) if len(given) > 2 * ROWS else len(given) // 2
        half = min(half, ROWS)
        baseline, references = given.take(np.arange(half)), given.take(np.arange(half, len(given)))
        near, ratio = _closest(ours, references)
        natural, natural_ratio = _closest(baseline, references)
        slack = self.thresholds.closeness + 3 * math.sqrt(_CLOSE * (1 - _CLOSE) / min(len(ours), half))
        measures["distances"] = {
            "columns": len(self.pairs),
            "rows": len(ours),
            "references": len(references),
            "closest": _quantiles(near),
            "closestByNature": _quantiles(natural),
        }
        for kind, found, nature, what in (
            ("distance to the closest record", near, natural, "as close to a real row as the closest real rows are"),
            ("nearest neighbour ratio", ratio, natural_ratio, "as close to one real row alone as few real rows are"),
        ):
            limit = float(np.quantile(nature, _CLOSE))
            share, base = float((found <= limit).mean()), float((nature <= limit).mean())
            detail = f"{share:.1%} of rows are {what}; {base:.1%} by nature"
            yield Finding(table, kind, "", FAILED if share > base + slack else PASSED, detail)
        yield from self._membership(table, given, ours, holdout, measures)

    def _membership(
        self, table: str, given: Features, ours: Features, holdout: str | None, measures: dict[str, Any]
    ) -> Iterator[Finding]:
        """Whether real rows are closer to generated ones than rows that nobody used."""
        if holdout is None:
            reason = "it needs real rows that nobody used: --holdout"
            yield Finding(table, "membership", "", SKIPPED, reason)
            return
        others = self._features(holdout, [pair.real for pair in self.pairs], ROWS)
        if len(others) < _FEWEST:
            yield Finding(table, "membership", "", SKIPPED, f"{len(others):,} rows that nobody used are too few")
            return
        members, _ = _closest(given.take(np.arange(min(ROWS, len(given)))), ours)
        strangers, _ = _closest(others, ours)
        area = _area(strangers, members)
        error = math.sqrt((len(members) + len(strangers) + 1) / (12 * len(members) * len(strangers)))
        measures["membership"] = {"area": round(area, 4), "members": len(members), "strangers": len(strangers)}
        failed = area > 0.5 + max(self.thresholds.advantage, 3 * error)
        detail = f"guessing by distances who was in the source succeeds with an area of {area:.3f}; 0.5 is chance"
        yield Finding(table, "membership", "", FAILED if failed else PASSED, detail)

    def _features(self, table: str, columns: Sequence[str], rows: int, *, first: bool = False) -> Features:
        """Rows drawn at random, as numbers; the first ones set the ranges."""
        chosen = []
        for pair, column in zip(self.pairs, columns, strict=True):
            plain = f"trim(CAST({quoted(column)} AS VARCHAR))"
            if not pair.data_type.has_axis:
                chosen.append(f"lower({plain})")
            elif pair.data_type.is_temporal:
                chosen.append(f"CAST(epoch(TRY_CAST({plain} AS {sql_type(pair.data_type)})) AS DOUBLE)")
            else:
                chosen.append(f"TRY_CAST({plain} AS DOUBLE)")
        listed = ", ".join(f"{expression} AS f{place}" for place, expression in enumerate(chosen))
        # Drawn without a fixed order: what lies together in a source often belongs together.
        query = f"SELECT {listed} FROM {table} USING SAMPLE reservoir({rows} ROWS) REPEATABLE (7)"
        found: pa.Table = self.database.sql(query).to_arrow_table()
        made = np.empty((found.num_rows, len(chosen)), dtype=np.float32)
        numeric = []
        for place, pair in enumerate(self.pairs):
            values = found.column(place).combine_chunks()
            categorical = not pair.data_type.has_axis
            numeric.append(not categorical)
            if categorical:
                codes = self._codes[place]
                encoded = values.dictionary_encode()
                known = [codes.setdefault(str(one), len(codes)) for one in encoded.dictionary.to_pylist()]
                lookup = np.array([*known, -1], dtype=np.float32)
                made[:, place] = lookup[np.asarray(encoded.indices.fill_null(len(known)))]
                if first:
                    self._ranges.append((0.0, 1.0))
                continue
            numbers = np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)
            if first:
                finite = numbers[np.isfinite(numbers)]
                low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
                self._ranges.append((low, high - low or 1.0))
            low, width = self._ranges[place]
            made[:, place] = np.nan_to_num((numbers - low) / width, nan=-1.0)
        order = np.random.Generator(np.random.PCG64(7)).permutation(len(made))
        return Features(made[order], numeric)


def _closest(rows: Features, references: Features) -> tuple[Numbers, Numbers]:
    """Gower's distance of each row to the closest of the references, and its ratio to that of the second closest."""
    closest, ratios = np.empty(len(rows), np.float32), np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows.values[start : start + _CHUNK]
        total = np.zeros((len(part), len(references)), dtype=np.float32)
        for place, number in enumerate(rows.numeric):
            left, right = part[:, place][:, None], references.values[:, place][None, :]
            total += np.minimum(np.abs(left - right), 1.0) if number else (left != right)
        two = np.partition(total, 1, axis=1)[:, :2] / np.float32(len(rows.numeric))
        closest[start : start + len(part)] = two[:, 0]
        ratios[start : start + len(part)] = np.where(two[:, 1] > 0, two[:, 0] / np.maximum(two[:, 1], 1e-12), 1.0)
    return closest, ratios


def _area(strangers: Numbers, members: Numbers) -> float:
    """The probability that a stranger is farther away than a member, ties by half (Mann and Whitney, 1947)."""
    order = np.sort(members)
    below = np.searchsorted(order, strangers, side="left")
    upto = np.searchsorted(order, strangers, side="right")
    return float(((below + upto) / 2).mean() / len(members))


def _quantiles(values: Numbers) -> dict[str, float]:
    return {f"p{share}": round(float(np.quantile(values, share / 100)), 5) for share in (0, 5, 50, 95)}
