"""From a rule to a column of a semantic type: its group, its locale or locales, its arguments."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pyarrow as pa
from pydantic import ValidationError
from typing_extensions import override

from faasera.core.arrow import from_integers
from faasera.core.errors import did_you_mean, pointer
from faasera.core.streams import Stream
from faasera.core.types import DataType
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator, Made
from faasera.generators.meaning import Group, TypeInGroup
from faasera.generators.overflow import check_fits
from faasera.generators.scope import Scope
from faasera.generators.semantic.faker_pool import PREFIX, compile_faker
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.mixed import LocaleMix, Mixed, as_generator
from faasera.generators.semantic.neighbours import fits, meanings_in, semantic_type_of
from faasera.generators.semantic.registry import DEFAULT_LOCALE, SEMANTIC_TYPES, SemanticType
from faasera.generators.semantic.rule import SemanticRule
from faasera.policy.model import Distribution, Model, Rule


@dataclass(frozen=True)
class Retyped(Generator):
    """A column of numbers in another type of numbers."""

    inner: Generator
    value_type: DataType
    where: str

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
            unscaled = np.rint(np.asarray(array, dtype=np.float64) * 10**self.value_type.scale)
            check_fits(unscaled, self.value_type, context.rows, self.where)
            return from_integers(unscaled.astype(np.int64), self.value_type)
        if self.value_type.is_whole:
            check_fits(np.asarray(array, dtype=np.float64), self.value_type, context.rows, self.where)
        return array.cast(self.value_type.arrow)

    @override
    def describe(self) -> str:
        return self.inner.describe()


def compile_semantic(meant: TypeInGroup, rule: Rule | None, scope: Scope, *, inferred: bool) -> Made | None:
    """The column's generator; None after problems were reported."""
    entry = _known_type(meant, scope)
    if entry is None or not _may(entry, rule, scope):
        return None
    arguments = _arguments(entry, rule, scope)
    if arguments is None:
        return None
    realistic = bool(rule is not None and rule.allow_realistic)
    parts = _parts(entry, meant.group, arguments, realistic, scope)
    if parts is None:
        return None
    scope.means(entry.name, inferred=inferred, realistic=realistic)
    data_type = _asked_type(rule)
    if data_type is not None and data_type != entry.data_type:
        where = pointer(*scope.problems.path)
        parts = [Retyped(as_generator(part, scope.stream()), data_type, where) for part in parts]
    return parts[0] if len(parts) == 1 else _mixed(parts, entry, scope)


def _known_type(meant: TypeInGroup, scope: Scope) -> SemanticType | None:
    entry = SEMANTIC_TYPES.get(meant.semantic)
    if entry is None:
        remedy = did_you_mean(meant.semantic, SEMANTIC_TYPES.names())
        message = f"there is no semantic type '{meant.semantic}'"
        scope.problems.add("unknown-semantic-type", message, remedy, at=["semanticType"])
    return entry


def _asked_type(rule: Rule | None) -> DataType | None:
    return DataType.parse(rule.data_type) if rule is not None and rule.data_type else None


def _may(entry: SemanticType, rule: Rule | None, scope: Scope) -> bool:
    """Whether a type can be what the rule asks of it; else the problem is reported."""
    data_type = _asked_type(rule)
    if not fits(entry, data_type):
        message = f"'{entry.name}' makes {entry.data_type}, not {data_type}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return False
    if rule is None:
        return True
    if not _said_to_some_effect(entry, rule, scope):
        return False
    if rule.allow_realistic and not entry.realistic:
        message = f"'{entry.name}' has no values beyond its safe range: 'allowRealistic' has no effect"
        scope.problems.add("no-effect", message, "Remove it.", at=["allowRealistic"])
        return False
    return True


def _parts(entry: SemanticType, group: str, arguments: Model, realistic: bool, scope: Scope) -> list[Made] | None:
    """What the type compiles to in each of the rule's locales; None after problems were reported."""
    siblings = _siblings(entry, group, scope)
    made = []
    for locale in _locales(entry, scope):
        own = Group(scope.seed, scope.table, group, locale)
        made.append(entry.compile(SemanticColumn(scope, own, arguments, realistic, siblings)))
    found = [one for one in made if one is not None]
    return found if len(found) == len(made) else None


def _locales(entry: SemanticType, scope: Scope) -> list[str]:
    """The locales of a rule, each as the type has it: where it has no values for one, others stand in."""
    if not entry.localised:
        return [DEFAULT_LOCALE]
    found = []
    for name, _ in scope.locales:
        own = name if entry.supports(name) else entry.fallback
        if own != name:
            place = f"{scope.table}.{scope.column}"
            scope.warn(f"{place}: '{entry.name}' has no values for {name}; those of {own} are used")
        found.append(own)
    return found


def _mixed(parts: list[Made], entry: SemanticType, scope: Scope) -> Generator | None:
    """The parts of several locales as one column; None after a problem was reported."""
    if scope.unique and not all(isinstance(part, Generator) and part.by_row for part in parts):
        message = f"'{entry.name}' differs by locale, and rows of several locales cannot be kept unique"
        scope.problems.add("unique-in-group", message, "Give the column a 'locale' of its own.", at=["unique"])
        return None
    names, weights = (tuple(one) for one in zip(*scope.locales, strict=True))
    mix = LocaleMix(names, weights, Stream(scope.seed, scope.table, "locale", "row locale"))
    return Mixed(tuple(as_generator(part, scope.stream()) for part in parts), mix)


def compile_named(rule: SemanticRule, scope: Scope, distribution: Distribution | None) -> Made | None:
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
        made: Made | None = compile_faker(found.semantic, rule, scope)
    else:
        made = compile_semantic(found, rule, scope, inferred=False)
    if made is None or distribution is None:
        return made
    if isinstance(made, Generator) or made.weights is not None:
        message = f"'{rule.semantic_type}' has a distribution of its own"
        scope.problems.add("distribution-type", message, "Remove 'distribution'.", at=["distribution"])
        return None
    return replace(made, distribution=distribution)


def compile_inferred(rule: Rule | None, scope: Scope) -> tuple[bool, Made | None]:
    """Whether a column's name says what it means, and then its generator; None after problems were reported."""
    found = semantic_type_of(rule, scope.column, scope.table)
    return (False, None) if found is None else (True, compile_semantic(found, rule, scope, inferred=True))


def _said_to_some_effect(entry: SemanticType, rule: Rule, scope: Scope) -> bool:
    """Whether a rule names a locale and a group only of types that have them."""
    found = []
    if rule.locale is not None and not entry.localised:
        found.append(("locale", "is the same in all locales"))
    if isinstance(rule, SemanticRule) and rule.group is not None and not entry.kind:
        found.append(("group", "agrees with no other column"))
    for key, why in found:
        scope.problems.add("no-effect", f"'{entry.name}' {why}: '{key}' has no effect", "Remove it.", at=[key])
    return not found


def _arguments(entry: SemanticType, rule: Rule | None, scope: Scope) -> Model | None:
    """The type's arguments; None after problems were reported."""
    given = rule.arguments if isinstance(rule, SemanticRule) else None
    if not given:
        return _without_arguments(entry.arguments)
    problems = scope.problems.at("arguments")
    known = [field.alias or name for name, field in entry.arguments.model_fields.items()]
    strange = [name for name in given if name not in known]
    for name in strange:
        remedy = did_you_mean(name, known) if known else "Remove 'arguments'."
        problems.add("unknown-key", f"'{entry.name}' takes no argument '{name}'", remedy, at=[name])
    if strange:
        return None
    try:
        return entry.arguments.model_validate(given)
    except ValidationError as error:
        for one in error.errors():
            problems.add("bad-value", f"{one['msg']}", "Correct the argument.", at=[str(part) for part in one["loc"]])
        return None


@cache
def _without_arguments(model: type[Model]) -> Model:
    return model()


def _siblings(entry: SemanticType, group: str, scope: Scope) -> dict[str, Model]:
    """The arguments that columns of the group give, by type: they hold for the whole group."""
    found: dict[str, Model] = {}
    for column, meant in meanings_in(scope).items():
        rule, other = scope.rules[column], SEMANTIC_TYPES.get(meant.semantic)
        given = rule.arguments if isinstance(rule, SemanticRule) else None
        if given and other is not None and other.kind == entry.kind and meant.group == group:
            try:
                found[other.name] = other.arguments.model_validate(given)
            except ValidationError:
                continue  # reported at that column
    return found
