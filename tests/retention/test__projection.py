"""Draws of survival and retention are those of each draw's law, of one customer or of many."""

import numpy as np
import pytest

from custvalue._likelihood.specification import Process, Specification
from custvalue.retention import _projection
from custvalue.retention._projection import Cohort, bands_of, retention_draws, survival_draws
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

PARAMETERS = np.array([[0.7, 3.8, 0.5], [1.2, 2.0, -0.3], [5.0, 50.0, 0.1]])
PERIODS = np.array([1.0, 2.0, 7.0])


@pytest.fixture
def with_covariate():
    process = Process("churn", ShiftedBetaGeoLaw.links["churn"], ("age",))
    return Specification(ShiftedBetaGeoLaw, (process,))


def test_without_covariates_every_draw_is_a_law():
    """Shape (n_draws, n_periods), each row that of one law."""
    specification, cohort = Specification(ShiftedBetaGeoLaw), Cohort.of(())
    survival = survival_draws(specification, PARAMETERS[:, :2], cohort, PERIODS)
    retention = retention_draws(specification, PARAMETERS[:, :2], cohort, PERIODS)
    for i, (alpha, beta, _) in enumerate(PARAMETERS):
        law = ShiftedBetaGeoLaw(alpha, beta)
        np.testing.assert_allclose(survival[i], law.survival(PERIODS), rtol=1e-13)
        np.testing.assert_allclose(retention[i], law.retention(PERIODS), rtol=1e-13)


def test_a_cohort_is_the_mean_of_its_customers(with_covariate, monkeypatch):
    """Survival is a mean; retention weighs with who is still there; blocks change nothing."""
    ages = np.array([0.0, 1.0, 1.0, -2.0])
    cohort = Cohort.of((ages,))
    assert len(cohort.parts) == 3
    survival = survival_draws(with_covariate, PARAMETERS, cohort, np.arange(8.0))
    for i, (alpha, beta, coefficient) in enumerate(PARAMETERS):
        law = with_covariate.law_at([alpha, beta], [coefficient], (ages,))
        expected = [law.survival(float(t)).mean() for t in range(8)]
        np.testing.assert_allclose(survival[i], expected, rtol=1e-13)
    retention = retention_draws(with_covariate, PARAMETERS, cohort, PERIODS)
    steps = survival[:, [1, 2, 7]] / survival[:, [0, 1, 6]]
    np.testing.assert_allclose(retention, steps, rtol=1e-12)
    monkeypatch.setattr(_projection, "_PAIRS", 3)
    again = survival_draws(with_covariate, PARAMETERS, cohort, np.arange(8.0))
    np.testing.assert_allclose(again, survival, rtol=1e-14)


def test_retention_of_a_cohort_that_is_gone_is_still_a_number(with_covariate):
    """Where survival is too small for a number the ratio is taken of logarithms."""
    cohort = Cohort.of((np.array([0.0, 1.0]),))
    parameters = np.array([[2000.0, 1.0, 0.5]])
    found = retention_draws(with_covariate, parameters, cohort, np.array([400.0, 2000.0]))
    assert ((found > 0) & (found < 1)).all()


def test_bands_miss_equally_on_both_sides():
    """Quantiles of the draws by period; of counts one of the numbers drawn."""
    draws = np.arange(101.0)[:, None] * [1.0, 2.0]
    bands = bands_of(np.array([50.0, 100.0]), draws, 0.9)
    np.testing.assert_allclose(bands.lower, [5, 10])
    np.testing.assert_allclose(bands.upper, [95, 190])
    counts = bands_of(np.array([0.5]), np.array([[0.0], [1.0]]), 0.5, whole=True)
    assert counts.lower[0] in (0, 1)
    assert counts.upper[0] in (0, 1)
