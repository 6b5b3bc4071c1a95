"""Airflow: a job of a Faasera service, over its REST API.

The service's address and an API key are in the environment of the workers: FAASERA_URL, FAASERA_KEY.
"""

import json
import os
import time
import urllib.request
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.sdk import Param, dag, task


def call(method: str, path: str, body: Any = None) -> Any:
    """The data of the service's answer."""
    request = urllib.request.Request(
        f"{os.environ['FAASERA_URL']}/api/v1{path}",
        None if body is None else json.dumps(body).encode(),
        {"authorization": f"Bearer {os.environ['FAASERA_KEY']}", "content-type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["data"]


@dag(schedule=None, catchup=False, params={"policy_name": Param("shop", type="string")}, doc_md=__doc__)
def faasera_job() -> None:
    """Start a job, and wait for it."""

    @task
    def start(params: dict[str, str]) -> str:
        return str(call("POST", "/jobs", {"policyName": params["policy_name"], "output": {"format": "parquet"}})["id"])

    @task
    def wait(job: str) -> None:
        while (found := call("GET", f"/jobs/{job}"))["state"] not in ("SUCCESS", "ERROR", "CANCELLED"):
            time.sleep(1)
        if found["state"] != "SUCCESS":
            raise AirflowFailException(json.dumps(found["problems"]))

    wait(start())


faasera_job()
