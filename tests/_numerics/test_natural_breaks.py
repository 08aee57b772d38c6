"""Natural breaks against every partition there is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._numerics.natural_breaks import MOST_VALUES, natural_breaks
from custvalue._numerics.ranking import cut_points_passed

numbers = st.lists(st.integers(-30, 30), min_size=1, max_size=9).map(lambda v: np.array(v, float))
weightings = st.lists(st.integers(0, 4), min_size=9, max_size=9).map(lambda v: np.array(v, float))


def squares_within(values, weights, classes) -> Fraction:
    """Return the weighted squares inside the classes, in exact fractions."""
    total = Fraction(0)
    for label in set(classes.tolist()):
        rows = np.flatnonzero(classes == label)
        pairs = [(Fraction(values[i]), Fraction(weights[i])) for i in rows]
        weight = sum(w for _, w in pairs)
        if weight:
            mean = sum(x * w for x, w in pairs) / weight
            total += sum(w * (x - mean) ** 2 for x, w in pairs)
    return total


def least_squares_within(values, weights, n_bins) -> Fraction:
    """Return the least squares inside of every partition into neighbours."""
    distinct = np.unique(values[weights > 0])
    return min(
        squares_within(values, weights, cut_points_passed(values, np.array(cuts)))
        for cuts in combinations(distinct[:-1], min(n_bins, len(distinct)) - 1)
    )


@settings(max_examples=150)
@given(values=numbers, weights=weightings, n_bins=st.integers(2, 6))
def test_no_partition_has_less_squares_inside(values, weights, n_bins):
    """The classes are the best of all, found by trying them all in exact arithmetic."""
    weights = weights[: len(values)] + np.eye(1, len(values))[0]
    cuts = natural_breaks(values, n_bins, weights)
    found = squares_within(values, weights, cut_points_passed(values, cuts))
    best = least_squares_within(values, weights, n_bins)
    assert float(found - best) <= 1e-9 * (1 + float(best))


def test_the_classes_are_those_of_the_plain_recursion():
    """300 random values in 2 to 9 classes cost what Fisher's recursion in O(k n^2) costs."""
    generator = np.random.default_rng(8)
    x = np.sort(np.round(generator.lognormal(0, 1.5, 300), 2))
    s1, s2 = np.r_[0, np.cumsum(x)], np.r_[0, np.cumsum(x**2)]
    i, j = np.indices((301, 301))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(i < j, s2[j] - s2[i] - (s1[j] - s1[i]) ** 2 / (j - i), np.inf)
    cost = inside[0]
    for n_bins in range(2, 10):
        cost = (cost[:, None] + inside).min(axis=0)
        cuts = natural_breaks(x, n_bins)
        classes = cut_points_passed(x, cuts)
        assert len(np.unique(classes)) == n_bins
        found = sum(x[classes == c].var() * (classes == c).sum() for c in range(n_bins))
        assert found == pytest.approx(cost[300], rel=1e-9)


@given(
    values=numbers,
    weights=weightings,
    n_bins=st.integers(2, 6),
    unit=st.sampled_from([0.01, 1 / 3, 1.17, 1e12]),
    seed=st.integers(0, 2**32 - 1),
)
def test_unit_order_and_copies_change_no_class(values, weights, n_bins, unit, seed):
    """Another unit, another order of the rows and copies for weights give the same classes."""
    weights = weights[: len(values)] + np.eye(1, len(values))[0]
    expected = natural_breaks(values, n_bins, weights)
    order = np.random.default_rng(seed).permutation(len(values))
    again = natural_breaks(unit * values[order], n_bins, weights[order])
    np.testing.assert_array_equal(again, unit * expected)
    copies = np.repeat(values, weights.astype(int))
    np.testing.assert_array_equal(natural_breaks(copies, n_bins), expected)


def test_few_values_are_spread_over_all_bins():
    """Three values in five bins stand in the first, the middle and the last; one has no cut."""
    values = np.array([4.0, 4.0, 4.0, 6.0, 9.0])
    passed = cut_points_passed(np.array([4.0, 6.0, 9.0]), natural_breaks(values, 5))
    assert passed.tolist() == [0, 2, 4]
    assert natural_breaks(np.full(3, 2.5), 4).tolist() == [2.5, 2.5, 2.5]
    assert natural_breaks(np.array([3.0, 1.0, 2.0]), 3).tolist() == [1.0, 2.0]


def test_extreme_numbers_do_not_overflow():
    """Values at both ends of the floating range fall in three classes without a warning."""
    values = np.array([-1e308, -1e308 * 0.99, 0.0, 1e-300, 1e308])
    assert natural_breaks(values, 3).tolist() == [-1e308 * 0.99, 1e-300]


def test_distances_can_be_taken_elsewhere():
    """On logarithms 1, 10, 100 are as far apart as they are; as numbers 1 and 10 are together."""
    values = np.array([1.0, 1.5, 10.0, 15.0, 900.0, 1000.0])
    assert natural_breaks(values, 2).tolist() == [15.0]
    assert natural_breaks(values, 3, position=np.log).tolist() == [1.5, 15.0]
    assert natural_breaks(values, 3).tolist() == [15.0, 900.0]


@pytest.mark.parametrize("n_bins", [2, 5, 12])
def test_above_the_limit_the_classes_are_nearly_the_best(n_bins):
    """With 20,000 values in 5,000 groups the squares inside are within 1e-4 of the best."""
    x = np.sort(np.random.default_rng(3).normal(size=4 * MOST_VALUES))

    def inside(cuts):
        classes = cut_points_passed(x, cuts)
        return sum(x[classes == c].var() * (classes == c).sum() for c in range(n_bins))

    cuts = natural_breaks(x, n_bins)
    for _ in range(60):  # Lloyd's steps from there: no way down is left
        means = [x[cut_points_passed(x, cuts) == c].mean() for c in range(n_bins)]
        limits = (np.array(means[1:]) + np.array(means[:-1])) / 2
        better = x[np.searchsorted(x, limits) - 1]
        if np.array_equal(better, cuts):
            break
        cuts = better
    assert inside(natural_breaks(x, n_bins)) <= inside(cuts) * (1 + 1e-4)


def test_one_value_with_nearly_all_weight_leaves_few_groups():
    """Groups of equal weight can be fewer than the bins; then cut points repeat without error."""
    values = np.arange(2.0 * MOST_VALUES)
    weights = np.ones(len(values))
    weights[0] = 1e15
    cuts = natural_breaks(values, 5, weights)
    assert cuts.shape == (4,)
    assert (np.diff(cuts) >= 0).all()
