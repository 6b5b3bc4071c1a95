"""What the rules of columns promise, as conditions that a row must not meet."""

from collections.abc import Iterator

from faasera.generators.declared import GENERATORS
from faasera.generators.semantic.rule import SemanticRule
from faasera.policy.model import Rule
from faasera.run.check import sql
from faasera.run.check.meanings import semantic
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import Condition, NotCheckableError
from faasera.run.check.view import RowsView
from faasera.run.check.written import Written


def conditions(table: CheckedTable, column: str, rows: RowsView) -> Iterator[Condition]:
    """All promises about the values of one column.

    Raises:
        NotCheckableError: one of them cannot be stated in SQL.
    """
    rule = table.rule(column)
    shown = rows.visible(column)
    if rule is None:
        foreign = any(column in key.columns for key, _ in table.foreign_keys)
        if not foreign and column != table.parsed.policy.primary_key_column:
            yield from semantic(table, rows, column)
        return
    if rule.max_length is not None and column not in table.reprinted:
        yield Condition("length", column, f"length({shown}) > {rule.max_length}")
    taken: list[str] = []
    cases = list(zip(rule.when or [], table.parsed.cases.get(column, ()), strict=True))
    if all(inner is not None and inner.null_fraction == 1 for _, inner in cases) and _by_hidden(table, rule):
        cases = []  # Rows without a value break no promise of the others.
    for case, inner in cases:
        assert inner is not None
        holds = " AND ".join(_case_holds(table, rows, one, given) for one, given in case.where.items())
        free = "".join(f" AND NOT ({other})" for other in taken)
        for condition in _of_rule(table, column, rows, inner):
            yield Condition(condition.kind, condition.subject, f"({holds}){free} AND ({condition.wrong})")
        taken.append(holds)
    free = "".join(f"NOT ({other}) AND " for other in taken)
    for condition in _of_rule(table, column, rows, rule):
        yield Condition(condition.kind, condition.subject, f"{free}({condition.wrong})" if taken else condition.wrong)


def _by_hidden(table: CheckedTable, rule: Rule) -> bool:
    """Whether a column that is not written chooses a rule's cases."""
    return any(column not in table.columns for case in rule.when or [] for column in case.where)


def check_condition(label: str, expression: str, rows: RowsView) -> Condition:
    """The promise of a table's check; null counts as kept.

    Raises:
        NotCheckableError: it cannot be stated in SQL.
    """
    made = rows.translator().translate(sql.parse(expression))
    return Condition("check", label, " AND ".join([*dict.fromkeys(made.guards), f"NOT {made.text}"]))


def _case_holds(table: CheckedTable, rows: RowsView, column: str, given: object) -> str:
    """Whether a column has one of the values of a case; a null has none."""
    values = given if isinstance(given, list) else [given]
    return f"NOT coalesce({Written(table, rows, column).unlike(values)}, TRUE)"


def _of_rule(table: CheckedTable, column: str, rows: RowsView, rule: Rule) -> Iterator[Condition]:
    """The promises of one rule, whatever stands beside it, as its type declares them."""
    if isinstance(rule, SemanticRule) and rule.semantic_type is not None and rule is not table.rule(column):
        raise NotCheckableError("a semantic type in a case")
    known = GENERATORS.get(rule.type)
    if known is None or known.checked is None:
        raise NotCheckableError(f"{known.name if known else rule.type} comes from elsewhere")
    for promise in known.checked(rule, Written(table, rows, column)):
        yield Condition(promise.kind, promise.subject or column, promise.wrong)
