"""``faker.<method>``: pools of other providers."""

import datetime

import pytest
from policies import column, problem, table

import faasera


def rule(method, **keys):
    return {"type": "RANDOM", "semanticType": f"faker.{method}", **keys}


def test_a_pool_is_drawn_once_and_again_the_same():
    made = column(rule("color_name", poolSize=20), 5000)
    assert len(set(made)) == 20 and made == column(rule("color_name", poolSize=20), 5000)
    assert made != column(rule("color_name", poolSize=20), 5000, seed=1)
    assert made[:100] == column(rule("color_name", poolSize=20), 100)


def test_arguments_and_types():
    assert set(column(rule("random_element", arguments={"elements": ["a", "b"]}))) == {"a", "b"}
    numbers = column(rule("pyint", arguments={"min_value": 5, "max_value": 7}))
    assert set(numbers) == {5, 6, 7}
    assert all(isinstance(value, datetime.date) for value in column(rule("date_object")))
    assert all(isinstance(value, str) for value in column(rule("pyint", dataType="STRING")))
    assert set(map(type, column(rule("boolean")))) == {bool}


def test_a_locale():
    assert all(not name.isascii() for name in column(rule("first_name", locale="ru_RU")))


def test_the_plan_names_the_version():
    import faker

    described = faasera.load(table({"c": rule("bs")})).plan.tables["t"].column("c").generator.describe()
    assert f"Faker {faker.VERSION}" in described


def test_a_unique_column():
    made = column(rule("pyint", unique=True, poolSize=1000, arguments={"max_value": 10**6}), 1000)
    assert len(set(made)) == 1000
    found = problem(table({"c": rule("boolean", unique=True)}, 10))
    assert found.code == "domain-too-small" and found.pointer.endswith("poolSize") and "2 different" in found.message


@pytest.mark.parametrize(
    "given,pointer,code",
    [
        (rule("colour_nam"), "semanticType", "unknown-semantic-type"),
        (rule("pyint", arguments={"nonsense": 1}), "arguments", "bad-value"),
        (rule("email"), "semanticType", "not-safe"),
        (rule("bs", dataType="INTEGER"), "dataType", "data-type"),
        (rule("bs", group="x"), "group", "no-effect"),
        ({"type": "RANDOM", "semanticType": "city", "poolSize": 5}, "poolSize", "no-effect"),
        ({"type": "RANDOM", "pattern": "a", "poolSize": 5}, "poolSize", "no-effect"),
        ({"type": "SEED", "values": ["a"], "poolSize": 5}, "poolSize", "no-effect"),
        (rule("bs", locale={"de_DE": 1, "fr_FR": 1}), "locale", "exclusive-keys"),
    ],
)
def test_what_cannot_hold(given, pointer, code):
    found = problem(table({"c": given}))
    assert (found.pointer, found.code) == (f"/columnRuleMap/c/{pointer}", code)


def test_what_may_be_somebodys_needs_to_be_allowed():
    assert all("@" in value for value in column(rule("email", allowRealistic=True), 20))
