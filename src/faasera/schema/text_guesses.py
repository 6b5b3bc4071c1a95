"""Texts that may suit a column: by its pattern, its name and its room."""

import re
from collections.abc import Iterator
from dataclasses import replace

from faasera.generators.semantic.neighbours import meaning, words_of
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.list_patterns import JSON_PATTERNS
from faasera.schema.spellings import spellings
from faasera.schema.text_forms import TextForm

_STATES = ["active", "inactive", "pending", "closed"]
_STATE_NAMES = {"status", "state", "type", "kind", "category", "level", "stage"}
_REFERENCES = {"code", "number", "no", "ref", "reference", "key", "sku"}
_TITLES = {"name", "title", "label"}
_LONG_TEXTS = {"description", "text", "body", "content", "notes", "bio", "summary"}
_LONGEST = 1_000
_CODES = {"code", "number", "no", "id", "key", "hash", "token"}


def texts(place: ColumnPlace) -> Iterator[Guess]:
    """Texts, the most telling first."""
    column, facts = place.column, place.facts
    limit = place.limit
    if facts.kinds:
        kind = next((one for one in facts.kinds if one in JSON_PATTERNS), "object")
        yield {"type": "RANDOM", "pattern": JSON_PATTERNS[kind], "guess": f"any {kind} of JSON"}
    form, room = text_form(place), limit if limit is not None else 255
    if form is not None:
        yield from _spelled(place)
        if form.says_what_is_not and not place.keyed:
            yield from _named_texts(place, room)
            yield from _free_texts(place, room)
        for pattern in form.patterns(keyed=place.keyed):
            yield {"type": "RANDOM", "pattern": pattern, "guess": ""}
    if facts.likely is not None:
        yield {"type": "RANDOM", "pattern": facts.likely, "guess": "a text as a constraint says"}
    if facts.characters:
        yield _placed(place)
    fewest = facts.shortest or 0
    fixed = column.fixed and limit is not None
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


def text_form(place: ColumnPlace) -> TextForm | None:
    """What constraints say of a column's texts; None where they say nothing of their characters."""
    facts, limit = place.facts, place.limit
    if not facts.forms:
        return None
    made = TextForm(tuple(facts.forms), facts.shortest or 0, limit if limit is not None else _LONGEST)
    padded = place.column.fixed and place.dialect.padded_texts and limit is not None
    if padded and limit is not None and made.sensitive_to_blanks:
        # Blanks would fill up what is shorter, and be seen by the constraint.
        return replace(made, shortest=limit)
    return made


def _spelled(place: ColumnPlace) -> Iterator[Guess]:
    """Safe values of what the name means, in other spellings."""
    found = meaning(place.column.name, place.table.name)
    for pattern in spellings(found.semantic) if found is not None else ():
        yield {
            "type": "RANDOM",
            "pattern": pattern,
            "guess": f"a {found.semantic} in another spelling" if found else "",
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
