"""Both sides as keyed hashes: equal values have equal hashes, and nobody who has not the key can tell which."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from faasera.core.types import DataType
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.sql import quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Pair:
    """A column that both sides have.

    Attributes:
        column: of the generated table.
        real: of the source.
        data_type: that values are compared in.
        meaning: its semantic type.
    """

    column: str
    real: str
    data_type: DataType
    meaning: str | None


class Hashed:
    """The shared columns of a table, hashed under a key of this comparison that is thrown away.

    Attributes:
        database: DuckDB, with a table of hashes for each side.
        pairs: the shared columns.
        made: the generated side's table; columns ``c0``, ``c1``, … and ``n0``, ``n1``, … (normalised texts).
        real: the source's table.
    """

    def __init__(self, database: "duckdb.DuckDBPyConnection", made: str, real: str, pairs: Sequence[Pair]) -> None:
        self.database = database
        self.pairs = pairs
        self.key = secrets.token_hex(32)
        self.made, self.real = "made_hashes", "real_hashes"
        for target, table, side in ((self.made, made, "column"), (self.real, real, "real")):
            columns = ", ".join(self._hashes(place, pair, getattr(pair, side)) for place, pair in enumerate(pairs))
            database.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT {columns} FROM {table}")

    def hash(self, value: str) -> str:
        """The first half of a SHA-256 over the key and the value; null stays null."""
        return f"left(sha256('{self.key}' || {value}), 32)"

    def _hashes(self, place: int, pair: Pair, column: str) -> str:
        plain = f"trim(CAST({quoted(column)} AS VARCHAR))"
        if not pair.data_type.is_text:
            kind = sql_type(pair.data_type)
            return f"{self.hash(f'CAST(TRY_CAST({plain} AS {kind}) AS VARCHAR)')} AS c{place}"
        return f"{self.hash(plain)} AS c{place}, {self.hash(normal(plain))} AS n{place}"

    # questions

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        return tuple(self.database.execute(query).fetchall()[0])

    @cached_property
    def made_rows(self) -> int:
        """How many rows were generated."""
        return int(self.one(f"SELECT count(*) FROM {self.made}")[0])

    @cached_property
    def real_rows(self) -> int:
        """How many rows the source has."""
        return int(self.one(f"SELECT count(*) FROM {self.real}")[0])

    def rates(self, expression: str) -> tuple[int, int, float]:
        """How many generated rows have a value that the source has, of how many, and the rate by nature: how many real
        rows have a value that another real row has, too.

        Args:
            expression: over the columns of hashes; null does not count.
        """
        hits, count = self.one(
            f"SELECT count(*) FILTER (v IN (SELECT {expression} FROM {self.real})), count(v) "
            f"FROM (SELECT {expression} AS v FROM {self.made})"
        )
        shared, real = self.one(
            f"SELECT coalesce(sum(n) FILTER (n > 1), 0), coalesce(sum(n), 0) FROM "
            f"(SELECT count(*) AS n FROM (SELECT {expression} AS v FROM {self.real}) WHERE v IS NOT NULL GROUP BY v)"
        )
        return int(hits), int(count), int(shared) / int(real) if real else 0.0


def normal(value: str) -> str:
    """A text without case, accents, blanks and punctuation, as SQL."""
    return f"lower(strip_accents(regexp_replace({value}, '[^[:alnum:]]', '', 'g')))"
