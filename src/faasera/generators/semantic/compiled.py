"""From a rule to a column of a semantic type: its group, its locale or locales, its arguments."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import ValidationError
from typing_extensions import override

from faasera.core.arrow import from_integers
from faasera.core.errors import did_you_mean
from faasera.core.streams import Stream
from faasera.core.types import DataType
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.scope import Scope
from faasera.generators.semantic.faker_pool import PREFIX, compile_faker
from faasera.generators.semantic.neighbours import Meaning, fits, members, semantic_type_of
from faasera.generators.semantic.registry import (
    DEFAULT_LOCALE,
    SEMANTIC_TYPES,
    LocaleMix,
    Member,
    Mixed,
    SemanticType,
    as_generator,
)
from faasera.generators.semantic.rule import SemanticRule
from faasera.policy.model import Distribution, Model, Rule
from faasera.vocabulary.reference import locale_data


@dataclass(frozen=True)
class Retyped(Generator):
    """A column of numbers in another type of numbers."""

    inner: Generator
    value_type: DataType

    @property
    @override
    def facts(self) -> Facts:
        inner = self.inner.facts
        if inner.data_type.is_whole and self.value_type.is_whole:
            return replace(inner, data_type=self.value_type)
        # Rounded numbers may repeat, and their bounds are counted in other digits.
        return replace(inner, data_type=self.value_type, unique=False, numbering=False, by_row=False, bounds=None)

    @override
    def generate(self, context: Context) -> pa.Array:
        array = self.inner.generate(context)
        if self.value_type.is_decimal:
            unscaled = np.rint(np.asarray(array, dtype=np.float64) * 10**self.value_type.scale).astype(np.int64)
            return from_integers(unscaled, self.value_type)
        return array.cast(self.value_type.arrow)

    @override
    def describe(self) -> str:
        return self.inner.describe()


def compile_semantic(meaning: Meaning, rule: Rule | None, scope: Scope, *, inferred: bool) -> Choice | Generator | None:
    """The column's generator; None after problems were reported."""
    entry = SEMANTIC_TYPES.get(meaning.semantic)
    if entry is None:
        remedy = did_you_mean(meaning.semantic, SEMANTIC_TYPES.names())
        message = f"there is no semantic type '{meaning.semantic}'"
        scope.problems.add("unknown-semantic-type", message, remedy, at=["semanticType"])
        return None
    data_type = DataType.parse(rule.data_type) if rule is not None and rule.data_type else None
    if not fits(entry, data_type):
        message = f"'{entry.name}' makes {entry.data_type}, not {data_type}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return None
    if not _said_to_some_effect(entry, rule, scope):
        return None
    realistic = bool(rule is not None and rule.allow_realistic)
    if realistic and not entry.realistic:
        message = f"'{entry.name}' has no values beyond its safe range: 'allowRealistic' has no effect"
        scope.problems.add("no-effect", message, "Remove it.", at=["allowRealistic"])
        return None
    arguments = _arguments(entry, getattr(rule, "arguments", None), scope)
    if arguments is None:
        return None
    siblings = _siblings(entry, meaning.group, scope)
    locales = scope.locales if entry.localised else ((DEFAULT_LOCALE, 1.0),)
    made = []
    for name, _ in locales:
        own = name
        if entry.localised and not entry.supports(name):
            own = entry.fallback
            scope.warn(
                f"{scope.table}.{scope.column}: '{entry.name}' has no values for {name}; those of {own} are used"
            )
        member = Member(scope, meaning.group, locale_data(own), arguments, realistic, siblings)
        made.append((entry.compile(member), member))
    if any(one is None for one, _ in made):
        return None
    scope.means(entry.name, inferred=inferred, realistic=realistic)
    generators = [(one, member) for one, member in made if one is not None]
    if data_type is not None and data_type != entry.data_type:
        generators = [(Retyped(as_generator(one, member), data_type), member) for one, member in generators]
    if len(generators) == 1:
        return generators[0][0]
    if scope.unique and not all(isinstance(one, Generator) and one.by_row for one, _ in generators):
        message = f"'{entry.name}' differs by locale, and rows of several locales cannot be kept unique"
        scope.problems.add("unique-in-group", message, "Give the column a 'locale' of its own.", at=["unique"])
        return None
    mix = LocaleMix(
        tuple(name for name, _ in locales),
        tuple(weight for _, weight in locales),
        Stream(scope.seed, scope.table, "locale", "row locale"),
    )
    return Mixed(tuple(as_generator(one, member) for one, member in generators), mix)


def compile_named(rule: SemanticRule, scope: Scope, distribution: Distribution | None) -> Choice | Generator | None:
    """A rule that names its semantic type."""
    found = semantic_type_of(rule, scope.column, scope.table)
    assert found is not None
    faker = found.semantic.startswith(PREFIX)
    for key, given in (("poolSize", rule.pool_size is not None and not faker), ("group", faker and rule.group)):
        if given:
            message = f"'{key}' has no effect on '{found.semantic}'"
            scope.problems.add("no-effect", message, "Remove it.", at=[key])
            return None
    if faker:
        made: Choice | Generator | None = compile_faker(found.semantic, rule, scope)
    else:
        made = compile_semantic(found, rule, scope, inferred=False)
    if made is None or distribution is None:
        return made
    if isinstance(made, Generator) or made.weights is not None:
        message = f"'{rule.semantic_type}' has a distribution of its own"
        scope.problems.add("distribution-type", message, "Remove 'distribution'.", at=["distribution"])
        return None
    return replace(made, distribution=distribution)


def compile_inferred(rule: Rule | None, scope: Scope) -> tuple[bool, Choice | Generator | None]:
    """Whether a column's name says what it means, and then its generator; None after problems were reported."""
    found = semantic_type_of(rule, scope.column, scope.table)
    return (False, None) if found is None else (True, compile_semantic(found, rule, scope, inferred=True))


def _said_to_some_effect(entry: SemanticType, rule: Rule | None, scope: Scope) -> bool:
    """Whether a rule names a locale and a group only of types that have them."""
    found = []
    if rule is not None and rule.locale is not None and not entry.localised:
        found.append(("locale", "is the same in all locales"))
    if getattr(rule, "group", None) is not None and not entry.kind:
        found.append(("group", "agrees with no other column"))
    for key, why in found:
        scope.problems.add("no-effect", f"'{entry.name}' {why}: '{key}' has no effect", "Remove it.", at=[key])
    return not found


def _arguments(entry: SemanticType, given: dict[str, Any] | None, scope: Scope) -> Model | None:
    """The type's arguments; None after problems were reported."""
    problems = scope.problems.at("arguments")
    known = [field.alias or name for name, field in entry.arguments.model_fields.items()]
    strange = [name for name in given or {} if name not in known]
    for name in strange:
        remedy = did_you_mean(name, known) if known else "Remove 'arguments'."
        problems.add("unknown-key", f"'{entry.name}' takes no argument '{name}'", remedy, at=[name])
    if strange:
        return None
    try:
        return entry.arguments.model_validate(given or {})
    except ValidationError as error:
        for one in error.errors():
            problems.add("bad-value", f"{one['msg']}", "Correct the argument.", at=[str(part) for part in one["loc"]])
        return None


def _siblings(entry: SemanticType, group: str, scope: Scope) -> dict[str, Any]:
    """The arguments that columns of the group give, by type: they hold for the whole group."""
    found: dict[str, Any] = {}
    for _, rule, meaning in members(scope.rules, scope.table):
        other = SEMANTIC_TYPES.get(meaning.semantic)
        given = getattr(rule, "arguments", None)
        if given and other is not None and other.kind == entry.kind and meaning.group == group:
            try:
                found[other.name] = other.arguments.model_validate(given)
            except ValidationError:
                continue  # reported at that column
    return found
