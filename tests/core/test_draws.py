import numpy as np
import pytest
from scipy import stats

from faasera.core.draws import AliasTable, HistogramDraw, QuotaDraw, RankDraw, TupleDraw, WeightedDraw, ZipfDraw
from faasera.core.streams import Permutation, Stream

ROWS = np.arange(200_000, dtype=np.uint64)
STREAM = Stream(7, "t", "c", "value")


def assert_follows(counts, weights):
    """A chi-square test at a level that a right draw fails once in a million runs; the data are fixed, so never."""
    expected = np.array(weights) / np.sum(weights) * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 1e-6


@pytest.mark.parametrize("weights", [[1], [1, 1], [1, 2, 3, 4], [0, 5, 0, 1], [1e-3, 1, 1000], list(range(1, 300))])
def test_alias_table_follows_its_weights(weights):
    counts = np.bincount(AliasTable(weights).indices(STREAM.words(ROWS)).astype(int), minlength=len(weights))
    kept = np.array(weights) > 0
    assert counts[~kept].sum() == 0
    assert_follows(counts[kept], np.array(weights)[kept]) if kept.sum() > 1 else None
    assert counts.sum() == len(ROWS)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.7])
def test_zipf_follows_its_law(exponent):
    counts = np.bincount(ZipfDraw(1000, exponent, STREAM).indices(ROWS).astype(int), minlength=1000)
    assert_follows(counts, np.arange(1, 1001.0) ** -exponent)


@pytest.mark.parametrize("exponent", [0.4, 1.0, 1.3])
def test_zipf_over_a_large_domain_has_the_right_tail(exponent):
    size = 10_000_000
    indices = ZipfDraw(size, exponent, STREAM).indices(ROWS)
    assert indices.max() < size
    edges = np.array([0, 10, 1000, 65_536, 200_000, 1_000_000, size])
    ranks = np.arange(1, size + 1.0) ** -exponent
    weights = np.add.reduceat(ranks, edges[:-1])
    assert_follows(np.histogram(indices, edges)[0], weights)


def test_weighted_and_histogram():
    counts = np.bincount(WeightedDraw((3.0, 1.0), STREAM).indices(ROWS).astype(int))
    assert_follows(counts, [3, 1])
    indices = HistogramDraw(100, STREAM, (0, 10, 50, 100), (1.0, 0.0, 3.0)).indices(ROWS).astype(int)
    counts = np.bincount(indices, minlength=100)
    assert counts[10:50].sum() == 0
    assert_follows(np.array([counts[:10].sum(), counts[50:].sum()]), [1, 3])
    assert_follows(counts[50:], [1] * 50)


def test_tuples_are_unique_up_to_the_full_product():
    whole = Permutation(60 * 70, STREAM)
    rows = np.arange(60 * 70, dtype=np.uint64)
    a, b = TupleDraw(60, 1, whole).indices(rows), TupleDraw(70, 60, whole).indices(rows)
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == 4200


def test_quotas_are_exact_and_ranks_fill_them():
    quotas = (50, 5, 0, 30)
    quota = QuotaDraw(quotas, Permutation(85, STREAM), "a")
    rows = np.arange(85, dtype=np.uint64)
    first = quota.indices(rows)
    assert np.bincount(first.astype(int), minlength=4).tolist() == list(quotas)
    second = RankDraw(10, 1, 50, quota, STREAM).indices(rows)
    third = RankDraw(5, 10, 50, quota, STREAM).indices(rows)
    assert len(set(zip(first.tolist(), second.tolist(), third.tolist(), strict=True))) == 85
