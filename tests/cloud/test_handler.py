"""The handler of all functions: shards in any order and more than once, and mistakes by name."""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
from policies_for_scale import SHOP, digests, write_shop
from stores import Store, s3
from warm import program

import faasera
from faasera.frontends.cloud.handler import handle

ROWS = {"customers": 3_000, "payments": 900}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "policy").mkdir()
    return write_shop(tmp_path / "policy")


def plan(shop: Path, out: object, **more: object) -> list[dict]:
    event = {"action": "plan", "policy": str(shop), "rowCounts": ROWS, "output": str(out), "shardRows": 700} | more
    return handle(event)["events"]


def commit(events: list[dict]) -> dict:
    base = {name: value for name, value in events[0].items() if name not in ("table", "rows", "part", "of")}
    return handle(base | {"action": "commit"})


def refused(event: object) -> list[tuple[str, str]]:
    with pytest.raises(faasera.PolicyError) as error:
        handle(event)
    return [(problem.pointer, problem.code) for problem in error.value.problems]


def local(shop: Path, tmp_path: Path, **more: object) -> dict[str, str]:
    return digests(faasera.load(shop, rows=ROWS, **more).write(tmp_path / "local", overwrite=True))


def test_any_order_and_more_than_once(shop: Path, tmp_path: Path):
    events = plan(shop, tmp_path / "out")
    assert len(events) == 5 + 7 + 2
    for path in shop.parent.iterdir():
        path.rename(tmp_path / f"moved-{path.name}")
    many = events * 2
    random.Random(3).shuffle(many)
    repeated = [handle(json.loads(json.dumps(event)))["repeated"] for event in many]
    assert repeated.count(True) == repeated.count(False) == len(events)
    (tmp_path / "moved-cities.csv").rename(shop.parent / "cities.csv")
    (tmp_path / "moved-shop.json").rename(shop)
    done = commit(events)
    assert done["tables"] == local(shop, tmp_path)
    assert done["rows"] == sum(len(table) for table in faasera.load(shop, rows=ROWS).values())
    assert not (tmp_path / "out" / "_shards").exists()
    assert commit(events) == done, "a commit that comes twice"
    assert handle(events[4])["repeated"], "a shard that comes after the commit"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"_manifest.json", "customers", "orders", "payments"}


def test_a_run_makes_itself_where_there_is_no_queue(shop: Path, tmp_path: Path):
    done = handle({"policy": str(shop), "rowCounts": ROWS, "output": f"file://{tmp_path}/out", "shardRows": "1k"})
    assert done["tables"] == local(shop, tmp_path)


def test_a_run_fans_out_and_the_last_shard_commits(shop: Path, tmp_path: Path):
    queue: list[dict] = []
    event = {"policy": str(shop), "rowCounts": ROWS, "output": str(tmp_path / "out"), "shardRows": 1_000}
    answer = handle(event, send=queue.extend)
    assert answer["sent"] == len(queue) == 3 + 5 + 1
    random.Random(1).shuffle(queue)
    results = [handle(one) for one in queue]
    assert [one["committed"] for one in results] == [False] * 8 + [True]
    assert digests((tmp_path / "out" / "_manifest.json").read_bytes()) == local(shop, tmp_path)


def test_a_function_that_dies_before_its_commit_is_made_up_for(shop: Path, tmp_path: Path):
    queue: list[dict] = []
    event = {"policy": str(shop), "rowCounts": ROWS, "output": str(tmp_path / "out"), "shardRows": 1_000}
    handle(event, send=queue.extend)
    for one in queue:
        handle({name: value for name, value in one.items() if name != "of"})
    assert not (tmp_path / "out" / "_manifest.json").exists()
    again = handle(queue[3])
    assert again["repeated"] and again["committed"]
    assert digests((tmp_path / "out" / "_manifest.json").read_bytes()) == local(shop, tmp_path)


def test_an_inline_policy_needs_nothing_beside_the_output(tmp_path: Path):
    policy = {"tableName": "t", "rowCount": 2_000, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}
    events = handle({"action": "plan", "policy": policy, "output": str(tmp_path / "out"), "shardRows": 800})["events"]
    assert [event["rows"] for event in events] == [[0, 800], [800, 1_600], [1_600, 2_000]]
    assert all(event["policy"] == policy for event in events)
    assert not (tmp_path / "out").exists(), "a plan leaves nothing there that it does not need"
    free = {"policy": policy, "table": "t", "output": str(tmp_path / "free")}
    for start, stop in ((1_500, 2_000), (0, 1), (1, 1_500)):
        assert handle(free | {"rows": [start, stop]})["rows"] == [start, stop]
    assert handle({"policy": policy, "output": str(tmp_path / "free"), "action": "commit"})["rows"] == 2_000
    assert handle(free | {"rows": [0, 1]})["repeated"], "after the commit, without the run's name"
    assert len(list((tmp_path / "free").rglob("part-*"))) == 3


def test_what_is_missing_is_named_at_the_commit(shop: Path, tmp_path: Path):
    events = plan(shop, tmp_path / "out")
    left = [event for event in events if event["table"] != "orders" or event["rows"][0] not in (700, 2_100)]
    for event in left:
        handle(event)
    with pytest.raises(faasera.RunError) as error:
        commit(events)
    (problem,) = error.value.problems
    assert problem.code == "shards-missing" and "rows 700 to 1,400, 2,100 to 2,800 are missing" in problem.message
    assert not (tmp_path / "out" / "_manifest.json").exists()
    for event in events:
        handle(event)
    next((tmp_path / "out" / "customers").glob("part-00001*")).write_bytes(b"cut")
    with pytest.raises(faasera.RunError, match="is not there as it was written"):
        commit(events)
    for event in events:
        handle(event)
    assert commit(events)["tables"] == local(shop, tmp_path)


def test_another_policy_is_refused_by_digest(shop: Path, tmp_path: Path):
    events = plan(shop, tmp_path / "out")
    handle(events[0])
    with pytest.raises(faasera.PolicyError, match="output-exists"):
        plan(shop, tmp_path / "out", seed=5)
    other = [one | {"output": events[0]["output"]} for one in plan(shop, tmp_path / "other", seed=5)]
    assert other[0]["run"] != events[0]["run"]
    with pytest.raises(faasera.PolicyError) as error:
        handle(other[0])
    (problem,) = error.value.problems
    assert problem.code == "other-run"
    assert events[0]["run"] in problem.message and other[0]["run"] in problem.message
    event = {"policy": str(shop), "rowCounts": ROWS, "output": str(tmp_path / "out"), "table": "customers"}
    planned = event | {"rows": [0, 700], "run": events[0]["run"]}
    assert handle(planned)["repeated"]
    (shop.parent / "cities.csv").write_text("city,zip\nElsewhere,00909\n")
    assert refused(planned) == [("/run", "other-run")]
    assert handle(other[0] | {"overwrite": True})["repeated"] is False


def test_some_tables_are_another_run_than_all(shop: Path, tmp_path: Path):
    some = {"policy": str(shop), "rowCounts": ROWS, "output": str(tmp_path / "out"), "tables": ["customers"]}
    first = handle(some)
    assert list(first["tables"]) == ["customers"]
    whole = handle({name: value for name, value in some.items() if name != "tables"} | {"overwrite": True})
    assert whole["run"] != first["run"] and whole["tables"] == local(shop, tmp_path)


def test_an_output_that_holds_another_run(shop: Path, tmp_path: Path):
    faasera.load(shop, rows=ROWS).write(tmp_path / "out")
    assert refused({"action": "plan", "policy": str(shop), "output": str(tmp_path / "out")}) == [("", "output-exists")]
    shard = {"policy": str(shop), "output": str(tmp_path / "out"), "table": "customers", "rows": [0, 10]}
    assert refused(shard) == [("/output", "output-exists")]
    events = plan(shop, tmp_path / "out", overwrite=True)
    before = (tmp_path / "out" / "_manifest.json").read_bytes()
    for event in events:
        handle(event)
    assert (tmp_path / "out" / "_manifest.json").read_bytes() == before, "until the commit the earlier run counts"
    assert commit(events)["tables"] == local(shop, tmp_path)
    assert not list((tmp_path / "out").glob("*.csv"))


SHARD = {"policy": {**SHOP["tables"][2], "foreignKeys": []}, "output": "OUT", "table": "payments", "rows": [0, 10]}
SHARD["policy"]["columnRuleMap"] = {"payment_id": {"type": "SEQUENCE"}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rows": [0, 100_001]}, ("/rows", "row-range")),
        ({"rows": [-5, 10]}, ("/rows", "row-range")),
        ({"rows": [10, 5]}, ("/rows", "row-range")),
        ({"rows": [10, 10]}, ("/rows", "row-range")),
        ({"rows": [1]}, ("/rows", "event")),
        ({"rows": "0-10"}, ("/rows", "event")),
        ({"table": "payment"}, ("/table", "unknown-table")),
        ({"table": None}, ("/table", "event")),
        ({"tabel": "payments"}, ("/tabel", "unknown-key")),
        ({"policy": None}, ("/policy", "event")),
        ({"policy": {"tableName": 5}}, ("/tableName", "wrong-type")),
        ({"policy": "/nowhere.json"}, ("", "policy-unreadable")),
        ({"format": "xls"}, ("", "unknown-format")),
        ({"options": {"compression": "rar"}}, ("", "bad-option")),
        ({"shardRows": 0}, ("/shardRows", "bad-option")),
        ({"shardRows": 5}, ("/shardRows", "no-effect")),
        ({"engine": "0.0.1"}, ("/engine", "engine-mismatch")),
        ({"output": "s5://bucket/x"}, ("", "storage-url")),
        ({"action": "shards"}, ("/action", "event")),
        ({"parcel": "s3://bucket/x"}, ("/policy", "event")),
        ({"action": "commit"}, ("/table", "no-effect")),
    ],
    ids=str,
)
def test_mistakes_are_told_by_place(tmp_path: Path, change: dict, expected: tuple[str, str]):
    event = json.loads(json.dumps(SHARD | change).replace("OUT", str(tmp_path / "out")))
    found = refused(event)
    assert expected in found, found
    assert not (tmp_path / "out").exists()


def test_keys_that_other_processes_lack(tmp_path: Path):
    rule = {"type": "FPE_ENCODED", "pattern": "###-###-####"}
    policy = {"tableName": "t", "columnRuleMap": {"n": {"type": "SEQUENCE"}, "card": rule}}
    (tmp_path / "key").write_text("00" * 16)
    found = refused({"policy": policy, "output": str(tmp_path / "out")})
    assert found == [("", "key-not-portable")]
    kept = {**policy, "fpeKeys": {"k": {"file": "key"}}, "columnRuleMap": {"card": rule | {"fpeKeyId": "k"}}}
    (tmp_path / "policy.json").write_text(json.dumps(kept))
    found = refused({"policy": str(tmp_path / "policy.json"), "output": str(tmp_path / "out")})
    assert found == [("/fpeKeys/k", "key-not-portable")]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("event", [None, 5, "run", [], [1]], ids=str)
def test_what_is_no_event(event: object):
    assert refused(event) == [("", "event")]


def test_an_owner_may_say_where_functions_write(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAASERA_OUTPUTS", f"s3://exports/a {tmp_path}/allowed")
    event = json.loads(json.dumps(SHARD).replace("OUT", str(tmp_path / "allowed" / "x")))
    assert handle(event)["repeated"] is False
    for place in (f"{tmp_path}/allowed-not", f"{tmp_path}/allowed/../other", "s3://exports/ab", "s3://exports/a/../b"):
        assert refused(event | {"output": place}) == [("/output", "output-not-allowed")]


def test_policies_and_outputs_in_an_object_store(shop: Path, tmp_path: Path, monkeypatch):
    with s3() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        for path in shop.parent.iterdir():
            store.put(f"policies/{path.name}", path.read_bytes())
        event = {"policy": "s3://exports/policies/shop.json", "rowCounts": ROWS, "output": "s3://exports/out"}
        assert handle(event)["tables"] == local(shop, tmp_path)
        assert "out/_manifest.json" in store.names() and not store.names("out/_shards")


def command(*arguments: object, given: str = "", store: Store | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | (store.environment if store is not None else {})
    return subprocess.run(
        [program(), "cloud", *map(str, arguments)], input=given, capture_output=True, text=True, env=environment
    )


def test_the_command_line_plans_runs_and_commits(shop: Path, tmp_path: Path):
    with s3() as store:
        planned = command(
            "plan", shop, "--out", "s3://exports/shop", "--shard-rows", "1k", "--rows", "customers=3k,payments=900",
            "--compression", "zstd", store=store,
        )  # fmt: skip
        assert planned.returncode == 0, planned.stderr
        lines = planned.stdout.splitlines()
        assert len(lines) == 9 and "9 shards" in planned.stderr
        random.Random(5).shuffle(lines)
        (tmp_path / "events.jsonl").write_text("\n".join(lines))
        for line in lines[:3]:
            assert command("run", "-", given=line, store=store).returncode == 0
        early = command("commit", tmp_path / "events.jsonl", store=store)
        assert early.returncode == 1 and "are missing" in early.stderr
        done = command("run", tmp_path / "events.jsonl", store=store)
        assert done.stdout.count("was there") == 3
        committed = command("commit", tmp_path / "events.jsonl", "--json", store=store)
        assert json.loads(committed.stdout)["tables"] == local(shop, tmp_path)
        again = command("plan", shop, "--out", "s3://exports/shop", store=store)
        assert again.returncode == 2 and "holds the output of another run" in again.stderr


def test_the_command_line_says_what_is_wrong(tmp_path: Path):
    for arguments, given, said in (
        (("run", tmp_path / "nothing.jsonl"), "", "No such file"),
        (("commit", "-"), "", "there are no events"),
        (("run", "-"), "{not json", "the event is no JSON"),
        (("run", "-"), "[]", "an event is a JSON object"),
        (("plan", "/nowhere.json", "--out", tmp_path), "", "does not exist"),
    ):
        done = command(*arguments, given=given)
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
