"""Built-in seed lists: the values of semantic types."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from faasera.core.registry import Declaration, Registry


@dataclass(frozen=True)
class SeedList(Declaration):
    """A built-in list.

    Attributes:
        file: its file in ``vocabulary/data``, one value a line.
        names: column names that mean it, in lower case without separators.
        source: where the values come from.
    """

    file: str
    names: tuple[str, ...]
    source: str

    def values(self) -> list[str]:
        """The values, in the order of the file."""
        return _read(self.file)


@cache
def _read(file: str) -> list[str]:
    text = files("faasera.vocabulary").joinpath("data", file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line]


VOCABULARY: Registry[SeedList] = Registry("faasera.vocabulary")

for _entry in (
    SeedList(
        "first-name", "A given name, as common in the United States.", "Olivia", "first_names.txt",
        ("firstname", "fname", "givenname", "forename"), "common given names; no list of persons",
    ),
    SeedList(
        "last-name", "A family name, as common in the United States.", "Walker", "last_names.txt",
        ("lastname", "lname", "surname", "familyname"), "common family names; no list of persons",
    ),
    SeedList(
        "city", "A large city of the United States.", "Chicago", "cities.txt",
        ("city", "town"), "public geography",
    ),
    SeedList(
        "country", "A country's short English name.", "Norway", "countries.txt",
        ("country", "countryname"), "ISO 3166-1",
    ),
    SeedList(
        "occupation", "What a person does for a living.", "Carpenter", "occupations.txt",
        ("occupation", "job", "jobtitle", "profession"), "common occupations",
    ),
):  # fmt: skip
    VOCABULARY.add(_entry)


def infer(column: str) -> SeedList | None:
    """The list that a column's name means, or None; the last words of the name decide (``billing_city``)."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", column)]
    for start in range(len(words)):
        joined = "".join(words[start:])
        for entry in VOCABULARY:
            if joined in entry.names:
                return entry
    return None
