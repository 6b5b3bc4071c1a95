"""Reference data by locale: names, places, streets and forms, kept in files that travel with the package.

``reference/build.py`` of the source tree builds them; SOURCES.md beside them names where they come from.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa

from faasera.core.draws import AliasTable

GENDERS = ("female", "male")
_DATA = files("faasera.vocabulary") / "data"


@dataclass(frozen=True, eq=False)
class WeightedList:
    """Texts, and how likely each is.

    Attributes:
        values: the texts.
        weights: one for each.
    """

    values: pa.Array
    weights: tuple[float, ...]

    @classmethod
    def of(cls, weights: dict[str, float]) -> "WeightedList":
        """From a mapping."""
        return cls(pa.array(weights, pa.string()), tuple(map(float, weights.values())))

    @cached_property
    def table(self) -> AliasTable:
        """For drawing by weight."""
        return AliasTable(self.weights)


class LocaleData:
    """What the package knows of a language and country.

    Attributes:
        name: such as ``de_DE``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: dict[str, Any] = json.loads((_DATA / "locales" / f"{name}.json").read_text(encoding="utf-8"))

    @property
    def country(self) -> str:
        """The ISO 3166-1 code of the country."""
        return str(self.data["country"])

    @cached_property
    def first_names(self) -> tuple[WeightedList, WeightedList]:
        """Women's and men's given names."""
        female, male = (WeightedList.of(self.data["names"]["first"][gender]) for gender in GENDERS)
        return female, male

    @cached_property
    def last_names(self) -> tuple[WeightedList, WeightedList]:
        """Women's and men's family names; the same list twice where the language makes no difference."""
        female, male = (WeightedList.of(self.data["names"]["last"][gender]) for gender in GENDERS)
        return (female, female) if female.values.equals(male.values) else (female, male)

    def decades(self, gender: str) -> dict[int, dict[str, float]]:
        """Given names by the decade of birth, where that is known; else nothing."""
        return {int(decade): names for decade, names in self.data.get("decades", {}).get(gender, {}).items()}

    def listed(self, key: str) -> list[str] | None:
        """A plain list (streets, occupations, words); None where the locale has none."""
        found = self.data.get(key)
        return list(found) if found else None


class Places:
    """Places of a country, the most populous first.

    Attributes:
        table: their columns ``city``, ``region``, ``region_code``, ``time_zone``, ``country``, ``latitude`` and
            ``longitude`` in ten-thousandths of a degree, ``population``, and in the United States ``county``,
            ``postcode`` and ``area_code`` (several with blanks between).
    """

    def __init__(self, name: str) -> None:
        with pa.ipc.open_file(pa.py_buffer((_DATA / "places" / f"{name}.arrow").read_bytes())) as file:
            self.table: pa.Table = file.read_all().combine_chunks()

    def column(self, name: str) -> pa.Array:
        """A column in one piece."""
        return self.table.column(name).chunk(0)

    def has(self, name: str) -> bool:
        """Whether the country's places have such a column."""
        return name in self.table.column_names

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def draw(self) -> AliasTable:
        """Draws places by their population."""
        return AliasTable(np.asarray(self.column("population")).astype(np.float64))


@cache
def locale_names() -> tuple[str, ...]:
    """All locales, in alphabetical order."""
    return tuple(sorted(entry.name.removesuffix(".json") for entry in (_DATA / "locales").iterdir()))


@cache
def locale_data(name: str) -> LocaleData:
    """A locale's data; the name is one of ``locale_names``."""
    return LocaleData(name)


@cache
def places(name: str) -> Places:
    """The places of a locale's country, or of the ``world``."""
    return Places(name)


@cache
def countries() -> list[dict[str, Any]]:
    """Countries with ``code``, ``alpha3``, English ``name``, ``population``, ``currency`` and ``currencyName``."""
    found: list[dict[str, Any]] = json.loads((_DATA / "countries.json").read_text(encoding="utf-8"))
    return found


@cache
def rows_of(file: str) -> list[dict[str, str]]:
    """A small table of the package, such as ``conditions.csv``, as a list of rows."""
    import csv

    return list(csv.DictReader((_DATA / file).read_text(encoding="utf-8").splitlines()))
