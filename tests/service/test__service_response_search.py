from __future__ import annotations

import numpy as np
import pytest

from custvalue.service._service_response_moments import design, make_grid, products, sums
from custvalue.service._service_response_search import (
    change_test,
    coefficients,
    gaussian_draws,
    search,
    settle,
)

X = np.linspace(0, 1, 101)
GRID = make_grid(X, X[1:-1])
TRUTH = np.interp(X, [0, 0.25, 0.6, 0.8, 1], [0, 0, 3, 3.2, 2])
DRAWS = np.random.default_rng(0).standard_normal((999, 300))


def moments(y):
    """Return products of the columns, and those with the values."""
    return products(X, None, GRID.knots), sums(X, y, GRID.knots)


def residual_test(y, knots):
    """Return the test of one more change after a fit with some knots."""
    D = design(X, np.asarray(knots))[:, : 2 + len(knots)]
    e = y - D @ np.linalg.lstsq(D, y)[0]
    G = products(X, None, GRID.knots)
    places = np.searchsorted(GRID.knots, knots)
    scores, outer = sums(X, e, GRID.knots), products(X, e**2, GRID.knots)
    return change_test(G, scores, outer, GRID, places, 0.1, DRAWS)


def test_knots_without_noise_are_found():
    """Three changes of slope, and the coefficients of the line."""
    G, b = moments(TRUTH)
    places = search(G, b, GRID, 3, 0.1)
    assert GRID.knots[places] == pytest.approx([0.25, 0.6, 0.8])
    slopes = np.cumsum(coefficients(G, b, places)[1:])
    assert slopes == pytest.approx([0, 3 / 0.35, 1, -6], abs=1e-9)


def test_the_search_ends_at_the_best_of_all_pairs():
    """With noise, no pair of places on the grid fits better than the one found."""
    y = TRUTH + np.random.default_rng(1).standard_normal(101)
    G, b = moments(y)
    found = search(G, b, GRID, 2, 0.1)
    free = GRID.feasible(np.empty(0, dtype=int), 0.1)

    def fit(places):
        return coefficients(G, b, places) @ b[np.r_[0, 1, places + 2]]

    best = max(
        fit(np.array([i, j])) for i in free for j in free if GRID.share[j] - GRID.share[i] >= 0.1
    )
    # coarse sets and moves of one knot at a time: within a thousandth of the best of all
    assert fit(found) >= best - 1e-3 * abs(best)


def test_no_room_is_none():
    """More knots than stages allow are not placed; none are always."""
    G, b = moments(TRUTH)
    assert search(G, b, GRID, 3, 0.3) is None
    assert search(G, b, GRID, 0, 0.3).tolist() == []
    assert len(search(G, b, GRID, 2, 0.33)) == 2


def test_a_settled_knot_stays():
    """What fits best does not move."""
    G, b = moments(TRUTH)
    places = search(G, b, GRID, 3, 0.1)
    assert settle(G, b, GRID, places, 0.1).tolist() == places.tolist()


def test_a_change_is_seen_and_none_is_not():
    """A bent line has a small p value, a straight one has not; a known bend is no further one."""
    noise = 0.1 * np.random.default_rng(4).standard_normal(101)
    bent = np.maximum(X - 0.5, 0) * 3 + noise
    assert residual_test(bent, []).p_value < 0.01
    assert residual_test(X + noise, []).p_value > 0.05
    assert residual_test(bent, [GRID.knots[49]]).p_value > 0.05


def test_variances_that_are_rounding_tell_nothing():
    """Residuals exactly 0 below a knot: hinges there have errors of rounding, and are left out."""
    place = np.array([39])
    e = np.where(X > 0.4, 0.1 * np.random.default_rng(4).standard_normal(101), 0.0)
    above = design(X, GRID.knots[place])[X > 0.4][:, :2]
    e[X > 0.4] -= above @ np.linalg.lstsq(above, e[X > 0.4])[0]
    G, scores = products(X, None, GRID.knots), sums(X, e, GRID.knots)
    found = change_test(G, scores, products(X, e**2, GRID.knots), GRID, place, 0.1, DRAWS)
    # t of a straight line in noise: with the hinges below the knot it would be 1e6 and more
    assert 0 < found.statistic < 4
    assert found.p_value > 0.05
    none = np.zeros_like(scores)
    nothing = change_test(G, none, np.zeros_like(G), GRID, place, 0.1, DRAWS)
    assert (nothing.statistic, nothing.p_value) == (0, 1)


def test_no_room_is_no_test():
    """Where every place is too near to a known knot there is none."""
    G = products(X, None, GRID.knots)
    zeros = np.zeros(len(G))
    place = np.array([49])
    assert change_test(G, zeros, G, GRID, place, 0.4, DRAWS) is None


def test_draws_have_their_covariance():
    """Normal numbers are mixed to the covariance asked for."""
    wanted = np.array([[4.0, 1.0], [1.0, 2.0]])
    draws = gaussian_draws(wanted, np.random.default_rng(3).standard_normal((40_000, 5)))
    # the error of a variance from 40,000 draws is 0.7 %
    assert np.cov(draws.T) == pytest.approx(wanted, rel=0.04)
