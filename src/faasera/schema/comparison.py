"""Whether a table that exists takes what a policy makes: every difference, before the first row."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded
from faasera.core.errors import Problems
from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    DataType,
    Scalar,
)
from faasera.databases.structure import (
    EXCLUSION,
    CheckConstraint,
    ColumnStructure,
    ForeignKeyStructure,
    TableStructure,
)
from faasera.generators.generator import Generator
from faasera.plan.evaluate import batch_of
from faasera.plan.model import CheckPlan, ColumnPlan, Plan, TablePlan
from faasera.schema.check_constraints import translate
from faasera.schema.dialects import dialect_named
from faasera.schema.facts import ConstraintFacts, facts_of
from faasera.schema.translator import UntranslatableError

_SAMPLE_ROWS = 4096
_ASSUME = 'Add it to "checks" as {"sql": …, "assumed": true}, with rules that meet it.'
_DECIMALS = Scalar("DECIMAL", 38, 0)
"""Stands for decimals of all digits, which are compared by themselves."""
_WIDER: Mapping[DataType, tuple[DataType, ...]] = {
    INTEGER: (INTEGER, BIGINT, _DECIMALS, DOUBLE, BOOLEAN),
    BIGINT: (BIGINT, INTEGER, _DECIMALS, DOUBLE),
    _DECIMALS: (_DECIMALS, DOUBLE),
    DOUBLE: (DOUBLE, _DECIMALS),
    BOOLEAN: (BOOLEAN, INTEGER, BIGINT),
    DATE: (DATE, TIMESTAMP),
    TIMESTAMP: (TIMESTAMP,),
    TIME: (TIME,),
    UUID: (UUID, STRING),
    JSON: (JSON, STRING),
    BINARY: (BINARY,),
    STRING: (STRING, UUID, JSON),
}
"""The types of columns that take the values of a policy's type."""


def _digitless(data_type: DataType) -> DataType:
    return _DECIMALS if data_type.is_decimal else data_type


def compare(
    plan: Plan, table: TablePlan, target: TableStructure, dialect: str, problems: Problems
) -> list[ColumnStructure]:
    """The target's columns in the order of the policy's; every difference is reported.

    Args:
        plan: the whole.
        table: the policy's side.
        target: the database's side.
        dialect: the name of the target's.
        problems: where to report.
    """
    return _Comparison(plan, table, target, dialect, problems).columns()


class _Comparison:
    def __init__(self, plan: Plan, table: TablePlan, target: TableStructure, dialect: str, problems: Problems) -> None:
        self.plan = plan
        self.table = table
        self.target = target
        self.dialect = dialect_named(dialect)
        self.problems = problems
        self.written = {column.name for column in table.visible}
        self._sample: pa.RecordBatch | None = None

    def report(self, message: str, remedy: str) -> None:
        self.problems.add("target-differs", f"{self.table.name}: {message}", remedy)

    def columns(self) -> list[ColumnStructure]:
        found = []
        exact = {column.name: column for column in self.target.columns}
        for column in self.table.visible:
            other = exact.get(column.name)
            if other is None:
                near = [name for name in exact if name.casefold() == column.name.casefold()]
                remedy = f"Name it '{near[0]}'." if near else "Add it to the database, or take it out of the policy."
                self.report(f"the table has no column '{column.name}'", remedy)
                continue
            found.append(other)
            self._column(column, other)
        if not self.table.row_count:
            return found  # A table without rows breaks nothing.
        for other in self.target.columns:
            free = other.nullable or other.default is not None or other.generated or other.identity
            if other.name not in self.written and not free:
                message = f"the column '{other.name}' ({other.type}) needs a value, and the policy has no rule for it"
                self.report(message, "Give it a rule, or import the schema again.")
        self._keys()
        self._checks()
        return found

    def sample(self, column: str) -> pa.Array:
        if self._sample is None:
            self._sample = batch_of(self.plan, self.table, 0, min(self.table.row_count, _SAMPLE_ROWS))
        return decoded(self._sample.column(column))

    def _column(self, column: ColumnPlan, other: ColumnStructure) -> None:
        label = f"'{column.name}' is {column.data_type}, and the table's column is {other.type}"
        generator = column.generator
        if other.generated:
            message = f"'{column.name}' cannot be written: the database computes it, or does not let you"
            self.report(message, "Take it out of the policy.")
            return
        if generator.nullable and not other.nullable:
            message = f"'{column.name}' may be null, and the table's column may not"
            self.report(message, "Remove 'nullFraction', or give the parent always.")
        if other.array:
            if column.data_type != JSON:
                self.report(label, "Make lists as JSON: a pattern such as \\[[0-9]{1,3}\\] with dataType JSON.")
            return
        if other.values:
            self._values(column, other)
            return
        if not self.dialect.typed:
            return
        if other.data_type is not None and _digitless(other.data_type) not in _WIDER[_digitless(column.data_type)]:
            self.report(label, "Change 'dataType', or the table.")
            return
        if other.length is not None and (column.data_type.is_text or column.data_type == BINARY):
            self._length(column, other, generator)
        elif column.data_type.is_number and other.data_type is not None and other.data_type.is_number:
            self._range(column, other, generator)

    def _values(self, column: ColumnPlan, other: ColumnStructure) -> None:
        strange = [
            value
            for value in pc.unique(self.sample(column.name)).to_pylist()
            if value is not None and str(value) not in other.values
        ]
        if strange:
            message = f"'{column.name}' can be {strange[0]!r}, and the table's column allows {', '.join(other.values)}"
            self.report(message, "Use only these values.")

    def _length(self, column: ColumnPlan, other: ColumnStructure, generator: Generator) -> None:
        assert other.length is not None
        limit = generator.max_length
        if limit is not None and limit <= other.length:
            return
        measure: Callable[[pa.Array], pa.Array] = pc.binary_length if column.data_type == BINARY else pc.utf8_length
        longest = pc.max(measure(self.sample(column.name))).as_py() or 0
        if longest > other.length or (limit is not None and limit > other.length):
            most = limit if limit is not None else longest
            message = f"'{column.name}' can have {most:,} characters, and the table's column takes {other.length:,}"
            self.report(message, f'Write "maxLength": {other.length}.')

    def _range(self, column: ColumnPlan, other: ColumnStructure, generator: Generator) -> None:
        assert other.data_type is not None
        scale = column.data_type.scale
        low, high = _bounds(other)
        if generator.bounds is not None:
            least, most = (bound / 10**scale for bound in generator.bounds)
        else:
            ends = pc.min_max(pc.cast(self.sample(column.name), pa.float64())).as_py()
            least, most = (ends["min"] or 0, ends["max"] or 0)
        if column.data_type == DOUBLE and generator.bounds is not None:
            ends = pc.min_max(self.sample(column.name)).as_py()
            least, most = (ends["min"] or 0, ends["max"] or 0)
        if least < low or most > high:
            message = f"'{column.name}' goes from {least:,} to {most:,}, and the table's column ({other.type}) from {low:,} to {high:,}"
            self.report(message, "Narrow its range.")

    def _keys(self) -> None:
        keys = [(self.target.primary_key, "primary key")] if self.target.primary_key else []
        keys += [(key.columns, "unique key") for key in self.target.unique_keys if key.where is None]
        for columns, kind in keys:
            self._key(columns, kind)
        for key in self.target.foreign_keys:
            self._foreign_key(key)

    def _key(self, columns: tuple[str, ...], kind: str) -> None:
        left = [one for one in columns if one not in self.written]
        if not left and not any(set(key) <= set(columns) for key in self.table.keys):
            shown = ", ".join(f'"{one}"' for one in columns)
            message = f"the table's {kind} ({', '.join(columns)}) is not promised by the policy"
            self.report(message, f'Add it: "uniqueKeys": [[{shown}]].')

    def _foreign_key(self, key: ForeignKeyStructure) -> None:
        known = [one for one in self.table.foreign_keys.values() if set(one.columns) >= set(key.columns)]
        empty = all(name not in self.written or self._always_null(name) for name in key.columns)
        if not any(one.parent == key.table for one in known) and not empty:
            message = f"the table's foreign key ({', '.join(key.columns)}) → {key.table} is not in the policy"
            self.report(message, "Add it to 'foreignKeys', or import the schema again.")

    def _always_null(self, name: str) -> bool:
        values = self.sample(name)
        return len(values) > 0 and values.null_count == len(values)

    def _lists_all(self, text: str) -> bool:
        """Whether a condition is a list of values that has all of a column's."""
        found = facts_of([text])
        if len(found) != 1 or not set(found) <= self.written:
            return False
        name, facts = next(iter(found.items()))
        if facts.values is None or facts != ConstraintFacts(values=facts.values):
            return False
        return set(pc.unique(self.sample(name)).to_pylist()) - {None} <= set(facts.values)

    def _checks(self) -> None:
        for unread in self.target.unread:
            kind, _, sql = unread.partition(": ")
            if kind == EXCLUSION and self.target.kept_by_null(sql, self.written) is not None:
                continue
            if sql not in self.assumed["sql"]:
                self.report(f"{kind} cannot be honoured: {sql}", _ASSUME)
        named = {check.name for check in self._promised()} | self.assumed["name"]
        for check in self.target.checks:
            if check.sql not in self.assumed["sql"] and not (check.name and check.name in named):
                self._check(check)

    def _promised(self) -> list[CheckPlan]:
        return [check for redraw in self.table.redraws for check in redraw.checks]

    @cached_property
    def assumed(self) -> dict[str, set[str]]:
        """What the policy says of checks that it takes for granted, by the key."""
        tables = self.plan.policy.get("tables", [self.plan.policy])
        policy = next(one for one in tables if one.get("tableName") == self.table.name)
        found = [one for one in policy.get("checks", []) if one.get("assumed")]
        return {key: {str(one.get(key)) for one in found} for key in ("sql", "name")}

    def _check(self, check: CheckConstraint) -> None:
        try:
            text = translate(check.sql, self.dialect, self.target)
        except UntranslatableError as error:
            if not self._left_to_database(check):
                message = f"the table's constraint {check.name or check.sql} cannot be honoured: {error}"
                self.report(message, _ASSUME)
            return
        promised = {_plain(one.text) for one in self._promised()}
        if text is not None and _plain(text) not in promised and not self._lists_all(text):
            message = f"the table's constraint {check.name or ''} is not promised by the policy: {text}"
            self.report(message, f'Add it: "checks": [{{"expression": "{text}"}}].')

    def _left_to_database(self, check: CheckConstraint) -> bool:
        """Whether a constraint speaks of a column that the policy does not write."""
        return any(one.name in check.sql and one.name not in self.written for one in self.target.columns)


def _plain(text: str) -> str:
    """A condition without what may be written in more than one way."""
    return re.sub(r"[(){}\s]", "", text).lower()


def _bounds(column: ColumnStructure) -> tuple[float, float]:
    assert column.data_type is not None
    if column.data_type.is_decimal:
        most = 10.0 ** (column.data_type.precision - column.data_type.scale)
        return (0.0 if column.unsigned else -most), most
    if column.data_type == DOUBLE:
        return -1.8e308, 1.8e308
    if column.bits == 0:
        return 1901, 2155
    bits = column.bits or (32 if column.data_type == INTEGER else 64)
    return (0, 2**bits - 1) if column.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
