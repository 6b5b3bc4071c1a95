"""Rules for single columns: what name, type and constraints suggest, the most telling first."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from faasera.core.types import BINARY, BOOLEAN, DATE, JSON, STRING, TIME, TIMESTAMP, UUID, DataType
from faasera.databases.structure import ColumnStructure
from faasera.generators.patterns import PatternError, parse_pattern
from faasera.generators.semantic.neighbours import fits, meaning
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.schema import list_patterns
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.date_guesses import dates
from faasera.schema.dialects import Dialect
from faasera.schema.facts import ConstraintFacts
from faasera.schema.list_patterns import JSON_PATTERNS
from faasera.schema.number_guesses import numbered, numbers
from faasera.schema.text_guesses import texts

_NULLS = 0.1


def guesses(place: ColumnPlace) -> list[Guess]:
    """Rules that may suit a column, best first; the last one asks nothing of the name."""
    column = place.column
    assert column.data_type is not None
    found: list[Guess] = []
    for rule in _candidates(place, column.data_type):
        made = dict(rule)
        reason = made.pop("guess")
        if place.facts.empty and column.nullable and not place.keyed:
            made["nullFraction"] = 1
        elif column.nullable and not place.facts.required and not place.keyed:
            made.setdefault("nullFraction", place.facts.nulls or _NULLS)
            made = _by_presence(made, place.facts, column.data_type)
        made["databaseType"] = _database_type(column, place.dialect)
        if column.comment:
            made["description"] = column.comment
        if reason:
            made["guess"] = reason
        if made not in found:
            found.append(made)
    return found


def empty(data_type: DataType) -> Guess:
    """A rule of nulls."""
    values: dict[str, Any] = {
        "STRING": "",
        "BOOLEAN": False,
        "DATE": "2025-01-01",
        "TIMESTAMP": "2025-01-01 00:00:00",
    }
    value = values.get(data_type.name, 0 if data_type.is_number else None)
    if value is None:
        return {"type": "RANDOM", "dataType": str(data_type), "nullFraction": 1}
    return {"type": "CONSTANT", "value": value, "nullFraction": 1, "dataType": str(data_type)}


def _by_presence(rule: Guess, facts: ConstraintFacts, data_type: DataType) -> Guess:
    """A rule that has a value, or has none, as another column says."""
    if facts.presence is None or rule["type"] == "PRESERVE":
        return rule
    chooser, without = facts.presence
    plain = {key: value for key, value in rule.items() if key != "nullFraction"}
    return {**plain, "when": [{"where": {chooser: without}, "rule": empty(data_type)}]}


def _database_type(column: ColumnStructure, dialect: Dialect) -> str:
    """A column's type in standard SQL; enumerations, whose names another database does not know, by their values."""
    if column.values and column.array:
        return "ARRAY<TEXT>"
    if column.values:
        quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in column.values)
        return f"ENUM({quoted})"
    return dialect.standard_type(column.type)


def _candidates(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    values = _values(place)
    if place.facts.equal is not None and not place.keyed and not place.column.array:
        equal = {"type": "PRESERVE", "expression": place.facts.equal, "dataType": str(data_type)}
        yield {**equal, "guess": ""}
    if place.column.array:
        yield from _arrays(place, data_type)
    elif values:
        shown = {} if data_type in (STRING, BOOLEAN) else {"dataType": str(data_type)}
        yield {"type": "SEED", "values": values, **shown, "guess": ""}
    else:
        yield from numbered(place, data_type)
        if (place.facts.pattern is None and not place.facts.kinds) or data_type != STRING:
            yield from _meant(place, data_type)
        yield from _by_type(place, data_type)


def _by_type(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    """What asks nothing of the name alone."""
    if data_type == STRING:
        yield from texts(place)
    elif data_type.is_number:
        yield from numbers(place, data_type)
    elif data_type in (DATE, TIMESTAMP):
        yield from dates(place, data_type)
    elif data_type == BINARY:
        yield _bytes(place)
    elif data_type == TIME:
        yield _times(place.facts)
    elif data_type == JSON and place.facts.kinds:
        kind = next((one for one in place.facts.kinds if one in JSON_PATTERNS), "object")
        reason = f"any {kind}, as a constraint says"
        yield {"type": "RANDOM", "dataType": "JSON", "pattern": JSON_PATTERNS[kind], "guess": reason}
    elif data_type == UUID and place.facts.characters:
        yield {"type": "RANDOM", "dataType": "UUID", "pattern": _identifier(place.facts), "guess": ""}
    else:
        yield {"type": "RANDOM", "dataType": str(data_type), "guess": f"any {data_type}"}


def _bytes(place: ColumnPlace) -> Guess:
    column, facts = place.column, place.facts
    length = column.length or 16
    size = length if column.fixed else min(length, 16)
    size = max(size, facts.shortest or 0)
    size = max(size if facts.longest is None else min(size, facts.longest), 1)
    exact = facts.shortest is not None and facts.shortest == facts.longest
    return {"type": "RANDOM", "dataType": "BINARY", "length": size, "guess": "" if exact else "any bytes"}


def _identifier(facts: ConstraintFacts) -> str:
    """A UUID with what may stand at some of its places."""
    shape = "00000000-0000-4000-8000-000000000000"
    made = ""
    for place, one in enumerate(shape, start=1):
        allowed = facts.characters.get(place) or {"0": ["[0-9a-f]"], "8": ["[89ab]"]}.get(one, [one])
        made += allowed[0] if len(allowed) == 1 else f"[{''.join(allowed)}]"
    return made


def _times(facts: ConstraintFacts) -> Guess:
    low, high = facts.low or facts.above or "00:00:00", facts.high or facts.below or "23:59:00"
    ends = {"min": str(low), "max": str(high), "step": "PT1M"}
    return {"type": "RANDOM", "dataType": "TIME", "range": ends, "guess": "any minute"}


def _values(place: ColumnPlace) -> list[Any]:
    """The values that an enumeration or a constraint allows."""
    given, allowed = place.column.values, place.facts.values
    data_type = place.column.data_type
    if allowed is None:
        return list(given)
    kept = [one for one in allowed if one is not None and (not given or one in given)]
    if data_type is not None and data_type.is_text:
        kept = [str(one) for one in kept]
    if data_type == BOOLEAN:
        kept = [bool(one) for one in kept]
    return list(dict.fromkeys(kept))


def _meant(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
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
    if data_type in (UUID, JSON, BINARY) or column.bits == 0:
        return
    rule: Guess = {"type": "RANDOM", "semanticType": found.semantic}
    if str(entry.data_type) != str(data_type):
        rule["dataType"] = str(data_type)
    named = f"named like a {found.semantic}"
    limit = place.limit
    length = {"maxLength": limit} if data_type.is_text and limit is not None else {}
    yield {**rule, **length, "guess": named}


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


def _arrays(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    element = _ELEMENTS.get(data_type.name)
    allowed = list_patterns.elements(facts.pattern)
    if data_type.scale:
        element = rf"[1-9]\.[0-9]{{{data_type.scale}}}"
    if allowed is not None:
        element = allowed
    elif column.values:
        element = _one_of(column.values)
    elif data_type == STRING and column.length is not None and column.length < 8:
        element = f'"[a-z]{{1,{column.length}}}"'
    if element is not None:
        least = max(facts.shortest or 1, 1)
        most = max(least, min(least + 2, facts.longest if facts.longest is not None else least + 2))
        pattern, most = _list_pattern(element, least, most)
        reason = "a list of one to three" if (least, most) == (1, 3) else f"a list of {least} to {most}"
        yield {"type": "RANDOM", "dataType": "JSON", "pattern": pattern, "guess": reason}


def _one_of(values: Sequence[str]) -> str:
    return '"(' + "|".join(re.escape(value) for value in values) + ')"'


def _list_pattern(element: str, least: int, most: int) -> tuple[str, int]:
    """A pattern of so many elements, and of how many at most: as many as patterns may have variants."""
    simple = re.sub(r"\{\d+,(\d+)\}", r"{\1}", element)
    first = re.sub(r"\(([^|()]*)\|.*\)", r"\1", simple)
    for one, longest in [(element, last) for last in range(most, least - 1, -1)] + [(simple, least), (first, least)]:
        pattern = rf"\[{one}(,{one}){{{least - 1},{longest - 1}}}\]"
        with contextlib.suppress(PatternError):
            parse_pattern(pattern)
            return pattern, longest
    return pattern, least
