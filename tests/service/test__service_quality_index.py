"""The mathematics of a service-quality index."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._service_quality_index import (
    Gaps,
    TreeWeights,
    change_of,
    effective_weights,
    group_means,
    index_scores,
)
from custvalue.service._service_quality_index_tree import read_tree

TREE = read_tree({"speed": ["a", "b"], "care": ["c"]})
WEIGHTS = TreeWeights(np.array([0.25, 0.75, 1.0]), np.array([0.6, 0.4]))


def scores(rows, gaps=None):
    """Return the scores of rows of three indicators."""
    return index_scores(list(np.array(rows, dtype=float).T), TREE, WEIGHTS, gaps or Gaps())


def test_an_index_is_a_weighted_mean_of_weighted_means():
    """By hand: speed 0.25 * 0.4 + 0.75 * 0.8 = 0.7, index 0.6 * 0.7 + 0.4 * 0.5 = 0.62."""
    out = scores([[0.4, 0.8, 0.5]])
    np.testing.assert_allclose(out.dimensions, [[0.7, 0.5]], rtol=1e-15)
    np.testing.assert_allclose(out.index, [0.62], rtol=1e-15)
    assert out.coverage.tolist() == [1]


def test_a_geometric_index_is_a_product_of_powers():
    """0 where any indicator is."""
    out = scores([[0.4, 0.8, 0.5], [0.0, 0.8, 0.5]], Gaps(geometric=True))
    speed = 0.4**0.25 * 0.8**0.75
    np.testing.assert_allclose(out.dimensions[0], [speed, 0.5], rtol=1e-14)
    np.testing.assert_allclose(out.index, [speed**0.6 * 0.5**0.4, 0], rtol=1e-14)


def test_gaps_are_shared_out_within_the_dimension_first():
    """A dimension without any value leaves its weight to the others."""
    out = scores([[np.nan, 0.8, 0.5], [np.nan, np.nan, 0.5], [np.nan] * 3])
    np.testing.assert_allclose(out.dimensions[:, 0], [0.8, np.nan, np.nan])
    np.testing.assert_allclose(out.index, [0.6 * 0.8 + 0.4 * 0.5, 0.5, np.nan])
    np.testing.assert_allclose(out.coverage, [0.85, 0.4, 0.0])


def test_gaps_may_take_the_index_away():
    """Below the least coverage, or with any gap."""
    rows = [[np.nan, 0.8, 0.5], [np.nan, np.nan, 0.5]]
    np.testing.assert_array_equal(np.isnan(scores(rows, Gaps(least=0.5)).index), [False, True])
    whole = scores(rows, Gaps(whole=True))
    assert np.isnan(whole.index).all()
    np.testing.assert_array_equal(np.isnan(whole.dimensions), [[True, False]] * 2)


profiles = st.lists(st.floats(0.01, 10) | st.just(float("nan")), min_size=3, max_size=3).map(
    np.array
)
weightings = st.lists(st.floats(0.05, 1), min_size=5, max_size=5).map(
    lambda w: TreeWeights(
        np.array([w[0] / (w[0] + w[1]), w[1] / (w[0] + w[1]), 1.0]),
        np.array([w[2], w[3]]) / (w[2] + w[3]),
    )
)


@settings(max_examples=30)
@given(profile=profiles, weights=weightings)
def test_effective_weights_make_the_index_one_sum(profile, weights):
    """Whatever is missing."""
    out = index_scores(list(profile[:, None]), TREE, weights, Gaps())
    effective = effective_weights(profile, TREE, weights)
    if np.isnan(out.index[0]):
        assert effective.tolist() == [0, 0, 0]
    else:
        assert effective.sum() == pytest.approx(1, rel=1e-14)
        assert np.nansum(effective * profile) == pytest.approx(out.index[0], rel=1e-13)


@settings(max_examples=30)
@given(
    ends=st.tuples(profiles, profiles),
    weights=st.tuples(weightings, weightings),
    geometric=st.booleans(),
)
def test_the_parts_of_a_change_sum_to_it(ends, weights, geometric):
    """Exactly, with other weights and other gaps on both sides."""
    gaps = Gaps(geometric=geometric)
    pairs = list(zip(ends, weights, strict=True))
    index = [index_scores(list(n[:, None]), TREE, w, gaps).index[0] for n, w in pairs]
    if np.isnan(index).any():
        return
    effective = [effective_weights(n, TREE, w) for n, w in pairs]
    change = change_of(*ends, *effective, geometric=geometric)
    total = (change.by_value + change.by_weight).sum()
    assert total == pytest.approx(index[1] - index[0], abs=1e-12)
    back = change_of(*ends[::-1], *effective[::-1], geometric=geometric)
    np.testing.assert_allclose(back.by_value, -change.by_value, rtol=1e-9, atol=1e-12)


def test_with_weights_that_stay_an_indicator_adds_weight_times_step():
    """And nothing by its weight."""
    before, after = np.array([0.2, 0.5, 0.9]), np.array([0.4, 0.5, 0.5])
    weights = np.array([0.5, 0.3, 0.2])
    change = change_of(before, after, weights, weights)
    np.testing.assert_allclose(change.by_value, weights * (after - before), rtol=1e-15)
    assert change.by_weight.tolist() == [0, 0, 0]


def test_an_indicator_without_weight_may_be_zero_in_a_geometric_change():
    """Its logarithm does not count; two equal indices have no change."""
    before, weights = np.array([0.5, 0.0]), np.array([1.0, 0.0])
    change = change_of(before, np.array([0.25, 0.0]), weights, weights, geometric=True)
    np.testing.assert_allclose(change.by_value + change.by_weight, [-0.25, 0], rtol=1e-14)
    same = change_of(before, before, weights, weights, geometric=True)
    assert same.by_value.tolist() == [0, 0]


def test_means_by_group_leave_out_gaps_and_weigh_rows():
    """To the last bit alike in any order; a group without a value has none."""
    generator = np.random.default_rng(3)
    values, groups = generator.normal(size=(50, 2)), generator.integers(0, 3, 50)
    counts = generator.integers(0, 3, 50).astype(float)
    values[groups == 1, 1] = np.nan
    values[4, 0] = np.nan
    means = group_means(values, groups, counts, 3)
    here = (groups == 2) & ~np.isnan(values[:, 0])
    assert means[2, 0] == pytest.approx(np.average(values[here, 0], weights=counts[here]))
    assert np.isnan(means[1, 1])
    order = generator.permutation(50)
    np.testing.assert_array_equal(
        group_means(values[order], groups[order], counts[order], 3), means
    )


def test_means_of_very_large_values_are_finite():
    """The sum of three times 1e308 is not; a group without a value has none."""
    values = np.array([[1e308, np.nan], [1e308, np.nan], [1e308, np.nan], [2.0, np.nan]])
    means = group_means(values, np.array([0, 0, 0, 1]), np.ones(4), 2)
    assert means[:, 0].tolist() == [pytest.approx(1e308, rel=1e-15), 2.0]
    assert np.isnan(means[:, 1]).all()


def test_a_coverage_on_the_least_has_an_index():
    """Weights of 0.7 and 0.2 are 0.9, but for rounding."""
    tree = read_tree({"x": ["a"], "y": ["b"], "z": ["c"]})
    weights = TreeWeights(np.ones(3), np.array([0.7, 0.2, 0.1]))
    columns = [np.array([3.0]), np.array([3.0]), np.array([np.nan])]
    scores = index_scores(columns, tree, weights, Gaps(least=0.9))
    assert scores.coverage[0] < 0.9
    assert scores.index[0] == pytest.approx(3.0, rel=1e-15)
