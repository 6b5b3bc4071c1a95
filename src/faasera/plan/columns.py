"""Fourth phase: every rule and check compiled, in the order of their needs; circles of columns are found here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.errors import Problem, Problems
from faasera.core.type_text import parse_type
from faasera.core.types import BIGINT, JSON
from faasera.generators import GENERATORS
from faasera.generators.encoded import EncodedRule
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.joined import Cut
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.compiled import compile_inferred
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.generators.sequence import SequenceGenerator
from faasera.generators.siblings import CHILD_NUMBER, ChildNumber
from faasera.generators.workshop import Workshop
from faasera.plan.cases import KnownHere, check_choices, conditional, only_absent
from faasera.plan.checks import compile_checks
from faasera.plan.deny import DenyList
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.known import KnownColumn, Knows, Step, Trail, Way
from faasera.plan.model import CheckPlan, Meaning
from faasera.plan.references import parent_value
from faasera.plan.relations import Relation
from faasera.plan.scope import Notes, RuleScope, Surroundings
from faasera.policy.model import Rule


@dataclass(frozen=True, eq=False)
class Compiled:
    """What a column comes to before keys have decided its draw.

    Attributes:
        made: a choice that is still to be drawn, or a generator.
        meaning: of a column with a semantic type.
        files: the columns of seed files that it is drawn from, each with its file.
        encodes: the columns that it encodes.
    """

    made: Made
    meaning: Meaning | None
    files: tuple[tuple[str, str], ...]
    encodes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Columns:
    """What all columns of a policy come to.

    Attributes:
        surroundings: of all rules.
        by_table: of each table by name; a column is left out after problems were reported.
        checks: of each table.
        check_problems: what is wrong with checks; told with all others, and no hindrance to looking at keys.
        recursive: the tables with a column that needs itself in the row's parent.
    """

    surroundings: Surroundings
    by_table: Mapping[str, Mapping[str, Compiled]]
    checks: Mapping[str, tuple[CheckPlan, ...]]
    check_problems: tuple[Problem, ...]
    recursive: frozenset[str]

    def made(self, table: str, column: str) -> Made | None:
        """What a column's rule comes to; None after problems were reported."""
        compiled = self.by_table[table].get(column)
        return compiled.made if compiled is not None else None

    def known(self, table: str, column: str) -> Generator | None:
        """What others may know of a column; None after problems were reported."""
        return self.surroundings.knows.known(table, column, Trail())

    def parents_facts(self, relation: Relation, column: str) -> Facts | None:
        """What is known of a parent's column; None after problems were reported."""
        found = self.surroundings.knows.parents_column(relation, column, Trail())
        return found.facts if found is not None else None


def compile_columns(frame: Frame, workshop: Workshop, deny_list: DenyList | None) -> Columns:
    """Compile all rules.

    Args:
        frame: the policy before a rule is read.
        workshop: makes what several rules need.
        deny_list: values that no row may have.
    """
    compiler = _Compiler(frame, workshop, deny_list)
    for table in frame.tables.values():
        for column in table.order:
            compiler.compiled(Step(table.name, column, Way.HERE), Trail())
    for table in frame.tables.values():
        check_choices(table, compiler.teller(table.name), compiler.finder(table.name))
    return compiler.columns()


class _Compiler(Knows):
    """Compiles columns when they are first asked for."""

    def __init__(self, frame: Frame, workshop: Workshop, deny_list: DenyList | None) -> None:
        self.frame = frame
        self.deny_list = deny_list
        self.notes = Notes()
        self.surroundings = Surroundings(frame, self, workshop, self.notes)
        self.recursive: set[str] = set()
        self._made: dict[tuple[str, str], Made | None] = {}
        self._known: dict[tuple[str, str], KnownColumn | None] = {}

    def columns(self) -> Columns:
        """All columns."""
        by_table = {
            table.name: {
                column: self._of(table, column, made)
                for column in table.order
                if (made := self._made[table.name, column]) is not None
            }
            for table in self.frame.tables.values()
        }
        wrong: list[Problem] = []
        checks = {name: self._checks(table, wrong) for name, table in self.frame.tables.items()}
        return Columns(self.surroundings, by_table, checks, tuple(wrong), frozenset(self.recursive))

    def _checks(self, table: TableFrame, wrong: list[Problem]) -> tuple[CheckPlan, ...]:
        """The checks of a table; what is wrong with them is collected apart."""
        problems = Problems(table.outline.problems.path, wrong)
        return compile_checks(table, problems, lambda at: RuleScope(self.surroundings, table, "", Trail(), at))

    def _of(self, table: TableFrame, column: str, made: Made) -> Compiled:
        place = (table.name, column)
        rules = (table.outline.rules.get(column), *table.outline.cases.get(column, ()))
        encodes = [rule.source for rule in rules if isinstance(rule, EncodedRule) and rule.source is not None]
        files = tuple(self.notes.files.get(place, ()))
        return Compiled(made, self.notes.meanings.get(place), files, tuple(dict.fromkeys(encodes)))

    def teller(self, table: str) -> KnownHere:
        """Tells of the columns of a table whose rules are not being compiled."""
        return lambda column: self.known(table, column, Trail())

    def finder(self, table: str) -> Callable[[str], Made | None]:
        """Finds what the columns of a table come to."""
        return lambda column: self._made.get((table, column))

    # what columns know of one another

    @override
    def known(self, table: str, column: str, trail: Trail, way: Way = Way.HERE) -> Generator | None:
        place = (table, column)
        if place in self._known:
            return self._known[place]
        if place not in self._made:
            circle = trail.circle(table, column, way)
            if circle is not None:
                return self._round(table, column, circle)
        made = self.compiled(Step(table, column, way), trail)
        self._known[place] = self._seen(table, column, made) if made is not None else None
        return self._known[place]

    def _seen(self, table: str, column: str, made: Made) -> KnownColumn:
        frame = self.frame.tables[table]
        rule = frame.outline.rules.get(column)
        facts = made.facts
        unique = facts.unique or frame.keys.single(column)
        nullable = facts.nullable or bool(rule and rule.null_fraction) or self._only_absent(frame, column)
        return KnownColumn(column, replace(facts, unique=unique, nullable=nullable, uses=(), by_row=False))

    @override
    def parents_column(self, relation: Relation, column: str, trail: Trail, way: Way = Way.HERE) -> Generator | None:
        if not relation.existing:
            return self.known(relation.parent, column, trail, way)
        found = self.frame.relations.existing[relation.parent].columns.get(column)
        if found is None:
            message = f"'{relation.parent}.{column}' has values that no data type of a policy can hold"
            relation.problems.add("data-type", message, "Refer to another column, or convert it.", at=["references"])
        return found

    def _round(self, table: str, column: str, circle: Trail) -> KnownColumn | None:
        """A column that needs itself: refused, but for the row's parent in a forest, which comes to an end."""
        outline = self.frame.tables[table].outline
        if not circle.ends_at_roots:
            message = f"these columns depend on each other: {circle.shown(table)}"
            remedy = "Break the cycle: let one of them stand on its own."
            outline.problems.add("cycle", message, remedy, at=["columnRuleMap", column])
            return None
        self.recursive.add(table)
        rule = outline.rules.get(column)
        data_type = _declared_type(outline.rules, column)
        if rule is None or data_type is None:
            message = f"'{column}' is made from the parent's '{column}': its type must be known beforehand"
            remedy = "Give the rule a 'dataType'."
            outline.problems.add("missing-key", message, remedy, at=["columnRuleMap", column, "dataType"])
            return None
        facts = Facts(parse_type(data_type), nullable=bool(rule.null_fraction), unique=rule.unique)
        return KnownColumn(column, facts)

    # rules

    def compiled(self, step: Step, trail: Trail) -> Made | None:
        """What a column's rule comes to; None after problems were reported."""
        place = (step.table, step.column)
        if place not in self._made:
            table = self.frame.tables[step.table]
            self._made[place] = self._compile(table, step.column, trail.to(step.table, step.column, step.way))
        return self._made[place]

    def _compile(self, table: TableFrame, column: str, trail: Trail) -> Made | None:
        rule = table.outline.rules.get(column)
        problems = table.outline.problems.at("columnRuleMap", column)
        if column in table.outline.foreign_columns:
            if rule is not None:
                message = f"'{column}' takes its values from its parent: a rule of its own has no effect"
                remedy = "Write {}, which only fixes the column's place, or leave the column out."
                problems.add("no-effect", message, remedy)
                return None
            return parent_value(self.frame, self, table, column, trail)
        if column == CHILD_NUMBER:
            link = table.family.link if table.family is not None else None
            return ChildNumber(link.largest) if link is not None else None
        if rule is None:
            return self._without_rule(table, column, trail, problems)
        if rule.use_ai_hinting:
            return None  # Reported with the outline.
        return self._by_rule(table, column, rule, trail)

    def _by_rule(self, table: TableFrame, column: str, rule: Rule, trail: Trail) -> Made | None:
        declared = GENERATORS.get(rule.type)
        assert declared is not None

        def scope_at(problems: Problems) -> RuleScope:
            return RuleScope(self.surroundings, table, column, trail, problems)

        problems = table.outline.problems.at("columnRuleMap", column)
        made: Made | None = declared.compile(rule, scope_at(problems))
        if made is not None and rule.when is not None and not self._only_absent(table, column):
            made = conditional(table, rule, made, scope_at, lambda other: self.known(table.name, other, trail))
        if made is not None and rule.max_length is not None:
            meaning = self.notes.meanings.get((table.name, column))
            made = _cut(made, rule.max_length, meaning, problems)
        if self.deny_list is not None and isinstance(made, Choice) and made.distribution is None:
            return self.deny_list.without(made)
        return made

    @staticmethod
    def _only_absent(table: TableFrame, column: str) -> bool:
        """Whether a column belongs to a key, and its cases take its value away."""
        cases = table.outline.cases.get(column, ())
        return table.keys.binds(column) and only_absent(table.outline.rules.get(column), cases)

    def _without_rule(self, table: TableFrame, column: str, trail: Trail, problems: Problems) -> Made | None:
        if column == table.outline.policy.primary_key_column:
            return SequenceGenerator(1, 1, BIGINT, table.row_count)
        found, made = compile_inferred(None, RuleScope(self.surroundings, table, column, trail))
        if not found:
            message = f"nothing says what '{column}' holds, and its name fits no semantic type"
            problems.add("cannot-infer", message, "Give it a rule with a 'type', or a 'semanticType'.")
        return made


def _cut(made: Made, limit: int, meaning: Meaning | None, problems: Problems) -> Made | None:
    """Apply ``maxLength`` where the rule itself did not; None after a problem was reported."""
    facts = made.facts
    if not facts.data_type.is_text:
        message = f"'maxLength' has no effect on {facts.data_type}"
        problems.add("no-effect", message, "Remove it.", at=["maxLength"])
        return None
    if facts.max_length is not None and facts.max_length <= limit:
        return made
    if isinstance(made, Choice) and isinstance(made.domain, ListDomain) and facts.data_type != JSON:
        values = pc.utf8_slice_codeunits(made.domain.values, start=0, stop=limit)
        source = f"{made.domain.source}, cut to {limit} characters"
        return replace(made, domain=ListDomain(values, facts.data_type, source))
    entry = SEMANTIC_TYPES.get(meaning.semantic_type) if meaning is not None else None
    if isinstance(made, Generator) and entry is not None and entry.pattern is None and not facts.unique:
        return Cut(made, limit)
    message = f"texts here can have {facts.max_length or 'any number of'} characters, more than {limit}"
    problems.add("max-length", message, "Shorten the pattern, or raise 'maxLength'.", at=["maxLength"])
    return None


def _declared_type(rules: Mapping[str, Rule | None], column: str) -> str | None:
    """The type that a rule names, or the rule of the column that it looks up in the parent of the same table."""
    rule = rules.get(column)
    if rule is None or rule.data_type is not None:
        return rule.data_type if rule else None
    path = rule.looked_up or ""
    targets = [one for one in rules if path.endswith("." + one)]
    target = max(targets, key=len, default=column)
    return _declared_type(rules, target) if target != column else None
