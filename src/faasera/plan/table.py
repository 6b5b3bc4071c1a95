"""One table on its way from policy to plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.errors import Problems, did_you_mean
from faasera.core.types import BIGINT, DataType
from faasera.generators import GENERATORS
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import Cut
from faasera.generators.lists import ListDomain
from faasera.generators.reference import FirstOf, ParentValue
from faasera.generators.semantic.compiled import compile_inferred
from faasera.generators.semantic.neighbours import semantic_type_of
from faasera.generators.semantic.registry import DEFAULT_LOCALE, SEMANTIC_TYPES
from faasera.generators.sequence import SequenceGenerator
from faasera.generators.siblings import CHILD_NUMBER, ChildNumber
from faasera.plan.conditions import conditional
from faasera.plan.forest import cardinality_link
from faasera.plan.links import CardinalityLink
from faasera.plan.model import Meaning
from faasera.plan.relations import Relation, UniqueTuple, check_relations, collect_relations
from faasera.plan.scope import SIDEWAYS, UPWARDS, RuleScope
from faasera.plan.shared import Component, components
from faasera.policy.model import DEFAULT_ROWS, Rule
from faasera.policy.parse import ParsedTable
from faasera.vocabulary.reference import locale_names

if TYPE_CHECKING:
    from faasera.plan.resolve import Resolver


@dataclass(frozen=True)
class Handle(Generator):
    """What other columns may know of a column before keys have decided its draw."""

    name: str
    facts: Facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return context.column(self.name)

    @override
    def describe(self) -> str:
        return self.name


class TableResolver:
    """One table on its way to a plan."""

    def __init__(self, parsed: ParsedTable, resolver: "Resolver") -> None:
        self.parsed = parsed
        self.policy = parsed.policy
        self.name = parsed.policy.table_name
        self.resolver = resolver
        self.problems = parsed.problems
        self.seed = resolver.parsed.document.seed
        self.composite = tuple(
            name.strip() for name in (self.policy.composite_key_column or "").split("+") if name.strip()
        )
        self.foreign_columns = [column for key in self.policy.foreign_keys for column in key.columns]
        self.order = self._column_order()
        self.relations: dict[str, Relation] = {}
        self.components: list[Component] = []
        self.compiled: dict[str, Choice | Generator | None] = {}
        self.recursive = False
        self.meanings: dict[str, Meaning] = {}
        self.files: dict[str, dict[tuple[str, str], None]] = {}

    def _column_order(self) -> list[str]:
        """The primary key first where it has no rule, then foreign keys' columns without one, then the rules."""
        ruled = list(self.parsed.rules)
        primary = self.policy.primary_key_column
        leading = [primary] if primary is not None and primary not in ruled else []
        for column in self.foreign_columns:
            if column not in ruled and column not in leading:
                leading.append(column)
        numbered = any(key.children_per_parent is not None for key in self.policy.foreign_keys)
        return leading + ruled + ([CHILD_NUMBER] if numbered else [])

    def relate(self) -> None:
        """Find what the foreign keys refer to; all tables are known by now."""
        self.relations = collect_relations(self)
        self.components = components(self)

    # rows

    @property
    def family(self) -> Relation | None:
        """The foreign key that decides the row count, if one does."""
        return next((one for one in self.relations.values() if one.policy.children_per_parent is not None), None)

    @cached_property
    def cardinality(self) -> CardinalityLink | None:
        """How many rows each parent has here, if a foreign key decides it; None after problems were reported, too."""
        family = self.family
        if family is None or family.parent is self:
            return None
        active = self.resolver.counting
        if self.name in active:
            cycle = " → ".join([*active[active.index(self.name) :], self.name])
            message = f"these tables' row counts depend on each other: {cycle}"
            remedy = "Give one of them a 'rowCount' instead of 'childrenPerParent'."
            family.problems.add("cycle", message, remedy, at=["childrenPerParent"])
            return None
        active.append(self.name)
        link = cardinality_link(self, family)
        active.pop()
        return link

    @cached_property
    def row_count(self) -> int:
        """How many rows, given or following from the parents."""
        if self.cardinality is not None:
            return self.cardinality.sums.total
        if self.family is not None:
            return 0
        return DEFAULT_ROWS if self.policy.row_count is None else self.policy.row_count

    # keys

    @cached_property
    def never_null(self) -> set[str]:
        """The columns of the primary and composite keys."""
        return {*self.composite, *([self.policy.primary_key_column] if self.policy.primary_key_column else [])}

    def optional(self, relation: Relation) -> bool:
        """Whether a row may have no parent by this foreign key."""
        if relation.policy.null_fraction or relation.when is not None:
            return True
        if relation.parent is self and relation.policy.acyclic is not None:
            return not self.roots_refer_to_themselves(relation)
        return False

    def roots_refer_to_themselves(self, relation: Relation) -> bool:
        """Whether a reference to the own table can never be null: in a key, or with a ``nullFraction`` of 0."""
        return relation.policy.never_null or bool(set(relation.columns) & self.never_null)

    def unique_tuples(self) -> list[UniqueTuple]:
        """All unique tuples, each with its place in the policy: single columns first, and a part before its whole."""
        found: list[UniqueTuple] = []
        if self.policy.primary_key_column is not None:
            found.append(((self.policy.primary_key_column,), ("primaryKeyColumn",)))
        if self.composite:
            found.append((self.composite, ("compositeKeyColumn",)))
        found += [(tuple(key), ("uniqueKeys", index)) for index, key in enumerate(self.policy.unique_keys)]
        found += [
            ((name,), ("columnRuleMap", name, "unique"))
            for name, rule in self.parsed.rules.items()
            if rule and rule.unique
        ]
        for index, key in enumerate(self.policy.foreign_keys):
            counted = key.children_per_parent is not None and key.children_per_parent.max > 1
            if key.unique and not counted:  # what contradicts itself is reported once
                found.append((key.unique_columns, ("foreignKeys", index, "unique")))
        ordered: list[UniqueTuple] = []
        for one in sorted(found, key=lambda entry: len(entry[0]) > 1):
            wider = [place for place, known in enumerate(ordered) if set(one[0]) < set(known[0])]
            ordered.insert(wider[0] if wider else len(ordered), one)
        return ordered

    def check(self) -> None:
        """Report what can be seen without compiling a rule."""
        document = self.resolver.parsed.document
        self._check_locale(self.policy.locale, self.problems)
        if not self.order:
            self.problems.add(
                "no-columns", f"'{self.name}' has no columns", "Add one to 'columnRuleMap'.", at=["columnRuleMap"]
            )
        elif all(rule and rule.hidden for rule in map(self.parsed.rules.get, self.order)):
            self.problems.add(
                "no-columns", f"all columns of '{self.name}' are hidden", "Show one.", at=["columnRuleMap"]
            )
        if len(self.composite) == 1:
            message = "a composite key has at least two columns"
            self.problems.add("key", message, "Use 'primaryKeyColumn' or 'uniqueKeys'.", at=["compositeKeyColumn"])
        folded: dict[str, str] = {}
        for name in self.order:
            if name.casefold() in folded:
                message = f"'{name}' and '{folded[name.casefold()]}' differ only in case"
                self.problems.add("duplicate-column", message, "Rename one of them.", at=["columnRuleMap", name])
            folded[name.casefold()] = name
        for columns, path in self.unique_tuples():
            for column in columns:
                if column not in self.order:
                    remedy = did_you_mean(column, self.order)
                    self.problems.add("unknown-column", f"'{self.name}' has no column '{column}'", remedy, at=path)
            if len(set(columns)) < len(columns) or not columns:
                self.problems.add("key", "a key names a column twice, or none", "Name each column once.", at=path)
        if CHILD_NUMBER in self.parsed.rules:
            message = f"'{CHILD_NUMBER}' is the number of a child within its parent"
            self.problems.add("reserved-name", message, "Rename it.", at=["columnRuleMap", CHILD_NUMBER])
        for name, rule in self.parsed.rules.items():
            place = self.problems.at("columnRuleMap", name)
            if rule is None:
                continue
            self._check_locale(rule.locale, place)
            if rule.use_ai_hinting:
                waits = (
                    rule.type == "SEED" and not {"values", "seed_file_name", "semantic_type"} & rule.model_fields_set
                )
                if waits:
                    message = f"'{name}' waits for suggestions, and the built-in matcher is not sure what it holds"
                    remedy = "Run 'faasera hints POLICY', or say more in its 'description'."
                    place.add("hints-missing", message, remedy)
                else:
                    message = "the rule says itself where its values come from, or a key does"
                    place.add("no-effect", message, "Remove 'useAIHinting'.", at=["useAIHinting"])
            for key, given in (("locale", rule.locale is not None), ("allowRealistic", rule.allow_realistic)):
                if given and semantic_type_of(rule, name, self.name) is None:
                    message = f"'{key}' has no effect on a rule without a semantic type"
                    place.add("no-effect", message, "Remove it.", at=[key])
            if rule.null_fraction and name in self.never_null:
                message = f"'{name}' belongs to the primary or composite key, which is never null"
                place.add("key-null", message, "Remove 'nullFraction'.", at=["nullFraction"])
        check_relations(self)
        for relation in self.relations.values():
            if relation.policy.null_fraction and set(relation.columns) & self.never_null:
                message = f"'{relation.name}' belongs to the primary or composite key, which is never null"
                relation.problems.add("key-null", message, "Remove 'nullFraction'.", at=["nullFraction"])
        self._check_locale(document.locale, self.resolver.parsed.problems)

    def _check_locale(self, locales: Mapping[str, float] | None, problems: Problems) -> None:
        for locale in locales or ():
            if locale not in locale_names():
                remedy = did_you_mean(locale, locale_names())
                problems.add("unknown-locale", f"there is no locale '{locale}'", remedy, at=["locale"])

    def locales(self, rule: Rule | None) -> tuple[tuple[str, float], ...]:
        """The locales of a rule's rows with their weights: its own, else the table's, else the document's."""
        given = (rule.locale if rule else None) or self.policy.locale or self.resolver.parsed.document.locale
        known = tuple((name, float(weight)) for name, weight in given.items() if name in locale_names())
        return known or ((DEFAULT_LOCALE, 1.0),)

    def check_parents(self) -> None:
        """Report rows that need parents where there are none; all row counts are known by now."""
        for relation in self.relations.values():
            policy = relation.policy
            if self.row_count and not relation.parent.row_count and policy.null_fraction < 1:
                message = (
                    f"{self.row_count:,} rows refer by '{relation.name}' to '{relation.parent.name}', which has 0 rows"
                )
                relation.problems.add("no-parents", message, "Give the parent rows, or set 'nullFraction' to 1.")

    # columns

    def compile(self, column: str) -> Choice | Generator | None:
        """What a column's rule comes to; None after problems were reported."""
        if column not in self.compiled:
            resolver = self.resolver
            place = (self.name, column)
            if place in resolver.active:
                cycle = [entry for entry in resolver.active[resolver.active.index(place) :] if entry[1]] + [place]
                shown = " → ".join(name if table == self.name else f"{table}.{name}" for table, name in cycle)
                message = f"these columns depend on each other: {shown}"
                self.problems.add(
                    "cycle", message, "Break the cycle: let one of them stand on its own.", at=["columnRuleMap", column]
                )
                resolver.cyclic.update(cycle)
                return None
            resolver.active.append(place)
            made = self._compile(column)
            resolver.active.pop()
            self.compiled[column] = made
        return self.compiled[column]

    def _compile(self, column: str) -> Choice | Generator | None:
        rule = self.parsed.rules.get(column)
        problems = self.problems.at("columnRuleMap", column)
        if column in self.foreign_columns:
            if rule is not None:
                message = f"'{column}' takes its values from its parent: a rule of its own has no effect"
                problems.add(
                    "no-effect", message, "Write {}, which only fixes the column's place, or leave the column out."
                )
                return None
            return self._parent_value(column)
        if column == CHILD_NUMBER:
            return ChildNumber(self.cardinality.sums.largest) if self.cardinality is not None else None
        if rule is None:
            return self._without_rule(column, problems)
        if rule.use_ai_hinting:
            return None  # Reported by ``check``.
        scope = RuleScope(self, column)
        declared = GENERATORS.get(rule.type)
        assert declared is not None
        made = declared.compile(rule, scope)
        if made is not None and rule.when is not None:
            made = conditional(self, column, rule, made)
        made = self._cut(column, made, rule, problems) if made is not None and rule.max_length is not None else made
        denied = self.resolver.deny_list
        return (
            denied.without(made) if denied is not None and isinstance(made, Choice) and not self._shaped(rule) else made
        )

    def _shaped(self, rule: Rule) -> bool:
        """Whether a distribution refers to the elements of a list by their places."""
        return getattr(rule, "distribution", None) is not None

    def _parent_value(self, column: str) -> Generator | None:
        """A foreign key's column: its parent's value, or that of one of several possible parents."""
        relations = [relation for relation in self.relations.values() if column in relation.columns]
        component = next((one for one in self.components if column in one.columns), None)
        if component is not None:
            relations = [one for one in component.relations if column in one.columns]
        several = len(relations) > 1
        if several and component is None and len({id(relation.policy) for relation in relations}) > 1:
            message = f"'{column}' belongs to several foreign keys, and one of them has several parents"
            relations[1].problems.add("shared-columns", message, "Use another column.", at=["columns"])
            return None
        values = []
        for relation in relations[:1] if component is not None else relations:
            relation.uses()
            source = relation.parent.handle(relation.target(column))
            if source is None:
                return None
            # What keys share is never null by one of them: the others need it.
            bare = several and component is not None
            values.append(self._value_of(relation, column, source, bare=bare))
        if component is not None and several and not self._same_type(relations, column):
            return None
        if len(values) < 2:
            return values[0] if values else None
        types = {str(value.data_type) for value in values}
        if len(types) > 1:
            message = f"'{column}' refers to keys of different types: {', '.join(sorted(types))}"
            relations[0].problems.add("data-type", message, "Refer to keys of one type.", at=["references"])
            return None
        chosen = {name for relation in relations for name in relation.when or {}}
        nullable = any(handle is None or handle.nullable for handle in map(self.handle, sorted(chosen)))
        nullable = nullable or any(value.source.nullable for value in values) or bool(relations[0].policy.null_fraction)
        return FirstOf(tuple(values), nullable)

    def _value_of(self, relation: Relation, column: str, source: Generator, *, bare: bool) -> ParentValue:
        return ParentValue(
            (relation.name,),
            relation.parent.name,
            relation.target(column),
            source,
            bare=bare,
            absent=not relation.parent.row_count,
            optional=self.optional(relation) and not bare,
        )

    def _same_type(self, relations: list[Relation], column: str) -> bool:
        sources = [one.parent.handle(one.target(column)) for one in relations if one.parent is not self]
        types = {str(source.data_type) for source in sources if source is not None}
        if len(types) > 1:
            message = f"'{column}' refers to keys of different types: {', '.join(sorted(types))}"
            relations[1].problems.add("data-type", message, "Refer to keys of one type.", at=["columns"])
        return len(types) < 2

    def _without_rule(self, column: str, problems: Problems) -> Choice | Generator | None:
        if column == self.policy.primary_key_column:
            return SequenceGenerator(1, 1, BIGINT, self.row_count)
        found, made = compile_inferred(None, RuleScope(self, column))
        if not found:
            message = f"nothing says what '{column}' holds, and its name fits no semantic type"
            problems.add("cannot-infer", message, "Give it a rule with a 'type', or a 'semanticType'.")
        return made

    def _cut(self, column: str, made: Choice | Generator, rule: Rule, problems: Problems) -> Choice | Generator | None:
        """Apply ``maxLength`` where the rule itself did not."""
        limit = rule.max_length
        assert limit is not None
        data_type, longest = made.data_type, made.max_length
        if not data_type.is_text:
            problems.add("no-effect", f"'maxLength' has no effect on {data_type}", "Remove it.", at=["maxLength"])
            return None
        if longest is not None and longest <= limit:
            return made
        if isinstance(made, Choice) and isinstance(made.domain, ListDomain):
            values = pc.utf8_slice_codeunits(made.domain.values, start=0, stop=limit)
            return replace(
                made, domain=ListDomain(values, data_type, f"{made.domain.source}, cut to {limit} characters")
            )
        meaning = self.meanings.get(column)
        entry = SEMANTIC_TYPES.get(meaning.semantic_type) if meaning is not None else None
        if isinstance(made, Generator) and entry is not None and entry.pattern is None and not made.unique:
            return Cut(made, limit)
        message = f"texts here can have {longest or 'any number of'} characters, more than {limit}"
        problems.add("max-length", message, "Shorten the pattern, or raise 'maxLength'.", at=["maxLength"])
        return None

    def handle(self, column: str) -> Handle | None:
        """What others may know of a column; None after problems were reported."""
        if column not in self.compiled and (self.name, column) in self.resolver.active:
            active = self.resolver.active
            steps = [mark for mark, name in active[active.index((self.name, column)) :] if not name]
            if UPWARDS in steps and SIDEWAYS not in steps:
                return self._recursive(column)
        made = self.compile(column)
        if made is None:
            return None
        rule = self.parsed.rules.get(column)
        unique = made.unique or any(columns == (column,) for columns, _ in self.unique_tuples())
        nullable = made.nullable or bool(rule and rule.null_fraction)
        return Handle(column, replace(made.facts, nullable=nullable, unique=unique, by_row=False, uses=()))

    def _recursive(self, column: str) -> Handle | None:
        """A column that needs itself, but of the row's parent in a forest, which comes to an end."""
        self.recursive = True
        rule = self.parsed.rules.get(column)
        data_type = self._declared_type(column)
        if rule is None or data_type is None:
            message = f"'{column}' is made from the parent's '{column}': its type must be known beforehand"
            remedy = "Give the rule a 'dataType'."
            self.problems.add("missing-key", message, remedy, at=["columnRuleMap", column, "dataType"])
            return None
        return Handle(column, Facts(DataType.parse(data_type), bool(rule.null_fraction), rule.unique))

    def _declared_type(self, column: str) -> str | None:
        """The type that a rule names, or the rule of the column that it looks up in the parent of the same table."""
        rule = self.parsed.rules.get(column)
        if rule is None or rule.data_type is not None:
            return rule.data_type if rule else None
        target = (getattr(rule, "lookup", None) or "").rpartition(".")[2]
        return self._declared_type(target) if target not in ("", column) else None
