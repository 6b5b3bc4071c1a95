"""Types that tell of the row's person: names, titles, age, and what goes with it."""

from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import from_integers
from faasera.core.draws import AliasTables
from faasera.core.streams import below, below_each
from faasera.core.types import DATE, INTEGER, STRING
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.joined import ListJoiner, OncePerList
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.names import distinct_family_names, distinct_given_names
from faasera.generators.semantic.person import PERSON, AgeArguments, Person, ShownNames, ages_given
from faasera.generators.semantic.registry import declare
from faasera.vocabulary.reference import GENDERS, locale_data, rows_of


def _first_name(column: SemanticColumn) -> Made:
    person, locale = Person.of(column), column.group.locale
    if column.unique:
        return Choice(known_list(distinct_given_names, locale, source=f"given names of {locale}"))
    longest = most_characters(distinct_given_names, locale)
    return Attribute(
        person, Person.first_names, f"given name of the row's person, {locale}", Facts(STRING, max_length=longest)
    )


def _middle_name(column: SemanticColumn) -> Generator:
    person, locale = Person.of(column), column.group.locale
    phrase = f"another given name of the row's person, {locale}"
    longest = most_characters(distinct_given_names, locale)
    return Attribute(person, Person.first_names, phrase, Facts(STRING, max_length=longest), arguments=("middle name",))


def _last_name(column: SemanticColumn) -> Made:
    person, locale = Person.of(column), column.group.locale
    if column.unique:
        return Choice(known_list(distinct_family_names, locale, source=f"family names of {locale}"))
    longest = most_characters(distinct_family_names, locale)
    return Attribute(
        person, Person.last_names, f"family name of the row's person, {locale}", Facts(STRING, max_length=longest)
    )


@dataclass(frozen=True, eq=False)
class FullNames(ByContent, Generator):
    """Given and family names in a form such as ``{first} {last}``.

    Attributes:
        names: as the row shows them.
        form: how they are written.
        prefix: what stands before them.
        phrase: for the plan.
    """

    names: ShownNames
    form: str
    prefix: str
    phrase: str

    @property
    @override
    def facts(self) -> Facts:
        if self.names.uses:
            return Facts(STRING, uses=self.names.uses)
        locale = self.names.person.group.locale
        longest = most_characters(distinct_given_names, locale) + most_characters(distinct_family_names, locale)
        return Facts(STRING, max_length=longest + len(self._between) + len(self.prefix))

    @property
    def _between(self) -> str:
        return self.form.replace("{first}", "\0").replace("{last}", "\0").split("\0")[1]

    @cached_property
    def _lists(self) -> tuple[OncePerList, ListJoiner]:
        """What makes the names that lead, and what joins them."""
        return OncePerList(partial(_ended, ending=self._between)), ListJoiner(self.prefix)

    @override
    def generate(self, context: Context) -> pa.Array:
        ended, joiner = self._lists
        order = (self.names.firsts(context), self.names.lasts(context))
        leading, trailing = order if self.form.index("{first}") < self.form.index("{last}") else order[::-1]
        leading = pa.DictionaryArray.from_arrays(leading.indices, ended.of(leading.dictionary), safe=False)
        return joiner.join([leading, trailing])

    @override
    def describe(self) -> str:
        return self.phrase


def _ended(texts: pa.Array, ending: str) -> pa.Array:
    return pc.binary_join_element_wise(texts, ending, "") if ending else texts


def _full_name(column: SemanticColumn, key: str) -> Generator:
    form, phrase = str(column.locale.data[key]), f"full name of the row's person, {column.group.locale}"
    return FullNames(ShownNames.of(column), form, "", phrase)


@cache
def _titles_by_gender(locale: str) -> tuple[pa.Array, pa.Array]:
    titles = locale_data(locale).data["titles"]
    female, male = (pa.array(titles[gender]) for gender in GENDERS)
    return female, male


@cache
def _titles(locale: str) -> pa.Array:
    """Women's and men's titles end to end."""
    return pa.concat_arrays(_titles_by_gender(locale))


def _title_of(person: Person, context: Context) -> pa.Array:
    female, male = _titles_by_gender(person.group.locale)
    genders = person.genders(context)
    sizes = np.where(genders == 0, len(female), len(male)).astype(np.uint64)
    chosen = below_each(person.words(context, "title"), sizes).view(np.int64)
    return dictionary(chosen + genders * len(female), _titles(person.group.locale))


def _title(column: SemanticColumn) -> Generator:
    locale = column.group.locale
    phrase = f"courtesy title of the row's person, {locale}"
    return Attribute(Person.of(column), _title_of, phrase, Facts(STRING, max_length=most_characters(_titles, locale)))


@cache
def _genders() -> pa.Array:
    return pa.array(GENDERS)


def _gender_of(person: Person, context: Context) -> pa.Array:
    return dictionary(person.genders(context), _genders())


def _gender(column: SemanticColumn) -> Generator:
    return Attribute(Person.of(column), _gender_of, "female or male", Facts(STRING, max_length=6))


def _birth_of(person: Person, context: Context) -> pa.Array:
    return from_integers(person.birth_days(context), DATE)


def _date_of_birth(column: SemanticColumn) -> Generator | None:
    person = Person.of(column)
    if not _ages_fit(column, person):
        return None
    phrase = f"birth of the row's person, aged {person.youngest} to {person.oldest} as of {person.as_of}"
    return Attribute(person, _birth_of, phrase, Facts(DATE, bounds=person.birth_bounds))


def _age_of(person: Person, context: Context) -> pa.Array:
    return from_integers(person.age_years(context), INTEGER)


def _age(column: SemanticColumn) -> Generator | None:
    person = Person.of(column)
    if not _ages_fit(column, person):
        return None
    uses = () if person.birth is None else (person.birth,)
    bounds = None if uses else (person.youngest, person.oldest)
    phrase = f"age of the row's person as of {person.as_of}" + (f", by {uses[0]}" if uses else "")
    return Attribute(person, _age_of, phrase, Facts(INTEGER, bounds=bounds, uses=uses))


def _ages_fit(column: SemanticColumn, person: Person) -> bool:
    if len({(one.min, one.max) for one in ages_given(column)}) > 1:
        message = "'age' and 'date-of-birth' of one person have different arguments"
        column.refuse("exclusive-keys", message, "Give them to one of the two.", "arguments")
        return False
    if person.youngest > person.oldest:
        message = f"min {person.youngest} is above max {person.oldest}"
        column.refuse("bad-value", message, "Correct the arguments.", "arguments")
        return False
    return True


_MARITAL = ("single", "married", "divorced", "widowed")
_MARITAL_BY_AGE = {0: (1, 0, 0, 0), 18: (90, 9, 1, 0), 25: (55, 40, 5, 0), 35: (28, 58, 13, 1), 50: (15, 61, 20, 4), 65: (7, 58, 16, 19), 80: (5, 42, 9, 44)}  # fmt: skip
_BLOOD = {"O+": 37.4, "A+": 35.7, "B+": 8.5, "O-": 6.6, "A-": 6.3, "AB+": 3.4, "B-": 1.5, "AB-": 0.6}


@cache
def _marital() -> tuple[pa.Array, npt.NDArray[np.int64], AliasTables]:
    """The statuses, from which age on their shares hold, and a table for each of these ages."""
    return pa.array(_MARITAL), np.array(list(_MARITAL_BY_AGE)), AliasTables(list(_MARITAL_BY_AGE.values()))


def _marital_status_of(person: Person, context: Context) -> pa.Array:
    values, starts, tables = _marital()
    places = np.searchsorted(starts, person.age_years(context), side="right") - 1
    return dictionary(tables.indices(person.words(context, "marital status"), places).view(np.int64), values)


def _marital_status(column: SemanticColumn) -> Generator:
    phrase = "marital status, by the age of the row's person"
    return Attribute(Person.of(column), _marital_status_of, phrase, Facts(STRING, max_length=8))


@cache
def _nationalities() -> pa.Array:
    return pa.array([row["nationality"] for row in rows_of("nationalities.csv")])


@cache
def _nationality_of_country(country: str) -> int:
    """The place of a country's nationality in the list."""
    rows = rows_of("nationalities.csv")
    return next((place for place, row in enumerate(rows) if row["country"] == country), 0)


def _nationality_of(person: Person, context: Context) -> pa.Array:
    values, own = _nationalities(), _nationality_of_country(person.locale.country)
    words = person.words(context, "nationality")
    others = below(words << np.uint64(8), len(values)).view(np.int64)
    # Nine in ten have the nationality of the country that they live in.
    return dictionary(np.where(words >> np.uint64(56) < np.uint64(230), own, others), values)


def _nationality(column: SemanticColumn) -> Generator:
    phrase, longest = "nationality; nine in ten that of the row's country", most_characters(_nationalities)
    return Attribute(Person.of(column), _nationality_of, phrase, Facts(STRING, max_length=longest))


def _blood_groups() -> pa.Array:
    return pa.array(_BLOOD)


def _blood_group(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(known_list(_blood_groups, source="blood groups"), tuple(_BLOOD.values()))


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
    compile=lambda column: _full_name(column, "fullName"), safe=_SAFE_NAME, source=_NAMES,
)  # fmt: skip
declare(
    name="lastname-firstname", kind=PERSON, localised=True, names=("lastnamefirstname", "sortname", "nameindex"),
    summary="A full name, family name first.", example="Walker, Olivia",
    compile=lambda column: _full_name(column, "reversedName"), safe=_SAFE_NAME, source=_NAMES,
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
