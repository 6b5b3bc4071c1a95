"""What others say of a value: independent judges of semantic types."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import phonenumbers
from schwifty import BIC, IBAN
from stdnum import ean, imei, isbn, luhn, verhoeff
from stdnum.au import tfn
from stdnum.ca import sin
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import pan
from stdnum.iso7064 import mod_11_10
from stdnum.us import ein, itin, rtn, ssn


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def nobodys_ssn(text: str) -> bool:
    """Of the form, and neither a number that is issued nor a taxpayer's (9xx with 50 to 65, 70 to 88, 90 to 99)."""
    return (
        bool(re.fullmatch(r"\d{3}-\d{2}-\d{4}", text))
        and not ssn.is_valid(text)
        and not itin.is_valid(text)
        and int(text[4:6]) < 50
    )


def steuer_id(text: str) -> bool:
    """The check digit, and of the ten digits before it exactly one twice and one not at all."""
    counts = sorted(text[:10].count(one) for one in "0123456789")
    return mod_11_10.is_valid(text) and counts == [0] + [1] * 8 + [2] and text[0] == "0"


def vin(text: str) -> bool:
    """ISO 3779 with the check digit of 49 CFR 565, by its own table."""
    values = dict(
        zip(
            "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
            [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
            strict=True,
        )
    )
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    rest = sum(values[one] * weight for one, weight in zip(text, weights, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def tracking(text: str) -> bool:
    """UPU S10."""
    rest = 11 - sum(int(one) * weight for one, weight in zip(text[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return text[10] == {10: "0", 11: "5"}.get(rest, str(rest))


def medicare(text: str) -> bool:
    """METeOR 270101."""
    number = digits(text)
    return (
        int(number[8])
        == sum(int(one) * weight for one, weight in zip(number[:8], (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10
    )


def bech32(text: str) -> bool:
    """BIP 173, bit by bit."""
    human, data = text[:2], ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(one) for one in text[3:]]
    check = 1
    for value in [ord(one) >> 5 for one in human] + [0] + [ord(one) & 31 for one in human] + data:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check == 1 and len(text) == 42


def card(text: str) -> bool:
    return luhn.is_valid(text) and len(text) == {"3": 15 if text[:2] == "37" else 14 if text[:2] == "30" else 16}.get(
        text[0], 16
    )


def iban(text: str) -> bool:
    known = IBAN(text, validate_bban=text[:2] not in UNJUDGED)
    return known.bank is None


UNJUDGED = ("SE", "DK", "AT", "CH", "GB", "IE", "GR", "RO", "TR", "SA", "GE")
"""Countries whose national check digits schwifty does not know."""


def nobodys_phone(text: str, country: str) -> bool:
    """Of the right length, and either not assigned at all or in a range that a regulator keeps for drama."""
    number = phonenumbers.parse(text, country)
    return phonenumbers.is_possible_number(number) and not (phonenumbers.is_valid_number(number) and not drama(number))


DRAMA = {
    1: r"\d{3}55501\d\d",
    44: r"2079460\d{3}|(113|114|115|116|117|118|121|131|141|151|161)4960\d{3}|1914980\d{3}|1632960\d{3}|7700900\d{3}",
    61: r"[2378](5550|7010)\d{4}",
    49: r"3023125\d{3}|6990009\d{3}|4066969\d{3}|2214710\d{3}|8999998\d{3}",
    33: r"(199|261|353|465|536|639)\d+",
    46: r"3139006\d\d|4062804\d\d|8465004\d\d|701740 ?6\d\d",
    353: r"2091\d{5}",
}


def drama(number: phonenumbers.PhoneNumber) -> bool:
    pattern = DRAMA.get(number.country_code)
    return pattern is not None and bool(re.fullmatch(pattern, str(number.national_number)))


def person_pan(text: str) -> bool:
    """Of the form of a person's number, with the serial 0000 that is never given."""
    return text[5:9] == "0000" and (pan.is_valid(text[:5] + "0001" + text[9]))


TODAY = date(2026, 1, 1)

JUDGES: dict[str, Callable[[str], bool]] = {
    "ssn": nobodys_ssn,
    "npi": lambda text: luhn.is_valid("80840" + text) and text[0] == "2",
    "au-medicare": medicare,
    "au-tfn": lambda text: tfn.checksum(digits(text)) == 0 and text.startswith("00"),
    "uk-nhs": lambda text: nhs.is_valid(text) and text.startswith("999"),
    "ca-sin": lambda text: luhn.is_valid(digits(text)) and not sin.is_valid(text),
    "in-aadhaar": lambda text: verhoeff.is_valid(digits(text)) and text[0] in "01",
    "de-steuer-id": steuer_id,
    "fr-nir": lambda text: nir.is_valid(text) and text[10:13] == "000",
    "tax-id": lambda text: bool(re.fullmatch(r"\d{2}-\d{7}", text)) and not ein.is_valid(text),
    "bank-routing-number": lambda text: rtn.is_valid(text) and int(text[:2]) > 80,
    "creditcard-number": card,
    "iban-code": iban,
    "swift-bic": lambda text: bool(BIC(text).compact) and text[7] == "0",
    "vin": vin,
    "imei": lambda text: imei.is_valid(text) and text.startswith("00"),
    "ean13": lambda text: ean.is_valid(text) and text[0] == "2",
    "isbn13": lambda text: isbn.is_valid(text) and text.startswith("9799"),
    "tracking-number": tracking,
    "bitcoin-address": bech32,
    "pan": person_pan,
    "creditcard-expiry": lambda text: date(2000 + int(text[3:]), int(text[:2]), 1) + timedelta(31) > TODAY,
}
