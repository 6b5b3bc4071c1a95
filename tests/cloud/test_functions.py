"""The adapters in the runtimes that they are deployed to."""

import base64
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import functions
import pytest
import yaml
from policies_for_scale import digests, write_shop
from stores import s3

import faasera

ROWS = {"customers": 2_000, "payments": 500}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


def event_of(shop: Path, out: Path, **more: object) -> dict:
    return {"policy": str(shop), "rowCounts": ROWS, "output": str(out), "shardRows": 1_500} | more


def local(shop: Path, tmp_path: Path) -> dict[str, str]:
    return digests(faasera.load(shop, rows=ROWS).write(tmp_path / "local", overwrite=True))


def test_lambda_direct_over_http_and_from_a_queue(shop: Path, tmp_path: Path):
    with functions.aws_lambda() as function:
        events = function.invoke(event_of(shop, tmp_path / "out", action="plan"))["events"]
        assert function.invoke(events[0])["table"] == "customers"
        request = {"requestContext": {"http": {"method": "POST"}}, "body": json.dumps(events[1])}
        answer = function.invoke(request)
        assert answer["statusCode"] == 200 and json.loads(answer["body"])["repeated"] is False
        encoded = base64.b64encode(json.dumps(events[1]).encode()).decode()
        answer = function.invoke(request | {"body": encoded, "isBase64Encoded": True})
        assert json.loads(answer["body"])["repeated"] is True
        answer = function.invoke(request | {"body": "{"})
        assert answer["statusCode"] == 400
        assert json.loads(answer["body"])["problems"][0]["code"] == "event"
        records = [
            {"messageId": str(number), "eventSource": "aws:sqs", "body": json.dumps(one)}
            for number, one in enumerate(events[2:])
        ]
        wrong = {"messageId": "wrong", "eventSource": "aws:sqs", "body": json.dumps(events[2] | {"rows": [0, 10**9]})}
        assert function.invoke({"Records": [*records, wrong]}) == {"batchItemFailures": [{"itemIdentifier": "wrong"}]}
        error = function.failed(events[0] | {"table": "nothing", "output": str(tmp_path / "new")})
        assert error["errorType"] == "PolicyError" and "there is no table 'nothing'" in error["errorMessage"]
        base = {name: value for name, value in events[0].items() if name not in ("table", "rows", "part")}
        assert function.invoke(base | {"action": "commit"})["tables"] == local(shop, tmp_path)


def test_lambda_fans_a_run_out_over_sqs(shop: Path, tmp_path: Path, monkeypatch):
    with s3() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        client = boto3.client("sqs", endpoint_url=f"http://{store.address}")
        url = client.create_queue(QueueName="shards")["QueueUrl"]
        for path in (shop, shop.parent / "cities.csv"):
            store.put(f"policies/{path.name}", path.read_bytes())
        with functions.aws_lambda(FAASERA_QUEUE_URL=url) as function:
            event = event_of(shop, tmp_path, policy="s3://exports/policies/shop.json", output="s3://exports/run")
            sent = function.invoke(event | {"shardRows": 150})["sent"]
            assert sent > 20, "more than two batches"
            taken = 0
            while taken < sent:
                messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
                records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in messages]
                assert records
                taken += len(records)
                assert function.invoke({"Records": records}) == {"batchItemFailures": []}
        assert digests(store.read("run/_manifest.json")) == local(shop, tmp_path)
        assert not store.names("run/_shards")
        with functions.aws_lambda(FAASERA_QUEUE_URL=f"{url}-that-is-not-there") as function:
            error = function.failed(event | {"output": "s3://exports/other"})
            assert error["errorType"] == "RunError" and "the queue does not take the shards" in error["errorMessage"]


def test_google_over_http(shop: Path, tmp_path: Path):
    with functions.google_function("http", "http") as url:
        status, answer = functions.call(url, event_of(shop, tmp_path / "out"))
        assert status == 200 and answer["tables"] == local(shop, tmp_path)
        status, answer = functions.call(url, {"policy": str(shop)})
        assert status == 400 and answer["problems"][0]["pointer"] == "/output"
        assert functions.call(url, b"no json")[0] == 400


class Topic(BaseHTTPRequestHandler):
    """A stand-in of Pub/Sub's publishing."""

    published: list[dict] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/projects/p/topics/shards:publish":
            self.send_error(404)
            return
        self.published += [json.loads(base64.b64decode(one["data"])) for one in body["messages"]]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.mark.slow
def test_google_fans_a_run_out_over_a_topic(shop: Path, tmp_path: Path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Topic)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Topic.published.clear()
    place = {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{server.server_port}"}
    with functions.google_function("http", "http", FAASERA_TOPIC="projects/p/topics/shards", **place) as url:
        status, answer = functions.call(url, event_of(shop, tmp_path / "out"))
        assert status == 200 and answer["sent"] == len(Topic.published) == 6
    with functions.google_function("http", "http", FAASERA_TOPIC="projects/p/topics/none", **place) as url:
        status, answer = functions.call(url, event_of(shop, tmp_path / "other"))
        assert status == 500 and answer["problems"][0]["code"] == "queue-refused" and answer["retry"]
    with functions.google_function("event", "cloudevent") as url:
        for event in reversed(Topic.published):
            body, headers = functions.cloud_event(event)
            assert functions.call(url, body, headers)[0] == 200
        assert digests((tmp_path / "out" / "_manifest.json").read_bytes()) == local(shop, tmp_path)
        body, headers = functions.cloud_event({"policy": str(shop)})
        assert functions.call(url, body, headers)[0] == 500, "the trigger tries again"
    server.shutdown()
    server.server_close()


def test_azure_over_http_queue_and_timer(shop: Path, tmp_path: Path, monkeypatch):
    app = functions.azure_functions()
    bindings = {name: [(one.type, one.name) for one in function.get_bindings()] for name, function in app.items()}
    assert ("httpTrigger", "request") in bindings["faasera_http"]
    assert ("queue", "shards") in bindings["faasera_http"] and ("queue", "shards") in bindings["faasera_timer"]
    assert bindings["faasera_queue"] == [("queueTrigger", "message")]
    assert ("timerTrigger", "timer") in bindings["faasera_timer"]
    call, take, tick = (app[f"faasera_{name}"].get_user_function() for name in ("http", "queue", "timer"))
    queue = functions.Sent()
    status, answer = functions.azure_answer(call(functions.azure_request(event_of(shop, tmp_path / "out")), queue))
    assert status == 200 and answer["sent"] == len(queue.events) == 6
    for event in reversed(queue.events):
        take(functions.azure_message(event))
    assert digests((tmp_path / "out" / "_manifest.json").read_bytes()) == local(shop, tmp_path)
    status, answer = functions.azure_answer(call(functions.azure_request(b"{"), queue))
    assert status == 400 and answer["problems"][0]["code"] == "event"
    with pytest.raises(faasera.PolicyError, match="'output' is missing"):
        take(functions.azure_message({"policy": str(shop)}))

    with pytest.raises(faasera.PolicyError, match="FAASERA_EVENT is not set"):
        tick(functions.azure_tick(), queue)
    monkeypatch.setenv("FAASERA_EVENT", json.dumps(event_of(shop, tmp_path / "nightly")))
    nightly = functions.Sent()
    tick(functions.azure_tick(), nightly)
    assert len(nightly.events) == 6


def test_the_deployable_folders_name_what_there_is():
    class Loader(yaml.SafeLoader):
        """CloudFormation's tags are its own."""

    Loader.add_multi_constructor("!", lambda _, tag, node: f"{tag} {node.value}")
    template = yaml.load((functions.DEPLOY / "aws-lambda" / "template.yaml").read_text(), Loader)
    properties = template["Resources"]["Faasera"]["Properties"]
    assert set(properties["Environment"]["Variables"]) == {"FAASERA_QUEUE_URL", "FAASERA_OUTPUTS"}
    dockerfile = (functions.DEPLOY / "aws-lambda" / "Dockerfile").read_text()
    assert '["faasera.frontends.cloud.aws.handler"]' in dockerfile
    host = json.loads((functions.DEPLOY / "azure-functions" / "host.json").read_text())
    assert host["version"] == "2.0"
    for cloud in ("google-cloud-functions", "azure-functions"):
        extra = (functions.DEPLOY / cloud / "requirements.txt").read_text().strip()
        assert extra in (f"faasera[{cloud.partition('-')[0]}]",)


@pytest.mark.slow
def test_the_zip_file_is_a_function(tmp_path: Path, shop: Path):
    """Built as the README says, of this source; run with nothing but what is in it."""
    root = functions.DEPLOY.parent
    target = tmp_path / "function.zip"
    built = subprocess.run(
        ["sh", functions.DEPLOY / "aws-lambda" / "build_zip.sh", root, target],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    unpacked = int(built.stdout.split("unpacked ")[1].split()[0])
    assert unpacked < 250, built.stdout
    folder = tmp_path / "task"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", target, folder], check=True)
    script = (
        f"import sys; sys.path[:0] = [{str(folder)!r}]\n"
        "import json; from faasera.frontends.cloud.aws import handler\n"
        "import faasera, pyarrow\n"
        "print(json.dumps([handler(json.loads(sys.argv[1]), None), faasera.__file__, pyarrow.__file__]))"
    )
    event = json.dumps(event_of(shop, tmp_path / "out"))
    done = subprocess.run([sys.executable, "-S", "-c", script, event], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer, *files = json.loads(done.stdout)
    assert all(file.startswith(str(folder)) for file in files)
    assert answer["tables"] == local(shop, tmp_path)
