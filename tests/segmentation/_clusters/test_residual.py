"""Customers move along cheapest paths until sizes are right, and prices say why."""

from __future__ import annotations

import numpy as np

from custvalue.segmentation._clusters.residual import ResidualNetwork


def network(costs, counts, low, high, offsets=None) -> ResidualNetwork:
    """Return the network of rows that start where they are cheapest."""
    costs = np.array(costs, dtype=float)
    offsets = np.zeros(costs.shape[1]) if offsets is None else np.array(offsets)
    codes = np.argmin(costs + offsets, axis=1)
    bounds = np.array([low, high])
    return ResidualNetwork(costs, np.array(counts), codes, bounds, offsets)


def test_sizes_within_their_limits_move_nobody():
    """Prices stay 0."""
    found = network([[0, 1], [0, 1], [1, 0]], [1, 1, 1], [1, 1], [2, 2])
    assert found.settle()
    assert found.prices == [0, 0, 0]
    assert found.mass == [{0: 1, 1: 1}, {2: 1}]


def test_the_row_that_loses_least_moves():
    """Three rows want segment 0, which holds two; the price of a place is what the third loses."""
    found = network([[0, 9], [0, 2], [0, 5]], [1, 1, 1], [0, 0], [2, 3])
    assert found.settle()
    assert found.mass == [{0: 1, 2: 1}, {1: 1}]
    assert found.prices[0] - found.prices[2] == 2
    assert found.prices[1] == found.prices[2]


def test_a_chain_of_moves_may_be_cheapest():
    """A row goes from 0 to 1 and another from 1 to 2, where going from 0 to 2 costs more."""
    found = network([[0, 1, 9], [0, 1, 9], [9, 0, 1]], [1, 1, 1], [1, 1, 1], [1, 1, 1])
    assert found.settle()
    assert [sorted(mass) for mass in found.mass] in ([[0], [1], [2]], [[1], [0], [2]])


def test_rows_of_many_customers_are_split():
    """The network moves customers; to keep equal ones together is another's work."""
    found = network([[0, 1], [0, 3]], [10, 4], [0, 0], [7, 14])
    assert found.settle()
    assert found.mass == [{0: 3, 1: 4}, {0: 7}]


def test_a_price_that_is_not_called_for_is_given_up():
    """A segment that is not full has no price, whatever the start."""
    found = network([[0, 5], [5, 0]], [1, 1], [0, 0], [2, 2], offsets=[3.0, 0.0])
    assert found.settle()
    assert [round(price - found.prices[2], 12) for price in found.prices[:2]] == [0, 0]
    assert found.mass == [{0: 1}, {1: 1}]


def test_sizes_out_of_reach_are_reported():
    """Two rows cannot fill three places."""
    assert not network([[0, 1], [0, 1]], [1, 1], [0, 3], [2, 3]).settle()
