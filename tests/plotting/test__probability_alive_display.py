from __future__ import annotations

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.plotting._probability_alive_display import (
    alive_grid,
    binned_means,
    grid_frequencies,
    grid_waits,
    typical_time,
)


class Ratio:
    """A model whose P(alive) is recency / T / frequency, and that looks at the unit."""

    def probability_alive(self, X):
        """Return recency / T / frequency."""
        assert X.attrs == {"time_unit": "day"}
        return X["recency"] / X["T"] / X["frequency"]


def test_few_purchases_have_a_column_each():
    """Up to eight repeat purchases no number is skipped."""
    assert grid_frequencies(np.array([0.0, 0.0, 1.0, 4.0])).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("top", [9, 17, 60, 400, 90_000])
def test_many_purchases_have_at_most_eight_round_columns(top):
    """Columns ascend from 1 and none is beyond what customers do."""
    columns = grid_frequencies(np.arange(top + 1.0))
    assert columns[0] == 1
    assert len(columns) <= 8
    assert (np.diff(columns) > 0).all()
    assert columns[-1] <= top


def test_one_extreme_buyer_does_not_stretch_the_picture():
    """The one in a hundred who buys most is beyond the last column."""
    frequency = np.concatenate([np.ones(500), [2.0] * 400, [5000.0]])
    assert grid_frequencies(frequency).max() == 2


@pytest.mark.parametrize("T", [0.3, 1.0, 7.5, 38.86, 40.0, 1000.0])
def test_waits_begin_at_zero_and_end_before_the_first_purchase(T):
    """No row asks for a last purchase before, or on the day of, the first."""
    waits = grid_waits(T)
    assert waits[0] == 0
    assert waits[-1] < T
    assert 3 <= len(waits) <= 9


def test_the_typical_time_is_that_of_repeat_buyers():
    """Customers who never came back do not count."""
    assert typical_time(np.array([0.0, 1.0, 2.0, 1.0]), np.array([1.0, 8.0, 9.0, 30.0])) == 9.0


def test_without_repeat_buyers_there_is_no_typical_time():
    """The message says how many rows there are."""
    with pytest.raises(DataError, match="frequency is 0 in all 3 rows"):
        typical_time(np.zeros(3), np.ones(3))


def test_the_grid_has_a_row_for_each_wait_and_a_column_for_each_frequency():
    """A wait of w is a recency of T - w."""
    grid = alive_grid(Ratio(), np.array([1.0, 2.0]), np.array([0.0, 2.5, 5.0]), 10.0, "day")
    np.testing.assert_allclose(grid, [[1.0, 0.5], [0.75, 0.375], [0.5, 0.25]])


def test_cells_hold_the_mean_of_their_customers():
    """What is below the first row or column is left out, what is beyond the last is inside."""
    row = np.array([0.0, 4.0, 5.0, 99.0, 7.0])
    column = np.array([1.0, 1.0, 3.0, 2.0, 0.0])
    values = np.array([0.2, 0.4, 0.5, 0.9, 1.0])
    means = binned_means(row, column, values, np.array([0.0, 5.0]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(means, [[0.3, np.nan], [np.nan, 0.7]])
