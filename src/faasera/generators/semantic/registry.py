"""Semantic types as data: what a column means, which columns agree with it, and what keeps its values nobody's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faasera.core.registry import Declaration, Registry
from faasera.core.types import STRING, DataType
from faasera.generators.generator import Made
from faasera.generators.semantic.groups import SemanticColumn
from faasera.policy.model import Model

DEFAULT_LOCALE = "en_US"


class NoArguments(Model):
    """Takes none."""


Compile = Callable[[SemanticColumn], Made | None]


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
