"""Mixtures by expectation and maximisation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

from custvalue._numerics.mixtures import (
    MixtureFit,
    best_fit,
    classification_entropy,
    expectation_maximisation,
    log_joint,
    posterior,
    random_responsibilities,
)

DEATHS = np.arange(10.0)
DAYS = np.array([162.0, 267, 271, 185, 111, 61, 27, 8, 3, 1])
"""Days with 0, 1, ... deaths of women of 80 years and over in The Times: the classic example of a
Poisson mixture (Hasselblad 1969)."""


def update(weighted):
    return (weighted * DEATHS[:, None]).sum(axis=0) / weighted.sum(axis=0)


def log_density(means):
    return poisson.logpmf(DEATHS[:, None], means)


def fitted(**options):
    start = np.stack([DEATHS < 2, DEATHS >= 2], axis=1) * 0.8 + 0.1
    return expectation_maximisation(start, DAYS, update, log_density, **options)


def test_the_classic_poisson_mixture_is_found():
    """Shares .3599 and .6401, means 1.256 and 2.663 (Hasselblad 1969)."""
    fit = fitted(tolerance=1e-14, max_iterations=20_000)
    assert fit.converged
    # Published to four and three decimals.
    np.testing.assert_allclose(fit.shares, [0.3599, 0.6401], atol=1e-4)
    np.testing.assert_allclose(fit.parameters, [1.256, 2.663], atol=1e-3)


def test_no_direct_search_finds_more():
    """An independent maximisation by scipy ends at the same log-likelihood."""

    def negated(theta):
        share = 1 / (1 + np.exp(-theta[0]))
        both = poisson.pmf(DEATHS[:, None], np.exp(theta[1:])) @ [share, 1 - share]
        return -DAYS @ np.log(both)

    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000}
    end = minimize(negated, [-0.5, 0.2, 1.0], method="Nelder-Mead", options=options)
    fit = fitted(tolerance=1e-14, max_iterations=20_000)
    assert fit.log_likelihood == pytest.approx(-end.fun, abs=1e-7)


def test_the_likelihood_never_falls():
    """Each further iteration ends at least as high."""
    values = [fitted(max_iterations=n).log_likelihood for n in range(1, 30)]
    assert np.all(np.diff(values) > 0)


def test_a_search_that_is_cut_short_says_so():
    """After max_iterations the fit is not converged and tells how many there were."""
    fit = fitted(max_iterations=3)
    assert (fit.converged, fit.iterations) == (False, 3)


def test_counts_stand_for_repeated_rows():
    """The joint density needs no count; the likelihood is that of the repeated rows."""
    fit = fitted()
    rows = np.repeat(np.arange(10), DAYS.astype(int))
    density = poisson.pmf(DEATHS[rows][:, None], fit.parameters) @ fit.shares
    # One iteration moves the parameters after the reported value by less than the tolerance.
    assert fit.log_likelihood == pytest.approx(np.log(density).sum(), rel=1e-12)


def test_the_best_fit_is_the_first_of_the_highest():
    """Among equals the first start wins."""
    values = {"a": 1.0, "b": 2.0, "c": 2.0}
    fits = [MixtureFit(np.ones(1), name, value, 1, True) for name, value in values.items()]
    assert best_fit(fits).parameters == "b"


def test_a_component_without_share_has_no_posterior():
    """A share of 0 gives log 0 and probability 0, without a warning."""
    shares, logs = np.array([1.0, 0.0]), np.log([[0.2, 0.9]])
    np.testing.assert_array_equal(log_joint(shares, logs), [[np.log(0.2), -np.inf]])
    np.testing.assert_array_equal(posterior(shares, logs), [[1.0, 0.0]])


def test_posteriors_stand_very_small_densities():
    """Densities far below the smallest number are compared by their logarithms."""
    found = posterior(np.array([0.5, 0.5]), np.array([[-5000.0, -5000.0 + np.log(3)]]))
    np.testing.assert_allclose(found, [[0.25, 0.75]], rtol=1e-12)


def test_random_starts_lean_on_one_component_each():
    """Rows sum to one, the largest entry is more than 0.9, and a seed gives the same start."""
    start = random_responsibilities(500, 4, np.random.default_rng(0))
    np.testing.assert_allclose(start.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(start.max(axis=1), 0.925, rtol=1e-12)
    assert set(start.argmax(axis=1)) == {0, 1, 2, 3}
    again = random_responsibilities(500, 4, np.random.default_rng(0))
    np.testing.assert_array_equal(start, again)


def test_entropy_is_nothing_for_sure_rows_and_most_for_even_ones():
    """It is 0 for certain rows and log 2 for each row split evenly, times the counts."""
    chances = np.array([[1.0, 0.0], [0.5, 0.5]])
    found = classification_entropy(chances, np.array([7.0, 3.0]))
    assert found == pytest.approx(3 * np.log(2), rel=1e-14)
