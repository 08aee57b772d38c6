"""A frozen rule repeats a partition, serves new customers, and answers each row by itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_moons

from custvalue.segmentation._clusters.assignment import (
    MOST_PROTOTYPES,
    GaussianRule,
    PrototypeRule,
    agreement,
    assign,
    nearness,
    prototypes_of,
    reordered,
)

CENTRES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])


def nearest(centres=CENTRES, segment=(0, 1, 2), offsets=(0.0, 0.0, 0.0), reach=np.inf):
    """Return a rule of some prototypes."""
    return PrototypeRule(
        centres, np.array(segment), np.array(offsets), np.full(len(centres), reach)
    )


def gaussian():
    """Return a rule of two components, one of them wide and slanted."""
    covariances = np.array([[[1.0, 0.3], [0.3, 0.5]], [[2.0, -0.8], [-0.8, 1.0]]])
    factors = np.linalg.cholesky(np.linalg.inv(covariances))
    means = np.array([[0.0, 0.0], [2.0, 1.0]])
    return GaussianRule(np.array([0.3, 0.7]), means, factors, np.zeros(2)), covariances


def points(n=500, seed=0):
    """Return points around the centres, a cloud each."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(3, size=n)
    return CENTRES[codes] + generator.normal(0, 0.4, (n, 2)), codes


def test_the_nearest_prototype_decides():
    """Each point belongs to the segment of its nearest prototype, by brute force."""
    Z = np.random.default_rng(1).uniform(-2, 6, (300, 2))
    centres = np.random.default_rng(2).uniform(-2, 6, (7, 2))
    segment = np.array([2, 0, 1, 1, 0, 2, 0])
    distance = np.sqrt(((Z[:, None] - centres[None]) ** 2).sum(axis=2))
    rule = nearest(centres, segment)
    np.testing.assert_array_equal(assign(rule, Z), segment[distance.argmin(axis=1)])
    of_segment = np.stack([distance[:, segment == j].min(axis=1) for j in range(3)], axis=1)
    np.testing.assert_allclose(rule.distances(Z), of_segment, rtol=1e-12)


def test_offsets_move_the_border():
    """With an offset w on one of two segments at distance a the border moves by w / 2a."""
    rule = nearest(np.array([[0.0], [4.0]]), (0, 1), (0.0, 2.0))
    Z = np.array([[2.2], [2.26]])
    assert assign(rule, Z).tolist() == [0, 1]


def test_out_of_reach_is_no_segment():
    """Farther away than its prototype reaches a customer is in none, and told the first choice."""
    rule = nearest(reach=1.0)
    found = nearness(rule, np.array([[0.5, 0.0], [2.0, 0.2]]))
    assert found.codes.tolist() == [0, -1]
    assert found.runner_up[1] == 0
    assert found.margin[1] == 0


def test_the_margin_is_0_at_the_border_and_1_at_a_prototype():
    """1 - distance to the own over distance to the next."""
    found = nearness(nearest(), np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0], [0.0, 3.0]]))
    assert found.codes.tolist() == [0, 0, 0, 2]
    np.testing.assert_allclose(found.margin, [1.0, 0.0, 1 - 1 / 3, 1 - 1 / 3])
    assert found.runner_up.tolist()[1:] == [1, 1, 0]


def test_a_single_segment_has_no_next():
    """With one segment everybody is in it, without doubt."""
    found = nearness(nearest(CENTRES[:1], (0,), (0.0,)), np.array([[9.0, 9.0]]))
    assert (found.codes[0], found.runner_up[0], found.margin[0]) == (0, -1, 1.0)


def test_gaussian_densities_are_those_of_scipy():
    """Chances and log-densities against scipy's multivariate normal."""
    rule, covariances = gaussian()
    Z = np.random.default_rng(3).normal(1, 2, (200, 2))
    joint = np.stack(
        [
            share * multivariate_normal(mean, covariance).pdf(Z)
            for share, mean, covariance in zip(rule.shares, rule.means, covariances, strict=True)
        ],
        axis=1,
    )
    np.testing.assert_allclose(rule.chances(Z), joint / joint.sum(axis=1, keepdims=True), rtol=1e-9)
    np.testing.assert_allclose(rule.log_density(Z), np.log(joint.sum(axis=1)), rtol=1e-9)
    np.testing.assert_array_equal(assign(rule, Z), joint.argmax(axis=1))


def test_one_prototype_each_is_enough_for_round_groups():
    """Well separated clouds need no more than their means."""
    Z, codes = points()
    rule = prototypes_of(Z, codes, 3, 0)
    assert len(rule.prototypes) == 3
    assert agreement(rule, Z, codes) == 1.0


def test_bent_groups_get_more_prototypes():
    """Two moons, which no two means part, are told apart by several prototypes each."""
    Z, codes = make_moons(800, noise=0.05, random_state=0)
    rule = prototypes_of(Z, codes, 2, 0)
    assert 2 < len(rule.prototypes) <= MOST_PROTOTYPES
    assert agreement(rule, Z, codes) > 0.99


def test_a_partition_with_outsiders_gets_a_reach():
    """Where a clusterer leaves customers out, so does the rule, about as often."""
    Z, _ = points()
    Z = np.concatenate([Z, np.random.default_rng(5).uniform(8, 20, (40, 2))])
    codes = DBSCAN(eps=0.5).fit_predict(Z)
    rule = prototypes_of(Z, codes, int(codes.max()) + 1, 0)
    assert np.isfinite(rule.reach).all()
    assert agreement(rule, Z, codes) > 0.95
    assert (assign(rule, Z[-40:]) == -1).mean() > 0.9


@pytest.mark.parametrize("rule", [nearest(offsets=(0.3, 0.0, 1.0)), gaussian()[0]])
def test_reordered_segments_are_the_same_segments(rule):
    """Segment i of the new rule is segment order[i] of the old one."""
    Z, _ = points()
    order = np.arange(len(rule.offsets))[::-1]
    np.testing.assert_array_equal(order[assign(reordered(rule, order), Z)], assign(rule, Z))


def test_segments_can_be_left_out():
    """A rule without one of its segments assigns its customers to the next."""
    left = reordered(nearest(), np.array([2, 0]))
    assert assign(left, np.array([[4.0, 0.0], [0.0, 4.0]])).tolist() == [1, 0]


@pytest.mark.parametrize("rule", [nearest(reach=1.2), gaussian()[0]])
def test_many_rows_are_answered_like_few(rule):
    """Chunks do not show."""
    Z = np.random.default_rng(6).normal(1, 2, (70_000, 2))
    whole = rule.costs(Z)
    np.testing.assert_allclose(
        whole[[0, 65_535, 65_536, -1]], rule.costs(Z[[0, 65_535, 65_536, -1]])
    )
    assert rule.within_reach(Z).shape == (70_000,)
