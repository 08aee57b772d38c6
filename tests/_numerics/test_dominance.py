"""Shares of R squared."""

from __future__ import annotations

from itertools import permutations
from math import factorial
from pathlib import Path

import numpy as np
import pytest

from custvalue._numerics.dominance import lmg_shares, subset_r_squared

ATTITUDE = Path(__file__).parents[1] / "factors" / "data" / "attitude.csv"


def random_correlations(p, seed):
    """Return correlations of p predictors and an outcome, as a matrix of p + 1."""
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(4 * p, p + 1)) @ generator.normal(size=(p + 1, p + 1))
    return np.corrcoef(mixed.T)


def r_squared(R, subset):
    """Return R squared of the last variable on some others, by solving."""
    inside, r = R[np.ix_(subset, subset)], R[subset, -1]
    return float(r @ np.linalg.solve(inside, r)) if subset else 0.0


def test_shares_of_the_attitude_data():
    """R prints R squared 0.7326 for rating on six items; shares computed at 1e-12."""
    R = np.corrcoef(np.loadtxt(ATTITUDE, delimiter=",", skiprows=1).T)
    shares = lmg_shares(R[1:, 1:], R[1:, 0])
    expected = [0.370816, 0.050904, 0.155766, 0.120345, 0.006589, 0.028182]
    np.testing.assert_allclose(shares, expected, atol=5e-7)
    assert shares.sum() == pytest.approx(0.732602, abs=5e-7)


@pytest.mark.parametrize("p", [1, 2, 4, 6])
def test_r_squared_of_every_subset_is_that_of_its_equations(p):
    """All 2^p subsets, by bits, against a solved regression each."""
    R = random_correlations(p, p)
    found = subset_r_squared(R[:p, :p], R[:p, p])
    subsets = [[j for j in range(p) if b >> j & 1] for b in range(2**p)]
    np.testing.assert_allclose(found, [r_squared(R, s) for s in subsets], atol=1e-12)


def test_shares_are_gains_averaged_over_all_orders_of_entry():
    """The definition, by all 120 orders of five predictors."""
    p, R = 5, random_correlations(5, 11)
    gains = np.zeros(p)
    for order in permutations(range(p)):
        for place, j in enumerate(order):
            gains[j] += r_squared(R, [*order[: place + 1]]) - r_squared(R, [*order[:place]])
    np.testing.assert_allclose(lmg_shares(R[:p, :p], R[:p, p]), gains / factorial(p), atol=1e-12)


def test_fifteen_predictors_share_all_of_r_squared():
    """The sum is R squared, no share is negative, and sixteen are refused."""
    R = random_correlations(15, 3)
    shares = lmg_shares(R[:15, :15], R[:15, 15])
    assert shares.sum() == pytest.approx(r_squared(R, list(range(15))), rel=1e-10)
    assert shares.min() > 0
    with pytest.raises(ValueError, match="at most 15; found 16"):
        lmg_shares(np.eye(16), np.zeros(16))


def test_a_doubled_predictor_shares_with_its_double():
    """Two copies have equal shares; together with the rest they still make R squared."""
    R = random_correlations(3, 5)
    places = [0, 1, 2, 2]
    shares = lmg_shares(R[np.ix_(places, places)], R[places, 3])
    assert shares[2] == pytest.approx(shares[3], rel=1e-9)
    assert shares.sum() == pytest.approx(r_squared(R, [0, 1, 2]), rel=1e-9)


def test_uncorrelated_predictors_have_their_squared_correlations():
    """Then all orders of entry agree."""
    r = np.array([0.5, -0.3, 0.0, 0.6])
    np.testing.assert_allclose(lmg_shares(np.eye(4), r), r**2, atol=1e-15)
