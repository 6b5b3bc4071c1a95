"""Partitions: what rows must hold so that each finds one."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

_VALUE = re.compile(r"E?'(?:[^']|'')*'|[^,()\s][^,()]*(?:\([^()]*\))?")
_CUT = re.compile(
    r"""date_trunc\('\w+'(?:::text)?, (?P<column>"?\w+"?)\)|\(*(?:date\()?(?P<other>"?\w+"?)\)?(?:::date)\)*""", re.I
)
_YEAR = re.compile(r"""\(?EXTRACT\(year FROM (?P<column>"?\w+"?)\)\)?|YEAR\((?P<other>[`"]?\w+[`"]?)\)""", re.I)
_NUMBER_OF = re.compile(r"(?P<function>to_days|unix_timestamp)\((?P<column>`[^`]+`|\w+)\)", re.I)
_MOMENT_OF = re.compile(r"(?:to_days|unix_timestamp)\s*\(\s*(?P<moment>'[^']+')\s*\)", re.I)
_FIRST_DAY = 365
"""Days between the first one of MySQL's count and that of the Gregorian calendar as others count it."""
UNBOUNDED = ("MINVALUE", "MAXVALUE")


@dataclass(frozen=True)
class Among:
    """One of some values, each in SQL; NULL may be among them."""

    values: tuple[str, ...]

    def says(self, key: str) -> str:
        """The condition on a key."""
        listed = ", ".join(value for value in self.values if value.upper() != "NULL")
        if len(listed) == 0:
            return f"{key} IS NULL"
        if any(value.upper() == "NULL" for value in self.values):
            return f"{key} IN ({listed})"
        return f"{key} IS NOT NULL AND {key} IN ({listed})"


@dataclass(frozen=True)
class Between:
    """From a value on, and before another, each in SQL; None for no end."""

    low: str | None = None
    high: str | None = None
    beyond_low: bool = False
    with_high: bool = False
    nulls: bool = False

    def says(self, key: str) -> str:
        """The condition on a key."""
        ends = [f"{key} {'>' if self.beyond_low else '>='} {self.low}"] if self.low is not None else []
        ends += [f"{key} {'<=' if self.with_high else '<'} {self.high}"] if self.high is not None else []
        return " AND ".join(ends if self.nulls else [f"{key} IS NOT NULL", *ends])


Limit: TypeAlias = Among | Between


@dataclass(frozen=True)
class Region:
    """Rows that find a partition.

    Attributes:
        limits: on keys, by their SQL.
        leaves: the partitions that take them.
    """

    limits: Mapping[str, Limit] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()


@dataclass
class Partition:
    """A table with its partitions.

    Attributes:
        name: its own.
        strategy: by which rows find a partition of it: ``LIST``, ``RANGE``, ``HASH``; empty for a leaf.
        keys: what decides, in SQL.
        bound: what it takes of its parent, as PostgreSQL writes it; empty for a root.
        parts: its partitions.
    """

    name: str
    strategy: str = ""
    keys: tuple[str, ...] = ()
    bound: str = ""
    parts: "list[Partition]" = field(default_factory=list)

    def walk(self) -> "Iterator[Partition]":
        """Itself, and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def leaves(self) -> tuple[str, ...]:
        """The partitions that hold rows."""
        return tuple(one.name for one in self.walk() if not one.strategy)


def regions(table: Partition, within: frozenset[str] | None = None) -> list[Region]:
    """Where rows of a table can be, the place that most partitions take first; none where nothing is known of it.

    Args:
        table: with partitions.
        within: only rows of these leaves.
    """
    found = [one for one in _regions(table) if within is None or set(one.leaves) <= within]
    return sorted(_merged(found), key=lambda one: -len(one.leaves))


def _regions(table: Partition) -> list[Region]:
    if not table.strategy:
        return [Region({}, (table.name,))]
    if table.strategy == "HASH":
        return _hashed(table)
    usual = [one for one in table.parts if one.bound != "DEFAULT"]
    other = [one for one in table.parts if one.bound == "DEFAULT"]
    inner = {one.name: _regions(one) for one in table.parts}
    free = all(_free(inner[one.name]) for one in usual)
    if other and free and _free(inner[other[0].name]):
        return [Region({}, table.leaves())]
    found = []
    for part in usual:
        for limits in _limits(table, part.bound):
            for below in inner[part.name]:
                both = _both(limits, below.limits)
                if both is not None:
                    found.append(Region(both, below.leaves))
    return found


def _free(found: Sequence[Region]) -> bool:
    """Whether any row finds a place."""
    return len(found) == 1 and not found[0].limits


def _hashed(table: Partition) -> list[Region]:
    """Rows of all hashes, where each finds the same below; nobody can say which row has which."""
    shares = [int(match[1]) for one in table.parts if (match := re.search(r"modulus (\d+)", one.bound, re.I))]
    whole = abs(sum(1 / share for share in shares) - 1) < 1e-9 if shares else not any(one.bound for one in table.parts)
    inner = [_regions(one) for one in table.parts]
    if not whole or not inner:
        return []
    first = {tuple(one.limits.items()) for one in inner[0]}
    if any({tuple(one.limits.items()) for one in other} != first for other in inner):
        return []
    leaves = table.leaves()
    return [replace(one, leaves=leaves) for one in inner[0]]


def _both(one: Mapping[str, Limit], other: Mapping[str, Limit]) -> dict[str, Limit] | None:
    """Limits of two levels; None where both are about one key, as below ranges of years those of their months."""
    made = dict(one)
    for key, limit in other.items():
        if key in made and made[key] != limit and not isinstance(limit, Between | Among):
            return None
        made[key] = limit
    return made


def _limits(table: Partition, bound: str) -> Iterator[dict[str, Limit]]:
    """What a partition takes of its parent's rows."""
    listed = re.match(r"FOR VALUES IN \((?P<values>.*)\)$", bound, re.S)
    if listed:
        yield {table.keys[0]: Among(tuple(values_of(listed["values"])))}
    ends = re.match(r"FOR VALUES FROM \((?P<low>.*?)\) TO \((?P<high>.*)\)$", bound, re.S)
    if ends:
        made = limits_of(table.keys, values_of(ends["low"]), values_of(ends["high"]))
        if made is not None:
            yield made


def of_column(key: str, limit: Limit) -> tuple[str, Limit]:
    """A limit on the day or year of a column as one on the column, where it says the same of whole days and years."""
    cut = _CUT.fullmatch(key)
    if cut and isinstance(limit, Between):
        return cut["column"] or cut["other"], limit
    number = _NUMBER_OF.fullmatch(key)
    if number and isinstance(limit, Between):
        low, high = (_moment(number["function"], end) for end in (limit.low, limit.high))
        told = (low is None) == (limit.low is None) and (high is None) == (limit.high is None)
        return (number["column"], replace(limit, low=low, high=high)) if told else (key, limit)
    year = _YEAR.fullmatch(key)
    if not year:
        return key, limit
    column = year["column"] or year["other"]
    if isinstance(limit, Between):
        low, high = (
            None if end is None or (first := _number(end)) is None else f"'{first:04}-01-01'"
            for end in (limit.low, limit.high)
        )
        return column, replace(limit, low=low, high=high)
    years = sorted(one for value in limit.values if (one := _number(value)) is not None)
    if not years or years[-1] - years[0] + 1 != len(years):
        return key, limit
    return column, Between(f"'{years[0]:04}-01-01'", f"'{years[-1] + 1:04}-01-01'")


def _moment(function: str, end: str | None) -> str | None:
    """The day or moment that MySQL's number of it stands for; None where that is not known."""
    said = _MOMENT_OF.fullmatch(end or "")
    if said:
        return said["moment"]
    if end is None or not end.isdigit():
        return None
    if function.lower() == "to_days":
        return f"'{datetime.date.fromordinal(int(end) - _FIRST_DAY)}'"
    return f"'{datetime.datetime.fromtimestamp(int(end), datetime.UTC).replace(tzinfo=None)}'"


def values_of(text: str) -> list[str]:
    """The values of a list in SQL."""
    return [found.strip() for found in _VALUE.findall(text)]


def limits_of(keys: Sequence[str], low: Sequence[str], high: Sequence[str]) -> dict[str, Limit] | None:
    """Limits of rows that are surely between two rows, by the first key in which these differ; None where there are none."""
    if not keys:
        return None
    (first, *low_rest), (last, *high_rest) = low, high
    if first == last:
        below = limits_of(keys[1:], low_rest, high_rest)
        return None if below is None else {keys[0]: Among((first,)), **below}
    bounded = not low_rest or all(one == "MINVALUE" for one in low_rest)
    until = bool(high_rest) and all(one == "MAXVALUE" for one in high_rest)
    if not bounded and _number(first) is not None and _number(last) == (_number(first) or 0) + 1:
        return {keys[0]: Among((first,)), keys[1]: Between(low_rest[0], None)}
    start = None if first in UNBOUNDED else first
    end = None if last in UNBOUNDED else last
    return {keys[0]: Between(start, end, beyond_low=not bounded, with_high=until)}


def _number(text: str) -> int | None:
    plain = text.strip("'")
    return int(plain) if re.fullmatch(r"-?\d+", plain) else None


def _merged(found: Sequence[Region]) -> list[Region]:
    """The same rows as fewer regions: lists joined, and ranges that follow each other, key by key."""
    keys = list(dict.fromkeys(key for one in found for key in one.limits))
    while True:
        before = len(found)
        for key in keys:
            found = _merged_by(found, key)
        if len(found) == before:
            return list(found)


def _merged_by(found: Iterable[Region], key: str) -> list[Region]:
    groups: dict[tuple[tuple[str, Limit], ...], list[Region]] = {}
    for one in found:
        rest = tuple(
            sorted(((name, limit) for name, limit in one.limits.items() if name != key), key=lambda pair: pair[0])
        )
        groups.setdefault(rest, []).append(one)
    made: list[Region] = []
    for group in groups.values():
        made += _joined(group, key)
    return made


def _joined(group: Sequence[Region], key: str) -> list[Region]:
    lists = [one for one in group if isinstance(one.limits.get(key), Among)]
    made = [one for one in group if not isinstance(one.limits.get(key), Among | Between)]
    if lists:
        values = dict.fromkeys(value for one in lists for value in _values(one.limits[key]))
        made.append(_with(lists, key, Among(tuple(values))))
    chains: list[list[Region]] = []
    by_low = {limit.low: one for one in group if isinstance(limit := one.limits.get(key), Between)}
    highs = {_high(one, key) for one in by_low.values()}
    for low, one in by_low.items():
        if low is not None and low in highs and not _opened(one, key):
            continue
        chain = [one]
        while (end := _high(chain[-1], key)) in by_low and end is not None and not _opened(by_low[end], key):
            chain.append(by_low[end])
        chains.append(chain)
    for chain in chains:
        first, last = chain[0].limits[key], chain[-1].limits[key]
        assert isinstance(first, Between) and isinstance(last, Between)
        limit = Between(first.low, last.high, first.beyond_low, last.with_high, first.nulls)
        made.append(_with(chain, key, limit))
    return made


def _values(limit: Limit) -> tuple[str, ...]:
    assert isinstance(limit, Among)
    return limit.values


def _high(one: Region, key: str) -> str | None:
    limit = one.limits[key]
    assert isinstance(limit, Between)
    return None if limit.with_high else limit.high


def _opened(one: Region, key: str) -> bool:
    limit = one.limits[key]
    assert isinstance(limit, Between)
    return limit.beyond_low


def _with(group: Sequence[Region], key: str, limit: Limit) -> Region:
    leaves = tuple(dict.fromkeys(leaf for one in group for leaf in one.leaves))
    return Region({**group[0].limits, key: limit}, leaves)
