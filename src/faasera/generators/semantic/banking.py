"""Money: cards, accounts, currencies. Cards of a row agree in brand, number, check value and expiry."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.draws import AliasTable, PermutedDraw
from faasera.core.records import TokenTable, assemble
from faasera.core.streams import Stream, Words, below
from faasera.core.types import STRING, Scalar
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Generator
from faasera.generators.joined import placed
from faasera.generators.ranges import grid
from faasera.generators.semantic.codes import LETTERS, Check, CodeDomain, luhn, remainders, weighted
from faasera.generators.semantic.identifiers import choice, numbered
from faasera.generators.semantic.person import Attribute
from faasera.generators.semantic.registry import Member, Subject, declare
from faasera.policy.model import Model
from faasera.vocabulary.reference import countries

CARD, CURRENCY = "card", "currency"


@dataclass(frozen=True)
class Brand:
    """A card brand.

    Attributes:
        name: of the network.
        weight: how common.
        test: its layout within the numbers of published test cards.
        any: its layout within all that the network issues.
        check_digits: of the card verification code.
    """

    name: str
    weight: int
    test: str
    any: str
    check_digits: int = 3


BRANDS = (
    Brand("Visa", 52, "400000#########①", "4##############①"),
    Brand("Mastercard", 31, "555555#########①", "51#############①"),
    Brand("American Express", 9, "378282########①", "37############①", 4),
    Brand("Discover", 5, "601111#########①", "6011###########①"),
    Brand("JCB", 2, "353011#########①", "3530###########①"),
    Brand("Diners Club", 1, "305693#######①", "36###########①"),
)


class Card(Subject):
    """The card of one group of columns."""

    kind = CARD

    @cached_property
    def _draw(self) -> AliasTable:
        return AliasTable([brand.weight for brand in BRANDS])

    def brands(self, context: Context) -> npt.NDArray[np.int64]:
        """Each row's brand, by its place in ``BRANDS``."""
        found: npt.NDArray[np.int64] = self.shared(
            context, "brand", lambda: self._draw.indices(self.words(context, "brand")).view(np.int64)
        )
        return found


@dataclass(frozen=True)
class CardNumbers(Generator):
    """Numbers of the row's brand, with Luhn's check digit.

    Attributes:
        card: knows the brand.
        realistic: whether any number of the network will do.
        stream: of the numbers.
        permuted: a permutation that keeps them apart; None where they may repeat.
    """

    card: Card
    realistic: bool
    stream: Stream
    permuted: PermutedDraw | None

    @property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, unique=self.permuted is not None, max_length=16)

    @cached_property
    def _domains(self) -> list[CodeDomain]:
        layouts = [brand.any if self.realistic else brand.test for brand in BRANDS]
        return [CodeDomain(layout, [luhn(len(layout) % 2)]) for layout in layouts]

    @override
    def generate(self, context: Context) -> pa.Array:
        brands = self.card.brands(context)
        places = [np.flatnonzero(brands == number) for number in range(len(BRANDS))]
        return placed(
            [self._of(domain, context.rows[place]) for domain, place in zip(self._domains, places, strict=True)], places
        )

    def _of(self, domain: CodeDomain, rows: Words) -> pa.Array:
        return domain.at(self.permuted.indices(rows)) if self.permuted else domain.random(rows, self.stream)

    @override
    def describe(self) -> str:
        kept = "; unique" if self.permuted else ""
        return f"number of the row's card, {'of any issuer' if self.realistic else 'of published test ranges'}{kept}"


def _card_number(member: Member) -> Generator | None:
    stream = member.stream("card number", CARD)
    permuted = None
    if member.scope.unique:
        smallest = 10**7
        if member.scope.row_count > smallest:
            message = f"{member.scope.row_count:,} unique cards, and the smallest test range has {smallest:,}"
            member.scope.problems.add("domain-too-small", message, "Ask for fewer rows.", at=["unique"])
            return None
        permuted = PermutedDraw(smallest, stream)
    return CardNumbers(Card.of(member), member.realistic, stream, permuted)


def _card_brand(member: Member) -> Generator:
    card = Card.of(member)
    names = pa.array([brand.name for brand in BRANDS])

    def make(context: Context) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(card.brands(context).astype(np.int32)), names, safe=False)

    return Attribute(make, "brand of the row's card", max_length=16)


def _card_code(member: Member) -> Generator:
    card = Card.of(member)
    listed = pa.array([*numbered(0, 999, 3), *numbered(0, 9999, 4)])
    four = np.array([brand.check_digits == 4 for brand in BRANDS])

    def make(context: Context) -> pa.Array:
        words, long = card.words(context, "code"), four[card.brands(context)]
        indices = np.where(long, below(words, 10_000) + np.uint64(1000), below(words, 1000))
        return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), listed, safe=False)

    return Attribute(make, "verification code of the row's card, four digits for American Express", max_length=4)


_VALID_MONTHS = 60


def _card_expiry(member: Member) -> Generator:
    card = Card.of(member)
    first = member.scope.as_of.year * 12 + member.scope.as_of.month
    listed = pa.array(
        [f"{month % 12 + 1:02d}/{month // 12 % 100:02d}" for month in range(first, first + _VALID_MONTHS)]
    )

    def make(context: Context) -> pa.Array:
        months = below(card.words(context, "expiry"), _VALID_MONTHS).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(months), listed, safe=False)

    return Attribute(make, f"expiry of the row's card, within five years of {member.scope.as_of}", max_length=5)


# accounts

_ABA = weighted((3, 7, 1, 3, 7, 1, 3, 7), 10, remainders(10))
ROUTING = CodeDomain(
    "ab######①", [_ABA], {"a": "89", "b": "123456789"}, "81 to 99, which no Federal Reserve district has"
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

    def term(place: int, character: str) -> int:
        value = int(character, 36) if character.isalnum() else 0
        return value * weight[place] if place not in (2, 3) else 0

    return CodeDomain(
        layout,
        [*national, Check(97, term, [f"{98 - rest:02d}" for rest in range(97)])],
        source=f"{layout[:2]} with a bank code that no bank has",
    )


def _from(start: int, weights: tuple[int, ...], modulus: int, characters: list[str]) -> Check:
    """A national check over the places from ``start``."""
    return Check(
        modulus,
        lambda place, one: weights[place - start] * int(one) if start <= place < start + len(weights) else 0,
        characters,
    )


def _powers(start: int, count: int, modulus: int, factor: int = 1) -> tuple[int, tuple[int, ...], int]:
    return start, tuple(factor * pow(10, count - 1 - place, modulus) % modulus for place in range(count)), modulus


def _rib() -> Check:
    """The key of a French account: 97 less 89 times the bank, 15 times the branch and 3 times the account."""
    weights = [89 * 10 ** (4 - place) for place in range(5)] + [15 * 10 ** (4 - place) for place in range(5)]
    weights += [3 * 10 ** (10 - place) for place in range(11)]
    return _from(4, tuple(weight % 97 for weight in weights), 97, [f"{97 - rest:02d}" for rest in range(97)])


_CIN_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _cin() -> Check:
    """The control letter of an Italian account."""

    def term(place: int, character: str) -> int:
        if not 5 <= place < 27:
            return 0
        digit = int(character)
        return digit if (place - 5) % 2 else _CIN_ODD[digit]

    return Check(26, term, list(LETTERS))


IBANS: dict[str, tuple[str, Callable[[], Check] | None]] = {
    "DE": ("DE①99999999##########", None),
    "AT": ("AT①99999###########", None),
    "CH": ("CH①99999############", None),
    "FR": ("FR②9999999999###########①", lambda: _rib()),
    "NL": ("NL②ZZZZ#########①", lambda: _from(8, (10, 9, 8, 7, 6, 5, 4, 3, 2), 11, ["0", "", *(str(11 - rest) for rest in range(2, 11))])),
    "BE": ("BE②999#######①", lambda: _from(*_powers(4, 10, 97), ["97", *(f"{rest:02d}" for rest in range(1, 97))])),
    "ES": ("ES②999999995①##########", lambda: _from(14, (1, 2, 4, 8, 5, 10, 9, 7, 3, 6), 11, ["0", "1", *(str(11 - rest) for rest in range(2, 11))])),
    "PT": ("PT②99999999###########①", lambda: _from(*_powers(4, 19, 97, 100), [f"{98 - rest:02d}" for rest in range(97)])),
    "IT": ("IT②①9999999999############", lambda: _cin()),
    "SE": ("SE①999#################", None),
    "DK": ("DK①9999##########", None),
    "NO": ("NO②9999%#####①", lambda: _from(4, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, ["0", "", *(str(11 - rest) for rest in range(2, 11))])),
    "FI": ("FI②999999#######①", lambda: Check(10, lambda place, one: luhn(0).term(place - 4, one) if 4 <= place < 17 else 0, remainders(10))),
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
    return iban(layout, *([national()] if national else []))


_BIC = {country: CodeDomain(f"@@@@{country}@0", source=f"location codes of {country} that end in 0, kept for tests") for country in ("US", *IBANS)}  # fmt: skip
_ACCOUNT = CodeDomain("##########", source="ten digits, without a bank")


def _iban(member: Member) -> Choice:
    return Choice(iban_domain(member.locale.country))


def _bic(member: Member) -> Choice:
    return Choice(_BIC[member.locale.country])


# currencies


class WorldArguments(Model):
    """Whether values come from the whole world."""

    world: bool = Field(False, description="Any country's instead of the locale's.")


def _currency(member: Member, field: str) -> Generator:
    world = any(getattr(given, "world", False) for given in member.siblings.values())
    rows = {one["currency"]: one["currencyName"] for one in countries()}
    own = member.locale.data["currency"]
    listed = pa.array(list(rows) if field == "code" else list(rows.values())) if world else pa.array([own[field]])
    stream = member.stream("currency", CURRENCY)

    def make(context: Context) -> pa.Array:
        chosen = below(stream.words(context.rows), len(listed)).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(chosen), listed, safe=False)

    return Attribute(make, f"{'any currency' if world else own['code']}", max_length=40)


class MoneyArguments(Model):
    """Between which amounts."""

    min: float | int = Field(1, description="The lowest amount.")
    max: float | int = Field(1000, description="The highest.")


MONEY = Scalar("DECIMAL", 12, 2)


def _money(member: Member) -> Choice | None:
    try:
        return Choice(grid(MONEY, member.arguments.min, member.arguments.max, None))
    except ValueError as error:
        member.scope.problems.add("range", str(error), "Correct the arguments.", at=["arguments"])
        return None


# bitcoin

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


@dataclass(frozen=True)
class BitcoinAddress(Domain):
    """Addresses of Bitcoin's test network, with a pay-to-witness-key hash of 160 random bits.

    Source: BIP 173 (Bech32). Its checksum is linear over bits, so that it is a sum of one table a place.
    """

    facts = Facts(STRING, max_length=42)
    size = 1 << 62
    prefix = "tb"

    @cached_property
    def _tables(self) -> tuple[int, npt.NDArray[np.int64], TokenTable, TokenTable]:
        head = [ord(one) >> 5 for one in self.prefix] + [0] + [ord(one) & 31 for one in self.prefix]
        empty = _polymod([*head, 0, *[0] * 32, *[0] * 6]) ^ 1
        single = np.zeros((32, 32), dtype=np.int64)
        for place in range(32):
            for value in range(32):
                data = [0] * 32
                data[place] = value
                single[place, value] = _polymod([*head, 0, *data, *[0] * 6]) ^ 1 ^ empty
        pairs = TokenTable([(one + other).encode() for one in _BECH32 for other in _BECH32])
        return empty, single, pairs, TokenTable([f"{self.prefix}1q".encode()])

    @override
    def at(self, indices: Words) -> pa.Array:
        streams = [Stream(0, "bitcoin", "address", str(number)) for number in range(3)]
        return self._assemble([stream.words(indices) for stream in streams], len(indices))

    def _assemble(self, words: list[Words], count: int) -> pa.Array:
        empty, single, pairs, head = self._tables
        total = np.full(count, empty, dtype=np.int64)
        parts = [(head, np.zeros(count, dtype=np.int64))]
        for number in range(16):
            ten = (words[number // 6] >> np.uint64(10 * (number % 6))).view(np.int64) & 1023
            total ^= single[2 * number][ten >> 5] ^ single[2 * number + 1][ten & 31]
            parts.append((pairs, ten))
        for shift in (20, 10, 0):
            parts.append((pairs, total >> shift & 1023))
        return assemble(parts)

    @override
    def describe(self) -> str:
        return "addresses of the test network"


_LUHN = "Luhn's check digit, ISO/IEC 7812-1"
declare(name="account-number", kind="", names=("accountnumber", "accountno", "bankaccount", "bankaccountnumber", "acctno"), summary="Ten digits.", example="4810336720", compile=choice(_ACCOUNT), safe="no account without a bank", pattern=r"\d{10}")  # fmt: skip
declare(name="bank-routing-number", kind="", names=("bankroutingnumber", "routingnumber", "aba", "abanumber", "routingno"), summary="An ABA routing number with its check digit.", example="856206980", compile=choice(ROUTING), safe="81 to 99, which no Federal Reserve district has", source="American Bankers Association, routing number policy", pattern=r"[89][1-9]\d{7}")  # fmt: skip
declare(name="swift-bic", kind="", localised=True, locales=tuple(_BIC), names=("swiftbic", "bic", "swift", "swiftcode", "biccode"), summary="A BIC of the row's country.", example="WQKDUSX0", compile=_bic, safe="location codes that end in 0 are for tests", source="ISO 9362, SWIFT BIC policy", pattern=r"[A-Z]{6}[A-Z]0")  # fmt: skip
declare(name="creditcard-number", kind=CARD, names=("creditcardnumber", "cardnumber", "ccnumber", "creditcard", "cardno", "ccno"), summary="Of the row's brand, with Luhn's check digit.", example="4000001234567899", compile=_card_number, safe="ranges of the card networks' published test numbers", source=f"Test cards of Stripe, Adyen and PayPal; {_LUHN}", realistic=True, pattern=r"(400000|555555|601111|353011)\d{10}|378282\d{9}|305693\d{8}")  # fmt: skip
declare(name="creditcard-brand", kind=CARD, names=("creditcardbrand", "cardbrand", "cardtype", "creditcardtype", "cardnetwork"), summary="The network of the row's card.", example="Visa", compile=_card_brand, pattern="|".join(brand.name for brand in BRANDS))  # fmt: skip
declare(name="creditcard-cvc", kind=CARD, names=("creditcardcvc", "cvc", "cvv", "cardcvc", "cvv2", "securitycode"), summary="Three digits, four for American Express.", example="173", compile=_card_code, pattern=r"\d{3,4}")  # fmt: skip
declare(name="creditcard-expiry", kind=CARD, names=("creditcardexpiry", "cardexpiry", "expiry", "expirydate", "cardexpirydate", "ccexpiry", "validthru"), summary="MM/YY after asOf.", example="07/28", compile=_card_expiry, pattern=r"(0[1-9]|1[0-2])/\d\d")  # fmt: skip
declare(name="iban-code", kind="", localised=True, locales=tuple(IBANS), fallback="de_DE", names=("ibancode", "iban"), summary="An IBAN of the row's country, with its national check digits.", example="DE19999999992567054632", compile=_iban, safe="bank codes that no bank has", source="ISO 13616, SWIFT IBAN registry", pattern=r"[A-Z]{2}\d{2}[A-Z0-9]{11,27}")  # fmt: skip
declare(name="currency-code", kind=CURRENCY, localised=True, names=("currencycode", "currency", "ccy", "currencyiso"), summary="The currency of the row's country; with the argument world any.", example="USD", compile=lambda member: _currency(member, "code"), arguments=WorldArguments, source="ISO 4217", pattern=r"[A-Z]{3}")  # fmt: skip
declare(name="currency-name", kind=CURRENCY, localised=True, names=("currencyname",), summary="Its name.", example="US Dollar", compile=lambda member: _currency(member, "name"), arguments=WorldArguments, source="Unicode CLDR")  # fmt: skip
declare(name="money", kind="", names=("money",), summary="An amount with two decimals.", example=412.5, compile=_money, data_type=MONEY, arguments=MoneyArguments)  # fmt: skip
declare(name="bitcoin-address", kind="", names=("bitcoinaddress", "btcaddress", "walletaddress"), summary="Of the test network, with its checksum.", example="tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", compile=choice(BitcoinAddress()), safe="the test network holds nothing of worth", source="BIP 173", pattern=r"tb1q[02-9ac-hj-np-z]{38}")  # fmt: skip
