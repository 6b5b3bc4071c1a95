"""What a model proposes is data that nobody has seen: it is looked at value by value before it is kept."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from faasera.generators.seed_guard import looks_personal
from faasera.hinting.frozen import MOST_CHARACTERS, MOST_VALUES
from faasera.hinting.wanted import Wanted

FEWEST = 3
_SCRIPTS = {
    "ja": {"CJK", "HIRAGANA", "KATAKANA", "LATIN", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC"},
    "zh": {"CJK", "LATIN", "FULLWIDTH", "BOPOMOFO"},
    "ko": {"HANGUL", "CJK", "LATIN"},
    "ru": {"CYRILLIC"},
    "uk": {"CYRILLIC"},
    "bg": {"CYRILLIC"},
    "el": {"GREEK"},
    "ar": {"ARABIC"},
    "fa": {"ARABIC"},
    "he": {"HEBREW"},
    "th": {"THAI"},
    "hi": {"DEVANAGARI"},
    "ta": {"TAMIL"},
    "hy": {"ARMENIAN"},
    "ka": {"GEORGIAN"},
    "ne": {"DEVANAGARI"},
}
"""The scripts of languages with other letters than Latin ones, by the first word of a letter's Unicode name."""
_LINK = re.compile(r"https?://|www\.|@[\w-]+\.", re.IGNORECASE)
_MARKUP = re.compile(r"[<>{}`]|\$\(|\\x|javascript:", re.IGNORECASE)


@dataclass
class Proposal:
    """What is left of a model's answer.

    Attributes:
        values: that may be kept.
        refused: how many were not, by reason.
    """

    values: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def enough(self) -> bool:
        """Whether there is a list to draw from."""
        return len(self.values) >= FEWEST


def looked_at(answer: Any, one: Wanted, denied: Callable[[str], bool] = lambda _: False) -> Proposal:
    """The values of an answer that may be kept: texts of the right length and script, each once, nobody's.

    Args:
        answer: the model's JSON, whatever it is.
        one: the column that they are for.
        denied: whether a value is on the policy's deny list.
    """
    found = Proposal()
    given = answer.get("values") if isinstance(answer, dict) else answer
    if not isinstance(given, list):
        found.refused["no list of values"] += 1
        return found
    seen: set[str] = set()
    limit = min(one.max_length or MOST_CHARACTERS, MOST_CHARACTERS)
    for value in given:
        reason = _wrong(value, limit, one.locale, seen, denied)
        if reason is None and len(found.values) >= MOST_VALUES:
            reason = f"more than {MOST_VALUES} values"
        if reason is not None:
            found.refused[reason] += 1
            continue
        text = " ".join(str(value).split())
        seen.add(text.casefold())
        found.values.append(text)
    return found


def _wrong(value: Any, limit: int, locale: str, seen: set[str], denied: Callable[[str], bool]) -> str | None:
    """Why a value is refused; None where it is not."""
    if not isinstance(value, str):
        return "no text"
    text = " ".join(value.split())
    tests: Iterable[tuple[str, bool]] = (
        ("empty", not text),
        ("too long", len(text) > limit),
        (
            "characters that no text has",
            any(unicodedata.category(one) in ("Cc", "Cf", "Co", "Cn", "Cs") for one in text),
        ),
        ("markup or code", bool(_MARKUP.search(text))),
        ("an address of mail or the web", bool(_LINK.search(text))),
        ("looks like a real person's", looks_personal(text)),
        ("another script", not fits_script(text, locale)),
        ("on the deny list", denied(text)),
        ("there twice", text.casefold() in seen),
    )
    return next((reason for reason, holds in tests if holds), None)


def fits_script(text: str, locale: str) -> bool:
    """Whether all letters of a text are of a script that the locale's language is written in."""
    allowed = _SCRIPTS.get(locale.partition("_")[0], {"LATIN"})
    letters = [one for one in text if one.isalpha()]
    return all(
        unicodedata.name(one, "?").split()[0].partition("-")[0] in allowed | {"MODIFIER", "MASCULINE", "FEMININE"}
        for one in letters
    )
