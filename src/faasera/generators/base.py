"""What a generator is: declared as data, compiled from a rule, asked for arrays of rows."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import Integers, Mask, with_nulls
from faasera.core.draws import Draw, UniformDraw
from faasera.core.errors import Problems
from faasera.core.registry import Declaration, Registry
from faasera.core.streams import Stream, Words
from faasera.generators.facts import Facts, Factual
from faasera.policy.model import Distribution, Rule


@dataclass(frozen=True)
class Siblings:
    """Where rows stand among the children of their parents, by the foreign key that decides the table's row count.

    Attributes:
        parents: the parent's row number of each row.
        ranks: how many children of the same parent come before, from 0.
    """

    parents: Words
    ranks: Integers


class Context(ABC):
    """Rows of one table while they are made; columns are made when somebody asks, and once.

    Attributes:
        rows: the row numbers, in any order.
    """

    rows: Words

    @abstractmethod
    def at(self, rows: Words) -> "Context":
        """Other rows of the same table."""

    @abstractmethod
    def siblings(self) -> Siblings:
        """Each row's place among the children of its parent."""

    @abstractmethod
    def sibling_counts(self) -> Integers:
        """How many children the parent of each row has."""

    @abstractmethod
    def children(self, table: str, start: int, stop: int) -> tuple["Context", Integers]:
        """All children of some of these rows, one parent's after the other's, and how many each has.

        Args:
            table: the table whose row count these rows decide.
            start: the first of these rows, by position.
            stop: the end, excluded.
        """

    @abstractmethod
    def child_counts(self, table: str) -> Integers:
        """How many children each of these rows has in a table."""

    @abstractmethod
    def column(self, name: str) -> pa.Array:
        """The values of a column of these rows."""

    @abstractmethod
    def parent(self, foreign_key: str) -> "Context":
        """The rows of the parent table that these rows refer to."""

    @abstractmethod
    def has_parent(self, foreign_key: str) -> Mask | None:
        """Which rows refer to a parent at all; None when all do."""

    @abstractmethod
    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        """Something about these rows that several columns need, made once."""


class Generator(Factual, ABC):
    """Makes one column. A pure function of its parameters and the row numbers."""

    @abstractmethod
    def generate(self, context: Context) -> pa.Array:
        """One value per row of the context, of ``data_type``."""

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class Axis:
    """Where a domain's elements lie, for distributions.

    Attributes:
        origin: the position of element 0.
        step: the distance between neighbours.
        position: reads a literal of the policy as a position; raises ValueError.
        distance: reads a literal as a distance; raises ValueError.
    """

    origin: float
    step: float
    position: Callable[[object], float]
    distance: Callable[[object], float]


class Domain(Factual, ABC):
    """A numbered set of values.

    Attributes:
        size: how many elements.
    """

    if TYPE_CHECKING:
        # As ``facts``: a field, a property or an attribute of the class.
        @property
        @abstractmethod
        def size(self) -> int:
            """How many elements."""

    @property
    def axis(self) -> Axis | None:
        """Where the elements lie, if they have an order that a distribution can follow."""
        return None

    @property
    def distinct(self) -> bool:
        """Whether all elements differ, so that a permutation of them is unique."""
        return True

    @abstractmethod
    def at(self, indices: Words) -> pa.Array:
        """The elements with these indices."""

    def random(self, rows: Words, stream: Stream) -> pa.Array:
        """Uniformly random elements, one a row."""
        return self.at(UniformDraw(self.size, stream).indices(rows))

    def to_distinct(self) -> "Domain":
        """A domain of the same values without repetitions."""
        return self

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True)
class Choice(Factual):
    """What a rule compiles to when any element of a domain will do: the plan decides how elements are drawn.

    Attributes:
        domain: the values.
        weights: one for each element, if they are not equally likely.
        distribution: the shape that the rule asks for.
        stream: shared by columns that are drawn together; None for a stream of the column's own.
    """

    domain: Domain
    weights: tuple[float, ...] | None = None
    distribution: Distribution | None = None
    stream: Stream | None = None

    @property
    @override
    def facts(self) -> Facts:
        return self.domain.facts


@dataclass(frozen=True)
class Drawn(Generator):
    """A column whose values are elements of a domain."""

    domain: Domain
    draw: Draw | None
    stream: Stream

    @property
    @override
    def facts(self) -> Facts:
        return replace(self.domain.facts, unique=self.draw is not None and self.draw.unique and self.domain.distinct)

    @override
    def generate(self, context: Context) -> pa.Array:
        if self.draw is None:
            return self.domain.random(context.rows, self.stream)
        return self.domain.at(self.draw.indices(context.rows))

    @override
    def describe(self) -> str:
        return f"{self.domain.describe()}; {self.draw.describe() if self.draw else 'uniform'}"


@dataclass(frozen=True)
class WithNulls(Generator):
    """Another generator's column, with a fraction of nulls."""

    inner: Generator
    fraction: float
    stream: Stream

    @property
    @override
    def facts(self) -> Facts:
        return replace(self.inner.facts, nullable=True, numbering=False)

    @override
    def generate(self, context: Context) -> pa.Array:
        return with_nulls(self.inner.generate(context), self.valid(context.rows))

    def valid(self, rows: Words) -> Mask:
        """Which rows have a value."""
        return present(self.stream, self.fraction, rows)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}; {self.fraction:g} null"


def present(stream: Stream, null_fraction: float, rows: Words) -> Mask:
    """Which rows have a value, when a fraction of them has none."""
    limit = min(round(null_fraction * 2**64), 2**64)
    if limit == 2**64:
        return np.zeros(len(rows), dtype=np.bool_)
    mask: Mask = stream.words(rows) >= np.uint64(limit)
    return mask


@dataclass(frozen=True)
class Family:
    """The foreign key that decides a table's rows, as a rule can know it.

    Attributes:
        name: the foreign key's.
        columns: its columns.
        fewest: children of one parent.
        most: children of one parent.
    """

    name: str
    columns: tuple[str, ...]
    fewest: int
    most: int


class Scope(ABC):
    """What a rule can see while it is compiled.

    Attributes:
        table: the table's name.
        column: the column's name.
        seed: the policy's.
        as_of: "today".
        row_count: of the table.
        locales: of the rule, else of the table, with their weights; one, or several that rows are spread over.
        unique_columns: those of the table that a key asks to be unique, alone or with others.
        rules: all rules of the table by column; None for an empty one.
        seed_directory: where seed files are; nothing outside it is opened.
        problems: where to report, at the rule.
    """

    table: str
    column: str
    seed: int
    as_of: datetime.date
    row_count: int
    locales: tuple[tuple[str, float], ...]
    unique_columns: frozenset[str]
    rules: Mapping[str, Rule | None]
    seed_directory: Path
    problems: Problems

    @property
    def unique(self) -> bool:
        """Whether a key asks this column to be unique."""
        return self.column in self.unique_columns

    def stream(self, purpose: str = "value", column: str | None = None) -> Stream:
        """A random stream of this column, or of a name that columns share."""
        return Stream(self.seed, self.table, column or self.column, purpose)

    @abstractmethod
    def generator(self, column: str, *, at: str) -> Generator | None:
        """Another column of the table; None after its absence, failure or cycle was reported under the key ``at``."""

    @property
    @abstractmethod
    def family(self) -> Family | None:
        """The foreign key that decides the table's rows, if one does."""

    @abstractmethod
    def children(self, table: str, *, at: str) -> "Scope | None":
        """What a rule can see of a row's children in a table; None after a problem was reported under ``at``."""

    @abstractmethod
    def lookup(self, path: str, *, at: str, optional: bool = False) -> Generator | None:
        """A column of a parent, by a path such as ``orders.customers.country``; None after a problem was reported.

        Args:
            path: foreign keys or parent tables, and the column, with dots between.
            at: the key of the rule, for problems.
            optional: whether rows without a parent are taken care of; else a parent that may be missing is refused.
        """

    @abstractmethod
    def encryption_key(self, name: str | None, *, at: str) -> bytes | None:
        """An AES key of the policy, or without a name one of this run; None after a problem was reported."""

    @abstractmethod
    def state_provenance(self, file: str, source: str) -> None:
        """Record what the policy states of a seed file's origin, for the manifest."""

    @abstractmethod
    def draws_from(self, file: str, column: str) -> None:
        """Record which column of a seed file the values are drawn from, for the manifest and lineage."""

    @abstractmethod
    def warn(self, message: str) -> None:
        """Tell a person something that is no error, with the plan."""

    @abstractmethod
    def means(self, semantic_type: str, *, inferred: bool, realistic: bool) -> None:
        """Record what the column means, for the plan and the manifest."""

    @abstractmethod
    def cached(self, name: str, make: Callable[[], Any]) -> Any:
        """Something that all columns of the policy share, made once (a seed file)."""


@dataclass(frozen=True)
class GeneratorType(Declaration):
    """A generation type, declared as data.

    Attributes:
        rule: the model of its rule in a policy.
        accepts: the data types that it makes.
        compile: from a rule to a choice or a generator; None after problems were reported.
    """

    rule: type[Rule] = field(compare=False)
    accepts: tuple[str, ...]
    compile: Callable[[Any, Scope], "Choice | Generator | None"] = field(compare=False)


class GeneratorTypes(Registry[GeneratorType]):
    """All generation types, built in and plugged in."""

    def rule(self, name: str) -> type[Rule] | None:
        """The model of a rule type, or None."""
        found = self.get(name)
        return found.rule if found else None


GENERATORS = GeneratorTypes("faasera.generators")
