"""A real server, started as a user does, and asked over HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from warm import WarmProcess

POLICY: dict[str, Any] = {
    "tableName": "customers",
    "rowCount": 1000,
    "columnRuleMap": {
        "id": {"type": "SEQUENCE"},
        "first_name": {},
        "email": {},
        "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 500}},
    },
    "primaryKeyColumn": "id",
}


class ServerProcess:
    """``faasera serve`` on a free port.

    Args:
        data: its folder.
        options: of the command.
        environment: what it has beside ours.
        cold: whether it has a Python of its own, which imports what that environment says, and whose memory is its own.
    """

    def __init__(
        self, data: Path, *options: str, environment: dict[str, str] | None = None, cold: bool = False
    ) -> None:
        self.data = data
        self.options = options
        self.environment = environment or {}
        self.cold = cold
        self.key = ""
        self.url = ""
        self.log = data.with_name(data.name + ".log")
        self.process: subprocess.Popen[bytes] | WarmProcess | None = None

    def start(self, *, wait: bool = True) -> "ServerProcess":
        words = ["serve", "--data", str(self.data), "--port", "0", *self.options]
        environment = {**os.environ, **self.environment}
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log, Path(os.devnull).open() as nothing:
            if self.cold:
                command = [sys.executable, "-m", "faasera", *words]
                self.process = subprocess.Popen(
                    command, stdin=nothing, stdout=log, stderr=subprocess.STDOUT, env=environment
                )
            else:
                files = (nothing.fileno(), log.fileno(), log.fileno())
                self.process = WarmProcess(words, files, environment, str(Path.cwd()))
        deadline = time.monotonic() + 60
        while wait:
            text = self.log.read_bytes()[before:].decode()
            if found := re.search(r"fsk_\S+", text):
                self.key = found[0]
            if found := re.search(r"Faasera is at (\S+)/", text):
                self.url = found[1]
                break
            assert self.process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.02)
        return self

    def client(self, key: str | None = None, **more: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key or self.key}"} if key != "" else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, **more)

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def memory(self) -> int:
        """Resident bytes."""
        assert self.process is not None
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Api:
    """Calls that are expected to succeed, or to fail, with what they answer."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def call(self, method: str, path: str, *, status: int | None = None, **more: Any) -> Any:
        answer = self.client.request(method, f"/api/v1{path}", **more)
        assert answer.status_code == status if status is not None else answer.is_success, answer.text
        body = answer.json()
        assert body["status"] == "SUCCESS" and body["errors"] == [], body
        return body["data"]

    def refused(self, method: str, path: str, status: int, code: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.client.request(method, f"/api/v1{path}", **more)
        body = answer.json()
        assert answer.status_code == status, (answer.status_code, body)
        assert body["status"] == "ERROR" and body["data"] is None
        first: dict[str, Any] = body["errors"][0]
        assert first["message"] and first["remedy"] and first["status"] == status, first
        assert first["type"] == f"urn:faasera:problem:{first['code']}" and first["detail"] == first["message"]
        assert code is None or first["code"] == code, body
        return first

    def key(self, role: str, name: str, project: str = "default") -> str:
        made = self.call("POST", "/keys", json={"name": name, "role": role, "project": project}, status=201)
        return str(made["key"])

    def put(self, name: str, policy: dict[str, Any]) -> Any:
        return self.call("PUT", f"/policies/{name}", json={"policy": policy})

    def job(self, **body: Any) -> Any:
        return self.call("POST", "/jobs", json=body, status=202)

    def wait(self, identifier: str, seconds: float = 60, state: str | None = None) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            job = self.call("GET", f"/jobs/{identifier}")
            over = job["state"] in ("SUCCESS", "ERROR", "CANCELLED")
            if over if state is None else job["state"] == state:
                return job
            assert not over and time.monotonic() < deadline, job
            time.sleep(0.05)

    def done(self, **body: Any) -> Any:
        job = self.wait(self.job(**body)["id"])
        assert job["state"] == "SUCCESS", job
        return job
