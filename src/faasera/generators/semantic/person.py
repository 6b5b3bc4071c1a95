"""Who a row is about: gender, birth and names, each drawn from a stream of the row's person."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers, decoded, to_integers, valid_mask
from faasera.core.draws import AliasTable, AliasTables
from faasera.core.streams import below_each
from faasera.core.types import STRING, DataType
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.semantic.neighbours import source_of
from faasera.generators.semantic.registry import Member, Subject
from faasera.policy.model import Model
from faasera.vocabulary.reference import GENDERS

PERSON = "person"
_EPOCH = datetime.date(1970, 1, 1)
_OLDEST = 120
_FEMALE_SHARE = 0.505
_DECADE_SHARE = 0.65
"""How many of a decade's people have one of its most frequent names (about half of them do, in the source's top 30)."""


class AgeArguments(Model):
    """Between which ages people are."""

    min: int = Field(18, ge=0, le=_OLDEST, description="The youngest, in whole years as of asOf.")
    max: int = Field(90, ge=0, le=_OLDEST, description="The oldest.")


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


def _pyramid(age: int) -> float:
    """How many people of an age there are beside those of 30: level up to 60, then falling to a twentieth at 95."""
    return 1.0 if age <= 60 else max(0.05, 1.0 - (age - 60) / 37)


class Person(Subject):
    """The people of one group of columns, in one locale."""

    kind = PERSON

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self._bounds = birthday_bounds(member.scope.as_of)
        self._sources: dict[str, str | None] = {}
        self.source("date-of-birth")

    def source(self, semantic: str) -> str | None:
        """The column of the group that means a type and is made otherwise; first asked for while rules are compiled."""
        if semantic not in self._sources:
            self._sources[semantic] = source_of(self.member, semantic)
        return self._sources[semantic]

    @cached_property
    def ages(self) -> AgeArguments:
        """Between which ages people of the group are."""
        for name in ("age", "date-of-birth"):
            if name in self.member.siblings:
                given: AgeArguments = self.member.siblings[name]
                return given
        return AgeArguments()

    def genders(self, context: Context) -> npt.NDArray[np.int64]:
        """0 for women, 1 for men."""
        limit = np.uint64(round(_FEMALE_SHARE * 2**64))
        found: npt.NDArray[np.int64] = self.shared(
            context, "gender", lambda: (self.words(context, "gender") >= limit).astype(np.int64)
        )
        return found

    def birth_days(self, context: Context) -> Integers:
        """Days of birth since 1970; of the row's own column, where it has one that is made otherwise."""
        found: Integers = self._births(context)[0]
        return found

    def age_years(self, context: Context) -> Integers:
        """Whole years as of ``asOf``."""
        found: Integers = self._births(context)[1]
        return found

    def _births(self, context: Context) -> tuple[Integers, Integers]:
        """Days of birth, and ages."""
        found: tuple[Integers, Integers] = self.shared(context, "birth", lambda: self._born(context))
        return found

    def _born(self, context: Context) -> tuple[Integers, Integers]:
        source = self.source("date-of-birth")
        if source is None:
            return self._drawn_births(context)
        array = context.column(source)
        days, valid = to_integers(array), valid_mask(array)
        if valid is not None:
            days = np.where(valid, days, self._drawn_births(context)[0])
        return days, np.searchsorted(-self._bounds, -days, side="right") - 1

    @cached_property
    def _age_table(self) -> AliasTable:
        return AliasTable([_pyramid(age) for age in range(self.ages.min, self.ages.max + 1)])

    def _drawn_births(self, context: Context) -> tuple[Integers, Integers]:
        ages = self._age_table.indices(self.words(context, "age")).view(np.int64) + self.ages.min
        last, before = self._bounds[ages], self._bounds[ages + 1]
        offset = below_each(self.words(context, "birthday"), (last - before).view(np.uint64))
        return last - offset.view(np.int64), ages

    # names

    @cached_property
    def _first_list(self) -> tuple[pa.Array, tuple[int, int]]:
        """Women's names and men's names end to end, and where each begin."""
        female, male = (self._given(number) for number in range(2))
        return pa.concat_arrays([female, male]), (0, len(female))

    def _given(self, gender: int) -> pa.Array:
        listed = self.locale.first_names[gender].values.to_pylist()
        known = dict.fromkeys(listed)
        for names in self.locale.decades(GENDERS[gender]).values():
            known |= dict.fromkeys(names)
        return pa.array(list(known), pa.string())

    @cached_property
    def _decades(self) -> tuple[Integers, AliasTables] | None:
        """The first days of the decades but the first, and weights over names by gender and decade, women's first.

        None where no decades are known. The shorter of the lists is filled up with names of no weight.
        """
        if not self.locale.decades(GENDERS[0]):
            return None
        weights = [one for gender in range(2) for one in self._decade_weights(gender)]
        size = max(map(len, weights))
        filled = [one + [0.0] * (size - len(one)) for one in weights]
        decades = sorted(self.locale.decades(GENDERS[0]))[1:]
        days = [(datetime.date(decade, 1, 1) - _EPOCH).days for decade in decades]
        return np.array(days, dtype=np.int64), AliasTables(filled)

    def _decade_weights(self, gender: int) -> list[list[float]]:
        names = self._given(gender).to_pylist()
        listed = self.locale.first_names[gender]
        general = dict(zip(listed.values.to_pylist(), listed.weights, strict=True))
        whole = sum(general.values())
        found = []
        for _, frequent in sorted(self.locale.decades(GENDERS[gender]).items()):
            part = sum(frequent.values())
            found.append(
                [
                    (1 - _DECADE_SHARE) * general.get(name, 0.0) / whole
                    + _DECADE_SHARE * frequent.get(name, 0.0) / part
                    for name in names
                ]
            )
        return found

    def first_names(self, context: Context, purpose: str = "first name") -> pa.DictionaryArray:
        """Given names by gender, and by the decade of birth where the locale knows them."""
        return self.shared(context, purpose, lambda: self._first_names(context, purpose))

    def _first_names(self, context: Context, purpose: str) -> pa.DictionaryArray:
        names, starts = self._first_list
        words, genders = self.words(context, purpose), self.genders(context)
        if self._decades is not None:
            days, tables = self._decades
            decade = np.searchsorted(days, self.birth_days(context), side="right")
            indices = tables.indices(words, genders * (len(days) + 1) + decade).view(np.int64)
            return dictionary(indices + genders * starts[1], names)
        female, male = (self.locale.first_names[gender].table.indices(words).view(np.int64) for gender in range(2))
        return dictionary(np.where(genders == 0, female, male + starts[1]), names)

    def last_names(self, context: Context) -> pa.DictionaryArray:
        """Family names, in the form of the gender where the language has two."""
        return self.shared(context, "last name", lambda: self._last_names(context))

    @cached_property
    def _last_list(self) -> tuple[pa.Array, tuple[int, int]]:
        female, male = self.locale.last_names
        if female is male:
            return female.values, (0, 0)
        return pa.concat_arrays([female.values, male.values]), (0, len(female.values))

    def _last_names(self, context: Context) -> pa.DictionaryArray:
        names, starts = self._last_list
        words, (female, male) = self.words(context, "last name"), self.locale.last_names
        if female is male:
            return dictionary(female.table.indices(words).view(np.int64), names)
        genders = self.genders(context)
        women, men = female.table.indices(words).view(np.int64), male.table.indices(words).view(np.int64) + starts[1]
        return dictionary(np.where(genders == 0, women, men), names)

    def shown_first(self, context: Context) -> pa.DictionaryArray:
        """Given names as the row shows them: of its own column, where it has one that is made otherwise."""
        return self._shown(context, "first-name", self.first_names(context))

    def shown_last(self, context: Context) -> pa.DictionaryArray:
        """Family names, likewise."""
        return self._shown(context, "last-name", self.last_names(context))

    def _shown(self, context: Context, name: str, own: pa.DictionaryArray) -> pa.DictionaryArray:
        source = self.source(name)
        if source is None:
            return own
        array = context.column(source)
        if array.null_count:
            array = pc.coalesce(decoded(array), decoded(own))
        return array if pa.types.is_dictionary(array.type) else array.cast(pa.string()).dictionary_encode()


def dictionary(indices: npt.NDArray[np.int64], values: pa.Array) -> pa.DictionaryArray:
    """Texts of a list by their places in it."""
    return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), values, safe=False)


@dataclass(frozen=True, init=False)
class Attribute(Generator):
    """A column of a person, or of another group: a function of the row.

    Attributes:
        make: the values.
        phrase: for the plan.
        facts: of the values.
    """

    make: Callable[[Context], pa.Array]
    phrase: str
    facts: Facts

    def __init__(
        self,
        make: Callable[[Context], pa.Array],
        phrase: str,
        data_type: DataType = STRING,
        bounds: tuple[int, int] | None = None,
        max_length: int | None = None,
        uses: tuple[str, ...] = (),
    ) -> None:
        object.__setattr__(self, "make", make)
        object.__setattr__(self, "phrase", phrase)
        object.__setattr__(self, "facts", Facts(data_type, bounds=bounds, max_length=max_length, uses=uses))

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.make(context)

    @override
    def describe(self) -> str:
        return self.phrase


def longest(*lists: pa.Array) -> int:
    """The most characters of a text that is joined from one of each list."""
    return sum(int(pc.max(pc.utf8_length(one)).as_py() or 0) for one in lists)
