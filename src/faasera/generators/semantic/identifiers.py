"""Numbers that states give to people, each in a range that its state never issues, with the right check digits."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import fixed_text
from faasera.core.streams import Words
from faasera.core.types import STRING
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Made
from faasera.generators.semantic.codes import (
    DIGITS,
    TO_ELEVEN,
    Automaton,
    CodeDomain,
    luhn,
    numbered,
    remainders,
    weighted,
)
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.registry import declare


def choice(domain: Domain) -> Callable[[SemanticColumn], Made | None]:
    """A type of one domain, the same everywhere."""
    return lambda column: Choice(domain)  # noqa: ARG005


# The United States

SSN = CodeDomain("9##-a-###%", classes={"a": numbered(1, 49, 2)}, source="9xx-01 … 9xx-49, never issued")
_ANY_SSN = CodeDomain("a##-#%-###%", classes={"a": "1234578"}, source="any number of the form that is issued")
EIN = CodeDomain("ab-#######", classes={"a": "01", "b": "789"}, source="prefixes 07 to 09 and 17 to 19, never assigned")
NPI = CodeDomain("2########①", (luhn(0, prefix=24),), source="numbers from 2, not yet issued")
_ANY_NPI = CodeDomain("1########①", (luhn(0, prefix=24),), source="any number of the form that is issued")

# Other countries

_MEDICARE = weighted((1, 3, 7, 9, 1, 3, 7, 9), 10, remainders(10, minus=False))
MEDICARE = CodeDomain(
    "a### ####① %", (_MEDICARE,), {"a": "01789"}, "first digit 0, 1, 7, 8 or 9: cards begin with 2 to 6"
)
_TFN = weighted((1, 4, 3, 7, 5, 8, 6, 9), 11, (*DIGITS, ""))
TFN = CodeDomain("00# ### ##①", (_TFN,), source="from 00, which no number begins with")
_NHS = weighted((10, 9, 8, 7, 6, 5, 4, 3, 2), 11, TO_ELEVEN)
NHS = CodeDomain("999 ### ###①", (_NHS,), source="from 999, kept for tests")
SIN = CodeDomain("0## ### ##①", (luhn(1),), source="from 0, which is not issued")

_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6), (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1), (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4), (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
"""Multiplication in the dihedral group of the pentagon."""
_TURNS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2), (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1), (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


@dataclass(frozen=True)
class Verhoeff:
    """The step of Verhoeff's machine.

    Attributes:
        length: of the code, the check digit counted.
    """

    length: int

    def __call__(self, state: int, place: int, character: str) -> int:
        """The next state."""
        return _D5[_TURNS[(self.length - 1 - place) % 8][int(character)]][state]


def verhoeff(length: int) -> Automaton:
    """Verhoeff's check digit at the end of a code (J. Verhoeff, "Error detecting decimal codes", 1969)."""
    inverse = tuple(str(next(one for one in range(10) if _D5[one][state] == 0)) for state in range(10))
    return Automaton(10, 0, Verhoeff(length), inverse)


AADHAAR = CodeDomain("a### #### ###①", (verhoeff(12),), {"a": "01"}, "first digit 0 or 1, which is not issued")

_DEPARTMENTS = tuple(one for one in numbered(1, 95, 2) if one != "20")
_NIR = weighted(tuple(pow(10, 12 - place, 97) for place in range(13)), 97, numbered(1, 97, 2)[::-1])
NIR = CodeDomain(
    "s##mdc000①", (_NIR,), {"s": "12", "m": numbered(1, 12, 2), "d": _DEPARTMENTS, "c": numbered(1, 900, 3)}, "order number 000, which is not given"
)  # fmt: skip

PAN = CodeDomain("@@@P@0000@", source="serial number 0000, which is not given")


@dataclass(frozen=True)
class SteuerId(Domain):
    """German tax identification numbers from 0: of the ten digits one is there twice, one not at all, then a check digit.

    Numbers that begin with 0 are test numbers (Bundeszentralamt für Steuern). The twofold digit is the leading one.
    """

    facts = Facts(STRING, max_length=11)
    size = 9 * math.factorial(9)

    @override
    def at(self, indices: Words) -> pa.Array:
        missing, order = np.divmod(indices.view(np.int64), math.factorial(9))
        symbols = _orders()[order]
        digits = np.zeros((len(indices), 11), dtype=np.uint8)
        # The missing digit is 1 to 9: the symbols from there on stand for one more.
        digits[:, 1:10] = symbols + (symbols > missing[:, None]).astype(np.uint8)
        product = np.full(len(indices), 10, dtype=np.int64)
        for place in range(10):
            total = (product + digits[:, place]) % 10
            product = 2 * np.where(total == 0, 10, total) % 11
        digits[:, 10] = (11 - product) % 10
        return fixed_text(digits + np.uint8(48), 11)

    @override
    def describe(self) -> str:
        return "from 0, kept for tests"


@cache
def _orders() -> npt.NDArray[np.uint8]:
    """All orders of the symbols 0 to 8; 0 is the digit 0, the others nonzero digits without the missing one."""
    return np.array(list(permutations(range(9))), dtype=np.uint8)


STEUER_ID = SteuerId()

_TAX_IDS: dict[str, Domain] = {"US": EIN, "DE": STEUER_ID, "AU": TFN, "CA": SIN, "IN": PAN}
_PASSPORTS: dict[str, Domain] = {
    "US": CodeDomain("O########", source="from O, a letter that is not used"),
    "GB": CodeDomain("000######", source="from 000, before the first number"),
    "DE": CodeDomain("O########", source="from O, a letter that is not used"),
    "FR": CodeDomain("00OO#####", source="with O, a letter that is not used"),
    "CA": CodeDomain("OO######", source="from OO, letters that are not used"),
    "AU": CodeDomain("O#######", source="from O, a letter that is not used"),
    "IN": CodeDomain("O#######", source="from O, a letter that is not used"),
}
_LICENCES: dict[str, Domain] = {
    "US": CodeDomain("@000#####", source="serial numbers from 000"),
    "GB": CodeDomain("@@@@@#000%#@@#@@", source="surname, birth and checks by the form, month 0"),
    "DE": CodeDomain("O00#####00#", source="from O, a letter that no office has"),
}


def _by_country(domains: dict[str, Domain]) -> Callable[[SemanticColumn], Made | None]:
    return lambda column: Choice(domains[column.locale.country])


def _widened(safe: Domain, wide: Domain) -> Callable[[SemanticColumn], Made | None]:
    return lambda column: Choice(wide if column.realistic else safe)


declare(name="ssn", kind="", names=("ssn", "socialsecuritynumber", "socialsecurity"), summary="A social security number of the United States.", example="912-34-5678", compile=_widened(SSN, _ANY_SSN), safe="9xx-01-xxxx to 9xx-49-xxxx: no social security number begins with 9, and taxpayer numbers that do have 50 or more in the middle", source="Social Security Administration, randomization of 2011; IRS, Publication 1915", realistic=True, pattern=r"9\d\d-(0[1-9]|[1-4]\d)-\d{4}")  # fmt: skip
declare(name="tax-id", kind="", localised=True, locales=tuple(_TAX_IDS), names=("taxid", "ein", "taxnumber", "tin", "fiscalcode"), summary="The taxpayer number of the row's country: EIN, Steuer-ID, TFN, SIN, PAN.", example="17-3456789", compile=_by_country(_TAX_IDS), safe="prefixes that are not assigned, and the ranges of the other countries' types", source="IRS, How EINs are assigned")  # fmt: skip
declare(name="passport-number", kind="", localised=True, locales=tuple(_PASSPORTS), names=("passportnumber", "passport", "passportno"), summary="In the form of the row's country.", example="O12345678", compile=_by_country(_PASSPORTS), safe="with the letter O or leading zeros, which no number has", source="ICAO Doc 9303 leaves O out for its likeness to 0")  # fmt: skip
declare(name="drivers-license-number", kind="", localised=True, locales=tuple(_LICENCES), names=("driverslicensenumber", "driverslicense", "driverlicense", "driverslicenseno", "drivinglicence", "licensenumber"), summary="In a form of the row's country.", example="K00012345", compile=_by_country(_LICENCES), safe="serial numbers before the first", source="AAMVA, forms of licence numbers by state")  # fmt: skip
declare(name="npi", kind="", names=("npi", "nationalprovideridentifier", "npinumber"), summary="A national provider identifier, with Luhn's check digit.", example="2256705460", compile=_widened(NPI, _ANY_NPI), safe="from 2: all that are issued begin with 1", source="CMS, Requirements for NPI and NPI check digit", realistic=True, pattern=r"2\d{9}")  # fmt: skip
declare(name="au-medicare", kind="", names=("aumedicare", "medicarenumber", "medicareno"), summary="An Australian Medicare card number.", example="1283 52737 2", compile=choice(MEDICARE), safe="first digit 0, 1, 7, 8 or 9: cards begin with 2 to 6", source="Services Australia, METeOR 270101", pattern=r"[01789]\d{3} \d{5} [1-9]")  # fmt: skip
declare(name="au-tfn", kind="", names=("autfn", "tfn", "taxfilenumber"), summary="An Australian tax file number.", example="002 567 049", compile=choice(TFN), safe="from 00: numbers have eight or nine digits without leading zeros", source="Australian Taxation Office, TFN algorithm", pattern=r"00\d \d{3} \d{3}")  # fmt: skip
declare(name="uk-nhs", kind="", names=("uknhs", "nhsnumber", "nhsno"), summary="A British NHS number.", example="999 256 7058", compile=choice(NHS), safe="from 999, kept for tests", source="NHS Data Dictionary, NHS number; NHS Digital test numbers", pattern=r"999 \d{3} \d{4}")  # fmt: skip
declare(name="ca-sin", kind="", names=("casin", "sin", "socialinsurancenumber"), summary="A Canadian social insurance number.", example="046 454 286", compile=choice(SIN), safe="from 0, which is not issued", source="Service Canada, SIN code of practice", pattern=r"0\d\d \d{3} \d{3}")  # fmt: skip
declare(name="in-aadhaar", kind="", names=("inaadhaar", "aadhaar", "aadhaarnumber"), summary="An Indian Aadhaar number, with Verhoeff's check digit.", example="1234 5678 9010", compile=choice(AADHAAR), safe="from 0 or 1, which is not issued", source="UIDAI, Aadhaar numbering scheme", pattern=r"[01]\d{3} \d{4} \d{4}")  # fmt: skip
declare(name="de-steuer-id", kind="", names=("desteuerid", "steuerid", "steueridnr", "steueridentifikationsnummer"), summary="A German tax identification number.", example="02476291358", compile=choice(STEUER_ID), safe="from 0, kept for tests", source="Bundeszentralamt für Steuern, Aufbau der Identifikationsnummer; ISO/IEC 7064 MOD 11,10", pattern=r"0\d{10}")  # fmt: skip
declare(name="fr-nir", kind="", names=("frnir", "nir", "numerosecu", "insee"), summary="A French social security number with its key.", example="151050967800034", compile=choice(NIR), safe="order number 000, which is not given", source="INSEE, répertoire national d'identification", pattern=r"[12]\d{9}000\d{2}")  # fmt: skip
declare(name="pan", kind="", names=("pan", "pannumber", "permanentaccountnumber"), summary="An Indian permanent account number of a person.", example="ABCPD0000E", compile=choice(PAN), safe="serial number 0000, which is not given", source="Income Tax Department of India, structure of PAN", pattern=r"[A-Z]{3}P[A-Z]0000[A-Z]")  # fmt: skip
