"""The calls of the documentation, run as they are written, one after the other."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from policies import ROOT
from service_process import Api, ServerProcess
from warm import program

from faasera.service.settings import described

PAGE = (ROOT / "docs/service.md").read_text()
OPERATING = (ROOT / "docs/operating.md").read_text()


def test_the_calls_of_the_page(server: ServerProcess, api: Api, tmp_path: Path):
    key = api.key("admin", "reader", "documented")
    environment = {
        **os.environ,
        "FAASERA": server.url,
        "KEY": key,
        "PATH": f"{Path(program()).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    blocks = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.S)
    assert len(blocks) >= 8
    calls = 0
    for kind, block in blocks:
        if "export FAASERA" in block:
            continue
        command = ["bash", "-euo", "pipefail", "-c", block] if kind == "sh" else [sys.executable, "-c", block]
        found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert found.returncode == 0, (block, found.stdout, found.stderr)
        assert found.stdout, block
        calls += block.count("curl ")
    assert calls >= 15
    assert (tmp_path / "customers.zip").stat().st_size > 1_000_000
    with server.client(key) as client:
        assert {job["state"] for job in Api(client).call("GET", "/jobs")["items"]} == {"SUCCESS"}


def test_paths_and_settings_that_are_named_exist(server: ServerProcess):
    with server.client("") as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    known = {path.removeprefix("/api/v1") for path in paths}
    for named in re.findall(r"`(?:GET|POST|PUT|DELETE) (/[\w/{}.-]+)`", PAGE + OPERATING):
        plain = named.removeprefix("/api/v1").replace("firstnames.csv", "{name}")
        assert plain in known, named
    options = {one.option for one in described()} | {"--config", "--help", "--compressed", "--escape-formulas"}
    for named in re.findall(r"`(--[a-z-]+)", PAGE + OPERATING):
        assert named in options, named
    for option in ("--max-rows", "--database", "--outputs", "--silence", "--rate"):
        assert option in OPERATING


def test_the_deployment_files_say_what_exists():
    settings = {one.variable for one in described()}
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    docker = (ROOT / "deploy/Dockerfile").read_text()
    named = set(re.findall(r"FAASERA_SERVE_\w+", docker)) | set(compose["services"]["faasera"]["environment"])
    assert named - {"FAASERA_CONNECTION_JOBS"} <= settings
    unit = (ROOT / "deploy/faasera.service").read_text()
    assert "faasera serve --config" in unit
    example = tomllib.loads(re.search(r"```toml\n(.*?)```", OPERATING, re.S)[1])
    assert {f"--{name}" for name in example} <= {one.option for one in described()}


def test_settings_by_option_variable_and_file(own: ServerProcess, tmp_path: Path):
    config = tmp_path / "faasera.toml"
    config.write_text("max-rows = 100\nmax-body = 5000\nrate = 77.0\n")
    own.options = ("--config", str(config), "--max-rows", "300")
    own.environment = {"FAASERA_SERVE_MAX_BODY": "6000", "FAASERA_SERVE_MAX_ROWS": "200"}
    own.start()
    policy = {"tableName": "t", "columnRuleMap": {"n": {"type": "SEQUENCE"}}}
    with own.client() as client:
        api = Api(client)
        api.call("POST", "/preview", json={"policy": {**policy, "rowCount": 300}})
        api.refused("POST", "/preview", 422, "too-many-rows", json={"policy": {**policy, "rowCount": 301}})
        api.refused("POST", "/preview", 413, json={"policy": {**policy, "description": "x" * 6000}})
    own.stop()
    for text, sign in (
        ("max-row = 1", "Did you mean 'max-rows'"),
        ("max-rows = 0", "max-rows"),
        ("= 1", "valid TOML"),
    ):
        config.write_text(text)
        own.options = ("--config", str(config))
        own.log, own.environment = tmp_path / "wrong.log", {}
        own.log.unlink(missing_ok=True)
        own.start(wait=False)
        assert own.process is not None and own.process.wait(60) == 2
        assert sign in " ".join(own.log.read_text().replace("│", " ").split()), own.log.read_text()


def test_help_says_all_settings():
    found = subprocess.run(
        [program(), "serve", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    for one in described():
        assert one.option in found.stdout and one.variable in found.stdout, one


def test_health_and_numbers(server: ServerProcess):
    def number(line: str) -> float:
        found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    done = 'faasera_jobs{state="SUCCESS"}'
    missed = 'faasera_requests_total{method="GET",route="/policies/{name}",status="404"}'
    with server.client("") as client:
        assert client.get("/healthz").json()["status"] == "SUCCESS"
        assert client.get("/readyz").json()["data"]["checks"] == {"database": "ok", "jobs": "ok"}
    with server.client() as client:
        before = number(done), number(missed)
        Api(client).done(policy={"tableName": "t", "columnRuleMap": {"n": {"type": "SEQUENCE"}}}, check=False)
        client.get("/api/v1/policies/none")
        assert (number(done), number(missed)) == (before[0] + 1, before[1] + 1)
        assert "faasera_request_seconds_bucket" in client.get("/metrics").text
