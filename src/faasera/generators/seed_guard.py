"""The guard of seed files: what looks like real personal data is refused, with the lines.

It knows what nobody can have (reserved domains, drama ranges, test cards, numbers that are never issued) and reports
the rest. It cannot prove that a list is harmless; a policy that knows better states the file's ``provenance``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from faasera.generators.seed_files import SeedFile

_EMAIL = re.compile(r"^[^@\s]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$")
_RESERVED = re.compile(r"(@|\.)(example\.(com|org|net)|example|test|invalid|localhost)$", re.IGNORECASE)
_FULL_NAME = re.compile(r"^[^\W\d_][\w.'’-]+(,? [^\W\d_][\w.'’-]*){1,3}$")
_SSN = re.compile(r"^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$")
_CARD = re.compile(r"^(?:\d[ -]?){13,19}$")
_ISSUERS = re.compile(r"^(4|5[1-5]|2[2-7]|3[47]|6011|65|35|30[0-5]|36|62)")
_TEST_CARDS = re.compile(
    "^(400000|411111|424242|555555|510510|520082|222300|378282|371449|378734|601111|353011|356600|305693|385200)"
)
_PHONE = re.compile(r"^\+?[\d(][\d ()./-]{6,18}\d$")
_SAFE_PHONE = re.compile(r"555[ .-]?01\d\d$|7946 ?0\d{3}$|960 ?\d{3}$|23125|90009|66969|4710|99998")
_PHONE_FORM = re.compile(r"^(\+\d|\(\d|\d{3}[-. ]\d{3}[-. ]\d{4}$|0\d{2,5}[ /-]\d{3,})")
"""How telephone numbers alone are written."""
_PHONE_HEADER = re.compile(r"phone|tel|mobile|fax|cell", re.IGNORECASE)
_NAME_HEADER = re.compile(r"name|kunde|client|customer|person", re.IGNORECASE)
_MOST_LINES = 5
_FEWEST = 3
"""Names with addresses, and telephone numbers, are reported from so many on; one card or security number is enough."""


@dataclass(frozen=True)
class Suspicion:
    """Something in a file that looks like a real person's.

    Attributes:
        what: it looks like.
        column: where, by name or by number.
        lines: the first lines that have it.
        count: how many lines have it.
    """

    what: str
    column: str
    lines: tuple[int, ...]
    count: int

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.lines)) + (", …" if self.count > len(self.lines) else "")
        return f"{self.what} in column {self.column} ({self.count:,} of them; line{'s' * (self.count > 1)} {shown})"


def _luhn(digits: str) -> bool:
    total = 0
    for place, one in enumerate(reversed(digits)):
        value = int(one) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _real_email(value: str) -> bool:
    return bool(_EMAIL.match(value)) and not _RESERVED.search(value)


def _real_card(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return bool(_CARD.match(value) and _ISSUERS.match(digits) and not _TEST_CARDS.match(digits)) and _luhn(digits)


def _real_phone(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return bool(_PHONE.match(value)) and 8 <= len(digits) <= 15 and not _SAFE_PHONE.search(value)


def looks_personal(value: str) -> bool:
    """Whether one value alone looks like a real person's: an address of mail, a card, a telephone, an issued number."""
    return _real_email(value) or _real_card(value) or bool(_SSN.match(value)) or _real_phone(value)


def suspicions(file: SeedFile) -> Iterator[Suspicion]:
    """What in a seed file looks like real personal data."""
    names = file.header or tuple(str(number) for number in range(1, len(file.columns) + 1))
    columns = {name: [value.strip() for value in values] for name, values in zip(names, file.columns, strict=True)}
    for name, values in columns.items():
        yield from _numbers(name, values, file)
        yield from _telephones(name, values, file)
    yield from _people(columns, file)


def _numbers(name: str, values: list[str], file: SeedFile) -> Iterator[Suspicion]:
    """Numbers of which one is enough."""
    what = "social security numbers that are issued"
    yield from _found(what, name, values, file, lambda one: bool(_SSN.match(one)), 1)
    yield from _found("card numbers that are no test cards", name, values, file, _real_card, 1)


def _telephones(name: str, values: list[str], file: SeedFile) -> Iterator[Suspicion]:
    """Telephone numbers: by the column's heading, or where most of its values are written as only these are."""
    heading = file.header is not None and bool(_PHONE_HEADER.search(name))
    phones = [one for one in values if _PHONE_FORM.match(one) and _real_phone(one)]
    if heading or len(phones) * 2 > len(values):
        yield from _found("telephone numbers outside of drama ranges", name, values, file, _real_phone, _FEWEST)


def _people(columns: Mapping[str, list[str]], file: SeedFile) -> Iterator[Suspicion]:
    """Names beside addresses, in several columns."""
    if len(columns) < 2 or not any(_has_names(name, values, file) for name, values in columns.items()):
        return
    addresses = ([place for place, one in enumerate(values) if _real_email(one)] for values in columns.values())
    places = next((found for found in addresses if found), [])
    if len(places) >= _FEWEST:
        lines = tuple(file.first_line + place for place in places[:_MOST_LINES])
        what = "names beside e-mail addresses at domains that are not reserved"
        yield Suspicion(what, ", ".join(columns), lines, len(places))


def _has_names(name: str, values: list[str], file: SeedFile) -> bool:
    """Whether a column has people's names, by its heading or by most of its values."""
    heading = file.header is not None and bool(_NAME_HEADER.search(name))
    return heading or sum(bool(_FULL_NAME.match(one)) for one in values) * 2 > len(values)


def _found(
    what: str, column: str, values: list[str], file: SeedFile, test: Callable[[str], bool], fewest: int
) -> Iterator[Suspicion]:
    places = [place for place, one in enumerate(values) if test(one)]
    if len(places) >= fewest:
        yield Suspicion(what, column, tuple(file.first_line + place for place in places[:_MOST_LINES]), len(places))
