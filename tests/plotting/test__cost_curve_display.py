from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._cost_curve_display import best_level, cost_table, level_steps, places_of


def test_the_table_is_sorted_and_summed():
    """Levels may come in any order."""
    table = cost_table([0.9, 0.8, 0.85], [3.0, 1.0, 2.0], [1.0, 9.0, 4.0])
    assert table.index.tolist() == [0.8, 0.85, 0.9]
    assert table["total_cost"].tolist() == [10.0, 6.0, 4.0]
    assert best_level(table) == 0.9


def test_of_equal_minima_the_lowest_level_is_the_best():
    """A higher level for the same cost buys nothing."""
    table = pd.DataFrame({"total_cost": [5.0, 3.0, 3.0]}, index=[0.7, 0.8, 0.9])
    assert best_level(table) == 0.8
    rounded = cost_table([0.7, 0.8, 0.9], [5.0, 0.1, 0.3], [0.0, 0.2, 0.0])
    assert rounded["total_cost"].idxmin() == 0.9
    assert best_level(rounded) == 0.8


@pytest.mark.parametrize(
    ("levels", "direct", "hidden", "message"),
    [
        (
            [0.8, 0.9],
            [1.0],
            [1.0, 2.0],
            "direct_cost must have one entry per service level; found 1",
        ),
        ([0.8, 0.9], [1.0, 2.0], [1.0], "hidden_cost must have one entry"),
        ([0.8, np.nan], [1.0, 2.0], [1.0, 2.0], "service_levels must be a row of finite numbers"),
        ([0.8, 0.8], [1.0, 2.0], [1.0, 2.0], "two different levels"),
        ([0.8], [1.0], [1.0], "two different levels"),
        ([80, 90], [1.0, 2.0], [1.0, 2.0], "as 0.95 for 95 %; found 80 to 90"),
    ],
)
def test_what_is_given_is_checked(levels, direct, hidden, message):
    """Each rule says what was found."""
    with pytest.raises(ValueError, match=message):
        cost_table(levels, direct, hidden)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.9, 0.999), (0.95, 0.951), (0.5, 0.5000001)])
def test_steps_lie_within_the_range_and_are_few(ends):
    """At least one and at most seven round levels between the ends."""
    steps = level_steps(*ends)
    assert 1 <= len(steps) <= 7
    assert steps[0] >= ends[0] - 1e-9
    assert steps[-1] <= ends[1] + 1e-9


def test_decimals_are_as_many_as_needed():
    """None for whole numbers, at most six for a third."""
    assert places_of(np.array([90.0, 95.0])) == 0
    assert places_of(np.array([99.25])) == 2
    assert places_of(np.array([1 / 3])) == 6
