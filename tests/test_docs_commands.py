"""The commands of the documentation's pages work as they stand, one after the other; and so does the hospital's script."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import rdflib
from chat import chat
from policies import ROOT
from warm import program

from faasera.core.codes import number_of
from faasera.core.storage import Location
from faasera.run.signing import public_key, verify

PAGES = ("lineage.md", "privacy.md", "report.md", "hints.md")
CLINIC = {
    "name": "clinic",
    "locale": "de_DE",
    "tables": [{"tableName": "patients", "rowCount": 50, "columnRuleMap": {"first_name": {}, "city": {}}}],
}


def answer(request, _):
    """A model that writes policies, or lists of words."""
    if request["messages"][0]["content"].startswith("You write policies"):
        return CLINIC
    return {"values": ["Ward Linden", "Ward Ahorn", "Ward Birke", "Ward Esche"]}


@pytest.fixture
def workplace(tmp_path: Path) -> dict[str, str]:
    """A folder with the examples, and where the command is."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return {
        **os.environ,
        "PATH": f"{Path(program()).parent}:{os.environ['PATH']}",
        "FAASERA": program(),
        "HF_HUB_OFFLINE": "1",
    }


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page(page, workplace, tmp_path, monkeypatch):
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(), re.S)
    commands = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 4
    with chat(monkeypatch, answer) as model:
        variables = {name: value for name, value in os.environ.items() if name.startswith("FAASERA_AI_")}
        for command in commands:
            done = subprocess.run(
                command,
                shell=True,
                cwd=tmp_path,
                env=workplace | variables,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    assert bool(model.requests) == (page == "hints.md")


def test_json_logs_are_lines_of_json_with_one_run(workplace, tmp_path):
    command = "faasera --log json generate examples/shop/policy.json --out logged"
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=workplace, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["run started", *["table written"] * 5, "run complete"]
    manifest = json.loads((tmp_path / "logged/_manifest.json").read_text())
    assert {line["run"] for line in lines} == {manifest["runId"]}
    again = subprocess.run(
        command, shell=True, cwd=tmp_path, env=workplace, capture_output=True, text=True, check=False
    )
    refused = json.loads(again.stderr.splitlines()[0])
    assert (refused["event"], refused["codes"]) == ("refused", [number_of("output-exists")])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.slow
def test_the_hospital_from_its_policy_to_a_proof_of_privacy(workplace, tmp_path):
    words = ["sh", "examples/hospital/run.sh", "out"]
    done = subprocess.run(words, cwd=tmp_path, env=workplace, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    out = tmp_path / "out"
    events = [json.loads(line) for line in (out / "lineage.jsonl").read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "RUNNING", "COMPLETE"]
    found = verify(Location(out / "data"), [public_key(out / "signing.key.pub")])
    assert found.ok and found.trusted
    privacy = json.loads((out / "privacy.json").read_text())
    assert (privacy["ok"], privacy["failed"]) == (True, 0)
    assert any(finding["kind"] == "membership" and finding["status"] == "passed" for finding in privacy["findings"])
    page = (out / "report.html").read_text()
    assert "Beside real data" in page and "signed with the key" in page and "promises kept, none broken" in page
    graph = rdflib.Graph().parse(out / "dcat.json", format="json-ld")
    assert len(graph) > 100
    assert json.loads((out / "data/croissant.json").read_text())["@type"] == "sc:Dataset"
