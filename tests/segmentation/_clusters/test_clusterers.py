"""Clusterers by name and foreign ones make groups of a sample and a rule for everybody."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.cluster import Birch, KMeans, SpectralClustering
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from custvalue.segmentation._clusters import clusterers
from custvalue.segmentation._clusters.assignment import assign
from custvalue.segmentation._clusters.clusterers import (
    NAMED,
    Clustering,
    finds_number,
    gaussian_bic,
)

IRIS = load_iris().data
FOREIGN = [Birch(threshold=0.2), SpectralClustering(), GaussianMixture(reg_covar=1e-3)]


def clouds(n=240, seed=0):
    """Return three clouds of one size, and the cloud of each point."""
    codes = np.arange(n) % 3
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    return centres[codes] + np.random.default_rng(seed).normal(0, 0.5, (n, 2)), codes


@pytest.mark.parametrize("clusterer", [*NAMED, *FOREIGN], ids=str)
def test_every_clusterer_finds_clouds_and_a_rule_that_repeats_them(clusterer):
    """Groups and rule are the clouds, and new points of the clouds are recognised."""
    Z, codes = clouds()
    clustering = Clustering(clusterer, 1000)
    assert adjusted_rand_score(codes, clustering.groups(Z, 3, 0)) > 0.99
    fit = clustering.rule(Z, 3, 0)
    assert fit.agreement > 0.99
    new, of_new = clouds(seed=1)
    assert adjusted_rand_score(of_new, assign(fit.rule, new)) > 0.95


@pytest.mark.parametrize(("k", "inertia"), [(2, 152.3480), (3, 78.85144), (4, 57.22847)])
def test_k_means_reaches_the_known_optima(k, inertia):
    """Inertia on iris as scikit-learn 1.9.1 reaches it with 20 starts."""
    fit = Clustering("kmeans", 1000).rule(IRIS, k, 0)
    assert fit.rule.costs(IRIS).min(axis=1).sum() == pytest.approx(inertia, abs=1e-4)


def test_many_customers_improve_the_centres_of_some(monkeypatch):
    """The polished centres are those of k-means on all rows."""
    Z, _ = clouds(3000)
    expected = Clustering("kmeans", 1000).rule(Z, 3, 0).rule.prototypes
    monkeypatch.setattr(clusterers, "_LARGE", 1000)
    found = Clustering("kmeans", 1000).rule(Z, 3, 0).rule.prototypes
    np.testing.assert_allclose(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)])


@pytest.mark.parametrize("clusterer", ["hierarchical", "hdbscan"])
def test_slow_clusterers_see_some_and_the_rule_serves_all(clusterer):
    """With more customers than may be seen the rule still finds the clouds."""
    Z, codes = clouds(3000)
    fit = Clustering(clusterer, 300).rule(Z, 3, 0)
    inside = fit.codes >= 0
    assert inside.mean() > 0.9
    assert adjusted_rand_score(codes[inside], fit.codes[inside]) > 0.99


@pytest.mark.parametrize("clusterer", ["kmeans", "gmm", "hierarchical"])
def test_sizes_are_kept_by_groups_and_rule(clusterer):
    """No segment of iris below 30 % or above 36 % of the flowers."""
    generator = np.random.default_rng(4)
    Z = IRIS + generator.normal(0, 1e-4, IRIS.shape)
    clustering = Clustering(clusterer, 1000, 0.3, 0.36)
    fit = clustering.rule(Z, 3, 0)
    assert fit.within
    for codes in (fit.codes, assign(fit.rule, Z), clustering.groups(Z, 3, 1)):
        sizes = np.bincount(codes)
        assert sizes.min() >= 45
        assert sizes.max() <= 54


def test_equal_customers_can_make_a_size_impossible():
    """Half of all customers are one point, which no border parts."""
    Z = np.concatenate([np.zeros((50, 2)), clouds(50)[0]])
    assert not Clustering("kmeans", 1000, None, 0.4).rule(Z, 3, 0).within


def test_few_different_points_are_fewer_groups_without_a_word():
    """A sample of equal customers is grouped as far as it can be, quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codes = Clustering("kmeans", 100).groups(np.repeat([[0.0], [1.0]], 10, axis=0), 3, 0)
    assert len(set(codes)) == 2


def test_which_clusterers_find_the_number_themselves():
    """Those without a parameter for it."""
    assert [finds_number(name) for name in NAMED] == [False, False, False, True]
    assert [finds_number(one) for one in FOREIGN] == [False] * 3


def test_a_foreign_clusterer_keeps_its_own_seed_and_is_not_touched():
    """It is cloned; a seed of its own stays, a missing one is given."""
    own = KMeans(n_clusters=7, random_state=5, n_init=1)
    first = Clustering(own, 1000).groups(IRIS, 3, 0)
    np.testing.assert_array_equal(first, Clustering(own, 1000).groups(IRIS, 3, 99))
    assert own.n_clusters == 7
    assert not hasattr(own, "labels_")


def test_the_bic_of_mixtures_is_that_of_scikit_learn():
    """With the variance that keeps components from becoming points."""
    mixture = GaussianMixture(2, reg_covar=1e-3, random_state=0, max_iter=500).fit(IRIS)
    assert gaussian_bic(IRIS, 2, 0) == pytest.approx(mixture.bic(IRIS))
