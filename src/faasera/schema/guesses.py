"""Rules for single columns: what name, type and constraints suggest, the most telling first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from faasera.core.types import DataType
from faasera.databases.structure import Column, Table
from faasera.generators.literals import parse_decimal
from faasera.generators.patterns import PatternError, parse_pattern
from faasera.generators.semantic.neighbours import fits, meaning, words_of
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.schema.dialects import Dialect
from faasera.schema.facts import Facts

Guess = dict[str, Any]
_FIRST_DAY, _LAST_DAY = "2020-01-01", "2025-12-31"
_NULLS = 0.1
_STATES = ["active", "inactive", "pending", "closed"]
_NUMBERS: tuple[tuple[tuple[str, ...], tuple[int, int]], ...] = (
    (("year",), (1990, 2025)),
    (("month",), (1, 12)),
    (("rating", "score", "stars", "grade", "priority"), (1, 5)),
    (("percent", "percentage", "pct", "discount", "rate"), (0, 100)),
    (("quantity", "qty", "count", "units", "pieces", "stock"), (1, 50)),
    (("price", "amount", "cost", "total", "fee", "salary", "balance", "value"), (1, 1000)),
    (("minutes", "duration", "length", "weight", "height", "size", "position", "rank", "sort"), (1, 240)),
)
_LATER = ("updated", "modified", "changed", "ended", "end", "finished", "closed", "completed", "until", "to", "expires", "returned", "shipped", "delivered", "due", "deleted", "last")  # fmt: skip
_EARLIER = ("created", "started", "start", "opened", "begin", "from", "since", "ordered", "order", "rental", "hire", "first", "issued", "placed")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a column stands.

    Attributes:
        table: its table.
        column: itself.
        facts: what constraints say of it.
        unique: whether it is a key by itself.
        keyed: whether it belongs to any key.
        dates: earlier columns of the table that hold a date in every row.
        dialect: of the source's types.
    """

    table: Table
    column: Column
    facts: Facts
    unique: bool
    keyed: bool
    dates: tuple[str, ...]
    dialect: Dialect


def guesses(place: Place) -> list[Guess]:
    """Rules that may suit a column, best first; the last one asks nothing of the name."""
    column = place.column
    assert column.data_type is not None
    found: list[Guess] = []
    for rule in _candidates(place, column.data_type):
        made = dict(rule)
        reason = made.pop("guess")
        if column.nullable and not place.facts.required and not place.keyed:
            made.setdefault("nullFraction", _NULLS)
        made["databaseType"] = _database_type(column, place.dialect)
        if column.comment:
            made["description"] = column.comment
        if reason:
            made["guess"] = reason
        if made not in found:
            found.append(made)
    return found


def _database_type(column: Column, dialect: Dialect) -> str:
    """A column's type in standard SQL; enumerations, whose names another database does not know, by their values."""
    if column.values and column.array:
        return "ARRAY<TEXT>"
    if column.values:
        quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in column.values)
        return f"ENUM({quoted})"
    return dialect.standard_type(column.type)


def _candidates(place: Place, data_type: DataType) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    values = _values(place)
    if column.array:
        yield from _arrays(column, data_type)
        return
    if values:
        shown = {} if data_type.name in ("STRING", "BOOLEAN") else {"dataType": str(data_type)}
        yield {"type": "SEED", "values": values, **shown, "guess": ""}
        return
    if column.identity or (place.unique and data_type.name in ("INTEGER", "BIGINT") and _is_key(place)):
        start = (
            _whole(facts.low, 1)
            if facts.low is not None
            else (_whole(facts.above, 0) + 1 if facts.above is not None else 1)
        )
        yield {"type": "SEQUENCE", **({"start": start} if start != 1 else {}), "dataType": str(data_type), "guess": ""}
    if facts.pattern is None or data_type.name != "STRING":
        yield from _meant(place, data_type)
    if data_type.name == "STRING":
        yield from _texts(place)
    elif data_type.is_number:
        yield from _numbers(place, data_type)
    elif data_type.name in ("DATE", "TIMESTAMP"):
        yield from _dates(place, data_type)
    elif data_type.name == "BINARY":
        size = min(column.length or 16, 16) if not column.fixed else column.length or 16
        yield {"type": "RANDOM", "dataType": "BINARY", "length": size, "guess": "any bytes"}
    elif data_type.name == "TIME":
        low, high = facts.low or facts.above or "00:00:00", facts.high or facts.below or "23:59:00"
        ends = {"min": str(low), "max": str(high), "step": "PT1M"}
        yield {"type": "RANDOM", "dataType": "TIME", "range": ends, "guess": "any minute"}
    else:
        yield {"type": "RANDOM", "dataType": str(data_type), "guess": f"any {data_type}"}


def _is_key(place: Place) -> bool:
    return place.table.primary_key == (place.column.name,)


def _values(place: Place) -> list[Any]:
    """The values that an enumeration or a constraint allows."""
    given, allowed = place.column.values, place.facts.values
    data_type = place.column.data_type
    if allowed is None:
        return list(given)
    kept = [one for one in allowed if one is not None and (not given or one in given)]
    if data_type is not None and data_type.is_text:
        kept = [str(one) for one in kept]
    return list(dict.fromkeys(kept))


def _meant(place: Place, data_type: DataType) -> Iterator[Guess]:
    """What the column's name means."""
    column = place.column
    found = meaning(column.name, place.table.name)
    entry = SEMANTIC_TYPES.get(found.semantic) if found is not None else None
    if (
        found is None
        or entry is None
        or not (fits(entry, data_type) or (data_type.is_text and entry.data_type.is_text))
    ):
        return
    if data_type.name in ("UUID", "JSON", "BINARY") or column.bits == 0:
        return
    rule: Guess = {"type": "RANDOM", "semanticType": found.semantic}
    if str(entry.data_type) != str(data_type):
        rule["dataType"] = str(data_type)
    named = f"named like a {found.semantic}"
    limit = _limit(place)
    length = {"maxLength": limit} if data_type.is_text and limit is not None else {}
    yield {**rule, **length, "guess": named}


def _limit(place: Place) -> int | None:
    lengths = [one for one in (place.column.length, place.facts.longest) if one is not None]
    return min(lengths) if lengths else None


def _texts(place: Place) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    limit = _limit(place)
    words = words_of(column.name)
    if facts.pattern is not None:
        bounded = _bounded(facts.pattern, limit)
        if bounded is not None:
            yield {"type": "RANDOM", "pattern": bounded, "guess": ""}
    fewest = facts.shortest or 0
    fixed = column.fixed and limit is not None
    room = limit if limit is not None else 255
    if fixed or fewest > room // 2:
        yield _code(room if fixed else max(fewest, min(room, fewest + 4)), place, exact=True)
        return
    if not place.keyed:
        if words and words[-1] in ("status", "state", "type", "kind", "category", "level", "stage") and room >= 8:
            yield {"type": "SEED", "values": list(_STATES), "guess": "a state, of which these are examples"}
        if {"code", "number", "no", "ref", "reference", "key", "sku"} & set(words[-1:]) and room >= 4:
            yield _code(min(room, 8), place)
        if words and words[-1] in ("name", "title", "label") and room >= 20:
            yield _prose("product-name", limit, "a name")
        if {"description", "text", "body", "content", "notes", "bio", "summary"} & set(words) and room >= 200:
            yield _prose("paragraph", limit, "a longer text")
        if room >= 60:
            yield _prose("sentence", limit, f"a text of up to {room} characters" if limit else "a text of any length")
        if room >= 12 and fewest <= 1:
            yield _prose("word", limit, f"a text of up to {room} characters")
    if {"code", "number", "no", "id", "key", "hash", "token"} & set(words[-1:]) or room < 10:
        yield _code(min(room, 10), place)
        return
    most = min(room, 12)
    least = max(1, min(6, most), fewest)
    pattern = f"[A-Z][a-z]{{{max(least - 1, 0)},{max(most, least) - 1}}}"
    yield {"type": "RANDOM", "pattern": pattern, "guess": "any name: it is unique" if place.keyed else "any name"}
    yield _code(min(room, 12), place)


def _prose(semantic: str, limit: int | None, reason: str) -> Guess:
    length = {} if limit is None else {"maxLength": limit}
    return {"type": "RANDOM", "semanticType": semantic, **length, "guess": reason}


def _code(length: int, place: Place, *, exact: bool = False) -> Guess:
    letters = min(2, length) if length > 3 else length
    digits = length - letters
    pattern = f"[A-Z]{{{letters}}}" + (f"[0-9]{{{digits}}}" if digits else "")
    if place.keyed and length <= 4:
        pattern = f"[A-Z0-9]{{{length}}}"
    return {
        "type": "RANDOM",
        "pattern": pattern,
        "guess": f"a code of {length} characters" + (", as it is fixed" if exact else ""),
    }


def _bounded(pattern: str, limit: int | None) -> str | None:
    """A regular expression as policies take it: of bounded language, without anchors; None where it cannot be."""
    text = pattern.removeprefix("(?i)")
    text = re.sub(r"\(\?:", "(", text).removeprefix("^")
    text = text[:-1] if text.endswith("$") and not text.endswith("\\$") else text
    most = 8 if limit is None else max(1, min(8, limit // 2))
    text = re.sub(r"(?<!\\)\+", f"{{1,{most}}}", text)
    text = re.sub(r"(?<!\\)\*", f"{{0,{most}}}", text)
    text = re.sub(r"\{(\d+),\}", lambda match: f"{{{match[1]},{int(match[1]) + most}}}", text)
    text = re.sub(r"(?<![\\\[])\.(?=[{?]|$)", "[a-z0-9]", text)
    text = text.replace("[[:digit:]]", "[0-9]").replace("[[:alpha:]]", "[A-Za-z]").replace("[[:alnum:]]", "[A-Za-z0-9]")
    text = text.replace("[[:upper:]]", "[A-Z]").replace("[[:lower:]]", "[a-z]")
    try:
        made = parse_pattern(text)
    except PatternError:
        return None
    return text if limit is None or made.max_length <= limit else None


def _numbers(place: Place, data_type: DataType) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    step = Decimal(1).scaleb(-data_type.scale) if data_type.name == "DECIMAL" else Decimal(1)
    if data_type.name == "DOUBLE":
        step = Decimal("0.01")
    low, high = _type_bounds(column, data_type)
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
    exact = (floor is None) == (ceiling is None) and floor is not None
    yield {
        "type": "RANDOM",
        "dataType": str(data_type),
        "range": {"min": _plain(start, data_type), "max": _plain(max(start, stop), data_type)},
        "guess": "" if exact else reason,
    }


def _type_bounds(column: Column, data_type: DataType) -> tuple[Decimal, Decimal]:
    if data_type.name == "DECIMAL":
        most = Decimal(10) ** (min(data_type.precision, 18) - data_type.scale) - Decimal(1).scaleb(-data_type.scale)
        return (Decimal(0) if column.unsigned else -most), most
    bits = column.bits or (32 if data_type.name == "INTEGER" else 64)
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


def _plain(value: Decimal, data_type: DataType) -> int | float:
    if data_type.name in ("INTEGER", "BIGINT"):
        return int(value)
    parse_decimal(str(value), max(data_type.scale, 2))
    return int(value) if value == value.to_integral_value() else float(value)


def _whole(value: Any, default: int) -> int:
    made = _decimal(value)
    return default if made is None else int(made)


def _dates(place: Place, data_type: DataType) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    timed = data_type.name == "TIMESTAMP"
    shown = {"dataType": str(data_type)}
    after = [one for one in facts.after if one in place.dates]
    if after:
        birth = bool({"born", "birth", "dob"} & set(words_of(after[0])))
        least, most = ("P18Y", "P90Y") if birth else ("PT0S" if timed else "P1D", "P90D")
        ends = {"start": f"{{{after[0]}}} + {least}", "end": f"{{{after[0]}}} + {most}"}
        yield {"type": "DATE_RANDOM", **shown, "range": ends, "guess": f"after {after[0]}, as a constraint says"}
    words = words_of(column.name)
    bounded = [one for one in (facts.low, facts.above, facts.high, facts.below) if one is not None]
    if not after and not bounded and set(_LATER) & set(words):
        earlier = next((one for one in place.dates if set(_EARLIER) & set(words_of(one))), None)
        if earlier is not None:
            ends = {"start": f"{{{earlier}}}", "end": f"{{{earlier}}} + P90D"}
            yield {"type": "DATE_RANDOM", **shown, "range": ends, "guess": f"named like what comes after {earlier}"}
    first, last = ("1940-01-01", "2007-12-31") if {"born", "birth"} & set(words) else (_FIRST_DAY, _LAST_DAY)
    start = str(facts.low or facts.above or first)
    stop = str(facts.high or facts.below or max(last, start[:10]))
    if (facts.high or facts.below) and not (facts.low or facts.above) and start > stop:
        start = f"{int(stop[:4]) - 5:04d}{stop[4:10]}"
    if (facts.low or facts.above) and not (facts.high or facts.below) and stop <= start[:10]:
        stop = f"{int(start[:4]) + 5:04d}-12-31"
    yield {"type": "DATE_RANDOM", **shown, "range": {"start": start, "end": stop}, "guess": "any day of some years"}


_ELEMENTS = {
    "STRING": '"[a-z]{3,8}"',
    "INTEGER": "[1-9][0-9]{0,2}",
    "BIGINT": "[1-9][0-9]{0,2}",
    "DECIMAL": "[1-9][0-9]",
    "DOUBLE": r"[1-9][0-9]\.[0-9]",
    "BOOLEAN": "(true|false)",
    "DATE": '"20[0-2][0-9]-0[1-9]-1[0-9]"',
    "TIMESTAMP": '"20[0-2][0-9]-0[1-9]-1[0-9] 1[0-9]:[0-5][0-9]:[0-5][0-9]"',
    "UUID": '"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"',
}


def _arrays(column: Column, data_type: DataType) -> Iterator[Guess]:
    element = _ELEMENTS.get(data_type.name)
    if data_type.scale:
        element = rf"[1-9]\.[0-9]{{{data_type.scale}}}"
    if column.values:
        element = '"(' + "|".join(re.escape(value) for value in column.values) + ')"'
    elif data_type.name == "STRING" and column.length is not None and column.length < 8:
        element = f'"[a-z]{{1,{column.length}}}"'
    if element is not None:
        pattern = rf"\[{element}(,{element}){{0,2}}\]"
        yield {"type": "RANDOM", "dataType": "JSON", "pattern": pattern, "guess": "a list of one to three"}
