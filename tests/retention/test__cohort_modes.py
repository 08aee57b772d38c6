"""Modes of many small posteriors at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_likelihood import cohort_likelihood
from custvalue.retention._cohort_modes import find_modes
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

REGULAR = [1000.0, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000.0, 869, 743, 653, 593, 551, 517, 491]
COUNTS = np.array([REGULAR, HIGH_END, [*REGULAR[:3], *[np.nan] * 5], [50, *[np.nan] * 7]])
FACTOR = np.array([[0.5, 0.0], [0.2, 0.7]])
MEAN = np.array([-1.0, 0.8])


def modes(counts=COUNTS, factor=FACTOR, *, law=ShiftedBetaGeoLaw, orders=False, mean=MEAN):
    """Return the modes of cohorts, started at the mean."""
    likelihood = cohort_likelihood(Coordinates(law, orders), counts, 1.0)
    return find_modes(likelihood, mean, factor, np.zeros((len(counts), len(mean))))


def test_wide_priors_give_the_published_estimates():
    """Fader & Hardie (2007): Regular .704077, 1.182043; High-End .668088, 3.806095, six digits."""
    found = modes(factor=np.eye(2) * 1000.0)
    natural = Coordinates(ShiftedBetaGeoLaw, orders=False).parameters(found.x)
    np.testing.assert_allclose(natural[0], [0.704077, 1.182043], atol=1e-6)
    np.testing.assert_allclose(natural[1], [0.668088, 3.806095], atol=1e-6)
    assert found.converged.all()


@pytest.mark.parametrize(
    ("law", "orders", "p"),
    [
        (ShiftedBetaGeoLaw, False, 2),
        (ShiftedBetaGeoLaw, True, 3),
        (BetaDiscreteWeibullLaw, True, 4),
    ],
)
def test_a_general_optimiser_finds_nothing_higher(law, orders, p):
    """Nelder and Mead, started at the modes, improve no log-posterior by more than 1e-8."""
    mean, factor = np.array([-1.0, 0.8, 0.1, 0.4])[:p], np.diag([0.5, 0.6, 0.2, 0.4][:p])
    found = modes(law=law, orders=orders, mean=mean, factor=factor)
    assert found.converged.all()
    for i, row in enumerate(COUNTS):
        one = cohort_likelihood(Coordinates(law, orders), row[None], 1.0)

        def minus(x, one=one):
            z = (x - mean) / np.diag(factor)
            return -one.values(x[None])[0] + z @ z / 2

        other = minimize(minus, found.x[i], method="Nelder-Mead", options={"fatol": 1e-10})
        assert other.fun > minus(found.x[i]) - 1e-8


def test_no_spread_means_no_move():
    """With L = 0 every cohort stays at the mean, and nothing is NaN."""
    found = modes(factor=np.zeros((2, 2)))
    np.testing.assert_array_equal(found.x, np.tile(MEAN, (4, 1)))
    assert np.isfinite(found.information).all()


def test_a_cohort_that_tells_nothing_stays_at_the_mean():
    """Only its size is known."""
    np.testing.assert_array_equal(modes().x[3], MEAN)


def test_a_row_ends_at_the_same_place_in_any_company():
    """Alone or with others, in any order, to the last digits."""
    together = modes().x
    for i in range(len(COUNTS)):
        np.testing.assert_allclose(modes(COUNTS[i : i + 1]).x[0], together[i], rtol=1e-12)
    np.testing.assert_allclose(modes(COUNTS[::-1]).x[::-1], together, rtol=1e-12)


def test_the_start_does_not_matter():
    """Two far starts end where the near one does."""
    likelihood = cohort_likelihood(Coordinates(ShiftedBetaGeoLaw, orders=False), COUNTS, 1.0)
    for start in (-3.0, 3.0):
        found = find_modes(likelihood, MEAN, FACTOR, np.full((4, 2), start))
        np.testing.assert_allclose(found.x, modes().x, atol=1e-9)


def test_extreme_counts_have_modes():
    """Nobody leaves, everybody leaves, one customer: finite and at rest."""
    counts = np.array([[50.0, 50, 50, 50], [50, 0, 0, 0], [1, 1, 0, 0]])
    for factor in (FACTOR, np.eye(2) * 1000.0):
        found = modes(counts, factor)
        assert found.converged.all()
        assert np.isfinite(found.x).all()
