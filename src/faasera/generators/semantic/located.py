"""Where a row is: one place a row, drawn by population, of which all columns of the group tell."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

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
from faasera.generators.generator import Choice, Generator
from faasera.generators.lists import ListDomain
from faasera.generators.patterns import Pattern
from faasera.generators.semantic.person import Attribute, longest
from faasera.generators.semantic.registry import Member, Subject, declare
from faasera.generators.texts import TextDomain
from faasera.policy.model import Model
from faasera.vocabulary.reference import Places, countries, places

PLACE = "place"
_DEGREE = 10_000
_SPREAD = 150
"""How far a point lies from the middle of its place, in ten-thousandths of a degree (about a mile)."""


class PlaceArguments(Model):
    """From which countries places come."""

    world: bool = Field(False, description="From the whole world instead of the locale's country.")


class Location(Subject):
    """The places of one group of columns."""

    kind = PLACE

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        world = any(getattr(given, "world", False) for given in member.siblings.values())
        self.places: Places = places("world" if world else member.locale.name)
        self.world = world

    def indices(self, context: Context) -> npt.NDArray[np.int64]:
        """The place of each row."""
        found: npt.NDArray[np.int64] = self.shared(
            context, "place", lambda: self.places.draw.indices(self.words(context, "place")).view(np.int64)
        )
        return found

    def column(self, name: str) -> Callable[[Context], pa.Array]:
        """A column of the places, by row."""
        values = self.places.column(name)
        codes, listed = np.asarray(values.indices).astype(np.int32), values.dictionary

        def make(context: Context) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(codes[self.indices(context)]), listed, safe=False)

        return make

    def degrees(self, context: Context, name: str) -> Integers:
        """A coordinate of the place, and a random way off, in ten-thousandths of a degree."""
        values = np.asarray(self.places.column(name)).astype(np.int64)[self.indices(context)]
        off = below(self.words(context, name), 2 * _SPREAD + 1).view(np.int64) - _SPREAD
        limit = 90 * _DEGREE if name == "latitude" else 180 * _DEGREE
        moved: Integers = np.clip(values + off, -limit, limit)
        return moved

    @cached_property
    def _areas(self) -> tuple[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All area codes; for each place how many it has and where they begin in the last array."""
        column = self.places.column("area_code")
        listed = [text.split(" ") for text in column.dictionary.to_pylist()]
        codes = sorted({code for one in listed for code in one})
        number = {code: place for place, code in enumerate(codes)}
        counts = np.array([len(one) for one in listed])
        flat = np.array([number[code] for one in listed for code in one])
        places = np.asarray(column.indices)
        return pa.array(codes), counts[places], (np.cumsum(counts) - counts)[places], flat

    def area_codes(self, context: Context) -> tuple[pa.Array, npt.NDArray[np.int64]]:
        """All area codes, and the row's place in them."""
        codes, counts, starts, flat = self._areas
        indices = self.indices(context)
        offset = below_each(self.words(context, "area code"), counts[indices].astype(np.uint64)).view(np.int64)
        return codes, flat[starts[indices] + offset]


def _place_column(member: Member, name: str, phrase: str) -> Choice | Generator | None:
    location = Location.of(member)
    if not location.places.has(name):
        _lacking(member, phrase)
        return None
    listed = location.places.column(name).dictionary
    if member.scope.unique:
        if not _alone(member):
            message = f"a {phrase} that is unique cannot agree with the other columns of its place"
            remedy = "Give it a 'group' of its own."
            member.scope.problems.add("unique-in-group", message, remedy, at=["unique"])
            return None
        return Choice(ListDomain(listed, STRING, f"{phrase} of {member.locale.name}"))
    return Attribute(
        location.column(name), f"{phrase} of the row's place{_where(location)}", max_length=longest(listed)
    )


def _where(location: Location) -> str:
    return ", of the world" if location.world else f", {location.locale.name}"


def _alone(member: Member) -> bool:
    """Whether no other column of the table belongs to the group."""
    from faasera.generators.semantic.neighbours import members
    from faasera.generators.semantic.registry import SEMANTIC_TYPES

    for column, _, found in members(member.scope.rules, member.scope.table):
        entry = SEMANTIC_TYPES.get(found.semantic)
        if column != member.scope.column and entry is not None and entry.kind == PLACE and found.group == member.group:
            return False
    return True


def _lacking(member: Member, phrase: str) -> None:
    message = f"places of {member.locale.name} have no {phrase}"
    member.scope.problems.add(
        "not-in-locale", message, "Leave the column out, or use another locale.", at=["semanticType"]
    )


def _country(member: Member, field: str) -> Generator:
    location = Location.of(member)
    if not location.world:
        value = member.locale.data["countryName"] if field == "name" else member.locale.country
        if field == "alpha3":
            value = next(one["alpha3"] for one in countries() if one["code"] == member.locale.country)
        listed = pa.array([value])

        def constant(context: Context) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(context.rows), dtype=np.int32)), listed)

        return Attribute(constant, f"{value}, the country of {member.locale.name}", max_length=len(value))
    codes = location.places.column("country")
    known = {one["code"]: str(one[field]) for one in countries()}
    listed = pa.array([known.get(code, code) for code in codes.dictionary.to_pylist()])
    plain = location.column("country")

    def make(context: Context) -> pa.Array:
        return pa.DictionaryArray.from_arrays(plain(context).indices, listed, safe=False)

    return Attribute(make, "country of the row's place, of the world", max_length=longest(listed))


def _coordinate(member: Member, name: str) -> Generator:
    location = Location.of(member)

    def make(context: Context) -> pa.Array:
        return pa.array(location.degrees(context, name) / _DEGREE)

    return Attribute(make, f"{name} of the row's place, within a mile{_where(location)}", DOUBLE)


def _both_coordinates(member: Member) -> Generator:
    location = Location.of(member)

    def make(context: Context) -> pa.Array:
        first, second = (number_text(location.degrees(context, name), 4) for name in ("latitude", "longitude"))
        return pc.binary_join_element_wise(first, second, ",")

    return Attribute(make, f"latitude,longitude of the row's place{_where(location)}", max_length=18)


def forms_domain(forms: tuple[str, ...], source: str) -> TextDomain:
    """Texts of forms in which # is a digit, % one from 1 to 9, @ a letter."""
    classes = {"#": "0123456789", "%": "123456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    shapes = tuple((tuple(classes.get(one, one) for one in form), 1 / len(forms)) for form in forms)
    return TextDomain(Pattern(source, shapes), STRING)


@dataclass(frozen=True)
class RegionalPostcodes(Generator):
    """Postcodes that begin as those of the place's division do.

    Attributes:
        location: knows the division.
        ending: # is a digit, @ a letter.
    """

    location: Location
    ending: str

    @property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, max_length=len(self._starts[0][0].as_py()) + len(self.ending))

    @cached_property
    def _starts(self) -> tuple[pa.Array, Integers, Integers]:
        """All beginnings; for each place how many it has, and where they begin."""
        by_code: dict[str, list[str]] = self.location.locale.data["postcodeStarts"]["starts"]
        codes = self.location.places.column("region_code")
        listed = [by_code[code] for code in codes.dictionary.to_pylist()]
        counts = np.array([len(one) for one in listed], dtype=np.int64)
        places = np.asarray(codes.indices)
        return (
            pa.array([one for starts in listed for one in starts]),
            counts[places],
            (np.cumsum(counts) - counts)[places],
        )

    @cached_property
    def _endings(self) -> TextDomain:
        return forms_domain((self.ending,), self.ending)

    @override
    def generate(self, context: Context) -> pa.Array:
        starts, counts, first = self._starts
        indices = self.location.indices(context)
        chosen = below_each(self.location.words(context, "postal area"), counts[indices].astype(np.uint64))
        leading = starts.take(pa.array(first[indices] + chosen.view(np.int64)))
        stream = self.location.member.stream("postcode", PLACE)
        return pc.binary_join_element_wise(leading, self._endings.random(context.rows, stream), "")

    @override
    def describe(self) -> str:
        return f"postcode of the row's place, by its division, {self.location.locale.name}"


def _postcode(member: Member) -> Choice | Generator | None:
    location = Location.of(member)
    if location.world:
        _lacking(member, "postcodes")
        return None
    if location.places.has("postcode"):
        return _place_column(member, "postcode", "ZIP code")
    if "postcodeStarts" in member.locale.data and not member.scope.unique:
        return RegionalPostcodes(location, member.locale.data["postcodeStarts"]["ending"])
    forms = tuple(member.locale.data["postcodes"])
    stream = member.stream("postcode", PLACE)
    return Choice(forms_domain(forms, f"the form {' or '.join(forms)} of {member.locale.country}"), stream=stream)


_GEO = "GeoNames, cities of 5,000 and more (CC BY 4.0); ISO 3166-2"
_ZIP = "U.S. ZIP codes with county, area code and time zone (package zipcodes); GeoNames for the population"


def _of(name: str, phrase: str) -> Callable[[Member], "Choice | Generator | None"]:
    return lambda member: _place_column(member, name, phrase)


declare(name="city", kind=PLACE, localised=True, names=("city", "town", "cityname", "ort", "municipality"), summary="A city, by population.", example="Chicago", compile=_of("city", "city"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="county", kind=PLACE, localised=True, locales=("en_US",), names=("county", "countyname"), summary="The county of a ZIP code.", example="Cook County", compile=_of("county", "county"), source=_ZIP)  # fmt: skip
declare(name="state", kind=PLACE, localised=True, names=("state", "statename", "province", "provincename", "bundesland"), summary="The first-level division that the place lies in.", example="Illinois", compile=_of("region", "state"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="state-code", kind=PLACE, localised=True, names=("statecode", "stateabbreviation", "stateabbr", "provincecode", "regioncode"), summary="Its code by ISO 3166-2, without the country's.", example="IL", compile=_of("region_code", "state code"), source="ISO 3166-2", arguments=PlaceArguments)  # fmt: skip
declare(name="region", kind=PLACE, localised=True, names=("region", "regionname"), summary="The same as state, as other countries call it.", example="Bayern", compile=_of("region", "region"), source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="country", kind=PLACE, localised=True, names=("country", "countryname", "land"), summary="The row's country; with the argument world any.", example="United States", compile=lambda member: _country(member, "name"), source="ISO 3166-1, Unicode CLDR", arguments=PlaceArguments)  # fmt: skip
declare(name="country-code", kind=PLACE, localised=True, names=("countrycode", "countryiso", "iso2"), summary="Its code by ISO 3166-1 alpha-2.", example="US", compile=lambda member: _country(member, "code"), source="ISO 3166-1", arguments=PlaceArguments, pattern="[A-Z]{2}")  # fmt: skip
declare(name="zip-code", kind=PLACE, localised=True, names=("zip", "zipcode", "zippostcode"), summary="A ZIP code of the row's city; elsewhere a postcode of the country's form.", example="60614", compile=_postcode, source=_ZIP)  # fmt: skip
declare(name="postcode", kind=PLACE, localised=True, names=("postcode", "postalcode", "plz", "pincode", "eircode"), summary="The same, as other countries call it.", example="80331", compile=_postcode, source=_ZIP)  # fmt: skip
declare(name="latitude", kind=PLACE, localised=True, names=("latitude", "lat"), summary="Within a mile of the row's place.", example=41.8781, compile=lambda member: _coordinate(member, "latitude"), data_type=DOUBLE, source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="longitude", kind=PLACE, localised=True, names=("longitude", "lon", "lng", "long"), summary="Within a mile of the row's place.", example=-87.6298, compile=lambda member: _coordinate(member, "longitude"), data_type=DOUBLE, source=_GEO, arguments=PlaceArguments)  # fmt: skip
declare(name="latitude-longitude", kind=PLACE, localised=True, names=("latitudelongitude", "latlong", "latlon", "latlng", "coordinates", "geolocation", "geopoint"), summary="Both, with a comma.", example="41.8781,-87.6298", compile=_both_coordinates, source=_GEO, arguments=PlaceArguments, pattern=r"-?\d{1,2}\.\d{4},-?\d{1,3}\.\d{4}")  # fmt: skip
declare(name="time-zone", kind=PLACE, localised=True, names=("timezone", "tz", "timezonename"), summary="The place's time zone, by the IANA database.", example="America/Chicago", compile=_of("time_zone", "time zone"), source="IANA time zone database, by GeoNames", arguments=PlaceArguments)  # fmt: skip
