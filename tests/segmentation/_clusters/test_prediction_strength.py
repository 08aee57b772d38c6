"""Prediction strength: pairs counted one by one, and the models of its authors."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from custvalue.segmentation._clusters.prediction_strength import (
    prediction_strength,
    strength_number,
    weakest_group,
)
from support.groupings import blobs, k_means

KS = [1, 2, 3, 4, 5]


def strengths(Z, ks=KS, cluster=k_means, n_splits=5, seed=0):
    """Return the prediction strengths of the clusterer."""
    with threadpool_limits(1):  # many small fits; threads only wait here
        return prediction_strength(
            Z, cluster, ks, generator=np.random.default_rng(seed), n_splits=n_splits
        )


@settings(max_examples=30)
@given(
    rows=st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3)), min_size=4, max_size=25),
)
def test_pairs_are_those_counted_one_by_one(rows):
    """The share of pairs of a test group that are predicted together, of the weakest group."""
    test, predicted = np.array(rows).T
    shares = []
    for group in sorted(set(test[test >= 0].tolist())):
        pairs = [*combinations(predicted[test == group].tolist(), 2)]
        shares.append(sum(one == other for one, other in pairs) / len(pairs) if pairs else 0)
    k = len(shares)
    if k:
        assert weakest_group(test, predicted, k) == pytest.approx(min(shares), abs=1e-15)
    assert weakest_group(test, predicted, k + 1) == 0


def test_the_strength_in_plain_loops():
    """Both roles of one split written out: two groups of a line, cut at the means of the other."""
    Z = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0], [12.0], [13.0], [6.0], [7.0]])
    generator = np.random.default_rng(3)
    order = np.random.default_rng(3).permutation(10)
    halves = [np.sort(Z[order[:5], 0]), np.sort(Z[order[5:], 0])]

    def cut(rows, k, seed):
        return (rows[:, 0] > np.median(rows[:, 0])).astype(int)

    expected = []
    for test, training in (halves, halves[::-1]):
        low = training[training <= np.median(training)].mean()
        high = training[training > np.median(training)].mean()
        for_each = []
        for group in (test[test <= np.median(test)], test[test > np.median(test)]):
            near = [abs(x - low) <= abs(x - high) for x in group]
            pairs = [*combinations(near, 2)]
            for_each.append(np.mean([one == other for one, other in pairs]))
        expected.append(min(for_each))
    [found] = prediction_strength(Z, cut, [2], generator=generator, n_splits=1)
    assert found == pytest.approx(np.mean(expected), abs=1e-15)
    assert found < 1


def test_far_clouds_are_predicted_without_error():
    """Three clouds 100 apart have strength 1 at their number, and less above it."""
    found = strengths(blobs((0, 0), (100, 0), (0, 100)))
    assert found[[0, 2]].tolist() == [1, 1]
    assert (found[3:] < 0.8).all()
    assert strength_number(KS, found) == 3


@pytest.mark.parametrize("seed", range(3))
def test_one_cloud_in_ten_dimensions_is_one_group(seed):
    """A single uniform cloud in ten dimensions, 200 rows, is the authors' first model."""
    found = strengths(np.random.default_rng(seed).uniform(size=(200, 10)))
    assert strength_number(KS, found) == 1


def test_degenerate_groupings_predict_nothing():
    """No group, too few groups and groups of one row have strength 0; too few rows NaN."""
    Z = np.arange(12.0).reshape(6, 2)
    assert strengths(Z, [1, 2], lambda rows, k, seed: np.full(len(rows), -1)).tolist() == [1, 0]
    assert strengths(Z, [1, 2], lambda rows, k, seed: np.zeros(len(rows), int)).tolist() == [1, 0]
    assert strengths(Z, [3], lambda rows, k, seed: np.arange(len(rows))).tolist() == [0]
    assert np.isnan(strengths(Z, [4])).all()


def test_the_number_named():
    """The largest number of .8 or more; none where no number has it."""
    assert strength_number(KS, np.array([1, 0.9, 0.5, 0.8, 0.79])) == 4
    assert strength_number([2, 3], np.array([0.7, np.nan])) is None


def test_a_generator_gives_one_answer():
    """The same seed gives the same numbers, another seed others."""
    Z = blobs((0, 0), n=50)
    assert strengths(Z).tolist() == strengths(Z).tolist()
    assert strengths(Z).tolist() != strengths(Z, seed=1).tolist()
