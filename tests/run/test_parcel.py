"""A parcel holds a plan, and nothing that could do anything else where it is opened."""

import base64
import json
import os
import pickle
import zlib
from pathlib import Path

import pytest
from policies import ROOT, table

from faasera.core.errors import PolicyError
from faasera.plan.evaluate import batch_of
from faasera.run.parcel import ENGINE, Parcel
from faasera.run.planning import load_plan

POLICIES = [
    ROOT / "examples/shop/policy.json",
    ROOT / "examples/guide/customers.json",
    ROOT / "tests/run/relations.json",
]


def code_of(caught: pytest.ExceptionInfo[PolicyError]) -> str:
    return caught.value.problems[0].code


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_what_is_opened_is_the_plan(path):
    plan = load_plan(path)
    copy = Parcel.from_text(Parcel.of(plan).to_text()).plan()
    assert copy == plan
    for name, one in plan.tables.items():
        stop = min(one.row_count, 200)
        assert batch_of(copy, copy.tables[name], 0, stop).equals(batch_of(plan, one, 0, stop))


def test_every_semantic_type_travels():
    from faasera.generators.semantic import SEMANTIC_TYPES

    rules = {one.name: {"type": "RANDOM", "semanticType": one.name} for one in SEMANTIC_TYPES if one.name != "county"}
    plan = load_plan(table(rules, 30, locale={"de_DE": 1, "ja_JP": 1}))
    assert Parcel.from_text(Parcel.of(plan).to_text()).plan() == plan


class Harm:
    """Would make a folder where it is opened."""

    def __init__(self, call, *arguments) -> None:
        self.call = call
        self.arguments = arguments

    def __reduce__(self):
        return self.call, self.arguments


def parcel(value: object) -> Parcel:
    return Parcel(zlib.compress(pickle.dumps(value)), ENGINE, "0" * 32)


@pytest.mark.parametrize("call", [os.mkdir, os.system, eval, exec, getattr, __import__, Path.mkdir, open])
def test_nothing_else_is_called(call, tmp_path):
    victim = tmp_path / "made"
    with pytest.raises(PolicyError) as caught:
        parcel(Harm(call, str(victim))).plan()
    assert code_of(caught) == "parcel-damaged"
    assert not victim.exists()


def test_functions_of_the_package_that_touch_files_are_not_called(tmp_path):
    from faasera.core.storage import Location
    from faasera.generators.seed_files import locate
    from faasera.run.staging import Staging

    for call in (Location, locate, Staging):
        with pytest.raises(PolicyError) as caught:
            parcel(Harm(call, str(tmp_path))).plan()
        assert code_of(caught) == "parcel-damaged"


@pytest.mark.parametrize("change", ["cut", "other", "text", "digest", "list"])
def test_damage_is_told(change):
    made = Parcel.of(load_plan(table({"n": {"type": "SEQUENCE"}})))
    version, streams, digest, content = json.loads(made.to_text())
    raw = base64.b85decode(content)
    texts = {
        "cut": [version, streams, digest, base64.b85encode(raw[:-20]).decode()],
        "other": [version, streams, digest, base64.b85encode(bytes([raw[0] ^ 255]) + raw[1:]).decode()],
        "text": [version, streams, digest, "\u2028"],
        "digest": [version, streams, "0" * 32, content],
        "list": [version, streams],
    }
    with pytest.raises(PolicyError) as caught:
        Parcel.from_text(json.dumps(texts[change])).plan()
    assert code_of(caught) == "parcel-damaged"


def test_another_version_is_refused():
    made = Parcel.of(load_plan(table({"n": {"type": "SEQUENCE"}})))
    with pytest.raises(PolicyError) as caught:
        Parcel(made.content, ("0.0.1", "1"), made.digest).plan()
    assert code_of(caught) == "engine-mismatch"


def test_what_is_not_installed_is_named():
    content = pickle.dumps(load_plan(table({"n": {"type": "SEQUENCE"}}))).replace(
        b"SequenceGenerator", b"SequenceGeneratoR"
    )
    with pytest.raises(PolicyError) as caught:
        Parcel(zlib.compress(content), ENGINE, "0" * 32).plan()
    assert code_of(caught) == "engine-mismatch"
    assert "SequenceGeneratoR" in str(caught.value)
