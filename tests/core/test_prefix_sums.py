import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasera.core.prefix_sums import PrefixSums


@given(st.lists(st.integers(0, 4), max_size=60), st.sampled_from([1, 4, 1000]), st.randoms())
def test_as_if_all_totals_were_kept(numbers, most_entries, chance):
    values = np.array(numbers, dtype=np.int64)
    sums = PrefixSums(len(values), lambda indices: values[indices.view(np.int64)], most_entries)
    owners = np.repeat(np.arange(len(values)), values)
    starts = np.concatenate([[0], np.cumsum(values)])
    assert sums.total == values.sum()
    assert sums.largest == values.max(initial=0)
    assert sums.starts(np.arange(len(values) + 1, dtype=np.uint64)).tolist() == starts.tolist()
    scattered = np.array(chance.sample(range(len(values) + 1), k=min(3, len(values) + 1)), dtype=np.uint64)
    assert sums.starts(scattered).tolist() == starts[scattered.astype(int)].tolist()
    for positions in (
        range(sums.total),
        range(sums.total // 3, sums.total),
        chance.sample(range(sums.total), k=min(sums.total, 5)),
    ):
        places = np.array(positions, dtype=np.uint64)
        indices, offsets = sums.find(places)
        assert indices.tolist() == owners[places.astype(int)].tolist()
        assert offsets.tolist() == (places.astype(int) - starts[owners[places.astype(int)]]).tolist()


@pytest.mark.parametrize("size", [1 << 16, (1 << 16) + 7])
def test_far_apart_positions(size):
    sums = PrefixSums(size, lambda indices: (indices % np.uint64(5)).view(np.int64), 1 << 10)
    positions = np.array([0, sums.total - 1, sums.total // 2, 3], dtype=np.uint64)
    indices, offsets = sums.find(positions)
    assert (sums.starts(indices) + offsets).tolist() == positions.tolist()
    assert (offsets < sums.counts(indices)).all()
