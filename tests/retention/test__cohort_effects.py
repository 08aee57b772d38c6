"""Cohorts as a linear model with random effects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from custvalue.retention._cohort_effects import N_DRAWS, EffectsModel, posterior_root
from custvalue.retention._cohort_modes import Modes

MEAN, FACTOR = np.array([-1.0, 0.5]), np.array([[0.4, 0.0], [0.2, 0.3]])


def modes(n, seed=0, *, factor=FACTOR):
    """Return estimates of n cohorts, normal around their own coordinates, and information."""
    generator = np.random.default_rng(seed)
    root = generator.normal(0, 4, (n, 2, 2))
    H = root @ np.swapaxes(root, 1, 2) + np.eye(2)
    own = MEAN + generator.standard_normal((n, 2)) @ factor.T
    noise = np.einsum(
        "nij,nj->ni", np.linalg.cholesky(np.linalg.inv(H)), generator.normal(size=(n, 2))
    )
    return as_modes(own + noise, H)


def as_modes(x, H):
    """Return modes of exact normal likelihoods."""
    zero = np.zeros_like(x)
    return Modes(x, zero[:, 0], zero[:, 0], zero, H, np.ones(len(x), dtype=bool))


def textbook(found, factor, centre):
    """Return mean, its covariance and restricted likelihood by the book, with Sigma + H^{-1}."""
    total = factor @ factor.T + np.linalg.inv(found.information)
    weights = np.linalg.inv(total)
    P = np.eye(2) / 4
    C = np.linalg.inv(weights.sum(axis=0) + P)
    mean = C @ (np.einsum("nij,nj->i", weights, found.x) + P @ centre)
    pairs = zip(found.x, total, strict=True)
    value = sum(multivariate_normal(mean, cov).logpdf(x) for x, cov in pairs)
    value -= (factor**2).sum() / 2
    value += np.linalg.slogdet(C)[1] / 2 - (mean - centre) @ P @ (mean - centre) / 2
    return mean, C, value


def test_the_model_is_that_of_the_textbook():
    """Mean and covariance to twelve digits; the likelihood but for a constant."""
    found, centre = modes(6), np.zeros(2)
    model = EffectsModel(found, centre)
    constants = []
    for factor in (FACTOR, np.diag([0.1, 1.0])):
        mean, C, value = textbook(found, factor, centre)
        np.testing.assert_allclose(model.at(factor).mean, mean, rtol=1e-12)
        np.testing.assert_allclose(model.at(factor).mean_covariance, C, rtol=1e-10)
        constants.append(model.restricted(factor) - value)
    np.testing.assert_allclose(constants[0], constants[1], rtol=1e-10)


def test_the_slope_is_that_of_the_restricted_likelihood():
    """Central differences in every entry of L."""
    model = EffectsModel(modes(8), MEAN)
    slope = model.slope(FACTOR)
    for i, j in ((0, 0), (1, 0), (1, 1)):
        step = np.zeros((2, 2))
        step[i, j] = 1e-5
        change = model.restricted(FACTOR + step) - model.restricted(FACTOR - step)
        np.testing.assert_allclose(change / 2e-5, slope[i, j], rtol=1e-6)


def test_many_factors_at_once_are_each_by_itself():
    """Leading axes of L give what single calls give."""
    model = EffectsModel(modes(5), MEAN)
    factors = np.array([FACTOR, np.zeros((2, 2)), 2 * FACTOR])
    together = model.at(factors)
    for i, factor in enumerate(factors):
        np.testing.assert_allclose(together.mean[i], model.at(factor).mean, rtol=1e-13)
        np.testing.assert_allclose(together.value[i], model.restricted(factor), rtol=1e-12)


def test_the_spread_of_many_cohorts_is_recovered():
    """Of 2,000 cohorts the covariance is found within 0.02, three standard errors."""
    model = EffectsModel(modes(2000, 1), MEAN)
    factor = model.best_factor(np.eye(2) * 0.3)
    np.testing.assert_allclose(factor @ factor.T, FACTOR @ FACTOR.T, atol=0.02)
    assert (np.diag(factor) >= 0).all()


def test_alike_cohorts_have_no_spread():
    """Estimates that agree to the last digit give L = 0, without NaN."""
    found = modes(6)
    same = as_modes(np.tile(MEAN, (6, 1)), found.information)
    model = EffectsModel(same, MEAN)
    factor = model.best_factor(np.eye(2) * 0.3)
    np.testing.assert_allclose(factor, 0.0, atol=1e-6)
    np.testing.assert_allclose(model.at(factor).mean, MEAN, atol=1e-10)


def test_cohorts_that_tell_nothing_change_nothing():
    """Rows without information leave mean, spread and likelihood alone."""
    found = modes(5)
    nothing = np.zeros((1, 2, 2))
    more = as_modes(
        np.vstack([found.x, [[9.0, 9.0]]]), np.concatenate([found.information, nothing])
    )
    one, other = EffectsModel(found, MEAN), EffectsModel(more, MEAN)
    np.testing.assert_allclose(one.at(FACTOR).mean, other.at(FACTOR).mean, rtol=1e-13)
    np.testing.assert_allclose(one.restricted(FACTOR), other.restricted(FACTOR), rtol=1e-13)


def test_huge_information_and_spread_lose_nothing():
    """At H of 1e14 and L of 1e6 the mean is that of the estimates, and the value is finite."""
    found = modes(4)
    sure = as_modes(found.x, found.information * 1e14)
    at = EffectsModel(sure, MEAN).at(np.eye(2) * 1e6)
    assert np.isfinite(at.value)
    np.testing.assert_array_equal(np.linalg.eigvalsh(at.mean_covariance) > 0, True)


def test_draws_are_of_the_posterior():
    """For one coordinate and 12 cohorts: mean and sd of the spread within 10 % of quadrature."""
    generator = np.random.default_rng(5)
    x = generator.normal(0, 0.5, (12, 1))
    found = as_modes(x, np.full((12, 1, 1), 25.0))
    model = EffectsModel(found, np.zeros(1))
    grid = np.linspace(0, 4, 4001)
    height = model.restricted(grid[:, None, None])
    weight = np.exp(height - height.max())
    weight /= weight.sum()
    middle = weight @ grid
    deviation = np.sqrt(weight @ (grid - middle) ** 2)
    drawn = [model.draws(np.full((1, 1), 0.5), np.random.default_rng(s))[1] for s in range(5)]
    spread = np.abs(np.concatenate(drawn)).ravel()
    assert len(spread) == 5 * N_DRAWS
    np.testing.assert_allclose(spread.mean(), middle, rtol=0.1)
    np.testing.assert_allclose(spread.std(), deviation, rtol=0.1)


@pytest.mark.parametrize("factor", [FACTOR, np.zeros((2, 2)), np.diag([0.5, 0.0])])
def test_the_root_is_that_of_the_posterior_covariance(factor):
    """R R' = L (I + L' H L)^{-1} L', also for singular L; the trace of V H is between 0 and 2."""
    H = modes(3).information
    root, trace = posterior_root(H, factor)
    V = factor @ np.linalg.inv(np.eye(2) + factor.T @ H @ factor) @ factor.T
    np.testing.assert_allclose(root @ np.swapaxes(root, 1, 2), V, atol=1e-14)
    np.testing.assert_allclose(trace, np.trace(V @ H, axis1=1, axis2=2), atol=1e-12)
    assert ((trace >= 0) & (trace <= 2)).all()
