"""What a rule can see of its table while it is compiled."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasera.core.errors import Problems
from faasera.core.streams import Stream
from faasera.generators.generator import Generator
from faasera.generators.keys import SecretKey
from faasera.generators.workshop import Workshop
from faasera.policy.model import Rule
from faasera.policy.names import Named


@dataclass(frozen=True)
class FamilyScope:
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


@dataclass(frozen=True)
class Found:
    """What a reference to a column leads to.

    Attributes:
        source: makes the column.
        own: whether it is a column of the table itself.
    """

    source: Generator
    own: bool


class Scope(ABC):
    """What a rule can see while it is compiled.

    Attributes:
        table: the table's name.
        column: the column's name.
        seed: the policy's.
        as_of: "today".
        row_count: of the table.
        locales: of the rule, else of the table, with their weights; one, or several that rows are spread over.
        rules: all rules of the table by column; None for an empty one.
        unique_columns: those of the table that a key asks to be unique, alone or with others.
        seed_directory: where seed files are; nothing outside it is opened.
        workshop: what is made once for all columns of the policy.
        problems: where to report, at the rule.
    """

    table: str
    column: str
    seed: int
    as_of: datetime.date
    row_count: int
    locales: tuple[tuple[str, float], ...]
    rules: Mapping[str, Rule | None]
    unique_columns: frozenset[str]
    seed_directory: Path
    workshop: Workshop
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
    def family(self) -> FamilyScope | None:
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
    def leads_away(self, name: str) -> bool:
        """Whether a name begins with a foreign key of the table, or with its parent, and so is a path."""

    def find(self, named: Named, *, at: str, optional: bool = False) -> "Found | None":
        """A column of the table or of a parent; None after a problem was reported under ``at``.

        Args:
            named: what a rule names.
            at: the key of the rule, for problems.
            optional: as in ``lookup``.
        """
        name = named.name
        # A column may have dots in its name; a path by a foreign key comes first.
        own = named.own or "." not in name or (self.has(name) and not self.leads_away(name))
        source = self.generator(name, at=at) if own else self.lookup(name, at=at, optional=optional)
        return Found(source, own) if source is not None else None

    @abstractmethod
    def has(self, column: str) -> bool:
        """Whether the table has such a column."""

    @abstractmethod
    def encryption_key(self, name: str | None, *, at: str) -> SecretKey | None:
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
