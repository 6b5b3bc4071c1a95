"""Runs into an object store over its own protocol: the manifest alone makes them count."""

import io
import json
import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from gcp_storage_emulator.server import create_server
from stores import SECRET, Store, s3
from warm import program

import faasera
from faasera.core.storage import Location
from faasera.run.check.check import check

POLICY = {
    "name": "shop",
    "seed": 7,
    "tables": [
        {
            "tableName": "customers",
            "rowCount": 300,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"id": {"type": "SEQUENCE"}, "city": {"type": "SEED", "seedFileName": "cities.txt"}},
        },
        {
            "tableName": "orders",
            "rowCount": 700,
            "columnRuleMap": {"number": {"type": "SEQUENCE"}, "customer": {"type": "REFERENCE"}},
            "foreignKeys": [{"columns": ["customer"], "references": {"table": "customers", "columns": ["id"]}}],
        },
    ],
}
POLICY["tables"][1]["columnRuleMap"].pop("customer")
CITIES = "Ottersby\nMillbrook\nHaverford Quay\n"


@pytest.fixture(scope="module")
def running():
    with s3() as store:
        yield store


@pytest.fixture
def store(running: Store, monkeypatch) -> Store:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    running.system.delete_dir_contents("exports")
    return running


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "cities.txt").write_text(CITIES)
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(POLICY))
    return path


def faasera_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [program(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=120)


def digests(manifest: bytes | dict) -> dict[str, str]:
    found = json.loads(manifest) if isinstance(manifest, bytes) else manifest
    return {table["name"]: table["digest"] for table in found["tables"]}


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl", "arrow"])
def test_every_format_arrives_whole(store: Store, policy: Path, tmp_path: Path, format: str):
    local = faasera.load(policy).write(tmp_path / "out", format=format)
    manifest = faasera.load(policy).write("s3://exports/shop", format=format)
    assert digests(manifest.as_dict()) == digests(local.as_dict()) == digests(store.read("shop/_manifest.json"))
    listed = [file["path"] for table in manifest.as_dict()["tables"] for file in table["files"]]
    assert store.names("shop") == sorted(["shop/_manifest.json", *(f"shop/{name}" for name in listed)])
    for entry, other in zip(manifest.tables, local.tables, strict=True):
        assert store.read(f"shop/{entry.files[0].path}") == (tmp_path / "out" / other.files[0].path).read_bytes()
        assert entry.files[0].size == other.files[0].size


def test_parts_and_the_check_of_what_arrived(store: Store, policy: Path):
    done = faasera_command(
        "generate", policy, "--out", "s3://exports/parts", "--format", "parquet", "--parts", 3, "--check"
    )
    assert done.returncode == 0, done.stderr
    names = [name for name in store.names("parts") if name.endswith(".parquet")]
    assert len(names) == 6
    rows = [
        row for name in names if "/orders/" in name for row in pq.read_table(io.BytesIO(store.read(name))).to_pylist()
    ]
    assert rows == faasera.generate(policy)["orders"].to_pylist()
    assert "FAIL" not in done.stdout
    assert "s3://exports/parts/orders/ (3 parts)" in done.stdout.replace("\n", "")
    again = faasera_command("check", "s3://exports/parts")
    assert again.returncode == 0, again.stdout + again.stderr
    broken = json.loads(store.read("parts/_manifest.json"))
    broken["tables"][0]["digest"] = broken["tables"][0]["columns"][0]["digest"] = "0" * 32
    store.put("parts/_manifest.json", json.dumps(broken).encode())
    assert faasera_command("check", "s3://exports/parts").returncode == 3


def test_another_run_is_not_touched_unless_told_to(store: Store, policy: Path):
    faasera.load(policy).write("s3://exports/twice", format="csv")
    before = {name: store.read(name) for name in store.names("twice")}
    with pytest.raises(faasera.PolicyError) as refused:
        faasera.load(policy, seed=8).write("s3://exports/twice", format="csv")
    assert [problem.code for problem in refused.value.problems] == ["output-exists"]
    assert {name: store.read(name) for name in store.names("twice")} == before
    manifest = faasera.load(policy, seed=8).write("s3://exports/twice", format="parquet", overwrite=True)
    assert digests(store.read("twice/_manifest.json")) == digests(manifest.as_dict())
    listed = [f"twice/{file.path}" for entry in manifest.tables for file in entry.files]
    assert store.names("twice") == sorted(["twice/_manifest.json", *listed])


def test_a_run_that_fails_leaves_the_earlier_one(store: Store, policy: Path, monkeypatch):
    faasera.load(policy).write("s3://exports/kept", format="csv")
    before = {name: store.read(name) for name in store.names("kept")}

    def failing(_: Location, name: str, __: bytes) -> None:
        assert name == "_manifest.json"
        assert len(store.names("kept")) > len(before), "the new files are there by now"
        raise OSError("the network is gone: Couldn't connect")

    with monkeypatch.context() as patch:
        patch.setattr(Location, "write", failing)
        with pytest.raises(faasera.RunError) as failed:
            faasera.load(policy, seed=9).write("s3://exports/kept", format="csv", overwrite=True)
    assert [problem.code for problem in failed.value.problems] == ["storage-unreachable"]
    assert {name: store.read(name) for name in store.names("kept")} == before


def test_policies_and_seed_files_come_from_there(store: Store, policy: Path, tmp_path: Path):
    store.put("policies/shop.json", json.dumps({**POLICY, "seedDirectory": "lists"}).encode())
    missing = faasera_command("validate", "s3://exports/policies/shop.json")
    assert missing.returncode == 2
    assert "there is no folder 'lists'" in missing.stderr + missing.stdout
    store.put("policies/lists/cities.txt", CITIES.encode())
    done = faasera_command(
        "generate", "s3://exports/policies/shop.json", "--out", tmp_path / "out", "--check", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert digests(done.stdout.encode()) == digests(faasera.load(policy).write(tmp_path / "other").as_dict())
    assert not list(Path("/tmp").glob("faasera-policy-*/lists/cities.txt"))


def test_what_is_wrong_is_said(store: Store, policy: Path, monkeypatch):
    def code(*arguments: object) -> tuple[str, str]:
        done = faasera_command(*arguments, "--json")
        assert SECRET not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        problem = json.loads(done.stdout)["problems"][0]
        return problem["code"], problem["message"] + " " + problem["remedy"]

    generate = ("generate", policy, "--out")
    assert code(*generate, "s3://no-such-bucket/x")[0] == "storage-missing"
    assert code(*generate, f"s3://me:{SECRET}@exports/x")[0] == "storage-url"
    assert code(*generate, "s3:///x")[0] == "storage-url"
    name, text = code(*generate, "s4://exports/x")
    assert name == "storage-url" and "'s3://'" in text
    assert code("validate", "s3://exports/nothing.json")[0] == "policy-unreadable"
    assert code("check", "s3://exports/nothing")[0] == "no-manifest"
    assert store.names() == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert code(*generate, "s3://exports/x")[0] == "storage-unreachable"
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{store.address}")


class Refusing(BaseHTTPRequestHandler):
    """A store that lets nobody in."""

    def refuse(self) -> None:
        body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET = do_PUT = do_POST = refuse  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


def test_missing_credentials_are_named_and_not_printed(policy: Path, tmp_path: Path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    store = Store(f"127.0.0.1:{server.server_port}", None).environment
    secrets = {name: store.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | store
    command = [program(), "generate", policy, "--out", "s3://exports/x", "--json"]
    for given, unset in ((secrets, False), ({"HOME": str(tmp_path)}, True)):
        done = subprocess.run(command, env=bare | given, capture_output=True, text=True)
        problem = json.loads(done.stdout)["problems"][0]
        assert problem["code"] == "storage-denied"
        assert ("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY" in problem["message"]) == unset
        assert SECRET not in done.stdout + done.stderr
    server.shutdown()
    server.server_close()


def test_google_cloud_storage(policy: Path, tmp_path: Path):
    """Over its own protocol, in an emulator."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="exports")
    server.start()
    place = f"gs://anonymous@exports/shop?endpoint_override=127.0.0.1:{port}&scheme=http&retry_limit_seconds=20"
    try:
        local = digests(faasera.load(policy).write(tmp_path / "out").as_dict())
        manifest = faasera.load(policy).write(place, format="parquet", parts=2)
        assert digests(manifest.as_dict()) == local
        assert check(place, policy).ok
        kept = Location(place.replace("/shop", "/policies"))
        kept.write("shop.json", policy.read_bytes())
        kept.write("cities.txt", CITIES.encode())
        again = faasera.load(kept.child("shop.json").url).write(place, overwrite=True)
        assert digests(again.as_dict()) == local
        names = Location(place).files()
        assert sorted(names) == sorted(
            ["_manifest.json", *(file.path for entry in again.tables for file in entry.files)]
        )
    finally:
        server.stop()


def test_places_are_what_they_look_like(tmp_path: Path):
    assert Location("s3a://bucket/a/../b/").shown == "s3://bucket/b"
    assert Location(tmp_path).is_local and Location(f"file://{tmp_path}").shown == str(tmp_path)
    assert Location("s3://bucket/a?endpoint_override=minio:9000").shown == "s3://bucket/a"
    assert Location("abfs://container@account.dfs.core.windows.net/x").child("y").name == "y"
    for place in (
        "s3://key:hush-hush@bucket/x",
        "gs://somebody@bucket/x",
        "abfs://account:key@container/x",
        "s3://",
        "ftp://h/x",
    ):
        with pytest.raises(faasera.PolicyError) as refused:
            Location(place)
        assert [problem.code for problem in refused.value.problems] == ["storage-url"]
        assert SECRET not in str(refused.value) and ":key" not in str(refused.value)
