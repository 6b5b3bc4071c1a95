"""Formats of dates by strftime's directives: read once, refused by name where they are none, and applied to columns."""

import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import to_integers, valid_mask, with_nulls
from faasera.core.text import number_text

_NATIVE = frozenset("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyY%")
"""What Arrow knows, as the C locale has it."""
_NUMBERS = frozenset("dmHIMSjyeUVWkl")
"""Numbers that a minus writes without leading zeros or blanks."""
_DIRECTIVE = re.compile(r"%(-?)(.?)", re.DOTALL)
_WORDS = {
    "z": "timestamps have no time zone; write Z or +00:00 out",
    "Z": "timestamps have no time zone; write UTC out",
}


class FormatError(ValueError):
    """A format that is none; says which directive is not known."""


def _plain(form: str) -> Callable[[pa.Array], pa.Array]:
    return lambda moments: pc.strftime(moments.cast(pa.timestamp("s"), safe=False), format=form)


def _unpadded(form: str) -> Callable[[pa.Array], pa.Array]:
    shown = _OWN.get(form) or _plain(f"%{form}")
    return lambda moments: pc.replace_substring_regex(shown(moments), pattern="^[ 0]+(.)", replacement="\\1")


def _blank_padded(form: str) -> Callable[[pa.Array], pa.Array]:
    shown = _plain(form)
    return lambda moments: pc.replace_substring_regex(shown(moments), pattern="^0", replacement=" ")


def _whole(shown: Callable[[np.ndarray], pa.Array]) -> Callable[[pa.Array], pa.Array]:
    """A text of the microseconds since 1970."""

    def of(moments: pa.Array) -> pa.Array:
        exact, valid = moments.cast(pa.timestamp("us")), valid_mask(moments)
        return with_nulls(
            shown(np.where(valid, to_integers(exact), 0) if valid is not None else to_integers(exact)), valid
        )

    return of


_OWN: dict[str, Callable[[pa.Array], pa.Array]] = {
    "k": _blank_padded("%H"),
    "l": _blank_padded("%I"),
    "P": lambda moments: pc.ascii_lower(_plain("%p")(moments)),
    "s": _whole(lambda values: number_text(values // 1_000_000)),
    "f": _whole(lambda values: pc.utf8_lpad(number_text(values % 1_000_000), width=6, padding="0")),
}
"""What Arrow does not know: hours with a blank, am or pm in small letters, seconds since 1970, microseconds."""


def directives(form: str) -> list[tuple[str, str]]:
    """The directives of a format in order, each with the literal text before it; the last is empty.

    A directive is a letter, or a minus and a letter.

    Raises:
        FormatError: one of them is not known.
    """
    found, place = [], 0
    for match in _DIRECTIVE.finditer(form):
        minus, letter = match[1], match[2]
        if letter not in _NATIVE | _OWN.keys() or (minus and letter not in _NUMBERS):
            reason = _WORDS.get(letter, "it is no directive of strftime that is known here")
            raise FormatError(f"'{match[0]}' in {form!r}: {reason}")
        found.append((form[place : match.start()], minus + letter))
        place = match.end()
    return [*found, (form[place:], "")]


@lru_cache(maxsize=256)
def _steps(form: str) -> tuple[Callable[[pa.Array], pa.Array], ...]:
    """The parts of a format, as few as can be."""
    steps: list[Callable[[pa.Array], pa.Array]] = []
    native = ""
    for literal, directive in directives(form):
        native += literal
        if directive in _NATIVE:
            native += f"%{directive}"
        elif directive:
            if native:
                steps.append(_plain(native))
            steps.append(_unpadded(directive[1:]) if directive.startswith("-") else _OWN[directive])
            native = ""
    return (*steps, _plain(native)) if native or not steps else tuple(steps)


def format_dates(array: pa.Array, form: str) -> pa.Array:
    """Dates or timestamps as text, by strftime in the C locale."""
    parts = [step(array) for step in _steps(form)]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "")


def tells_the_day(form: str) -> bool:
    """Whether a text of this format says which day it is, with its whole year."""
    used = {directive.removeprefix("-") for _, directive in directives(form)}
    month = used & {"m", "b", "B", "h"}
    return bool(used & {"F", "c", "s"}) or ("Y" in used and bool("j" in used or (month and used & {"d", "e"})))


_IN_DUCKDB = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y", "h": "%b", "t": "\t", "n": "\n"}
_NOT_IN_DUCKDB = frozenset("eCrklPsgV")


def in_duckdb(form: str) -> str | None:
    """The format as DuckDB's ``strptime`` reads it; None where it cannot."""
    made = ""
    for literal, directive in directives(form):
        letter = directive.removeprefix("-")
        if letter in _NOT_IN_DUCKDB or (letter != directive and letter not in "dHIjmMSy"):
            return None
        made += literal + (_IN_DUCKDB.get(directive, f"%{directive}") if directive else "")
    return made
