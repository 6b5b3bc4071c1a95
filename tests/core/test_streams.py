import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faasera.core.streams import Permutation, Stream, below, key, unit

MASK = (1 << 64) - 1


def splitmix(word: int) -> int:
    """SplitMix64's finaliser, as its paper has it, in plain Python."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def test_key_is_blake2b_of_length_prefixed_parts():
    data = b"\x01\x00\x00\x00a\x02\x00\x00\x00bc"
    assert key("a", "bc") == int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    assert key("ab", "c") != key("a", "bc")


@given(st.integers(0, MASK), st.lists(st.integers(0, MASK), min_size=1, max_size=20))
def test_words_agree_with_plain_python(seed, rows):
    stream = Stream(seed, "t", "c", "value")
    expected = [splitmix((row * 0x9E3779B97F4A7C15 + stream.key) & MASK) for row in rows]
    assert stream.words(np.array(rows, dtype=np.uint64)).tolist() == expected


def test_words_do_not_change_between_versions():
    words = Stream(42, "customers", "email", "value").words(np.array([0, 1, 10**12], dtype=np.uint64))
    assert [f"{word:016x}" for word in words.tolist()] == WORDS


WORDS = ["bbe76bc88b69428c", "87f0c621ac0e897d", "2d765878c9d10936"]


@given(st.lists(st.integers(0, MASK), min_size=1, max_size=20), st.integers(1, 1 << 64))
def test_below_is_multiply_and_shift(words, size):
    found = below(np.array(words, dtype=np.uint64), size).tolist()
    if size <= 1 << 32:
        assert found == [((word >> 32) * size) >> 32 for word in words]
    else:
        assert found == [(word * size) >> 64 for word in words]
    assert all(0 <= index < size for index in found)


@given(st.integers(1, 3000), st.integers(0, 100))
def test_permutation_is_a_bijection(size, seed):
    permutation = Permutation(size, Stream(seed, "t", "c", "value"))
    assert sorted(permutation.at(np.arange(size, dtype=np.uint64)).tolist()) == list(range(size))


@given(st.integers(2, 1 << 62), st.lists(st.integers(0, 1 << 62), min_size=1, max_size=50, unique=True))
def test_permutation_of_huge_domains_repeats_nothing(size, rows):
    rows = sorted({row % size for row in rows})
    images = Permutation(size, Stream(0, "t", "c", "value")).at(np.array(rows, dtype=np.uint64)).tolist()
    assert len(set(images)) == len(rows)
    assert all(image < size for image in images)


def test_permutation_looks_random():
    size = 100_000
    images = Permutation(size, Stream(0, "t", "c", "v")).at(np.arange(size, dtype=np.uint64)).astype(np.float64)
    assert abs(np.corrcoef(np.arange(size), images)[0, 1]) < 0.02
    assert abs(np.corrcoef(images[:-1], images[1:])[0, 1]) < 0.02


def test_unit_never_reaches_its_ends():
    values = unit(np.array([0, MASK], dtype=np.uint64))
    assert values[0] == 2**-53
    assert 0 < values[0] < values[1] < 1


def test_purposes_and_columns_are_independent():
    rows = np.arange(50_000, dtype=np.uint64)
    streams = [
        Stream(1, "t", "a", "value"),
        Stream(1, "t", "a", "null"),
        Stream(1, "t", "b", "value"),
        Stream(2, "t", "a", "value"),
    ]
    values = np.array([unit(stream.words(rows)) for stream in streams])
    correlations = np.corrcoef(values) - np.eye(len(streams))
    assert np.abs(correlations).max() < 0.02
