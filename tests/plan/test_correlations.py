"""Columns that move together: the marginals stay, the correlation comes."""

import itertools
import math

import numpy as np
import pytest
from policies import problem, table
from scipy import stats

import faasera

NORMAL = {
    "type": "RANDOM",
    "dataType": "DOUBLE",
    "range": {"min": -6, "max": 6},
    "distribution": {"type": "NORMAL", "mean": 0, "stddev": 1},
}
RULES = {
    "a": NORMAL,
    "b": {"type": "RANDOM", "dataType": "DECIMAL(10,2)", "range": {"min": 1, "max": 100000}, "distribution": {"type": "LOGNORMAL", "mean": 8, "stddev": 1}},
    "c": {"type": "DATE_RANDOM", "range": {"start": "2020-01-01", "end": "2024-12-31"}},
    "d": {"type": "RANDOM", "range": {"min": 1, "max": 100}, "distribution": {"type": "ZIPF", "exponent": 1}},
    "e": {"type": "RANDOM", "range": {"min": 0, "max": 100}, "distribution": {"type": "HISTOGRAM", "edges": [0, 10, 50, 100], "weights": [5, 3, 2]}},
    "f": {"type": "RANDOM", "range": {"min": 1, "max": 5}, "distribution": {"type": "WEIGHTED", "weights": [1, 2, 3, 2, 1]}},
    "g": NORMAL,
}  # fmt: skip
ROWS = 200_000


def numbers(made, name):
    array = made.column(name)
    return (
        np.array([value.toordinal() for value in array.to_pylist()])
        if name == "c"
        else array.cast("float64").to_numpy()
    )


def make(correlations, rows=ROWS, rules=RULES):
    return faasera.generate(table(rules, rows, correlations=correlations))["t"]


def test_two_normals_have_the_correlation_itself():
    for value in (-1, -0.7, 0, 0.3, 0.95, 1):
        made = make([{"columns": ["a", "g"], "value": value}])
        assert abs(np.corrcoef(numbers(made, "a"), numbers(made, "g"))[0, 1] - value) < 0.01


@pytest.mark.parametrize("other", ["b", "c", "d", "e"])
def test_other_columns_have_its_rank_correlation(other):
    made = make([{"columns": ["a", other], "value": 0.6}])
    found = stats.spearmanr(numbers(made, "a"), numbers(made, other)).statistic
    assert abs(found - 6 / math.pi * math.asin(0.3)) < (0.02 if other in "bc" else 0.06)


def test_every_column_keeps_its_distribution():
    names = list(RULES)
    pairs = [{"columns": [one, other], "value": 0.4} for one, other in itertools.pairwise(names)]
    made, alone = make(pairs), make([])
    for name in names:
        first, second = numbers(made, name), numbers(alone, name)
        assert stats.ks_2samp(first, second).pvalue > 1e-6, name
        assert not np.array_equal(first, second)


def test_a_matrix():
    matrix = [[1, 0.8, -0.3], [0.8, 1, 0.1], [-0.3, 0.1, 1]]
    rules = dict.fromkeys("abc", NORMAL)
    made = make([{"columns": ["a", "b", "c"], "matrix": matrix}], rules=rules)
    assert np.abs(np.corrcoef([made.column(name).to_numpy() for name in "abc"]) - np.array(matrix)).max() < 0.01


def test_slices_agree_and_others_stay_as_they_were():
    policy = table({**RULES, "z": NORMAL}, 3000, correlations=[{"columns": ["a", "b"], "value": 0.5}])
    whole = faasera.generate(policy)["t"]
    assert faasera.load(policy)["t"].slice(2000, 2010).to_pylist() == whole.slice(2000, 10).to_pylist()
    assert whole.column("z").to_pylist() == faasera.generate(table({"z": NORMAL}, 3000))["t"].column("z").to_pylist()


def test_the_check_finds_the_marginals_as_promised(tmp_path):
    faasera.load(
        table(
            RULES, 20_000, correlations=[{"columns": ["a", "b"], "value": 0.9}, {"columns": ["d", "f"], "value": -0.5}]
        )
    ).write(tmp_path / "o")
    assert faasera.check(tmp_path / "o").ok


@pytest.mark.parametrize(
    "correlations,keys,pointer,words",
    [
        ([{"columns": ["a", "x"], "value": 0.5}], {}, "0/columns", "no column 'x'"),
        ([{"columns": ["a", "s"], "value": 0.5}], {}, "0/columns", "axis"),
        ([{"columns": ["a", "a"], "value": 0.5}], {}, "0/columns", "twice"),
        ([{"columns": ["a", "b"]}], {}, "0", "'value' or a 'matrix'"),
        ([{"columns": ["a", "b"], "value": 2}], {}, "0/value", ""),
        ([{"columns": ["a", "b", "g"], "value": 0.5}], {}, "0/value", "3 columns"),
        ([{"columns": ["a", "b"], "matrix": [[1, 0.5]]}], {}, "0/matrix", "2 by 2"),
        ([{"columns": ["a", "b"], "matrix": [[1, 0.5], [0.4, 1]]}], {}, "0/matrix/1/0", "0.5 and 0.4"),
        ([{"columns": ["a", "b"], "matrix": [[1, 0.5], [0.5, 2]]}], {}, "0/matrix/1/1", "2 across"),
        (
            [{"columns": ["a", "b"], "value": 0.5}, {"columns": ["b", "a"], "value": 0.6}],
            {},
            "1/columns",
            "two correlations",
        ),
        (
            [{"columns": ["a", "b", "g"], "matrix": [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]}],
            {},
            "",
            "smallest eigenvalue",
        ),
        ([{"columns": ["a", "d"], "value": 0.5}], {"uniqueKeys": [["d"]]}, "0/columns", "key"),
    ],
)
def test_what_is_no_correlation(correlations, keys, pointer, words):
    rules = {
        **RULES,
        "s": {"type": "SEED", "values": ["x", "y"]},
        "d": {"type": "RANDOM", "range": {"min": 1, "max": 100}},
    }
    found = problem(table(rules, 50, correlations=correlations, **keys))
    assert found.pointer == f"/correlations/{pointer}".rstrip("/") and words in found.message


def test_the_eigenvalue_is_named():
    matrix = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]
    found = problem(
        table(dict.fromkeys("abc", NORMAL), 5, correlations=[{"columns": ["a", "b", "c"], "matrix": matrix}])
    )
    assert f"{np.linalg.eigvalsh(np.array(matrix))[0]:.4f}" in found.message
