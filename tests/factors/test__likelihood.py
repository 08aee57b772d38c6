"""Likelihood of ratings under a factor model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from custvalue._estimator.ratings import read_ratings
from custvalue.factors._likelihood import log_likelihoods, mean_log_likelihood

LOADINGS = np.array([0.8, 0.7, 0.6])
IMPLIED = np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)
MEANS, SCALES = np.array([4.0, 3.0, 5.0]), np.array([1.5, 0.5, 2.0])


def test_densities_are_those_of_scipy():
    """Multivariate normal in the units of the ratings; gaps leave the marginal of the others."""
    values = np.random.default_rng(0).normal(4, 1, size=(20_000, 3))
    values[1, 0] = values[2, 1] = values[2, 2] = values[17_000, 2] = np.nan
    values[3] = np.nan
    found = log_likelihoods(read_ratings(values), IMPLIED, MEANS, SCALES)
    covariance = IMPLIED * np.outer(SCALES, SCALES)
    complete = ~np.isnan(values).any(axis=1)
    expected = multivariate_normal(MEANS, covariance).logpdf(values[complete])
    np.testing.assert_allclose(found[complete], expected, rtol=1e-12)
    for row, items in [(1, [1, 2]), (2, [0]), (17_000, [0, 1])]:
        marginal = multivariate_normal(MEANS[items], covariance[np.ix_(items, items)])
        assert found[row] == pytest.approx(marginal.logpdf(values[row, items]), rel=1e-12)
    assert np.isnan(found[3])


def test_an_impossible_model_has_none():
    """A negative uniqueness is an error of linear algebra."""
    with pytest.raises(np.linalg.LinAlgError):
        log_likelihoods(read_ratings(np.ones((2, 3))), IMPLIED - np.eye(3), MEANS, SCALES)


def test_a_mean_likelihood_counts_weights_and_complete_respondents():
    """Two items without correlation, by hand; nobody to count gives NaN."""
    ratings = read_ratings(np.array([[0.0, 0.0], [1.0, 2.0], [1.0, np.nan], [np.nan, np.nan]]))
    psi = pd.Series([1.0, 1.0], index=["x0", "x1"])
    scale = np.zeros(2), np.ones(2)
    one = -np.log(2 * np.pi) / 2

    def mean(weights, *, complete_only=False):
        return mean_log_likelihood(
            ratings, np.array(weights), np.zeros((2, 2)), psi, *scale, complete_only=complete_only
        )

    each = [2 * one, 2 * one - 2.5, one - 0.5]
    assert mean([1.0, 1.0, 1.0, 5.0]) == pytest.approx(np.mean(each))
    assert mean([2.0, 1.0, 0.0, 0.0]) == pytest.approx(np.average(each, weights=[2, 1, 0]))
    assert mean([1.0, 1.0, 1.0, 1.0], complete_only=True) == pytest.approx(np.mean(each[:2]))
    assert np.isnan(mean([0.0, 0.0, 1.0, 1.0], complete_only=True))


def test_a_heywood_case_has_no_likelihood():
    """A covariance matrix that is none: the item is named."""
    psi = pd.Series([-0.2, 0.5], index=["x0", "x1"])
    with pytest.raises(ValueError, match="uniquenesses must be above 0 .*'x0' has -0.2"):
        mean_log_likelihood(
            read_ratings(np.ones((1, 2))),
            np.ones(1),
            np.zeros((2, 2)),
            psi,
            np.zeros(2),
            np.ones(2),
            complete_only=False,
        )
