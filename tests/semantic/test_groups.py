"""Columns that belong together agree: proved over a million rows against the reference data."""

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from policies import problem, table

import faasera
from faasera.vocabulary.reference import locale_data, locale_names, places, rows_of

MILLION = 1_000_000


def arrow(rules, rows=2000, **keys):
    return faasera.generate(table(rules, rows, **keys))["t"]


def distinct(made, *columns):
    """The combinations of columns that occur, as tuples."""
    plain = pa.table(
        {
            name: made.column(name).cast("string")
            if pa.types.is_dictionary(made.column(name).type)
            else made.column(name)
            for name in columns
        }
    )
    return set(
        zip(*(column.to_pylist() for column in plain.group_by(list(columns)).aggregate([]).columns), strict=True)
    )


def test_places_of_the_united_states_agree_down_to_the_area_code():
    names = ["city", "county", "state", "state_code", "zip_code", "time_zone", "phone"]
    made = arrow({name: {} for name in names}, MILLION)
    known = places("en_US").table
    reference = {
        (city, county, region, code, zip_code, zone): area.split()
        for city, county, region, code, zip_code, zone, area in zip(
            *(
                known.column(name).to_pylist()
                for name in ("city", "county", "region", "region_code", "postcode", "time_zone", "area_code")
            ),
            strict=True,
        )
    }
    area = pc.utf8_slice_codeunits(made.column("phone").cast("string"), 1, 4)
    found = distinct(made.append_column("area", area), *names[:-1], "area")
    assert len(found) > 20_000
    assert [one for one in found if one[-1] not in reference[one[:-1]]] == []


def test_coordinates_lie_within_a_mile_of_the_place():
    made = arrow({name: {} for name in ("zip_code", "latitude", "longitude", "coordinates")}, 200_000)
    known = places("en_US").table
    where = dict(
        zip(
            known.column("postcode").to_pylist(),
            zip(known.column("latitude").to_pylist(), known.column("longitude").to_pylist(), strict=True),
            strict=True,
        )
    )
    middle = np.array([where[zip_code] for zip_code in made.column("zip_code").cast("string").to_pylist()])
    for place, name in enumerate(("latitude", "longitude")):
        assert np.abs(made.column(name).to_numpy() * 10_000 - middle[:, place]).max() < 151
    both = [
        f"{latitude:.4f},{longitude:.4f}"
        for latitude, longitude in zip(
            made.column("latitude").to_pylist()[:500], made.column("longitude").to_pylist()[:500], strict=True
        )
    ]
    assert made.column("coordinates").to_pylist()[:500] == both


@pytest.mark.parametrize("locale", [name for name in locale_names() if name != "en_US"])
def test_places_elsewhere_agree(locale):
    names = ["city", "region", "state_code", "time_zone"]
    made = arrow({name: {} for name in [*names, "country", "country_code"]}, 20_000, locale=locale)
    known = places(locale).table
    reference = set(
        zip(*(known.column(name).to_pylist() for name in ("city", "region", "region_code", "time_zone")), strict=True)
    )
    assert distinct(made, *names) <= reference
    assert distinct(made, "country", "country_code") == {(locale_data(locale).data["countryName"], locale[-2:])}


def test_places_come_by_population():
    made = arrow({"city": {}, "state": {}}, MILLION)
    counted = pc.value_counts(made.column("city").cast("string"))
    counts = {one["values"]: one["counts"] for one in counted.to_pylist()}
    assert counts["New York"] > 2 * counts["Boston"] > 20 * counts["Ithaca"]


def test_age_and_birth_agree_on_every_as_of_leap_days_too():
    for as_of in ("2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2026-12-31"):
        rules = {
            "dob": {},
            "age": {"type": "RANDOM", "semanticType": "age", "arguments": {"min": 0, "max": 99}},
            "again": {"type": "PRESERVE", "expression": "age(dob)"},
        }
        made = arrow(rules, 200_000, asOf=as_of)
        today = datetime.date.fromisoformat(as_of)
        days = made.column("dob").to_pylist()
        expected = [today.year - day.year - ((today.month, today.day) < (day.month, day.day)) for day in days]
        assert made.column("age").to_pylist() == expected == made.column("again").to_pylist()
        assert set(expected) == set(range(100)) and max(days) <= today


def test_a_birth_column_of_ones_own_is_followed():
    rules = {
        "dob": {"type": "DATE_RANDOM", "range": {"start": "2001-01-02", "end": "2001-12-31"}},
        "age": {},
        "marital_status": {},
    }
    made = arrow(rules)
    assert set(made.column("age").to_pylist()) == {24}


def test_first_names_fit_gender_and_decade():
    rules = {
        "gender": {},
        "first_name": {},
        "age": {"type": "RANDOM", "semanticType": "age", "arguments": {"min": 1, "max": 95}},
    }
    made = arrow(rules, MILLION)
    data = locale_data("en_US")
    given = {
        gender: set(data.first_names[place].values.to_pylist()).union(*data.decades(gender).values())
        for place, gender in enumerate(("female", "male"))
    }
    assert [one for one in distinct(made, "gender", "first_name") if one[1] not in given[one[0]]] == []
    old, young = (made.filter(mask) for mask in (pc.greater(made.column("age"), 75), pc.less(made.column("age"), 15)))
    share = [
        sum(
            value in ("Mildred", "Dorothy", "Shirley", "Betty")
            for value in part.column("first_name").cast("string").to_pylist()
        )
        / len(part)
        for part in (old, young)
    ]
    assert share[0] > 20 * max(share[1], 1e-4)


def test_email_username_and_full_name_come_from_the_rows_own_name():
    made = arrow(
        {name: {} for name in ("first_name", "last_name", "full_name", "email", "username")},
        100_000,
        locale={"en_US": 1, "de_DE": 1, "ru_RU": 1},
    )
    rows = zip(*(made.column(name).cast("string").to_pylist() for name in made.column_names), strict=True)
    from faasera.generators.semantic.contact import handle

    for first, last, full, email, username in list(rows)[:5000]:
        assert full == f"{first} {last}" and email.isascii() and username.isascii()
        plain_first, plain_last = handle(pa.array([first, last])).to_pylist()
        for address in (email.partition("@")[0], username):
            assert address.startswith(plain_first[0]) and plain_last in address


def test_columns_of_ones_own_are_followed_by_what_is_derived():
    rules = {
        "first_name": {"type": "SEED", "values": ["Zoë"]},
        "last_name": {"type": "SEED", "values": ["Ægir"]},
        "email": {},
        "full_name": {},
    }
    made = arrow(rules)
    assert set(made.column("full_name").to_pylist()) == {"Zoë Ægir"}
    assert all("gir" in value and value.startswith("z") for value in made.column("email").to_pylist())


def test_prefixes_make_groups_and_words_of_the_table_do_not():
    names = [
        "first_name",
        "cust_email",
        "home_phone",
        "work_phone",
        "billing_city",
        "billing_state",
        "shipping_city",
        "shipping_state",
        "city",
    ]
    made = faasera.generate(
        {"tableName": "customers", "rowCount": 3000, "columnRuleMap": {name: {} for name in names}}
    )["customers"]
    rows = made.to_pylist()
    assert all(row["cust_email"][0] == row["first_name"][0].lower() for row in rows)
    assert sum(row["billing_city"] == row["shipping_city"] for row in rows) < 300
    assert sum(row["home_phone"] == row["work_phone"] for row in rows) < 300
    known = set(zip(*(places("en_US").table.column(name).to_pylist() for name in ("city", "region")), strict=True))
    assert {(row["billing_city"], row["billing_state"]) for row in rows} <= known
    assert {(row["shipping_city"], row["shipping_state"]) for row in rows} <= known


def test_a_group_is_named_outright():
    rules = {
        "a": {"type": "RANDOM", "semanticType": "city", "group": "x"},
        "b": {"type": "RANDOM", "semanticType": "city", "group": "x"},
        "c": {"type": "RANDOM", "semanticType": "city"},
    }
    made = arrow(rules)
    assert made.column("a").to_pylist() == made.column("b").to_pylist() != made.column("c").to_pylist()


def test_a_columns_values_do_not_depend_on_which_others_there_are():
    every = {
        name: {}
        for name in (
            "gender",
            "first_name",
            "last_name",
            "email",
            "dob",
            "age",
            "city",
            "zip",
            "phone",
            "cardnumber",
            "cvv",
        )
    }
    whole = arrow(every)
    for name in every:
        assert arrow({name: {}}).column(name).to_pylist() == whole.column(name).to_pylist()


def test_cards_agree():
    names = {"card_number": {}, "card_brand": {}, "cvv": {}, "card_expiry": {}}
    made = arrow(names, 100_000)
    starts = {
        "Visa": "4",
        "Mastercard": "5",
        "American Express": "37",
        "Discover": "6",
        "JCB": "35",
        "Diners Club": "30",
    }
    for row in made.slice(0, 20_000).to_pylist():
        assert row["card_number"].startswith(starts[row["card_brand"]])
        assert len(row["cvv"]) == (4 if row["card_brand"] == "American Express" else 3)


def test_work_agrees():
    made = arrow({"job": {}, "department": {}}, 50_000)
    known = {(row["occupation"], row["department"]) for row in rows_of("occupations.csv")}
    assert distinct(made, "job", "department") <= known


def test_currencies_follow_the_country_or_the_world():
    made = arrow({"country_code": {}, "currency_code": {}}, 5000, locale={"de_DE": 1, "ja_JP": 1, "en_GB": 1})
    assert distinct(made, "country_code", "currency_code") == {("DE", "EUR"), ("JP", "JPY"), ("GB", "GBP")}
    rule = {"type": "RANDOM", "semanticType": "currency-code", "arguments": {"world": True}}
    assert len(set(arrow({"c": rule}, 5000).column("c").to_pylist())) > 100


def test_the_world():
    rules = {
        "country": {"type": "RANDOM", "semanticType": "country", "arguments": {"world": True}},
        "city": {},
        "time_zone": {},
    }
    made = arrow(rules, 100_000)
    assert len(distinct(made, "country")) > 100
    assert {one[1] for one in distinct(made, "city", "country") if one[0] == "Tokyo"} == {"Japan"}


def test_conditions_fit_age_and_gender():
    rules = {
        "gender": {},
        "age": {"type": "RANDOM", "semanticType": "age", "arguments": {"min": 0, "max": 100}},
        "icd10": {},
        "diagnosis": {},
        "treatment": {},
    }
    made = arrow(rules, 200_000)
    known = {row["icd10"]: row for row in rows_of("conditions.csv")}
    for code, diagnosis, gender in distinct(made, "icd10", "diagnosis", "gender"):
        assert known[code]["diagnosis"] == diagnosis and known[code]["gender"] in ("", gender)
    for code, age in distinct(made, "icd10", "age"):
        assert int(known[code]["from"]) <= age <= int(known[code]["to"])


def test_moments_agree():
    made = arrow({"date": {}, "year": {}, "month": {}, "weekday": {}, "quarter": {}}, 20_000)
    for row in made.slice(0, 3000).to_pylist():
        day = row["date"]
        assert (row["year"], row["month"], row["weekday"], row["quarter"]) == (
            day.year,
            f"{day:%B}",
            f"{day:%A}",
            f"Q{(day.month + 2) // 3}",
        )


def test_rows_follow_their_locale_in_all_groups():
    mix = {"de_DE": 3, "fr_FR": 1}
    made = arrow(
        {name: {} for name in ("country", "city", "phone", "iban", "currency", "postcode")}, 40_000, locale=mix
    )
    german = pc.equal(made.column("country").cast("string"), "Deutschland")
    assert abs(pc.mean(german.cast("int8")).as_py() - 0.75) < 0.02
    for part, start in ((made.filter(german), "DE"), (made.filter(pc.invert(german)), "FR")):
        assert pc.all(pc.starts_with(part.column("iban"), start)).as_py()
        known = set(places(f"{start.lower()}_{start}").table.column("city").to_pylist())
        assert set(part.column("city").cast("string").to_pylist()) <= known


def test_a_locale_that_lacks_a_type_warns():
    plan = faasera.load(table({"c": {"type": "RANDOM", "semanticType": "diagnosis"}}, locale="de_DE")).plan
    assert plan.warnings == ("t.c: 'diagnosis' has no values for de_DE; those of en_US are used",)


@pytest.mark.parametrize(
    "rules,keys,pointer,code,words",
    [
        (
            {"c": {"type": "SEED", "semanticType": "ssn", "locale": "de_DE"}},
            {},
            "/columnRuleMap/c/locale",
            "no-effect",
            "all locales",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "ssn", "group": "x"}},
            {},
            "/columnRuleMap/c/group",
            "no-effect",
            "no other",
        ),
        (
            {"c": {"type": "RANDOM", "semanticType": "frst-name"}},
            {},
            "/columnRuleMap/c/semanticType",
            "unknown-semantic-type",
            "first-name",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "city", "locale": "de_ED"}},
            {},
            "/columnRuleMap/c/locale",
            "unknown-locale",
            "de_DE",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "city"}},
            {"locale": {"de_DE": 1, "xx": 2}},
            "/locale",
            "unknown-locale",
            "xx",
        ),
        ({"c": {"type": "SEED", "semanticType": "city"}}, {"locale": {"de_DE": 0}}, "/locale/de_DE", "bad-value", ""),
        ({"c": {"type": "SEED", "semanticType": "county", "locale": "de_DE"}}, {}, None, None, ""),
        ({"c": {"type": "SEED", "semanticType": "gender", "unique": True}}, {}, "/columnRuleMap/c/unique", None, ""),
        (
            {"city": {"type": "SEED", "semanticType": "city", "unique": True}, "zip": {}},
            {},
            "/columnRuleMap/city/unique",
            "unique-in-group",
            "group",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "state", "unique": True}},
            {"rowCount": 60},
            "/columnRuleMap/c/unique",
            "domain-too-small",
            "51",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "gender", "allowRealistic": True}},
            {},
            "/columnRuleMap/c/allowRealistic",
            "no-effect",
            "",
        ),
        ({"c": {"type": "SEQUENCE", "allowRealistic": True}}, {}, "/columnRuleMap/c/allowRealistic", "no-effect", ""),
        (
            {"c": {"type": "SEED", "semanticType": "age", "dataType": "DATE"}},
            {},
            "/columnRuleMap/c/dataType",
            "data-type",
            "INTEGER",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "age", "arguments": {"mn": 3}}},
            {},
            "/columnRuleMap/c/arguments/mn",
            "unknown-key",
            "min",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "age", "arguments": {"min": 30, "max": 3}}},
            {},
            "/columnRuleMap/c/arguments",
            "bad-value",
            "above",
        ),
        (
            {"c": {"type": "SEED", "semanticType": "city", "arguments": {"min": 3}}},
            {},
            "/columnRuleMap/c/arguments/min",
            "unknown-key",
            "",
        ),
        (
            {"c": {"type": "RANDOM", "semanticType": "first-name", "distribution": "ZIPF"}},
            {},
            "/columnRuleMap/c/distribution",
            "distribution-type",
            "",
        ),
        (
            {"c": {"type": "RANDOM", "semanticType": "ssn", "maxLength": 5}},
            {},
            "/columnRuleMap/c/maxLength",
            "max-length",
            "",
        ),
        (
            {"c": {"type": "RANDOM", "semanticType": "creditcard-number", "unique": True}},
            {"rowCount": "20m"},
            "/columnRuleMap/c/unique",
            "domain-too-small",
            "",
        ),
    ],
)
def test_what_cannot_hold_is_refused(rules, keys, pointer, code, words):
    policy = {**table(rules), **keys}
    if pointer is None:
        assert faasera.load(policy).plan.warnings
        return
    found = problem(policy)
    assert found.pointer == pointer and code in (None, found.code) and words in found.message + found.remedy


@pytest.mark.parametrize(
    "locale,city,starts",
    [
        ("de_DE", "München", "8"),
        ("de_DE", "Berlin", "1"),
        ("fr_FR", "Marseille", ("04", "05", "06", "13", "83", "84")),
        ("en_CA", "Toronto", ("K", "L", "M", "N", "P")),
        ("en_AU", "Sydney", "2"),
        ("de_AT", "Wien", "1"),
    ],
)
def test_postcodes_begin_as_those_of_the_region_do(locale, city, starts):
    made = arrow({"city": {}, "postcode": {}}, 100_000, locale=locale)
    found = [code for where, code in distinct(made, "city", "postcode") if where == city]
    assert len(found) > 20 and all(
        code.startswith(starts) or (city == "München" and code.startswith("9")) for code in found
    )


def test_names_that_a_key_keeps_apart_are_followed_by_the_email():
    rules = {"email": {}, "first_name": {}, "last_name": {}, "full_name": {}}
    rows = faasera.generate(table(rules, 3000, uniqueKeys=[["first_name", "last_name"]]))["t"].to_pylist()
    assert len({(row["first_name"], row["last_name"]) for row in rows}) == 3000
    assert all(row["full_name"] == f"{row['first_name']} {row['last_name']}" for row in rows)
    assert all(row["email"][0] == row["first_name"][0].lower() for row in rows)


def test_a_key_that_holds_anyway_asks_nothing_of_the_group():
    rules = {"id": {"type": "SEQUENCE"}, "city": {}, "zip": {}}
    made = arrow(rules, 3000, primaryKeyColumn="id", compositeKeyColumn="id+city")
    known = set(zip(*(places("en_US").table.column(name).to_pylist() for name in ("city", "postcode")), strict=True))
    assert distinct(made, "city", "zip") <= known
