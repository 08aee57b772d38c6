"""BetaDiscreteWeibull holds ShiftedBetaGeo in itself, and finds what a change with tenure does."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import beta

from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo
from support.contractual import HIGH_END, REGULAR, cohort


def test_with_c_of_1_it_is_the_shifted_beta_geometric_model():
    """Every answer is the same."""
    params = {"alpha": 0.668, "beta": 3.806}
    larger = BetaDiscreteWeibull.from_params({**params, "c": 1.0})
    smaller = ShiftedBetaGeo.from_params(params)
    rows = pd.DataFrame(
        {"duration": [0, 1, 9, 400], "churned": [0, 1, 0, 1], "entry": [0, 0, 3, 9]}
    )
    pd.testing.assert_frame_equal(larger.transform(rows), smaller.transform(rows), rtol=1e-11)
    np.testing.assert_allclose(
        larger.log_likelihood(rows), smaller.log_likelihood(rows), rtol=1e-11
    )
    assert larger.value(1.0) == pytest.approx(smaller.value(1.0), rel=1e-11)
    assert larger.median_lifetime() == smaller.median_lifetime()


@pytest.mark.parametrize("percent", [REGULAR, HIGH_END], ids=["regular", "high end"])
@pytest.mark.parametrize("last", [4, 7])
def test_the_estimates_are_those_of_a_plain_maximisation(percent, last):
    """A search without derivatives over the likelihood as printed ends at the same parameters.

    Fader et al. (2018): S(t) = B(a, b + t^c) / B(a, b). Nelder and Mead's search ends within 1e-5.
    """
    X = cohort(percent, last)
    survivors = X["survival"].to_numpy() * 10

    def negative(theta):
        a, b, c = np.exp(theta)
        S = beta(a, b + np.arange(last + 1.0) ** c) / beta(a, b)
        return -(-np.diff(survivors) @ np.log(-np.diff(S)) + survivors[-1] * np.log(S[-1]))

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    found = minimize(negative, np.log([0.5, 1.5, 1.2]), method="Nelder-Mead", options=options)
    model = BetaDiscreteWeibull(cohort_size=1000).fit(X)
    np.testing.assert_allclose(model.params_, np.exp(found.x), rtol=1e-5)
    assert model.log_likelihood_ == pytest.approx(-found.fun, rel=1e-10)


@pytest.mark.parametrize("percent", [REGULAR, HIGH_END], ids=["regular", "high end"])
def test_on_the_published_cohorts_it_is_at_least_as_likely(percent):
    """A parameter more cannot make the customers less likely, and the fit is nearer to them."""
    X = cohort(percent)
    larger = BetaDiscreteWeibull(cohort_size=1000).fit(X)
    smaller = ShiftedBetaGeo(cohort_size=1000).fit(X)
    assert larger.convergence_.sound
    assert larger.log_likelihood_ > smaller.log_likelihood_
    errors = [
        np.abs(one.survival(np.arange(8)) * 100 - X["survival"]).max() for one in (larger, smaller)
    ]
    assert errors[0] < errors[1]


def test_a_chance_that_rises_with_tenure_is_found():
    """With c = 1.6 retention falls at first; the estimate lies within three standard errors."""
    truth = BetaDiscreteWeibull.from_params({"alpha": 2.0, "beta": 20.0, "c": 1.6})
    model = BetaDiscreteWeibull().fit(truth.simulate(20_000, 15, random_state=4))
    assert abs(model.params_["c"] - 1.6) < 3 * model.standard_errors_["c"]
    retention = model.retention(np.arange(1, 16))
    assert retention[3] < retention[0]
    assert (np.abs(retention - truth.retention(np.arange(1, 16))) < 0.02).all()
    low, high = model.confint(0.99).loc["c"]
    assert low < 1.6 < high
