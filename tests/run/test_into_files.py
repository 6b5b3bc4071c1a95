"""Runs that go wrong leave nothing behind, and runs that go right leave what they say."""

import errno
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from policies import pipeline, table

import faasera
from faasera.writers.base import TableWriter
from faasera.writers.csv import CsvWriter

POLICY = pipeline(table({"id": {"type": "SEQUENCE"}, "u": {"type": "RANDOM", "dataType": "UUID"}}, "200k"), name="two")
BIG = {**POLICY, "tables": [{**POLICY["tables"][0], "rowCount": "2b"}]}


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_manifest_says_what_is_there(tmp_path, shop):
    faasera.load(shop).write(tmp_path, format="parquet")
    manifest = json.loads((tmp_path / "_manifest.json").read_text())
    assert manifest["synthetic"] is True
    assert manifest["name"] == "shop"
    assert manifest["policy"]["tables"][0]["tableName"] == "customers"
    assert set(manifest["inputs"]) == {"places.csv", "products.tsv"}
    assert [entry["name"] for entry in manifest["tables"]] == [
        "customers",
        "products",
        "orders",
        "order_items",
        "payments",
    ]
    for entry in manifest["tables"]:
        assert [file["bytes"] for file in entry["files"]] == [(tmp_path / entry["files"][0]["path"]).stat().st_size]
        assert entry["rows"] == sum(file["rows"] for file in entry["files"])
    assert listing(tmp_path) == sorted(
        ["_manifest.json", *(f"{entry['name']}.parquet" for entry in manifest["tables"])]
    )


def test_existing_output_is_kept_unless_overwriting(tmp_path):
    dataset = faasera.load(POLICY, rows=10)
    dataset.write(tmp_path)
    before = (tmp_path / "t.csv").read_bytes()
    with pytest.raises(faasera.PolicyError, match="--overwrite"):
        faasera.load(POLICY, rows=20).write(tmp_path)
    assert (tmp_path / "t.csv").read_bytes() == before
    faasera.load(POLICY, rows=20).write(tmp_path, overwrite=True)
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 21


def test_overwriting_removes_what_the_earlier_run_listed_and_nothing_else(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    dataset = faasera.load(POLICY, rows=10)
    dataset.write(tmp_path, format="csv", parts=2)
    assert listing(tmp_path) == ["_manifest.json", "mine.txt", "t", "t/part-00000.csv", "t/part-00001.csv"]
    dataset.write(tmp_path, format="parquet", overwrite=True)
    assert listing(tmp_path) == ["_manifest.json", "mine.txt", "t.parquet"]
    dataset.write(tmp_path, format="csv", parts=2, overwrite=True)
    dataset.write(tmp_path, format="json", parts=3, overwrite=True)
    assert listing(tmp_path) == ["_manifest.json", "mine.txt", "t", *(f"t/part-0000{n}.json" for n in range(3))]


def test_a_forged_manifest_deletes_nothing_outside(tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("keep")
    out = tmp_path / "out"
    out.mkdir()
    (out / "_manifest.json").write_text(json.dumps({"tables": [{"files": [{"path": "../victim.txt"}, {"path": "."}]}]}))
    faasera.load(POLICY, rows=10).write(out, overwrite=True)
    assert victim.read_text() == "keep"


@pytest.mark.parametrize("broken", ["encode", "append", "finish", "open"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_anywhere_leaves_the_folder_as_it_was(tmp_path, monkeypatch, broken, workers):
    faasera.load(POLICY, rows=10).write(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)}

    def fail(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(CsvWriter, broken, fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        faasera.load(POLICY).write(tmp_path, overwrite=True, workers=workers)
    assert {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)} == before


def test_a_full_disk_is_a_clear_error(tmp_path, monkeypatch):
    original = TableWriter.write
    written = []

    def limited(self, data):
        written.append(len(memoryview(data)))
        if sum(written) > 3_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(self, data)

    monkeypatch.setattr(TableWriter, "write", limited)
    with pytest.raises(faasera.RunError) as raised:
        faasera.load(POLICY).write(tmp_path / "new")
    assert raised.value.problems[0].code == "disk-full"
    assert not (tmp_path / "new").exists()


def test_a_real_full_disk(tmp_path):
    """A process that may write no file beyond 1 MB meets the same as on a full disk: a write that stops early, then fails."""
    script = f"""
import resource, signal, faasera
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    faasera.load({POLICY!r}).write({str(tmp_path / "out")!r})
except faasera.RunError as error:
    print(error.problems[0].code)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "output-failed"
    assert listing(tmp_path) == []


def start_big_run(out: Path, policy: Path) -> subprocess.Popen[str]:
    policy.write_text(json.dumps(BIG))
    command = [sys.executable, "-m", "faasera", "generate", str(policy), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    partial = out / ".faasera-partial" / "t.csv"
    for _ in range(600):
        if partial.exists() and partial.stat().st_size > 10_000_000:
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_leaves_nothing_and_says_so(tmp_path, number):
    out = tmp_path / "deep" / "out"
    process = start_big_run(out, tmp_path / "big.json")
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "nothing of this run was kept" in stderr
    assert stdout == ""
    assert not (tmp_path / "deep").exists()


def test_a_killed_run_leaves_no_file_under_a_final_name_and_the_next_run_cleans_up(tmp_path):
    out = tmp_path / "out"
    process = start_big_run(out, tmp_path / "big.json")
    process.kill()
    process.communicate()
    assert [name for name in listing(out) if not name.startswith(".faasera-partial")] == []
    faasera.load(POLICY, rows=10).write(out)
    assert listing(out) == ["_manifest.json", "t.csv"]


def test_two_runs_do_not_share_a_folder(tmp_path):
    process = start_big_run(tmp_path / "out", tmp_path / "big.json")
    try:
        with pytest.raises(faasera.PolicyError, match="another run"):
            faasera.load(POLICY, rows=10).write(tmp_path / "out")
    finally:
        process.kill()
        process.communicate()


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(faasera.PolicyError) as raised:
            faasera.load(POLICY, rows=10).write(out)
        assert raised.value.problems[0].code == "output-unwritable"


def test_a_folder_without_permission(tmp_path):
    """Root may write anywhere, so as root the test is somebody else."""
    tmp_path.chmod(0o755)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    probe = tmp_path.parent
    while probe != probe.parent:
        probe.chmod(probe.stat().st_mode | 0o055)
        probe = probe.parent
        if probe == Path("/tmp"):
            break
    script = f"""
import os, faasera
from faasera.run import dataset
if os.geteuid() == 0:
    os.setuid(65534)
try:
    faasera.load({POLICY!r}, rows=10).write({str(locked / "out")!r})
except faasera.PolicyError as error:
    print(error.problems[0].code)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="/")
    assert result.stdout.strip() == "output-unwritable"


def test_only_some_tables(tmp_path, shop):
    faasera.load(shop, rows=100).write(tmp_path, tables=["orders"])
    assert listing(tmp_path) == ["_manifest.json", "orders.csv"]
    with pytest.raises(faasera.PolicyError, match="Did you mean 'orders'"):
        faasera.load(shop, rows=100).write(tmp_path / "x", tables=["order"])
    with pytest.raises(faasera.PolicyError):
        faasera.load(shop, rows=100).write(tmp_path / "x", tables=[])


def test_no_table_takes_the_manifests_name(tmp_path):
    policy = {**POLICY["tables"][0], "tableName": "_manifest"}
    with pytest.raises(faasera.PolicyError, match="Rename"):
        faasera.load(policy, rows=5).write(tmp_path / "out", format="json")


def test_progress_reaches_the_end(tmp_path):
    seen: dict[str, list[int]] = {}
    faasera.load(POLICY).write(
        tmp_path, progress=lambda name, done, _: seen.setdefault(name, []).append(done), workers=2
    )
    assert seen["t"] == sorted(seen["t"])
    assert seen["t"][-1] == 200_000


@pytest.mark.parametrize("keys", [{"workers": 0}, {"workers": 1000}, {"parts": 0}])
def test_bad_calls(tmp_path, keys):
    with pytest.raises(faasera.PolicyError):
        faasera.load(POLICY).write(tmp_path / "out", **keys)
