"""Types that tell of the row's person: names, titles, age, and what goes with it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import from_integers
from faasera.core.draws import AliasTables
from faasera.core.streams import below, below_each
from faasera.core.types import DATE, INTEGER, STRING
from faasera.generators.context import Context
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner, OncePerList
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.person import PERSON, AgeArguments, Attribute, Person, dictionary, longest
from faasera.generators.semantic.registry import Member, declare
from faasera.vocabulary.reference import GENDERS, rows_of


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
        for name in ("first-name", "last-name"):
            person.source(name)
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
    return tuple(source for name in names if (source := person.source(name)) is not None)


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
        return dictionary(chosen + genders * len(female), values)

    return Attribute(make, f"courtesy title of the row's person, {member.locale.name}", max_length=longest(values))


def _gender(member: Member) -> Generator:
    person = Person.of(member)
    values = pa.array(GENDERS)
    return Attribute(lambda context: dictionary(person.genders(context), values), "female or male", max_length=6)


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
        return dictionary(chosen.view(np.int64), values)

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
        return dictionary(np.where(words >> np.uint64(56) < np.uint64(230), own, others), values)

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
