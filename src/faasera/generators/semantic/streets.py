"""Streets: names, numbers and address lines as the row's country writes them."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.draws import AliasTable
from faasera.core.streams import below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.located import PLACE
from faasera.generators.semantic.person import Attribute, longest
from faasera.generators.semantic.registry import Member, Subject, declare


class Street(Subject):
    """The street of a row: its name and number."""

    kind = PLACE

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self._names = pa.array(member.locale.listed("streets"))

    def names(self, context: Context) -> pa.DictionaryArray:
        """Names of streets."""
        chosen = below(self.words(context, "street"), len(self._names)).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(chosen), self._names, safe=False)

    @cached_property
    def _numbers(self) -> tuple[pa.Array, AliasTable]:
        """House numbers as texts, small ones more often."""
        country = self.locale.country
        if country == "JP":
            listed = [
                f"{first}-{second}-{third}"
                for first in range(1, 6)
                for second in range(1, 16)
                for third in range(1, 11)
            ]
            return pa.array(listed), AliasTable([1.0] * len(listed))
        most = 9999 if country in ("US", "CA", "MX", "AR", "BR") else 240
        wide = [str(number) for number in range(1, most + 1)]
        scale = most / 3
        return pa.array(wide), AliasTable([1 / (1 + number / scale) ** 3 for number in range(1, most + 1)])

    def numbers(self, context: Context) -> pa.DictionaryArray:
        """House numbers."""
        listed, table = self._numbers
        chosen = table.indices(self.words(context, "street number")).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(chosen), listed, safe=False)

    @cached_property
    def _line(self) -> tuple[ListJoiner, bool, pa.Array, pa.Array]:
        """The form of an address line: what joins it, whether the number leads, and both lists with their marks."""
        form = str(self.locale.data["address"])
        leads = form.index("{number}") < form.index("{street}")
        before, between, after = form.replace("{number}", "\0").replace("{street}", "\0").split("\0")
        first, second = (self._numbers[0], self._names) if leads else (self._names, self._numbers[0])
        marked = pc.binary_join_element_wise(first, between, "") if between else first
        ended = pc.binary_join_element_wise(second, after, "") if after else second
        return ListJoiner(before), leads, marked, ended

    def lines(self, context: Context) -> pa.Array:
        """Street and number as an address has them."""
        joiner, leads, first, second = self._line
        names, numbers = self.names(context).indices, self.numbers(context).indices
        order = (numbers, names) if leads else (names, numbers)
        parts = [
            pa.DictionaryArray.from_arrays(indices, listed, safe=False)
            for indices, listed in zip(order, (first, second), strict=True)
        ]
        return joiner.join(parts)

    @property
    def longest(self) -> int:
        """The most characters of a line."""
        return longest(self._line[2], self._line[3])


def _street_name(member: Member) -> Choice | Generator:
    street = Street.of(member)
    if member.scope.unique:
        return Choice(ListDomain(street._names, STRING, f"streets of {member.locale.name}"))
    return Attribute(
        street.names, f"street of the row's address, {member.locale.name}", max_length=longest(street._names)
    )


def _street_number(member: Member) -> Generator:
    street = Street.of(member)
    return Attribute(street.numbers, f"house number of the row's address, {member.locale.name}", max_length=8)


def _street_address(member: Member) -> Generator:
    street = Street.of(member)
    return Attribute(
        street.lines, f"street and number of the row's address, {member.locale.name}", max_length=street.longest
    )


declare(name="street-name", kind=PLACE, localised=True, names=("streetname", "street", "strasse", "road"), summary="A street of the country's kind.", example="Alvarado Drive", compile=_street_name, source="Faker, mimesis")  # fmt: skip
declare(name="street-number", kind=PLACE, localised=True, names=("streetnumber", "housenumber", "buildingnumber", "houseno"), summary="A house number.", example="417", compile=_street_number)  # fmt: skip
declare(name="street-address", kind=PLACE, localised=True, names=("streetaddress", "address", "addressline", "addressline1", "address1", "streetline", "mailingaddress"), summary="Street and number as the country writes them.", example="417 Alvarado Drive", compile=_street_address, source="Faker, mimesis", safe="street and number are drawn apart from the city")  # fmt: skip
