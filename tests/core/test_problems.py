"""Problems tell whether a step reported any, and packages that are not installed are problems."""

import pytest

from faasera.core import extras
from faasera.core.errors import PolicyError, Problems
from faasera.run.planning import load_plan


def test_what_was_found_before_does_not_count():
    problems = Problems()
    problems.add("range", "one", "")
    with problems.expected_none() as fine:
        pass
    assert fine


def test_what_is_found_elsewhere_in_the_collection_counts():
    problems = Problems()
    with problems.at("a").expected_none() as fine:
        problems.at("b").add("range", "one", "")
    assert not fine


@pytest.mark.parametrize(
    "package, extra, rule",
    [
        ("faker", "faker", {"type": "SEED", "semanticType": "faker.color_name"}),
        ("cryptography", "fpe", {"type": "FPE_ENCODED", "pattern": "###-##-####"}),
    ],
)
def test_a_rule_that_needs_a_package(monkeypatch, package, extra, rule):
    find = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(PolicyError) as caught:
        load_plan({"tableName": "t", "rowCount": 5, "columnRuleMap": {"x": rule}})
    assert [one.code for one in caught.value.problems] == ["missing-package"]
    assert f"needs the package {package}" in caught.value.problems[0].message
    assert f"pip install 'faasera[{extra}]'" in caught.value.problems[0].remedy
