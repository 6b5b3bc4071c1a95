"""IBANs by country, with the national check digits that some of them have within (ISO 13616)."""

from dataclasses import dataclass
from functools import cache

from faasera.generators.semantic.codes import (
    LETTERS,
    TO_ELEVEN,
    Check,
    CodeDomain,
    LuhnDigits,
    numbered,
    remainders,
    weighted,
)


def iban(layout: str, *national: Check) -> CodeDomain:
    """The IBANs of a layout (ISO 13616); its check digits are the last of the checks."""
    places: list[int] = []
    for character in layout:
        if character == "①" and national:
            places += [1] * len(national[0].characters[-1])
        elif character in "①②":
            places += [1, 1]
        else:
            places.append(2 if character in LETTERS or character == "@" else 1)
    # The country and the check digits go behind the rest, each letter standing for two digits.
    moved = [*places[4:], *places[:4]]
    behind = [sum(moved[place + 1 :]) for place in range(len(moved))]
    weight = {(place + 4) % len(places): pow(10, right, 97) for place, right in enumerate(behind)}
    weights = tuple(0 if place in (2, 3) else weight[place] for place in range(len(places)))
    check = Check(97, _IbanTerm(weights), numbered(2, 98, 2)[::-1])
    return CodeDomain(layout, (*national, check), source=f"{layout[:2]} with a bank code that no bank has")


@dataclass(frozen=True)
class _IbanTerm:
    """The term of an IBAN's sum, letters from 10 to 35.

    Attributes:
        weights: one for each place.
    """

    weights: tuple[int, ...]

    def __call__(self, place: int, character: str) -> int:
        """What a character adds."""
        return int(character, 36) * self.weights[place] if character.isalnum() else 0


def _powers(start: int, count: int, factor: int, characters: tuple[str, ...]) -> Check:
    """A national check that reads the digits from ``start`` as one number, times a factor, modulo 97."""
    return weighted(
        tuple(factor * pow(10, count - 1 - place, 97) % 97 for place in range(count)), 97, characters, start=start
    )


def _rib() -> Check:
    """The key of a French account: 97 less 89 times the bank, 15 times the branch and 3 times the account."""
    weights = [89 * 10 ** (4 - place) for place in range(5)] + [15 * 10 ** (4 - place) for place in range(5)]
    weights += [3 * 10 ** (10 - place) for place in range(11)]
    return weighted(tuple(weight % 97 for weight in weights), 97, numbered(1, 97, 2)[::-1], start=4)


_CIN_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _cin_term(place: int, character: str) -> int:
    """What a character adds to the control letter of an Italian account."""
    if not 5 <= place < 27:
        return 0
    digit = int(character)
    return digit if (place - 5) % 2 else _CIN_ODD[digit]


IBANS: dict[str, tuple[str, Check | None]] = {
    "DE": ("DE①99999999##########", None),
    "AT": ("AT①99999###########", None),
    "CH": ("CH①99999############", None),
    "FR": ("FR②9999999999###########①", _rib()),
    "NL": ("NL②ZZZZ#########①", weighted((10, 9, 8, 7, 6, 5, 4, 3, 2), 11, TO_ELEVEN, start=8)),
    "BE": ("BE②999#######①", _powers(4, 10, 1, ("97", *numbered(1, 96, 2)))),
    "ES": ("ES②999999995①##########", weighted((1, 2, 4, 8, 5, 10, 9, 7, 3, 6), 11, ("0", "1", *TO_ELEVEN[2:]), start=14)),
    "PT": ("PT②99999999###########①", _powers(4, 19, 100, numbered(2, 98, 2)[::-1])),
    "IT": ("IT②①9999999999############", Check(26, _cin_term, tuple(LETTERS))),
    "SE": ("SE①999#################", None),
    "DK": ("DK①9999##########", None),
    "NO": ("NO②9999%#####①", weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, TO_ELEVEN, start=4)),
    "FI": ("FI②999999#######①", Check(10, LuhnDigits(0, first=4, stop=17), remainders(10))),
    "GB": ("GB①ZZZZ999999########", None),
    "IE": ("IE①ZZZZ999999########", None),
    "GR": ("GR①9999999################", None),
    "RO": ("RO①ZZZZ################", None),
    "TR": ("TR①999990################", None),
    "SA": ("SA①9900################", None),
    "GE": ("GE①ZZ################", None),
}  # fmt: skip
"""By country the layout, and its national check digits where it has some."""


@cache
def iban_domain(country: str) -> CodeDomain:
    """The IBANs of a country."""
    layout, national = IBANS[country]
    return iban(layout, *([national] if national else []))
