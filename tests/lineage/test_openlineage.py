"""Runs as OpenLineage events: sent by the official client, received by a real server, held against its classes."""

import gzip
import json
import re
from pathlib import Path

import pytest
from openlineage_schemas import validate
from recording import recording

import faasera
from faasera.core.errors import PolicyError, RunError
from faasera.frontends.cloud.handler import handle
from faasera.run.into_files import Run
from faasera.run.order import Files
from faasera.run.planning import load_plan

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
OWN = {content["$id"]: content for content in (json.loads(path.read_text()) for path in SCHEMAS.glob("*.json"))}
SHOP = {
    "name": "shop",
    "description": "Customers and what they buy.",
    "tables": [
        {
            "tableName": "customers",
            "rowCount": 30,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"id": {"type": "SEQUENCE"}, "city": {}, "first_name": {}},
        },
        {
            "tableName": "orders",
            "rowCount": 90,
            "foreignKeys": [{"columns": ["customer"], "references": {"table": "customers", "columns": ["id"]}}],
            "columnRuleMap": {
                "customer": {},
                "city": {"type": "PRESERVE", "lookup": "customers.city"},
                "old": {"type": "SEED", "seedFileName": "old.csv", "column": "number", "hidden": True},
                "number": {"type": "FPE_ENCODED", "source": "old"},
                "price": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 9}},
                "total": {"type": "PRESERVE", "expression": "price * 2"},
            },
        },
    ],
}


@pytest.fixture
def policy(tmp_path):
    (tmp_path / "old.csv").write_text("number\n" + "\n".join(f"{n:07d}" for n in range(40)))
    return SHOP | {"seedDirectory": str(tmp_path)}


@pytest.fixture
def collector(monkeypatch):
    """A collector of lineage that the client is told of in the usual way."""
    with recording() as recorder:
        monkeypatch.setenv("OPENLINEAGE_URL", recorder.url)
        monkeypatch.setenv("OPENLINEAGE_API_KEY", "of-the-collector")
        yield recorder


def events(recorder):
    made = []
    for one in recorder.requests:
        body = gzip.decompress(one["body"]) if one["headers"].get("content-encoding") == "gzip" else one["body"]
        made.append(json.loads(body))
    return made


def output(event, table):
    return next(one for one in event["outputs"] if re.search(rf"\b{table}\b", one["name"].rpartition("/")[2]))


def test_a_run_into_files(policy, collector, tmp_path):
    manifest = faasera.load(policy).write(tmp_path / "out", format="parquet").as_dict()
    told = events(collector)
    assert [event["eventType"] for event in told] == ["START", "RUNNING", "COMPLETE"]
    assert {event["run"]["runId"] for event in told} == {manifest["runId"]}
    seen = {name for event in told for name in validate(event, OWN)}
    assert seen >= {
        "schema", "columnLineage", "faasera_synthetic", "faasera_policy", "outputStatistics", "version", "jobType",
        "documentation", "lifecycleStateChange", "processing_engine",
    }  # fmt: skip
    last = told[-1]
    assert last["producer"].startswith("urn:faasera:engine:")
    assert last["job"]["name"] == "shop"
    assert last["job"]["facets"]["faasera_policy"]["digest"] == manifest["policyDigest"]
    inputs = {one["name"]: one for one in last["inputs"]}
    assert inputs[str(tmp_path / "old.csv")]["facets"]["version"]["datasetVersion"] == manifest["inputs"]["old.csv"]
    assert inputs["reference/city"]["namespace"] == "faasera"
    assert inputs["reference/city"]["facets"]["version"]["datasetVersion"] == manifest["engine"]["version"]
    orders = output(last, "orders")
    assert (orders["namespace"], orders["name"]) == ("file", str(tmp_path / "out/orders.parquet"))
    statistics = orders["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["fileCount"]) == (90, 1)
    assert statistics["size"] == (tmp_path / "out/orders.parquet").stat().st_size
    assert [one["name"] for one in orders["facets"]["schema"]["fields"]] == [
        "customer",
        "city",
        "number",
        "price",
        "total",
    ]


def test_where_columns_came_from(policy, collector, tmp_path):
    faasera.load(policy).write(tmp_path / "out")
    orders = output(events(collector)[-1], "orders")
    fields = orders["facets"]["columnLineage"]["fields"]

    def sources(column):
        return [
            (Path(one["name"]).name, one["field"], one["transformations"][0]["masking"])
            for one in fields[column]["inputFields"]
        ]

    assert sources("customer") == [("customers.csv", "id", False)]
    assert sources("city") == [("customers.csv", "city", False)]
    assert sources("number") == [("old.csv", "number", True)]
    assert sources("total") == [("orders.csv", "price", False)]
    facet = orders["facets"]["faasera_synthetic"]
    assert facet["synthetic"] is False
    assert facet["columns"]["number"] == {"method": "encoded", "marking": "pseudonymised"}
    assert facet["columns"]["city"] == {"method": "derived", "marking": "synthetic"}
    assert output(events(collector)[-1], "customers")["facets"]["faasera_synthetic"]["synthetic"] is True


def test_a_load_into_a_database(policy, collector, fresh):
    url = fresh("postgres")
    faasera.load(policy).write_database(url)
    told = events(collector)
    assert [event["eventType"] for event in told] == ["START", "RUNNING", "COMPLETE"]
    for event in told:
        validate(event, OWN)
    orders = next(one for one in told[-1]["outputs"] if one["name"].endswith(".orders"))
    assert orders["namespace"].startswith("postgres://")
    assert orders["name"].endswith(".public.orders")
    assert orders["outputFacets"]["outputStatistics"]["rowCount"] == 90


def test_a_run_that_fails(policy, collector, tmp_path):
    policy = json.loads(json.dumps(policy))
    policy["tables"][1]["columnRuleMap"]["old"] = {"type": "CONSTANT", "value": "no digits", "hidden": True}
    with pytest.raises(RunError):
        faasera.load(policy).write(tmp_path / "out")
    told = events(collector)
    assert told[-1]["eventType"] == "FAIL"
    validate(told[-1], OWN)
    assert "is not in the alphabet" in told[-1]["run"]["facets"]["errorMessage"]["message"]
    assert not any(
        "outputFacets" in one and one["outputFacets"].get("outputStatistics", {}).get("size")
        for one in told[-1]["outputs"]
    )


def test_a_run_that_somebody_ends(policy, collector, tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(load_plan(policy), Files(str(tmp_path / "out")), progress=stop).execute()
    assert events(collector)[-1]["eventType"] == "ABORT"
    validate(events(collector)[-1], OWN)


def test_a_run_in_shards(collector, tmp_path):
    policy = {"tableName": "people", "rowCount": 100, "columnRuleMap": {"first_name": {}}}
    handle({"action": "run", "policy": policy, "output": str(tmp_path / "out"), "shardRows": 40})
    told = events(collector)
    assert [event["eventType"] for event in told] == ["START", "COMPLETE"]
    assert told[-1]["outputs"][0]["outputFacets"]["outputStatistics"]["fileCount"] == 3


def test_the_schema_that_a_policy_was_imported_from_is_an_input(collector, tmp_path):
    policy = {
        "importedFrom": "postgresql://me@db.example/shop",
        "tables": [{"tableName": "t", "rowCount": 3, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}],
    }
    faasera.load(policy).write(tmp_path / "out")
    inputs = [(one["namespace"], one["name"]) for one in events(collector)[0]["inputs"]]
    assert inputs == [("postgres://db.example:5432", "shop")]
    validate(events(collector)[0], OWN)


def test_files_that_are_brought_elsewhere_are_named_there(policy, collector, tmp_path):
    Run(load_plan(policy), Files(str(tmp_path / "out"), destination="s3://exports/shop")).execute()
    orders = output(events(collector)[-1], "orders")
    assert (orders["namespace"], orders["name"]) == ("s3://exports", "shop/orders.csv")


def test_into_a_file_as_the_client_is_configured(policy, tmp_path, monkeypatch):
    (tmp_path / "ol.yml").write_text(
        f"transport:\n  type: file\n  log_file_path: {tmp_path}/events.jsonl\n  append: true\n"
    )
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(tmp_path / "ol.yml"))
    faasera.load(policy).write(tmp_path / "out")
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["eventType"] for line in lines] == ["START", "RUNNING", "COMPLETE"]


def test_the_job_that_started_us_is_named(policy, collector, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", "airflow/nightly.test_data/01941f29-7c00-7087-8906-40e512c257bd")
    faasera.load(policy).write(tmp_path / "out")
    parent = events(collector)[0]["run"]["facets"]["parent"]
    assert (parent["job"]["name"], parent["run"]["runId"]) == (
        "nightly.test_data",
        "01941f29-7c00-7087-8906-40e512c257bd",
    )
    validate(events(collector)[0], OWN)


def test_a_collector_that_refuses_breaks_no_run(policy, tmp_path, monkeypatch, caplog):
    with recording(lambda _: (403, b"no")) as recorder:
        monkeypatch.setenv("OPENLINEAGE_URL", recorder.url)
        faasera.load(policy).write(tmp_path / "out")
    assert (tmp_path / "out/_manifest.json").exists()
    assert "lineage could not be sent" in caplog.text


def test_a_wrong_configuration_is_refused_before_the_first_row(policy, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "pigeon")
    with pytest.raises(PolicyError) as caught:
        faasera.load(policy).write(tmp_path / "out")
    assert caught.value.problems[0].code == "lineage-config"
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_nothing_is_sent_where_nothing_is_configured(policy, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    with recording() as recorder:
        monkeypatch.setenv("OPENLINEAGE_URL", recorder.url)
        faasera.load(policy).write(tmp_path / "out")
        assert recorder.requests == []
