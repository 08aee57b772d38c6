"""Distances between rankings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau, rankdata

from custvalue.segmentation._rankings import distances
from custvalue.segmentation._rankings.distances import (
    distance_matrix,
    largest_distance,
    mid_ranks,
)
from custvalue.segmentation._rankings.levels import dense_levels

KINDS = ["kendall", "spearman", "footrule"]

weak_orders = arrays(np.int64, (3, 4), elements=st.integers(0, 3)).map(
    lambda values: dense_levels(values.astype(float))
)


def strict(n: int, m: int, seed: int) -> np.ndarray:
    """Return random orders without ties."""
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(m) for _ in range(n)])


def test_kendall_counts_discordant_pairs_and_half_of_pairs_tied_once():
    """The worked figures: one exchange 1, the reverse 6, one tie 1/2 (Fagin et al., p = 1/2)."""
    others = np.array([[0, 1, 3, 2], [3, 2, 1, 0], [0, 1, 1, 2], [0, 0, 0, 0]])
    found = distance_matrix(np.array([[0, 1, 2, 3]]), others, "kendall")
    assert found.tolist() == [[1.0, 6.0, 0.5, 3.0]]


def test_kendall_agrees_with_the_tau_of_scipy():
    """For orders without ties the distance is (1 - tau) / 2 of all pairs."""
    one, other = strict(12, 7, seed=1), strict(9, 7, seed=2)
    tau = [[kendalltau(a, b).statistic for b in other] for a in one]
    expected = (1 - np.array(tau)) / 2 * 21
    np.testing.assert_allclose(distance_matrix(one, other, "kendall"), expected, atol=1e-12)


def test_spearman_and_footrule_agree_with_scipy_on_mid_ranks():
    """With ties they are the distances of the ranks that scipy's average method gives."""
    generator = np.random.default_rng(3)
    one, other = generator.integers(0, 4, (8, 6)), generator.integers(0, 4, (5, 6))
    ranks = [rankdata(levels, axis=1) for levels in (one, other)]
    squares = distance_matrix(one, other, "spearman")
    np.testing.assert_allclose(squares, cdist(*ranks, "sqeuclidean"), atol=1e-12)
    absolute = distance_matrix(one, other, "footrule")
    np.testing.assert_allclose(absolute, cdist(*ranks, "cityblock"), atol=1e-12)


@pytest.mark.parametrize("kind", ["kendall", "footrule"])
@settings(max_examples=30, deadline=None)
@given(weak_orders)
def test_kendall_and_footrule_are_metrics_of_weak_orders(kind, levels):
    """Zero for equal orders alone, symmetric, and no detour is shorter."""
    found = distance_matrix(levels, levels, kind)
    same = (levels[:, None] == levels[None]).all(axis=2)
    np.testing.assert_array_equal(found == 0, same)
    np.testing.assert_array_equal(found, found.T)
    for a, b, c in itertools.permutations(range(3)):
        assert found[a, c] <= found[a, b] + found[b, c] + 1e-12


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("m", [2, 3, 5, 6])
def test_no_two_orders_are_farther_apart_than_one_and_its_reverse(kind, m):
    """The largest distance is that of the reverse, over all orders of m items."""
    orders = np.array(list(itertools.permutations(range(m))))
    found = distance_matrix(orders[:1], orders, kind)
    assert found.max() == found[0, -1] == largest_distance(m, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_relabelling_the_items_changes_no_distance(kind):
    """The order of the columns has no part in a distance."""
    levels = np.random.default_rng(4).integers(-1, 3, (10, 5))
    mixed = levels[:, [3, 1, 4, 0, 2]]
    found = distance_matrix(levels, levels, kind)
    np.testing.assert_allclose(distance_matrix(mixed, mixed, kind), found, atol=1e-12)


def test_unknown_items_count_nothing():
    """Kendall counts the pairs known to both alone, and nothing where no pair is."""
    one = np.array([[0, 1, 2, -1]])
    others = np.array([[1, 0, -1, 2], [-1, -1, 0, 1], [2, 1, 0, -1]])
    assert distance_matrix(one, others, "kendall").tolist() == [[1.0, 0.0, 3.0]]
    assert distance_matrix(others[1:2], others[1:2], "footrule").tolist() == [[0.0]]


def test_neutral_items_count_one_half_of_each_pair_and_the_middle_rank():
    """What a medoid does not know costs as much as a coin, what a row does not know nothing."""
    full, partial = np.array([[0, 1, 2]]), np.array([[0, 1, -1]])
    assert distance_matrix(full, partial, "kendall", neutral=True).tolist() == [[1.0]]
    assert distance_matrix(partial, full, "kendall", neutral=True).tolist() == [[0.0]]
    # Two of three items known have the expected ranks 4/3 and 8/3; the third stands at 2.
    found = distance_matrix(full, partial, "footrule", neutral=True)
    np.testing.assert_allclose(found, [[1 / 3 + 2 / 3 + 1]])


def test_mid_ranks_of_partial_rankings_are_the_means_over_all_completions():
    """The expected rank j (m + 1) / (m - u + 1) is the mean over all orders that agree."""
    levels = np.array([1, 0, -1, 2, -1])
    known = levels >= 0
    orders = np.array(list(itertools.permutations(range(5))))
    agree = [(np.argsort(order[known]) == np.argsort(levels[known])).all() for order in orders]
    expected = np.where(known, (orders[agree] + 1).mean(axis=0), np.nan)
    np.testing.assert_allclose(mid_ranks(levels[None])[0], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_chunks_have_the_distances_they_have_at_once(kind, monkeypatch):
    """The size of the chunks changes nothing."""
    levels = np.random.default_rng(5).integers(-1, 4, (23, 5))
    expected = distance_matrix(levels, levels[:4], kind)
    monkeypatch.setattr(distances, "_CHUNK_CELLS", 30)
    np.testing.assert_array_equal(distance_matrix(levels, levels[:4], kind), expected)
