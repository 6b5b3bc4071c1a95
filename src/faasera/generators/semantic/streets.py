"""Streets: names, numbers and address lines as the row's country writes them."""

from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.draws import AliasTable
from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.joined import ListJoiner
from faasera.generators.semantic.attribute import Attribute, dictionary, longest
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.located import PLACE
from faasera.generators.semantic.registry import declare
from faasera.vocabulary.reference import locale_data


@cache
def street_names(locale: str) -> pa.Array:
    """Names of streets."""
    return pa.array(locale_data(locale).listed("streets"))


@cache
def _numbers(country: str) -> tuple[pa.Array, AliasTable]:
    """House numbers as texts, small ones more often."""
    if country == "JP":
        listed = [
            f"{first}-{second}-{third}" for first in range(1, 6) for second in range(1, 16) for third in range(1, 11)
        ]
        return pa.array(listed), AliasTable([1.0] * len(listed))
    most = 9999 if country in ("US", "CA", "MX", "AR", "BR") else 240
    wide = [str(number) for number in range(1, most + 1)]
    scale = most / 3
    return pa.array(wide), AliasTable([1 / (1 + number / scale) ** 3 for number in range(1, most + 1)])


@dataclass(frozen=True, eq=False)
class _Line:
    """The form of an address line.

    Attributes:
        joiner: joins its two parts.
        number_leads: whether the number stands before the street.
        first: the list of the part that leads, with what stands between both.
        second: the list of the other part, with what stands behind it.
    """

    joiner: ListJoiner
    number_leads: bool
    first: pa.Array
    second: pa.Array


@cache
def _line(locale: str) -> _Line:
    data = locale_data(locale)
    form = str(data.data["address"])
    leads = form.index("{number}") < form.index("{street}")
    before, between, after = form.replace("{number}", "\0").replace("{street}", "\0").split("\0")
    numbers, names = _numbers(data.country)[0], street_names(locale)
    first, second = (numbers, names) if leads else (names, numbers)
    marked = pc.binary_join_element_wise(first, between, "") if between else first
    ended = pc.binary_join_element_wise(second, after, "") if after else second
    return _Line(ListJoiner(before), leads, marked, ended)


@cache
def _longest_line(locale: str) -> int:
    """The most characters of a line."""
    line = _line(locale)
    return longest(line.first, line.second)


@dataclass(frozen=True, eq=False)
class Street(Subject):
    """The street of a row: its name and number."""

    kind = PLACE

    def names(self, context: Context) -> pa.DictionaryArray:
        """Names of streets."""
        listed = street_names(self.group.locale)
        return dictionary(below(self.words(context, "street"), len(listed)), listed)

    def numbers(self, context: Context) -> pa.DictionaryArray:
        """House numbers."""
        listed, table = _numbers(self.locale.country)
        return dictionary(table.indices(self.words(context, "street number")), listed)

    def lines(self, context: Context) -> pa.Array:
        """Street and number as an address has them."""
        line = _line(self.group.locale)
        names, numbers = self.names(context).indices, self.numbers(context).indices
        order = (numbers, names) if line.number_leads else (names, numbers)
        parts = [
            pa.DictionaryArray.from_arrays(indices, listed, safe=False)
            for indices, listed in zip(order, (line.first, line.second), strict=True)
        ]
        return line.joiner.join(parts)


def _street_name(column: SemanticColumn) -> Made:
    locale = column.group.locale
    if column.unique:
        return Choice(known_list(street_names, locale, source=f"streets of {locale}"))
    longest = most_characters(street_names, locale)
    return Attribute(
        Street.of(column), Street.names, f"street of the row's address, {locale}", Facts(STRING, max_length=longest)
    )


def _street_number(column: SemanticColumn) -> Generator:
    phrase = f"house number of the row's address, {column.group.locale}"
    return Attribute(Street.of(column), Street.numbers, phrase, Facts(STRING, max_length=8))


def _street_address(column: SemanticColumn) -> Generator:
    phrase = f"street and number of the row's address, {column.group.locale}"
    return Attribute(
        Street.of(column), Street.lines, phrase, Facts(STRING, max_length=_longest_line(column.group.locale))
    )


declare(name="street-name", kind=PLACE, localised=True, names=("streetname", "street", "strasse", "road"), summary="A street of the country's kind.", example="Alvarado Drive", compile=_street_name, source="Faker, mimesis")  # fmt: skip
declare(name="street-number", kind=PLACE, localised=True, names=("streetnumber", "housenumber", "buildingnumber", "houseno"), summary="A house number.", example="417", compile=_street_number)  # fmt: skip
declare(name="street-address", kind=PLACE, localised=True, names=("streetaddress", "address", "addressline", "addressline1", "address1", "streetline", "mailingaddress"), summary="Street and number as the country writes them.", example="417 Alvarado Drive", compile=_street_address, source="Faker, mimesis", safe="street and number are drawn apart from the city")  # fmt: skip
