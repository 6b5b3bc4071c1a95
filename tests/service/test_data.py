"""Rows over HTTP are the rows of the engine: any slice, any format, no memory."""

import datetime
import gzip
import io
import socket
import time

import duckdb
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.http import HTTPFileSystem
from service_process import POLICY, Api, ServerProcess

import faasera

ROWS = 100_000
STREAMED = {**POLICY, "rowCount": ROWS}


@pytest.fixture(scope="module")
def kept(server: ServerProcess) -> str:
    with server.client() as client:
        Api(client).put("streamed", STREAMED)
        Api(client).put("large", {**POLICY, "rowCount": 40_000_000})
    return "/api/v1/stream/streamed/customers"


def test_preview_of_any_rows(api: Api):
    found = api.call("POST", "/preview", json={"policy": STREAMED, "rows": 3, "offset": ROWS - 2})
    assert (found["rowCount"], found["offset"]) == (ROWS, ROWS - 2)
    want = faasera.load(STREAMED)["customers"].slice(ROWS - 2, ROWS).to_pylist()
    assert [row["email"] for row in found["rows"]] == [row["email"] for row in want]
    assert [row["id"] for row in found["rows"]] == [ROWS - 1, ROWS]
    assert found["columns"][3] == {"name": "amount", "dataType": "DECIMAL(8,2)"}
    assert api.call("POST", "/preview", json={"policy": STREAMED, "rows": 0})["rows"] == []


@pytest.mark.usefixtures("kept")
def test_preview_of_a_kept_policy_and_a_seed(api: Api):
    rows = [
        api.call("POST", "/preview", json={"policyName": "streamed", "rows": 5, **more})["rows"]
        for more in ({}, {"seed": 0}, {"seed": 1})
    ]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "policy-missing"),
        ({"policy": POLICY, "policyName": "x"}, 400, "policy-missing"),
        ({"policy": POLICY, "version": 2}, 400, "no-effect"),
        ({"policyName": "nobody"}, 404, "unknown-policy"),
        ({"policy": POLICY, "table": "nobody"}, 404, "unknown-table"),
        ({"policy": POLICY, "offset": 1000}, 400, "offset"),
        ({"policy": POLICY, "offset": -1}, 422, "bad-request"),
        ({"policy": POLICY, "rows": 1001}, 422, "bad-request"),
        ({"policy": {**POLICY, "rowCount": 10**15}}, 422, "too-many-rows"),
        ({"policy": POLICY, "colour": "red"}, 422, "bad-request"),
    ],
)
def test_previews_that_are_refused(api: Api, body, status, code):
    api.refused("POST", "/preview", status, code, json=body)


def test_streams_are_the_files(api: Api, kept, tmp_path):
    for format, ending in (("csv", "csv"), ("jsonl", "jsonl"), ("arrow", "arrows")):
        faasera.load(STREAMED).write(tmp_path / format, format=format)
        answer = api.client.get(kept, params={"format": format}, headers={"Accept-Encoding": "identity"})
        assert answer.headers["content-disposition"].endswith(f"customers.{ending}")
        if format == "arrow":
            table = pa.ipc.open_stream(answer.content).read_all()
            assert table.equals(pa.ipc.open_stream(tmp_path / format / "customers.arrows").read_all())
        else:
            assert answer.content == (tmp_path / format / f"customers.{ending}").read_bytes()


def test_any_slice_in_any_format(api: Api, kept):
    want = faasera.load(STREAMED)["customers"].to_pandas().iloc[70_000:90_001].reset_index(drop=True)
    for format in ("csv", "parquet", "arrow", "jsonl"):
        content = api.client.get(kept, params={"format": format, "start": 70_000, "stop": 90_001}).content
        frame = {
            "csv": lambda data: pandas.read_csv(io.BytesIO(data)),
            "parquet": lambda data: pq.read_table(io.BytesIO(data)).to_pandas(),
            "arrow": lambda data: pa.ipc.open_stream(data).read_all().to_pandas(),
            "jsonl": lambda data: pandas.read_json(io.BytesIO(data), lines=True, precise_float=True),
        }[format](content)
        assert frame["id"].tolist() == want["id"].tolist(), format
        assert frame["email"].astype(object).tolist() == want["email"].tolist(), format
        assert [float(value) for value in frame["amount"]] == [float(value) for value in want["amount"]]
    assert api.client.get(kept, params={"start": 5, "stop": 5}).text == "id,first_name,email,amount\n"
    api.refused("GET", "/stream/streamed/customers?start=9&stop=5", 400, "offset")


def test_gzip_where_it_is_accepted(api: Api, kept):
    plain = api.client.get(kept, params={"stop": 50_000}, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with api.client.stream("GET", kept, params={"stop": 50_000}, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2
    refused = api.client.get(kept, params={"stop": 5}, headers={"Accept-Encoding": "br, gzip;q=0"})
    assert "content-encoding" not in refused.headers


class Http(HTTPFileSystem):
    """As DuckDB's own reader, which has to be downloaded: a file is read whole where a server has no ranges."""

    def modified(self, _path):
        return datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

    def glob(self, path, **_):
        return [path]

    def size(self, path):
        return len(self.cat_file(path))

    def _open(self, path, *_, **__):
        return io.BytesIO(self.cat_file(path))


def test_duckdb_and_pandas_read_the_url(server: ServerProcess, kept):
    headers = {"Authorization": f"Bearer {server.key}"}
    frame = pandas.read_csv(f"{server.url}{kept}?stop=1000", storage_options=headers)
    assert len(frame) == 1000
    parquet = pandas.read_parquet(f"{server.url}{kept}?stop=1000&format=parquet", storage_options=headers)
    assert parquet["email"].tolist() == frame["email"].tolist()
    with duckdb.connect() as database:
        database.register_filesystem(Http(headers=headers))
        for format, reader in (("csv", "read_csv"), ("jsonl", "read_json"), ("parquet", "read_parquet")):
            query = f"SELECT count(*), min(id), max(id) FROM {reader}('{server.url}{kept}?stop=1000&format={format}')"
            assert database.execute(query).fetchone() == (1000, 1, 1000), format


def test_a_key_as_a_password(server: ServerProcess, kept):
    with server.client("", auth=("anybody", server.key)) as client:
        assert client.get(kept, params={"stop": 2}).text.count("\n") == 3


@pytest.mark.usefixtures("kept")
def test_a_slow_reader_costs_no_memory(server: ServerProcess):
    with server.client() as client:
        client.get("/api/v1/stream/large/customers", params={"stop": 2_000_000})
        before = server.memory()
        with client.stream("GET", "/api/v1/stream/large/customers", headers={"Accept-Encoding": "identity"}) as answer:
            pieces = answer.iter_raw()
            next(pieces)
            time.sleep(3)
            during = server.memory()
            next(pieces)
        assert during - before < 50 << 20, (before, during)


def test_a_reader_that_leaves_ends_the_work(server: ServerProcess, kept):
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(12):
        with socket.create_connection((host, int(port))) as connection:
            request = "GET /api/v1/stream/large/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            connection.sendall(f"{request}{server.key}\r\n\r\n".encode())
            connection.recv(1000)
    # More streams than a key may have at once: they are only open if those that left are not counted any more.
    deadline = time.monotonic() + 10
    with server.client() as client:
        while client.get(kept, params={"stop": 1}).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_policy_that_cannot_be_made_is_an_error_and_no_half_answer(api: Api):
    body = b"Thomas\nMary\n" + b"".join(b"x%d\n" % number for number in range(10))
    api.call("PUT", "/seeds/deny.txt", content=body)
    policy = {
        "denyList": {"file": "deny.txt"},
        "tableName": "t",
        "rowCount": 100,
        "columnRuleMap": {
            "half": {"type": "SEED", "values": ["Tho"]},
            "name": {"type": "PRESERVE", "pattern": "{half}mas"},
        },
    }
    api.put("denied", policy)
    found = api.refused("GET", "/stream/denied/t", 500)
    assert "Thomas" not in str(found)


def test_formulas_are_escaped_on_demand(api: Api):
    rules = {"c": {"type": "SEED", "values": ["=1+1"]}, "n": {"type": "SEQUENCE"}}
    api.put("formulas", {"tableName": "t", "rowCount": 2, "columnRuleMap": rules})
    assert api.client.get("/api/v1/stream/formulas/t").text == "c,n\n=1+1,1\n=1+1,2\n"
    escaped = api.client.get("/api/v1/stream/formulas/t?escapeFormulas=true&delimiter=;").text
    assert escaped == "c;n\n'=1+1;1\n'=1+1;2\n"
    api.refused("GET", "/stream/formulas/t?format=parquet&delimiter=;", 422, "no-effect")


def test_options_of_a_format_by_name(api: Api):
    api.put("named", {"tableName": "t", "rowCount": 2, "columnRuleMap": {"n": {"type": "SEQUENCE"}}})
    answer = api.client.get("/api/v1/stream/named/t", params={"format": "arrow", "option": "compression=zstd"})
    assert pa.ipc.open_stream(answer.content).read_all()["n"].to_pylist() == [1, 2]
    two = {"option": ["delimiter=;", "escape-formulas=true"]}
    assert api.client.get("/api/v1/stream/named/t", params=two).text == "n\n1\n2\n"
    api.refused("GET", "/stream/named/t?option=delimeter=;", 422, "no-effect")
    api.refused("GET", "/stream/named/t?option=delimiter", 422, "bad-option")
    api.refused("GET", "/stream/named/t?option=delimiter=;&delimiter=,", 422, "exclusive-options")
    api.refused("GET", "/stream/named/t?format=json", 422, "bad-request")
