import pytest
from data_types import DATA_TYPES
from hypothesis import given

from faasera.core.types import BIGINT, DATE, JSON, STRING, TIMESTAMP, Field, ListOf, MapOf, Scalar, Struct
from faasera.lineage.croissant_types import croissant_type

WORDS = {"sc:Text", "sc:Integer", "sc:Float", "sc:Boolean", "sc:Date", "sc:DateTime"}


@given(DATA_TYPES)
def test_a_field_has_a_type_or_fields_below_it(data_type):
    def judge(field):
        assert ("dataType" in field) != ("subField" in field)
        assert field.get("dataType", "sc:Text") in WORDS
        for part in field.get("subField", ()):
            assert part["@type"] == "cr:Field" and part["name"]
            judge(part)

    judge(croissant_type(data_type))


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (Scalar("DECIMAL", 12, 2), {"dataType": "sc:Float"}),
        (JSON, {"dataType": "sc:Text"}),
        (ListOf(TIMESTAMP), {"dataType": "sc:DateTime", "repeated": True}),
        (ListOf(ListOf(DATE)), {"dataType": "sc:Text"}),
        (MapOf(STRING, BIGINT), {"dataType": "sc:Text"}),
        (
            ListOf(Struct((Field("a", BIGINT),))),
            {"subField": [{"@type": "cr:Field", "name": "a", "dataType": "sc:Integer"}], "repeated": True},
        ),
    ],
)
def test_words_of_croissant(data_type, expected):
    assert croissant_type(data_type) == expected
