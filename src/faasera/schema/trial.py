"""Rules tried on rows: which of them make values that meet the conditions on their column."""

from pathlib import Path
from typing import Any

import numpy as np

from faasera.core.errors import PolicyError, RunError
from faasera.generators import GENERATORS
from faasera.generators.expression_syntax import parse_expression
from faasera.plan.evaluate import Rows, rows_between
from faasera.plan.resolve import resolve
from faasera.policy.parse import parse
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.text_conditions import functions_of

_ROWS = 400
_ENOUGH, _LEAST = 0.25, 0.02
_TOLD = {"and", "or", "not", "is_null", "length", "<", "<=", ">", ">="}
"""What constraints on lengths and nulls consist of: rules keep them by themselves."""


def tried(place: ColumnPlace, guesses: list[Guess], hard: tuple[str, ...]) -> list[Guess]:
    """The rules whose values meet the conditions on their column, in the same order; all where none does.

    Args:
        place: the column.
        guesses: its rules, the best first.
        hard: conditions that every value must meet at once, as nothing would draw it again.
    """
    conditions = tuple(one for one in place.conditions if functions_of(parse_expression(one)) - _TOLD)
    if not (conditions or hard) or len(guesses) < 2:
        return guesses
    least, wanted = (1.0, 2) if place.keyed else (_ENOUGH, 1)
    kept, met = list[Guess](), list[float]()
    for one in guesses:
        met.append(_share(place, one, conditions, hard))
        kept.extend([one] if met[-1] >= least else [])
        if len(kept) == wanted:
            break
    if not kept and not place.keyed and max(met) >= _LEAST:
        kept = [guesses[met.index(max(met))]]
    if not kept:
        return guesses
    kept.extend(guesses[len(met) :])
    given_up = guesses[0].get("semanticType") if "named" in guesses[0].get("guess", "") else None
    if given_up is not None and kept[0].get("semanticType") != given_up:
        reason = f"values of {given_up} do not meet its constraints"
        kept[0] = {**kept[0], "guess": "; ".join(part for part in (kept[0].get("guess"), reason) if part)}
    return kept


def _share(place: ColumnPlace, guess: Guess, conditions: tuple[str, ...], hard: tuple[str, ...]) -> float:
    """Which share of a rule's values meets the conditions; 0 where it cannot be used."""
    name = place.column.name
    rule = {key: value for key, value in guess.items() if key != "guess"}
    asked = {
        _free(f"condition {number}", name): {"type": "PRESERVE", "expression": one}
        for number, one in enumerate((*conditions, *hard))
    }
    table: dict[str, Any] = {"tableName": place.table.name, "rowCount": _ROWS, "columnRuleMap": {name: rule, **asked}}
    if place.unique:
        table["uniqueKeys"] = [[name]]
    try:
        plan = resolve(parse({"name": "trial", "tables": [table]}, GENERATORS, Path.cwd()))
        rows = Rows.of(plan).rows(place.table.name, rows_between(0, _ROWS))
        kept = np.ones(_ROWS, dtype=np.bool_)
        for number, column in enumerate(asked):
            met = np.asarray(rows.column(column).fill_null(True), dtype=np.bool_)
            if number >= len(conditions) and not met.all():
                return 0.0
            kept &= met
    except (PolicyError, RunError):
        return 0.0
    return float(kept.mean())


def _free(name: str, taken: str) -> str:
    return name if name != taken else f"{name} of it"
