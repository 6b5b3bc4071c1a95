"""Texts that may suit a column: by its pattern, its name and its room."""

import re
from collections.abc import Iterator

from faasera.generators.patterns import PatternError, parse_pattern
from faasera.generators.semantic.neighbours import words_of
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.list_patterns import JSON_PATTERNS, JSON_TEXT

_STATES = ["active", "inactive", "pending", "closed"]
_STATE_NAMES = {"status", "state", "type", "kind", "category", "level", "stage"}
_REFERENCES = {"code", "number", "no", "ref", "reference", "key", "sku"}
_TITLES = {"name", "title", "label"}
_LONG_TEXTS = {"description", "text", "body", "content", "notes", "bio", "summary"}
_CODES = {"code", "number", "no", "id", "key", "hash", "token"}


def texts(place: ColumnPlace) -> Iterator[Guess]:
    """Texts, the most telling first."""
    column, facts = place.column, place.facts
    limit = place.limit
    if facts.pattern == JSON_TEXT or facts.kinds:
        kind = next((one for one in facts.kinds or () if one in JSON_PATTERNS), "object")
        yield {"type": "RANDOM", "pattern": JSON_PATTERNS[kind], "guess": f"any {kind} of JSON"}
    elif facts.pattern is not None:
        bounded = _bounded(facts.pattern, limit)
        if bounded is not None:
            yield {"type": "RANDOM", "pattern": bounded, "guess": ""}
    if facts.likely is not None:
        yield {"type": "RANDOM", "pattern": facts.likely, "guess": "a text as a constraint says"}
    if facts.characters:
        yield _placed(place)
    if facts.case is not None:
        yield _cased(place)
    fewest = facts.shortest or 0
    fixed = column.fixed and limit is not None
    room = limit if limit is not None else 255
    if fixed or fewest > room // 2:
        yield _code(room if fixed else max(fewest, min(room, fewest + 4)), place, exact=True)
        return
    if not place.keyed:
        yield from _named_texts(place, room)
        yield from _free_texts(place, room)
    if _CODES & set(words_of(column.name)[-1:]) or room < 10:
        yield _code(min(room, 10), place)
        return
    most = min(room, 12)
    least = max(1, min(6, most), fewest)
    pattern = f"[A-Z][a-z]{{{max(least - 1, 0)},{max(most, least) - 1}}}"
    yield {"type": "RANDOM", "pattern": pattern, "guess": "any name: it is unique" if place.keyed else "any name"}
    yield _code(min(room, 12), place)


def _placed(place: ColumnPlace) -> Guess:
    """A text with what may stand at some of its places."""
    facts = place.facts
    last = max(facts.characters)
    made = ""
    for number in range(1, last + 1):
        allowed = [re.escape(one) for one in facts.characters.get(number, [])]
        made += "[a-z0-9]" if not allowed else (allowed[0] if len(allowed) == 1 else f"({'|'.join(allowed)})")
    least = max((facts.shortest or last) - last, 0)
    most = max(min(place.limit or last + 12, last + max(12, least)) - last, least)
    rest = f"[a-z0-9]{{{least},{most}}}" if most else ""
    return {
        "type": "RANDOM",
        "pattern": made + rest,
        "guess": "" if not most else "a text that begins as a constraint says",
    }


def _cased(place: ColumnPlace) -> Guess:
    """A text of small letters or capitals alone."""
    letters = "[a-z]" if place.facts.case == "lower" else "[A-Z]"
    limit = place.limit or 12
    least = max(place.facts.shortest or 1, min(6, limit), 1)
    if place.column.fixed and place.column.length is not None:
        least = limit
    return {
        "type": "RANDOM",
        "pattern": f"{letters}{{{least},{max(least, min(limit, 12))}}}",
        "guess": f"any text in {place.facts.case} case",
    }


def _named_texts(place: ColumnPlace, room: int) -> Iterator[Guess]:
    """Texts that the column's name suggests."""
    words = words_of(place.column.name)
    last, limit = set(words[-1:]), place.limit
    if last & _STATE_NAMES and room >= 8:
        yield {"type": "SEED", "values": list(_STATES), "guess": "a state, of which these are examples"}
    if last & _REFERENCES and room >= 4:
        yield _code(min(room, 8), place)
    if last & _TITLES and room >= 20:
        yield _prose("product-name", limit, "a name")
    if _LONG_TEXTS & set(words) and room >= 200:
        yield _prose("paragraph", limit, "a longer text")


def _free_texts(place: ColumnPlace, room: int) -> Iterator[Guess]:
    """Texts as long as there is room."""
    limit = place.limit
    if room >= 60:
        yield _prose("sentence", limit, f"a text of up to {room} characters" if limit else "a text of any length")
    if room >= 12 and (place.facts.shortest or 0) <= 1:
        yield _prose("word", limit, f"a text of up to {room} characters")


def _prose(semantic: str, limit: int | None, reason: str) -> Guess:
    length = {} if limit is None else {"maxLength": limit}
    return {"type": "RANDOM", "semanticType": semantic, **length, "guess": reason}


def _code(length: int, place: ColumnPlace, *, exact: bool = False) -> Guess:
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
