"""Limits of size are kept at least cost by a rule of offsets that serves new customers too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from custvalue.segmentation._clusters.sizes import (
    constrained_centres,
    drop_small,
    limit,
    size_offsets,
)


def lp_cost(costs: np.ndarray, lowest: int, highest: int) -> float:
    """Return the least total cost of the transport problem by linear programming (HiGHS)."""
    n, k = costs.shape
    each = sparse.kron(sparse.eye(n), np.ones((1, k)))
    sums = sparse.kron(np.ones((1, n)), sparse.eye(k))
    found = linprog(
        costs.ravel(),
        A_ub=sparse.vstack([sums, -sums]),
        b_ub=np.repeat([highest, -lowest], k),
        A_eq=each,
        b_eq=np.ones(n),
    )
    return float(found.fun)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(4, 120),
    k=st.integers(1, 6),
    spread=st.sampled_from([0.1, 1.0, 30.0]),
    seed=st.integers(0, 2**32 - 1),
    tightness=st.floats(0, 1),
)
def test_different_customers_are_within_limits_at_the_least_cost(n, k, spread, seed, tightness):
    """Total distance is the linear programme's, within 1e-6 as HiGHS has tolerances of 1e-7."""
    generator = np.random.default_rng(seed)
    k = min(k, n)
    Z, centres = generator.normal(size=(n, 2)), spread * generator.normal(size=(k, 2))
    lowest, highest = int(tightness * (n // k)), int(n - tightness * (n - -(-n // k)))
    costs = cdist(Z, centres, "sqeuclidean")
    found = size_offsets(costs, lowest, highest)
    assert found.within
    assert lowest <= found.sizes.min()
    assert found.sizes.max() <= highest
    np.testing.assert_array_equal(np.bincount(found.codes, minlength=k), found.sizes)
    np.testing.assert_array_equal(np.argmin(costs + found.offsets, axis=1), found.codes)
    total = costs[np.arange(n), found.codes].sum()
    assert total == pytest.approx(lp_cost(costs, lowest, highest), rel=1e-6)


def test_the_borders_have_a_margin():
    """Rounding of distances computed in another way moves nobody."""
    costs = np.random.default_rng(2).exponential(size=(2_000, 5)) * [1, 2, 3, 4, 5]
    found = size_offsets(costs, 350, 450)
    noise = 1 + 1e-12 * np.random.default_rng(3).normal(size=costs.shape)
    np.testing.assert_array_equal(np.argmin(costs * noise + found.offsets, axis=1), found.codes)


def test_without_binding_limits_offsets_are_zero():
    """The nearest centre decides, to the bit."""
    costs = np.random.default_rng(4).random((100, 4))
    found = size_offsets(costs, 0, 100)
    np.testing.assert_array_equal(found.offsets, 0)
    np.testing.assert_array_equal(found.codes, costs.argmin(axis=1))
    assert found.within


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 5))
def test_equal_customers_stay_together_in_any_order(seed, k):
    """Customers of few kinds are put by kind, the same in another order or with counts."""
    generator = np.random.default_rng(seed)
    Z, centres = generator.integers(0, 4, size=(90, 2)), generator.normal(1.5, 2, size=(k, 2))
    costs = cdist(Z, centres, "sqeuclidean")
    found = size_offsets(costs, 90 // k // 2, 90 // k * 2)
    kinds, first, kind = np.unique(Z, axis=0, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(found.codes, found.codes[first][kind.ravel()])
    assert found.within == (90 // k // 2 <= found.sizes.min() <= found.sizes.max() <= 90 // k * 2)
    order = generator.permutation(90)
    other = size_offsets(costs[order], 90 // k // 2, 90 // k * 2)
    np.testing.assert_array_equal(other.offsets, found.offsets)
    counts = np.bincount(kind.ravel())
    counted = size_offsets(cdist(kinds, centres, "sqeuclidean"), 90 // k // 2, 90 // k * 2, counts)
    np.testing.assert_array_equal(counted.offsets, found.offsets)
    np.testing.assert_array_equal(counted.sizes, found.sizes)


def test_limits_that_equal_customers_make_impossible_are_said():
    """Nine of ten are equal: no segment of five can be made of them."""
    found = size_offsets(np.array([[0.0, 1.0]] * 9 + [[1.0, 0.0]]), 5, 5)
    assert not found.within
    assert sorted(found.sizes) in ([1, 9], [0, 10])


def test_limits_out_of_reach_are_refused():
    """For plain offsets and for centres alike."""
    with pytest.raises(ValueError, match="min_size must leave room for all segments"):
        size_offsets(np.ones((5, 2)), 3, 5)
    with pytest.raises(ValueError, match="max_size must leave room for all customers"):
        constrained_centres(np.ones((5, 1)), np.array([[0.0], [1.0]]), 0, 2)


def test_centres_are_the_means_of_their_segments():
    """At the end no customer and no centre would move, and the limits hold."""
    Z = np.random.default_rng(5).lognormal(size=(3_000, 2))
    start = KMeans(4, n_init=1, random_state=0).fit(Z).cluster_centers_
    found = constrained_centres(Z, start, 500, 1_000)
    assert found.within
    means = np.array([Z[found.codes == j].mean(axis=0) for j in range(4)])
    np.testing.assert_allclose(found.centres, means, rtol=1e-10)
    again = size_offsets(cdist(Z, found.centres, "sqeuclidean"), 500, 1_000)
    np.testing.assert_array_equal(again.codes, found.codes)


def test_moving_the_centres_lowers_the_distances():
    """The total is no more than that of the first centres under the same limits."""
    Z = np.random.default_rng(6).normal(size=(400, 3)) * [3, 1, 1]
    start = Z[:3]
    first = cdist(Z, start, "sqeuclidean")
    before = first[np.arange(400), size_offsets(first, 120, 150).codes].sum()
    found = constrained_centres(Z, start, 120, 150)
    after = ((Z - found.centres[found.codes]) ** 2).sum()
    assert after < before


def test_centres_without_limits_are_those_of_k_means():
    """From the centres of k-means nothing moves."""
    Z = np.random.default_rng(7).normal(size=(300, 2))
    fitted = KMeans(3, n_init=3, random_state=0, tol=0).fit(Z)
    found = constrained_centres(Z, fitted.cluster_centers_, 0, 300)
    np.testing.assert_array_equal(found.codes, fitted.labels_)
    np.testing.assert_array_equal(found.offsets, 0)


def test_the_order_of_rows_changes_no_centre():
    """Customers are compressed in an order of their own."""
    Z = np.round(np.random.default_rng(8).lognormal(size=(500, 2)), 1)
    order = np.random.default_rng(9).permutation(500)
    start = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 1.0]])
    one = constrained_centres(Z, start, 100, 250)
    other = constrained_centres(Z[order], start, 100, 250)
    np.testing.assert_array_equal(other.centres, one.centres)
    np.testing.assert_array_equal(other.codes, one.codes[order])


def test_an_empty_segment_keeps_its_centre():
    """Without a lowest size a segment may lose all its customers."""
    start = np.array([[0.5], [100.0]])
    found = constrained_centres(np.array([[0.0], [1.0]]), start, 0, 2)
    np.testing.assert_array_equal(found.centres, start)
    assert found.sizes.tolist() == [2, 0]


def test_many_customers_start_from_a_sample():
    """More than 50,000 different ones end within the limits, at their means."""
    Z = np.random.default_rng(10).exponential(size=(60_000, 1))
    found = constrained_centres(Z, np.array([[0.5], [2.0], [4.0]]), 15_000, 25_000)
    assert found.within
    means = [Z[found.codes == j].mean() for j in range(3)]
    np.testing.assert_allclose(found.centres[:, 0], means, rtol=1e-10)


def test_small_groups_join_the_nearest():
    """Two groups of one join each other before any other, and are then large enough."""
    Z = np.array([[0.0], [0.0], [0.0], [5.0], [5.5], [9.0], [9.0]])
    codes = np.array([2, 2, 2, 0, 1, -1, -1])
    assert drop_small(Z, codes, 2).tolist() == [1, 1, 1, 0, 0, -1, -1]
    assert drop_small(Z, codes, 3).tolist() == [0, 0, 0, 0, 0, -1, -1]


def test_one_group_always_remains():
    """However large the lowest size is."""
    assert drop_small(np.array([[0.0], [1.0]]), np.array([0, 1]), 50).tolist() == [0, 0]


def test_large_groups_stay_as_they_are():
    """Nothing is renumbered."""
    codes = np.array([1, 0, 1, 0])
    np.testing.assert_array_equal(drop_small(np.zeros((4, 1)), codes, 2), codes)


def test_numbers_and_order_of_groups_do_not_matter():
    """Relabelled groups and shuffled rows dissolve alike."""
    generator = np.random.default_rng(11)
    Z, codes = generator.normal(size=(60, 2)), generator.integers(0, 9, 60)
    relabel, order = generator.permutation(9), generator.permutation(60)
    one, other = drop_small(Z, codes, 8), drop_small(Z[order], relabel[codes][order], 8)
    pairs = set(zip(one[order].tolist(), other.tolist(), strict=True))
    assert len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@pytest.mark.parametrize(
    ("value", "n", "name", "rows"),
    [
        (0.1, 95, "min_size", 10),
        (0.1, 95, "max_size", 9),
        (0.07, 100, "min_size", 7),
        (0.29, 100, "max_size", 29),
        (1, 50, "min_size", 1),
        (50, 50, "min_size", 50),
        (80, 50, "max_size", 50),
        (np.int64(3), 50, "max_size", 3),
    ],
)
def test_limits_are_shares_or_numbers(value, n, name, rows):
    """The least share is rounded up, the greatest down, and rounding noise is no customer."""
    assert limit(value, n, name) == rows


@pytest.mark.parametrize("value", [0, -1, 0.0, 1.5, np.nan, np.inf, "10%", True, None])
def test_other_limits_are_refused(value):
    """The parameter is named."""
    with pytest.raises(ValueError, match="min_size must be a share between 0 and 1 or a whole"):
        limit(value, 50, "min_size")


def test_limits_beyond_the_customers_are_refused():
    """More customers than there are, or fewer than one."""
    with pytest.raises(ValueError, match="min_size must not exceed the 50 customers; found 51"):
        limit(51, 50, "min_size")
    with pytest.raises(ValueError, match=r"max_size must be at least one of 50 .*; found 0\.01"):
        limit(0.01, 50, "max_size")
