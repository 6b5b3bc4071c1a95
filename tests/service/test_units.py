"""Parts of the service on their own: laws that hold for whatever comes."""

import itertools
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

import faasera
from faasera.core.errors import pointer
from faasera.core.types import DataType
from faasera.frontends.page.places import place_of, places
from faasera.frontends.page.policy_text import shown_text
from faasera.run.check.profile import profile
from faasera.service.errors import ServiceError, TooManyError
from faasera.service.jobs import next_ticket
from faasera.service.outputs import allowed
from faasera.service.policies import differences
from faasera.service.rates import Rates
from faasera.service.tables import jobs, metadata

COMMON = {
    "project": "p",
    "author": "x",
    "state": "QUEUED",
    "attempt": 1,
    "cancelled": False,
    "created": 0.0,
    "policy": {},
    "request": {},
    "rows": 1,
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def pointers(value, path=()):
    yield pointer(*path), value
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from pointers(inner, (*path, key))


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_every_value_is_found_in_its_text(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = places(text)
    wanted = list(pointers(value))
    assert set(found) == {at for at, _ in wanted}
    for at, inner in wanted:
        begin, end = found[at]
        shown = text[begin:end]
        if not isinstance(inner, dict | list):
            assert shown.endswith(json.dumps(inner, ensure_ascii=ascii_only)), at
        else:
            assert shown[-1] in "{["
        assert place_of(found, at + "/nothing/there") == found[at]


@given(st.text(max_size=40))
def test_any_text_has_places_or_none(text):
    assert all(0 <= begin < end <= len(text) for begin, end in places(text).values())


@given(VALUES.filter(lambda value: isinstance(value, dict)))
def test_a_policys_text_is_the_policy(value):
    assert json.loads(shown_text(value)) == value


def patched(value, operations):
    """A value after the operations, their pointers read as in RFC 6901."""
    value = json.loads(json.dumps(value))
    for operation in operations:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        if not parts:
            value = operation["value"]
            continue
        node = value
        for part in parts[:-1]:
            node = node[int(part)] if isinstance(node, list) else node[part]
        last = int(parts[-1]) if isinstance(node, list) else parts[-1]
        if operation["op"] == "remove":
            assert node.pop(last) == operation["before"]
        else:
            assert operation["op"] == "add" or node[last] == operation["before"]
            node[last] = operation["value"]
    return value


@given(VALUES, VALUES)
def test_differences_lead_from_one_value_to_the_other(before, after):
    assert patched(before, differences(before, after)) == after
    assert differences(before, before) == []


def test_named_elements_are_compared_by_their_names():
    before = {"tables": [{"tableName": "a", "rowCount": 1}, {"tableName": "b", "rowCount": 2}]}
    after = {"tables": [{"tableName": "c", "rowCount": 9}, {"tableName": "b", "rowCount": 3}]}
    found = differences(before, after)
    assert ("replace", "/tables/b/rowCount") in [(one["op"], one["path"]) for one in found]
    assert {one["path"] for one in found} == {"/tables/a", "/tables/c", "/tables/b/rowCount"}


@given(st.lists(st.sampled_from(["a", "b", "c", "begin", "begin"]), max_size=60))
def test_the_queue_is_fair(happenings):
    """While two keys have jobs waiting, the jobs of theirs that begin differ by two at most (Goyal et al., theorem 1)."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    waiting: list[tuple[int, int, str]] = []
    begun = dict.fromkeys(itertools.combinations("abc", 2), (0, 0))
    with engine.begin() as connection:
        for number, what in enumerate(happenings):
            if what != "begin":
                ticket = next_ticket(connection, what)
                connection.execute(jobs.insert().values(id=f"j{number}", key=what, ticket=ticket, **COMMON))
                waiting.append((ticket, number, what))
            elif waiting:
                waiting.sort()
                _, first, owner = waiting.pop(0)
                connection.execute(jobs.update().where(jobs.c.id == f"j{first}").values(started=1.0))
                assert all(other > first for _, other, key in waiting if key == owner), "a key's jobs keep their order"
                begun = {
                    pair: (one + (owner == pair[0]), two + (owner == pair[1])) for pair, (one, two) in begun.items()
                }
            held = {key for _, _, key in waiting}
            for pair, (one, two) in begun.items():
                if not set(pair) <= held:
                    begun[pair] = (0, 0)
                else:
                    assert abs(one - two) <= 2, (pair, one, two)


def test_a_newcomer_is_not_behind_a_hundred_others():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in range(100):
            ticket = next_ticket(connection, "greedy")
            started = {"started": 1.0} if number < 10 else {}
            connection.execute(jobs.insert().values(id=f"j{number}", key="greedy", ticket=ticket, **COMMON, **started))
        assert next_ticket(connection, "greedy") == 101
        assert next_ticket(connection, "modest") == 11


def test_rates():
    rates = Rates(10.0, 2)
    for _ in range(20):
        rates.take("a")
    with pytest.raises(TooManyError) as raised:
        rates.take("a")
    assert raised.value.retry_after
    rates.take("b")
    with rates.stream("a"), rates.stream("a"):
        with pytest.raises(TooManyError), rates.stream("a"):
            pass
        with rates.stream("b"):
            pass
    with rates.stream("a"):
        pass


def test_places_to_write_to():
    places_ = ("s3://bucket/exports?region=eu-west-1", "file:///srv/out")
    assert allowed("s3://bucket/exports/monday", places_) == "s3://bucket/exports/monday?region=eu-west-1"
    assert allowed("file:///srv/out/a/b", places_) == "file:///srv/out/a/b"
    for url in (
        "s3://bucket/exportsX/a",
        "s3://other/exports/a",
        "s3://bucket/exports",
        "s3://bucket/exports/../x",
        "file:///srv/out/../x",
        "file:///srv/out/%2e%2e/x",
        "s3://bucket/exports/a?x=1",
    ):
        with pytest.raises(ServiceError):
            allowed(url, places_)
    with pytest.raises(ServiceError) as raised:
        allowed("s3://user:secret@bucket/x", ())
    assert "secret" not in str(raised.value)


def test_profiles_say_what_is_there(tmp_path: Path):
    rules = {
        "id": {"type": "SEQUENCE"},
        "kind": {"type": "SEED", "values": ["a", "b"], "nullFraction": 0.25},
        "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 100}},
        "day": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2020-12-31"}},
        "at": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01 00:00:00", "end": "2020-01-02"}},
        "time": {"type": "RANDOM", "dataType": "TIME"},
        "real": {"type": "RANDOM", "dataType": "DOUBLE", "distribution": "NORMAL", "range": {"min": -5, "max": 5}},
        "raw": {"type": "RANDOM", "dataType": "BINARY", "length": 4},
        "yes": {"type": "RANDOM", "dataType": "BOOLEAN"},
        "none": {"type": "CONSTANT", "value": "x", "nullFraction": 1},
        "uuid": {"type": "RANDOM", "dataType": "UUID"},
    }
    dataset = faasera.load({"tableName": "t", "rowCount": 4000, "columnRuleMap": rules})
    dataset.write(tmp_path, format="parquet")
    frame = dataset["t"].to_pandas()
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet('{tmp_path / 't.parquet'}')")
        kinds = {column.name: DataType.parse(str(column.data_type)) for column in dataset.plan.tables["t"].visible}
        found = {column.name: column for column in profile(database, "t", kinds.items()).columns}
    for name, column in found.items():
        assert column.nulls == frame[name].isna().sum(), name
        assert column.distinct == frame[name].nunique(), name
        assert sum(column.counts) <= 4000 - column.nulls
        assert len(column.counts) == len(column.labels)
        json.dumps(column.as_dict())
    for name in ("id", "amount", "day", "at", "time", "real"):
        assert found[name].kind == "histogram" and sum(found[name].counts) == 4000, name
    assert (found["kind"].kind, sorted(found["kind"].labels)) == ("values", ["a", "b"])
    assert found["id"].labels[0] == 1 and found["day"].labels[0] == str(frame["day"].min())
    assert found["uuid"].kind == "lengths" and found["uuid"].labels == [36]
    middle = sum(found["real"].counts[8:16])
    assert middle > 4000 * 0.6, "a normal curve is highest in the middle"
    assert found["none"].counts == []
