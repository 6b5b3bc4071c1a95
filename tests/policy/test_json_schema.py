import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from policies import ROOT

from faasera.frontends.catalog import schema
from faasera.generators import GENERATORS

SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
POLICIES = sorted(
    [
        *ROOT.glob("examples/*/*.json"),
        ROOT / "tests/run/relations.json",
        *ROOT.glob("src/faasera/frontends/starter_files/*.yaml"),
    ]
)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_shipped_policies_fit(path: Path):
    text = path.read_text()
    VALIDATOR.validate(json.loads(text) if path.suffix == ".json" else yaml.safe_load(text))


@pytest.mark.parametrize("entry", list(GENERATORS), ids=lambda entry: entry.name)
def test_examples_fit_and_misspelled_keys_do_not(entry):
    VALIDATOR.validate({"tableName": "t", "columnRuleMap": {"c": entry.example}})
    assert not VALIDATOR.is_valid({"tableName": "t", "columnRuleMap": {"c": {**entry.example, "misspelled": 1}}})


def test_wrong_documents_do_not_fit():
    assert not VALIDATOR.is_valid({"tableName": "t", "columnRuleMap": {"c": {"type": "NONE"}}})
    assert not VALIDATOR.is_valid({"tables": []})
    assert not VALIDATOR.is_valid({"tableName": "t"})


def test_every_key_is_explained():
    unexplained = [
        f"{name}.{key}"
        for name, definition in SCHEMA["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if not value.get("description")
    ]
    assert unexplained == []
