"""Semantic types as data: what a column means, which columns agree with it, and what keeps its values nobody's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.draws import AliasTable
from faasera.core.registry import Declaration, Registry
from faasera.core.streams import Stream, Words
from faasera.core.types import STRING, DataType
from faasera.generators.context import Context
from faasera.generators.facts import Facts, widest
from faasera.generators.generator import Choice, Drawn, Generator
from faasera.generators.joined import placed
from faasera.generators.scope import Scope
from faasera.policy.model import Model
from faasera.vocabulary.reference import LocaleData

DEFAULT_LOCALE = "en_US"


class NoArguments(Model):
    """Takes none."""


@dataclass(frozen=True)
class Member:
    """A column of a semantic type, as its type sees it while it is compiled, in one locale.

    Attributes:
        scope: of the rule.
        group: the name of its group within the table; empty for the table's own.
        locale: whose names and forms it has.
        arguments: of the type's model.
        realistic: whether the policy allows values beyond the safe range.
        siblings: the arguments that columns of the same group give, by type.
    """

    scope: Scope
    group: str
    locale: LocaleData
    arguments: Any
    realistic: bool
    siblings: dict[str, Any]

    def stream(self, purpose: str, kind: str) -> Stream:
        """A stream that all columns of the group share, whichever of them there are."""
        return self.scope.stream(f"group/{purpose}", column=f"{kind}/{self.group}")

    def key(self, kind: str) -> str:
        """Names the group where rows keep what its columns share."""
        return f"{kind}/{self.group}/{self.locale.name}"


class Subject:
    """What the columns of a group tell of (a person, a place, a card), drawn from streams of the group's name.

    All attributes of a subclass are functions of the row, so that it does not matter which columns there are.

    Attributes:
        kind: of groups.
        member: the first column that asked.
        locale: whose names and forms it has.
    """

    kind: ClassVar[str]

    def __init__(self, member: Member) -> None:
        self.member = member
        self.locale = member.locale

    @classmethod
    def of(cls, member: Member) -> Self:
        """The subject of a column's group, the same for all of its columns."""
        made: Self = member.scope.cached(
            f"{cls.__name__}/{member.scope.table}/{member.key(cls.kind)}", lambda: cls(member)
        )
        return made

    def words(self, context: Context, purpose: str) -> Words:
        """Random words of the group for one purpose."""
        return self.member.stream(purpose, self.kind).words(context.rows)

    def shared(self, context: Context, name: str, make: Callable[[], Any]) -> Any:
        """Something of the rows that several columns of the group need, made once."""
        return context.shared(f"{self.member.key(self.kind)}/{name}", make)


Compile = Callable[[Member], "Choice | Generator | None"]


@dataclass(frozen=True)
class SemanticType(Declaration):
    """What a column can mean.

    Attributes:
        kind: the kind of group that it belongs to; empty for none.
        names: column names that mean it, in lower case without separators; the first is the plainest.
        compile: from a column to a choice or a generator.
        data_type: of the values.
        localised: whether the values differ by locale.
        locales: those that have values of their own, by locale or country; none for all. Others fall back.
        fallback: the locale whose values stand in where a locale has none.
        safe: why no value can be a real person's; empty where there is nothing to hide.
        source: where the safe range, the form or the list is defined.
        arguments: the model of its arguments.
        realistic: whether ``allowRealistic`` widens it.
        pattern: a regular expression that all values match (RE2), where there is one.
    """

    kind: str
    names: tuple[str, ...]
    compile: Compile = field(compare=False)
    data_type: DataType = STRING
    localised: bool = False
    locales: tuple[str, ...] = ()
    fallback: str = DEFAULT_LOCALE
    safe: str = ""
    source: str = ""
    arguments: type[Model] = NoArguments
    realistic: bool = False
    pattern: str | None = None

    def supports(self, locale: str) -> bool:
        """Whether a locale has values of its own."""
        return not self.locales or locale in self.locales or locale[-2:] in self.locales or locale[:2] in self.locales


SEMANTIC_TYPES: Registry[SemanticType] = Registry("faasera.semantic_types")


def declare(**given: Any) -> SemanticType:
    """Register a semantic type."""
    return SEMANTIC_TYPES.add(SemanticType(**given))


@dataclass(frozen=True)
class LocaleMix:
    """The locales of a table's rows.

    Attributes:
        names: of the locales.
        weights: how many rows have each.
        stream: decides which; the same for all columns of a table.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    stream: Stream

    def numbers(self, context: Context) -> Words:
        """Each row's locale, by its place in ``names``."""
        found: Words = context.shared(
            f"locale/{self.names}/{self.weights}",
            lambda: AliasTable(self.weights).indices(self.stream.words(context.rows)),
        )
        return found

    def parts(self, context: Context) -> list[tuple[Context, np.ndarray[Any, Any]]]:
        """The rows of each locale, and where they stand."""

        def split() -> list[tuple[Context, np.ndarray[Any, Any]]]:
            numbers = self.numbers(context)
            places = [np.flatnonzero(numbers == one) for one in range(len(self.names))]
            return [(context.at(context.rows[place]), place) for place in places]

        found: list[tuple[Context, np.ndarray[Any, Any]]] = context.shared(
            f"locale parts/{self.names}/{self.weights}", split
        )
        return found


@dataclass(frozen=True)
class Mixed(Generator):
    """A column whose rows follow their own locales.

    Attributes:
        parts: a generator for each locale.
        mix: the locales.
    """

    parts: tuple[Generator, ...]
    mix: LocaleMix

    @property
    @override
    def facts(self) -> Facts:
        bounds, max_length = widest([part.facts for part in self.parts])
        apart = all(part.by_row for part in self.parts)
        return Facts(
            self.parts[0].data_type,
            nullable=any(part.nullable for part in self.parts),
            unique=apart,
            by_row=apart,
            bounds=bounds,
            max_length=max_length,
            uses=tuple(dict.fromkeys(name for part in self.parts for name in part.uses)),
        )

    @override
    def generate(self, context: Context) -> pa.Array:
        made, order = [], []
        for part, (rows, place) in zip(self.parts, self.mix.parts(context), strict=True):
            made.append(part.generate(rows))
            order.append(place)
        return placed(made, order)

    @override
    def describe(self) -> str:
        total = sum(self.mix.weights)
        pairs = zip(self.mix.names, self.mix.weights, strict=True)
        shares = ", ".join(f"{name} {weight / total:.0%}" for name, weight in pairs)
        return f"{self.parts[0].describe()}; or of the row's locale: {shares}"


def as_generator(made: "Choice | Generator", member: Member) -> Generator:
    """A choice with a draw of its own."""
    if isinstance(made, Generator):
        return made
    stream = made.stream or member.scope.stream()
    if made.weights is not None:
        from faasera.core.draws import WeightedDraw

        return Drawn(made.domain, WeightedDraw(made.weights, stream), stream)
    return Drawn(made.domain, None, stream)
