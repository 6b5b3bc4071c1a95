"""What can be named in a policy, declared as data: listing commands, schemas and forms read it from here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound="Declaration")


@cache
def _installed() -> Any:
    """The entry points of all installed packages, looked for once."""
    return entry_points()


@dataclass(frozen=True)
class Declaration:
    """Something a policy or a command can ask for by name.

    Attributes:
        name: as a policy spells it.
        summary: one sentence.
        example: a value that works as it stands.
    """

    name: str
    summary: str
    example: Any = field(compare=False)


class Registry(Generic[T]):
    """Declarations by name; plug-ins join through an entry point group, loaded when somebody first looks."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._entries: dict[str, T] = {}
        self._loaded = False

    def add(self, declaration: T) -> T:
        """Register a declaration.

        Raises:
            ValueError: the name is taken.
        """
        if declaration.name in self._entries:
            raise ValueError(f"{declaration.name!r} is registered twice in {self.group}")
        self._entries[declaration.name] = declaration
        return declaration

    def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            for entry_point in _installed().select(group=self.group):
                entry_point.load()

    def get(self, name: str) -> T | None:
        """The declaration of that name, or None; plug-ins are asked only for names that are not built in."""
        if name not in self._entries:
            self._load()
        return self._entries.get(name)

    def find(self, fits: Callable[[T], bool]) -> T | None:
        """The first declaration that fits, or None; plug-ins are asked only where nothing that is built in does."""
        found = next((entry for entry in self._entries.values() if fits(entry)), None)
        if found is None:
            self._load()
            found = next((entry for entry in self._entries.values() if fits(entry)), None)
        return found

    def names(self) -> list[str]:
        """All names, in order of registration."""
        self._load()
        return list(self._entries)

    def __iter__(self) -> Iterator[T]:
        """All declarations, in order of registration."""
        self._load()
        return iter(list(self._entries.values()))
