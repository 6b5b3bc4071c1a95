"""Telephone numbers that nobody has: ranges kept for drama, or else ranges that a country has not assigned."""

import random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DRAMA = {
    "GB": ("Ofcom, telephone numbers for use in TV and radio drama programmes", (
        "020 7946 0###", "0113 496 0###", "0114 496 0###", "0115 496 0###", "0116 496 0###", "0117 496 0###", "0118 496 0###",
        "0121 496 0###", "0131 496 0###", "0141 496 0###", "0151 496 0###", "0161 496 0###", "0191 498 0###", "01632 960###", "07700 900###")),
    "AU": ("ACMA, phone numbers for use in TV shows, films and creative works", (
        "(02) 5550 ####", "(02) 7010 ####", "(03) 5550 ####", "(03) 7010 ####", "(07) 5550 ####", "(07) 7010 ####", "(08) 5550 ####", "(08) 7010 ####")),
    "DE": ("Bundesnetzagentur, Rufnummern für die Verwendung in audiovisuellen Medien", (
        "030 23125###", "069 90009###", "040 66969###", "0221 4710###", "089 99998###")),
    "FR": ("ARCEP, décision 2012-0856, numéros pour œuvres audiovisuelles", (
        "01 99 00 ## ##", "02 61 91 ## ##", "03 53 01 ## ##", "04 65 71 ## ##", "05 36 49 ## ##", "06 39 98 ## ##")),
    "SE": ("PTS, telefonnummer för användning i böcker och filmer", (
        "031-390 06 ##", "040-628 04 ##", "08-465 004 ##", "070-174 06 ##")),
    "IE": ("ComReg, numbers for dramatic use", ("020 91# ####",)),
    "US": ("NANPA, 555-0100 … 555-0199 for fictional use", ("(AAA) 555-01##",)),
    "CA": ("NANPA, 555-0100 … 555-0199 for fictional use", tuple(f"{area}-555-01##" for area in (204, 236, 250, 289, 306, 343, 403, 416, 418, 438, 450, 506, 514, 519, 579, 587, 604, 613, 647, 705, 709, 778, 780, 819, 867, 902, 905))),
}  # fmt: skip


def unassigned(country: str) -> tuple[str, tuple[str, ...]]:
    """Forms of numbers of the right length that begin as no assigned number does, by libphonenumber's metadata."""
    # Argentina's mobile numbers are written with digits that the number itself does not have.
    kind = PhoneNumberType.FIXED_LINE if country == "AR" else PhoneNumberType.MOBILE
    example = phonenumbers.example_number_for_type(country, kind)
    national = phonenumbers.national_significant_number(example)
    shown = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    lead = "".join(one for one in shown if one.isdigit())[: -len(national)]
    numbers = random.Random(country)

    def free(start: str, samples: int) -> bool:
        for _ in range(samples):
            digits = start + "".join(numbers.choice("0123456789") for _ in national[3:])
            number = phonenumbers.parse(lead + digits, country)
            if phonenumbers.is_valid_number(number) or not phonenumbers.is_possible_number(number):
                return False
        return True

    # First close to mobile numbers, then anywhere.
    starts = [national[0] + f"{rest:02d}" for rest in range(99, -1, -1)] + [
        f"{rest:03d}" for rest in range(999, 99, -1)
    ]
    found: list[str] = []
    for start in starts:
        if start not in found and start[0] != "0" and free(start, 100) and free(start, 10_000):
            found.append(start)
        if len(found) == 3:
            break
    forms = []
    for start in found:
        digits = iter(lead + start + "#" * (len(national) - 3))
        forms.append("".join(next(digits) if one.isdigit() else one for one in shown))
    if not forms:
        raise ValueError(f"no unassigned range is known for {country}")
    return f"not assigned in the national numbering plan (libphonenumber {phonenumbers.__version__})", tuple(forms)


def safe_range(country: str) -> tuple[str, tuple[str, ...]]:
    """The source and the forms of a country's safe numbers; # is a digit, AAA the place's area code."""
    return DRAMA[country] if country in DRAMA else unassigned(country)
