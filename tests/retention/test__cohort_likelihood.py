"""Log-likelihoods of cohorts, of survival and of activity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_likelihood import cohort_likelihood, pearson_statistic
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

COUNTS = np.array([[1000, 631, 468, 382], [500, 440, np.nan, np.nan], [90, np.nan, np.nan, np.nan]])


def test_regular_customers_have_the_published_likelihood():
    """Fader & Hardie (2007), table 1: -1680.265 at alpha .704077, beta 1.182043, three digits."""
    counts = np.array([[1000.0, 631, 468, 382, 326, 289, 262, 241]])
    alpha, beta = 0.704077, 1.182043
    x = np.array([[np.log(alpha / beta), np.log(alpha + beta)]])
    found = cohort_likelihood(Coordinates(ShiftedBetaGeoLaw, orders=False), counts, 1.0).values(x)
    np.testing.assert_allclose(found, -1680.265, atol=5e-4)


def test_activity_is_binomial_at_every_age():
    """scipy's binomial of all cells, without its coefficients, over the dispersion."""
    coordinates = Coordinates(GeometricLaw, orders=True)
    x = np.array([[-1.0, 1.5]] * 3)
    stay, q = 1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(-1.5))
    expected = []
    for row in COUNTS:
        ages = np.flatnonzero(~np.isnan(row))[1:]
        cells = binom.logpmf(row[ages], row[0], q * stay**ages)
        same = binom.logpmf(row[ages], row[0], 0.5) + row[0] * np.log(2)
        expected.append((cells - same).sum() / 2)
    found = cohort_likelihood(coordinates, COUNTS, 2.0).values(x)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("orders", [False, True])
@pytest.mark.parametrize("law", [GeometricLaw, ShiftedBetaGeoLaw, BetaDiscreteWeibullLaw])
def test_the_derivatives_are_those_of_the_values(law, orders):
    """Central differences of values and gradients agree to eight digits of the largest."""
    coordinates = Coordinates(law, orders)
    likelihood = cohort_likelihood(coordinates, COUNTS, 1.3)
    x = np.random.default_rng(0).normal(0, 0.5, (3, len(coordinates.names)))
    found = likelihood.derivatives(x)
    np.testing.assert_allclose(found.value, likelihood.values(x), rtol=1e-12)
    for j in range(x.shape[1]):
        step = np.zeros_like(x)
        step[:, j] = 1e-5
        up, down = likelihood.derivatives(x + step), likelihood.derivatives(x - step)
        atol = 1e-8 * np.abs(found.hessian).max()
        np.testing.assert_allclose((up.value - down.value) / 2e-5, found.gradient[:, j], atol=atol)
        slopes = (up.gradient - down.gradient) / 2e-5
        np.testing.assert_allclose(slopes, found.hessian[:, j], atol=atol)


@pytest.mark.parametrize("orders", [False, True])
def test_merged_cohorts_add_up(orders):
    """All cohorts as one have the sum of their values, once for each row asked."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders)
    likelihood = cohort_likelihood(coordinates, COUNTS, 1.3)
    x = np.random.default_rng(1).normal(0, 0.5, (2, len(coordinates.names)))
    single = [likelihood.values(np.tile(row, (3, 1))).sum() for row in x]
    np.testing.assert_allclose(likelihood.merged(2).values(x), single, rtol=1e-12)


@pytest.mark.parametrize("orders", [False, True])
def test_a_cohort_without_a_later_age_tells_nothing(orders):
    """Its value, gradient and information are 0."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders)
    likelihood = cohort_likelihood(coordinates, COUNTS, 1.0)
    x = np.zeros((3, len(coordinates.names)))
    found = likelihood.derivatives(x)
    assert found.value[2] == 0
    assert not found.gradient[2].any()
    assert not likelihood.information(x)[2].any()


@pytest.mark.parametrize("orders", [False, True])
def test_information_is_never_negative(orders):
    """Its eigenvalues are at least 0, far from the mode too."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders)
    likelihood = cohort_likelihood(coordinates, COUNTS, 1.0)
    generator = np.random.default_rng(2)
    for _ in range(20):
        x = generator.normal(0, 2, (3, len(coordinates.names)))
        eigenvalues = np.linalg.eigvalsh(likelihood.information(x))
        assert (eigenvalues >= -1e-12 * np.abs(eigenvalues).max()).all()


def test_the_information_of_activity_is_the_mean_of_the_observed():
    """Minus the Hessian averages to it over 4,000 simulated rows, within 5 % (1 s.e. is 1 %)."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders=True)
    x = np.tile([-1.0, 0.5, 0.3], (4000, 1))
    ages = np.arange(1.0, 5.0)
    p = coordinates.law_of(x[:1]).survival(ages) / (1 + np.exp(-0.3))
    drawn = np.random.default_rng(3).binomial(50, p, (4000, 4))
    likelihood = cohort_likelihood(coordinates, np.column_stack([np.full(4000, 50.0), drawn]), 1.0)
    observed = -likelihood.derivatives(x).hessian.mean(axis=0)
    expected = likelihood.information(x)[0]
    np.testing.assert_allclose(observed, expected, atol=0.05 * np.abs(expected).max())


@pytest.mark.parametrize("orders", [False, True])
def test_pearsons_statistic_is_near_the_number_of_cells(orders):
    """For 300 simulated cohorts at their true coordinates, within 10 % (about 2.5 s.e.)."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders)
    generator = np.random.default_rng(4)
    x = np.tile([-1.0, 0.5, 0.3][: len(coordinates.names)], (300, 1))
    law = coordinates.law_of(x[:1])
    counts = np.full((300, 5), 200.0)
    there = np.full(300, 200)
    for age in range(1, 5):
        there = generator.binomial(there, law.retention(np.array([float(age)])))
        counts[:, age] = generator.binomial(there, 1 / (1 + np.exp(-0.3))) if orders else there
    statistic, cells = pearson_statistic(coordinates, counts, x)
    assert cells == 1200
    np.testing.assert_allclose(statistic / cells, 1.0, atol=0.1)
