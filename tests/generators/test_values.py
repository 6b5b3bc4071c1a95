"""What rules compile to are values: equal when compiled again, hashable, picklable, and tied to nothing else."""

import dataclasses
import pickle
import types
from functools import partial
from pathlib import Path

import pyarrow as pa
import pydantic
import pytest

from faasera.core.arrow import decoded
from faasera.core.errors import FaaseraError, PolicyError
from faasera.generators import GENERATORS
from faasera.plan.evaluate import Evaluation, rows_between
from faasera.plan.model import Plan
from faasera.run.load import load_plan
from faasera.testing.conformance import example_policy

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = "0123456789abcdef0123456789abcdef"
WHOLE = {"type": "RANDOM", "range": {"min": 1, "max": 900}}
BESIDE = {"quantity": WHOLE}


def derived(text: str, **rule: object) -> dict[str, object]:
    return {"type": "PRESERVE", "expression": text, **rule}


def template(text: str, **rule: object) -> dict[str, object]:
    return {"type": "PRESERVE", "pattern": text, **rule}


PARENTS = {
    "id": {"type": "SEQUENCE", "start": 5},
    "since": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2021-12-31"}},
    "weekly": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 08:00:00", "end": "asOf"}, "weekdays": ["MON"]},
    "written": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}, "format": "%d.%m.%Y"},
    "kind": {"type": "SEED", "values": ["a", "b", "c"], "weights": [1, 2, 3]},
    "often": {"type": "SEED", "values": [1.5, 2.5, 4], "distribution": "ZIPF", "nullFraction": 0.1},
    "city": {"type": "SEED", "seedFileName": "cities.csv"},
    "total": {"type": "PRESERVE", "aggregate": {"table": "children", "function": "sum", "expression": "number * 2"}},
    "fewest": {"type": "PRESERVE", "aggregate": {"table": "children", "function": "min", "expression": "number"}},
}
CHILDREN = {
    "number": {**WHOLE, "distribution": "NORMAL"},
    "curve": {**WHOLE, "distribution": {"type": "LOGNORMAL", "mean": 4, "stddev": 1}},
    "decay": {**WHOLE, "distribution": {"type": "EXPONENTIAL", "mean": 90}},
    "peak": {"type": "RANDOM", "range": {"min": 0.0, "max": 1.0}, "distribution": {"type": "TRIANGULAR", "mode": 0.3}},
    "bins": {**WHOLE, "distribution": {"type": "HISTOGRAM", "edges": [1, 9, 900], "weights": [1, 3]}},
    "code": {"type": "RANDOM", "pattern": "(foo|ba[rz]){1,3}-[0-9]?"},
    "serial": {"type": "RANDOM", "pattern": "[A-Z]{3}\\d{4}", "unique": True},
    "text": {"type": "RANDOM", "length": {"min": 2, "max": 5}, "alphabet": "abc"},
    "bytes": {"type": "RANDOM", "dataType": "BINARY", "length": 5},
    "uuid": {"type": "RANDOM", "dataType": "UUID"},
    "at": {"type": "RANDOM", "range": {"min": "2020-01-01 00:00:00", "max": "2020-12-31 00:00:00"}},
    "day": {"type": "DATE_RANDOM", "range": {"start": "{parent.since}", "end": "{parent.since} + P90D"}, "ascending": True},
    "since": {"type": "PRESERVE", "lookup": "parent.since"},
    "town": {"type": "PRESERVE", "lookup": "friend.city", "default": "nowhere"},
    "mail": template("{code|lower|left:3}.{number|pad:4}@example.com", maxLength=20),
    "named": template("{parent}-{#}"),
    "shout": template("{town|upper|right:2} {town|title|trim|ascii|slug}"),
    "half": derived("round(number / 2, 1) + least(number, curve, 3)"),
    "word": derived("concat(upper(code), '-', if(number > 9, 'much', null), text(day))"),
    "late": derived("day > '2020-06-01' and not (code like 'foo%') or matches(code, '^b') or at < as_of()"),
    "years": derived("age(day) + days_between(day, as_of()) + length(code) % 7"),
    "order": derived("if(first(), 0, number - coalesce(previous(number), 0)) + siblings()"),
    "case": {**WHOLE, "when": [{"where": {"code": ["foo-", "bar-"]}, "rule": {"type": "CONSTANT", "value": 7}}]},
    "label": {"type": "LABEL", "expression": "number - curve", "rate": 0.2, "noise": 0.1},
    "series": {"type": "SERIES", "level": {"min": 1, "max": 9}, "events": {"rate": 0.5, "effect": 3}, "noise": 1},
    "row": {"type": "FPE_ENCODED", "pattern": "##-####", "fpeKeyId": "k"},
    "hidden": {"type": "FPE_ENCODED", "source": "serial", "alphabet": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "fpeKeyId": "k", "tweak": {"column": "code"}},
}  # fmt: skip
REFERENCE = {"table": "parents", "columns": ["id"]}
POLICY = {
    "seed": 3,
    "asOf": "2026-01-01",
    "fpeKeys": {"k": {"env": "FAASERA_TEST_KEY"}},
    "tables": [
        {"tableName": "parents", "rowCount": 60, "primaryKeyColumn": "id", "columnRuleMap": PARENTS},
        {
            "tableName": "children",
            "foreignKeys": [
                {"columns": ["parent"], "references": REFERENCE, "childrenPerParent": {"min": 0, "max": 6}},
                {"columns": ["friend"], "references": REFERENCE, "nullFraction": 0.2},
            ],
            "columnRuleMap": CHILDREN,
        },
    ],
}
COLUMNS = [("parents", name) for name in PARENTS] + [("children", name) for name in ["parent", "friend", *CHILDREN]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A way to plan the policy, each time from nothing."""
    folder = tmp_path_factory.mktemp("policy")
    (folder / "cities.csv").write_text("city\nErfurt\nGent\nPorto\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAASERA_TEST_KEY", KEY)
        yield lambda: load_plan(POLICY, directory=folder)


@pytest.fixture(scope="module")
def plans(made):
    return made(), made()


def values(plan: Plan, table: str, generator) -> pa.Array:
    owner = plan.tables[table]
    return decoded(generator.generate(Evaluation(plan.relatives, owner, rows_between(0, owner.row_count))))


def check(first: Plan, second: Plan, table: str, column: str) -> None:
    """One column of two plans of one policy."""
    one, other = (plan.tables[table].column(column).generator for plan in (first, second))
    assert one is not other
    assert one == other and hash(one) == hash(other)
    before = values(first, table, one)
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one and hash(copy) == hash(one)
    assert copy.facts == one.facts and copy.describe() == one.describe()
    assert values(first, table, copy).equals(before)
    assert not list(loose(one))


def loose(value, seen=None):
    """Functions inside of a value that belong to a call of another one."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, types.FunctionType | types.MethodType | partial):
        if not isinstance(value, types.FunctionType) or "<" in value.__qualname__:
            yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from loose(getattr(value, field.name), seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for entry in value:
            yield from loose(entry, seen)
    elif isinstance(value, dict):
        yield from loose([*value.items()], seen)
    elif not isinstance(value, pydantic.BaseModel | pa.Array | pa.Scalar) and hasattr(value, "__dict__"):
        yield from loose(vars(value), seen)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda name: name)
def test_a_column_is_a_value(plans, table, column):
    check(*plans, table, column)


@pytest.mark.parametrize("entry", [one for one in GENERATORS if one.name != "FPE_ENCODED"], ids=lambda one: one.name)
def test_an_example_is_a_value(entry):
    policy = example_policy(entry.example, 50, BESIDE)
    check(load_plan(policy), load_plan(policy), "t", "value")


@pytest.mark.parametrize("path", ["guide/customers.json", "shop/policy.json", "bank/policy.json"])
def test_examples_are_values(path):
    first, second = load_plan(EXAMPLES / path), load_plan(EXAMPLES / path)
    for name, table in first.tables.items():
        for column in table.columns:
            if column.meaning is None and f"{name}.{column.name}" not in first.own_keys:
                one, other = (plan.tables[name].column(column.name).generator for plan in (first, second))
                assert one == other and hash(one) == hash(other)
                assert pickle.loads(pickle.dumps(one)) == one
                assert not list(loose(one))


def test_another_rule_is_another_value(made):
    plan = made()
    generators = [plan.tables[table].column(column).generator for table, column in COLUMNS]
    assert len(set(generators)) == len(generators)


def test_a_pickle_holds_no_key(made, monkeypatch):
    plan = made()
    generator = plan.tables["children"].column("row").generator
    before = values(plan, "children", generator)
    sent = pickle.dumps(generator)
    assert bytes.fromhex(KEY) not in sent and KEY.encode() not in sent
    assert KEY not in repr(generator) and repr(bytes.fromhex(KEY)) not in repr(generator)
    assert values(plan, "children", pickle.loads(sent)).equals(before)

    monkeypatch.setenv("FAASERA_TEST_KEY", KEY[::-1])
    assert values(plan, "children", generator).equals(before)
    with pytest.raises(PolicyError, match="not the one that the rows were planned with"):
        values(plan, "children", pickle.loads(sent))
    assert made().tables["children"].column("row").generator != generator
    monkeypatch.delenv("FAASERA_TEST_KEY")
    with pytest.raises(PolicyError, match="the environment has no FAASERA_TEST_KEY"):
        values(plan, "children", pickle.loads(sent))


def test_a_key_of_the_run_is_never_sent():
    policy = example_policy({"type": "FPE_ENCODED", "pattern": "####-####"}, 9)
    first, second = (load_plan(policy).tables["t"].column("value").generator for _ in range(2))
    assert first != second
    with pytest.raises(FaaseraError, match=r"'t\.value' is encoded with a key that each process throws away") as raised:
        pickle.dumps(first)
    assert raised.value.problems[0].code == "key-not-portable"
