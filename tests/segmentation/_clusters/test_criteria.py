"""Criteria of one grouping, against scikit-learn's and their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score

from custvalue.segmentation._clusters.criteria import (
    calinski_harabasz,
    centroids,
    davies_bouldin,
    group_sizes,
    nearest,
    silhouette,
    within_dispersion,
)
from support.groupings import iris

CRITERIA = [silhouette, calinski_harabasz, davies_bouldin]


@pytest.mark.parametrize(
    ("k", "inertia", "separation", "calinski", "davies"),
    [
        (2, 152.3480, 0.681046, 513.9245, 0.404293),
        (3, 78.85144, 0.552819, 561.6278, 0.661972),
        (4, 57.22847, 0.498051, 530.7658, 0.780307),
    ],
)
def test_the_figures_of_iris(k, inertia, separation, calinski, davies):
    """Recorded from scikit-learn 1.9.1, k-means of 20 starts on the raw measures; all digits."""
    Z = iris()
    codes = KMeans(k, n_init=20, random_state=0).fit_predict(Z)
    assert within_dispersion(Z, codes) == pytest.approx(inertia, abs=1e-4)
    assert calinski_harabasz(Z, codes) == pytest.approx(calinski, abs=1e-4)
    assert davies_bouldin(Z, codes) == pytest.approx(davies, abs=1e-6)
    assert silhouette(Z, codes) == pytest.approx(separation, abs=1e-6)


def test_calinski_harabasz_is_that_of_scikit_learn():
    """The same number to rounding for groups of any shape, with the rows of no group left out."""
    generator = np.random.default_rng(0)
    Z, codes = generator.normal(size=(80, 3)), generator.integers(-1, 5, size=80)
    known = codes >= 0
    expected = calinski_harabasz_score(Z[known], codes[known])
    assert calinski_harabasz(Z, codes) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "codes",
    [np.zeros(5, int), np.arange(5), np.full(5, -1), np.array([-1, -1, 3, -1, -1])],
    ids=["one group", "groups of one", "all noise", "one row"],
)
def test_degenerate_groupings_have_no_criterion(criterion, codes):
    """One group, groups of one and no group give NaN, no exception."""
    assert np.isnan(criterion(np.arange(10.0).reshape(5, 2), codes))


@pytest.mark.parametrize("criterion", CRITERIA)
def test_numbers_of_groups_and_noise_change_nothing(criterion):
    """Codes with gaps count as without; rows of no group are as if absent."""
    generator = np.random.default_rng(1)
    Z, codes = generator.normal(size=(30, 2)), np.arange(30) % 3
    with_noise = np.vstack([Z, [[100.0, 100.0]]]), np.append(codes * 7 + 2, -1)
    assert criterion(*with_noise) == pytest.approx(criterion(Z, codes), rel=1e-12)


def test_groups_of_equal_rows_are_far_better_than_others():
    """Where nothing is left inside the groups, Calinski-Harabasz is finite and very large."""
    Z = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    exact, rough = np.repeat([0, 1, 2], 4), np.repeat([0, 0, 1], 4)
    assert np.isfinite(calinski_harabasz(Z, exact))
    assert calinski_harabasz(Z, exact) > 1e12 * calinski_harabasz(Z, rough)
    assert davies_bouldin(Z, exact) == 0


def test_equal_rows_have_no_dispersion_and_no_criterion():
    """With all rows equal there is nothing to separate."""
    Z = np.ones((6, 2))
    assert within_dispersion(Z, np.repeat([0, 1], 3)) == 0
    assert np.isnan(calinski_harabasz(Z, np.repeat([0, 1], 3)))


def test_dispersion_by_hand():
    """Squared distances to the means 1 and 10, the row of no group left out: 1 + 1 + 0."""
    Z = np.array([[0.0], [2.0], [10.0], [99.0]])
    assert within_dispersion(Z, np.array([0, 0, 4, -1])) == 2
    assert np.isnan(within_dispersion(Z, np.full(4, -1)))


def test_centroids_sizes_and_nearest_by_hand():
    """Groups without rows are passed over; of two equally near centres the first is taken."""
    Z, codes = np.array([[0.0, 0.0], [2.0, 4.0], [9.0, 9.0], [7.0, 7.0]]), np.array([1, 1, 3, -1])
    assert centroids(Z, codes).tolist() == [[1, 2], [9, 9]]
    assert group_sizes(codes).tolist() == [2, 1]
    assert nearest(np.array([[0.0], [5.0], [6.0]]), np.array([[0.0], [10.0]])).tolist() == [0, 0, 1]
