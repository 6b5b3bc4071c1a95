"""The server is killed again and again in mid-job: nothing is lost, nothing is different."""

import json
import random
import sqlite3
import time
from pathlib import Path

from service_process import POLICY, Api, ServerProcess

import faasera
from faasera.run.check.check import check

KILLS = 20
RULES = {
    **POLICY["columnRuleMap"],
    "city": {},
    "day": {"type": "DATE_RANDOM", "range": {"start": "2001-01-01", "end": "2020-01-01"}},
}
PIPELINE = {
    "name": "crash",
    "tables": [
        {"tableName": "first", "rowCount": 4_000_000, "columnRuleMap": RULES, "primaryKeyColumn": "id"},
        {"tableName": "second", "rowCount": 2_000_000, "columnRuleMap": RULES, "primaryKeyColumn": "id"},
    ],
}


def digests(manifest: dict) -> list[str]:
    return [table["digest"] for table in manifest["tables"]]


def test_twenty_kills_lose_and_change_nothing(own: ServerProcess, tmp_path: Path, record_property):
    seed = 20_261_124
    chance = random.Random(seed)
    undisturbed = {}
    for format in ("csv", "parquet"):
        manifest = faasera.load(PIPELINE).write(tmp_path / format, format=format)
        undisturbed[format] = digests(manifest.as_dict())
    database = tmp_path / "shop.db"
    own.environment = {"FAASERA_CONNECTION_SHOP": f"sqlite:///{database}"}
    own.options = ("--jobs-at-once", "1")
    own.start()
    key, done, rows_before = own.key, [], 0
    with own.client() as client:
        api = Api(client)
        jobs = {
            api.job(policy=PIPELINE, output={"format": format}, check=False)["id"]: format
            for format in ("csv", "parquet")
        }
        jobs[api.job(policy=PIPELINE, output={"to": "shop"}, check=False)["id"]] = "shop"
    kills = 0
    while kills < KILLS:
        time.sleep(chance.uniform(0.6, 2.4))
        with own.client(key) as client:
            states = [Api(client).call("GET", f"/jobs/{job}") for job in jobs]
        own.kill()
        kills += 1
        done.append("  ".join(f"{job['state']:8}{job['rowsDone']:>10,} {job['phase'] or '':8}" for job in states[-4:]))
        own.start()
        if states[-1]["state"] == "SUCCESS":
            format = chance.choice(("csv", "parquet"))
            with own.client(key) as client:
                jobs[Api(client).job(policy=PIPELINE, output={"format": format}, check=False)["id"]] = format
    with own.client(key) as client:
        api = Api(client)
        for job, kind in jobs.items():
            ended = api.wait(job, 120)
            assert ended["state"] == "SUCCESS", ended
            manifest = api.call("GET", f"/jobs/{job}/manifest")
            assert digests(manifest) == undisturbed.get(kind, undisturbed["csv"])
            for table in manifest["tables"] if kind in undisturbed else ():
                name = table["files"][0]["path"]
                mine = (own.data / "jobs" / job / "output" / name).read_bytes()
                assert mine == (tmp_path / kind / name).read_bytes()
            rows_before += sum(table["rows"] for table in manifest["tables"])
            if kind == "parquet":
                assert check(own.data / "jobs" / job / "output").ok
    with sqlite3.connect(database) as found:
        assert found.execute("SELECT count(*) FROM first").fetchone() == (4_000_000,)
        assert found.execute("SELECT count(*) FROM second").fetchone() == (2_000_000,)
    assert not list((own.data / "jobs").glob("*/output/.faasera-partial/*"))
    told = f"{kills} kills (seed {seed}), {len(jobs)} jobs, {rows_before:,} rows; states at each kill:\n"
    record_property("tried", told + "\n".join(f"  {number:2}  {line}" for number, line in enumerate(done, 1)))
    assert json.dumps(done).count("RUNNING") >= KILLS // 2
