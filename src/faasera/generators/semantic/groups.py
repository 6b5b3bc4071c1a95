"""What agrees in a row: a column of a group, and the subject that all of them tell of, drawn from streams of its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from faasera.core.streams import Words
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.meaning import Group
from faasera.generators.scope import Scope
from faasera.policy.model import Model
from faasera.vocabulary.reference import LocaleData

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class SemanticColumn:
    """A column of a semantic type, as its type sees it while it is compiled, in one locale.

    What it compiles to keeps its group, and never the column itself: rows know nothing of rules.

    Attributes:
        scope: of the rule.
        group: the columns that it agrees with.
        arguments: of the type's model.
        realistic: whether the policy allows values beyond the safe range.
        siblings: the arguments that columns of the same group give, by type.
    """

    scope: Scope
    group: Group
    arguments: Any
    realistic: bool
    siblings: Mapping[str, Model]

    @property
    def name(self) -> str:
        """The column's."""
        return self.scope.column

    @property
    def unique(self) -> bool:
        """Whether a key asks it to be unique."""
        return self.scope.unique

    @property
    def locale(self) -> LocaleData:
        """Whose names and forms it has."""
        return self.group.data

    def given(self, model: type[M]) -> list[M]:
        """The arguments of a model that columns of the group give."""
        return [one for one in self.siblings.values() if isinstance(one, model)]

    def refuse(self, code: str, message: str, remedy: str, key: str) -> None:
        """Report a problem at a key of the rule."""
        self.scope.problems.add(code, message, remedy, at=[key])


@dataclass(frozen=True, eq=False)
class Subject(ByContent):
    """What the columns of a group tell of (a person, a place, a card), drawn from streams of the group's name.

    All attributes of a subclass are functions of the row, so that it does not matter which columns there are.

    Attributes:
        kind: of groups.
        group: the columns.
    """

    group: Group
    kind: ClassVar[str]

    @classmethod
    def of(cls, column: SemanticColumn) -> Self:
        """The subject of a column's group, equal for all of its columns."""
        return cls(column.group)

    @property
    def locale(self) -> LocaleData:
        """Whose names and forms it has."""
        return self.group.data

    def words(self, context: Context, purpose: str) -> Words:
        """Random words of the group for one purpose."""
        return self.group.stream(purpose, self.kind).words(context.rows)

    def shared(self, context: Context, name: str, make: Callable[[], Any]) -> Any:
        """Something of the rows that several columns of the group need, made once."""
        return context.shared(f"{self.group.key(self.kind)}/{name}", make)
