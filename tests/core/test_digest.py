import datetime
import decimal
import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasera.core.digest import TableDigest, value_words

CUTS = st.lists(st.integers(1, 400), min_size=1, max_size=6)


def digest_of(batch: pa.RecordBatch, cuts: list[int]) -> str:
    digest = TableDigest([(name, "x") for name in batch.schema.names], batch.num_rows)
    edges = sorted({0, batch.num_rows, *(min(cut, batch.num_rows) for cut in cuts)})
    for start, stop in reversed(list(itertools.pairwise(edges))):
        digest.add(start, batch.slice(start, stop - start))
    return digest.table()


@given(st.lists(st.text(max_size=90), min_size=1, max_size=400), CUTS)
def test_pieces_and_dictionaries_leave_no_trace(values, cuts):
    plain = pa.record_batch([pa.array(values)], names=["a"])
    encoded = pa.record_batch([pa.array(values).dictionary_encode()], names=["a"])
    assert digest_of(plain, []) == digest_of(plain, cuts) == digest_of(encoded, cuts)


@given(st.lists(st.text(max_size=40), min_size=2, max_size=50, unique=True), st.data())
def test_equal_hashes_mean_equal_texts(values, data):
    words = value_words(pa.array(values))
    assert len(set(words.tolist())) == len(values)
    place = data.draw(st.integers(0, len(values) - 1))
    assert value_words(pa.array([values[place]]))[0] == words[place]


def test_every_change_shows():
    def digest(values, kind=None):
        return digest_of(pa.record_batch([pa.array(values, kind)], names=["a"]), [])

    base = digest(["ab", "c", None])
    others = [["ab", None, "c"], ["a", "bc", None], ["ab", "c", ""], ["ab", "d", None], ["c", "ab", None], ["ab", "c"]]
    assert len({base, *map(digest, others)}) == 7
    assert digest([1, 2, 3]) != digest([1, 3, 2])
    assert digest([1.0, -0.0]) == digest([1.0, 0.0])
    assert digest([0, 1 << 63], pa.uint64()) != digest([1 << 63, 0], pa.uint64())


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.int32(), [1, -5, 7]),
        (pa.int64(), [1, -5, 1 << 62]),
        (pa.bool_(), [True, False, True]),
        (pa.float64(), [1.5, float("nan"), -2.0]),
        (pa.decimal128(38, 2), [decimal.Decimal("1.25"), decimal.Decimal("-1"), decimal.Decimal(10**30)]),
        (pa.date32(), [datetime.date(2020, 1, 1)] * 2 + [datetime.date(1950, 1, 1)]),
        (pa.timestamp("us"), [datetime.datetime(2020, 1, 1, 5), None, datetime.datetime(1950, 1, 1)]),
        (pa.time64("us"), [datetime.time(1), None, datetime.time(23, 59)]),
        (pa.binary(), [b"", b"\x00", b"\x00\x00"]),
    ],
)
def test_slices_hash_like_their_values(kind, values):
    array = pa.array(values * 30, kind)
    words = value_words(array)
    assert np.array_equal(value_words(array.slice(7, 40)), words[7:47])
    assert len(set(words[:3].tolist())) == len({str(value) for value in values})


def test_columns_have_digests_of_their_own():
    def run(names):
        batch = pa.record_batch([pa.array(np.arange(10) * (1 + len(name))) for name in names], names=names)
        digest = TableDigest([(name, "BIGINT") for name in names], 10)
        digest.add(0, batch)
        return {name: digest.column(place) for place, name in enumerate(names)}, digest.table()

    alone, table_alone = run(["a"])
    beside, table_beside = run(["bb", "a"])
    assert alone["a"] == beside["a"]
    assert table_alone != table_beside
