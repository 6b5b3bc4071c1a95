"""Jobs over HTTP: made, watched, cancelled, tried again, downloaded, cleaned up."""

import io
import json
import sqlite3
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq
import pytest
from service_process import POLICY, Api, ServerProcess

import faasera

LARGE = {**POLICY, "rowCount": 40_000_000}


def test_a_job_from_its_start_to_its_files(api: Api, tmp_path):
    job = api.job(policy=POLICY, output={"format": "csv"})
    assert job["state"] == "QUEUED"
    assert job["rows"] == 1000
    done = api.wait(job["id"])
    assert done["state"] == "SUCCESS", done
    assert done["check"]["ok"] and done["check"]["passed"] > 5
    assert done["rowsDone"] == 1000 and done["tables"] == [{"name": "customers", "rows": 1000, "done": 1000}]
    path = f"/jobs/{job['id']}"
    files = api.call("GET", f"{path}/artifacts")["items"]
    assert [file["name"] for file in files] == ["_manifest.json", "customers.csv"]
    assert sum(file["bytes"] for file in files) == done["bytes"]
    faasera.load(POLICY).write(tmp_path)
    want = (tmp_path / "customers.csv").read_bytes()
    file = api.client.get(f"/api/v1{path}/artifacts/customers.csv")
    assert file.content == want
    part = api.client.get(f"/api/v1{path}/artifacts/customers.csv", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, want[10:20])
    with zipfile.ZipFile(io.BytesIO(api.client.get(f"/api/v1{path}/artifacts.zip").content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["_manifest.json", "customers.csv"]
        assert archive.read("customers.csv") == want
    manifest = api.call("GET", f"{path}/manifest")
    assert (
        manifest["tables"][0]["digest"] == json.loads((tmp_path / "_manifest.json").read_text())["tables"][0]["digest"]
    )
    assert api.call("GET", f"{path}/check")["ok"]
    profile = api.call("GET", f"{path}/profile")["tables"][0]
    assert profile["rows"] == 1000
    columns = {column["name"]: column for column in profile["columns"]}
    assert columns["id"]["distinct"] == 1000 and columns["id"]["nulls"] == 0
    assert columns["amount"]["distribution"]["kind"] == "histogram"
    assert sum(columns["amount"]["distribution"]["counts"]) == 1000
    report = api.call("GET", f"{path}/report")
    assert (report["rows"], report["check"]["ok"]) == (1000, True)
    page = api.client.get(f"/api/v1{path}/report.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "promises kept, none broken" in page.text
    assert api.client.get(f"/api/v1{path}/report.md").text.startswith("# ")
    api.call("DELETE", path)
    api.refused("GET", path, 404, "unknown-job")


def test_a_kept_policy_with_other_rows_and_another_seed(api: Api):
    api.put("orders", POLICY)
    api.put("orders", {**POLICY, "rowCount": 10})
    body = {"policyName": "orders", "version": 1, "rows": "2k", "seed": 5, "output": {"format": "parquet"}}
    job = api.done(**body)
    assert (job["policyName"], job["policyVersion"], job["rows"]) == ("orders", 1, 2000)
    content = api.client.get(f"/api/v1/jobs/{job['id']}/artifacts/customers.parquet").content
    want = faasera.load(POLICY, seed=5, rows="2k")["customers"].to_arrow().to_pylist()
    assert pq.read_table(io.BytesIO(content)).to_pylist() == want


def test_seed_files_are_those_of_the_start(api: Api):
    policy = {"tableName": "t", "rowCount": 50, "columnRuleMap": {"n": {"type": "SEED", "seedFileName": "lists/n.csv"}}}
    api.refused("POST", "/jobs", 422, "seed-file-missing", json={"policy": policy})
    api.call("PUT", "/seeds/lists/n.csv", content=b"n\nold\n")
    job = api.job(policy=policy)
    api.call("PUT", "/seeds/lists/n.csv", content=b"n\nnew\n")
    assert api.wait(job["id"])["state"] == "SUCCESS"
    assert "old" in api.client.get(f"/api/v1/jobs/{job['id']}/artifacts/t.csv").text
    assert api.call("POST", "/preview", json={"policy": policy})["rows"][0] == {"n": "new"}
    assert api.client.get("/api/v1/seeds/lists/n.csv").content == b"n\nnew\n"
    assert "lists/n.csv" in [file["name"] for file in api.call("GET", "/seeds")["items"]]
    api.call("DELETE", "/seeds/lists/n.csv")
    api.refused("GET", "/seeds/lists/n.csv", 404, "unknown-seed-file")


def test_the_same_call_twice_is_one_job(api: Api):
    headers = {"Idempotency-Key": "once"}
    answers = [api.client.post("/api/v1/jobs", json={"policy": POLICY}, headers=headers) for _ in range(3)]
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    other = {"policy": {**POLICY, "rowCount": 5}}
    api.refused("POST", "/jobs", 409, "idempotency-key-reused", json=other, headers=headers)


def test_the_same_call_at_once_is_one_job(server: ServerProcess):
    def call(_):
        with server.client() as client:
            answer = client.post("/api/v1/jobs", json={"policy": POLICY}, headers={"Idempotency-Key": "at once"})
            return answer.json()["data"]["id"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(call, range(8)))) == 1


def test_events(server: ServerProcess, api: Api):
    job = api.job(policy={**POLICY, "rowCount": 1_500_000})
    seen = []
    with server.client() as client, client.stream("GET", f"/api/v1/jobs/{job['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("event: "):
                seen.append([line.removeprefix("event: ")])
            elif line.startswith("data: "):
                seen[-1].append(json.loads(line.removeprefix("data: ")))
    assert [name for name, _ in seen] == ["progress"] * (len(seen) - 1) + ["end"]
    assert seen[-1][1]["state"] == "SUCCESS"
    done = [job["rowsDone"] for _, job in seen]
    assert done == sorted(done) and len(set(done)) > 2
    assert any(job["rowsPerSecond"] for _, job in seen)
    assert {"writing", "checking"} & {job["phase"] for _, job in seen}


def test_cancelled_within_two_seconds_and_cleaned_up(server: ServerProcess, api: Api):
    job = api.job(policy=LARGE, check=False)
    api.wait(job["id"], state="RUNNING")
    output = server.data / "jobs" / job["id"] / "output"
    deadline = time.monotonic() + 20
    while not list(output.glob("**/*.csv")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    asked = time.monotonic()
    api.call("POST", f"/jobs/{job['id']}/cancel", status=202)
    assert api.wait(job["id"])["state"] == "CANCELLED"
    assert time.monotonic() - asked < 2
    assert not output.exists()
    api.refused("POST", f"/jobs/{job['id']}/cancel", 409, "job-over")
    api.refused("GET", f"/jobs/{job['id']}/artifacts", 409, "job-not-done")


def test_one_that_waits_is_cancelled_at_once_and_can_be_tried_again(api: Api):
    running = [api.job(policy=LARGE, check=False) for _ in range(2)]
    waiting = api.job(policy=POLICY)
    api.call("POST", f"/jobs/{waiting['id']}/cancel", status=202)
    assert api.call("GET", f"/jobs/{waiting['id']}")["state"] == "CANCELLED"
    for job in running:
        api.call("POST", f"/jobs/{job['id']}/cancel", status=202)
    again = api.call("POST", f"/jobs/{waiting['id']}/retry", status=202)
    assert (again["state"], again["attempt"]) == ("QUEUED", 2)
    assert api.wait(waiting["id"])["state"] == "SUCCESS"
    api.refused("POST", f"/jobs/{waiting['id']}/retry", 409, "job-not-ended")


def test_into_a_connection(server: ServerProcess, api: Api):
    path = server.data.parent / "shop.db"
    job = api.done(policy=POLICY, output={"to": "shop-file"})
    assert job["check"]["ok"]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*), count(DISTINCT email) FROM customers").fetchone()[0] == 1000
    failed = api.wait(api.job(policy=POLICY, output={"to": "shop-file"})["id"])
    assert failed["state"] == "ERROR" and failed["problems"][0]["code"] == "target-not-empty"
    appended = api.done(policy=POLICY, output={"to": "shop-file", "mode": "append"})
    assert appended["check"] is None
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM customers").fetchone() == (2000,)
    assert api.done(policy=POLICY, output={"to": "shop-file", "mode": "truncate"})["check"]["ok"]


def test_to_a_place_that_is_allowed(server: ServerProcess, api: Api):
    place = f"file://{server.exports}/monday"
    api.done(policy=POLICY, output={"format": "jsonl", "to": place})
    folder = server.exports / "monday"
    assert len((folder / "customers.jsonl").read_text().splitlines()) == 1000
    assert json.loads((folder / "_manifest.json").read_text())["synthetic"]
    other = api.wait(api.job(policy={**POLICY, "rowCount": 1}, output={"format": "jsonl", "to": place})["id"])
    assert other["problems"][0]["code"] == "output-exists"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc",
        "s3://bucket/x",
        "http://169.254.169.254/latest",
        "file://{exports}",
        "file://{exports}/../etc",
        "file://{exports}/%2e%2e/etc",
        "file://{exports}evil/x",
        "file://user@{exports}/x",
        "file://{exports}/x?endpoint_override=evil",
        "FILE:///etc",
        "sqlite:////etc/passwd",
        "postgresql://localhost/x",
    ],
)
def test_other_places_are_refused(server: ServerProcess, api: Api, url):
    to = url.format(exports=server.exports)
    api.refused("POST", "/jobs", 400, "output-not-allowed", json={"policy": POLICY, "output": {"to": to}})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"policy": POLICY, "output": {"to": "nobody"}}, 400, "unknown-connection"),
        ({"policy": POLICY, "output": {"to": "shop-file", "format": "csv"}}, 400, "no-effect"),
        ({"policy": POLICY, "output": {"mode": "append"}}, 400, "no-effect"),
        ({"policy": POLICY, "output": {"to": "shop-file", "mode": "append"}, "check": True}, 400, "no-effect"),
        ({"policy": POLICY, "output": {"format": "xml"}}, 400, "unknown-format"),
        ({"policy": POLICY, "output": {"options": {"delimiter": "ab"}}}, 422, "bad-option"),
        ({"policy": POLICY, "output": {"format": "json", "options": {"delimiter": ";"}}}, 422, "no-effect"),
        ({"policy": POLICY, "tables": ["nobody"]}, 422, "unknown-table"),
        ({"policy": POLICY, "rows": "many"}, 422, "row-count"),
        ({"policy": POLICY, "rows": 10**15}, 422, "too-many-rows"),
        ({"policy": {**POLICY, "rowCount": 10**15}}, 422, "too-many-rows"),
        ({"output": {}}, 400, "policy-missing"),
    ],
)
def test_refused_before_it_is_queued(api: Api, body, status, code):
    before = len(api.call("GET", "/jobs?limit=500")["items"])
    api.refused("POST", "/jobs", status, code, json=body)
    assert len(api.call("GET", "/jobs?limit=500")["items"]) == before


def test_limits_of_bytes_and_memory(own: ServerProcess):
    own.options, own.cold = ("--max-bytes", "3000000", "--max-memory", str(300 << 20)), True
    own.start()
    with own.client() as client:
        api = Api(client)
        large = api.wait(api.job(policy={**POLICY, "rowCount": 1_000_000})["id"])
        assert large["problems"][0]["code"] == "size-limit"
        assert not (own.data / "jobs" / large["id"] / "output").exists()
        wide = {f"c{n}": {"type": "RANDOM", "pattern": "[a-z]{200}"} for n in range(40)}
        big = {"tableName": "t", "rowCount": 100_000, "columnRuleMap": wide}
        fat = api.wait(api.job(policy=big, output={"format": "parquet", "options": {"row_group_rows": 100_000}})["id"])
        assert fat["problems"][0]["code"] == "memory-limit", fat


def test_a_limit_of_minutes(own: ServerProcess):
    own.options = ("--max-minutes", "0.03")
    own.start()
    with own.client() as client:
        api = Api(client)
        late = api.wait(api.job(policy=LARGE)["id"])
        assert late["problems"][0]["code"] == "time-limit", late
        assert not (own.data / "jobs" / late["id"] / "output").exists()


def test_what_is_too_old_or_too_much_is_removed(own: ServerProcess):
    own.options = ("--keep-bytes", "60000")
    own.start()
    with own.client() as client:
        api = Api(client)
        first, second = (api.done(policy=POLICY)["id"] for _ in range(2))
        assert 30_000 < api.call("GET", f"/jobs/{second}")["bytes"] < 60_000
    own.stop()
    own.start()
    with own.client(own.key) as client:
        api = Api(client)
        deadline = time.monotonic() + 20
        while api.call("GET", f"/jobs/{first}")["artifactsRemoved"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        api.refused("GET", f"/jobs/{first}/artifacts", 410, "artifacts-removed")
        assert api.call("GET", f"/jobs/{second}/artifacts")["items"]
        assert not (own.data / "jobs" / first).exists()


def test_the_queue_is_fair_to_all_keys(own: ServerProcess):
    own.options = ("--jobs-at-once", "1")
    own.start()
    with own.client() as client:
        api = Api(client)
        keys = [api.key("operator", name) for name in ("greedy", "modest")]
        with own.client(keys[0]) as greedy, own.client(keys[1]) as modest:
            many = [Api(greedy).job(policy=POLICY, check=False)["id"] for _ in range(6)]
            few = [Api(modest).job(policy=POLICY, check=False)["id"] for _ in range(2)]
            for job in many + few:
                assert api.wait(job)["state"] == "SUCCESS"
        ended = {job: api.call("GET", f"/jobs/{job}")["started"] for job in many + few}
        order = sorted(ended, key=lambda job: ended[job])
        assert max(order.index(job) for job in few) <= 4, order


@pytest.mark.parametrize("many", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_many_jobs_at_once_lose_nothing(server: ServerProcess, api: Api, many: int):
    small = {**POLICY, "rowCount": 10}
    key = api.key("operator", "hurried", f"hurried-{many}")

    def queue(number: int) -> str:
        with server.client(key) as client:
            return str(Api(client).job(policy=small, seed=number, check=False)["id"])

    with ThreadPoolExecutor(10) as pool:
        jobs = list(pool.map(queue, range(many)))
    with server.client(key) as client:
        api = Api(client)
        assert {api.wait(job, 120)["state"] for job in jobs} == {"SUCCESS"}
        listed, path = [], "/jobs?limit=8"
        while path:
            page = api.call("GET", path)
            listed += [job["id"] for job in page["items"]]
            path = f"/jobs?limit=8&cursor={page['next']}" if page["next"] else ""
        assert sorted(listed) == sorted(jobs)
    assert threading.active_count() < 50
