"""Rows from a plan: any rows of any table, by themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, Mask
from faasera.core.errors import Problem, RunError
from faasera.core.kept import Kept
from faasera.core.prefix_sums import Counts, PrefixSums
from faasera.core.streams import Words
from faasera.generators.context import Context, Delegating, Siblings, Tables
from faasera.generators.joined import placed
from faasera.plan.model import Plan, Redraw, TablePlan
from faasera.plan.origins import mark
from faasera.policy.counts import ATTEMPT_BITS

T = TypeVar("T")

_MOST_ATTEMPTS = 10_000
_Tried = list[tuple["Attempt", np.ndarray[Any, Any]]]
"""Attempts, each with the places of the rows that it is good for."""


class UnplannedError(Exception):
    """Rows are asked of a table that is not planned yet.

    Attributes:
        table: which.
    """

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class UnmetError(RunError):
    """A row meets the checks of its table in no attempt.

    Attributes:
        table: which.
    """

    def __init__(self, problems: Iterable[Problem], table: str = "") -> None:
        super().__init__(problems)
        self.table = table


class Rows(Tables):
    """All rows of a plan, or of as much of it as is there yet.

    Args:
        plans: the tables by name, those with rows that exist already too.
        kept: running totals and indexes.
    """

    def __init__(self, plans: Mapping[str, TablePlan], kept: Kept) -> None:
        self.plans = dict(plans)
        self.kept = kept

    @classmethod
    def of(cls, plan: Plan) -> "Rows":
        """Those of a plan."""
        return cls(plan.relatives, plan.kept)

    def plan(self, table: str) -> TablePlan:
        """A table's plan.

        Raises:
            UnplannedError: it is not there yet.
        """
        if table not in self.plans:
            raise UnplannedError(table)
        return self.plans[table]

    @override
    def rows(self, table: str, rows: Words) -> "Evaluation":
        return Evaluation(self, self.plan(table), rows)

    @override
    def totals(self, key: str, size: int, counts: Counts) -> PrefixSums:
        return self.kept.totals(key, size, counts)

    @override
    def index(self, key: str, make: Callable[[], T]) -> T:
        return self.kept.index(key, make)

    def children(self, table: str) -> PrefixSums:
        """The running totals of the numbers of children that decide a table's rows."""
        link = self.plan(table).cardinality
        assert link is not None
        return link.totals(self)


class Evaluation(Context):
    """Some rows of a table, each column made when it is first asked for.

    Attributes:
        tables: all rows of the plan.
        table: the one that the rows belong to.
    """

    tables: Rows

    def __init__(self, tables: Rows, table: TablePlan, rows: Words) -> None:
        self.tables = tables
        self.table = table
        self.rows = rows
        self._columns: dict[str, pa.Array] = {}
        self._parents: dict[str, Evaluation] = {}
        self._siblings: Siblings | None = None
        self._shared: dict[str, Any] = {}
        self._attempts: dict[str, _Tried] = {}

    @override
    def at(self, rows: Words) -> "Evaluation":
        return Evaluation(self.tables, self.table, rows)

    @override
    def column(self, name: str) -> pa.Array:
        if name not in self._columns:
            redraw = self.table.redrawn.get(name)
            if redraw is not None:
                tried = self.attempts(redraw)
                made = [attempt.column(name) for attempt, _ in tried]
                self._columns[name] = made[0] if len(made) == 1 else _kept(made, tried)
            else:
                self._columns[name] = self.table.column(name).generator.generate(self)
        return self._columns[name]

    def attempt(self, redraw: Redraw, number: int) -> "Attempt":
        """These rows as they are when what belongs to a check is drawn for the n-th time, from 0."""
        return Attempt(self, redraw, number)

    def attempts(self, redraw: Redraw) -> _Tried:
        """Attempts until every row meets the checks.

        Raises:
            UnmetError: a row meets them in none of very many attempts.
        """
        if redraw.name not in self._attempts:
            self._attempts[redraw.name] = self._try(redraw)
        return self._attempts[redraw.name]

    def _try(self, redraw: Redraw) -> _Tried:
        places = np.arange(len(self.rows))
        tried: _Tried = []
        base = self
        fixed = not redraw.columns and not redraw.foreign_keys
        for number in range(1 if fixed else _MOST_ATTEMPTS):
            attempt = base.attempt(redraw, number)
            met = np.ones(len(places), dtype=np.bool_)
            for check in redraw.checks:
                met &= check.met(attempt)
            tried.append((attempt, places))
            if met.all():
                return tried
            places = places[~met]
            base = base.at(base.rows[~met])
        names = " and ".join(f"'{check.name}'" for check in redraw.checks)
        message = f"row {int(base.rows[0]):,} of '{self.table.name}' meets {names} in no attempt"
        remedy = "Give the columns rules that meet it: " + "; ".join(check.text for check in redraw.checks)
        raise UnmetError([Problem("", "check-not-honoured", message, remedy)], self.table.name)

    def parent(self, foreign_key: str) -> "Evaluation":
        """The rows of the parent table that these rows refer to; where a row refers to none, any row."""
        if foreign_key not in self._parents:
            redraw = self.table.redrawn_keys.get(foreign_key)
            if redraw is not None:
                rows = _last([(one.parent(foreign_key).rows, place) for one, place in self.attempts(redraw)])
            else:
                rows = self.table.foreign_keys[foreign_key].link.parents(self)
            self._parents[foreign_key] = self.parent_at(foreign_key, rows)
        return self._parents[foreign_key]

    def parent_at(self, foreign_key: str, rows: Words) -> "Evaluation":
        """Rows of the table that a foreign key refers to."""
        return self.tables.rows(self.table.foreign_keys[foreign_key].parent, rows)

    @override
    def has_parent(self, foreign_key: str) -> Mask | None:
        redraw = self.table.redrawn_keys.get(foreign_key)
        if redraw is None:
            return self.table.foreign_keys[foreign_key].present(self)
        masks = [(one.has_parent(foreign_key), place) for one, place in self.attempts(redraw)]
        if all(mask is None for mask, _ in masks):
            return None
        found: Mask = _last([(np.ones(len(place), np.bool_) if mask is None else mask, place) for mask, place in masks])
        return found

    @override
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    @override
    def siblings(self) -> Siblings:
        if self._siblings is None:
            self._siblings = Siblings(*self.tables.children(self.table.name).find(self.rows))
        return self._siblings

    @override
    def sibling_counts(self) -> Integers:
        return self.tables.children(self.table.name).counts(self.siblings().parents)

    @override
    def children(self, table: str, start: int, stop: int) -> tuple["Evaluation", Integers]:
        totals = self.tables.children(table)
        parents = self.rows[start:stop]
        counts = totals.counts(parents)
        ends = np.cumsum(counts)
        ranks = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
        rows = (np.repeat(totals.starts(parents), counts) + ranks).view(np.uint64)
        return self.tables.rows(table, rows), counts

    @override
    def child_counts(self, table: str) -> Integers:
        return self.tables.children(table).counts(self.rows)

    def batch(self, columns: Sequence[str] | None = None) -> pa.RecordBatch:
        """The columns that are written, or some of them, with lists of texts as dictionary arrays."""
        if columns is not None:
            return pa.RecordBatch.from_arrays([self.column(name) for name in columns], names=list(columns))
        arrays = [self.column(column.name) for column in self.table.visible]
        return pa.RecordBatch.from_arrays(arrays, schema=self.table.schema_of([array.type for array in arrays]))


class Attempt(Delegating):
    """Rows of a table with some columns and parents as another row's chance would have them; all else is as it was.

    A row's n-th attempt asks the same generators for a row number far beyond any table's, so that it is a pure
    function of the row as well.
    """

    base: Evaluation

    def __init__(self, base: Evaluation, redraw: Redraw, number: int) -> None:
        super().__init__(base, base.rows + np.uint64(number << ATTEMPT_BITS))
        self.redraw = redraw
        self.number = number
        self._columns: dict[str, pa.Array] = {}
        self._parents: dict[str, Evaluation] = {}

    @override
    def at(self, rows: Words) -> "Attempt":
        return Attempt(self.base.at(rows - np.uint64(self.number << ATTEMPT_BITS)), self.redraw, self.number)

    @override
    def column(self, name: str) -> pa.Array:
        if name not in self._columns:
            foreign = any(name in self.base.table.foreign_keys[key].columns for key in self.redraw.foreign_keys)
            if name in self.redraw.columns or foreign:
                self._columns[name] = self.base.table.column(name).generator.generate(self)
            else:
                self._columns[name] = self.base.column(name)
        return self._columns[name]

    @override
    def parent(self, foreign_key: str) -> Evaluation:
        if foreign_key not in self.redraw.foreign_keys:
            return self.base.parent(foreign_key)
        if foreign_key not in self._parents:
            rows = self.base.table.foreign_keys[foreign_key].link.parents(self)
            self._parents[foreign_key] = self.base.parent_at(foreign_key, rows)
        return self._parents[foreign_key]

    @override
    def has_parent(self, foreign_key: str) -> Mask | None:
        if foreign_key not in self.redraw.foreign_keys:
            return self.base.has_parent(foreign_key)
        return self.base.table.foreign_keys[foreign_key].present(self)


def _last(parts: list[tuple[Any, np.ndarray[Any, Any]]]) -> Any:
    """Values of ever fewer rows, the later ones in the place of the earlier."""
    found = parts[0][0].copy()
    for values, places in parts[1:]:
        found[places] = values
    return found


def _kept(made: list[pa.Array], tried: _Tried) -> pa.Array:
    """Each row's value of its last attempt."""
    final = _last([(np.full(len(places), number), places) for number, (_, places) in enumerate(tried)])
    arrays, order = [], []
    for number, (array, (_, places)) in enumerate(zip(made, tried, strict=True)):
        chosen = np.flatnonzero(final[places] == number)
        arrays.append(array.take(pa.array(chosen)))
        order.append(places[chosen])
    return placed(arrays, order)


def rows_between(start: int, stop: int) -> Words:
    """The row numbers of a range."""
    return np.arange(start, stop, dtype=np.uint64)


def batch_of(
    plan: Plan, table: TablePlan, start: int, stop: int, columns: Sequence[str] | None = None
) -> pa.RecordBatch:
    """The rows ``start … stop`` of a table, the end excluded.

    Args:
        plan: that the table belongs to.
        table: the table.
        start: the first row.
        stop: the end.
        columns: which of the written ones are made; None for all.

    Raises:
        RunError: one of them has a value of the deny list.
    """
    batch = Evaluation(Rows.of(plan), table, rows_between(start, stop)).batch(columns)
    if plan.deny_list is not None:
        plan.deny_list.check(table.name, batch.schema.names, batch, start)
    return batch


def schema_of(plan: Plan, table: TablePlan) -> pa.Schema:
    """The schema of a table's batches, which says in its metadata what the values are."""
    return batch_of(plan, table, 0, 0).schema.with_metadata(mark(plan, table))
