"""Plug-ins of a package that is only on some processes' path: known everywhere, as what is built in."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from policies import ROOT
from service_process import POLICY, Api, ServerProcess

import faasera

PATH = [str(ROOT / "tests/plugins"), *filter(None, [os.environ.get("PYTHONPATH")])]
PLUGINS = {"PYTHONPATH": os.pathsep.join(PATH)}
pytestmark = pytest.mark.xdist_group("plugins")
SHOP = {**POLICY, "rowCount": 500}
# Many commands in one process: starting one costs more than most of them do.
COMMANDS = """
import json, pathlib, sys
from typer.testing import CliRunner
from faasera.frontends.cli import app
runs = []
for words, output in json.loads(sys.argv[1]):
    run = CliRunner().invoke(app, words)
    runs.append([run.exit_code, run.stdout, run.stderr])
    if output:
        pathlib.Path(output).write_text(run.stdout)
print(json.dumps(runs))
"""


def python(code: str, *arguments: str) -> str:
    """What a process with the plug-ins prints."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=os.environ | PLUGINS, capture_output=True, text=True, check=True).stdout


def commands(*lines: str) -> list[tuple[int, str, str]]:
    """Exit code, standard output and standard error of each command; after ``>`` stands a file for the output."""
    parts = [line.partition(" > ") for line in lines]
    found = python(COMMANDS, json.dumps([[words.split(), output] for words, _, output in parts]))
    return [(code, out, " ".join(err.split())) for code, out, err in json.loads(found)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugins")
    (path / "shop.json").write_text(json.dumps(SHOP))
    return path


# a file format


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, tuple[int, str, str]]:
    """What commands say of the format."""
    write = f"generate {folder}/shop.json --format tsvx --out {folder}"
    plan = f"cloud plan {folder}/shop.json --out {folder}/shards --shard-rows 200 --format tsvx --option windows=yes"
    given = {
        "generate": f"{write}/out --option windows=true --parts 2 --check",
        "report": f"report {folder}/out --out {folder}/report.html",
        "dcat": f"manifest {folder}/out --as dcat",
        "croissant": f"manifest {folder}/out --as croissant",
        "catalog": "catalog tsvx",
        "unknown option": f"{write}/none --option windos=true",
        "option without a value": f"{write}/none --option windows",
        "wrong value": f"{write}/none --option windows=perhaps",
        "other format's option": f"{write}/none --delimiter ;",
        "plain": f"{write}/plain",
        "plan": f"{plan} > {folder}/events",
        "run": f"cloud run {folder}/events",
        "commit": f"cloud commit {folder}/events",
        "check": f"check {folder}/shards",
    }
    return dict(zip(given, commands(*given.values()), strict=True))


def test_a_format_keeps_what_formats_promise():
    python("from faasera.testing.conformance import check_writer; check_writer('tsvx', {'windows': True}, rows=500)")


def test_a_format_is_written_checked_and_told_of(folder: Path, told):
    assert told["generate"][0] == 0, told["generate"]
    assert (folder / "out/customers/part-00000.tsvx").read_bytes().startswith(b"id:BIGINT\tfirst_name:STRING\t")
    assert json.loads((folder / "out/_manifest.json").read_text())["options"] == {"windows": True}
    first = faasera.load(SHOP)["customers"].slice(0, 1).to_pylist()[0]
    assert told["report"][0] == 0 and first["email"] in (folder / "report.html").read_text()
    assert told["dcat"][0] == 0 and "text/vnd.example.tsvx" in told["dcat"][1]
    assert told["croissant"][0] == 2 and "Write csv, json, jsonl, parquet" in told["croissant"][2]
    assert told["catalog"][0] == 0 and "windows" in told["catalog"][1]


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("unknown option", "Did you mean 'windows'?"),
        ("option without a value", "Write name=value"),
        ("wrong value", "'windows' = 'perhaps'"),
        ("other format's option", "'delimiter' has no effect on tsvx"),
    ],
)
def test_wrong_options_of_a_format_are_refused(folder: Path, told, case, what):
    code, _, err = told[case]
    assert code == 2 and what in err
    assert not (folder / "none").exists()


def test_what_is_wrong_in_files_of_a_format_is_found(folder: Path, told):
    assert told["plain"][0] == 0, told["plain"]
    good = (folder / "plain/customers.tsvx").read_text()
    for name, text in (
        ("changed", good.replace("\n7\t", "\n8\t", 1)),
        ("typed", good.replace("id:BIGINT", "id:STRING", 1)),
    ):
        (folder / name).mkdir()
        (folder / name / "_manifest.json").write_bytes((folder / "plain/_manifest.json").read_bytes())
        (folder / name / "customers.tsvx").write_text(text)
    changed, typed = commands(f"check {folder}/changed --json", f"check {folder}/typed --json")
    assert changed[0] == typed[0] == 3
    kinds = {one["kind"] for one in json.loads(changed[1])["findings"] if one["status"] == "failed"}
    assert {"primary key", "digest"} <= kinds
    assert "VARCHAR instead of BIGINT" in typed[1]


def test_shards_of_a_format_are_committed_and_checked(folder: Path, told):
    for command in ("plan", "run", "commit", "check"):
        assert told[command][0] == 0, told[command]
    assert len(list((folder / "shards").rglob("*.tsvx"))) == 3


@pytest.mark.usefixtures("told")
def test_without_the_package_its_format_is_named(folder: Path):
    with pytest.raises(faasera.PolicyError) as raised:
        faasera.check(folder / "out")
    assert raised.value.problems[0].code == "unknown-format"
    assert "'tsvx'" in raised.value.problems[0].message


# a generation type that reads a file


MOODS = ["calm", "glad", "wild"]
LINES = {"type": "LINES", "listFile": "moods.txt"}
FEELINGS = {"tableName": "feelings", "rowCount": 9, "columnRuleMap": {"id": {"type": "SEQUENCE"}, "mood": LINES}}
# A parcel that another process opens, where the file is not.
OPENED = """
import json, sys
from faasera.plan.evaluate import batch_of
from faasera.run.parcel import Parcel
plan = Parcel.from_text(open(sys.argv[1]).read()).plan()
print(json.dumps(batch_of(plan, plan.tables["feelings"], 0, 9).column("mood").to_pylist()))
"""
PACKED = "import sys; from faasera.run.parcel import Parcel; from faasera.run.planning import load_plan; print(Parcel.of(load_plan(sys.argv[1])).to_text())"
# What the page offers of a generation type is read off the registry, as completion is.
OFFERED = """
import json
from faasera.frontends.page.completion import vocabulary
print(json.dumps(vocabulary()))
"""


@pytest.fixture(scope="module")
def felt(folder: Path) -> dict[str, tuple[int, str, str]]:
    """What commands say of the generation type."""
    (folder / "feelings.json").write_text(json.dumps(FEELINGS))
    (folder / "moods.txt").write_text("\n".join(MOODS))
    given = {
        "generate": f"generate {folder}/feelings.json --out {folder}/felt --check",
        "report": f"report {folder}/felt --out {folder}/felt.md",
        "catalog": "catalog LINES",
        "schema": "json-schema",
        "missing": f"validate {folder}/missing.json",
    }
    (folder / "missing.json").write_text(json.dumps(FEELINGS).replace("moods.txt", "mods.txt"))
    return dict(zip(given, commands(*given.values()), strict=True))


def test_a_generation_type_is_generated_proved_and_told_of(folder: Path, felt):
    assert felt["generate"][0] == 0, felt["generate"]
    rows = (folder / "felt/feelings.csv").read_text().split()[1:]
    assert [row.partition(",")[2] for row in rows] == MOODS * 3
    assert felt["report"][0] == 0 and "| mood | STRING | generated |" in (folder / "felt.md").read_text()
    assert felt["catalog"][0] == 0 and "listFile" in felt["catalog"][1]
    assert "listFile" in felt["schema"][1]
    code, _, err = felt["missing"]
    assert code == 2 and "moods.txt" in err


def test_its_promise_is_broken_by_other_values(folder: Path, felt):
    assert felt["generate"][0] == 0
    file = folder / "felt/feelings.csv"
    good = file.read_text()
    file.write_text(good.replace("1,calm", '1,"ca\nlm"', 1))
    ((code, out, _),) = commands(f"check {folder}/felt --json")
    file.write_text(good)
    assert code == 3
    assert "lines" in {one["kind"] for one in json.loads(out)["findings"] if one["status"] == "failed"}


def test_the_page_offers_its_keys():
    assert {"LINES", "listFile", "tsvx"} & set(python(OFFERED).replace('"', " ").split()) >= {"LINES", "listFile"}


@pytest.mark.usefixtures("felt")
def test_it_travels_in_a_parcel(folder: Path):
    (folder / "parcel").write_text(python(PACKED, f"{folder}/feelings.json"))
    (folder / "moods.txt").rename(folder / "moved.txt")
    assert json.loads(python(OPENED, f"{folder}/parcel")) == MOODS * 3
    (folder / "moved.txt").rename(folder / "moods.txt")


# the service, with all plug-ins


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    """Calls of a server that knows the plug-ins."""
    server = ServerProcess(folder / "data", environment=PLUGINS, cold=True).start()
    with server.client() as client:
        yield client
    server.stop()


def test_a_format_is_offered_by_the_service(client: httpx.Client):
    names = {one["name"] for one in Api(client).call("GET", "/catalog")["formats"]}
    call = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/stream/{policy}/{table}"]["get"]
    offered: Any = next(one["schema"]["enum"] for one in call["parameters"] if one["name"] == "format")
    assert "tsvx" in names and "tsvx" in offered
    assert "text/vnd.example.tsvx" in call["responses"]["200"]["content"]


def test_a_job_and_a_stream_give_the_same_file(client: httpx.Client):
    api = Api(client)
    job = api.done(policy=SHOP, output={"format": "tsvx", "options": {"windows": True}}, check=True)
    file = client.get(f"/api/v1/jobs/{job['id']}/artifacts/customers.tsvx").content
    assert file.count(b"\r\n") == 501
    assert job["check"]["ok"]
    assert api.call("GET", f"/jobs/{job['id']}/report")["tables"][0]["samples"]
    api.put("shop", SHOP)
    streamed = client.get("/api/v1/stream/shop/customers", params={"format": "tsvx", "option": "windows=true"})
    assert streamed.headers["content-type"].startswith("text/vnd.example.tsvx")
    assert streamed.headers["content-disposition"].endswith("customers.tsvx")
    assert streamed.content == file
    api.refused("GET", "/stream/shop/customers?format=tsvx&option=windos=true", 422, "no-effect")


def test_a_generation_type_is_offered_and_run_by_the_service(client: httpx.Client):
    api = Api(client)
    assert "LINES" in {one["name"] for one in api.call("GET", "/catalog")["generationTypes"]}
    api.call("PUT", "/seeds/moods.txt", content="\n".join(MOODS).encode())
    job = api.done(policy=FEELINGS, check=True)
    assert job["check"]["ok"]
    assert client.get(f"/api/v1/jobs/{job['id']}/artifacts/feelings.csv").text.split()[1:4] == [
        "1,calm",
        "2,glad",
        "3,wild",
    ]
