"""Several servers on one PostgreSQL and one folder: one queue, and jobs that outlive the server that began them."""

from pathlib import Path

import pytest
from database_fixtures import ask, databases
from service_process import POLICY, Api, ServerProcess

import faasera

LARGE = {**POLICY, "rowCount": 3_000_000}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory):
    """Two servers on one database, which is given to them by a name, and holds their jobs; the last test kills one."""
    folder = tmp_path_factory.mktemp("two")
    options = ("--database", "jobs", "--jobs-at-once", "1", "--silence", "2")
    with databases(folder) as make:
        url = make("postgres")
        servers = [
            ServerProcess(folder / "data", *options, environment={"FAASERA_CONNECTION_JOBS": url}) for _ in range(2)
        ]
        for number, server in enumerate(servers):
            server.log = folder / f"server-{number}.log"
            server.start()
        servers[1].key = servers[0].key
        yield url, servers
        for server in servers:
            if server.process is not None and server.process.poll() is None:
                server.kill()


def test_two_servers_share_a_queue(two):
    url, (first, second) = two
    assert "fsk_" not in second.log.read_text(), "only one of them makes the first key"
    with first.client() as one, second.client() as other:
        jobs = [Api(one if number % 2 else other).job(policy=POLICY, seed=number)["id"] for number in range(12)]
        assert {Api(one).wait(job)["state"] for job in jobs} == {"SUCCESS"}
        for job in jobs:
            assert Api(other).call("GET", f"/jobs/{job}/artifacts")["items"]
        Api(one).put("shared", POLICY)
        assert Api(other).call("GET", "/policies/shared")["policy"] == POLICY
        tag = other.get("/api/v1/policies/shared").headers["ETag"]
        assert one.put("/api/v1/policies/shared", json={"policy": LARGE}, headers={"If-Match": tag}).status_code == 201
        Api(other).refused("PUT", "/policies/shared", 412, json={"policy": POLICY}, headers={"If-Match": tag})
    servers = {row[0] for row in ask(url, "SELECT DISTINCT server FROM faasera_jobs")}
    assert len(servers) == 2


def test_a_job_is_cancelled_through_the_other_server(two):
    _, (first, second) = two
    with first.client() as one, second.client() as other:
        jobs = [Api(one).job(policy={**POLICY, "rowCount": 40_000_000}, check=False)["id"] for _ in range(2)]
        for job in jobs:
            Api(one).wait(job, state="RUNNING")
        for job in jobs:
            Api(other).call("POST", f"/jobs/{job}/cancel", status=202)
        for job in jobs:
            assert Api(one).wait(job, 5)["state"] == "CANCELLED"


def test_a_folder_of_another_database_is_refused(two, fresh, tmp_path: Path):
    _, (first, _) = two
    other = ServerProcess(first.data, "--database", "jobs", environment={"FAASERA_CONNECTION_JOBS": fresh("postgres")})
    other.log = tmp_path / "other.log"
    other.start(wait=False)
    assert other.process is not None and other.process.wait(60) == 2
    assert "belongs to another database" in other.log.read_text()


def test_the_jobs_of_a_server_that_died_are_taken_over(two, tmp_path: Path):
    url, (first, second) = two
    with second.client() as client:
        api = Api(client)
        jobs = [api.job(policy=LARGE, check=False)["id"] for _ in range(3)]
        for job in jobs[:2]:
            api.wait(job, state="RUNNING")
        first.kill()
        for job in jobs:
            assert api.wait(job, 90)["state"] == "SUCCESS"
        want = faasera.load(LARGE).write(tmp_path / "alone").as_dict()["tables"][0]["digest"]
        for job in jobs:
            assert api.call("GET", f"/jobs/{job}/manifest")["tables"][0]["digest"] == want
    assert ask(url, "SELECT count(*) FROM faasera_servers") == [(1,)]


def test_a_database_that_is_not_there(own: ServerProcess):
    own.options = ("--database", "postgresql://nobody@127.0.0.1:1/none")
    own.start(wait=False)
    assert own.process is not None and own.process.wait(60) == 2
    assert "cannot be used" in own.log.read_text()
