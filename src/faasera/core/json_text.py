"""Texts as JSON (RFC 8259) writes them, column by column, and whether texts are JSON."""

import json
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc

_ESCAPES = [("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")]


def escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between the quotation marks of a JSON string."""
    if not pc.any(pc.match_substring_regex(texts, pattern='[\\x00-\\x1f"\\\\]')).as_py():
        return texts
    for character, escape in _ESCAPES:
        texts = pc.replace_substring(texts, pattern=character, replacement=escape)
    if pc.any(pc.match_substring_regex(texts, pattern="[\\x00-\\x1f]")).as_py():
        for code in range(32):
            texts = pc.replace_substring(texts, pattern=chr(code), replacement=f"\\u{code:04x}")
    return texts


def quoted(texts: pa.Array) -> pa.Array:
    """Texts as JSON strings."""
    return pc.binary_join_element_wise('"', escaped(texts), '"', "")


def is_json(text: str) -> bool:
    """Whether a text is a JSON value."""
    try:
        json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def _refused(name: str) -> NoReturn:
    raise ValueError(name)


def first_wrong(texts: pa.Array) -> int | None:
    """The place of the first text that is no JSON value; None where all are, or are null."""
    whole = texts.drop_null()
    # One value after the other in one go; only where that fails is the culprit looked for.
    try:
        found = json.loads("[" + ",".join(whole.to_pylist()) + "]", parse_constant=_refused)
        if len(found) == len(whole) and not pc.any(pc.match_substring_regex(whole, r"^\s*$")).as_py():
            return None
    except (ValueError, RecursionError):
        pass
    wrong = (place for place, text in enumerate(texts.to_pylist()) if text is not None and not is_json(text))
    return next(wrong, None)
