"""A plan is data: equal to another plan of its policy, and as good in another process; nothing of its making is left."""

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from policies import ROOT, table
from policies_for_scale import write_shop

from faasera.core.errors import PolicyError
from faasera.plan.model import Plan
from faasera.run.planning import load_plan, read_policy

FILES = [
    *sorted((ROOT / "examples").glob("*/*.json")),
    ROOT / "tests/run/sample.json",
    ROOT / "tests/run/relations.json",
]
PAGES = [ROOT / "README.md", ROOT / "docs/policy.md"]


def documented() -> dict[str, dict]:
    """The policies of the documentation, whose files are those of the guide."""
    found = {}
    for page in PAGES:
        for number, block in enumerate(re.findall(r"```json\n(.*?)```", page.read_text(), re.S)):
            policy = json.loads(block)
            whole = policy if {"tables", "tableName"} & set(policy) else table(policy)
            found[f"{page.stem}-{number}"] = {"seedDirectory": str(ROOT / "examples/guide"), **whole}
    return found


def keyed(policy: dict) -> dict:
    """The policy with a key from the environment wherever one of the process would be made, and thrown away."""
    return named_keys(policy) | {"fpeKeys": policy.get("fpeKeys", {}) | {"test": {"env": "FAASERA_FPE_TEST"}}}


def named_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [named_keys(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: named_keys(one) for name, one in value.items()}
    return {"fpeKeyId": "test", **made} if made.get("type") == "FPE_ENCODED" else made


def read(path: Path) -> dict:
    """A policy with the files beside it."""
    value, directory, _ = read_policy(path)
    return keyed(value) | {"seedDirectory": str(directory / value.get("seedDirectory", ""))}


SOURCES: dict[str, dict] = {
    **{f"{path.parent.name}-{path.stem}": read(path) for path in FILES if not path.name.endswith(".hints.json")},
    **{name: keyed(policy) for name, policy in documented().items()},
}
KEYS = {"FAASERA_FPE_TEST": "00112233445566778899aabbccddeeff"}


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


COMMON = """
import gc, json, pickle, sys
from faasera.plan.evaluate import batch_of

def rows(plan):
    found = {}
    for table in plan.tables.values():
        ends = [(0, min(100, table.row_count)), (max(0, table.row_count - 100), table.row_count)]
        found[table.name] = [str(batch_of(plan, table, start, stop).to_pylist()) for start, stop in ends]
    return found

def alive():
    gc.collect()
    types = {type(one) for one in gc.get_objects()}
    return sorted(f"{one.__module__}.{one.__qualname__}" for one in types if str(one.__module__).startswith("faasera.plan"))
"""
MAKE = (
    COMMON
    + """
from pathlib import Path
from faasera.run.planning import load_plan
plans = {}
for name, source in json.loads(sys.argv[1]).items():
    plans[name] = load_plan(Path(source) if isinstance(source, str) else source)
made = {name: rows(plan) for name, plan in plans.items()}
print(json.dumps([made, alive()]))
pickle.dump(plans, open(sys.argv[2], "wb"))
"""
)
COPY = (
    COMMON
    + """
plans = pickle.load(open(sys.argv[1], "rb"))
made = {name: rows(plan) for name, plan in plans.items()}
print(json.dumps([made, alive()]))
"""
)


def told(program: str, *arguments: object) -> tuple[dict, list[str]]:
    """The rows of all plans, and the classes of the planner's packages of which anything is alive."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | KEYS, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr[-3000:]
    made, alive = json.loads(done.stdout.splitlines()[-1])
    return made, alive


def same(one: Plan, other: Plan) -> bool:
    """Whether they are equal, without both of them in the message."""
    return one == other


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | dict]:
    shop = write_shop(tmp_path_factory.mktemp("shop"))
    return {**SOURCES, "scale": str(shop)}


@pytest.fixture(scope="module")
def copied(sources, tmp_path_factory) -> tuple[tuple[dict, list[str]], tuple[dict, list[str]]]:
    """What a process tells that has planned everything, and one that was given the plans."""
    kept = tmp_path_factory.mktemp("plans") / "plans"
    made = told(MAKE, json.dumps(sources), kept)
    assert kept.exists() and kept.stat().st_size, "the plans cannot be pickled"
    return made, told(COPY, kept)


@pytest.mark.parametrize("name", SOURCES)
def test_plans_of_one_policy_are_equal(name):
    one, other = load_plan(SOURCES[name]), load_plan(SOURCES[name])
    assert same(one, other)
    assert hash(one) == hash(other)
    assert [hash(table) for table in one.tables.values()] == [hash(table) for table in other.tables.values()]


@pytest.mark.parametrize("name", SOURCES)
def test_plans_of_another_seed_are_not(name):
    plan = load_plan(SOURCES[name])
    assert not same(plan, load_plan(SOURCES[name], seed=plan.seed + 1))


@pytest.mark.parametrize("name", SOURCES)
def test_a_copy_is_equal(name):
    plan = load_plan(SOURCES[name])
    copy = pickle.loads(pickle.dumps(plan))
    assert same(copy, plan) and hash(copy) == hash(plan)


def test_a_key_of_the_process_cannot_be_copied():
    plan = load_plan(table({"c": {"type": "FPE_ENCODED", "pattern": "####-####"}}))
    with pytest.raises(PolicyError) as caught:
        pickle.dumps(plan)
    assert [problem.code for problem in caught.value.problems] == ["key-not-portable"]
    assert repr(plan).count("secret") == 0


def test_a_copy_makes_the_same_rows_in_another_process(copied):
    (made, _), (again, _) = copied
    assert again == made


def test_nothing_of_the_planner_is_left(copied):
    """What is alive after planning is what a copy of the plans has, too."""
    (_, after_planning), (_, of_copies) = copied
    assert set(after_planning) <= set(of_copies)
