"""Spearman's correlations against R and SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from custvalue._estimator.ratings import read_ratings
from custvalue.factors._correlations.ranks import midranks, rank_correlations


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
@settings(max_examples=30)
def test_midranks_are_those_of_scipy(values):
    """Ties share the mean of their ranks."""
    numbers = np.array(values, dtype=float)
    np.testing.assert_array_equal(midranks(numbers), rankdata(numbers))


def test_weighted_midranks_are_those_of_repeated_values():
    """A weight of three is three equal values."""
    values, weights = np.array([5.0, 1.0, 7.0, 1.0]), np.array([3, 1, 2, 2])
    repeated = rankdata(np.repeat(values, weights))
    expected = repeated[np.r_[0, np.cumsum(weights)[:-1]]]
    np.testing.assert_array_equal(midranks(values, weights.astype(float)), expected)


def test_complete_answers_give_the_coefficient_of_scipy():
    """All items at once, of continuous and of tied answers."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=200), rng.integers(1, 6, 200), rng.integers(0, 2, 200)])
    expected = spearmanr(X).statistic
    np.testing.assert_allclose(rank_correlations(read_ratings(X)), expected, atol=1e-14)


def test_pairwise_answers_give_the_coefficients_of_r(equal_items, pairs):
    """R 4, cor(method = "spearman", use = "pairwise.complete.obs"): ranks within each pair."""
    expected = [
        0.466434167515438,
        0.464085148584871,
        -0.302013760549035,
        0.417912692790491,
        -0.225455483511859,
        -0.223622877515357,
    ]
    found = rank_correlations(read_ratings(equal_items))
    np.testing.assert_allclose(pairs(found), expected, atol=1e-14)


def test_weights_count_rows_as_often(equal_items):
    """Whole weights give what repeated rows give, with gaps too."""
    weights = np.random.default_rng(1).integers(1, 4, size=len(equal_items)).astype(float)
    repeated = equal_items.loc[equal_items.index.repeat(weights.astype(int))]
    np.testing.assert_allclose(
        rank_correlations(read_ratings(equal_items), weights),
        rank_correlations(read_ratings(repeated)),
        atol=1e-13,
    )


def test_only_the_order_of_answers_counts(equal_items):
    """A rising function of the answers changes no digit."""
    stretched = pd.DataFrame(np.exp(3 * equal_items))
    np.testing.assert_array_equal(
        rank_correlations(read_ratings(stretched)), rank_correlations(read_ratings(equal_items))
    )
