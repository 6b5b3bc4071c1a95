"""Where promises are looked at: a folder of files, or a database."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from faasera.core.errors import Problems
from faasera.core.types import DataType
from faasera.generators.seed_files import SeedFile, locate, read
from faasera.policy.keys import Keys, read_keys
from faasera.policy.model import ForeignKey, Reference, Rule
from faasera.policy.parse import ParsedPolicy, ParsedTable
from faasera.run.check.findings import Finding


@dataclass
class CheckedTable:
    """One table, with what its policy promises.

    Attributes:
        name: as in the policy.
        entry: of the manifest, or what a run into a database would have written there.
        parsed: of the policy.
        columns: those that were written, in order, with their types.
        wrong_types: what is wrong with the types of columns, for formats that have types.
        sampled: whether some of its rows are looked at, not all.
        unfit: how many values of columns are not of their types, for formats of text.
        reprinted: columns whose texts the database prints in a way of its own, with their types.
        triggered: columns that a trigger of the database sets, with its name.
    """

    name: str
    entry: Mapping[str, Any]
    parsed: ParsedTable
    columns: dict[str, DataType]
    wrong_types: dict[str, str] = field(default_factory=dict)
    unfit: dict[str, int] = field(default_factory=dict)
    reprinted: dict[str, str] = field(default_factory=dict)
    triggered: dict[str, str] = field(default_factory=dict)
    sampled: bool = False

    @property
    def rows(self) -> int:
        """How many rows are promised."""
        return int(self.entry["rows"])

    def rule(self, column: str) -> Rule | None:
        """The rule of a column, if it has one."""
        return self.parsed.rules.get(column)

    def nullable(self, column: str) -> bool:
        """Whether the plan allowed nulls."""
        return any(one["name"] == column and one["nullable"] for one in self.entry["columns"])

    @property
    def redrawn(self) -> list[str]:
        """The columns whose values were drawn again where they broke a check, so that their distribution is another."""
        return list(self.entry.get("redrawn", ()))

    @cached_property
    def keys(self) -> Keys:
        """What is unique."""
        return read_keys(self.parsed.policy, self.parsed.rules)

    @property
    def foreign_keys(self) -> Iterator[tuple[ForeignKey, Reference]]:
        """Each foreign key with each of its references."""
        for key in self.parsed.policy.foreign_keys:
            for reference in key.references:
                yield key, reference


class Place(ABC):
    """Tables that can be asked, in DuckDB's SQL.

    Attributes:
        name: the policy's.
        policy: what was promised.
        directory: the folder that the policy's paths start from, if it is known.
        tables: by name; those that cannot be read are not among them.
        unreadable: why, by table.
        written: the names of the tables that the run wrote.
        ordered: whether rows come in the order in which they were made.
        appended: whether the rows came after others, which are looked at with them.
        database_error: what a question raises that cannot be answered.
    """

    name: str
    policy: ParsedPolicy
    directory: Path | None
    tables: dict[str, CheckedTable]
    unreadable: dict[str, str]
    written: set[str]
    ordered: ClassVar[bool]
    appended: bool = False
    database_error: type[Exception] | tuple[type[Exception], ...]

    @abstractmethod
    def all(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of an answer."""

    @abstractmethod
    def records(self, query: str) -> list[dict[str, Any]]:
        """All rows of an answer by column, as JSON has them."""

    @abstractmethod
    def keep(self, name: str, query: str) -> None:
        """Keep an answer as a temporary table, in the place of an earlier one of that name."""

    @abstractmethod
    def reference(self, key: str, make: Callable[[], pa.Table]) -> str:
        """The name of a table of reference data that can be asked, made once for each key.

        Raises:
            NotCheckableError: there is no room for it here.
        """

    @abstractmethod
    def virtual(self, file: str) -> str | None:
        """A file of keys as a table function; None where it is not at hand."""

    @abstractmethod
    def contents(self, table: CheckedTable) -> Iterator[Finding]:
        """Whether a table as a whole is what the run wrote: its rows, types and digests."""

    def prints(self, table: CheckedTable, column: str) -> bool:  # noqa: ARG002
        """Whether a column's texts are found as a database prints them, and not as they were written."""
        return False

    def as_printed(self, table: CheckedTable, column: str, text: str) -> str:  # noqa: ARG002
        """A text of the policy as questions find it in a column."""
        return text

    @abstractmethod
    def close(self) -> None:
        """Let go of the tables."""

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        return tuple(self.all(query)[0])

    def seed_file(self, file: str, separator: str | None, header: bool | None) -> SeedFile | None:
        """A seed file, if it is at hand."""
        if self.directory is None:
            return None
        problems = Problems()
        path = locate(file, self.seed_directory, problems)
        return read(path, separator, header, problems) if path else None

    @property
    def seed_directory(self) -> Path:
        """Where seed files are."""
        assert self.directory is not None
        given = self.policy.document.seed_directory
        return self.directory / given if given else self.directory
