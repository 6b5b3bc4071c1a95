"""Columns of several tables that one column refers to at once: few values, which they have in common."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from faasera.core.types import BIGINT, DATE, INTEGER, STRING, TIMESTAMP, UUID
from faasera.databases.structure import ColumnStructure
from faasera.schema.column_place import Guess
from faasera.schema.drafts import TableDraft
from faasera.schema.facts import ConstraintFacts, facts_of

_SIZES = (10, 100)
_FIRST_DAY = datetime.date(2025, 1, 1)
_KEPT = ("databaseType", "description", "dataType")

Place = tuple[str, str]
"""A table and one of its columns."""


def arrange_common_values(tables: Mapping[str, TableDraft]) -> None:
    """Let columns have common values where a foreign key's column takes its value from each of them.

    Args:
        tables: all of them; their columns have their rules.
    """
    for places in _classes(tables):
        roots = [place for place in places if place[1] in tables[place[0]].choices]
        if len(roots) > 1 or (roots and any(_is_shared(tables[name], own) for name, own in places)):
            _arrange(tables, roots)


def _classes(tables: Mapping[str, TableDraft]) -> list[list[Place]]:
    """Columns in classes whose values are one another's, as foreign keys say."""
    above: dict[Place, Place] = {}

    def top(place: Place) -> Place:
        while above.get(place, place) != place:
            place = above[place]
        return place

    for name, made in tables.items():
        for key in made.keys:
            for own, other in zip(key.columns, key.references, strict=True):
                above.setdefault((name, own), (name, own))
                above[top((name, own))] = top((key.table, other))
                above.setdefault(top((key.table, other)), top((key.table, other)))
                above.setdefault((key.table, other), top((key.table, other)))
    classes: dict[Place, list[Place]] = {}
    for place in above:
        classes.setdefault(top(place), []).append(place)
    return list(classes.values())


def _is_shared(made: TableDraft, column: str) -> bool:
    """Whether several foreign keys of several columns have a column in common."""
    return sum(column in key.columns and len(key.columns) > 1 for key in made.keys) > 1


def _arrange(tables: Mapping[str, TableDraft], roots: list[Place]) -> None:
    """Give columns rules over the same values, few of them first, so that more can be taken where keys need them."""
    columns = [column for name, own in roots if (column := tables[name].table.column(own)) is not None]
    alone = [(name, own) for name, own in roots if (own,) in (tables[name].primary, *tables[name].uniques)]
    if alone and len(roots) == 1:
        return
    if len({str(column.data_type) for column in columns}) > 1 or any(column.array for column in columns):
        return
    if any(
        column.values or "values" in tables[name].choices[own][0] for column, (name, own) in _paired(columns, roots)
    ):
        return
    facts = [_facts(tables[name], own) for name, own in roots]
    rows = max(tables[name].rows for name, _ in roots)
    start = max([int(one) for fact in facts if isinstance(one := fact.low, int)] + _starts(tables, alone) + [1])
    sizes = [] if alone else [size for size in _SIZES if size < rows]
    found = [rule for size in (*sizes, rows) if (rule := _rule(columns, facts, start, size)) is not None]
    for (name, own), column in zip(roots, columns, strict=True):
        former = tables[name].choices[own]
        if not found or former[0]["type"] == "SEQUENCE":
            continue
        kept = {key: value for key, value in former[0].items() if key in _KEPT}
        others = ", ".join(f"{table}.{other}" for table, other in roots if (table, other) != (name, own))
        guess = {"guess": f"values in common with {others}" if others else "few values: foreign keys share them"}
        tables[name].choices[own] = [{**kept, **rule, "dataType": str(column.data_type), **guess} for rule in found]


def _paired(columns: list[ColumnStructure], roots: list[Place]) -> Iterable[tuple[ColumnStructure, Place]]:
    return zip(columns, roots, strict=True)


def _facts(made: TableDraft, column: str) -> ConstraintFacts:
    conditions = [one["expression"] for one in made.checks if "expression" in one]
    return facts_of(conditions).get(column, ConstraintFacts())


def _starts(tables: Mapping[str, TableDraft], places: list[Place]) -> list[int]:
    """Where those of them begin that count on."""
    rules = [tables[name].choices[own][0] for name, own in places]
    return [int(rule.get("start", 1)) for rule in rules if rule["type"] == "SEQUENCE"]


def _rule(columns: list[ColumnStructure], facts: list[ConstraintFacts], start: int, size: int) -> dict[str, Any] | None:
    """A rule of so many values that all columns can have; None where there is none."""
    data_type = columns[0].data_type
    if data_type in (INTEGER, BIGINT) or (data_type is not None and data_type.is_decimal):
        highest = [int(one) for fact in facts if isinstance(one := fact.high, int)]
        stop = min([start + size - 1, *highest, *(_most(column) for column in columns)])
        step = {} if data_type in (INTEGER, BIGINT) else {"step": 1}
        return {"type": "RANDOM", "range": {"min": start, "max": max(stop, start), **step}}
    if any(fact.forms or fact.likely or fact.characters or fact.unit or fact.parts for fact in facts):
        return None
    if data_type == UUID:
        places = len(str(size - 1))
        return {"type": "RANDOM", "pattern": f"00000000-0000-4000-8000-{'0' * (12 - places)}[0-9]{{{places}}}"}
    if data_type == STRING:
        return _texts(columns, size)
    if data_type in (DATE, TIMESTAMP):
        last = _FIRST_DAY + datetime.timedelta(days=size - 1)
        ends: Guess = {"min": str(_FIRST_DAY), "max": str(last)}
        if data_type == TIMESTAMP:
            ends = {"min": f"{_FIRST_DAY} 00:00:00", "max": f"{last} 00:00:00", "step": "P1D"}
        return {"type": "RANDOM", "range": ends}
    return None


def _most(column: ColumnStructure) -> int:
    """The highest whole number of a column."""
    data_type = column.data_type
    assert data_type is not None
    if data_type.is_decimal:
        return int(10 ** (data_type.precision - data_type.scale)) - 1
    bits = column.bits or (32 if data_type == INTEGER else 64)
    return int(2 ** min(bits if column.unsigned else bits - 1, 63)) - 1


def _texts(columns: list[ColumnStructure], size: int) -> dict[str, Any]:
    """Numbers as texts, of the full length where that is fixed."""
    places = len(str(size - 1))
    longest = min((column.length for column in columns if column.length is not None), default=places + 1)
    fixed = {column.length for column in columns if column.fixed and column.length is not None}
    zeros = "0" * (min(fixed) - places) if fixed else ""
    places = min(places, longest)
    letter = columns[0].name[:1].upper()
    lead = letter if not fixed and longest > places and letter.isascii() and letter.isalpha() else zeros
    return {"type": "RANDOM", "pattern": f"{lead}[0-9]{{{places}}}"}
