"""An object store over its own protocol: the files of a job, below what an admin has allowed and nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import fs
from service_process import POLICY, Api, ServerProcess
from stores import KEY, SECRET, Store, s3

import faasera

SECRETS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture
def store() -> Iterator[Store]:
    with s3() as running:
        yield running


def test_the_files_of_a_job(own: ServerProcess, store):
    address, system = store.address, store.system
    own.options = ("--outputs", f"s3://exports/synthetic?endpoint_override={address}&scheme=http&region=us-east-1")
    own.environment = SECRETS
    own.start()
    place = "s3://exports/synthetic/monday"
    with own.client() as client:
        api = Api(client)
        job = api.done(policy=POLICY, output={"to": place, "format": "parquet"})
        assert job["output"] == {"format": "parquet", "to": place}
        found = sorted(
            entry.path for entry in system.get_file_info(fs.FileSelector("exports", recursive=True)) if entry.is_file
        )
        assert found == [f"exports/synthetic/monday/{name}" for name in ("_manifest.json", "customers.parquet")]
        rows = pq.read_table("exports/synthetic/monday/customers.parquet", filesystem=system)
        assert rows.to_pylist() == faasera.load(POLICY)["customers"].to_arrow().to_pylist()
        other = api.wait(api.job(policy={**POLICY, "rowCount": 5}, output={"to": place, "format": "csv"})["id"])
        assert other["problems"][0]["code"] == "output-exists"
        api.refused("POST", "/jobs", 400, json={"policy": POLICY, "output": {"to": "s3://exports/other/x"}})
        gone = api.wait(api.job(policy=POLICY, output={"to": "s3://exports/synthetic/later", "format": "csv"})["id"])
        assert gone["state"] == "SUCCESS"
        assert "hush-hush" not in json.dumps(api.call("GET", "/jobs"))
    assert "hush-hush" not in own.log.read_text()


def test_a_store_that_is_not_there(own: ServerProcess, tmp_path: Path):
    own.options = ("--outputs", "s3://exports/synthetic?endpoint_override=127.0.0.1:1&scheme=http&region=us-east-1")
    own.environment = {**SECRETS, "AWS_MAX_ATTEMPTS": "1"}
    own.start()
    with own.client() as client:
        api = Api(client)
        job = api.wait(api.job(policy=POLICY, output={"to": "s3://exports/synthetic/x"}, check=False)["id"])
        assert job["state"] == "ERROR" and job["problems"][0]["code"] == "storage-unreachable"
        assert "endpoint_override" not in json.dumps(job)
    assert not list(tmp_path.glob("data/jobs/*/output"))
