"""``faasera generate --engine spark``: what has no effect there is refused before Java starts."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from policies_for_scale import write_shop
from warm import program


def generate(policy: Path, *options: object) -> subprocess.CompletedProcess[str]:
    command = [program(), "generate", policy, *options]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}
    )


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--engine", "sparc"), "bad-option", "Did you mean 'spark'?"),
        (("--engine", "spark", "--workers", 2), "no-effect", "--workers has no effect on the engine 'spark'"),
        (("--engine", "spark", "--parts", 2), "no-effect", "--parts has no effect on the engine 'spark'"),
        (("--master", "local[2]"), "no-effect", "--master has no effect on the local engine"),
        (("--shard-rows", "5m"), "no-effect", "add --engine spark"),
        (("--engine", "spark", "--master", "here"), "bad-option", "names no cluster"),
        (("--engine", "spark", "--shard-rows", "many"), "bad-option", "--shard-rows = 'many'"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_at_once(tmp_path: Path, options: tuple[object, ...], code: str, said: str):
    done = generate(write_shop(tmp_path), "--out", tmp_path / "out", *options, "--json")
    (problem,) = json.loads(done.stdout)["problems"]
    assert done.returncode == 2 and problem["code"] == code
    assert said in problem["message"] + " " + problem["remedy"]
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_a_database_is_no_target_of_a_cluster(tmp_path: Path):
    done = generate(write_shop(tmp_path), "--to", "sqlite:///x.db", "--engine", "spark")
    assert done.returncode == 2 and "--engine spark writes files" in done.stderr


@pytest.mark.slow
def test_files_are_proved_afterwards(tmp_path: Path):
    shop = write_shop(tmp_path)
    options = ("--engine", "spark", "--master", "local[2]", "--rows", "customers=5k,payments=1k", "--shard-rows", "2k")
    done = generate(shop, "--out", tmp_path / "out", "--format", "parquet", "--check", *options)
    assert done.returncode == 0, done.stderr
    assert "0 broken" in done.stdout and "3 parts" in done.stdout
    again = generate(shop, "--out", tmp_path / "out", *options)
    assert again.returncode == 2 and "holds the output of another run" in again.stderr
