"""The cases of a rule's ``when``: compiled, typed, and put before the rule itself."""

from typing import TYPE_CHECKING

import pyarrow as pa

from faasera.core.errors import Problems, did_you_mean
from faasera.core.streams import Stream
from faasera.generators import GENERATORS
from faasera.generators.conditional import Branch, Conditional
from faasera.generators.generator import Choice, Generator, WithNulls
from faasera.generators.lists import typed_values
from faasera.plan.keys import drawn
from faasera.plan.scope import RuleScope
from faasera.policy.model import Case, Rule

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver


def conditional(table: "TableResolver", column: str, rule: Rule, made: Choice | Generator) -> Generator | None:
    """A rule with its cases; None after problems were reported."""
    problems = table.problems.at("columnRuleMap", column)
    if any(column in columns for columns, _ in table.unique_tuples()):
        message = f"'{column}' has cases, and values of several rules cannot be kept unique"
        problems.add("unique-with-cases", message, "Drop 'when', or take the column out of its key.", at=["when"])
        return None
    otherwise = _alone(made, table, column, problems)
    branches = []
    for place, (case, inner) in enumerate(zip(rule.when or [], table.parsed.cases[column], strict=True)):
        at = problems.at("when", place)
        where = _where(table, case, at.at("where"))
        generator = _compiled(table, column, inner, at.at("rule"), place) if inner is not None else None
        if where is not None and generator is not None:
            branches.append(Branch(where, generator))
    if otherwise is None or len(branches) < len(rule.when or []):
        return None
    for place, branch in enumerate(branches):
        if branch.generator.data_type != otherwise.data_type:
            message = f"this case makes {branch.generator.data_type}, the rule {otherwise.data_type}"
            problems.add("data-type", message, "Say the same 'dataType' in both.", at=["when", place, "rule"])
            return None
    return Conditional(tuple(branches), otherwise)


def _alone(made: Choice | Generator, table: "TableResolver", column: str, problems: Problems) -> Generator | None:
    if isinstance(made, Generator):
        return made
    return drawn(made, column, Stream(table.seed, table.name, column, "value"), problems)


def _compiled(table: "TableResolver", column: str, rule: Rule, problems: Problems, place: int) -> Generator | None:
    declared = GENERATORS.get(rule.type)
    assert declared is not None
    made = declared.compile(rule, RuleScope(table, column, problems))
    if made is None:
        return None
    generator = _alone(made, table, column, problems)
    if generator is not None and rule.null_fraction:
        stream = Stream(table.seed, table.name, column, f"null when {place}")
        return WithNulls(generator, float(rule.null_fraction), stream)
    return generator


def _where(table: "TableResolver", case: Case, problems: Problems) -> tuple[tuple[str, pa.Array], ...] | None:
    found = []
    for column, given in case.where.items():
        if column not in table.order:
            remedy = did_you_mean(column, table.order)
            problems.add("unknown-column", f"'{table.name}' has no column '{column}'", remedy, at=[column])
            continue
        handle = table.handle(column)
        if handle is None:
            continue
        listed = given if isinstance(given, list) else [given]
        try:
            found.append((column, typed_values(listed, handle.data_type)))
        except ValueError as error:
            message = str(error).partition(": ")[2]
            problems.add("bad-value", message, f"Use values of {handle.data_type}.", at=[column])
    return tuple(found) if len(found) == len(case.where) else None
