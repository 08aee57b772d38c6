"""Ranks and cut points."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from custvalue._numerics.ranking import (
    competition_rank,
    cut_points_passed,
    quantile_cut_points,
    weighted_values,
)

tied = st.lists(st.integers(-6, 6), min_size=1, max_size=40).map(lambda v: np.array(v, dtype=float))
spread = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40).map(
    np.array
)


def definition(value: float, fitted: np.ndarray, n_bins: int) -> int:
    """Return floor(n_bins x share strictly worse), at most n_bins - 1, in exact fractions."""
    worse = sum(other < value for other in fitted.tolist())
    return min(n_bins - 1, floor(n_bins * Fraction(worse, len(fitted))))


@given(values=tied | spread, n_bins=st.integers(2, 12))
def test_cut_points_give_the_definition_on_the_fitted_values(values, n_bins):
    """On the fitted values the cut points passed are the definition, in exact arithmetic."""
    passed = cut_points_passed(values, quantile_cut_points(values, n_bins))
    assert passed.tolist() == [definition(v, values, n_bins) for v in values]


@given(values=tied | spread, new=tied | spread, n_bins=st.integers(2, 12))
def test_cut_points_give_the_definition_on_new_values(values, new, n_bins):
    """A value that was not fitted is placed as the definition places it, at the ends too."""
    passed = cut_points_passed(new, quantile_cut_points(values, n_bins))
    assert passed.tolist() == [definition(v, values, n_bins) for v in new]


@pytest.mark.parametrize(("n", "n_bins"), [(15, 5), (3, 5), (50, 10), (7, 7), (1000, 3), (49, 49)])
def test_no_share_is_rounded_over_a_bin_edge(n, n_bins):
    """Distinct values fall in bins by whole-number division, where floats would slip."""
    values = np.arange(n, dtype=float)
    passed = cut_points_passed(values, quantile_cut_points(values, n_bins))
    assert passed.tolist() == [n_bins * i // n for i in range(n)]


@given(values=tied | spread, n_bins=st.integers(2, 12), seed=st.integers(0, 2**32 - 1))
def test_cut_points_ignore_the_order_of_the_values(values, n_bins, seed):
    """Any order of the values gives the same cut points."""
    shuffled = np.random.default_rng(seed).permutation(values)
    np.testing.assert_array_equal(
        quantile_cut_points(shuffled, n_bins), quantile_cut_points(values, n_bins)
    )


def test_one_value_passes_no_cut_point_and_anything_above_passes_all():
    """A single fitted value is worse than nobody; a larger one is better than everybody."""
    points = quantile_cut_points(np.array([7.0]), 5)
    assert points.tolist() == [7.0] * 4
    assert cut_points_passed(np.array([6.0, 7.0, 8.0]), points).tolist() == [0, 0, 4]


@given(values=tied | spread)
def test_competition_rank_is_the_minimum_rank_of_scipy(values):
    """Among themselves values are ranked as scipy's rankdata does with method 'min'."""
    assert competition_rank(values).tolist() == rankdata(values, method="min").tolist()


@given(values=tied, among=tied)
def test_competition_rank_among_others_counts_the_strictly_smaller(values, among):
    """Among others a rank is one more than how many of them are strictly smaller."""
    expected = [1 + int((among < v).sum()) for v in values]
    assert competition_rank(values, among=among).tolist() == expected


def test_ranking_leaves_its_input_alone():
    """Neither function sorts the caller's array in place."""
    values = np.array([3.0, 1.0, 2.0])
    values.setflags(write=False)
    competition_rank(values)
    quantile_cut_points(values, 3)
    assert values.tolist() == [3.0, 1.0, 2.0]


counts = st.lists(st.integers(0, 5), min_size=40, max_size=40).map(lambda v: np.array(v, float))


@given(values=tied | spread, weights=counts, n_bins=st.integers(2, 12))
def test_a_whole_weight_is_so_many_copies(values, weights, n_bins):
    """Weighted cut points are those of the values repeated, to the last bit."""
    weights = weights[: len(values)] + np.eye(1, len(values))[0]
    expected = quantile_cut_points(np.repeat(values, weights.astype(int)), n_bins)
    np.testing.assert_array_equal(quantile_cut_points(values, n_bins, weights), expected)


@given(
    values=tied | spread,
    weights=counts,
    n_bins=st.integers(2, 12),
    unit=st.sampled_from([0.1, 1 / 3, 1e-9, 7e11]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_unit_of_the_weights_and_the_order_change_nothing(values, weights, n_bins, unit, seed):
    """Weights in another unit, fractions too, and shuffled rows give the same cut points."""
    weights = weights[: len(values)] + np.eye(1, len(values))[0]
    order = np.random.default_rng(seed).permutation(len(values))
    found = quantile_cut_points(values[order], n_bins, unit * weights[order])
    np.testing.assert_array_equal(found, quantile_cut_points(values, n_bins, weights))


def test_many_whole_weights_are_not_rounded():
    """A thousand million customers less one on a bin's edge are one too few, in 999 bins too."""
    values = np.array([1.0, 2.0])
    edge = np.array([1e9, 998e9])
    assert quantile_cut_points(values, 999, edge)[0] == 1.0
    assert quantile_cut_points(values, 999, edge - [1, 0])[0] == 2.0


def test_distinct_values_are_summed_alike_in_any_order():
    """Weights that floating point sums by order come out the same for every order of the rows."""
    generator = np.random.default_rng(2)
    values, weights = generator.integers(0, 5, 500).astype(float), generator.random(500)
    distinct, totals = weighted_values(values, weights)
    order = generator.permutation(500)
    again = weighted_values(values[order], weights[order])
    assert distinct.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(again[1], totals)
    np.testing.assert_allclose(totals, np.bincount(values.astype(int), weights))
    np.testing.assert_array_equal(weighted_values(values, None)[1], np.bincount(values.astype(int)))
