"""Where in a JSON text each value is, so that a problem's pointer becomes a place to look at."""

import contextlib
import re
from json import JSONDecodeError, JSONDecoder

from faasera.core.errors import pointer

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)")
_DECODER = JSONDecoder()
TextSpan = tuple[int, int]


def places(text: str) -> dict[str, TextSpan]:
    """The begin and the end of each value, with the key before it, by JSON Pointer; as far as the text can be read."""
    found: dict[str, TextSpan] = {}
    with contextlib.suppress(ValueError, RecursionError, IndexError):
        _value(text, _skip(text, 0), (), found, None)
    return found


def place_of(found: dict[str, TextSpan], at: str) -> TextSpan | None:
    """The place of a pointer, or of the nearest value around it that there is."""
    while True:
        if at in found:
            return found[at]
        if not at:
            return None
        at = at.rpartition("/")[0]


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _value(text: str, at: int, path: tuple[str | int, ...], found: dict[str, TextSpan], key: int | None) -> int:
    """Read a value; the place after it. Where it has a key, its place begins with that."""
    begin = at if key is None else key
    opening = text[at]
    if opening == "{":
        # The place of an object is its key, or its brace: the whole would be half of the page.
        found[pointer(*path)] = (begin, at + 1)
        return _members(text, at, path, found)
    if opening == "[":
        found[pointer(*path)] = (begin, at + 1)
        return _elements(text, at, path, found)
    if opening == '"':
        _, end = _DECODER.raw_decode(text, at)
    else:
        match = _SCALAR.match(text, at)
        if match is None:
            raise ValueError(at)
        end = match.end()
    found[pointer(*path)] = (begin, end)
    return end


def _members(text: str, at: int, path: tuple[str | int, ...], found: dict[str, TextSpan]) -> int:
    at = _skip(text, at + 1)
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError(at)
        key = at
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise ValueError(at)
        at = _skip(text, _value(text, _skip(text, at + 1), (*path, name), found, key))
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "}":
            raise ValueError(at)
    return at + 1


def _elements(text: str, at: int, path: tuple[str | int, ...], found: dict[str, TextSpan]) -> int:
    at, number = _skip(text, at + 1), 0
    while text[at] != "]":
        at = _skip(text, _value(text, at, (*path, number), found, None))
        number += 1
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "]":
            raise ValueError(at)
    return at + 1


def syntax_place(error: JSONDecodeError) -> TextSpan:
    """The place where a text stops being JSON."""
    at = min(error.pos, max(len(error.doc) - 1, 0))
    return at, min(at + 1, len(error.doc))


def line_of(text: str, at: int) -> int:
    """The line of a place, from 1."""
    return text.count("\n", 0, at) + 1
