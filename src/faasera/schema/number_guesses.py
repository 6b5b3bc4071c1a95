"""Numbers that may suit a column: by constraints, its name and its type."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from faasera.core.types import BIGINT, DOUBLE, INTEGER, DataType
from faasera.databases.structure import ColumnStructure
from faasera.generators.literals import parse_decimal
from faasera.generators.semantic.neighbours import words_of
from faasera.schema.column_place import ColumnPlace, Guess

_DOUBLE_DIGITS = 15
_NUMBERS: tuple[tuple[tuple[str, ...], tuple[int, int]], ...] = (
    (("year",), (1990, 2025)),
    (("month",), (1, 12)),
    (("rating", "score", "stars", "grade", "priority"), (1, 5)),
    (("percent", "percentage", "pct", "discount", "rate"), (0, 100)),
    (("quantity", "qty", "count", "units", "pieces", "stock"), (1, 50)),
    (("price", "amount", "cost", "total", "fee", "salary", "balance", "value"), (1, 1000)),
    (("minutes", "duration", "length", "weight", "height", "size", "position", "rank", "sort"), (1, 240)),
)


def numbered(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """One number after the other, for keys."""
    facts = place.facts
    key = place.unique and data_type in (INTEGER, BIGINT) and place.table.primary_key == (place.column.name,)
    if not place.column.identity and not key:
        return
    start = _whole(facts.low, 1)
    if facts.low is None and facts.above is not None:
        start = _whole(facts.above, 0) + 1
    yield {"type": "SEQUENCE", **({"start": start} if start != 1 else {}), "dataType": str(data_type), "guess": ""}


def numbers(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """Any number within the ends that constraints and names give."""
    column, facts = place.column, place.facts
    step = Decimal(1).scaleb(-data_type.scale) if data_type.is_decimal else Decimal(1)
    if data_type == DOUBLE:
        step = Decimal("0.01")
    low, high = type_bounds(column, data_type)
    floor = _first([_decimal(facts.low), _moved(facts.above, step)])
    ceiling = _first([_decimal(facts.high), _moved(facts.below, -step)])
    words = words_of(column.name)
    named = next((ends for names, ends in _NUMBERS if set(names) & set(words)), None)
    if column.bits == 0 and column.type.upper().startswith("YEAR"):
        named = (1990, 2025)
    start, stop = (Decimal(named[0]), Decimal(named[1])) if named else (Decimal(1), Decimal(1000))
    reason = f"named like numbers from {named[0]} to {named[1]}" if named else f"any {data_type}"
    if place.unique or place.keyed:
        stop, reason = Decimal(10**9), "any number: it belongs to a key"
    if floor is not None:
        start = floor
        stop = max(stop, floor + 1000) if ceiling is None and not named else max(stop, floor)
    if ceiling is not None:
        stop = ceiling
        start = min(start, ceiling) if floor is None else start
    start, stop = max(start, low), min(stop, high)
    if floor is None and start > stop:
        start = max(low, min(Decimal(0), stop))
    if facts.step and data_type.is_exact:
        start = -(-start // facts.step) * facts.step
        stop = max(stop // facts.step * facts.step, start)
    exact = (floor is None) == (ceiling is None) and floor is not None
    yield {
        "type": "RANDOM",
        "dataType": str(data_type),
        "range": {
            "min": _plain(start, data_type),
            "max": _plain(max(start, stop), data_type),
            **({"step": facts.step} if facts.step and data_type.is_exact else {}),
        },
        "guess": "" if exact else reason,
    }


def type_bounds(column: ColumnStructure, data_type: DataType) -> tuple[Decimal, Decimal]:
    """The least and the greatest number of a column's type."""
    if data_type.is_decimal:
        most = Decimal((0, (9,) * data_type.precision, -data_type.scale))
        return (Decimal(0) if column.unsigned else -most), most
    bits = column.bits or (32 if data_type == INTEGER else 64)
    if column.unsigned:
        return Decimal(0), Decimal(2 ** min(bits, 63) - 1)
    return Decimal(-(2 ** (bits - 1))), Decimal(2 ** (bits - 1) - 1)


def _decimal(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moved(value: Any, step: Decimal) -> Decimal | None:
    made = _decimal(value)
    return None if made is None else made + step


def _first(values: list[Decimal | None]) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _plain(value: Decimal, data_type: DataType) -> int | float | str:
    if data_type in (INTEGER, BIGINT):
        return int(value)
    parse_decimal(str(value), max(data_type.scale, 2))
    if value.adjusted() < _DOUBLE_DIGITS and value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _whole(value: Any, default: int) -> int:
    made = _decimal(value)
    return default if made is None else int(made)
