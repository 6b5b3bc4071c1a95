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
    if _only_emptied_by_hidden(table, column, rule):
        yield from _of_rule(table, column, rows, rule)  # Rows without a value break no promise of the others.
        return
    for holds, inner in branches(table, rows, column, rule):
        for condition in _of_rule(table, column, rows, inner):
            wrong = f"{holds} AND ({condition.wrong})" if rule.when else condition.wrong
            yield Condition(condition.kind, condition.subject, wrong)


def branches(table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rules that make a column, each with a condition on the rows that it makes; the rule itself comes last.

    Raises:
        NotCheckableError: a case looks at a hidden column.
    """
    taken: list[str] = []
    for case, inner in zip(rule.when or [], table.parsed.cases.get(column, ()), strict=True):
        assert inner is not None
        holds = " AND ".join(_case_holds(table, rows, one, given) for one, given in case.where.items())
        yield " AND ".join([f"({holds})", *(f"NOT ({other})" for other in taken)]), inner
        taken.append(holds)
    yield " AND ".join(f"NOT ({other})" for other in taken), rule


def _only_emptied_by_hidden(table: CheckedTable, column: str, rule: Rule) -> bool:
    """Whether all that a rule's cases do is take its value away, and a column that is not written chooses them."""
    emptied = all(inner is not None and inner.null_fraction == 1 for inner in table.parsed.cases.get(column, ()))
    return emptied and any(one not in table.columns for case in rule.when or [] for one in case.where)


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
