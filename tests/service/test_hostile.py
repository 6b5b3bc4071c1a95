"""Callers who mean harm, or do not know better: refused in time, in words, and without harm."""

import gzip
import io
import json
import socket
import threading
import time
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from service_process import POLICY, Api, ServerProcess


def raw(server: ServerProcess, *parts: bytes, wait: float = 0.0, timeout: float = 20.0) -> bytes:
    """What comes back for bytes that are sent as they are."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        answer = b""
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(wait)
            while data := connection.recv(65_536):
                answer += data
        except (ConnectionError, TimeoutError):
            pass
        return answer


def head(server: ServerProcess, method: str, path: str, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {server.key}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_bodies_of_a_hundred_megabytes(server: ServerProcess, api: Api):
    before = server.memory()
    large = head(server, "POST", "/api/v1/preview", Content_Type="application/json", Content_Length=100 << 20)
    assert b"413" in raw(server, large).split(b"\r\n")[0]
    chunked = head(server, "POST", "/api/v1/preview", Content_Type="application/json", Transfer_Encoding="chunked")
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    # The server hangs up in the middle; whether its answer arrives before that is up to the network.
    assert raw(server, chunked, *[chunk] * 100)[:12] in (b"", b"HTTP/1.1 413")
    seeds = head(server, "PUT", "/api/v1/seeds/huge.csv", Content_Length=1 << 40)
    assert b"413" in raw(server, seeds).split(b"\r\n")[0]
    assert server.memory() - before < 60 << 20
    assert api.call("GET", "/me")["role"] == "admin"


def test_deep_json(api: Api):
    for text in (
        "[" * 100_000,
        '{"policy":' + '{"a":' * 50_000 + "1" + "}" * 50_001,
        '{"policy":' + "[" * 900 + "]" * 900 + "}",
    ):
        answer = api.client.post("/api/v1/preview", content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["status"] == "ERROR"
    nested: object = 1
    for _ in range(300):
        nested = {"a": nested}
    api.refused("POST", "/preview", 422, json={"policy": {**POLICY, "description": nested}})


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'"x"', b"\xff\xfe", b'{"policy": NaN}', b'{"policy": 1}', b"\0"]
)
def test_bodies_that_are_no_request(api: Api, body):
    for path in ("/preview", "/jobs", "/policies/validate", "/schema/import", "/keys"):
        answer = api.client.post(f"/api/v1{path}", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), (path, answer.text)
        assert answer.json()["errors"][0]["remedy"]


def test_compressed_bodies_are_not_read(api: Api):
    bomb = gzip.compress(b" " * (50 << 20))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert api.client.post("/api/v1/preview", content=bomb, headers=headers).status_code == 415


def test_bombs_as_files(server: ServerProcess, api: Api):
    before = server.memory()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("schema.sql", b"-" * (50 << 20))
    api.refused("POST", "/schema/import/file", 400, "file-format", files={"file": ("schema.zip", archive.getvalue())})
    api.refused("POST", "/schema/import/file", 400, "file-format", files={"file": ("models.py", b"import os")})
    same = pa.table({"n": pa.array([1], pa.int64()).take(pa.array([0] * 25_000_000, pa.int32()))})
    bomb = io.BytesIO()
    pq.write_table(same, bomb)
    assert len(bomb.getvalue()) < 1 << 20
    api.refused("PUT", "/seeds/bomb.parquet", 413, "too-large", content=bomb.getvalue())
    api.refused("PUT", "/seeds/none.parquet", 400, "bad-seed-file", content=b"PAR1")
    laughs = "a: &a [x]\n" + "\n".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    for name, text in (
        ("openapi.yaml", laughs),
        ("schema.sql", "(" * 200_000),
        ("x.json", "[" * 100_000),
        ("x.csv", '"' * 1_000_000),
    ):
        answer = api.client.post("/api/v1/schema/import/file", files={"file": (name, text.encode())})
        assert answer.status_code in (200, 422), (name, answer.text[:300])
    assert server.memory() - before < 120 << 20


@pytest.mark.parametrize(
    "name",
    ["../x.csv", "..%2fx.csv", "a/../../x.csv", "%2e%2e/x.csv", "/etc/x.csv", "a//x.csv", ".hidden.csv", "x\\..\\y.csv", "x.exe",
     "a/b/c/d.csv", "x.csv%00", "~/x.csv", "-x.csv"],
)  # fmt: skip
def test_seed_files_stay_in_their_folder(server: ServerProcess, api: Api, name):
    answer = api.client.put(f"/api/v1/seeds/{name}", content=b"n\n1\n")
    assert answer.status_code in (400, 404, 405) or answer.json()["data"]["name"] == "x.csv", answer.text
    assert not list(server.data.glob("*.csv")) and not list(server.data.parent.glob("*.csv"))
    for method in ("GET", "DELETE"):
        if name != "x.csv":
            assert api.client.request(method, f"/api/v1/seeds/{name}").status_code in (400, 404, 405, 200)


def test_artifacts_stay_in_their_folder(server: ServerProcess, api: Api):
    job = api.done(policy=POLICY, check=False)["id"]
    assert raw(server, head(server, "GET", f"/api/v1/jobs/{job}/artifacts/customers.csv")).startswith(b"HTTP/1.1 200")
    for name in (
        "../manifest.json",
        "..%2fmanifest.json",
        "%2e%2e%2fmanifest.json",
        "../../../service.db",
        "/etc/passwd",
        ".faasera-partial/lock",
    ):
        answer = raw(server, head(server, "GET", f"/api/v1/jobs/{job}/artifacts/{name}"))
        assert b"404" in answer.split(b"\r\n")[0], answer[:300]


def test_ten_to_the_fifteenth_rows_cost_nothing(server: ServerProcess, api: Api):
    before = (server.memory(), time.monotonic())
    for rows in (10**15, "1000000g", 2**53):
        for path, body in (
            ("/jobs", {"policy": {**POLICY, "rowCount": rows}}),
            ("/jobs", {"policy": POLICY, "rows": rows}),
            ("/preview", {"policy": {**POLICY, "rowCount": rows}}),
        ):
            assert api.client.post(f"/api/v1{path}", json=body).status_code == 422
    children = {
        "tables": [
            {
                "tableName": "p",
                "rowCount": "1m",
                "primaryKeyColumn": "id",
                "columnRuleMap": {"id": {"type": "SEQUENCE"}},
            },
            {
                "tableName": "c",
                "columnRuleMap": {"p_id": {}},
                "foreignKeys": [
                    {
                        "columns": ["p_id"],
                        "references": {"table": "p", "columns": ["id"]},
                        "childrenPerParent": {"min": 900, "max": 999},
                    }
                ],
            },
        ]
    }
    api.refused("POST", "/jobs", 400, "too-many-rows", json={"policy": children})
    assert time.monotonic() - before[1] < 10
    assert server.memory() - before[0] < 60 << 20


def test_slow_senders_are_hung_up_on(own: ServerProcess):
    own.options = ("--read-timeout", "1", "--write-timeout", "2", "--streams", "1")
    own.start()
    started = time.monotonic()
    assert raw(own, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ") == b""
    assert raw(own, b"") == b""
    slow = head(own, "POST", "/api/v1/preview", Content_Type="application/json", Content_Length=100)
    assert b"408" in raw(own, slow, b"{").split(b"\r\n")[0]
    drops = threading.Thread(
        target=raw, args=(own, head(own, "PUT", "/api/v1/seeds/slow.csv", Content_Length=100), b"n")
    )
    drops.start()
    drops.join(10)
    assert not drops.is_alive()
    assert time.monotonic() - started < 12
    with own.client() as client:
        api = Api(client)
        assert api.call("GET", "/seeds")["items"] == []
        api.put("large", {**POLICY, "rowCount": 50_000_000})
    host, port = own.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(head(own, "GET", "/api/v1/stream/large/customers"))
        time.sleep(0.5)
        with own.client() as client:
            stream = {"url": "/api/v1/stream/large/customers", "params": {"stop": 1}}
            assert client.get(**stream).status_code == 429
            deadline = time.monotonic() + 15
            while client.get(**stream).status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)


def test_two_servers_on_one_folder(server: ServerProcess):
    second = ServerProcess(server.data)
    second.log = server.data.with_name("second.log")
    second.start(wait=False)
    assert second.process is not None and second.process.wait(60) == 2
    assert "another server is using" in second.log.read_text()
    with server.client() as client:
        assert client.get("/readyz").status_code == 200


def test_a_port_that_is_taken(server: ServerProcess, own: ServerProcess):
    own.options = ("--port", server.url.rpartition(":")[2])
    own.start(wait=False)
    assert own.process is not None and own.process.wait(60) == 2
    assert "cannot be listened on" in own.log.read_text()
    assert not (own.data / "service.db").exists()


def test_nothing_of_passwords_in_logs_or_answers(own: ServerProcess):
    own.environment = {
        "FAASERA_CONNECTION_SHOP": "postgresql://ann:hush-hush@127.0.0.1:1/shop",
        "FAASERA_FPE_K": "00" * 15 + "zz",
    }
    own.start()
    with own.client() as client:
        api = Api(client)
        failed = api.wait(api.job(policy=POLICY, output={"to": "shop"})["id"])
        assert failed["state"] == "ERROR"
        answer = client.post("/api/v1/schema/import", json={"connection": "shop"})
        rules = {"ssn": {"type": "FPE_ENCODED", "pattern": "###-##-####", "fpeKeyId": "k"}}
        policy = {"fpeKeys": {"k": {"env": "FAASERA_FPE_K"}}, "tableName": "t", "columnRuleMap": rules}
        wrong = api.refused("POST", "/preview", 422, "bad-fpe-key", json={"policy": policy})
        url = api.refused(
            "POST", "/jobs", 400, json={"policy": POLICY, "output": {"to": "postgresql://a:hush-hush2@h/x"}}
        )
        shown = json.dumps(
            [failed, wrong, url, answer.json(), client.get("/metrics").text, client.get("/api/v1/audit").json()]
        )
        assert "hush-hush" not in shown and "00000000" not in shown, shown
    assert own.stop() == 0
    written = own.log.read_bytes() + b"".join(path.read_bytes() for path in own.data.rglob("*") if path.is_file())
    assert b"hush-hush@" not in written and b"0000zz" not in written


def test_a_password_in_the_arguments_is_refused(own: ServerProcess):
    own.options = ("--database", "postgresql://ann:hush@127.0.0.1:1/jobs")
    own.start(wait=False)
    assert own.process is not None and own.process.wait(60) == 2
    assert "password" in own.log.read_text() and "hush" not in own.log.read_text()


def test_policies_cannot_reach_a_database_by_themselves(server: ServerProcess, api: Api):
    policy = {
        "tableName": "t",
        "columnRuleMap": {"c": {}},
        "foreignKeys": [{"columns": ["c"], "references": {"connection": "other", "table": "x", "columns": ["id"]}}],
    }
    api.refused("POST", "/preview", 400, "unknown-connection", json={"policy": policy})
    with server.client(api.key("author", "no-connections")) as client:
        Api(client).refused("POST", "/preview", 403, "role-too-small", json={"policy": policy})
