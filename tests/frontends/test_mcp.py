"""The MCP server, asked by the protocol's own client as an assistant asks."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from faasera.frontends.mcp import Tools

POLICY = {"tableName": "people", "rowCount": 40, "columnRuleMap": {"first_name": {}, "email": {}}}


def test_an_assistant_at_work(tmp_path):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    async def work():
        words = [
            "-c",
            "from faasera.frontends.cli import main; main()",
            "mcp",
            "--root",
            str(tmp_path),
            "--max-rows",
            "1000",
        ]
        async with (
            stdio_client(StdioServerParameters(command=sys.executable, args=words, env=dict(os.environ))) as streams,
            ClientSession(*streams) as session,
        ):
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]

            async def call(tool, **arguments):
                result = await session.call_tool(tool, arguments)
                return json.loads(result.content[0].text)

            return names, [
                await call("catalog"),
                await call("catalog", name="first-name"),
                await call("validate", policy=POLICY),
                await call("validate", policy={"tableName": "t", "columnRuleMap": {"x": {"type": "SEQUENZ"}}}),
                await call("preview", policy=POLICY, rows=2, offset=5),
                await call("import_schema", source="CREATE TABLE pets (id INT PRIMARY KEY, name TEXT NOT NULL);"),
                await call("generate", policy=POLICY, folder="out/people", format="parquet"),
                await call("generate", policy={**POLICY, "rowCount": 2000}, folder="more"),
            ]

    names, (catalog, entry, valid, wrong, preview, imported, made, many) = asyncio.run(work())
    assert names == ["validate", "catalog", "preview", "import_schema", "generate"]
    assert ["SEQUENCE", catalog_summary(catalog, "SEQUENCE")] in next(iter(catalog.values()))
    assert entry["name"] == "first-name"
    assert valid == {"valid": True, "rows": {"people": 40}, "warnings": []}
    assert wrong["problems"][0]["pointer"] == "/columnRuleMap/x/type"
    assert len(preview["people"]) == 2
    assert imported["policy"]["tables"][0]["tableName"] == "pets"
    assert made["check"]["ok"] and made["files"] == ["people.parquet"]
    assert (tmp_path / "out/people/people.parquet").exists()
    assert many["problems"][0]["code"] == "too-many-rows"
    assert not (tmp_path / "more").exists()


def catalog_summary(catalog, name):
    return next(summary for listed in catalog.values() for one, summary in listed if one == name)


@pytest.fixture
def tools(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    return Tools(root, 1000)


def problems(text):
    return [problem["code"] for problem in json.loads(text)["problems"]]


@pytest.mark.parametrize("folder", ["../out", "/tmp/elsewhere", ".", "a/../../out"])
def test_nothing_is_written_elsewhere(tools, folder):
    assert problems(tools.generate(POLICY, folder)) == ["not-allowed"]


def test_nothing_is_read_elsewhere(tools, tmp_path, monkeypatch):
    (tmp_path / "secret.sql").write_text("CREATE TABLE secret (id INT);")
    assert problems(tools.import_schema("../secret.sql")) == ["not-allowed"]
    assert problems(tools.import_schema("evil.py")) == ["not-allowed"]
    seeds = {**POLICY, "seedDirectory": ".."}
    assert problems(tools.validate(seeds)) == ["seed-directory"]
    monkeypatch.setenv("FAASERA_CONNECTION_SHOP", f"sqlite:///{tmp_path}/x.db")
    assert problems(tools.import_schema("shop")) == ["unknown-source"]
    keys = {
        "tableName": "t",
        "foreignKeys": [{"columns": ["a"], "references": {"connection": "shop", "table": "x", "columns": ["a"]}}],
        "columnRuleMap": {"a": {}},
    }
    assert problems(tools.validate(keys)) == ["not-allowed"]
    secret = {**POLICY, "fpeKeys": {"k": {"env": "HOME"}}}
    assert problems(tools.validate(secret)) == ["key-source"]


def test_an_output_that_is_too_large_leaves_nothing(tmp_path):
    tools = Tools(tmp_path, 1_000_000, max_bytes=100)
    assert problems(tools.generate({**POLICY, "rowCount": 200_000}, "out")) == ["size-limit"]
    assert not (tmp_path / "out").exists()


def test_previews_are_small(tools):
    assert problems(tools.preview(POLICY, rows=5000)) == ["row-count"]
    assert problems(tools.preview(POLICY, offset=-1)) == ["row-count"]
    assert problems(tools.preview(POLICY, table="nobody")) == ["unknown-table"]


def test_a_folder_that_is_none():
    from typer.testing import CliRunner

    from faasera.frontends.cli import app

    assert CliRunner().invoke(app, ["mcp", "--root", str(Path("no-such-folder"))]).exit_code == 2
