"""Orders of items that contradict the fewest preferences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from custvalue.segmentation._rankings import orders
from custvalue.segmentation._rankings.consensus import kemeny, pairwise_preferences
from custvalue.segmentation._rankings.orders import best_order, cost_against, sorted_by


def test_no_order_is_contradicted_less():
    """Over all 120 orders of five items none costs less, and the cost is that of the pairs."""
    generator = np.random.default_rng(1)
    for _ in range(10):
        preferences = generator.random((5, 5)) * (1 - np.eye(5))
        order, exact = best_order(preferences)
        costs = [
            sum(preferences[b, a] for a, b in itertools.combinations(other, 2))
            for other in itertools.permutations(range(5))
        ]
        assert exact
        assert cost_against(preferences, order) == pytest.approx(min(costs))


def test_equal_scores_are_in_the_order_of_the_items():
    """A difference of rounding is none."""
    assert sorted_by(np.array([0.3, 0.1 + 0.2, 0.1])).tolist() == [2, 0, 1]


def test_the_search_finds_the_proved_optimum_of_twelve_items():
    """On 20 tables of 9 random orders the local search ends at the exact total each time."""
    generator = np.random.default_rng(13)
    for _ in range(20):
        levels = np.array([generator.permutation(12) for _ in range(9)])
        preferences = pairwise_preferences(levels, np.ones(9))
        searched = orders._searched_order(preferences)
        assert cost_against(preferences, searched) == kemeny(levels, np.ones(9)).total


def test_the_gains_of_moves_are_those_of_the_moves_made():
    """What moving an item is said to save is what the total falls by."""
    generator = np.random.default_rng(14)
    preferences = generator.random((6, 6)) * (1 - np.eye(6))
    gains = orders._move_gains(preferences - preferences.T)
    order = np.arange(6)
    before = cost_against(preferences, order)
    for a, b in itertools.product(range(6), repeat=2):
        moved = np.insert(np.delete(order, a), b, a)
        assert gains[a, b] == pytest.approx(before - cost_against(preferences, moved))
