"""The check reads any format: by DuckDB where it can, else by the format's own reader, and finds the same."""

import json
from dataclasses import replace

import pytest
from policies import table

import faasera
from faasera.run.check.check import check
from faasera.writers import WRITERS

RULES = {
    "id": {"type": "SEQUENCE"},
    "text": {"type": "SEED", "values": ["", " a", 'say "x"', "a,b", "null", "two\nlines"], "nullFraction": 0.2},
    "bytes": {"type": "RANDOM", "dataType": "BINARY", "length": 5, "nullFraction": 0.1},
    "price": {"type": "RANDOM", "dataType": "DECIMAL(18,3)", "range": {"min": -999, "max": 999}},
    "real": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -1, "max": 1}},
    "flag": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.1},
    "at": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01 00:00:00", "end": "2024-02-01"}},
    "json": {"type": "RANDOM", "dataType": "JSON"},
}


@pytest.fixture
def alone(monkeypatch):
    """Formats as if DuckDB had no readers of them."""
    monkeypatch.setattr(WRITERS, "_entries", {entry.name: replace(entry, sql=None) for entry in WRITERS})


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("rows", [0, 2000])
@pytest.mark.parametrize("format", WRITERS.names())
def test_a_format_alone_is_enough(tmp_path, format, rows):
    faasera.load(table(RULES, rows)).write(tmp_path / "o", format=format, parts=2)
    found = faasera.check(tmp_path / "o")
    assert found.ok, found.failed
    [digest] = [finding for finding in found.findings if finding.kind == "digest"]
    assert digest.status == "passed"


@pytest.mark.usefixtures("alone")
def test_own_readers_find_what_is_wrong(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}, "v": {"type": "CONSTANT", "value": 1}}, 5)).write(tmp_path / "o")
    good = (tmp_path / "o/t.csv").read_text()
    (tmp_path / "o/t.csv").write_text(good.replace("\n3,", "\nthree,"))
    found = {finding.kind: finding for finding in faasera.check(tmp_path / "o").failed}
    assert found["type"].violations == 1
    (tmp_path / "o/t.csv").write_text(good.replace("id,v", "id,w"))
    assert [(one.kind, one.detail) for one in faasera.check(tmp_path / "o").failed] == [
        ("type", "the columns are id, w")
    ]


@pytest.mark.usefixtures("alone")
def test_a_file_that_breaks_off(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}}, 30_000)).write(tmp_path / "o", format="jsonl")
    file = tmp_path / "o/t.jsonl"
    file.write_bytes(file.read_bytes()[:-5])
    [found] = faasera.check(tmp_path / "o").failed
    assert (found.kind, found.table) == ("files", "t") and "delimiter" in found.detail


@pytest.mark.usefixtures("alone")
def test_a_large_table_is_sampled(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}}, 300_000)).write(tmp_path / "o", format="arrow")
    [found] = check(tmp_path / "o", described=True, most_rows=100_000).profiles
    assert found.sampled and 50_000 < found.rows < 200_000


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_a_file_of_another_format(tmp_path, format):
    faasera.load(table({"id": {"type": "SEQUENCE"}}, 5)).write(tmp_path / "o", format=format)
    [file] = (tmp_path / "o").glob("t.*")
    file.write_bytes(b"id\n1\n2\n")
    [found] = faasera.check(tmp_path / "o").failed
    assert (found.kind, found.table) == ("files", "t") and found.detail


def test_a_format_that_is_not_installed_here(tmp_path):
    faasera.load(table({"id": {"type": "SEQUENCE"}}, 5)).write(tmp_path / "o")
    manifest = json.loads((tmp_path / "o/_manifest.json").read_text())
    (tmp_path / "o/_manifest.json").write_text(json.dumps(manifest | {"format": "orc"}))
    with pytest.raises(faasera.PolicyError) as raised:
        faasera.check(tmp_path / "o")
    [problem] = raised.value.problems
    assert problem.code == "unknown-format" and "'orc'" in problem.message
