"""Policies that went wrong in any way are refused with problems, or work: a traceback is always our fault."""

import copy
import json
import random

import pytest
from policies import ROOT

import faasera

SOURCES = [
    json.loads((ROOT / "tests/run/sample.json").read_text()),
    json.loads((ROOT / "examples/shop/policy.json").read_text()),
    json.loads((ROOT / "tests/run/relations.json").read_text()),
]
WORDS = [
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**70, 0.5, -0.5, 1e300, "", " ", "0", "1", "2020-01-01", "9999-12-31", "0001-01-01", "asOf",
    "{id}", "{joined}", "{nope}", "{people.joined}", "P1D", "P9999999D", "-P1Y", "ZIPF", "NORMAL", "a*", "[a", "(a|b){2}", "\\d{3}", "é", "\x00",
    "x" * 300, [], {}, [1], ["a", "a"], {"type": "SEQUENCE"}, {"type": "NORMAL", "mean": 1}, {"min": 1, "max": 3}, {"start": "asOf", "end": "asOf"},
    "id", "team", "DECIMAL(38,38)", "DECIMAL(1,0)", "BOOLEAN", "TIME", "BINARY", "UUID", "10k", "people", "if(true, 1, null)", "age(born)",
    "{#}", "next(since)", "last()", "tenant", "tenants", "staff", {"max": 3}, {"min": 2, "max": 1}, {"roots": 0}, {"branching": 2}, {"table": "staff", "columns": ["id"]},
    [{"table": "staff", "columns": ["id"], "when": {"kind": "staff"}}], {"type": "WEIGHTED", "column": "weight"}, {"table": "states", "function": "sum", "expression": "state"},
    "mentor.hired", "products.tsv", {"file": "products.tsv", "columns": ["id"]},
]  # fmt: skip
KEYS = [
    "type", "dataType", "nullFraction", "unique", "maxLength", "range", "min", "max", "step", "pattern", "length", "alphabet", "values", "weights",
    "distribution", "expression", "lookup", "format", "weekdays", "start", "end", "hidden", "value", "semanticType", "columns", "references", "rowCount",
    "primaryKeyColumn", "compositeKeyColumn", "uniqueKeys", "foreignKeys", "seed", "asOf", "name", "tables", "tableName", "columnRuleMap", "exponent",
    "childrenPerParent", "acyclic", "roots", "maxDepth", "branching", "when", "file", "default", "aggregate", "ascending", "function", "column", "table",
]  # fmt: skip


def containers(node, found):
    if isinstance(node, dict | list):
        found.append(node)
        for child in node.values() if isinstance(node, dict) else node:
            containers(child, found)
    return found


def mangle(policy, chance):
    """One random change somewhere in the policy."""
    node = chance.choice([place for place in containers(policy, []) if place] or [policy])
    key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
    action = chance.random()
    if action < 0.15:
        del node[key]
    elif action < 0.35 and isinstance(node, dict):
        node[chance.choice(KEYS)] = copy.deepcopy(chance.choice(WORDS))
    elif action < 0.45 and isinstance(node, dict):
        node[str(key) + "x"] = node.pop(key)
    elif action < 0.55 and isinstance(node, list):
        node.append(copy.deepcopy(node[key]))
    else:
        node[key] = copy.deepcopy(chance.choice(WORDS))


def test_a_seed_directory_of_no_possible_name():
    policy = {**SOURCES[1], "seedDirectory": "\x00"}
    with pytest.raises(faasera.PolicyError):
        faasera.load(policy)


@pytest.mark.parametrize("policies", [200, pytest.param(4000, marks=pytest.mark.slow)])
def test_no_policy_ends_in_a_traceback(policies, seed, monkeypatch):
    monkeypatch.chdir(ROOT / "examples/shop")
    chance = random.Random(seed)
    refused = worked = 0
    for _ in range(policies):
        policy = copy.deepcopy(chance.choice(SOURCES))
        for _ in range(chance.choice([1, 1, 2, 4])):
            mangle(policy, chance)
        try:
            dataset = faasera.load(policy)
            for table in dataset.values():
                table.slice(0, 40)
                table.slice(10**9, 10**9)
        except (faasera.PolicyError, faasera.RunError) as error:
            assert error.problems
            assert all(problem.message and problem.remedy for problem in error.problems)
            refused += 1
        else:
            worked += 1
    assert refused > 20
    assert worked
