"""Nulls of a column whose rule has cases: as many in each case as its own rule asks for."""

from collections.abc import Iterator

from faasera.generators import GENERATORS
from faasera.generators.encoded import EncodedRule
from faasera.generators.semantic.neighbours import semantic_type_of
from faasera.policy.model import Rule
from faasera.run.check.findings import FAILED, PASSED, SKIPPED, Finding
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.rules import branches
from faasera.run.check.sql import NotCheckableError, quoted
from faasera.run.check.statistics import null_share
from faasera.run.check.view import View


def case_nulls(place: Place, table: CheckedTable, column: str, rule: Rule) -> Iterator[Finding]:
    """A finding for all cases together, of which the first that is broken is told."""
    view = View(place, table)
    try:
        found = list(branches(table, view.rows, column, rule))
    except NotCheckableError as error:
        yield Finding(table.name, "null fraction", column, SKIPPED, str(error))
        return
    shown = f"{view.rows.visible(column)} IS NULL"
    counts = ", ".join(f"count(*) FILTER ({holds}), count(*) FILTER (({holds}) AND {shown})" for holds, _ in found)
    # Where databases sum up truths, numbers may come as decimals, and for no rows as nulls.
    numbers = [int(number or 0) for number in place.one(f"SELECT {counts} FROM {view.from_clause()}")]
    for (_, inner), rows, nulls in zip(found, numbers[::2], numbers[1::2], strict=True):
        detail = ""
        if inner.null_fraction and not _may_be_null(inner, column, table):
            detail = null_share(rows, float(inner.null_fraction), nulls)
        elif nulls and not _may_be_null(inner, column, table):
            detail = f"{nulls:,} nulls where {quoted(column)} has none by its rule"
        if detail:
            yield Finding(table.name, "null fraction", column, FAILED, detail)
            return
    yield Finding(table.name, "null fraction", column, PASSED)


def _may_be_null(rule: Rule, column: str, table: CheckedTable) -> bool:
    """Whether a rule may make nulls by itself, as what it is made from has them."""
    known = GENERATORS.get(rule.type)
    derived = known is None or known.derived or isinstance(rule, EncodedRule)
    return derived or semantic_type_of(rule, column, table.name) is not None
