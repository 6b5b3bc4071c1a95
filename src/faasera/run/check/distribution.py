"""Whether values are distributed as asked for, and parents chosen so."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from faasera.core.types import BIGINT, DATE, DOUBLE, DataType
from faasera.generators.date_random import DateRule, end_sql
from faasera.generators.random_value import RandomRule
from faasera.generators.seed_list import SeedRule, seed_column
from faasera.policy.model import Distribution, ForeignKey, Reference, Rule
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import NotCheckableError, one_form, quoted
from faasera.run.check.statistics import Fit, bins_of, distance, position, zipf_mass
from faasera.run.check.view import View, source_of
from faasera.run.check.written import Written, typed

_MOST_VALUES = 5000


def column_findings(place: Place, table: CheckedTable, column: str) -> Iterator[Finding]:
    """Whether a column's values follow the weights or the distribution of its rule."""
    rule = table.rule(column)
    # Values that the database prints in its own way are not counted by the policy's.
    if rule is not None and rule.when is None and column not in table.reprinted:
        yield from _judged(table, column, lambda: _fit(place, table, column, rule))


def asked_for(place: Place, table: CheckedTable, column: str) -> Fit | None:
    """How a column's values lie beside what its rule asks for; None where it asks for nothing that can be shown."""
    rule = table.rule(column)
    if rule is None or rule.when is not None or column in table.redrawn:
        return None
    try:
        return _fit(place, table, column, rule)
    except NotCheckableError:
        return None


def _judged(table: CheckedTable, subject: str, make: Callable[[], Fit | None]) -> Iterator[Finding]:
    """What a test says, if there is one to make."""
    try:
        fit = make()
    except NotCheckableError as error:
        yield Finding(table.name, "distribution", subject, SKIPPED, str(error))
        return
    if fit is not None:
        problem = fit.problem()
        yield Finding(table.name, "distribution", subject, FAILED if problem else PASSED, problem)


def _fit(place: Place, table: CheckedTable, column: str, rule: Rule) -> Fit | None:
    if isinstance(rule, SeedRule) and rule.values is not None:
        return _list_fit(place, table, column, rule, list(rule.values), list(map(float, rule.weights or [])))
    if isinstance(rule, SeedRule) and rule.weight_column is not None:
        file = place.seed_file(str(rule.seed_file_name), rule.seed_separator, rule.header)
        if file is not None:
            weights = [float(weight) for weight in seed_column(file, rule.weight_column, column)]
            return _list_fit(place, table, column, rule, seed_column(file, rule.column, column), weights)
    data_type = table.columns[column]
    if isinstance(rule, RandomRule) and rule.range is not None:
        ends = rule.range.min, rule.range.max, rule.range.step
        return _range_fit(place, table, column, data_type, *ends, rule.distribution)
    if isinstance(rule, DateRule) and rule.distribution is not None and rule.distribution.type != "UNIFORM":
        if rule.weekdays or rule.format:
            raise NotCheckableError("a distribution over weekdays, or over dates as text")
        written = Written(table, View(place, table).rows, column)
        (start, _), (end, timed) = (end_sql(written, given) for given in (rule.range.start, rule.range.end))
        day = data_type == DATE
        until = f"{end} + INTERVAL 1 DAY - INTERVAL 1 SECOND" if not (timed or day) else end
        cast = "DATE" if day else "TIMESTAMP"
        first, last = place.one(
            f"SELECT CAST(CAST({start} AS {cast}) AS VARCHAR), CAST(CAST({until} AS {cast}) AS VARCHAR)"
        )
        return _range_fit(place, table, column, data_type, first, last, None, rule.distribution)
    return None


def _list_fit(
    place: Place, table: CheckedTable, column: str, rule: SeedRule, values: Sequence[object], weights: list[float]
) -> Fit | None:
    weights = weights or [1.0] * len(values)
    distribution = rule.distribution
    if distribution is not None and distribution.type == "WEIGHTED":
        weights = [float(weight) for weight in distribution.weights or []]
    elif distribution is not None and distribution.type == "ZIPF":
        exponent = float(distribution.exponent or 1)
        weights = [rank**-exponent for rank in range(1, len(values) + 1)]
    repeated = len(set(map(str, values))) < len(values) and table.keys.binds(column)
    # A list in a key is drawn without its repetitions.
    if len(values) > _MOST_VALUES or rule.max_length is not None or repeated:
        return None
    wanted: dict[str, float] = {}
    data_type = table.columns[column]
    listed = ", ".join(f"({typed(value, data_type)})" for value in values)
    given = one_form("CAST(v AS VARCHAR)", data_type)
    texts = place.all(f"SELECT {given} FROM (VALUES {listed}) AS given(v)")
    for (shown,), weight in zip(texts, weights, strict=True):
        wanted[shown] = wanted.get(shown, 0.0) + weight
    query = (
        f"SELECT {one_form(f'CAST({quoted(column)} AS VARCHAR)', data_type)}, count(*) FROM {quoted(table.name)} "
        f"WHERE {quoted(column)} IS NOT NULL "
    )
    counts = dict(place.all(f"{query} GROUP BY 1"))
    return Fit([counts.get(value, 0) for value in wanted], list(wanted.values()), list(wanted))


def _measure(column: str, data_type: DataType) -> str:
    """A column as such a number."""
    shown = quoted(column)
    if data_type.has_time:
        return f"(epoch_us({shown}) / 1e6)"
    if data_type.has_date:
        return f"({shown} - DATE '1970-01-01')"
    return f"CAST({shown} AS DOUBLE)"


def _range_fit(
    place: Place,
    table: CheckedTable,
    column: str,
    data_type: DataType,
    first: object,
    last: object,
    step: object | None,
    distribution: Distribution | None,
) -> Fit | None:
    """Counts in bins of the range, beside the mass of the curve there."""
    unit = 0.0 if data_type == DOUBLE else 10.0**-data_type.scale
    if step is not None:
        unit = distance(step, data_type)
    bins = bins_of(distribution, data_type, position(first, data_type), position(last, data_type), unit)
    if bins is None:
        return None
    number = bins.number(_measure(column, data_type))
    query = f"SELECT {number}, count(*) FROM {quoted(table.name)} WHERE {quoted(column)} IS NOT NULL GROUP BY 1"
    return bins.fit(place.all(query))


# foreign keys


def foreign_key_findings(place: Place, table: CheckedTable, shared: set[str]) -> Iterator[Finding]:
    """Whether parents are chosen, or have children, as asked for."""
    for key, reference in table.foreign_keys:
        subject = f"{', '.join(key.columns)} → {reference.parent}"
        bound = bool(shared & set(key.columns)) or reference.own_table == table.name or reference.own_table is None
        if bound or reference.when or key.unique or any(column not in table.columns for column in key.columns):
            continue
        fit = _parents_fit if key.children_per_parent is None else _children_fit
        yield from _judged(table, subject, partial(fit, place, table, key, reference))


def _children_fit(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference) -> Fit | None:
    """How many parents have so many children."""
    cardinality = key.children_per_parent
    assert cardinality is not None
    size = cardinality.max - cardinality.min + 1
    parents = place.tables.get(str(reference.own_table))
    if size < 2 or parents is None:
        return None
    low, high = float(cardinality.min), float(cardinality.max)
    bins = bins_of(cardinality.distribution, BIGINT, low, high, 1.0)
    assert bins is not None
    own = ", ".join(map(quoted, key.columns))
    counted = f"SELECT count(*) AS n FROM {quoted(table.name)} GROUP BY {own}"
    found = dict(place.all(f"SELECT {bins.number('n')}, count(*) FROM ({counted}) GROUP BY 1"))
    childless = parents.rows - sum(found.values())
    if childless and not cardinality.min:
        first = int(place.one(f"SELECT {bins.number('0')}")[0])
        found[first] = found.get(first, 0) + childless
    return bins.fit(list(found.items()))


def _parents_fit(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference) -> Fit | None:
    """How many rows have a parent out of each of 32 arbitrary parts; for Zipf, out of the most popular ones."""
    distribution = key.distribution
    kind = distribution.type if distribution is not None else "UNIFORM"
    source = source_of(place, reference)
    parents = place.tables[str(reference.own_table)]
    if any(column not in parents.columns for column in reference.columns):
        raise NotCheckableError(f"{reference.columns[0]} is hidden")
    own = ", ".join(map(quoted, key.columns))
    filled = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in key.columns)
    if kind == "ZIPF":
        assert distribution is not None
        exponent, size = float(distribution.exponent or 1), parents.rows
        query = f"SELECT count(*) AS n FROM {quoted(table.name)} WHERE {filled} GROUP BY {own} ORDER BY n DESC LIMIT 1"
        top = place.all(query)
        rows = int(place.one(f"SELECT count(*) FROM {quoted(table.name)} WHERE {filled}")[0])
        first = 1 / zipf_mass(1, size, exponent) if size else 0
        # Only where the first rank stands out is the most frequent parent surely it.
        if not top or rows * first * (1 - 2**-exponent) < 50 or size < 2:
            return None
        return Fit([float(top[0][0]), float(rows - top[0][0])], [first, 1 - first])
    weight = "1"
    if kind == "WEIGHTED" and distribution is not None and distribution.column is not None:
        if distribution.column not in parents.columns:
            raise NotCheckableError(f"{distribution.column} is hidden")
        weight = f"coalesce({quoted(distribution.column)}, 0)"
    elif kind != "UNIFORM":
        return _ordered_fit(place, table, key, reference, source)
    theirs = ", ".join(map(quoted, reference.columns))
    expected = dict(place.all(f"SELECT hash({theirs}) % 32, CAST(sum({weight}) AS DOUBLE) FROM {source} GROUP BY 1"))
    query = f"SELECT hash({own}) % 32, count(*) FROM {quoted(table.name)} WHERE {filled} GROUP BY 1"
    counts = dict(place.all(query))
    bins = sorted(expected)
    return Fit([float(counts.get(one, 0)) for one in bins], [float(expected[one] or 0) for one in bins])


def _ordered_fit(place: Place, table: CheckedTable, key: ForeignKey, reference: Reference, source: str) -> Fit | None:
    """How many rows have a parent from each part of the parents' order."""
    bins = bins_of(key.distribution, BIGINT, 1.0, float(place.tables[str(reference.own_table)].rows), 1.0)
    if bins is None:
        return None
    if not place.ordered:
        raise NotCheckableError("the rows of a database have no order")
    pairs = " AND ".join(f"c.{quoted(o)} = p.{quoted(t)}" for o, t in zip(key.columns, reference.columns, strict=True))
    ordered = f"SELECT *, row_number() OVER () AS {quoted('# row')} FROM {source}"
    number = bins.number(f"p.{quoted('# row')}")
    return bins.fit(
        place.all(f"SELECT {number}, count(*) FROM {quoted(table.name)} c JOIN ({ordered}) p ON {pairs} GROUP BY 1")
    )
