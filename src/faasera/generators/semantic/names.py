"""Given and family names of a locale as lists and tables for drawing, each read once."""

import datetime
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.arrow import Integers
from faasera.core.draws import AliasTables
from faasera.core.streams import Words
from faasera.generators.semantic.attribute import dictionary
from faasera.vocabulary.reference import GENDERS, WeightedList, locale_data

_EPOCH = datetime.date(1970, 1, 1)
_DECADE_SHARE = 0.65
"""How many of a decade's people have one of its most frequent names (about half of them do, in the source's top 30)."""


@dataclass(frozen=True, eq=False)
class Decades:
    """Given names by the decade of birth.

    Attributes:
        days: the first days of the decades but the first, since 1970.
        tables: weights over names by gender and decade, women's first.
    """

    days: Integers
    tables: AliasTables

    def indices(self, words: Words, genders: Integers, births: Integers) -> npt.NDArray[np.int64]:
        """A name's place in the list of its gender, given random words, genders and days of birth."""
        decade = np.searchsorted(self.days, births, side="right")
        return self.tables.indices(words, genders * (len(self.days) + 1) + decade).view(np.int64)


@dataclass(frozen=True, eq=False)
class NameLists:
    """Names of a locale.

    Attributes:
        values: women's and men's end to end; one list where the language makes no difference.
        start: where men's begin.
        lists: women's and men's with their weights.
        decades: how given names go by the decade of birth; None where that is not known.
    """

    values: pa.Array
    start: int
    lists: tuple[WeightedList, WeightedList]
    decades: Decades | None = None

    @property
    def differ(self) -> bool:
        """Whether women and men have names of their own."""
        return self.lists[0] is not self.lists[1]

    def drawn(self, words: Words, genders: Integers) -> pa.DictionaryArray:
        """Names by weight, given random words and genders."""
        female, male = (one.table.indices(words).view(np.int64) for one in self.lists)
        return dictionary(np.where(genders == 0, female, male + self.start), self.values)


@cache
def given_names(locale: str) -> NameLists:
    """Given names of a locale."""
    lists = locale_data(locale).first_names
    female, male = (_known(locale, gender) for gender in range(2))
    return NameLists(pa.concat_arrays([female, male]), len(female), lists, _decades(locale))


@cache
def family_names(locale: str) -> NameLists:
    """Family names of a locale, in the form of the gender where the language has two."""
    female, male = locale_data(locale).last_names
    if female is male:
        return NameLists(female.values, 0, (female, male))
    return NameLists(pa.concat_arrays([female.values, male.values]), len(female.values), (female, male))


@cache
def distinct_given_names(locale: str) -> pa.Array:
    """All given names of a locale, each once."""
    return given_names(locale).values.unique()


@cache
def distinct_family_names(locale: str) -> pa.Array:
    """All family names of a locale, each once."""
    return family_names(locale).values.unique()


@cache
def _known(locale: str, gender: int) -> pa.Array:
    """The given names of a gender: the list's, then those that are only known of a decade."""
    data = locale_data(locale)
    known = dict.fromkeys(data.first_names[gender].values.to_pylist())
    for names in data.decades(GENDERS[gender]).values():
        known |= dict.fromkeys(names)
    return pa.array(list(known), pa.string())


def _decades(locale: str) -> Decades | None:
    known = locale_data(locale).decades(GENDERS[0])
    if not known:
        return None
    weights = [one for gender in range(2) for one in _weights(locale, gender)]
    size = max(map(len, weights))
    # The shorter of the lists is filled up with names of no weight.
    filled = [one + [0.0] * (size - len(one)) for one in weights]
    days = [(datetime.date(decade, 1, 1) - _EPOCH).days for decade in sorted(known)[1:]]
    return Decades(np.array(days, dtype=np.int64), AliasTables(filled))


def _weights(locale: str, gender: int) -> list[list[float]]:
    """The weights of a gender's names, by decade."""
    data = locale_data(locale)
    names = _known(locale, gender).to_pylist()
    listed = data.first_names[gender]
    general = dict(zip(listed.values.to_pylist(), listed.weights, strict=True))
    whole = sum(general.values())
    found = []
    for _, frequent in sorted(data.decades(GENDERS[gender]).items()):
        part = sum(frequent.values())
        found.append(
            [
                (1 - _DECADE_SHARE) * general.get(name, 0.0) / whole + _DECADE_SHARE * frequent.get(name, 0.0) / part
                for name in names
            ]
        )
    return found
