"""Rules that put a ranking in a segment."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from custvalue.segmentation._rankings.rules import (
    MallowsRule,
    MedoidRule,
    PlackettLuceRule,
    chances,
    log_density,
    reordered,
    segment_of,
    size_of,
)

ORDERS = np.array(list(itertools.permutations(range(4))))
MALLOWS = MallowsRule(
    np.array([0.7, 0.3]), np.array([[1, 2, 3, 4], [4, 3, 1, 2]]), np.array([1.5, 0.4])
)
LUCE = PlackettLuceRule(
    np.array([0.6, 0.4]), np.array([[1.0, 0.2, -0.4, -0.8], [-1.0, 0.5, 0.5, 0.0]])
)
MEDOIDS = MedoidRule(np.array([[0, 1, 2, 3], [3, 2, 1, 0], [0, 0, 1, 1]]), "kendall")


@pytest.mark.parametrize("rule", [MALLOWS, LUCE], ids=["mallows", "plackett_luce"])
def test_a_mixture_is_a_law_of_all_orders(rule):
    """The densities of all orders sum to one, and the chances of the segments of each."""
    assert np.exp(log_density(rule, ORDERS)).sum() == pytest.approx(1)
    np.testing.assert_allclose(chances(rule, ORDERS).sum(axis=1), 1)


@pytest.mark.parametrize("rule", [MALLOWS, LUCE], ids=["mallows", "plackett_luce"])
def test_a_mixture_gives_the_likeliest_segment(rule):
    """The segment is that of the largest chance, which is Bayes' rule by hand."""
    densities = np.exp(rule.log_densities(ORDERS)) * rule.shares
    expected = densities / densities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(chances(rule, ORDERS), expected)
    np.testing.assert_array_equal(segment_of(rule, ORDERS), expected.argmax(axis=1))


def test_a_medoid_takes_what_is_nearest():
    """No medoid is nearer than that of the segment given."""
    costs = MEDOIDS.costs(ORDERS)
    codes = segment_of(MEDOIDS, ORDERS)
    np.testing.assert_array_equal(costs[np.arange(24), codes], costs.min(axis=1))


@pytest.mark.parametrize("rule", [MALLOWS, LUCE, MEDOIDS], ids=["mallows", "luce", "medoids"])
def test_reordered_segments_keep_their_rankings(rule):
    """A ranking stays with its segment in any order of them, ties of distance included."""
    order = np.arange(size_of(rule))[::-1]
    other = reordered(rule, order)
    np.testing.assert_array_equal(order[segment_of(other, ORDERS)], segment_of(rule, ORDERS))
