"""What is made once while a policy is planned, whichever columns need it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa

from faasera.core.types import DataType
from faasera.generators.keys import OwnKey
from faasera.generators.meaning import Group, TypeInGroup
from faasera.generators.seed_files import SeedFile
from faasera.generators.seed_guard import Suspicion
from faasera.policy.model import Distribution

K = TypeVar("K")
V = TypeVar("V")

SeedFileKey = tuple[Path, str | None, bool | None]
"""A seed file's path, the separator and whether it has a header, as the rule says."""


class Once(Generic[K, V]):
    """Values by key, each made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[K, V] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def keys(self) -> Iterable[K]:
        """What was asked for."""
        return self._made.keys()

    def __iter__(self) -> Iterator[V]:
        """All values, in the order in which they were made."""
        return iter(self._made.values())


@dataclass
class Workshop:
    """The only thing that changes while a policy is planned.

    Attributes:
        seed_files: as they were read; None for one that could not be.
        lists: columns of seed files as values of a type, by file, position and type.
        suspicions: what in a seed file looks like personal data, by the file.
        shapes: by what weights and distribution the columns of a group are drawn, by table, file and group.
        meanings: the semantic types of a table's columns that have one, by the table.
        first_columns: which column of a group is compiled first.
        followed: which column stands for a semantic type in a group, as its values are made otherwise; None for none.
        own_keys: keys of this process by the column, as table.column, that they encode.
    """

    seed_files: Once[SeedFileKey, SeedFile | None] = field(default_factory=Once)
    lists: Once[tuple[SeedFileKey, int, DataType], pa.Array] = field(default_factory=Once)
    suspicions: Once[tuple[Path, tuple[str, ...] | None], list[Suspicion]] = field(default_factory=Once)
    shapes: Once[tuple[str, Path, str], tuple[str | None, Distribution | None]] = field(default_factory=Once)
    meanings: Once[str, Mapping[str, TypeInGroup]] = field(default_factory=Once)
    first_columns: Once[Group, str] = field(default_factory=Once)
    followed: Once[tuple[Group, str], str | None] = field(default_factory=Once)
    own_keys: Once[str, OwnKey] = field(default_factory=Once)

    def own_key(self, place: str) -> OwnKey:
        """The key of this process for a column, as table.column."""
        return self.own_keys.get(place, lambda: OwnKey.random(place))
