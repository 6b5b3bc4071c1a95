"""What columns look like: nulls, distinct values, extremes, and how the values lie, for charts."""

import datetime
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from faasera.core.types import BINARY, DATE, DOUBLE, TIME, TIMESTAMP, DataType
from faasera.run.check.findings import plain
from faasera.run.check.report import ColumnProfile, TableProfile
from faasera.run.check.sql import quoted
from faasera.run.check.statistics import Fit

if TYPE_CHECKING:
    import duckdb

CHARTED = 200
"""How many columns of a table have charts."""
_TOGETHER = 50
_BINS = 24
_MOST_FREQUENT = 12
_EXACT_ROWS = 2_000_000
_LABELS: dict[DataType, str] = {DATE: "%Y-%m-%d", TIMESTAMP: "%Y-%m-%d %H:%M", TIME: "%H:%M"}


def profile(
    database: "duckdb.DuckDBPyConnection",
    table: str,
    columns: Iterable[tuple[str, DataType]],
    asked: Callable[[str], Fit | None] = lambda _: None,
    *,
    sampled: bool = False,
) -> TableProfile:
    """Describe a table or view of DuckDB by SQL.

    Args:
        database: open.
        table: its name there.
        columns: names and types of the policy.
        asked: how a column's values lie beside what its rule asks for.
        sampled: whether the table holds some of the rows.
    """
    described = list(columns)
    rows = int(_one(database, f"SELECT count(*) FROM {quoted(table)}")[0])
    distinct = "count(DISTINCT {0})" if rows <= _EXACT_ROWS else "approx_count_distinct({0})"
    facts: list[str] = [
        f"count(*) - count({quoted(column)}), {distinct.format(quoted(column))}, "
        f"CAST(min({quoted(column)}) AS VARCHAR), CAST(max({quoted(column)}) AS VARCHAR)"
        for column, _ in described
    ]
    found: list[Any] = []
    for start in range(0, len(facts), _TOGETHER):
        found += _one(database, f"SELECT {', '.join(facts[start : start + _TOGETHER])} FROM {quoted(table)}")
    made = []
    for place, (column, data_type) in enumerate(described):
        nulls, different, low, high = found[place * 4 : place * 4 + 4]
        values = rows - int(nulls)
        fit = asked(column) if place < CHARTED else None
        if fit is not None and fit.labels and values:
            kind, bars, expected = _beside(fit, data_type)
        elif place < CHARTED:
            kind, bars = _bars(database, table, column, data_type, int(different), values)
            expected = []
        else:
            kind, bars, expected = "not shown", [], []
        if data_type == BINARY:
            low = high = None
        made.append(
            ColumnProfile(
                column,
                str(data_type),
                int(nulls),
                int(different),
                low,
                high,
                kind,
                [bar[0] for bar in bars],
                [int(bar[1]) for bar in bars],
                expected,
            )
        )
    return TableProfile(table, rows, made, sampled)


def _beside(fit: Fit, data_type: DataType) -> tuple[str, list[tuple[Any, int]], list[float]]:
    """The bars of what a rule asks for: the most frequent values of a list, or all bins of a range."""
    bars = [(label, int(count)) for label, count in zip(fit.labels, fit.observed, strict=True)]
    if all(isinstance(label, str) for label in fit.labels):
        ranked = sorted(zip(bars, fit.expected, strict=True), key=lambda pair: -pair[1])[:_MOST_FREQUENT]
        return "values", [bar for bar, _ in ranked], [wanted for _, wanted in ranked]
    return "histogram", [(_label(label, data_type), count) for label, count in bars], fit.expected


def _label(position: Any, data_type: DataType) -> Any:
    """Where a bin begins, as people write it."""
    if data_type == DATE:
        return (datetime.date(1970, 1, 1) + datetime.timedelta(days=math.ceil(position))).isoformat()
    if data_type == TIMESTAMP:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=position)
        return moment.isoformat(" ", "minutes")
    if data_type == TIME:
        return str(datetime.timedelta(seconds=max(0, round(position))))
    return math.ceil(position) if data_type.is_whole else float(f"{position:.6g}")


def _bars(
    database: "duckdb.DuckDBPyConnection", table: str, column: str, data_type: DataType, distinct: int, values: int
) -> tuple[str, list[tuple[Any, int]]]:
    shown, source = quoted(column), quoted(table)
    if data_type.has_axis and distinct > _BINS:
        return "histogram", _histogram(database, shown, source, data_type)
    if distinct * 2 > values and distinct > _MOST_FREQUENT and data_type != BINARY:
        lengths = (
            f"SELECT length(CAST({shown} AS VARCHAR)) AS n, count(*) FROM {source} WHERE {shown} IS NOT NULL "
            f"GROUP BY n ORDER BY n LIMIT 200"
        )
        return "lengths", [(int(length), count) for length, count in database.execute(lengths).fetchall()]
    frequent = (
        f"SELECT {shown}, count(*) AS n FROM {source} WHERE {shown} IS NOT NULL GROUP BY {shown} "
        f"ORDER BY n DESC, {shown} LIMIT {_MOST_FREQUENT}"
    )
    return "values", [(str(plain(value)), count) for value, count in database.execute(frequent).fetchall()]


def _histogram(
    database: "duckdb.DuckDBPyConnection", column: str, source: str, data_type: DataType
) -> list[tuple[Any, int]]:
    """Counts of equal widths between the least and the greatest value; of moments over their seconds."""
    moment = data_type.is_temporal
    number = f"CAST(epoch({column}) AS DOUBLE)" if moment else f"CAST({column} AS DOUBLE)"
    finite = f"{column} IS NOT NULL" + (f" AND isfinite({column})" if data_type == DOUBLE else "")
    low, high = _one(database, f"SELECT min({number}), max({number}) FROM {source} WHERE {finite}")
    if low is None or not low < high:
        return []
    width = (high - low) / _BINS
    places = f"least(CAST(floor(({number} - {low!r}) / {width!r}) AS INTEGER), {_BINS - 1})"
    counts = dict(
        database.execute(f"SELECT {places} AS place, count(*) FROM {source} WHERE {finite} GROUP BY place").fetchall()
    )
    ends = [low + place * width for place in range(_BINS)]
    if moment:
        form = _LABELS[data_type]
        texts = ", ".join(f"strftime(make_timestamp(CAST({end * 1e6!r} AS BIGINT)), '{form}')" for end in ends)
        labels = list(_one(database, f"SELECT {texts}"))
    else:
        labels = [round(end) if data_type.is_whole else float(f"{end:.6g}") for end in ends]
    return [(label, counts.get(place, 0)) for place, label in enumerate(labels)]


def _one(database: "duckdb.DuckDBPyConnection", query: str) -> tuple[Any, ...]:
    found = database.execute(query).fetchone()
    assert found is not None
    return found
