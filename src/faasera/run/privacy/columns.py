"""Values of single columns that occur in the source, or nearly do."""

import math
from collections.abc import Iterator
from typing import Any

from faasera.run.check.findings import FAILED, PASSED, Finding
from faasera.run.check.sql import quoted
from faasera.run.privacy.hashed import Hashed, Pair, normal
from faasera.run.privacy.report import Thresholds

_UNIQUE = 0.999
_SPARSE = 100
_DIGITS = 5
_SHORTEST, _LONGEST = 6, 60
_MOST_TEXTS = 200_000
_NAMES = ("first-name", "last-name", "middle-name", "firstname-lastname")
"""Semantic types whose values many people share, so that one alone tells nobody."""


class ComparedColumns:
    """The columns of one table.

    Args:
        hashed: both sides.
        made: the generated table, quoted.
        real: the source's, quoted.
        table: its name, for findings.
        thresholds: to judge by.

    Attributes:
        measures: what was counted, by column.
        running: columns of running numbers, which say nothing of a person.
    """

    def __init__(self, hashed: Hashed, made: str, real: str, table: str, thresholds: Thresholds) -> None:
        self.hashed = hashed
        self.made, self.real = made, real
        self.table = table
        self.thresholds = thresholds
        self.measures: dict[str, Any] = {}
        self.running: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """Of each column that tells people apart: values that occur in the source, and those that nearly do."""
        for place, pair in enumerate(self.hashed.pairs):
            hits, count, natural = self.hashed.rates(f"c{place}")
            allowed = self._allowed(place, pair, count)
            values = {"rows": count, "inSource": hits, "byNature": round(natural, 6), "allowed": allowed}
            self.measures[pair.column] = values
            if allowed is None:
                continue
            detail = f"{hits:,} of {count:,} rows have a value of the source that tells people apart"
            detail += f"; chance explains {allowed:,}" if allowed > self.thresholds.values else ""
            status = FAILED if hits > allowed else PASSED
            yield Finding(self.table, "values", pair.column, status, detail if hits else "", hits)
            if pair.data_type.is_text:
                yield from self._near(place, pair, values)

    def _allowed(self, place: int, pair: Pair, rows: int) -> int | None:
        """How many rows may have a value of the source; None where values do not tell people apart.

        For codes and addresses of mail that is what chance explains: of m rows and n real ones about m n / s meet in a
        space of s codes, which for all but short ones is none. Other texts, of which no two real rows share one, may
        meet, too: as no pair of n rows did, at most about 3 of n (n - 1) / 2 pairs do (the rule of three).
        """
        count, distinct = self.hashed.one(f"SELECT count(c{place}), count(DISTINCT c{place}) FROM {self.hashed.real}")
        if not count or distinct < _UNIQUE * count:
            return None
        if self._runs(pair):
            self.running.add(pair.column)
            return None
        whole = pair.data_type.is_whole
        if not (pair.data_type.is_text or whole) or pair.meaning in _NAMES:
            return None
        if whole or self._code(pair):
            expected = rows * int(count) / self._space(pair)
            return max(self.thresholds.values, math.floor(expected + 5 * math.sqrt(expected)))
        return max(self.thresholds.values, math.ceil(6 * rows / max(int(count) - 1, 1)))

    def _space(self, pair: Pair) -> float:
        """How many codes there are at least: what their digits can tell apart; any number of addresses of mail."""
        plain = f"CAST({quoted(pair.real)} AS VARCHAR)"
        query = f"SELECT min(length(regexp_replace({plain}, '[^0-9]', '', 'g'))), bool_or(contains({plain}, '@'))"
        digits, mail = self.hashed.one(f"{query} FROM {self.real} WHERE {quoted(pair.real)} IS NOT NULL")
        return math.inf if mail else 10.0 ** int(digits or 0)

    def _code(self, pair: Pair) -> bool:
        """Whether most texts have five digits or more, or are addresses of mail."""
        plain = f"CAST({quoted(pair.real)} AS VARCHAR)"
        digits = f"length(regexp_replace({plain}, '[^0-9]', '', 'g')) >= {_DIGITS}"
        (share,) = self.hashed.one(
            f"SELECT avg(CASE WHEN {digits} OR contains({plain}, '@') THEN 1 ELSE 0 END) "
            f"FROM {self.real} WHERE {quoted(pair.real)} IS NOT NULL"
        )
        return float(share or 0) > 0.5

    def _runs(self, pair: Pair) -> bool:
        """Whether values are running numbers, perhaps in a form such as SO-000123."""
        plain = f"CAST({quoted(pair.real)} AS VARCHAR)"
        digits = f"TRY_CAST(nullif(regexp_replace({plain}, '[^0-9]', '', 'g'), '') AS HUGEINT)"
        forms = f"count(DISTINCT regexp_replace({plain}, '[0-9]+', '#', 'g'))"
        query = f"SELECT min({digits}), max({digits}), count(DISTINCT {digits}), {forms} FROM {self.real}"
        low, high, distinct, shapes = self.hashed.one(query)
        if low is None or shapes > 3:
            return False
        return int(high) - int(low) < _SPARSE * max(int(distinct), 1)

    def _near(self, place: int, pair: Pair, values: dict[str, Any]) -> Iterator[Finding]:
        """Texts that differ from a real one in case, accents, blanks and punctuation, or in one character."""
        self._variants("made_variants", self.made, pair.column)
        self._variants("real_variants", self.real, pair.real)
        equal = f"SELECT c{place} FROM {self.hashed.real} WHERE c{place} IS NOT NULL"
        (hits,) = self.hashed.one(
            "SELECT count(DISTINCT own) FROM made_variants WHERE variant IN (SELECT variant FROM real_variants) "
            f"AND exact NOT IN ({equal})"
        )
        texts, natural = self._natural_nearness()
        values |= {"texts": texts, "nearSource": hits, "nearByNature": round(natural, 6)}
        chance = 3 * math.sqrt(max(natural * (1 - natural), 1 / max(texts, 1)) / max(texts, 1))
        failed = hits > (natural + self.thresholds.rows + chance) * texts
        detail = f"{hits:,} of {texts:,} texts differ from a real one in one character at most; {natural:.1%} by nature"
        status = FAILED if failed else PASSED
        yield Finding(self.table, "near values", pair.column, status, detail if hits else "", hits)
        self.hashed.database.execute("DROP TABLE made_variants; DROP TABLE real_variants")

    def _variants(self, target: str, table: str, column: str) -> None:
        """The hashes of each text, normalised, whole and with one character left out.

        Two texts of an edit distance of one share one of them (Bocek, Hunt, Stiller: Fast Similarity Search in Large
        Dictionaries, 2007).
        """
        plain = f"trim(CAST({quoted(column)} AS VARCHAR))"
        hashed = self.hashed
        cut = "CASE WHEN place = 0 THEN t ELSE left(t, place - 1) || substr(t, place + 1) END"
        hashed.database.execute(
            f"CREATE OR REPLACE TEMP TABLE {target} AS WITH texts AS (SELECT DISTINCT {normal(plain)} AS t, "
            f"{hashed.hash(plain)} AS exact FROM {table} WHERE {quoted(column)} IS NOT NULL), "
            f"chosen AS (SELECT * FROM texts WHERE length(t) BETWEEN {_SHORTEST} AND {_LONGEST} "
            f"USING SAMPLE reservoir({_MOST_TEXTS} ROWS) REPEATABLE (1)) "
            f"SELECT {hashed.hash('t')} AS own, exact, {hashed.hash(cut)} AS variant "
            "FROM chosen, unnest(range(length(t) + 1)) AS places(place)"
        )

    def _natural_nearness(self) -> tuple[int, float]:
        """How many generated texts were looked at, and the share of real texts that are near to another real one."""
        shared = "SELECT variant FROM real_variants GROUP BY variant HAVING count(DISTINCT own) > 1"
        query = f"SELECT count(DISTINCT own) FILTER (variant IN ({shared})), count(DISTINCT own) FROM real_variants"
        near, real = self.hashed.one(query)
        (texts,) = self.hashed.one("SELECT count(DISTINCT own) FROM made_variants")
        return int(texts), int(near) / int(real) if real else 0.0
