"""Telephone numbers that nobody has."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.records import TokenTable, assemble
from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.located import PLACE, Locality, area_codes, forms_domain
from faasera.generators.semantic.registry import declare

_ANY_FORMS = {"US": "(AAA) %##-####", "CA": "%##-%##-####"}
_KINDS = ("phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile", "mobilephone", "cell", "cellphone", "fax", "faxnumber", "mobilenumber", "telefon", "contactnumber")  # fmt: skip


@dataclass(frozen=True)
class _AreaPhones(Generator):
    """Numbers of the row's area code: ``(AAA) 555-01##``.

    Attributes:
        locality: knows the area codes.
        form: AAA is the area code, # a digit.
        column: numbers of several columns differ.
    """

    locality: Locality
    form: str
    column: str

    @property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, max_length=len(self.form))

    @override
    def generate(self, context: Context) -> pa.Array:
        codes = area_codes(self.locality.source)
        area, fixed, digits = _tables(self.locality.source, self.form)
        chosen = self.locality.one_of(context, codes, "area code")
        numbers = below(self.locality.words(context, f"phone {self.column}"), len(digits.tokens)).view(np.int64)
        return assemble([(area, chosen), (fixed, np.zeros(len(chosen), dtype=np.int64)), (digits, numbers)])

    @override
    def describe(self) -> str:
        return f"{self.form}, AAA the area code of the row's place"


@cache
def _tables(source: str, form: str) -> tuple[TokenTable, TokenTable, TokenTable]:
    """The parts of a form: its beginning with each area code, what is fixed, and all digits of its end."""
    start, rest = form.split("AAA")
    fixed = rest.rstrip("#")
    digits = len(rest) - len(fixed)
    plain = fixed.replace("%##", "")
    return (
        TokenTable([f"{start}{code}".encode() for code in area_codes(source).texts.to_pylist()]),
        TokenTable([plain.encode()]),
        TokenTable([f"{number:0{digits}d}".encode() for number in range(10**digits)]),
    )


def _phone(column: SemanticColumn) -> Made:
    country = column.locale.country
    forms = tuple(column.locale.data["phones"]["forms"])
    locality = Locality.of(column)
    if column.realistic:
        forms = tuple(_widened(country, forms))
    elif "AAA" in forms[0] and not locality.world and not column.unique:
        return _AreaPhones(locality, forms[0], column.name)
    if "AAA" in forms[0]:
        of_places = locality.places.has("area_code")
        codes = area_codes(locality.source).texts.to_pylist() if of_places else ["212", "312", "415"]
        forms = tuple(form.replace("AAA", code) for form in forms for code in codes)
    phrase = f"{len(forms)} ranges of {country}" if len(forms) > 3 else " or ".join(forms)
    return Choice(forms_domain(forms, phrase), stream=column.group.stream(f"phone {column.name}", PLACE))


def _widened(country: str, forms: tuple[str, ...]) -> list[str]:
    """Forms of the same shape without the safe range's fixed digits, the leading three aside."""
    if country in _ANY_FORMS:
        return [_ANY_FORMS[country]]
    found = []
    for form in forms:
        seen = 0
        wide = ""
        for one in form:
            seen += one.isdigit()
            wide += "#" if one.isdigit() and seen > 3 else one
        found.append(wide)
    return list(dict.fromkeys(found))


def _extension(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(forms_domain(("###", "####", "#####"), "three to five digits"))


declare(name="phone-number", kind=PLACE, localised=True, names=_KINDS, summary="A telephone number that nobody has, in the United States with the place's area code.", example="(312) 555-0143", compile=_phone, safe="ranges kept for drama, or not assigned in the numbering plan", source="NANPA, Ofcom, ACMA, Bundesnetzagentur, ARCEP, PTS, ComReg; libphonenumber for the others", realistic=True)  # fmt: skip
declare(name="phone-number-extension", kind="", names=("phonenumberextension", "phoneextension", "extension", "ext", "phoneext"), summary="Three to five digits.", example="4071", compile=_extension, pattern=r"\d{3,5}")  # fmt: skip
