"""Work: a company and what a person does there; the department is that of the occupation."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Made
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.registry import declare
from faasera.vocabulary.reference import locale_data, rows_of

EMPLOYER = "employer"


@cache
def _occupations(locale: str) -> pa.Array:
    """What people do, in the locale's language where that is known, else in English."""
    own = locale_data(locale).listed("occupations")
    return pa.array(own or [row["occupation"] for row in rows_of("occupations.csv")])


@cache
def _departments() -> pa.Array:
    return pa.array(sorted({row["department"] for row in rows_of("occupations.csv")}))


@cache
def _department_numbers(locale: str) -> npt.NDArray[np.int32]:
    """The department of each occupation; where occupations are in another language, any."""
    names, own = _departments().to_pylist(), locale_data(locale).listed("occupations")
    if own is not None:
        return np.array([place % len(names) for place in range(len(own))], dtype=np.int32)
    return np.array([names.index(row["department"]) for row in rows_of("occupations.csv")], dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Employment(Subject):
    """The work of one group of columns."""

    kind = EMPLOYER

    def indices(self, context: Context) -> npt.NDArray[np.int32]:
        """The occupation of each row, by its place in the list."""
        size = len(_occupations(self.group.locale))
        found: npt.NDArray[np.int32] = self.shared(
            context, "occupation", lambda: below(self.words(context, "occupation"), size).astype(np.int32)
        )
        return found

    def occupations(self, context: Context) -> pa.DictionaryArray:
        """What the rows' people do."""
        return dictionary(self.indices(context), _occupations(self.group.locale))

    def departments(self, context: Context) -> pa.DictionaryArray:
        """Where they do it."""
        return dictionary(_department_numbers(self.group.locale)[self.indices(context)], _departments())


def _occupation(column: SemanticColumn) -> Made:
    locale = column.group.locale
    if column.unique:
        return Choice(known_list(_occupations, locale, source=f"occupations of {locale}"))
    longest = most_characters(_occupations, locale)
    return Attribute(
        Employment.of(column), Employment.occupations, f"occupation, {locale}", Facts(STRING, max_length=longest)
    )


def _department(column: SemanticColumn) -> Made:
    if column.unique:
        return Choice(known_list(_departments, source="departments"))
    phrase, longest = "department of the row's occupation", most_characters(_departments)
    return Attribute(Employment.of(column), Employment.departments, phrase, Facts(STRING, max_length=longest))


@cache
def _companies(locale: str) -> pa.Array:
    """Family names with the legal forms of the country."""
    data = locale_data(locale)
    last = data.last_names[1].values.to_pylist()[:80]
    listed = []
    for place, name in enumerate(last):
        for step, form in enumerate(data.data["companies"]):
            if "{other}" in form:
                others = [last[(place + 7 * turn + step) % len(last)] for turn in range(1, 13)]
                listed += [form.format(last=name, other=other) for other in others if other != name]
            else:
                listed.append(form.format(last=name))
    return pa.array(listed).unique()


def _company(column: SemanticColumn) -> Choice:
    source = f"family names with the legal forms of {column.locale.country}"
    companies = known_list(_companies, column.group.locale, source=source)
    return Choice(companies, stream=column.group.stream("company", EMPLOYER))


declare(
    name="occupation", kind=EMPLOYER, localised=True, names=("occupation", "job", "jobtitle", "profession", "position", "role", "beruf"),
    summary="What a person does for a living.", example="Carpenter", compile=_occupation, source="common occupations; mimesis for other languages than English",
    locales=("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "hr", "et", "el", "tr", "ru", "uk", "ar", "fa", "ja", "ko", "zh"),
)  # fmt: skip
declare(
    name="department", kind=EMPLOYER, localised=True, names=("department", "dept", "departmentname", "division"), summary="The department of the row's occupation.",
    example="Engineering", compile=_department, locales=("en",),
)  # fmt: skip
declare(
    name="company", kind=EMPLOYER, localised=True, names=("company", "companyname", "employer", "firm", "organization", "organisation", "businessname", "suppliername", "vendorname"),
    summary="A family name with a legal form of the country.", example="Walker & Johnson", compile=_company, source="family names of the locale, legal forms of the country",
)  # fmt: skip
