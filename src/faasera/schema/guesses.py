"""Rules for single columns: what name, type and constraints suggest, the most telling first."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from faasera.core.types import BINARY, BOOLEAN, DATE, JSON, STRING, TIME, TIMESTAMP, UUID, DataType
from faasera.databases.structure import ColumnStructure, TextForm
from faasera.generators.patterns import PatternError, parse_pattern
from faasera.generators.semantic.neighbours import fits, meaning
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.date_guesses import dates
from faasera.schema.dialects import Dialect
from faasera.schema.facts import ConstraintFacts
from faasera.schema.list_patterns import JSON_PATTERNS
from faasera.schema.number_guesses import numbered, numbers
from faasera.schema.text_guesses import text_form, texts
from faasera.schema.translator import column_text
from faasera.schema.trial import tried

_NULLS = 0.1
_CODES = {
    "state": "state-code",
    "country": "country-code",
    "currency-name": "currency-code",
    "hospital": "hospital-abbreviation",
}
"""Semantic types whose values are written as codes as well."""
_ROOM_OF_CODES = 3


def guesses(place: ColumnPlace) -> list[Guess]:
    """Rules that may suit a column, best first; the last one asks nothing of the name."""
    column = place.column
    assert column.data_type is not None
    found: list[Guess] = []
    for rule in _candidates(place, column.data_type):
        made = dict(rule)
        reason = made.pop("guess")
        if column.nullable and not place.facts.required and not place.keyed:
            made.setdefault("nullFraction", place.facts.nulls or _NULLS)
        made["databaseType"] = _database_type(column, place.dialect)
        if column.comment:
            made["description"] = column.comment
        if reason:
            made["guess"] = reason
        if made not in found:
            found.append(made)
    return tried(place, found, _hard(place)) if column.data_type == STRING and not column.array else found


def _hard(place: ColumnPlace) -> tuple[str, ...]:
    """What every text of a column must meet at once."""
    form = text_form(place)
    full = place.column.fixed and place.dialect.padded_texts and form is not None and form.sensitive_to_blanks
    return (f"length({column_text(place.column.name)}) = {place.limit}",) if full else ()


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
    elif place.column.form is not None and not values:
        yield from _forms(place.column.form, keyed=place.keyed)
    elif values:
        shown = {} if data_type in (STRING, BOOLEAN) else {"dataType": str(data_type)}
        reason = "texts that were tried one by one, of many that meet its constraint" if place.facts.tried else ""
        yield {"type": "SEED", "values": values, **shown, "guess": reason}
    else:
        yield from numbered(place, data_type)
        if not place.facts.kinds or data_type != STRING:
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
    code = _CODES.get(found.semantic) if data_type == STRING else None
    coded: Guess = {"type": "RANDOM", "semanticType": code, **length, "guess": f"{named}, in the room of a code"}
    if code is not None and limit is not None and limit <= _ROOM_OF_CODES:
        yield coded
    yield {**rule, **length, "guess": named}
    if code is not None and place.facts.forms:
        yield {**coded, "guess": f"{named}, as its constraint wants a code"}


def _forms(form: TextForm, *, keyed: bool) -> Iterator[Guess]:
    """Texts of a type's form."""
    reason = f"any {form.name}"
    if keyed and (form.wide or form.pattern):
        yield {"type": "RANDOM", "pattern": form.wide or form.pattern, "guess": f"{reason}: it belongs to a key"}
        return
    if form.semantic:
        yield {"type": "RANDOM", "semanticType": form.semantic, "guess": reason}
    if form.pattern or form.wide:
        yield {"type": "RANDOM", "pattern": form.pattern or form.wide, "guess": reason}
    if form.values:
        yield {"type": "SEED", "values": list(form.values), "guess": f"{reason}, of which these are examples"}


_MOST_LISTS = 12
_ELEMENTS = {
    "STRING": '"[a-z]{3,8}"',
    "INTEGER": "[1-9][0-9]{0,2}",
    "BIGINT": "[1-9][0-9]{0,2}",
    "DECIMAL": "[1-9][0-9]",
    "DOUBLE": r"[1-9][0-9]\.[0-9]",
    "BOOLEAN": "(true|false)",
    "DATE": '"20[0-2][0-9]-0[1-9]-1[0-9]"',
    "TIMESTAMP": '"20[0-2][0-9]-0[1-9]-1[0-9] 1[0-9]:[0-5][0-9]:[0-5][0-9]"',
    "TIME": '"0[1-9]:[0-5][0-9]:[0-5][0-9]"',
    "JSON": r'\{"a": [1-9][0-9]{0,2}\}',
    "BINARY": r'"\\\\x[0-9a-f]{8}"',
    "UUID": '"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"',
}


def _arrays(place: ColumnPlace, data_type: DataType) -> Iterator[Guess]:
    column, facts = place.column, place.facts
    element = _ELEMENTS.get(data_type.name)
    if data_type.scale:
        element = rf"[1-9]\.[0-9]{{{data_type.scale}}}"
    lengths = _lengths(facts)
    if facts.elements is not None:
        element = facts.elements
    elif column.values and lengths == (1, 3):
        yield {
            "type": "SEED",
            "dataType": "JSON",
            "values": _lists_of(column.values),
            "guess": "a list of one to three",
        }
        return
    elif column.values:
        element = '"(' + "|".join(re.escape(value) for value in column.values) + ')"'
    elif column.form is not None:
        pattern = column.form.pattern or column.form.wide
        if not pattern:
            yield {
                "type": "SEED",
                "dataType": "JSON",
                "values": _lists_of(column.form.values),
                "guess": "a list of examples",
            }
            return
        quoted = pattern.replace('"', r'\\"')
        element = f'"{quoted}"'
    elif data_type == STRING and column.length is not None and column.length < 8:
        element = f'"[a-z]{{1,{column.length}}}"'
    if element is not None:
        pattern, most = _list_pattern(element, *lengths)
        least = lengths[0]
        reason = "a list of one to three" if lengths == (1, 3) else f"a list of {least} to {most}"
        yield {"type": "RANDOM", "dataType": "JSON", "pattern": pattern, "guess": reason}


def _lengths(facts: ConstraintFacts) -> tuple[int, int]:
    """How many elements a list has, at least and at most."""
    least = max(facts.shortest or 1, 1)
    return least, max(least, min(least + 2, facts.longest if facts.longest is not None else least + 2))


def _list_pattern(element: str, least: int, most: int) -> tuple[str, int]:
    """A pattern of so many elements, and of how many at most: as many as patterns may have variants."""
    simple = re.sub(r"\{\d+,(\d+)\}", r"{\1}", element)
    first = re.sub(r"\(([^|()]*)\|.*\)", r"\1", simple)
    # Alternatives count anew each time that they are repeated, and patterns have only so many.
    for one, longest in [(element, last) for last in range(most, least - 1, -1)] + [(simple, least), (first, least)]:
        pattern = rf"\[{one}(,{one}){{{least - 1},{longest - 1}}}\]"
        with contextlib.suppress(PatternError):
            parse_pattern(pattern)
            return pattern, longest
    return pattern, least


def _lists_of(values: Sequence[str]) -> list[str]:
    """Lists of one to three values, in JSON, in each of which others come first."""
    shown = values[:_MOST_LISTS]
    return list(
        dict.fromkeys(
            json.dumps(
                [*dict.fromkeys(shown[(place + step) % len(shown)] for step in range(1 + place % 3))],
                ensure_ascii=False,
                separators=(",", ":"),
            )
            for place in range(len(shown))
        )
    )
