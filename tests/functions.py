"""The runtimes of cloud functions, as they are deployed, on this machine."""

import base64
import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import azure.functions as azure
import azure.functions.http as http_binding
import azure.functions.queue as queue_binding
import azure.functions.timer as timer_binding
from azure.functions.decorators.function_app import FunctionApp
from azure.functions.meta import Datum

DEPLOY = Path(__file__).parent.parent / "deploy"


class RuntimeApi(ThreadingHTTPServer):
    """A stand-in of Lambda's runtime API: gives out events, and takes the answers.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Runtime)
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Runtime(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        request, event = self.server.events.get()
        body = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", request)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 900_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.answers.put((self.path.rsplit("/", 1)[-1], json.loads(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


class Lambda:
    """A function in Amazon's own runtime client."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api

    def invoke(self, event: Any) -> Any:
        """What the function answers; an error is raised as AssertionError with its text."""
        self._api.events.put(("1", event))
        kind, answer = self._api.answers.get(timeout=60)
        assert kind == "response", answer
        return answer

    def failed(self, event: Any) -> dict[str, Any]:
        """The error that the function ends with."""
        self._api.events.put(("1", event))
        kind, answer = self._api.answers.get(timeout=60)
        assert kind == "error", answer
        return answer


@contextlib.contextmanager
def aws_lambda(**environment: str) -> Iterator[Lambda]:
    """Runs ``awslambdaric``, as the container image does."""
    api = RuntimeApi()
    command = [sys.executable, "-m", "awslambdaric", "faasera.frontends.cloud.aws.handler"]
    given = os.environ | environment | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
    given |= {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    process = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Lambda(api)
    finally:
        process.kill()
        process.wait()
        api.shutdown()
        api.server_close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(url: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """The status and the JSON that answer a POST."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
            return response.status, json.loads(text) if text.startswith(b"{") else text.decode()
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else text.decode()


@contextlib.contextmanager
def google_function(target: str, signature: str, **environment: str) -> Iterator[str]:
    """Runs the functions framework over the deployable folder; its address."""
    port = _free_port()
    source = DEPLOY / "google-cloud-functions" / "main.py"
    script = Path(sys.executable).with_name("functions-framework")
    command = [script, f"--source={source}", f"--target={target}", f"--signature-type={signature}"]
    process = subprocess.Popen(
        [*command, "--host=127.0.0.1", f"--port={port}"],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, "the framework has ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def cloud_event(event: Any) -> tuple[Any, dict[str, str]]:
    """A message of Pub/Sub as a CloudEvent in binary mode: body and headers."""
    headers = {
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/shards",
        "ce-id": "1",
    }
    data = base64.b64encode(json.dumps(event).encode()).decode()
    return {"message": {"data": data, "messageId": "1"}, "subscription": "s"}, headers


class Sent(azure.Out):
    """A queue that keeps what a function puts into it, as the worker encodes it."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def set(self, val: list[str]) -> None:
        encoded = queue_binding.QueueMessageOutConverter.encode(val, expected_type=None)
        self.events += [json.loads(one) for one in json.loads(encoded.value)]

    def get(self) -> Any:
        return self.events


def azure_app() -> FunctionApp:
    """The app of the deployable folder."""
    import importlib.util

    path = DEPLOY / "azure-functions" / "function_app.py"
    spec = importlib.util.spec_from_file_location("function_app", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


def azure_functions() -> dict[str, Any]:
    """The functions of the app by name, with their bindings."""
    return {function.get_function_name(): function for function in azure_app().get_functions()}


def azure_request(event: Any) -> azure.HttpRequest:
    """A call over HTTP, as the worker decodes it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    parts = {
        "method": Datum("POST", "string"),
        "url": Datum("https://app.azurewebsites.net/api/faasera", "string"),
        "headers": {"content-type": Datum("application/json", "string")},
        "query": {},
        "params": {},
        "body": Datum(body, "bytes"),
    }
    return http_binding.HttpRequestConverter.decode(Datum(parts, "http"), trigger_metadata={})


def azure_answer(response: azure.HttpResponse) -> tuple[int, Any]:
    """The status and the JSON of an answer, as the worker encodes it."""
    parts = http_binding.HttpResponseConverter.encode(response, expected_type=None).value
    assert parts["headers"]["content-type"].value == "application/json"
    return int(parts["status_code"].value), json.loads(parts["body"].value)


def azure_message(event: Any) -> azure.QueueMessage:
    """A message of a queue, as the worker decodes it."""
    metadata = {"Id": Datum('"1"', "json"), "DequeueCount": Datum("1", "json")}
    return queue_binding.QueueMessageInConverter.decode(Datum(json.dumps(event), "string"), trigger_metadata=metadata)


def azure_tick() -> azure.TimerRequest:
    """A timer's call, as the worker decodes it."""
    return timer_binding.TimerRequestConverter.decode(Datum('{"IsPastDue": true}', "json"), trigger_metadata={})
