import numpy as np
import pytest

from custvalue.retention._contractual_law import (
    churn_odds,
    log_of_leaving,
    odds_of_leaving,
    within,
)


def test_odds_count_renewals_that_were_seen():
    """Ten customers came to 10 renewals of whom two left, from their entry on; halves are added."""
    duration, churned = np.array([1.0, 4.0]), np.array([1.0, 0.0])
    entry, weights = np.array([0.0, 3.0]), np.array([2.0, 8.0])
    assert churn_odds(duration, churned, entry, weights) == pytest.approx(2.5 / 8.5)


def test_odds_stay_away_from_the_ends():
    """Where nobody or everybody left the search still has a start."""
    one = np.ones(1)
    assert churn_odds(5 * one, 0 * one, 0 * one, one) == pytest.approx(0.5 / 5.5)
    assert churn_odds(one, one, 0 * one, one) == pytest.approx(3.0)


def test_leaving_keeps_its_digits():
    """log(1 - exp(-h)) is log h for tiny h, and its derivative 1 / h."""
    hazard = np.array([1e-200, 1.0, 800.0])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        logs, odds = log_of_leaving(hazard), odds_of_leaving(hazard)
    np.testing.assert_allclose(logs, [np.log(1e-200), np.log1p(-np.exp(-1)), 0.0], rtol=1e-14)
    np.testing.assert_allclose(odds, [1e200, 1 / np.expm1(1), 0.0], rtol=1e-14)


def test_what_happens_too_late_is_not_seen():
    """Durations beyond what is looked at are infinite."""
    assert within(np.array([1.0, 5.0, np.inf]), 4).tolist() == [1.0, np.inf, np.inf]
