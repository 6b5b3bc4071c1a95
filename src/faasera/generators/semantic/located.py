"""Where a row is: one place a row, drawn by population, of which all columns of the group tell."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import Integers
from faasera.core.streams import below, below_each
from faasera.core.text import number_text
from faasera.core.types import DOUBLE, STRING
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator, Made
from faasera.generators.patterns import Pattern
from faasera.generators.semantic.attribute import Attribute, dictionary
from faasera.generators.semantic.groups import SemanticColumn, Subject
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.neighbours import alone
from faasera.generators.semantic.registry import declare
from faasera.generators.texts import TextDomain
from faasera.policy.model import Model
from faasera.vocabulary.reference import Places, countries, locale_data, places

PLACE = "place"
_DEGREE = 10_000
_SPREAD = 150
"""How far a point lies from the middle of its place, in ten-thousandths of a degree (about a mile)."""


class PlaceArguments(Model):
    """From which countries places come."""

    world: bool = Field(False, description="From the whole world instead of the locale's country.")


@dataclass(frozen=True)
class Several:
    """For each place several texts of a list, of which a row gets one.

    Attributes:
        texts: those of all places, or all different ones.
        counts: how many each place has.
        starts: where each place's begin in ``flat``.
        flat: positions in ``texts``.
    """

    texts: pa.Array
    counts: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    flat: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Locality(Subject):
    """The places of one group of columns.

    Attributes:
        world: whether they are any country's.
    """

    world: bool
    kind = PLACE

    @classmethod
    @override
    def of(cls, column: SemanticColumn) -> Self:
        return cls(column.group, any(one.world for one in column.given(PlaceArguments)))

    @property
    def source(self) -> str:
        """The name of the list of places."""
        return "world" if self.world else self.group.locale

    @property
    def places(self) -> Places:
        """All of them."""
        return places(self.source)

    def indices(self, context: Context) -> npt.NDArray[np.int64]:
        """The place of each row."""
        found: npt.NDArray[np.int64] = self.shared(
            context, "place", lambda: self.places.draw.indices(self.words(context, "place")).view(np.int64)
        )
        return found

    def column(self, context: Context, name: str) -> pa.DictionaryArray:
        """A column of the places, by row."""
        return dictionary(_codes(self.source, name)[self.indices(context)], place_texts(self.source, name))

    def degrees(self, context: Context, name: str) -> Integers:
        """A coordinate of the place, and a random way off, in ten-thousandths of a degree."""
        values = _degrees(self.source, name)[self.indices(context)]
        off = below(self.words(context, name), 2 * _SPREAD + 1).view(np.int64) - _SPREAD
        limit = 90 * _DEGREE if name == "latitude" else 180 * _DEGREE
        moved: Integers = np.clip(values + off, -limit, limit)
        return moved

    def one_of(self, context: Context, several: Several, purpose: str) -> npt.NDArray[np.int64]:
        """The position of one of the several texts that the row's place has."""
        indices = self.indices(context)
        offset = below_each(self.words(context, purpose), several.counts[indices].astype(np.uint64)).view(np.int64)
        position: npt.NDArray[np.int64] = several.flat[several.starts[indices] + offset]
        return position


@cache
def place_texts(source: str, name: str) -> pa.Array:
    """The different texts of a column of places."""
    return places(source).column(name).dictionary


@cache
def _codes(source: str, name: str) -> npt.NDArray[np.int32]:
    """The text of each place, by its position in ``place_texts``."""
    return np.asarray(places(source).column(name).indices).astype(np.int32)


@cache
def _degrees(source: str, name: str) -> Integers:
    return np.asarray(places(source).column(name)).astype(np.int64)


@cache
def area_codes(source: str) -> Several:
    """The area codes of places."""
    column = places(source).column("area_code")
    listed = [text.split(" ") for text in column.dictionary.to_pylist()]
    codes = sorted({code for one in listed for code in one})
    number = {code: place for place, code in enumerate(codes)}
    counts = np.array([len(one) for one in listed])
    flat = np.array([number[code] for one in listed for code in one])
    of_place = np.asarray(column.indices)
    return Several(pa.array(codes), counts[of_place], (np.cumsum(counts) - counts)[of_place], flat)


def _place_column(column: SemanticColumn, name: str, phrase: str) -> Made | None:
    locality, locale = Locality.of(column), column.group.locale
    if not locality.places.has(name):
        _lacking(column, phrase)
        return None
    if column.unique:
        if not alone(column, PLACE):
            message = f"a {phrase} that is unique cannot agree with the other columns of its place"
            column.refuse("unique-in-group", message, "Give it a 'group' of its own.", "unique")
            return None
        return Choice(known_list(place_texts, locality.source, name, source=f"{phrase} of {locale}"))
    longest = most_characters(place_texts, locality.source, name)
    shown = f"{phrase} of the row's place{_where(locality)}"
    return Attribute(locality, Locality.column, shown, Facts(STRING, max_length=longest), arguments=(name,))


def _where(locality: Locality) -> str:
    return ", of the world" if locality.world else f", {locality.group.locale}"


def _lacking(column: SemanticColumn, phrase: str) -> None:
    message = f"places of {column.group.locale} have no {phrase}"
    column.refuse("not-in-locale", message, "Leave the column out, or use another locale.", "semanticType")


@cache
def _country_names(field: str) -> pa.Array:
    """What the countries of the world's places are called, or their codes."""
    known = {one["code"]: str(one[field]) for one in countries()}
    return pa.array([known.get(code, code) for code in place_texts("world", "country").to_pylist()])


@cache
def _own_country(locale: str, field: str) -> pa.Array:
    data = locale_data(locale)
    if field == "alpha3":
        return pa.array([next(one["alpha3"] for one in countries() if one["code"] == data.country)])
    return pa.array([data.data["countryName"] if field == "name" else data.country])


def _country_of(locality: Locality, context: Context, field: str) -> pa.Array:
    if locality.world:
        return dictionary(_codes("world", "country")[locality.indices(context)], _country_names(field))
    return dictionary(np.zeros(len(context.rows), dtype=np.int32), _own_country(locality.group.locale, field))


def _country(column: SemanticColumn, field: str) -> Generator:
    locality, locale = Locality.of(column), column.group.locale
    if locality.world:
        phrase, longest = "country of the row's place, of the world", most_characters(_country_names, field)
    else:
        value = _own_country(locale, field)[0].as_py()
        phrase, longest = f"{value}, the country of {locale}", len(value)
    return Attribute(locality, _country_of, phrase, Facts(STRING, max_length=longest), arguments=(field,))


def _coordinate_of(locality: Locality, context: Context, name: str) -> pa.Array:
    return pa.array(locality.degrees(context, name) / _DEGREE)


def _coordinate(column: SemanticColumn, name: str) -> Generator:
    locality = Locality.of(column)
    phrase = f"{name} of the row's place, within a mile{_where(locality)}"
    return Attribute(locality, _coordinate_of, phrase, Facts(DOUBLE), arguments=(name,))


def _coordinates_of(locality: Locality, context: Context) -> pa.Array:
    first, second = (number_text(locality.degrees(context, name), 4) for name in ("latitude", "longitude"))
    return pc.binary_join_element_wise(first, second, ",")


def _both_coordinates(column: SemanticColumn) -> Generator:
    locality = Locality.of(column)
    phrase = f"latitude,longitude of the row's place{_where(locality)}"
    return Attribute(locality, _coordinates_of, phrase, Facts(STRING, max_length=18))


@lru_cache(maxsize=32)
def forms_domain(forms: tuple[str, ...], source: str) -> TextDomain:
    """Texts of forms in which # is a digit, % one from 1 to 9, @ a letter."""
    classes = {"#": "0123456789", "%": "123456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    shapes = tuple((tuple(classes.get(one, one) for one in form), 1 / len(forms)) for form in forms)
    return TextDomain(Pattern(source, shapes), STRING)


@dataclass(frozen=True)
class RegionalPostcodes(Generator):
    """Postcodes that begin as those of the place's division do.

    Attributes:
        locality: knows the division.
        ending: # is a digit, @ a letter.
    """

    locality: Locality
    ending: str

    @property
    @override
    def facts(self) -> Facts:
        start = postcode_starts(self.locality.group.locale).texts[0].as_py()
        return Facts(STRING, max_length=len(start) + len(self.ending))

    @override
    def generate(self, context: Context) -> pa.Array:
        starts = postcode_starts(self.locality.group.locale)
        leading = starts.texts.take(pa.array(self.locality.one_of(context, starts, "postal area")))
        stream = self.locality.group.stream("postcode", PLACE)
        ending = forms_domain((self.ending,), self.ending)
        return pc.binary_join_element_wise(leading, ending.random(context.rows, stream), "")

    @override
    def describe(self) -> str:
        return f"postcode of the row's place, by its division, {self.locality.group.locale}"


@cache
def postcode_starts(locale: str) -> Several:
    """With what the postcodes of each place begin, by its division."""
    by_code: dict[str, list[str]] = locale_data(locale).data["postcodeStarts"]["starts"]
    codes = places(locale).column("region_code")
    listed = [by_code[code] for code in codes.dictionary.to_pylist()]
    counts = np.array([len(one) for one in listed], dtype=np.int64)
    of_place = np.asarray(codes.indices)
    texts = pa.array([one for starts in listed for one in starts])
    return Several(texts, counts[of_place], (np.cumsum(counts) - counts)[of_place], np.arange(len(texts)))


def _postcode(column: SemanticColumn) -> Made | None:
    locality, data = Locality.of(column), column.locale.data
    if locality.world:
        _lacking(column, "postcodes")
        return None
    if locality.places.has("postcode"):
        return _place_column(column, "postcode", "ZIP code")
    if "postcodeStarts" in data and not column.unique:
        return RegionalPostcodes(locality, data["postcodeStarts"]["ending"])
    forms = tuple(data["postcodes"])
    source = f"the form {' or '.join(forms)} of {column.locale.country}"
    return Choice(forms_domain(forms, source), stream=column.group.stream("postcode", PLACE))


_GEO = "GeoNames, cities of 5,000 and more (CC BY 4.0); ISO 3166-2"
_ZIP = "U.S. ZIP codes with county, area code and time zone (package zipcodes); GeoNames for the population"


def _of(name: str, phrase: str) -> Callable[[SemanticColumn], Made | None]:
    return lambda column: _place_column(column, name, phrase)


declare(name="city", kind=PLACE, localised=True, names=("city", "town", "cityname", "ort", "municipality"), summary="A city, by population.", example="Chicago", compile=_of("city", "city"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="county", kind=PLACE, localised=True, locales=("en_US",), names=("county", "countyname"), summary="The county of a ZIP code.", example="Cook County", compile=_of("county", "county"), source=_ZIP)  # fmt: skip
declare(name="state", kind=PLACE, localised=True, names=("state", "statename", "province", "provincename", "bundesland"), summary="The first-level division that the place lies in.", example="Illinois", compile=_of("region", "state"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="state-code", kind=PLACE, localised=True, names=("statecode", "stateabbreviation", "stateabbr", "provincecode", "regioncode"), summary="Its code by ISO 3166-2, without the country's.", example="IL", compile=_of("region_code", "state code"), source="ISO 3166-2", arguments=PlaceArguments)  # fmt: skip
declare(name="region", kind=PLACE, localised=True, names=("region", "regionname"), summary="The same as state, as other countries call it.", example="Bayern", compile=_of("region", "region"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="country", kind=PLACE, localised=True, names=("country", "countryname", "land"), summary="The row's country; with the argument world any.", example="United States", compile=lambda column: _country(column, "name"), source="ISO 3166-1, Unicode CLDR", arguments=PlaceArguments)  # fmt: skip
declare(name="country-code", kind=PLACE, localised=True, names=("countrycode", "countryiso", "iso2"), summary="Its code by ISO 3166-1 alpha-2.", example="US", compile=lambda column: _country(column, "code"), source="ISO 3166-1", arguments=PlaceArguments, pattern="[A-Z]{2}")  # fmt: skip
declare(name="zip-code", kind=PLACE, localised=True, names=("zip", "zipcode", "zippostcode"), summary="A ZIP code of the row's city; elsewhere a postcode of the country's form.", example="60614", compile=_postcode, source=_ZIP)  # fmt: skip
declare(name="postcode", kind=PLACE, localised=True, names=("postcode", "postalcode", "plz", "pincode", "eircode"), summary="The same, as other countries call it.", example="80331", compile=_postcode, source=_ZIP)  # fmt: skip
declare(name="latitude", kind=PLACE, localised=True, names=("latitude", "lat"), summary="Within a mile of the row's place.", example=41.8781, compile=lambda column: _coordinate(column, "latitude"), data_type=DOUBLE, source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="longitude", kind=PLACE, localised=True, names=("longitude", "lon", "lng", "long"), summary="Within a mile of the row's place.", example=-87.6298, compile=lambda column: _coordinate(column, "longitude"), data_type=DOUBLE, source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="latitude-longitude", kind=PLACE, localised=True, names=("latitudelongitude", "latlong", "latlon", "latlng", "coordinates", "geolocation", "geopoint"), summary="Both, with a comma.", example="41.8781,-87.6298", compile=_both_coordinates, source=_GEO, arguments=PlaceArguments, pattern=r"-?\d{1,2}\.\d{4},-?\d{1,3}\.\d{4}")  # fmt: skip
declare(name="time-zone", kind=PLACE, localised=True, names=("timezone", "tz", "timezonename"), summary="The place's time zone, by the IANA database.", example="America/Chicago", compile=_of("time_zone", "time zone"), source="IANA time zone database, by GeoNames", arguments=PlaceArguments)  # fmt: skip
