"""Whether values are distributed as asked for: Pearson's chi-square test over at most twenty bins.

A test fails at a probability below ``LEVEL`` that so large a deviation is chance.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from faasera.core.types import DataType
from faasera.generators.date_random import DateRule
from faasera.generators.literals import DAY, MICROSECONDS, Duration, parse_date, parse_time, parse_timestamp
from faasera.generators.random_value import RandomRule
from faasera.generators.seed_list import SeedRule
from faasera.policy.model import Distribution, ForeignKey, Reference, Rule
from faasera.run.check.folder import CheckedTable, Folder
from faasera.run.check.report import FAILED, PASSED, SKIPPED, Finding
from faasera.run.check.rules import date_end, seed_column
from faasera.run.check.sql import NotCheckableError, name, sql_type
from faasera.run.check.sql import text as quoted
from faasera.run.check.view import View, source_of

LEVEL = 1e-7
_BINS = 20
_FEWEST_EXPECTED = 10.0
_MOST_VALUES = 5000


def survival(statistic: float, degrees: int) -> float:
    """The probability that a chi-square variable of so many degrees of freedom exceeds a statistic.

    The regularised upper incomplete gamma function, by its series or its continued fraction (NIST Digital Library of
    Mathematical Functions, 8.11.4 and 8.9.2, the latter evaluated by Lentz's method).

    >>> round(survival(11.07, 5), 4)
    0.05
    """
    a, x = degrees / 2, statistic / 2
    if x <= 0:
        return 1.0
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, 1000):
            term *= x / (a + step)
            total += term
            if term < total * 1e-16:
                break
        return max(0.0, 1 - total * front)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    found = d
    for step in range(1, 1000):
        factor = -step * (step - a)
        b += 2
        d = factor * d + b
        c = b + factor / c
        d = 1 / (d or tiny)
        change = d * c
        found *= change
        if abs(change - 1) < 1e-15:
            break
    return front * found


@dataclass(frozen=True)
class Fit:
    """Counts beside those expected."""

    observed: Sequence[float]
    weights: Sequence[float]

    def problem(self) -> str:
        """What is wrong; empty where the deviation may be chance."""
        total, mass = sum(self.observed), math.fsum(self.weights)
        if not total:
            return ""
        if not mass:
            return "values occur that have no weight"
        impossible = sum(count for count, weight in zip(self.observed, self.weights, strict=True) if weight <= 0)
        if impossible:
            return f"{int(impossible):,} values occur that have no weight"
        merged: list[tuple[float, float]] = []
        count = expected = 0.0
        for seen, weight in zip(self.observed, self.weights, strict=True):
            count, expected = count + seen, expected + weight / mass * total
            if expected >= _FEWEST_EXPECTED:
                merged.append((count, expected))
                count = expected = 0.0
        if merged and (count or expected):
            last = merged.pop()
            merged.append((last[0] + count, last[1] + expected))
        if len(merged) < 2:
            return ""
        statistic = math.fsum((seen - wanted) ** 2 / wanted for seen, wanted in merged)
        chance = survival(statistic, len(merged) - 1)
        if chance >= LEVEL:
            return ""
        return f"chi-square {statistic:,.1f} over {len(merged)} bins: probability {chance:.1g}, below {LEVEL:g}"


def column_findings(folder: Folder, table: CheckedTable, column: str) -> Iterator[Finding]:
    """Whether a column's values follow the weights or the distribution of its rule."""
    rule = table.rule(column)
    try:
        fit = _fit(folder, table, column, rule) if rule is not None else None
    except NotCheckableError as error:
        yield Finding(table.name, "distribution", column, SKIPPED, str(error))
        return
    if fit is not None:
        problem = fit.problem()
        yield Finding(table.name, "distribution", column, FAILED if problem else PASSED, problem)


def _fit(folder: Folder, table: CheckedTable, column: str, rule: Rule) -> Fit | None:
    if isinstance(rule, SeedRule) and rule.values is not None:
        return _list_fit(folder, table, column, rule, list(rule.values), list(map(float, rule.weights or [])))
    if isinstance(rule, SeedRule) and rule.weight_column is not None:
        file = folder.seed_file(str(rule.seed_file_name), rule.seed_separator, rule.header)
        if file is not None:
            weights = [float(weight) for weight in seed_column(file, rule.weight_column, column)]
            return _list_fit(folder, table, column, rule, seed_column(file, rule.column, column), weights)
    data_type = table.columns[column]
    if isinstance(rule, RandomRule) and rule.range is not None:
        ends = rule.range.min, rule.range.max, rule.range.step
        return _range_fit(folder, table, column, data_type, *ends, rule.distribution)
    if isinstance(rule, DateRule) and rule.distribution is not None and rule.distribution.type != "UNIFORM":
        if rule.weekdays or rule.format:
            raise NotCheckableError("a distribution over weekdays, or over dates as text")
        rows = View(folder, table).rows
        (start, _), (end, timed) = (date_end(rows, text) for text in (rule.range.start, rule.range.end))
        day = data_type.name == "DATE"
        until = f"{end} + INTERVAL 1 DAY - INTERVAL 1 SECOND" if not (timed or day) else end
        cast = "DATE" if day else "TIMESTAMP"
        first, last = folder.one(
            f"SELECT CAST(CAST({start} AS {cast}) AS VARCHAR), CAST(CAST({until} AS {cast}) AS VARCHAR)"
        )
        return _range_fit(folder, table, column, data_type, first, last, None, rule.distribution)
    return None


def _list_fit(
    folder: Folder, table: CheckedTable, column: str, rule: SeedRule, values: Sequence[object], weights: list[float]
) -> Fit | None:
    weights = weights or [1.0] * len(values)
    distribution = rule.distribution
    if distribution is not None and distribution.type == "WEIGHTED":
        weights = [float(weight) for weight in distribution.weights or []]
    elif distribution is not None and distribution.type == "ZIPF":
        exponent = float(distribution.exponent or 1)
        weights = [rank**-exponent for rank in range(1, len(values) + 1)]
    if len(values) > _MOST_VALUES or rule.max_length is not None:
        return None
    wanted: dict[str, float] = {}
    cast = sql_type(table.columns[column])
    listed = ", ".join(f"({quoted(str(value))})" for value in values)
    texts = folder.all(f"SELECT CAST(CAST(v AS {cast}) AS VARCHAR) FROM (VALUES {listed}) AS given(v)")
    for (shown,), weight in zip(texts, weights, strict=True):
        wanted[shown] = wanted.get(shown, 0.0) + weight
    query = (
        f"SELECT CAST({name(column)} AS VARCHAR), count(*) FROM {name(table.name)} WHERE {name(column)} IS NOT NULL "
    )
    counts = dict(folder.all(f"{query} GROUP BY 1"))
    return Fit([counts.get(value, 0) for value in wanted], list(wanted.values()))


def _position(value: object, data_type: DataType) -> float:
    """A literal as a number: dates in days, timestamps and times in seconds."""
    if data_type.name == "DATE":
        return float(parse_date(value))
    if data_type.name == "TIMESTAMP":
        return parse_timestamp(value) / MICROSECONDS
    if data_type.name == "TIME":
        return parse_time(value) / MICROSECONDS
    return float(str(value))


def _distance(value: object, data_type: DataType) -> float:
    """A distance likewise."""
    if not isinstance(value, str) or not data_type.is_temporal:
        return float(str(value))
    return Duration.parse(value).microseconds / (DAY if data_type.name == "DATE" else MICROSECONDS)


def _measure(column: str, data_type: DataType) -> str:
    """A column as such a number."""
    shown = name(column)
    if data_type.name == "DATE":
        return f"({shown} - DATE '1970-01-01')"
    if data_type.name == "TIMESTAMP":
        return f"(epoch_us({shown}) / 1e6)"
    if data_type.name == "TIME":
        return f"(epoch_us({shown}) / 1e6)"
    return f"CAST({shown} AS DOUBLE)"


def _range_fit(
    folder: Folder,
    table: CheckedTable,
    column: str,
    data_type: DataType,
    first: object,
    last: object,
    step: object | None,
    distribution: Distribution | None,
) -> Fit | None:
    """Counts in bins of the range, which lie between its values, beside the mass of the curve there."""
    low, high = _position(first, data_type), _position(last, data_type)
    continuous = data_type.name == "DOUBLE" and step is None
    natural = 10.0**-data_type.scale if data_type.name == "DECIMAL" else 1.0
    unit = _distance(step, data_type) if step is not None else natural
    if continuous:
        unit, size = 0.0, _BINS
        edges = [low + (high - low) * number / _BINS for number in range(_BINS + 1)]
    else:
        size = math.floor((high - low) / unit + 1e-9) + 1
        if size < 2:
            return None
        starts = sorted(
            {round(size * number / _BINS) for number in range(_BINS + 1)} if size > _BINS else set(range(size + 1))
        )
        edges = [low + (start - 0.5) * unit for start in starts]
    kind = distribution.type if distribution is not None else "UNIFORM"
    if distribution is not None and kind in ("ZIPF", "WEIGHTED", "HISTOGRAM"):
        ranked = _ranked(distribution, data_type, low, unit, size, edges)
        if ranked is None:
            return None
        edges, weights = ranked
    else:
        mass = _mass(distribution, data_type, low, high, unit)
        weights = [max(mass(right) - mass(left), 0.0) for left, right in itertools.pairwise(edges)]
    measure = _measure(column, data_type)
    inner = edges[1:-1]
    bins = " + ".join(f"CAST({measure} >= {edge!r} AS INTEGER)" for edge in inner) or "0"
    query = f"SELECT {bins}, count(*) FROM {name(table.name)} WHERE {name(column)} IS NOT NULL GROUP BY 1"
    counts = dict(folder.all(query))
    return Fit([counts.get(number, 0) for number in range(len(edges) - 1)], weights)


def _ranked(
    distribution: Distribution, data_type: DataType, low: float, unit: float, size: int, edges: list[float]
) -> tuple[list[float], list[float]] | None:
    """Edges and weights of distributions that weigh values one by one, or bin by bin."""
    if distribution.type == "HISTOGRAM":
        given = [_position(edge, data_type) for edge in distribution.edges or []]
        half = unit / 2
        return [edge - half for edge in given[:-1]] + [given[-1] + half], [
            float(one) for one in distribution.weights or []
        ]
    if distribution.type == "WEIGHTED":
        if size > _BINS * 5:
            return None
        return [low + (rank - 0.5) * unit for rank in range(size + 1)], [
            float(one) for one in distribution.weights or []
        ]
    exponent = float(distribution.exponent or 1)
    head = min(size, _BINS)
    weights = [rank**-exponent for rank in range(1, head + 1)]
    edges = [low + (rank - 0.5) * unit for rank in range(head + 1)]
    if size > head:
        weights.append(zipf_mass(head + 1, size, exponent))
        edges.append(low + (size - 0.5) * unit)
    return edges, weights


def zipf_mass(first: int, last: int, exponent: float) -> float:
    """The sum of ``rank ** -exponent``: term by term, and by Euler and Maclaurin's formula beyond 100,000."""
    known = min(last, 100_000)
    total = math.fsum(rank**-exponent for rank in range(first, known + 1))
    if last > known:
        a, b = known + 0.5, last + 0.5
        total += math.log(b / a) if exponent == 1 else (b ** (1 - exponent) - a ** (1 - exponent)) / (1 - exponent)
    return total


def _mass(
    distribution: Distribution | None, data_type: DataType, low: float, high: float, unit: float
) -> Callable[[float], float]:
    """The distribution function of a curve over the range."""
    kind = distribution.type if distribution is not None else "UNIFORM"
    begin, end = low - unit / 2, high + unit / 2
    if distribution is None or kind == "UNIFORM":
        return lambda x: x
    middle = (begin + end) / 2
    if kind == "TRIANGULAR":
        mode = middle if distribution.mode is None else _position(distribution.mode, data_type)
        width = end - begin

        def triangle(x: float) -> float:
            if x <= mode:
                return (x - begin) ** 2 / (width * (mode - begin)) if mode > begin else 0.0
            return 1 - (end - x) ** 2 / (width * (end - mode)) if end > mode else 1.0

        return triangle
    if kind == "NORMAL":
        mean = middle if distribution.mean is None else _position(distribution.mean, data_type)
        stddev = (end - begin) / 6 if distribution.stddev is None else _distance(distribution.stddev, data_type)
        return lambda x: 0.5 * (1 + math.erf((x - mean) / (stddev * math.sqrt(2))))
    if kind == "LOGNORMAL":
        mu, sigma = float(str(distribution.mean)), float(str(distribution.stddev))
        return lambda x: 0.5 * (1 + math.erf((math.log(x) - mu) / (sigma * math.sqrt(2)))) if x > 0 else 0.0
    mean = (end - begin) / 5 if distribution.mean is None else _distance(distribution.mean, data_type)
    return lambda x: 1 - math.exp(-(x - low) / mean) if x > low else 0.0


# foreign keys


def foreign_key_findings(folder: Folder, table: CheckedTable, shared: set[str]) -> Iterator[Finding]:
    """Whether parents are chosen, or have children, as asked for."""
    for key, reference in table.foreign_keys:
        subject = f"{', '.join(key.columns)} → {reference.table or reference.file}"
        bound = bool(shared & set(key.columns)) or reference.table == table.name or reference.file is not None
        if bound or reference.when or key.unique or any(column not in table.columns for column in key.columns):
            continue
        try:
            fit = _children_fit(folder, table, key, reference) if key.children_per_parent else None
            if fit is None and key.children_per_parent is None:
                fit = _parents_fit(folder, table, key, reference)
        except NotCheckableError as error:
            yield Finding(table.name, "distribution", subject, SKIPPED, str(error))
            continue
        if fit is not None:
            problem = fit.problem()
            yield Finding(table.name, "distribution", subject, FAILED if problem else PASSED, problem)


def _children_fit(folder: Folder, table: CheckedTable, key: ForeignKey, reference: Reference) -> Fit | None:
    """How many parents have so many children."""
    cardinality = key.children_per_parent
    assert cardinality is not None
    size = cardinality.max - cardinality.min + 1
    parents = folder.tables.get(str(reference.table))
    if size < 2 or parents is None:
        return None
    own = ", ".join(map(name, key.columns))
    counted = f"SELECT n, count(*) FROM (SELECT count(*) AS n FROM {name(table.name)} GROUP BY {own}) GROUP BY n"
    counts = dict(folder.all(counted))
    counts[0] = parents.rows - sum(counts.values())
    edges = [cardinality.min + rank - 0.5 for rank in range(size + 1)]
    if cardinality.distribution is None or cardinality.distribution.type == "UNIFORM":
        weights = [1.0] * size
    else:
        integer = DataType("BIGINT")
        low, high = float(cardinality.min), float(cardinality.max)
        distribution = cardinality.distribution
        if distribution.type in ("ZIPF", "WEIGHTED", "HISTOGRAM"):
            if distribution.type == "ZIPF":
                weights = [rank ** -float(distribution.exponent or 1) for rank in range(1, size + 1)]
            elif distribution.type == "WEIGHTED":
                weights = [float(one) for one in distribution.weights or []]
            else:
                raise NotCheckableError("a histogram over numbers of children")
        else:
            mass = _mass(distribution, integer, low, high, 1.0)
            weights = [max(mass(right) - mass(left), 0.0) for left, right in itertools.pairwise(edges)]
    return Fit([counts.get(cardinality.min + rank, 0) for rank in range(size)], weights)


def _parents_fit(folder: Folder, table: CheckedTable, key: ForeignKey, reference: Reference) -> Fit | None:
    """How many rows have a parent out of each of 32 arbitrary parts; for Zipf, out of the most popular ones."""
    distribution = key.distribution
    kind = distribution.type if distribution is not None else "UNIFORM"
    source = source_of(folder, reference)
    parents = folder.tables[str(reference.table)]
    if any(column not in parents.columns for column in reference.columns):
        raise NotCheckableError(f"{reference.columns[0]} is hidden")
    own = ", ".join(map(name, key.columns))
    filled = " AND ".join(f"{name(column)} IS NOT NULL" for column in key.columns)
    if kind == "ZIPF":
        assert distribution is not None
        exponent, size = float(distribution.exponent or 1), parents.rows
        query = f"SELECT count(*) AS n FROM {name(table.name)} WHERE {filled} GROUP BY {own} ORDER BY n DESC LIMIT 1"
        top = folder.all(query)
        rows = int(folder.one(f"SELECT count(*) FROM {name(table.name)} WHERE {filled}")[0])
        first = 1 / zipf_mass(1, size, exponent) if size else 0
        # Only where the first rank stands out is the most frequent parent surely it.
        if not top or rows * first * (1 - 2**-exponent) < 50 or size < 2:
            return None
        return Fit([float(top[0][0]), float(rows - top[0][0])], [first, 1 - first])
    weight = "1"
    if kind == "WEIGHTED" and distribution is not None and distribution.column is not None:
        if distribution.column not in parents.columns:
            raise NotCheckableError(f"{distribution.column} is hidden")
        weight = f"coalesce({name(distribution.column)}, 0)"
    elif kind != "UNIFORM":
        raise NotCheckableError(f"{kind} over the order of the parents' rows")
    theirs = ", ".join(map(name, reference.columns))
    expected = dict(folder.all(f"SELECT hash({theirs}) % 32, CAST(sum({weight}) AS DOUBLE) FROM {source} GROUP BY 1"))
    query = f"SELECT hash({own}) % 32, count(*) FROM {name(table.name)} WHERE {filled} GROUP BY 1"
    counts = dict(folder.all(query))
    bins = sorted(expected)
    return Fit([float(counts.get(one, 0)) for one in bins], [float(expected[one] or 0) for one in bins])
