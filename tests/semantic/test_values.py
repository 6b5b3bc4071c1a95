"""What a semantic type compiles to is a value: equal when compiled again, hashable, pickled small, on its own."""

import pickle
import types
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from policies import table

from faasera.core.arrow import decoded
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.plan.evaluate import Rows, rows_between
from faasera.plan.model import Plan
from faasera.run.planning import load_plan

ROWS = 50
MOST_BYTES = 100_000
"""More, a pickled column is never; lists of the package are named, not copied."""
PLANNER = ("faasera.plan", "faasera.generators.scope", "faasera.generators.workshop")
SEVERAL = {"de_DE": 2, "en_US": 1, "ja_JP": 1}
TYPES = [entry.name for entry in SEMANTIC_TYPES]
UNIQUE = ("first-name", "last-name", "street-name", "occupation", "email-address", "creditcard-number", "ssn", "iban-code", "url", "phone-number", "diagnosis", "guid")  # fmt: skip


def rule(name: str, **keys: Any) -> dict[str, Any]:
    return {"type": "RANDOM", "semanticType": name, **keys}


def every(locale: Any) -> dict[str, Any]:
    """A policy with a column of each type, in a locale or several."""
    lacking = {"county"} if locale != "en_US" else set()
    return table({name: rule(name) for name in TYPES if name not in lacking}, ROWS, locale=locale)


POLICIES = {
    "United States": every("en_US"),
    "Japan": every("ja_JP"),
    "several locales": every(SEVERAL),
    "realistic": table(
        {name: rule(name, allowRealistic=True) for name in TYPES if SEMANTIC_TYPES.get(name).realistic}, locale="en_GB"
    ),
    "unique": table({name: rule(name, unique=True) for name in UNIQUE}, ROWS),
    "the world": table(
        {
            "country": rule("country", arguments={"world": True}),
            **{name: rule(name) for name in ("city", "country-code", "time-zone", "latitude", "phone-number")},
            "currency-code": rule("currency-code", arguments={"world": True}),
        }
    ),
    "other types of numbers": table(
        {"age": rule("age", dataType="BIGINT"), "latitude": rule("latitude", dataType="DECIMAL(9,4)")}
    ),
    "names and births of their own": table(
        {
            "first_name": {"type": "SEED", "values": ["Zoë", "Ada"]},
            "dob": {"type": "DATE_RANDOM", "range": {"start": "1951-01-02", "end": "2001-12-31"}},
            **{name: {} for name in ("email", "full_name", "username", "age", "marital_status", "diagnosis")},
        }
    ),
    "pools of another package": table(
        {
            "a": rule("faker.color_name", poolSize=20),
            "b": rule("faker.pyint", arguments={"max_value": 900}),
            "c": rule("faker.boolean"),
            "d": rule("faker.first_name", locale="ru_RU", allowRealistic=True),
        }
    ),
}
COLUMNS = [(policy, column) for policy, value in POLICIES.items() for column in value["columnRuleMap"]]


@cache
def plans(policy: str) -> tuple[Plan, Plan]:
    """Two plans of a policy."""
    return load_plan(POLICIES[policy]), load_plan(POLICIES[policy])


def made(plan: Plan, generator: Any) -> pa.Array:
    """The rows that a generator makes, among those of a plan."""
    return decoded(generator.generate(Rows.of(plan).rows("t", rows_between(0, ROWS))))


@pytest.mark.parametrize("policy,column", COLUMNS)
def test_a_column_is_a_value(policy, column):
    plan, again = plans(policy)
    one, other = (each.tables["t"].column(column).generator for each in (plan, again))
    assert one == other and hash(one) == hash(other)
    pickled = pickle.dumps(one)
    assert len(pickled) < MOST_BYTES
    read = pickle.loads(pickled)
    assert read == one and hash(read) == hash(one)
    assert made(plan, read).equals(made(again, other))
    assert read == one and hash(read) == hash(one), "rows that were made change nothing"


@pytest.mark.parametrize("policy", POLICIES)
def test_columns_hold_nothing_of_the_planner(policy):
    for column in load_plan(POLICIES[policy]).tables["t"].columns:
        held = list(parts_of(column.generator, set()))
        assert len(held) > 1
        assert [one for one in held if type(one).__module__.startswith(PLANNER)] == [], column.name
        assert [one for one in held if "<" in getattr(one, "__qualname__", "")] == [], column.name


def parts_of(value: Any, seen: set[int]) -> Iterator[Any]:
    """All objects that a value reaches, functions too."""
    if id(value) in seen or isinstance(
        value, str | bytes | int | float | np.ndarray | pa.Array | type | types.ModuleType
    ):
        return
    seen.add(id(value))
    yield value
    if isinstance(value, tuple | list | set | frozenset):
        inner = list(value)
    elif isinstance(value, dict):
        inner = [*value, *value.values()]
    elif isinstance(value, partial):
        inner = [value.func, value.args, value.keywords]
    elif isinstance(value, types.MethodType):
        inner = [value.__self__, value.__func__]
    elif hasattr(value, "__wrapped__"):
        inner = [value.__wrapped__]
    elif isinstance(value, types.FunctionType):
        inner = [cell.cell_contents for cell in value.__closure__ or ()]
    else:
        inner = list(getattr(value, "__dict__", {}).values())
    for one in inner:
        yield from parts_of(one, seen)


def test_columns_of_other_groups_locales_and_seeds_differ():
    def generator(name: str, **keys: Any) -> Any:
        return load_plan(table({"c": rule(name)}, ROWS, **keys)).tables["t"].column("c").generator

    assert generator("city") != generator("city", seed=1)
    assert generator("city") != generator("city", locale="de_DE")
    assert generator("city") != generator("county")
    assert generator("first-name") != generator("middle-name")
    assert generator("ssn") != generator("npi")
    assert generator("age") != generator("age", asOf="2020-01-01")
    assert generator("hospital") != generator("color")


def test_a_list_of_the_package_is_pickled_by_its_name():
    plan, _ = plans("unique")
    generator = plan.tables["t"].column("url").generator
    assert generator.domain.size > 50_000 and len(pickle.dumps(generator)) < 1000
    assert pickle.loads(pickle.dumps(generator)).domain is generator.domain
