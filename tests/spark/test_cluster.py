"""A cluster of separate processes on this machine; what a killed executor leaves is in test_same_everywhere.py."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from policies_for_scale import write_shop

import faasera

PROGRAM = Path(__file__).with_name("cluster_program.py")
SOURCE = Path(faasera.__file__).parent


def run(*arguments: object) -> dict:
    done = subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_executors_of_another_version_are_refused_by_name(tmp_path: Path):
    shutil.copytree(SOURCE, tmp_path / "old" / "faasera", ignore=shutil.ignore_patterns("__pycache__"))
    version = tmp_path / "old" / "faasera" / "core" / "version.py"
    version.write_text(re.sub(r'"[^"]+"$', '"0.0.1"', version.read_text().strip()) + "\n")
    found = run(write_shop(tmp_path), tmp_path / "out", 8_000, tmp_path / "old")
    assert [problem["code"] for problem in found["problems"]] == ["engine-mismatch"]
    assert f"faasera {faasera.__version__}" in found["problems"][0]["message"]
    assert "has 0.0.1" in found["problems"][0]["message"]
    assert not list((tmp_path / "out").rglob("part-*"))
