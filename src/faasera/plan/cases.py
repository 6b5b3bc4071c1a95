"""The cases of a rule's ``when``, and of a foreign key's: compiled, typed, and held against what can be chosen."""

from collections.abc import Callable, Sequence

from faasera.core.errors import Problems, did_you_mean
from faasera.core.streams import Stream
from faasera.core.types import STRING
from faasera.generators import GENERATORS
from faasera.generators.conditional import Branch, Conditional, Where
from faasera.generators.generator import Choice, Generator, Made, WithNulls
from faasera.generators.lists import ListDomain, typed_values
from faasera.plan.frame import TableFrame
from faasera.plan.relations import Relation
from faasera.plan.scope import RuleScope
from faasera.plan.uniqueness import drawn
from faasera.policy.model import Case, Rule

KnownHere = Callable[[str], Generator | None]
"""What is known of another column of the same row; None after problems were reported."""


def conditional(
    table: TableFrame,
    rule: Rule,
    made: Made,
    scope_at: Callable[[Problems], RuleScope],
    known: KnownHere,
) -> Generator | None:
    """A rule with its cases; None after problems were reported.

    Args:
        table: the rule's.
        rule: has the cases.
        made: what the rule itself comes to.
        scope_at: what a case's rule sees, with a place to report at.
        known: tells of other columns.
    """
    scope = scope_at(table.outline.problems)
    column, problems = scope.column, table.outline.problems.at("columnRuleMap", scope.column)
    if table.keys.binds(column):
        message = f"'{column}' has cases, and values of several rules cannot be kept unique"
        remedy = "Drop 'when', let its cases be null alone, or take the column out of its key."
        problems.add("unique-with-cases", message, remedy, at=["when"])
        return None
    value = Stream(scope.seed, table.name, column, "value")
    otherwise = drawn(made, column, value, problems)
    branches = []
    for place, (case, inner) in enumerate(zip(rule.when or [], table.outline.cases[column], strict=True)):
        at = problems.at("when", place)
        where = _where(table, case, known, at.at("where"))
        nulls = Stream(scope.seed, table.name, column, f"null when {place}")
        generator = _compiled(inner, scope_at(at.at("rule")), value, nulls) if inner is not None else None
        if where is not None and generator is not None:
            branches.append(Branch(where, generator))
    if otherwise is None or len(branches) < len(rule.when or []):
        return None
    for place, branch in enumerate(branches):
        made_type, wanted = branch.generator.facts.data_type, otherwise.facts.data_type
        if made_type != wanted:
            message = f"this case makes {made_type}, the rule {wanted}"
            problems.add("data-type", message, "Say the same 'dataType' in both.", at=["when", place, "rule"])
            return None
    if rule.null_fraction:
        # Of the rows that no case makes; each case has its own.
        otherwise = WithNulls(otherwise, float(rule.null_fraction), Stream(scope.seed, table.name, column, "null"))
    return Conditional(tuple(branches), otherwise)


def only_absent(rule: Rule | None, cases: Sequence[Rule | None]) -> bool:
    """Whether all cases of a rule take the value away, so that the other rows' values can be kept unique."""
    return rule is not None and rule.when is not None and all(one and one.null_fraction == 1 for one in cases)


def absences(table: TableFrame, column: str, known: KnownHere) -> tuple[Where, ...]:
    """Which rows have no value of a column whose cases take it away; what is wrong is reported.

    Args:
        table: the column's.
        column: its name.
        known: tells of other columns.
    """
    rule, problems = table.outline.rules[column], table.outline.problems.at("columnRuleMap", column)
    assert rule is not None
    found = [
        _where(table, case, known, problems.at("when", place, "where")) for place, case in enumerate(rule.when or [])
    ]
    return tuple(one for one in found if one is not None)


def _compiled(rule: Rule, scope: RuleScope, value: Stream, nulls: Stream) -> Generator | None:
    declared = GENERATORS.get(rule.type)
    assert declared is not None
    made = declared.compile(rule, scope)
    if made is None:
        return None
    generator = drawn(made, scope.column, value, scope.problems)
    if generator is not None and rule.null_fraction:
        return WithNulls(generator, float(rule.null_fraction), nulls)
    return generator


def _where(table: TableFrame, case: Case, known: KnownHere, problems: Problems) -> Where | None:
    found = []
    for column, given in case.where.items():
        if column not in table.order:
            message = f"'{table.name}' has no column '{column}'"
            problems.add("unknown-column", message, did_you_mean(column, table.order), at=[column])
            continue
        other = known(column)
        if other is None:
            continue
        listed = given if isinstance(given, list) else [given]
        try:
            found.append((column, typed_values(listed, other.facts.data_type)))
        except ValueError as error:
            message = str(error).partition(": ")[2]
            problems.add("bad-value", message, f"Use values of {other.facts.data_type}.", at=[column])
    return tuple(found) if len(found) == len(case.where) else None


def check_choices(table: TableFrame, known: KnownHere, made: Callable[[str], Made | None]) -> None:
    """Report values of a column that chooses among parents for which there is no parent.

    Args:
        table: the foreign keys'.
        known: tells of columns.
        made: what a column's rule comes to.
    """
    chosen: dict[tuple[int, str], list[Relation]] = {}
    for relation in table.relations.values():
        for column, values in (relation.when or {}).items():
            _check_chosen(relation, column, values, known(column) if column in table.order else None)
        if relation.when is not None and len(relation.when) == 1:
            chosen.setdefault((relation.foreign_key, next(iter(relation.when))), []).append(relation)
    for (_, column), relations in chosen.items():
        of_column = made(column)
        if isinstance(of_column, Choice) and isinstance(of_column.domain, ListDomain):
            _check_covered(column, relations, of_column.domain.values.to_pylist())


def _check_chosen(relation: Relation, column: str, values: Sequence[object], known: Generator | None) -> None:
    """Report a value that the column cannot have, as it is of another type."""
    data_type = known.facts.data_type if known is not None else STRING
    try:
        typed_values(list(values), data_type)
    except ValueError as error:
        message = f"'{column}' is {data_type}: {str(error).partition(': ')[2]}"
        relation.problems.add("bad-value", message, "Compare with a value of that type.", at=["references"])


def _check_covered(column: str, relations: list[Relation], values: list[object]) -> None:
    covered = [value for relation in relations for given in (relation.when or {}).values() for value in given]
    problems = relations[0].problems
    for value in dict.fromkeys(values) if relations[0].several else ():
        if value not in covered:
            message = f"'{column}' can be {value!r}, and no reference applies then"
            remedy = "Add a reference with that 'when', or drop the value."
            problems.add("unknown-value", message, remedy, at=["references"])
    for value in covered:
        if value not in values:
            message = f"'{column}' is never {value!r}, so that reference never applies"
            problems.add("unknown-value", message, did_you_mean(str(value), map(str, values)), at=["references"])
