"""Money: cards, accounts, currencies. Cards of a row agree in brand, number, check value and expiry."""

import datetime
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.draws import AliasTable, PermutedDraw
from faasera.core.records import TokenTable, assemble
from faasera.core.streams import Stream, Words, below
from faasera.core.types import STRING, Scalar
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Generator
from faasera.generators.joined import placed
from faasera.generators.ranges import grid
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.codes import CodeDomain, luhn, numbered, remainders, weighted
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.ibans import IBANS, iban_domain
from faasera.generators.semantic.identifiers import choice
from faasera.generators.semantic.registry import declare
from faasera.policy.model import Model
from faasera.vocabulary.reference import countries, locale_data

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


@cache
def _brand_table() -> AliasTable:
    return AliasTable([brand.weight for brand in BRANDS])


@dataclass(frozen=True, eq=False)
class Card(Subject):
    """The card of one group of columns."""

    kind = CARD

    def brands(self, context: Context) -> npt.NDArray[np.int64]:
        """Each row's brand, by its place in ``BRANDS``."""
        found: npt.NDArray[np.int64] = self.shared(
            context, "brand", lambda: _brand_table().indices(self.words(context, "brand")).view(np.int64)
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

    @override
    def generate(self, context: Context) -> pa.Array:
        brands = self.card.brands(context)
        places = [np.flatnonzero(brands == number) for number in range(len(BRANDS))]
        return placed(
            [
                self._of(domain, context.rows[place])
                for domain, place in zip(_numbers(self.realistic), places, strict=True)
            ],
            places,
        )

    def _of(self, domain: CodeDomain, rows: Words) -> pa.Array:
        return domain.at(self.permuted.indices(rows)) if self.permuted else domain.random(rows, self.stream)

    @override
    def describe(self) -> str:
        kept = "; unique" if self.permuted else ""
        return f"number of the row's card, {'of any issuer' if self.realistic else 'of published test ranges'}{kept}"


@cache
def _numbers(realistic: bool) -> tuple[CodeDomain, ...]:
    """The numbers of each brand."""
    layouts = [brand.any if realistic else brand.test for brand in BRANDS]
    return tuple(CodeDomain(layout, (luhn(len(layout) % 2),)) for layout in layouts)


def _card_number(column: SemanticColumn) -> Generator | None:
    stream = column.group.stream("card number", CARD)
    permuted = None
    if column.unique:
        smallest = 10**7
        if column.scope.row_count > smallest:
            message = f"{column.scope.row_count:,} unique cards, and the smallest test range has {smallest:,}"
            column.refuse("domain-too-small", message, "Ask for fewer rows.", "unique")
            return None
        permuted = PermutedDraw(smallest, stream)
    return CardNumbers(Card.of(column), column.realistic, stream, permuted)


@cache
def _brands() -> pa.Array:
    return pa.array([brand.name for brand in BRANDS])


def _brand_of(card: Card, context: Context) -> pa.Array:
    return dictionary(card.brands(context), _brands())


def _card_brand(column: SemanticColumn) -> Generator:
    return Attribute(Card.of(column), _brand_of, "brand of the row's card", Facts(STRING, max_length=16))


@cache
def _codes() -> pa.Array:
    """Verification codes: those of three digits, then those of four."""
    return pa.array([*numbered(0, 999, 3), *numbered(0, 9999, 4)])


def _code_of(card: Card, context: Context) -> pa.Array:
    four = np.array([brand.check_digits == 4 for brand in BRANDS])
    words, long = card.words(context, "code"), four[card.brands(context)]
    return dictionary(np.where(long, below(words, 10_000) + np.uint64(1000), below(words, 1000)), _codes())


def _card_code(column: SemanticColumn) -> Generator:
    phrase = "verification code of the row's card, four digits for American Express"
    return Attribute(Card.of(column), _code_of, phrase, Facts(STRING, max_length=4))


_VALID_MONTHS = 60


@dataclass(frozen=True)
class CardExpiries(Generator):
    """Until when the row's card is good.

    Attributes:
        card: the row's.
        as_of: the day after which it ends.
    """

    card: Card
    as_of: datetime.date
    facts = Facts(STRING, max_length=5)

    @override
    def generate(self, context: Context) -> pa.Array:
        months = below(self.card.words(context, "expiry"), _VALID_MONTHS)
        return dictionary(months, _months(self.as_of.year * 12 + self.as_of.month))

    @override
    def describe(self) -> str:
        return f"expiry of the row's card, within five years of {self.as_of}"


@lru_cache(maxsize=64)
def _months(first: int) -> pa.Array:
    """The months that a card can end in, as cards show them."""
    return pa.array([f"{month % 12 + 1:02d}/{month // 12 % 100:02d}" for month in range(first, first + _VALID_MONTHS)])


def _card_expiry(column: SemanticColumn) -> Generator:
    return CardExpiries(Card.of(column), column.scope.as_of)


# accounts

_ABA = weighted((3, 7, 1, 3, 7, 1, 3, 7), 10, remainders(10))
ROUTING = CodeDomain(
    "ab######①", (_ABA,), {"a": "89", "b": "123456789"}, "81 to 99, which no Federal Reserve district has"
)


_BIC = {country: CodeDomain(f"@@@@{country}@0", source=f"location codes of {country} that end in 0, kept for tests") for country in ("US", *IBANS)}  # fmt: skip
_ACCOUNT = CodeDomain("##########", source="ten digits, without a bank")


def _iban(column: SemanticColumn) -> Choice:
    return Choice(iban_domain(column.locale.country))


def _bic(column: SemanticColumn) -> Choice:
    return Choice(_BIC[column.locale.country])


# currencies


class WorldArguments(Model):
    """Whether values come from the whole world."""

    world: bool = Field(False, description="Any country's instead of the locale's.")


@dataclass(frozen=True, eq=False)
class Currency(Subject):
    """The currency of one group of columns.

    Attributes:
        world: whether it is any country's.
    """

    world: bool
    kind = CURRENCY

    @classmethod
    @override
    def of(cls, column: SemanticColumn) -> Self:
        return cls(column.group, any(one.world for one in column.given(WorldArguments)))

    def texts(self, context: Context, field: str) -> pa.DictionaryArray:
        """Codes or names."""
        listed = _world_currencies(field) if self.world else _own_currency(self.group.locale, field)
        return dictionary(below(self.words(context, "currency"), len(listed)), listed)


@cache
def _world_currencies(field: str) -> pa.Array:
    rows = {one["currency"]: one["currencyName"] for one in countries()}
    return pa.array(list(rows) if field == "code" else list(rows.values()))


@cache
def _own_currency(locale: str, field: str) -> pa.Array:
    return pa.array([locale_data(locale).data["currency"][field]])


def _currency(column: SemanticColumn, field: str) -> Generator:
    currency = Currency.of(column)
    phrase = "any currency" if currency.world else str(column.locale.data["currency"]["code"])
    return Attribute(currency, Currency.texts, phrase, Facts(STRING, max_length=40), arguments=(field,))


class MoneyArguments(Model):
    """Between which amounts."""

    min: float | int = Field(1, description="The lowest amount.")
    max: float | int = Field(1000, description="The highest.")


MONEY = Scalar("DECIMAL", 12, 2)


def _money(column: SemanticColumn) -> Choice | None:
    try:
        return Choice(grid(MONEY, column.arguments.min, column.arguments.max, None))
    except ValueError as error:
        column.refuse("range", str(error), "Correct the arguments.", "arguments")
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


@dataclass(frozen=True, eq=False)
class BitcoinAddress(ByContent, Domain):
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
declare(name="currency-code", kind=CURRENCY, localised=True, names=("currencycode", "currency", "ccy", "currencyiso"), summary="The currency of the row's country; with the argument world any.", example="USD", compile=lambda column: _currency(column, "code"), arguments=WorldArguments, source="ISO 4217", pattern=r"[A-Z]{3}")  # fmt: skip
declare(name="currency-name", kind=CURRENCY, localised=True, names=("currencyname",), summary="Its name.", example="US Dollar", compile=lambda column: _currency(column, "name"), arguments=WorldArguments, source="Unicode CLDR")  # fmt: skip
declare(name="money", kind="", names=("money",), summary="An amount with two decimals.", example=412.5, compile=_money, data_type=MONEY, arguments=MoneyArguments)  # fmt: skip
declare(name="bitcoin-address", kind="", names=("bitcoinaddress", "btcaddress", "walletaddress"), summary="Of the test network, with its checksum.", example="tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", compile=choice(BitcoinAddress()), safe="the test network holds nothing of worth", source="BIP 173", pattern=r"tb1q[02-9ac-hj-np-z]{38}")  # fmt: skip
