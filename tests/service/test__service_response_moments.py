from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._service_response_moments import design, make_grid, products, sums

unit = st.floats(0, 1)


@settings(max_examples=30)
@given(st.lists(unit, min_size=2, max_size=30), st.lists(unit, min_size=1, max_size=6, unique=True))
def test_products_are_those_of_the_columns(levels, knots):
    """Sums between knots give what the columns themselves give, weighted or not."""
    x, tau = np.sort(levels), np.sort(knots)
    y, X = np.cos(9 * x), design(x, tau)
    assert products(x, None, tau) == pytest.approx(X.T @ X, abs=1e-12)
    assert products(x, y**2, tau) == pytest.approx(X.T @ (X * y[:, None] ** 2), abs=1e-12)
    assert sums(x, y, tau) == pytest.approx(X.T @ y, abs=1e-12)


def test_a_grid_knows_what_is_left_of_a_knot():
    """Rows at the knot count by half, levels by one, and knots are sorted."""
    grid = make_grid(np.array([0.0, 0.2, 0.2, 1.0]), np.array([0.5, 0.2]))
    assert grid.knots.tolist() == [0.2, 0.5]
    assert grid.share.tolist() == [0.5, 0.75]
    assert grid.up_to.tolist() == [2, 2]
    assert grid.below.tolist() == [1, 2]
    assert grid.n_levels == 3


def test_a_stage_has_rows_and_levels_enough():
    """Of 11 levels, the first and last two leave no three levels; others take their share."""
    x = np.linspace(0, 1, 11)
    grid = make_grid(x, x)
    assert grid.feasible(np.empty(0, dtype=int), 0.01).tolist() == list(range(2, 9))
    assert grid.feasible(np.array([5]), 0.01).tolist() == [2, 3, 7, 8]
    assert grid.feasible(np.array([5]), 0.3).tolist() == []
