"""What a package of its own can declare of a generation type holds wherever built-in types are asked for it."""

import json

import pytest
from policies import table
from pydantic import Field

import faasera
from faasera.core.types import STRING
from faasera.generators import GENERATORS
from faasera.generators.declared import GeneratorType
from faasera.generators.generator import Choice
from faasera.generators.lists import ListDomain, typed_values
from faasera.generators.promises import Promise
from faasera.hinting.wanted import wanted
from faasera.policy.inputs import input_files
from faasera.policy.model import Rule
from faasera.run.parcel import Parcel


class LinesRule(Rule):
    list_file: str | None = Field(None, description="A file with a value a line.")


def lines(rule, scope):
    texts = (scope.seed_directory / str(rule.list_file)).read_text().split()
    return Choice(ListDomain(typed_values(texts, STRING), STRING, "lines"))


def loaded(folder, rules):
    path = folder / "policy.json"
    path.write_text(json.dumps(table(rules, 50)))
    return faasera.load(path)


def promises(_, column):
    yield Promise("lines", f"{column.sql} NOT IN ({column.literal('red')}, {column.text('blue')})")
    beside = column.beside("number")
    if beside is not None:
        yield Promise("beside", f"{beside} > {column.rows}")


def rule(**keys):
    return {"type": "LINES", "listFile": "colours.txt", **keys}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(GENERATORS, "_entries", dict(GENERATORS._entries))
    GENERATORS.add(
        GeneratorType(
            name="LINES",
            summary="A line of a file.",
            example=rule(),
            rule=LinesRule,
            accepts=("STRING",),
            compile=lines,
            inputs=("list_file",),
            hinted=True,
            checked=promises,
        )
    )
    (tmp_path / "colours.txt").write_text("red\nblue\n")
    return tmp_path


def test_its_files_travel(folder):
    case = {"where": {"number": 1}, "rule": {**rule(listFile="others.txt")}}
    (folder / "others.txt").write_text("green\n")
    rules = {"number": {"type": "SEQUENCE"}, "c": {**rule(), "when": [case]}}
    plan = loaded(folder, rules).plan
    parcel = Parcel.of(plan)
    for name in ("colours.txt", "others.txt"):
        (folder / name).unlink()
    assert Parcel.from_text(parcel.to_text()).plan() == plan
    assert {"colours.txt", "others.txt"} <= set(input_files(plan.policy, GENERATORS))


def test_its_promises_are_proved(folder):
    rules = {"number": {"type": "SEQUENCE"}, "c": rule()}
    loaded(folder, rules).write(folder / "out", format="csv")
    report = faasera.check(folder / "out")
    assert report.ok
    assert {"lines", "beside"} <= {finding.kind for finding in report.findings if finding.subject == "c"}

    file = folder / "out" / "t.csv"
    file.write_text(file.read_text().replace("red", "pink", 1))
    assert ("lines", "c") in {(finding.kind, finding.subject) for finding in faasera.check(folder / "out").failed}


@pytest.mark.usefixtures("folder")
def test_hints_may_fill_it():
    asked = {"a": {"type": "LINES", "useAIHinting": True}, "b": {"type": "SEQUENCE", "useAIHinting": True}}
    assert [one.column for one in wanted(table(asked))] == ["a"]
