"""Work: a company and what a person does there; the department is that of the occupation."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.generator import Choice, Generator
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.person import Attribute, longest
from faasera.generators.semantic.registry import Member, Subject, declare
from faasera.vocabulary.reference import rows_of

EMPLOYER = "employer"


class Employment(Subject):
    """The work of one group of columns."""

    kind = EMPLOYER

    @cached_property
    def own(self) -> list[str] | None:
        """Occupations in the locale's language, where they are known."""
        return self.locale.listed("occupations")

    @cached_property
    def _rows(self) -> list[dict[str, str]]:
        return rows_of("occupations.csv")

    @cached_property
    def occupations(self) -> pa.Array:
        """What people do, in English or in the locale's language."""
        return pa.array(self.own or [row["occupation"] for row in self._rows])

    def indices(self, context: Context) -> npt.NDArray[np.int32]:
        """The occupation of each row, by its place in the list."""
        found: npt.NDArray[np.int32] = self.shared(
            context,
            "occupation",
            lambda: below(self.words(context, "occupation"), len(self.occupations)).astype(np.int32),
        )
        return found

    @cached_property
    def departments(self) -> tuple[pa.Array, npt.NDArray[np.int32]]:
        """All departments, and that of each occupation; where occupations are in another language, any."""
        names = sorted({row["department"] for row in self._rows})
        own = [names.index(row["department"]) for row in self._rows]
        places = own if self.own is None else [place % len(names) for place in range(len(self.own))]
        return pa.array(names), np.array(places, dtype=np.int32)


def _occupation(member: Member) -> Choice | Generator:
    work = Employment.of(member)
    if member.scope.unique:
        return Choice(ListDomain(work.occupations, STRING, f"occupations of {member.locale.name}"))

    def make(context: Context) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(work.indices(context)), work.occupations, safe=False)

    return Attribute(make, f"occupation, {member.locale.name}", max_length=longest(work.occupations))


def _department(member: Member) -> Choice | Generator:
    work = Employment.of(member)
    names, places = work.departments
    if member.scope.unique:
        return Choice(ListDomain(names, STRING, "departments"))

    def make(context: Context) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(places[work.indices(context)]), names, safe=False)

    return Attribute(make, "department of the row's occupation", max_length=longest(names))


def _company(member: Member) -> Choice:
    last = member.locale.last_names[1].values.to_pylist()[:80]
    forms = member.locale.data["companies"]
    listed = []
    for place, name in enumerate(last):
        for step, form in enumerate(forms):
            if "{other}" in form:
                others = [last[(place + 7 * turn + step) % len(last)] for turn in range(1, 13)]
                listed += [form.format(last=name, other=other) for other in others if other != name]
            else:
                listed.append(form.format(last=name))
    values = pa.array(listed).unique()
    phrase = f"family names with the legal forms of {member.locale.country}"
    return Choice(ListDomain(values, STRING, phrase), stream=member.stream("company", EMPLOYER))


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
