"""Generation types, declared as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from faasera.core.registry import Declaration, Registry
from faasera.generators.generator import Made
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.scope import Scope
from faasera.policy.model import Rule


@dataclass(frozen=True)
class GeneratorType(Declaration):
    """A generation type, declared as data.

    Attributes:
        rule: the model of its rule in a policy.
        accepts: the data types that it makes.
        compile: from a rule to a choice or a generator; None after problems were reported.
        inputs: the rule's fields that name files of the seed directory: they travel with the policy.
        fixed: whether the row alone decides a value, so that another draw of the row would be no other.
        derived: whether values follow from other columns, and may be missing where these are.
        hinted: whether a rule that says nothing else may be filled by hints.
        checked: what a rule promises of each value, to be proved by a check; without it, only what holds for all rules.
    """

    rule: type[Rule] = field(compare=False)
    accepts: tuple[str, ...]
    compile: Callable[[Any, Scope], Made | None] = field(compare=False)
    inputs: tuple[str, ...] = ()
    fixed: bool = False
    derived: bool = False
    hinted: bool = False
    checked: Callable[[Any, WrittenColumn], Iterable[Promise]] | None = field(default=None, compare=False)


class GeneratorTypes(Registry[GeneratorType]):
    """All generation types, built in and plugged in."""

    def rule(self, name: str) -> type[Rule] | None:
        """The model of a rule type, or None."""
        found = self.get(name)
        return found.rule if found else None

    def inputs(self, name: str) -> tuple[str, ...]:
        """The keys of a rule type's rules that name files, as a policy spells them."""
        found = self.get(name)
        return tuple(found.rule.model_fields[one].alias or one for one in found.inputs) if found else ()


GENERATORS = GeneratorTypes("faasera.generators")
