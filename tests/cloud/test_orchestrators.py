"""The examples for Airflow and Dagster, run by these."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from policies_for_scale import digests, smaller, write_shop
from service_process import Api, ServerProcess
from warm import program

import faasera

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "orchestrators"
PROGRAMS = ROOT / ".venv-orchestrators" / "bin"


def run(*command: object, **environment: str) -> str:
    given = os.environ | {"FAASERA": program()} | environment
    done = subprocess.run(
        list(map(str, command)), env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.mark.slow
def test_airflow_runs_shards_and_jobs(tmp_path: Path):
    policy, out = write_shop(tmp_path, **smaller(50)), tmp_path / "out"
    settings = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES),
    }
    airflow = PROGRAMS / "airflow"
    run(airflow, "db", "migrate", **settings)
    run(airflow, "dags", "reserialize", **settings)
    given = json.dumps({"policy": str(policy), "output": str(out), "shard_rows": "1500"})
    run(airflow, "dags", "test", "faasera_shards", "-c", given, **settings)
    local = digests(faasera.load(policy).write(tmp_path / "local"))
    assert digests((out / "_manifest.json").read_bytes()) == local
    server = ServerProcess(tmp_path / "data").start()
    try:
        with server.client() as client:
            api = Api(client)
            api.put("numbers", {"tableName": "t", "rowCount": 100, "columnRuleMap": {"n": {"type": "SEQUENCE"}}})
            place = {"FAASERA_URL": server.url, "FAASERA_KEY": server.key}
            run(airflow, "dags", "test", "faasera_job", "-c", '{"policy_name": "numbers"}', **settings, **place)
            assert [job["state"] for job in api.call("GET", "/jobs")["items"]] == ["SUCCESS"]
    finally:
        server.stop()


@pytest.mark.slow
def test_dagster_runs_shards(tmp_path: Path):
    policy, out = write_shop(tmp_path, **smaller(50)), tmp_path / "out"
    config = {"ops": {"plan": {"config": {"policy": str(policy), "output": str(out), "shard_rows": "1500"}}}}
    script = (
        f"import sys, json; sys.path.insert(0, {str(EXAMPLES)!r})\n"
        "from dagster_shards import definitions\n"
        "job = definitions.get_job_def('faasera_shards')\n"
        "assert job.execute_in_process(run_config=json.loads(sys.argv[1])).success"
    )
    run(PROGRAMS / "python", "-c", script, json.dumps(config), DAGSTER_HOME="")
    assert digests((out / "_manifest.json").read_bytes()) == digests(faasera.load(policy).write(tmp_path / "local"))
