"""Partitions around medoids."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist, squareform
from sklearn.metrics import adjusted_rand_score, silhouette_score

from custvalue.segmentation._rankings.medoids import (
    average_linkage,
    cut_tree,
    k_medoids,
    medoids_of,
    silhouette,
    without_small,
)


def points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of random points and whole counts."""
    generator = np.random.default_rng(seed)
    places = generator.normal(size=(n, 2))
    return cdist(places, places), generator.integers(1, 5, n).astype(float)


def total(costs: np.ndarray, counts: np.ndarray, medoids: np.ndarray) -> float:
    """Return the cost of all rows at their nearest medoid."""
    return float(counts @ costs[:, medoids].min(axis=1))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_no_set_of_medoids_costs_less_than_one_exchange_away(k):
    """The medoids are a local optimum of exchanges, and for one medoid the optimum."""
    for seed in range(5):
        costs, counts = points(15, seed)
        medoids = k_medoids(costs, counts, k)
        own = total(costs, counts, medoids)
        for position, row in itertools.product(range(k), range(15)):
            other = medoids.copy()
            other[position] = row
            assert own <= total(costs, counts, other) + 1e-9


def test_clear_groups_get_the_best_medoids_of_all():
    """Over all triples of rows none costs less than the medoids of three groups found."""
    generator = np.random.default_rng(6)
    places = np.concatenate([generator.normal(centre, 0.3, 6) for centre in (0, 4, 9)])[:, None]
    costs, counts = cdist(places, places), generator.integers(1, 5, 18).astype(float)
    best = min(total(costs, counts, np.array(t)) for t in itertools.combinations(range(18), 3))
    assert total(costs, counts, k_medoids(costs, counts, 3)) == pytest.approx(best)


def test_counts_weigh_as_repeated_rows():
    """Rows with counts have the medoids of the same rows written out."""
    costs, counts = points(12, seed=7)
    rows = np.repeat(np.arange(12), counts.astype(int))
    medoids = k_medoids(costs, counts, 3)
    repeated = k_medoids(costs[np.ix_(rows, rows)], np.ones(len(rows)), 3)
    assert medoids.tolist() == sorted(rows[repeated])


def test_average_linkage_agrees_with_scipy():
    """With counts of one the heights and the groups are those of scipy's average linkage."""
    distances, _ = points(30, seed=8)
    pairs, heights = average_linkage(distances, np.ones(30))
    tree = linkage(squareform(distances, checks=False), "average")
    np.testing.assert_allclose(heights, tree[:, 2])
    for k in (2, 5, 11):
        expected = fcluster(tree, k, "maxclust")
        assert adjusted_rand_score(cut_tree(pairs, 30, k), expected) == 1.0


def test_average_linkage_with_counts_is_that_of_repeated_rows():
    """The heights above zero are those of scipy's linkage where each row is written out."""
    distances, counts = points(10, seed=9)
    rows = np.repeat(np.arange(10), counts.astype(int))
    written = linkage(squareform(distances[np.ix_(rows, rows)], checks=False), "average")[:, 2]
    heights = average_linkage(distances, counts)[1]
    np.testing.assert_allclose(heights, written[-9:])
    np.testing.assert_allclose(written[:-9], 0, atol=1e-12)


def test_a_tree_is_cut_into_as_many_groups_as_asked():
    """One row a group at the bottom, one group at the top, numbered as they appear."""
    pairs, _ = average_linkage(points(6, seed=10)[0], np.ones(6))
    assert cut_tree(pairs, 6, 6).tolist() == [0, 1, 2, 3, 4, 5]
    assert cut_tree(pairs, 6, 1).tolist() == [0] * 6
    assert cut_tree(pairs, 6, 3)[0] == 0
    assert set(cut_tree(pairs, 6, 3)) == {0, 1, 2}


def test_the_medoid_of_a_group_costs_its_members_least():
    """Of three places with counts 1, 1 and 9 the last stands for all."""
    places = np.array([0.0, 1.0, 3.0, 50.0])
    costs = np.abs(places[:, None] - places)
    codes = np.array([0, 0, 0, 1])
    assert medoids_of(costs, np.array([1.0, 1.0, 9.0, 1.0]), codes).tolist() == [2, 3]
    assert medoids_of(costs, np.ones(4), codes).tolist() == [1, 3]


def test_the_silhouette_agrees_with_scikit_learn():
    """Rows with counts have the mean silhouette of the same rows written out."""
    distances, counts = points(20, seed=11)
    codes = np.arange(20) % 3
    rows = np.repeat(np.arange(20), counts.astype(int))
    expected = silhouette_score(distances[np.ix_(rows, rows)], codes[rows], metric="precomputed")
    assert silhouette(distances, counts, codes) == pytest.approx(expected, abs=1e-12)


def test_someone_alone_in_a_group_has_silhouette_zero():
    """A group of one adds nothing, as in Rousseeuw's definition."""
    distances = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    expected = silhouette_score(distances, [0, 0, 1], metric="precomputed")
    found = silhouette(distances, np.ones(3), np.array([0, 0, 1]))
    assert found == pytest.approx(expected) == pytest.approx(2 / 3 * (8 / 9))


def test_small_segments_are_dissolved_one_by_one():
    """The smallest goes first; its rows may make the next large enough."""
    places = np.array([0.0, 10.0, 12.0, 30.0])
    costs = np.abs(places[:, None] - places)
    counts = np.array([9.0, 2.0, 1.0, 9.0])
    kept, sizes = without_small(costs, counts, least=3)
    assert kept.tolist() == [True, True, False, True]
    assert sizes.tolist() == [9.0, 3.0, 0.0, 9.0]


def test_a_segment_of_just_the_smallest_size_stays():
    """Seven of 100 are 7 % of them, though 0.07 times 100 is a little more than 7."""
    costs = np.array([[0.0, 5.0], [5.0, 0.0]])
    assert 0.07 * 100 > 7
    assert without_small(costs, np.array([93.0, 7.0]), least=0.07 * 100)[0].all()


def test_one_segment_is_left_whatever_the_limit():
    """A limit above all respondents leaves the largest segment with everyone."""
    costs = np.array([[0.0, 5.0], [5.0, 0.0]])
    kept, sizes = without_small(costs, np.array([1.0, 2.0]), least=100)
    assert kept.tolist() == [False, True]
    assert sizes.tolist() == [0.0, 3.0]
