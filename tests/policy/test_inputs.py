"""The files that a policy names, whatever else is wrong with it."""

import pytest

from faasera.generators import GENERATORS
from faasera.policy.inputs import input_files

SEED = {"type": "SEED", "seedFileName": "city.csv"}


def test_files_of_rules_cases_keys_and_deny_lists():
    case = {"where": {"city": "Gent"}, "rule": {"type": "SEED", "seedFileName": "streets.txt"}}
    policy = {
        "seedDirectory": "seeds",
        "denyList": {"file": "denied.txt"},
        "fpeKeys": {"k": {"file": "secret.key"}},
        "tables": [
            {"columnRuleMap": {"city": SEED, "street": {"type": "CONSTANT", "value": "-", "when": [case]}}},
            {"foreignKeys": [{"references": [{"file": "ids.csv"}, {"table": "t"}]}], "columnRuleMap": {"city": SEED}},
        ],
    }
    found = input_files(policy, GENERATORS)
    assert sorted(found) == ["seeds/city.csv", "seeds/denied.txt", "seeds/ids.csv", "seeds/streets.txt"]


@pytest.mark.parametrize("name", ["../city.csv", "/etc/passwd", ".", ""])
def test_names_that_lead_elsewhere_are_left_out(name):
    assert input_files({"columnRuleMap": {"city": {**SEED, "seedFileName": name}}}, GENERATORS) == []


@pytest.mark.parametrize(
    "policy",
    [
        {"tables": [1, None], "foreignKeys": {"references": [3]}, "columnRuleMap": ["city"]},
        {"seedDirectory": 7, "denyList": "x", "columnRuleMap": {"a": None, "b": {"type": ["SEED"]}, "c": {"when": 2}}},
        {"columnRuleMap": {"a": {"type": "SEED", "seedFileName": 9, "when": [{"rule": "SEED"}]}}},
    ],
)
def test_what_is_wrong_is_for_others_to_say(policy):
    assert input_files(policy, GENERATORS) == []
