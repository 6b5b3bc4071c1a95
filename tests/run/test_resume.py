"""A run that is killed at any moment goes on, and ends with the bytes and digests of a run that was left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from policies import table

import faasera
from faasera.run.into_files import Run
from faasera.run.journal import JOURNAL
from faasera.run.order import Files
from faasera.run.planning import load_plan
from faasera.run.staging import MANIFEST
from faasera.writers import WRITERS

RULES = {
    "id": {"type": "SEQUENCE"},
    "name": {"type": "SEED", "values": ["Ann", "Bob", "C,d"]},
    "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 900}},
}
POLICY = {
    "name": "two",
    "tables": [{**table(RULES, 300_000), "tableName": "a"}, {**table(RULES, 200_000), "tableName": "b"}],
}
SCRIPT = """
import sys, json
from pathlib import Path
from faasera.run import journal
from faasera.run.planning import load_plan
from faasera.run.into_files import Run
from faasera.run.order import Files
journal._SECONDS = 0.0
policy, out, format, parts = json.loads(sys.argv[1])
Run(load_plan(policy), Files(out, format, parts=parts, resume=True), chunk_rows=8192).execute()
"""


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def digests(folder: Path) -> list[str]:
    return [entry["digest"] for entry in json.loads((folder / MANIFEST).read_text())["tables"]]


class StopRunError(Exception):
    pass


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("format", WRITERS.names())
def test_stopped_after_each_of_many_pieces(tmp_path, monkeypatch, format, parts):
    monkeypatch.setattr("faasera.run.journal._SECONDS", 0.0)
    # As a kill leaves it: nothing is cleaned up, and the lock is gone with the process.
    monkeypatch.setattr("faasera.run.staging.Staging.abort", lambda self: os.close(self._lock))
    plan = load_plan(POLICY)
    left_alone, out = tmp_path / "alone", tmp_path / "stopped"
    options = {"row_group_rows": 20_000} if format == "parquet" else {}
    Run(plan, Files(str(left_alone), format, options, parts), chunk_rows=8192).execute()
    made: list[int] = []

    def stop_after(pieces: int):
        def progress(_name, done, _total):
            made.append(done)
            if len(made) == pieces:
                raise StopRunError

        return progress

    stops = 0
    for pieces in (1, 3, 2, 5, 1, 1_000_000):
        made.clear()
        target = Files(str(out), format, options, parts, resume=True)
        run = Run(plan, target, chunk_rows=8192, progress=stop_after(pieces))
        try:
            run.execute()
            break
        except StopRunError:
            stops += 1
    assert stops >= 2
    assert files(out) == files(left_alone)
    assert digests(out) == digests(left_alone)


def test_only_missing_ranges_are_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("faasera.run.journal._SECONDS", 0.0)
    monkeypatch.setattr("faasera.run.staging.Staging.abort", lambda self: os.close(self._lock))
    plan = load_plan(POLICY)

    def stop(name, done, _):
        if (name, done) == ("a", 196_608):
            raise StopRunError

    with pytest.raises(StopRunError):
        Run(plan, Files(str(tmp_path), resume=True), progress=stop).execute()
    seen: list[tuple[str, int]] = []
    Run(plan, Files(str(tmp_path), resume=True), progress=lambda name, done, _: seen.append((name, done))).execute()
    assert seen[0] == ("a", 262_144)


@pytest.mark.parametrize("change", ["seed", "rows", "format", "damage"])
def test_another_run_begins_anew(tmp_path, monkeypatch, change):
    monkeypatch.setattr("faasera.run.journal._SECONDS", 0.0)
    monkeypatch.setattr("faasera.run.staging.Staging.abort", lambda self: os.close(self._lock))

    def stop(name, *_):
        if name == "b":
            raise StopRunError

    with pytest.raises(StopRunError):
        Run(load_plan(POLICY), Files(str(tmp_path / "out"), resume=True), progress=stop).execute()
    other = load_plan(POLICY, seed=1) if change == "seed" else load_plan(POLICY)
    if change == "rows":
        other = load_plan(POLICY, rows={"a": 1000})
    if change == "damage":
        journal = tmp_path / "out" / ".faasera-partial" / JOURNAL
        journal.write_bytes(b"{" + journal.read_bytes())
    format = "jsonl" if change == "format" else "csv"
    Run(other, Files(str(tmp_path / "out"), format, resume=True)).execute()
    Run(other, Files(str(tmp_path / "alone"), format)).execute()
    assert files(tmp_path / "out") == files(tmp_path / "alone")


@pytest.mark.parametrize(
    ("format", "parts"),
    [("csv", 1), *(pytest.param(*one, marks=pytest.mark.slow) for one in (("parquet", 1), ("json", 4)))],
)
def test_killed_at_random_moments(tmp_path, format, parts):
    left_alone, out = tmp_path / "alone", tmp_path / "killed"
    Run(load_plan(POLICY), Files(str(left_alone), format, parts=parts), chunk_rows=8192).execute()
    arguments = [sys.executable, "-c", SCRIPT, json.dumps([POLICY, str(out), format, parts])]
    kills = 0
    for wait in (0.45, 0.6, 0.7, 0.5, 0.8, 60):
        child = subprocess.Popen(arguments)
        started = time.monotonic()
        while child.poll() is None and time.monotonic() - started < wait:
            time.sleep(0.01)
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            kills += 1
        elif child.returncode == 0:
            break
        child.wait()
    assert kills
    assert files(out) == files(left_alone)
    assert digests(out) == digests(left_alone)
    assert faasera.load(POLICY)["a"].plan.row_count == 300_000
