"""Logs and traces: what is told of a run, to whom it is told, and what is not."""

import io
import json
import logging

import pytest
from recording import recording

import faasera
from faasera.core.logs import JsonFormatter, configure
from faasera.core.tracing import configured, span

POLICY = {"tableName": "people", "rowCount": 20, "columnRuleMap": {"first_name": {}, "email": {}}}


@pytest.fixture
def log():
    stream = io.StringIO()
    root = logging.getLogger("faasera")
    before = root.handlers[:], root.level, root.propagate
    configure("json", "info", stream)
    yield stream
    root.handlers[:], root.level, root.propagate = before


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_run_that_fails_tells_its_codes_and_no_values(log, tmp_path):
    policy = {
        "tableName": "t",
        "rowCount": 20,
        "columnRuleMap": {
            "old": {"type": "CONSTANT", "value": "no digits"},
            "x": {"type": "FPE_ENCODED", "source": "old"},
        },
    }
    with pytest.raises(faasera.FaaseraError):
        faasera.load(policy).write(tmp_path / "out")
    found = [line for line in lines(log) if line["event"] == "run failed"]
    assert found and found[0]["codes"] and found[0]["codes"][0].startswith("F") and found[0]["run"]


def test_nothing_of_the_rows_is_logged(log, tmp_path):
    faasera.load(POLICY).write(tmp_path / "out")
    rows = faasera.load(POLICY)["people"].slice(0, 20).to_pylist()
    assert not any(row["email"] in log.getvalue() for row in rows)


def test_what_a_record_adds_is_kept_and_what_is_no_json_is_text():
    record = logging.makeLogRecord(
        {"name": "faasera.x", "levelname": "INFO", "msg": "a %s", "args": ("b",), "path": {1, 2}.__class__}
    )
    found = json.loads(JsonFormatter().format(record))
    assert (found["event"], found["level"], found["path"]) == ("a b", "info", "<class 'set'>")


@pytest.mark.parametrize("form, level", [("xml", None), ("json", "loud")])
def test_formats_and_levels_that_there_are_not(form, level):
    with pytest.raises(ValueError, match="there is no log"):
        configure(form, level)


def test_a_run_is_a_span_where_traces_are_configured(tmp_path):
    """In a process of its own, as providers of traces are set once."""
    import os
    import subprocess
    import sys

    with recording() as collector:
        code = (
            "import faasera, faasera.core.tracing as t\n"
            f"faasera.load({POLICY!r}).write({str(tmp_path / 'out')!r})\n"
            "t.flush()\n"
        )
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SERVICE_NAME": "nightly"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    sent = b"".join(one["body"] for one in collector.requests if one["path"] == "/v1/traces")
    manifest = json.loads((tmp_path / "out/_manifest.json").read_text())
    for word in (b"faasera.run", b"nightly", manifest["runId"].encode(), manifest["policyDigest"].encode()):
        assert word in sent


def test_without_a_configuration_there_is_no_span(monkeypatch):
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert not configured()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    assert configured()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not configured()
    with span("nothing", rows=1):
        pass
