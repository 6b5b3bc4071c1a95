"""The server is killed again and again in mid-job: nothing is lost, nothing is different."""

import json
import os
import random
import sqlite3
import time
from pathlib import Path

import pytest
from service_process import POLICY, Api, ServerProcess

import faasera
from faasera.run.check.check import check

RULES = {
    **POLICY["columnRuleMap"],
    "city": {},
    "day": {"type": "DATE_RANDOM", "range": {"start": "2001-01-01", "end": "2020-01-01"}},
}
HALTING = Path(__file__).parent / "halting"
MOMENTS = {
    "csv": ("planning", "first piece", "mid-file", "publishing", "checking"),
    "parquet": ("between files", "done"),
    "shop": ("committing", "committed"),
}
"""Where the process of each job is killed, in this order."""


def pipeline(rows: int) -> dict:
    """Two tables of so many rows together."""
    tables = (("first", rows * 2 // 3), ("second", rows // 3))
    return {
        "name": "crash",
        "tables": [
            {"tableName": name, "rowCount": count, "columnRuleMap": RULES, "primaryKeyColumn": "id"}
            for name, count in tables
        ],
    }


def digests(manifest: dict) -> list[str]:
    return [table["digest"] for table in manifest["tables"]]


class Kept:
    """What jobs of a pipeline have to come to, made undisturbed."""

    def __init__(self, policy: dict, folder: Path) -> None:
        self.policy, self.folder = policy, folder
        self.digests = {
            format: digests(faasera.load(policy).write(folder / format, format=format).as_dict())
            for format in ("csv", "parquet")
        }
        self.database = folder / "shop.db"

    def holds(self, server: ServerProcess, key: str, jobs: dict[str, str]) -> int:
        """All jobs end well, with the same bytes and rows and nothing beside; the number of these rows."""
        rows = 0
        with server.client(key) as client:
            api = Api(client)
            for job, kind in jobs.items():
                ended = api.wait(job, 120)
                assert ended["state"] == "SUCCESS", ended
                manifest = api.call("GET", f"/jobs/{job}/manifest")
                assert digests(manifest) == self.digests.get(kind, self.digests["csv"])
                for table in manifest["tables"] if kind in self.digests else ():
                    name = table["files"][0]["path"]
                    mine = (server.data / "jobs" / job / "output" / name).read_bytes()
                    assert mine == (self.folder / kind / name).read_bytes()
                rows += sum(table["rows"] for table in manifest["tables"])
                if kind == "parquet":
                    assert check(server.data / "jobs" / job / "output").ok
        with sqlite3.connect(self.database) as found:
            for table in self.policy["tables"]:
                assert found.execute(f"SELECT count(*) FROM {table['tableName']}").fetchone() == (table["rowCount"],)
        assert not list((server.data / "jobs").glob("*/output/.faasera-partial/*"))
        return rows


def queue(server: ServerProcess, policy: dict) -> dict[str, str]:
    """A job of each kind, which the server does one after the other."""
    with server.client() as client:
        api = Api(client)
        outputs = {"csv": {"format": "csv"}, "parquet": {"format": "parquet"}, "shop": {"to": "shop"}}
        return {
            api.job(policy=policy, output=output, check=kind == "csv")["id"]: kind for kind, output in outputs.items()
        }


def test_a_kill_at_every_moment_loses_and_changes_nothing(own: ServerProcess, tmp_path: Path, record_property):
    wanted = Kept(pipeline(300_000), tmp_path)
    own.options = ("--jobs-at-once", "1")
    jobs: dict[str, str] = {}
    killed = []
    for number, (kind, moment) in enumerate((kind, one) for kind, several in MOMENTS.items() for one in several):
        sign = tmp_path / f"halted-{number}"
        own.environment = {
            "FAASERA_CONNECTION_SHOP": f"sqlite:///{wanted.database}",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(HALTING), os.environ.get("PYTHONPATH")])),
            "FAASERA_TEST_MOMENT": moment,
            "FAASERA_TEST_SIGN": str(sign),
        }
        own.start()
        if not jobs:
            key = own.key
            jobs = queue(own, wanted.policy)
        deadline = time.monotonic() + 60
        while not sign.exists():
            assert time.monotonic() < deadline, (moment, own.log.read_text()[-2000:])
            time.sleep(0.02)
        with own.client(key) as client:
            states = {name: Api(client).call("GET", f"/jobs/{job}")["state"] for job, name in jobs.items()}
        assert states[kind] == "RUNNING", (moment, states)
        own.kill()
        killed.append(f"{kind} at {moment}")
    del own.environment["FAASERA_TEST_MOMENT"]
    own.start()
    rows = wanted.holds(own, key, jobs)
    record_property("tried", f"{len(killed)} kills, {len(jobs)} jobs, {rows:,} rows: {', '.join(killed)}")


@pytest.mark.slow
def test_twenty_kills_at_random_lose_and_change_nothing(own: ServerProcess, tmp_path: Path, seed: int, record_property):
    kills, chance = 20, random.Random(seed)
    wanted = Kept(pipeline(6_000_000), tmp_path)
    own.environment = {"FAASERA_CONNECTION_SHOP": f"sqlite:///{wanted.database}"}
    own.options, own.cold = ("--jobs-at-once", "1"), True
    own.start()
    key, done = own.key, []
    jobs = queue(own, wanted.policy)
    while len(done) < kills:
        time.sleep(chance.uniform(0.6, 2.4))
        with own.client(key) as client:
            states = [Api(client).call("GET", f"/jobs/{job}") for job in jobs]
        own.kill()
        done.append("  ".join(f"{job['state']:8}{job['rowsDone']:>10,} {job['phase'] or '':8}" for job in states[-4:]))
        own.start()
        if states[-1]["state"] == "SUCCESS":
            format = chance.choice(("csv", "parquet"))
            with own.client(key) as client:
                jobs[Api(client).job(policy=wanted.policy, output={"format": format}, check=False)["id"]] = format
    rows = wanted.holds(own, key, jobs)
    told = f"{kills} kills (seed {seed}), {len(jobs)} jobs, {rows:,} rows; states at each kill:\n"
    record_property("tried", told + "\n".join(f"  {number:2}  {line}" for number, line in enumerate(done, 1)))
    assert json.dumps(done).count("RUNNING") >= kills // 2
