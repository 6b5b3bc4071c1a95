"""The documentation's examples work as they stand."""

import json
import re
from pathlib import Path

import pytest
from policies import ROOT, table

import faasera

PAGES = [ROOT / "README.md", ROOT / "docs/policy.md"]
BLOCKS = [
    (page.name, json.loads(block))
    for page in PAGES
    for block in re.findall(r"```json\n(.*?)```", page.read_text(), re.S)
]


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page}-{number}" for number, (page, _) in enumerate(BLOCKS)])
def test_example(page, block, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "examples/guide")
    policy = block if {"tables", "tableName"} & set(block) else table(block)
    assert all(len(rows) > 0 for rows in faasera.load(policy).values()), page
    faasera.load(policy).write(tmp_path / "made")
    assert not faasera.check(tmp_path / "made", policy).failed


def test_every_generation_type_and_distribution_is_documented():
    text = (ROOT / "docs/policy.md").read_text()
    from faasera.generators import GENERATORS
    from faasera.generators.expression_functions import FUNCTIONS
    from faasera.generators.shape import PARAMETERS

    wanted = [
        *GENERATORS.names(),
        *PARAMETERS,
        *(
            name
            for name in FUNCTIONS
            if name.isidentifier() and name not in ("negate", "and", "or", "not", "is_null", "like")
        ),
    ]
    assert [name for name in wanted if f"`{name}`" not in text] == []
    for entry in GENERATORS:
        own = set(entry.rule.model_fields) - {"type"}
        assert [
            name for name in own if f"`{entry.rule.model_fields[name].alias}`" not in text and name not in ("locale",)
        ] == []


def test_links_lead_somewhere():
    pages = [*PAGES, *(ROOT / "docs").glob("*.md"), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
    assert Path(ROOT / "LICENSE").read_text().lstrip().startswith("Apache License")


def test_the_page_of_semantic_types_is_that_of_the_declarations():
    from faasera.frontends.catalog import semantic_types_page

    assert (ROOT / "docs/semantic-types.md").read_text() == semantic_types_page(), "run: make docs"
