"""The description of the API: complete, with examples that are true, and nothing that breaks the server."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from service_process import POLICY, Api, ServerProcess


@pytest.fixture(scope="module")
def document(server: ServerProcess) -> dict[str, Any]:
    with server.client("") as client:
        return client.get("/api/v1/openapi.json").json()


def calls(document):
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            yield method, path, call


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    identifiers = [call["operationId"] for _, _, call in calls(document)]
    assert len(identifiers) == len(set(identifiers))
    for method, path, call in calls(document):
        assert call["summary"] and call["tags"], (method, path)
        assert len(call.get("description", "")) > 10, (method, path)


def test_everything_has_an_example_that_fits(document):
    for method, path, call in calls(document):
        for parameter in call.get("parameters", []):
            name = (method, path, parameter["name"])
            assert parameter["description"], name
            schema = parameter["schema"]
            examples = schema.get("examples") or [parameter["example"]]
            for example in examples:
                validator(document, schema).validate(example)
        for kind, content in call.get("requestBody", {}).get("content", {}).items():
            if kind != "multipart/form-data":
                assert "example" in content or resolved(document, content["schema"]).get("examples"), (method, path)
        for status, answer in call["responses"].items():
            for kind, content in answer.get("content", {}).items():
                if kind != "application/json":
                    continue
                found = content.get("example")
                if found is None:
                    found = example_of(document, content["schema"])
                validator(document, content["schema"]).validate(found)
                assert found["status"] == ("ERROR" if int(status) >= 400 else "SUCCESS"), (method, path, status)


def example_of(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """The example of a schema, put together from those of its parts."""
    whole = resolved(document, schema)
    if whole.get("examples"):
        return whole["examples"][0]
    if "const" in whole or "default" in whole:
        return whole.get("const", whole.get("default"))
    if whole.get("type") == "object" and "properties" in whole:
        return {name: example_of(document, part) for name, part in whole["properties"].items()}
    if whole.get("type") == "array":
        return [example_of(document, whole["items"])] if whole.get("maxItems") != 0 else []
    if "anyOf" in whole:
        return example_of(document, whole["anyOf"][0])
    return {"string": "x", "integer": 1}.get(whole.get("type", ""))


def test_examples_of_requests_work_as_they_are(document, server: ServerProcess):
    with server.client() as client:
        api = Api(client)
        api.put("customers", {**POLICY, "columnRuleMap": {**POLICY["columnRuleMap"], "last_name": {}}})
        for method, path, call in calls(document):
            content = call.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            for example in resolved(document, content["schema"])["examples"]:
                answer = client.request(method, path.replace("{name}", "customers"), json=example)
                assert answer.is_success, (path, example, answer.text)


def test_answers_are_what_the_description_says(document, server: ServerProcess):
    checked = 0
    with server.client() as client:
        api = Api(client)
        api.put("described", POLICY)
        api.call("PUT", "/seeds/described.csv", content=b"n\n1\n")
        job = api.done(policyName="described")["id"]
        values = {
            "name": "described",
            "id": job,
            "version": "1",
            "kind": "generationTypes",
            "policy": "described",
            "table": "customers",
        }
        for method, path, call in calls(document):
            if method != "get" or "application/json" not in call["responses"].get("200", {}).get("content", {}):
                continue
            given = {
                **values,
                "name": {"seeds": "described.csv", "catalog": "SEED"}.get(
                    path.split("/")[3] if path.count("/") > 2 else "", "described"
                ),
            }
            target = path.format(**given)
            answer = client.get(target, params={"from": 1, "to": 1} if path.endswith("/diff") else None)
            assert answer.status_code == 200, (path, answer.text)
            schema = call["responses"]["200"]["content"]["application/json"]["schema"]
            validator(document, schema).validate(answer.json())
            checked += 1
    assert checked >= 15


@pytest.mark.parametrize(
    ("examples", "phases"),
    [(3, "examples,fuzzing"), pytest.param(12, "examples,coverage,fuzzing", marks=pytest.mark.slow)],
)
def test_schemathesis_finds_no_server_error(server: ServerProcess, tmp_path: Path, examples: int, phases: str):
    with server.client() as client:
        Api(client).put("customers", POLICY)
        key = Api(client).key("admin", "fuzzer", f"fuzzed-{examples}")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {key}",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--exclude-path-regex", "events|/keys/",
        "--max-examples", str(examples), "--seed", "1", "--no-color", "--generation-deterministic",
        "--request-timeout", "60", "--max-response-time", "60", "--phases", phases,
        "--report", "junit", "--report-dir", str(tmp_path),
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=400)
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    assert "internal-error" not in found.stdout
    assert "Traceback" not in server.log.read_text()
