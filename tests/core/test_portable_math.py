import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from faasera.core import portable_math


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=50))
def test_log(values):
    np.testing.assert_allclose(portable_math.log(values), np.log(values), rtol=1e-15, atol=1e-16)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=50))
def test_exp(values):
    np.testing.assert_allclose(portable_math.exp(values), np.exp(values), rtol=1e-15)


@given(st.lists(st.floats(1e-300, 1 - 1e-16), min_size=1, max_size=50))
def test_normal_quantile(values):
    np.testing.assert_allclose(portable_math.normal_quantile(values), special.ndtri(values), rtol=2e-14, atol=1e-15)


def test_normal_quantile_is_the_standard_librarys_algorithm():
    probabilities = np.linspace(0.001, 0.999, 999)
    expected = [statistics.NormalDist().inv_cdf(p) for p in probabilities]
    np.testing.assert_allclose(portable_math.normal_quantile(probabilities), expected, rtol=1e-15, atol=1e-15)


def test_the_normal_distribution_and_the_sine_are_scipys():
    from scipy import special

    x = np.linspace(-9, 9, 20001)
    assert np.abs(portable_math.normal_distribution(x) - special.ndtr(x)).max() < 5e-15
    turns = np.linspace(-3, 3, 20001)
    assert np.abs(portable_math.sine_of_turns(turns) - np.sin(2 * np.pi * turns)).max() < 5e-15
