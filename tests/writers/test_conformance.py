"""Every registered format: what is written is what comes back, through other people's readers."""

import datetime
import decimal
import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policies import table

import faasera
from faasera.testing.conformance import check_writer
from faasera.writers import WRITERS

AWKWARD = [
    '"',
    'a"b',
    ",",
    "a,b",
    "\n",
    "a\r\nb",
    "\t",
    "",
    " ",
    "é",
    "日本語",
    "𝄞",
    "null",
    "NULL",
    "\\",
    "\\n",
    "'",
    ";",
    "a|b",
    "\x01",
    "x" * 300,
]
POLICY = table(
    {
        "id": {"type": "SEQUENCE"},
        "text": {"type": "SEED", "values": AWKWARD},
        "made": {"type": "PRESERVE", "pattern": "{text}{id}", "nullFraction": 0.2},
        "maybe": {"type": "SEED", "values": ["", "x", "a,b"], "nullFraction": 0.4},
        "plain": {"type": "PRESERVE", "expression": "substring(text, 1, 1)", "nullFraction": 0.1},
        "price": {"type": "RANDOM", "dataType": "DECIMAL(18,3)", "range": {"min": -9999999, "max": 9999999}},
        "small": {"type": "RANDOM", "dataType": "DECIMAL(6,6)", "range": {"min": 0, "max": 0.1}, "nullFraction": 0.3},
        "real": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -1, "max": 1}},
        "whole": {"type": "RANDOM", "range": {"min": -(2**62), "max": 2**62}},
        "flag": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.2},
        "day": {"type": "DATE_RANDOM", "range": {"start": "0001-01-01", "end": "9999-12-31"}, "nullFraction": 0.2},
        "at": {"type": "DATE_RANDOM", "range": {"start": "1900-01-01 00:00:00", "end": "2100-01-01"}},
        "time": {"type": "RANDOM", "dataType": "TIME"},
        "code": {"type": "RANDOM", "pattern": "[0-9]{5}"},
        "raw": {"type": "RANDOM", "dataType": "BINARY", "length": 3, "nullFraction": 0.2},
        "uuid": {"type": "RANDOM", "dataType": "UUID"},
        "json": {"type": "RANDOM", "dataType": "JSON"},
    },
    rows=800,
)  # fmt: skip
EXPECTED = faasera.load(POLICY)["t"].to_pandas().astype(object)
FORMATS = [(entry.name, {}) for entry in WRITERS] + [
    ("csv", {"compression": "gzip"}),
    ("csv", {"delimiter": ";"}),
    ("parquet", {"compression": "zstd", "row_group_rows": 700}),
    ("arrow", {"compression": "lz4"}),
    *(
        pytest.param(format, options, marks=pytest.mark.slow)
        for format, options in (
            ("csv", {"compression": "zstd"}),
            ("csv", {"delimiter": "|"}),
            ("csv", {"delimiter": "\t"}),
            ("jsonl", {"compression": "gzip"}),
            ("json", {"compression": "gzip"}),
            ("parquet", {"compression": "none"}),
            ("arrow", {"compression": "zstd"}),
        )
    ),
]


def rows_of(frame: Any) -> list[dict[str, Any]]:
    return [
        {name: None if value is pandas.NaT or value is None or value != value else value for name, value in row.items()}
        for row in frame
    ]


WANTED = rows_of(EXPECTED.to_dict("records"))


def write(path: Path, format: str, options: dict[str, Any], policy: dict[str, Any] = POLICY, **keys: Any) -> Path:
    manifest = faasera.load(policy).write(path, format=format, **options, **keys)
    return path / manifest.tables[0].files[0].path


def duckdb_types() -> str:
    names = dict.fromkeys(("STRING", "UUID", "BINARY"), "VARCHAR")
    plan = faasera.load(POLICY).plan.tables["t"]
    types = {column.name: names.get(str(column.data_type), str(column.data_type)) for column in plan.visible}
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in types.items()) + "}"


def read_with_duckdb(path: Path, format: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    if format == "csv":
        delimiter = options.get("delimiter", ",").replace("\t", "\\t")
        reading = f"header=true, delim=E'{delimiter}', quote='\"', escape='\"', allow_quoted_nulls=false"
        source = f"read_csv('{path}', {reading}, columns={duckdb_types()})"
    elif format == "parquet":
        source = f"read_parquet('{path}')"
    elif format == "arrow":
        return pa.ipc.open_stream(path).read_all().to_pylist()
    else:
        layout = "array" if format == "json" else "newline_delimited"
        source = f"read_json('{path}', format='{layout}', columns={duckdb_types()})"
    with duckdb.connect() as database:
        return database.sql(f"SELECT * FROM {source}").to_arrow_table().to_pylist()


@pytest.mark.parametrize(("format", "options"), FORMATS, ids=str)
def test_others_read_the_same_values(tmp_path, format, options):
    found = read_with_duckdb(write(tmp_path, format, options), format, options)
    assert len(found) == len(WANTED)
    for name in WANTED[0]:
        got = [row[name] for row in found]
        want = [row[name] for row in WANTED]
        if name == "raw" and format not in ("parquet", "arrow"):
            want = [None if value is None else value.hex() for value in want]
        if name == "json":
            got, want = ([json.loads(value) for value in values] for values in (got, want))
        assert got == want, next((name, a, b) for a, b in zip(got, want, strict=True) if a != b)


@pytest.mark.parametrize(("format", "options"), FORMATS, ids=str)
def test_what_a_format_says_of_itself(format, options):
    check_writer(format, options, rows=1000)


def test_pandas_reads_the_same_csv(tmp_path):
    path = write(tmp_path, "csv", {})
    # pandas takes "" for a missing value in any case; the other values must all survive.
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    assert frame["text"].fillna("").tolist() == [row["text"] for row in WANTED]
    assert frame["price"].map(decimal.Decimal).tolist() == [row["price"] for row in WANTED]
    assert [datetime.datetime.fromisoformat(text) for text in frame["at"]] == [
        row["at"].to_pydatetime() for row in WANTED
    ]
    assert frame["real"].map(float).tolist() == [row["real"] for row in WANTED]
    assert frame["code"].tolist() == [row["code"] for row in WANTED]


def test_polars_reads_the_same_csv(tmp_path):
    frame = polars.read_csv(write(tmp_path, "csv", {}), infer_schema=False, empty_string_is_null=True)
    assert frame["text"].to_list() == [row["text"] for row in WANTED]
    assert frame["maybe"].to_list() == [row["maybe"] for row in WANTED]
    assert [decimal.Decimal(text) for text in frame["price"]] == [row["price"] for row in WANTED]


@pytest.mark.parametrize("reader", ["pandas", "polars"])
def test_parquet_comes_back_typed(tmp_path, reader):
    path = write(tmp_path, "parquet", {})
    if reader == "polars":
        frame = polars.read_parquet(path)
        assert frame["price"].to_list() == [row["price"] for row in WANTED]
        assert frame["text"].cast(polars.String).to_list() == [row["text"] for row in WANTED]
        assert frame["at"].to_list() == [row["at"].to_pydatetime() for row in WANTED]
    else:
        frame = pandas.read_parquet(path)
        assert frame["price"].tolist() == [row["price"] for row in WANTED]
        assert frame["text"].tolist() == [row["text"] for row in WANTED]
        assert frame["at"].tolist() == [row["at"] for row in WANTED]


@pytest.mark.parametrize("format", WRITERS.names())
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows(tmp_path, format, rows):
    path = write(tmp_path, format, {}, {**POLICY, "rowCount": rows})
    found = read_with_duckdb(path, format, {}) if rows or format != "jsonl" else []
    assert len(found) == rows
    if format == "json":
        assert len(json.loads(path.read_text())) == rows


@pytest.mark.parametrize("format", WRITERS.names())
def test_parts_hold_the_same_rows(tmp_path, format):
    manifest = faasera.load(POLICY).write(tmp_path, format=format, parts=4)
    files = manifest.tables[0].files
    assert len(files) == 4
    assert sum(file.rows for file in files) == 800
    found = [row for file in files for row in read_with_duckdb(tmp_path / file.path, format, {})]
    assert [row["id"] for row in found] == list(range(1, 801))
    assert [row["made"] for row in found] == [row["made"] for row in WANTED]


@pytest.mark.parametrize("format", WRITERS.names())
def test_bytes_do_not_depend_on_workers(tmp_path, format):
    policy = {**POLICY, "rowCount": 200_000, "columnRuleMap": dict(list(POLICY["columnRuleMap"].items())[:4])}
    one = write(tmp_path / "one", format, {}, policy, workers=1).read_bytes()
    three = write(tmp_path / "three", format, {}, policy, workers=3).read_bytes()
    assert one == three


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    values=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=1, max_size=8
    )
)
@pytest.mark.parametrize("format", ["csv", "json", "jsonl"])
def test_any_text_survives(tmp_path_factory, format, values):
    rules = {
        "a": {"type": "SEED", "values": values},
        "b": {"type": "PRESERVE", "pattern": "{a}{n}"},
        "n": {"type": "SEQUENCE"},
    }
    path = write(tmp_path_factory.mktemp("out"), format, {}, table(rules, 30))
    want = faasera.load(table(rules, 30))["t"].to_pandas()
    text = path.read_bytes().decode()
    if format == "csv":
        import csv
        import io

        found = list(csv.DictReader(io.StringIO(text, newline="")))
    else:
        found = json.loads(text) if format == "json" else [json.loads(line) for line in text.split("\n") if line]
    assert [row["a"] for row in found] == want["a"].tolist()
    assert [row["b"] for row in found] == want["b"].tolist()


def test_column_names_are_quoted_too(tmp_path):
    policy = table({'a,"b"': {"type": "SEQUENCE"}}, 1)
    assert write(tmp_path / "c", "csv", {}, policy).read_text() == '"a,""b"""\n1\n'
    assert json.loads(write(tmp_path / "j", "jsonl", {}, policy).read_text()) == {'a,"b"': 1}


def test_compressed_text_is_the_same_text(tmp_path):
    plain = write(tmp_path / "p", "csv", {}).read_bytes()
    assert gzip.decompress(write(tmp_path / "g", "csv", {"compression": "gzip"}).read_bytes()) == plain
    assert (
        pa.input_stream(str(write(tmp_path / "z", "csv", {"compression": "zstd"})), compression="zstd").read() == plain
    )


def test_no_text_is_a_formula_where_that_is_asked_for(tmp_path):
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=a,b", '="x"']
    fine = ["a=b", "1-1", "", " =x"]
    rules = {
        "listed": {"type": "SEED", "values": [*risky, *fine]},
        "made": {"type": "PRESERVE", "pattern": "{listed}{n}"},
        "n": {"type": "SEQUENCE", "start": -5},
        "short": {"type": "PRESERVE", "expression": "substring(listed, 1, 2)"},
    }
    path = write(tmp_path, "csv", {"escape_formulas": True}, table(rules, 200))
    want = faasera.load(table(rules, 200))["t"].to_pandas()
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    for name in ("listed", "made", "short"):
        escaped = [f"'{text}" if text[:1] in tuple("=+-@\t\r") and text else text for text in want[name]]
        assert frame[name].tolist() == escaped, name
    assert frame["n"].astype(int).tolist() == want["n"].tolist()
    assert sum(text.startswith("'") for text in frame["listed"]) > 50


@pytest.mark.parametrize(
    ("format", "options", "code"),
    [
        ("csv", {"delimiter": ",,"}, "bad-option"),
        ("csv", {"delimiter": '"'}, "bad-option"),
        ("csv", {"compression": "rar"}, "bad-option"),
        ("csv", {"row_group_rows": 5}, "no-effect"),
        ("parquet", {"delimiter": ";"}, "no-effect"),
        ("parquet", {"row_group_rows": 0}, "bad-option"),
        ("xml", {}, "unknown-format"),
    ],
)
def test_bad_options(tmp_path, format, options, code):
    with pytest.raises(faasera.PolicyError) as raised:
        write(tmp_path / "out", format, options)
    assert raised.value.problems[0].code == code
    assert not (tmp_path / "out").exists()
