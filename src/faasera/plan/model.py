"""The plan: a policy made definite. A value that can be printed, compared and run."""

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import Mask, decoded
from faasera.core.digest import BLOCK_ROWS
from faasera.core.kept import Kept
from faasera.core.streams import Stream
from faasera.core.types import DataType
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.generator import Generator, present
from faasera.plan.deny import DenyList
from faasera.plan.link import CardinalityLink, Link

_LINE_BYTES, _NUMBER_BYTES = 32, 8


@dataclass(frozen=True)
class Meaning:
    """What a column means.

    Attributes:
        semantic_type: its name.
        inferred: whether the column's name said so, not the policy.
        realistic: whether values beyond the safe range are allowed.
    """

    semantic_type: str
    inferred: bool
    realistic: bool


@dataclass(frozen=True)
class ColumnPlan:
    """One column.

    Attributes:
        name: as in the policy.
        generator: makes the values.
        rule: the rule's type, or what stood in for it.
        hidden: whether it is only a step on the way.
        meaning: of a column with a semantic type.
        files: the columns of seed files that it is drawn from, each with its file.
        encodes: the columns that it encodes.
    """

    name: str
    generator: Generator
    rule: str
    hidden: bool
    meaning: Meaning | None = None
    files: tuple[tuple[str, str], ...] = ()
    encodes: tuple[str, ...] = ()

    @property
    def data_type(self) -> DataType:
        """Of the values."""
        return self.generator.data_type

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        values: dict[str, Any] = {
            "name": self.name,
            "dataType": str(self.data_type),
            "rule": self.rule,
            "makes": self.generator.describe(),
        }
        if self.meaning is not None:
            values["semanticType"] = self.meaning.semantic_type
            if self.meaning.inferred:
                values["inferred"] = True
            if self.meaning.realistic:
                values["allowRealistic"] = True
        if self.generator.nullable:
            values["nullable"] = True
        if self.hidden:
            values["hidden"] = True
        return values


@dataclass(frozen=True)
class ForeignKeyPlan:
    """How rows find their parents.

    Attributes:
        name: the child's columns, joined by +; of several references with the parent behind a colon.
        columns: the child's columns.
        parent: the parent table's name, or the name of rows that exist already.
        parent_columns: the parent's columns, in the order of ``columns``.
        link: from the child's rows to the parent's row numbers.
        null_fraction: the share of rows without a parent.
        null_stream: decides which these are.
        when: the values of other columns with which this reference applies, each as an Arrow scalar.
        several: whether it is one of several references of a foreign key.
        virtual: whether the parent is rows that exist already: of a file, or of a database.
        word: what a path calls the parent.
    """

    name: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    link: Link
    null_fraction: float
    null_stream: Stream
    when: tuple[tuple[str, tuple[pa.Scalar, ...]], ...] = ()
    several: bool = False
    virtual: bool = False
    word: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """By what a path of a rule may name it."""
        return (self.word, self.name, "+".join(self.columns))

    def present(self, context: Context) -> Mask | None:
        """Which rows have a parent; None when all do."""
        masks = [self.link.present(context)]
        if self.null_fraction:
            masks.append(present(self.null_stream, self.null_fraction, context.rows))
        for column, values in self.when:
            listed = pa.array([value.as_py() for value in values], type=values[0].type)
            masks.append(np.asarray(pc.is_in(decoded(context.column(column)), value_set=listed)))
        found: Mask | None = None
        for mask in masks:
            if mask is not None:
                found = mask if found is None else found & mask
        return found

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        references: dict[str, Any] = {"file" if self.virtual else "table": self.parent}
        references["columns"] = list(self.parent_columns)
        if self.when:
            references["when"] = {column: _shown(values) for column, values in self.when}
        return {
            "columns": list(self.columns),
            "references": references,
            "link": self.link.describe(),
            "nullFraction": self.null_fraction,
        }


def _shown(values: tuple[pa.Scalar, ...]) -> Any:
    """Values as a policy writes them: one by itself."""
    listed = [value.as_py() for value in values]
    return listed if len(listed) > 1 else listed[0]


@dataclass(frozen=True)
class CheckPlan:
    """A condition that every row meets.

    Attributes:
        name: for messages.
        text: the condition.
        value: whether rows meet it; null counts as met, as in SQL.
        acceptance: the share of rows that meet it at the first draw, as measured.
    """

    name: str
    text: str
    value: Generator
    acceptance: float

    def met(self, context: Context) -> Mask:
        """Which rows meet it."""
        return np.asarray(pc.fill_null(self.value.generate(context), True))


@dataclass(frozen=True)
class Redraw:
    """What is drawn again, together, in rows that break a check.

    Attributes:
        columns: whose values.
        foreign_keys: whose parents, by name.
        checks: that must hold afterwards.
    """

    columns: frozenset[str]
    foreign_keys: frozenset[str]
    checks: tuple[CheckPlan, ...]

    @property
    def name(self) -> str:
        """That of the first check: no check is in two."""
        return self.checks[0].name


@dataclass(frozen=True, eq=False)
class TablePlan(ByContent):
    """One table.

    Attributes:
        name: as in the policy.
        row_count: how many rows.
        columns: all of them, hidden ones too, in the order of the output.
        primary_key: the primary key's column, if there is one.
        keys: all unique tuples, the primary key first.
        foreign_keys: by name.
        cardinality: decides the row count, where a foreign key does.
        redraws: conditions on rows, with what is drawn again where one fails.
    """

    name: str
    row_count: int
    columns: tuple[ColumnPlan, ...]
    primary_key: str | None
    keys: tuple[tuple[str, ...], ...]
    foreign_keys: Mapping[str, ForeignKeyPlan] = field(default_factory=dict)
    cardinality: CardinalityLink | None = None
    redraws: tuple[Redraw, ...] = ()

    @cached_property
    def redrawn(self) -> dict[str, Redraw]:
        """The columns that may be drawn again."""
        return {column: redraw for redraw in self.redraws for column in redraw.columns}

    @cached_property
    def redrawn_keys(self) -> dict[str, Redraw]:
        """The foreign keys whose parents may be drawn again."""
        return {key: redraw for redraw in self.redraws for key in redraw.foreign_keys}

    @property
    def conditioned(self) -> list[str]:
        """The columns whose distribution is that of rows that meet a check, because others are drawn again."""
        found: list[str] = []
        for redraw in self.redraws:
            if any(check.acceptance < 1 for check in redraw.checks):
                keys = [column for key in redraw.foreign_keys for column in self.foreign_keys[key].columns]
                found += [*redraw.columns, *keys]
        return sorted(set(found))

    @cached_property
    def visible(self) -> tuple[ColumnPlan, ...]:
        """The columns that are written."""
        return tuple(column for column in self.columns if not column.hidden)

    @cached_property
    def row_bytes(self) -> int:
        """About how many bytes a row may take as text; templates and expressions are taken for a short line."""
        return sum(
            column.generator.max_length or (_LINE_BYTES if column.data_type.is_text else _NUMBER_BYTES)
            for column in self.columns
        )

    @cached_property
    def _schemas(self) -> dict[tuple[pa.DataType, ...], pa.Schema]:
        return {}

    def schema_of(self, types: Sequence[pa.DataType]) -> pa.Schema:
        """The schema of batches whose columns came in these Arrow types."""
        key = tuple(types)
        if key not in self._schemas:
            fields = [
                pa.field(column.name, kind, column.generator.nullable, {"dataType": str(column.data_type)})
                for column, kind in zip(self.visible, key, strict=True)
            ]
            self._schemas[key] = pa.schema(fields)
        return self._schemas[key]

    @cached_property
    def _by_name(self) -> dict[str, ColumnPlan]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> ColumnPlan:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "rows": self.row_count,
            "columns": [column.as_dict() for column in self.columns],
            "primaryKey": self.primary_key,
            "keys": [list(key) for key in self.keys],
            "foreignKeys": [foreign_key.as_dict() for foreign_key in self.foreign_keys.values()],
            "checks": [
                {"name": check.name, "expression": check.text, "acceptance": round(check.acceptance, 4)}
                for redraw in self.redraws
                for check in redraw.checks
            ],
            "blocks": -(-self.row_count // BLOCK_ROWS),
        }


@dataclass(frozen=True, eq=False)
class Plan(ByContent):
    """A whole policy, ready to run.

    Attributes:
        name: the policy's.
        seed: the policy's, or the one that overrode it.
        as_of: "today".
        tables: by name, parents before children where there is such an order.
        policy: the document as it was given, overrides included.
        policy_digest: of that document.
        inputs: the digests of seed files and of rows that exist already, by name.
        warnings: what a person should know and may ignore.
        relatives: the tables by name, and rows that exist already by theirs.
        directory: the folder that the policy's paths start from.
        deny_list: values that no row may have.
        provenance: what the policy states of seed files' origin.
        kept: the running totals and indexes that rows are found by; another plan has its own.
        keys: rows of databases that foreign keys refer to, by their name in ``relatives``.
        own_keys: the columns, as table.column, that are encoded with a key of this process alone.
    """

    name: str
    seed: int
    as_of: datetime.date
    tables: dict[str, TablePlan]
    policy: dict[str, Any]
    policy_digest: str
    inputs: dict[str, str]
    warnings: tuple[str, ...]
    relatives: Mapping[str, TablePlan]
    directory: Path
    deny_list: DenyList | None = None
    provenance: tuple[dict[str, Any], ...] = ()
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)
    keys: Mapping[str, pa.Table] = field(default_factory=dict, compare=False, repr=False)
    own_keys: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Of the policy and of all its inputs: what decides every value, but for secret keys."""
        inputs = json.dumps([self.policy_digest, self.as_of.isoformat(), sorted(self.inputs.items())])
        return hashlib.blake2b(inputs.encode(), digest_size=16).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "seed": self.seed,
            "asOf": self.as_of.isoformat(),
            "policyDigest": self.policy_digest,
            "inputs": self.inputs,
            "tables": [table.as_dict() for table in self.tables.values()],
            "warnings": list(self.warnings),
        }


def row_ranges(rows: int, unit: int) -> Iterator[tuple[int, int]]:
    """The half-open ranges of ``unit`` rows that cover a table, without a list of them."""
    for start in range(0, rows, unit):
        yield start, min(start + unit, rows)
