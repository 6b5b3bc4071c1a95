"""Who a row is about: gender, birth and names, each drawn from a stream of the row's person."""

import datetime
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers, decoded, to_integers, valid_mask
from faasera.core.draws import AliasTable
from faasera.core.streams import below_each
from faasera.generators.context import Context
from faasera.generators.semantic.attribute import dictionary
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.names import family_names, given_names
from faasera.generators.semantic.neighbours import source_of
from faasera.policy.model import Model

PERSON = "person"
_EPOCH = datetime.date(1970, 1, 1)
_OLDEST = 120
_FEMALE_SHARE = 0.505


class AgeArguments(Model):
    """Between which ages people are."""

    min: int = Field(18, ge=0, le=_OLDEST, description="The youngest, in whole years as of asOf.")
    max: int = Field(90, ge=0, le=_OLDEST, description="The oldest.")


@lru_cache(maxsize=64)
def birthday_bounds(as_of: datetime.date) -> Integers:
    """The last day of birth of those who are at least 0, 1, 2, … years old as of a day, in days since 1970.

    Who was born on 29 February has a birthday on 1 March in other years, as ``age()`` counts.
    """
    days = []
    for age in range(_OLDEST + 2):
        year = as_of.year - age
        try:
            day = datetime.date(year, as_of.month, as_of.day)
        except ValueError:
            day = datetime.date(year, 2, 28)
        days.append((day - _EPOCH).days)
    return np.array(days, dtype=np.int64)


@lru_cache(maxsize=256)
def _age_table(youngest: int, oldest: int) -> AliasTable:
    return AliasTable([_pyramid(age) for age in range(youngest, oldest + 1)])


def _pyramid(age: int) -> float:
    """How many people of an age there are beside those of 30: level up to 60, then falling to a twentieth at 95."""
    return 1.0 if age <= 60 else max(0.05, 1.0 - (age - 60) / 37)


@dataclass(frozen=True, eq=False)
class Person(Subject):
    """The people of one group of columns, in one locale.

    Attributes:
        as_of: the day on which they have their age.
        youngest: the lowest age, in whole years.
        oldest: the highest.
        birth: the group's column of days of birth, where it is made otherwise.
    """

    as_of: datetime.date
    youngest: int
    oldest: int
    birth: str | None
    kind = PERSON

    @classmethod
    @override
    def of(cls, column: SemanticColumn) -> Self:
        ages = next(iter(ages_given(column)), AgeArguments())
        return cls(column.group, column.scope.as_of, ages.min, ages.max, source_of(column, "date-of-birth"))

    @property
    def birth_bounds(self) -> tuple[int, int]:
        """The first and the last day of birth that is drawn, since 1970."""
        bounds = birthday_bounds(self.as_of)
        return int(bounds[self.oldest + 1]) + 1, int(bounds[self.youngest])

    def genders(self, context: Context) -> npt.NDArray[np.int64]:
        """0 for women, 1 for men."""
        limit = np.uint64(round(_FEMALE_SHARE * 2**64))
        found: npt.NDArray[np.int64] = self.shared(
            context, "gender", lambda: (self.words(context, "gender") >= limit).astype(np.int64)
        )
        return found

    def birth_days(self, context: Context) -> Integers:
        """Days of birth since 1970; of the row's own column, where it has one that is made otherwise."""
        return self._births(context)[0]

    def age_years(self, context: Context) -> Integers:
        """Whole years as of ``asOf``."""
        return self._births(context)[1]

    def _births(self, context: Context) -> tuple[Integers, Integers]:
        """Days of birth, and ages."""
        found: tuple[Integers, Integers] = self.shared(context, "birth", lambda: self._born(context))
        return found

    def _born(self, context: Context) -> tuple[Integers, Integers]:
        if self.birth is None:
            return self._drawn_births(context)
        array = context.column(self.birth)
        days, valid = to_integers(array), valid_mask(array)
        if valid is not None:
            days = np.where(valid, days, self._drawn_births(context)[0])
        return days, np.searchsorted(-birthday_bounds(self.as_of), -days, side="right") - 1

    def _drawn_births(self, context: Context) -> tuple[Integers, Integers]:
        bounds, table = birthday_bounds(self.as_of), _age_table(self.youngest, self.oldest)
        ages = table.indices(self.words(context, "age")).view(np.int64) + self.youngest
        last, before = bounds[ages], bounds[ages + 1]
        offset = below_each(self.words(context, "birthday"), (last - before).view(np.uint64))
        return last - offset.view(np.int64), ages

    def first_names(self, context: Context, purpose: str = "first name") -> pa.DictionaryArray:
        """Given names by gender, and by the decade of birth where the locale knows them."""
        return self.shared(context, purpose, lambda: self._first_names(context, purpose))

    def _first_names(self, context: Context, purpose: str) -> pa.DictionaryArray:
        names = given_names(self.group.locale)
        words, genders = self.words(context, purpose), self.genders(context)
        if names.decades is None:
            return names.drawn(words, genders)
        indices = names.decades.indices(words, genders, self.birth_days(context))
        return dictionary(indices + genders * names.start, names.values)

    def last_names(self, context: Context) -> pa.DictionaryArray:
        """Family names, in the form of the gender where the language has two."""
        return self.shared(context, "last name", lambda: self._last_names(context))

    def _last_names(self, context: Context) -> pa.DictionaryArray:
        names = family_names(self.group.locale)
        words = self.words(context, "last name")
        if not names.differ:
            return dictionary(names.lists[0].table.indices(words).view(np.int64), names.values)
        return names.drawn(words, self.genders(context))


def ages_given(column: SemanticColumn) -> list[AgeArguments]:
    """The ages that columns of a person give, ``age`` first."""
    named = [column.siblings.get(name) for name in ("age", "date-of-birth")]
    return [one for one in named if isinstance(one, AgeArguments)]


@dataclass(frozen=True)
class ShownNames:
    """Names as a row shows them: its person's, or those of columns of its own that are made otherwise.

    Attributes:
        person: whose.
        first: the column of given names, if there is one.
        last: the column of family names.
    """

    person: Person
    first: str | None
    last: str | None

    @classmethod
    def of(cls, column: SemanticColumn) -> Self:
        """The names that a column's row shows."""
        return cls(Person.of(column), source_of(column, "first-name"), source_of(column, "last-name"))

    @property
    def uses(self) -> tuple[str, ...]:
        """The columns that hold them."""
        return tuple(source for source in (self.first, self.last) if source is not None)

    def firsts(self, context: Context) -> pa.DictionaryArray:
        """Given names."""
        return _shown(context, self.first, self.person.first_names(context))

    def lasts(self, context: Context) -> pa.DictionaryArray:
        """Family names."""
        return _shown(context, self.last, self.person.last_names(context))


def _shown(context: Context, source: str | None, own: pa.DictionaryArray) -> pa.DictionaryArray:
    if source is None:
        return own
    array = context.column(source)
    if array.null_count:
        array = pc.coalesce(decoded(array), decoded(own))
    return array if pa.types.is_dictionary(array.type) else array.cast(pa.string()).dictionary_encode()
