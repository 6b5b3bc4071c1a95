"""People: who a row is about. Gender, birth, names, titles; each drawn from a stream of the row's person."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from faasera.core.arrow import Integers, decoded, from_integers, to_integers, valid_mask
from faasera.core.draws import AliasTable, AliasTables
from faasera.core.streams import Words, below, below_each
from faasera.core.types import DATE, INTEGER, STRING, DataType
from faasera.generators.base import Choice, Context, Generator
from faasera.generators.joined import ListJoiner, OncePerList
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.neighbours import source_of
from faasera.generators.semantic.registry import Member, declare
from faasera.policy.model import Model
from faasera.vocabulary.reference import GENDERS, rows_of

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


class Person:
    """The people of one group of columns, in one locale. All attributes are functions of the row."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.locale = member.locale
        self._key = member.key(PERSON)
        self._bounds = birthday_bounds(member.scope.as_of)
        self.sources = {name: source_of(member, name) for name in ("first-name", "last-name", "date-of-birth")}

    @classmethod
    def of(cls, member: Member) -> "Person":
        """The person of a column's group."""
        made: Person = member.scope.cached(f"{member.scope.table}/{member.key(PERSON)}", lambda: cls(member))
        return made

    @cached_property
    def ages(self) -> AgeArguments:
        """Between which ages people of the group are."""
        for name in ("age", "date-of-birth"):
            if name in self.member.siblings:
                given: AgeArguments = self.member.siblings[name]
                return given
        return AgeArguments()

    def words(self, context: Context, purpose: str) -> Words:
        """Random words of the group for one purpose."""
        return self.member.stream(purpose, PERSON).words(context.rows)

    def _shared(self, context: Context, name: str, make: Callable[[], Any]) -> Any:
        return context.shared(f"{self._key}/{name}", make)

    def genders(self, context: Context) -> npt.NDArray[np.int64]:
        """0 for women, 1 for men."""
        limit = np.uint64(round(_FEMALE_SHARE * 2**64))
        found: npt.NDArray[np.int64] = self._shared(
            context, "gender", lambda: (self.words(context, "gender") >= limit).astype(np.int64)
        )
        return found

    def birth_days(self, context: Context) -> Integers:
        """Days of birth since 1970; of the row's own column, where it has one that is made otherwise."""
        found: Integers = self._shared(context, "birth", lambda: self._birth_days(context))
        return found

    def _birth_days(self, context: Context) -> Integers:
        source = self.sources["date-of-birth"]
        if source is not None:
            array = context.column(source)
            days = to_integers(array)
            valid = valid_mask(array)
            return days if valid is None else np.where(valid, days, self._drawn_days(context))
        return self._drawn_days(context)

    @cached_property
    def _age_table(self) -> AliasTable:
        return AliasTable([_pyramid(age) for age in range(self.ages.min, self.ages.max + 1)])

    def _drawn_days(self, context: Context) -> Integers:
        ages = self._age_table.indices(self.words(context, "age")).view(np.int64) + self.ages.min
        last, before = self._bounds[ages], self._bounds[ages + 1]
        offset = below_each(self.words(context, "birthday"), (last - before).view(np.uint64))
        return last - offset.view(np.int64)

    def age_years(self, context: Context) -> Integers:
        """Whole years as of ``asOf``."""
        rising = -self._bounds
        return np.searchsorted(rising, -self.birth_days(context), side="right") - 1

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
    def _decades(self) -> tuple[int, tuple[AliasTables, AliasTables]] | None:
        """The first decade, and for women and men the weights over their list by decade; None where none is known."""
        if not self.locale.decades(GENDERS[0]):
            return None
        female, male = (AliasTables(self._decade_weights(gender)) for gender in range(2))
        return min(self.locale.decades(GENDERS[0])), (female, male)

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
        return self._shared(context, purpose, lambda: self._first_names(context, purpose))

    def _first_names(self, context: Context, purpose: str) -> pa.DictionaryArray:
        names, starts = self._first_list
        words, genders = self.words(context, purpose), self.genders(context)
        indices = np.empty(len(words), dtype=np.int64)
        decades = None
        if self._decades is not None:
            years = self.birth_days(context).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
            last = len(self.locale.decades(GENDERS[0])) - 1
            decades = np.clip((years - self._decades[0]) // 10, 0, last)
        for gender in range(2):
            chosen = np.flatnonzero(genders == gender)
            if decades is None or self._decades is None:
                found = self.locale.first_names[gender].table.indices(words[chosen])
            else:
                found = self._decades[1][gender].indices(words[chosen], decades[chosen])
            indices[chosen] = found.view(np.int64) + starts[gender]
        return _dictionary(indices, names)

    def last_names(self, context: Context) -> pa.DictionaryArray:
        """Family names, in the form of the gender where the language has two."""
        return self._shared(context, "last name", lambda: self._last_names(context))

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
            return _dictionary(female.table.indices(words).view(np.int64), names)
        genders = self.genders(context)
        women, men = female.table.indices(words).view(np.int64), male.table.indices(words).view(np.int64) + starts[1]
        return _dictionary(np.where(genders == 0, women, men), names)

    def shown_first(self, context: Context) -> pa.DictionaryArray:
        """Given names as the row shows them: of its own column, where it has one that is made otherwise."""
        return self._shown(context, "first-name", self.first_names(context))

    def shown_last(self, context: Context) -> pa.DictionaryArray:
        """Family names, likewise."""
        return self._shown(context, "last-name", self.last_names(context))

    def _shown(self, context: Context, name: str, own: pa.DictionaryArray) -> pa.DictionaryArray:
        source = self.sources[name]
        if source is None:
            return own
        array = context.column(source)
        if array.null_count:
            array = pc.coalesce(decoded(array), decoded(own))
        return array if pa.types.is_dictionary(array.type) else array.cast(pa.string()).dictionary_encode()


def _dictionary(indices: npt.NDArray[np.int64], values: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), values, safe=False)


@dataclass(frozen=True)
class Attribute(Generator):
    """A column of a person, or of another group: a function of the row.

    Attributes:
        make: the values.
        phrase: for the plan.
        data_type: of the values.
        bounds: where known.
        max_length: where known.
        uses: columns that it reads.
    """

    make: Callable[[Context], pa.Array]
    phrase: str
    data_type: DataType = STRING
    bounds: tuple[int, int] | None = None
    max_length: int | None = None
    uses: tuple[str, ...] = ()

    def generate(self, context: Context) -> pa.Array:  # noqa: D102
        return self.make(context)

    def describe(self) -> str:  # noqa: D102
        return self.phrase


def longest(*lists: pa.Array) -> int:
    """The most characters of a text that is joined from one of each list."""
    return sum(int(pc.max(pc.utf8_length(one)).as_py() or 0) for one in lists)


def _first_name(member: Member) -> Choice | Generator:
    person = Person.of(member)
    names = person._first_list[0]
    if member.scope.unique:
        return Choice(ListDomain(names.unique(), STRING, f"given names of {member.locale.name}"))
    return Attribute(
        person.first_names, f"given name of the row's person, {member.locale.name}", max_length=longest(names)
    )


def _middle_name(member: Member) -> Generator:
    person = Person.of(member)
    phrase = f"another given name of the row's person, {member.locale.name}"
    return Attribute(
        lambda context: person.first_names(context, "middle name"), phrase, max_length=longest(person._first_list[0])
    )


def _last_name(member: Member) -> Choice | Generator:
    person = Person.of(member)
    names = person._last_list[0]
    if member.scope.unique:
        return Choice(ListDomain(names.unique(), STRING, f"family names of {member.locale.name}"))
    return Attribute(
        person.last_names, f"family name of the row's person, {member.locale.name}", max_length=longest(names)
    )


class FullNames:
    """Given and family names in a form such as ``{first} {last}``."""

    def __init__(self, person: Person, form: str, prefix: str = "") -> None:
        self._person = person
        self._first_leads = form.index("{first}") < form.index("{last}")
        between = form.replace("{first}", "\0").replace("{last}", "\0").split("\0")[1]
        self._joiner = ListJoiner(prefix)
        self._behind = OncePerList(lambda texts: pc.binary_join_element_wise(texts, between, "") if between else texts)
        self.max_length = longest(person._first_list[0], person._last_list[0]) + len(between) + len(prefix)

    def __call__(self, context: Context) -> pa.Array:
        """The names of the rows."""
        first, last = self._person.shown_first(context), self._person.shown_last(context)
        leading, trailing = (first, last) if self._first_leads else (last, first)
        leading = pa.DictionaryArray.from_arrays(leading.indices, self._behind.of(leading.dictionary), safe=False)
        return self._joiner.join([leading, trailing])


def _sources(person: Person, *names: str) -> tuple[str, ...]:
    return tuple(source for name in names if (source := person.sources[name]) is not None)


def _full_name(member: Member, key: str) -> Generator:
    person = Person.of(member)
    names = FullNames(person, str(member.locale.data[key]))
    uses = _sources(person, "first-name", "last-name")
    bound = None if uses else names.max_length
    return Attribute(names, f"full name of the row's person, {member.locale.name}", max_length=bound, uses=uses)


def _title(member: Member) -> Generator:
    person = Person.of(member)
    titles = member.locale.data["titles"]
    female, male = (pa.array(titles[gender]) for gender in GENDERS)
    values = pa.concat_arrays([female, male])

    def make(context: Context) -> pa.Array:
        genders = person.genders(context)
        sizes = np.where(genders == 0, len(female), len(male)).astype(np.uint64)
        chosen = below_each(person.words(context, "title"), sizes).view(np.int64)
        return _dictionary(chosen + genders * len(female), values)

    return Attribute(make, f"courtesy title of the row's person, {member.locale.name}", max_length=longest(values))


def _gender(member: Member) -> Generator:
    person = Person.of(member)
    values = pa.array(GENDERS)
    return Attribute(lambda context: _dictionary(person.genders(context), values), "female or male", max_length=6)


def _date_of_birth(member: Member) -> Generator | None:
    person = Person.of(member)
    if not _ages_fit(member, person):
        return None
    ages = person.ages
    bounds = (int(person._bounds[ages.max + 1]) + 1, int(person._bounds[ages.min]))
    phrase = f"birth of the row's person, aged {ages.min} to {ages.max} as of {member.scope.as_of}"
    return Attribute(lambda context: from_integers(person.birth_days(context), DATE), phrase, DATE, bounds)


def _age(member: Member) -> Generator | None:
    person = Person.of(member)
    if not _ages_fit(member, person):
        return None
    uses = _sources(person, "date-of-birth")
    bounds = None if uses else (person.ages.min, person.ages.max)
    phrase = f"age of the row's person as of {member.scope.as_of}" + (f", by {uses[0]}" if uses else "")
    return Attribute(
        lambda context: from_integers(person.age_years(context), INTEGER), phrase, INTEGER, bounds, uses=uses
    )


def _ages_fit(member: Member, person: Person) -> bool:
    given = [member.siblings[name] for name in ("age", "date-of-birth") if name in member.siblings]
    if len({(one.min, one.max) for one in given}) > 1:
        message = "'age' and 'date-of-birth' of one person have different arguments"
        member.scope.problems.add("exclusive-keys", message, "Give them to one of the two.", at=["arguments"])
        return False
    if person.ages.min > person.ages.max:
        message = f"min {person.ages.min} is above max {person.ages.max}"
        member.scope.problems.add("bad-value", message, "Correct the arguments.", at=["arguments"])
        return False
    return True


_MARITAL = ("single", "married", "divorced", "widowed")
_MARITAL_BY_AGE = {0: (1, 0, 0, 0), 18: (90, 9, 1, 0), 25: (55, 40, 5, 0), 35: (28, 58, 13, 1), 50: (15, 61, 20, 4), 65: (7, 58, 16, 19), 80: (5, 42, 9, 44)}  # fmt: skip
_BLOOD = {"O+": 37.4, "A+": 35.7, "B+": 8.5, "O-": 6.6, "A-": 6.3, "AB+": 3.4, "B-": 1.5, "AB-": 0.6}


def _marital_status(member: Member) -> Generator:
    person = Person.of(member)
    values = pa.array(_MARITAL)
    starts = np.array(list(_MARITAL_BY_AGE))
    tables = AliasTables(list(_MARITAL_BY_AGE.values()))

    def make(context: Context) -> pa.Array:
        places = np.searchsorted(starts, person.age_years(context), side="right") - 1
        chosen = tables.indices(person.words(context, "marital status"), places)
        return _dictionary(chosen.view(np.int64), values)

    return Attribute(make, "marital status, by the age of the row's person", max_length=8)


def _nationality(member: Member) -> Generator:
    rows = rows_of("nationalities.csv")
    values = pa.array([row["nationality"] for row in rows])
    own = next((place for place, row in enumerate(rows) if row["country"] == member.locale.country), 0)
    person = Person.of(member)

    def make(context: Context) -> pa.Array:
        words = person.words(context, "nationality")
        others = below(words << np.uint64(8), len(rows)).view(np.int64)
        # Nine in ten have the nationality of the country that they live in.
        return _dictionary(np.where(words >> np.uint64(56) < np.uint64(230), own, others), values)

    return Attribute(make, "nationality; nine in ten that of the row's country", max_length=longest(values))


def _blood_group(member: Member) -> Choice:  # noqa: ARG001
    return Choice(ListDomain(pa.array(_BLOOD), STRING, "blood groups"), tuple(_BLOOD.values()))


_NAMES = "names as common in the country (Faker, mimesis); no list of persons"
_SAFE_NAME = "given and family name are drawn apart; no list of persons is read"

declare(
    name="first-name", kind=PERSON, localised=True, names=("firstname", "fname", "givenname", "forename", "first", "vorname", "prenom"),
    summary="A given name, by gender, and by decade of birth where known.", example="Olivia", compile=_first_name,
    safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="middle-name", kind=PERSON, localised=True, names=("middlename", "mname", "secondname"),
    summary="A second given name of the same gender.", example="Grace", compile=_middle_name, safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="last-name", kind=PERSON, localised=True, names=("lastname", "lname", "surname", "familyname", "nachname"),
    summary="A family name, in the form of the gender.", example="Walker", compile=_last_name, safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="firstname-lastname", kind=PERSON, localised=True, names=("fullname", "personname", "contactname", "displayname", "holdername", "cardholder"),
    summary="A full name as it is written in the country.", example="Olivia Walker",
    compile=lambda member: _full_name(member, "fullName"), safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="lastname-firstname", kind=PERSON, localised=True, names=("lastnamefirstname", "sortname", "nameindex"),
    summary="A full name, family name first.", example="Walker, Olivia",
    compile=lambda member: _full_name(member, "reversedName"), safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="title", kind=PERSON, localised=True, names=("salutation", "courtesytitle", "nameprefix", "honorific"),
    locales=("en", "de", "fr", "nl", "es", "pt", "it", "DK", "pl", "cs", "sk", "ro", "hr", "et", "el", "tr", "ru", "uk", "he", "ar", "fa", "hi", "ja", "ko", "zh", "th", "vi", "id", "ka", "hy"),
    summary="A courtesy title that fits the gender.", example="Ms.", compile=_title,
)  # fmt: skip
declare(
    name="gender", kind=PERSON, names=("gender", "sex"), summary="female or male.", example="female", compile=_gender,
    pattern="female|male",
)  # fmt: skip
declare(
    name="date-of-birth", kind=PERSON, names=("dateofbirth", "birthdate", "dob", "birthday", "bornon", "geburtsdatum"),
    summary="A day of birth; agrees with age, which says between which ages.", example="1984-03-17", compile=_date_of_birth,
    data_type=DATE, arguments=AgeArguments,
)  # fmt: skip
declare(
    name="age", kind=PERSON, names=("age", "ageyears"), summary="Whole years as of asOf; agrees with date-of-birth.", example=41,
    compile=_age, data_type=INTEGER, arguments=AgeArguments,
)  # fmt: skip
declare(
    name="marital-status", kind=PERSON, names=("maritalstatus", "civilstatus", "familystatus"), summary="By the age of the person; children are single.",
    example="married", compile=_marital_status, pattern="|".join(_MARITAL), source="U.S. Census Bureau, ACS S1201, rounded",
)  # fmt: skip
declare(
    name="nationality", kind=PERSON, localised=True, names=("nationality", "citizenship"), summary="Mostly that of the row's country.",
    example="Canadian", compile=_nationality,
)  # fmt: skip
declare(
    name="blood-group", kind="", names=("bloodgroup", "bloodtype"), summary="ABO and Rhesus, by frequency.", example="O+",
    compile=_blood_group, pattern="(A|B|AB|O)[+-]", source="American Red Cross, frequencies in the United States",
)  # fmt: skip
