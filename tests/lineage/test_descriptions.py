"""DCAT and Croissant descriptions, read by the programs of others."""

import json
import subprocess
from pathlib import Path

import pytest
import rdflib
from rdflib import Namespace, URIRef
from rdflib.namespace import DCAT, RDF
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples/shop/policy.json"
JUDGE = ROOT / ".venv-judges/bin/python"
SPDX = Namespace("http://spdx.org/rdf/terms#")
PROV = Namespace("http://www.w3.org/ns/prov#")


def command(*words):
    result = CliRunner().invoke(app, list(map(str, words)))
    return result.exit_code, result.stdout


def judged(kind, *paths):
    words = [str(JUDGE), "-W", "ignore", str(ROOT / "tests/outside_judges.py"), kind, *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_reads_the_dcat_description(tmp_path):
    faasera.load(SHOP, rows=50).write(tmp_path, format="parquet")
    code, text = command("manifest", tmp_path, "--as", "dcat")
    assert code == 0
    graph = rdflib.Graph().parse(data=text, format="json-ld", publicID="https://data.example/shop/")
    datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(datasets) == 6  # The output, and its five tables.
    files = {str(url) for url in graph.objects(None, DCAT.downloadURL)}
    assert "https://data.example/shop/customers.parquet" in files
    assert {str(one) for one in graph.objects(None, DCAT.mediaType)} == {
        "https://www.iana.org/assignments/media-types/application/vnd.apache.parquet"
    }
    assert {int(size) for size in graph.objects(None, DCAT.byteSize)} == {
        path.stat().st_size for path in tmp_path.glob("*.parquet")
    }
    own = Namespace("urn:faasera:vocabulary:")
    assert {str(one) for one in graph.objects(None, own.marking)} == {"synthetic"}
    (activity,) = set(graph.objects(None, PROV.wasGeneratedBy))
    assert (activity, RDF.type, PROV.Activity) in graph
    assert isinstance(activity, URIRef)


@pytest.mark.parametrize("format, parts", [("csv", 1), ("parquet", 1), ("parquet", 3), ("json", 1), ("jsonl", 1)])
def test_mlcroissant_reads_every_row_by_the_croissant_description(tmp_path, format, parts):
    policy = json.loads(SHOP.read_text()) | {"seedDirectory": str(SHOP.parent / "seeds")}
    written = faasera.load(policy, rows=60).write(tmp_path, format=format, parts=parts).as_dict()
    code, _ = command("manifest", tmp_path, "--as", "croissant", "-o", tmp_path / "croissant.json")
    assert code == 0
    found = judged("croissant", tmp_path / "croissant.json")
    assert found["errors"] == []
    assert found["rows"] == {table["name"]: table["rows"] for table in written["tables"]}
    first = faasera.load(policy, rows=60)["orders"].slice(0, 1).to_pylist()[0]
    assert found["first"]["orders"]["orders/order_id"] == str(first["order_id"])


def test_names_with_blanks_and_columns_that_are_not_synthetic(tmp_path):
    (tmp_path / "keys.csv").write_text("key\n" + "\n".join(f"K{n}" for n in range(5)))
    policy = {
        "tableName": "odd name",
        "rowCount": 4,
        "seedDirectory": str(tmp_path),
        "foreignKeys": [{"columns": ["a b"], "references": {"file": "keys.csv", "columns": ["key"]}}],
        "columnRuleMap": {"a b": {}, "n": {"type": "SEQUENCE"}},
    }
    faasera.load(policy).write(tmp_path / "out")
    code, text = command("manifest", tmp_path / "out", "--as", "croissant")
    assert code == 0
    described = json.loads(text)
    assert described["rai:personalSensitiveInformation"] == ["Not synthetic: odd name.a b (existing)"]
    (tmp_path / "out/croissant.json").write_text(text)
    assert judged("croissant", tmp_path / "out/croissant.json")["rows"] == {"odd name": 4}


def test_croissant_knows_no_arrow_streams(tmp_path):
    faasera.load(SHOP, rows=50).write(tmp_path, format="arrow")
    code, _ = command("manifest", tmp_path, "--as", "croissant")
    assert code == 2


def test_a_folder_without_a_manifest_and_one_of_another_program(tmp_path):
    assert command("manifest", tmp_path)[0] == 2
    (tmp_path / "_manifest.json").write_text('{"policy": {}, "tables": [{}], "format": "csv"}')
    assert command("manifest", tmp_path, "--as", "dcat")[0] == 2


@pytest.mark.slow
def test_sdmetrics_finds_the_shop_valid(tmp_path):
    """Beside a run that is twenty times as large, in whose ranges, categories and cardinalities it has to lie."""
    large = {"customers": "200k", "products": "4k", "orders": "600k", "payments": "500k"}
    faasera.load(SHOP, seed=1, rows=large).write(tmp_path / "large", format="parquet")
    faasera.load(SHOP).write(tmp_path / "shop", format="parquet")
    found = judged("diagnostic", tmp_path / "large", tmp_path / "shop")
    assert found["low"] == []
    assert found["score"] == 1.0
    assert {
        name: found["properties"][name] for name in ("Data Validity", "Data Structure", "Relationship Validity")
    } == {
        "Data Validity": 1.0,
        "Data Structure": 1.0,
        "Relationship Validity": 1.0,
    }
