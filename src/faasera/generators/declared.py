"""Generation types, declared as data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faasera.core.registry import Declaration, Registry
from faasera.generators.generator import Choice, Generator
from faasera.generators.scope import Scope
from faasera.policy.model import Rule


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
    compile: Callable[[Any, Scope], Choice | Generator | None] = field(compare=False)


class GeneratorTypes(Registry[GeneratorType]):
    """All generation types, built in and plugged in."""

    def rule(self, name: str) -> type[Rule] | None:
        """The model of a rule type, or None."""
        found = self.get(name)
        return found.rule if found else None


GENERATORS = GeneratorTypes("faasera.generators")
