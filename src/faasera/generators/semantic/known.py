"""Lists that the package can make again, known by how they are made instead of by their texts."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa
from typing_extensions import override

from faasera.core.types import STRING
from faasera.generators.lists import ListDomain


@dataclass(frozen=True, eq=False)
class KnownList(ListDomain):
    """A list of the package: equal, and pickled, by the function that makes it.

    Attributes:
        make: a function of a module.
        arguments: what it is asked with, such as the name of a locale.
    """

    make: Callable[..., pa.Array] = field(kw_only=True, repr=False)
    arguments: tuple[Hashable, ...] = field(kw_only=True)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownList) and self._made_of == other._made_of

    @override
    def __hash__(self) -> int:
        return hash(self._made_of)

    @property
    def _made_of(self) -> tuple[Any, ...]:
        return self.make, self.arguments, self.source

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return _made, self._made_of

    @override
    def to_distinct(self) -> ListDomain:
        return self if self.distinct else super().to_distinct()


def known_list(make: Callable[..., pa.Array], *arguments: Hashable, source: str) -> KnownList:
    """The list of a function of a module, made once.

    Args:
        make: the texts, given the arguments.
        arguments: such as the name of a locale.
        source: where the values come from, for the plan.
    """
    return _made(make, arguments, source)


@cache
def _made(make: Callable[..., pa.Array], arguments: tuple[Hashable, ...], source: str) -> KnownList:
    return KnownList(make(*arguments), STRING, source, make=make, arguments=arguments)


@cache
def most_characters(make: Callable[..., pa.Array], *arguments: Hashable) -> int:
    """The longest text of a list that a function of a module makes."""
    return known_list(make, *arguments, source="").max_length or 0
