"""Pareto/NBD on the CDNOW customers: the published fit and what follows from it."""

import numpy as np
import pytest

from custvalue.lifetime.pareto_nbd import ParetoNBD
from support.cdnow import calibration_summary, expected_by_week

# BTYD's walk-through, rounded; CLVTools' tests (0.12.1) print .55315, 10.57633, .60625, 11.67150,
# a little short of the maximum.
PUBLISHED = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
CLVTOOLS = {"r": 0.55315, "alpha": 10.57633, "s": 0.60625, "beta": 11.67150}


@pytest.fixture(scope="module")
def model():
    """Return the model fitted to the 2,357 customers, in weeks."""
    return ParetoNBD(horizon=39.0).fit(calibration_summary())


def test_estimates_are_the_published_ones(model):
    """To the last digit that BTYD prints, and better than those of CLVTools."""
    for name, value in PUBLISHED.items():
        assert model.params_[name] == pytest.approx(value, abs=1e-3)
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=5e-4)
    theirs = ParetoNBD.from_params(CLVTOOLS).score(calibration_summary())
    assert theirs <= model.score(calibration_summary())
    assert model.convergence_.sound


def test_standard_errors_are_those_of_clvtools(model):
    """Printed to seven digits, from numerical differences at a point nearby."""
    printed = {"r": 0.0476264, "alpha": 0.8427222, "s": 0.1872594, "beta": 6.2105448}
    for name, value in printed.items():
        assert model.standard_errors_[name] == pytest.approx(value, rel=2e-4)


def test_customer_1516(model):
    """25.45647 purchases in a year and P(alive) .997874 (BTYD, to 1e-4)."""
    customer = calibration_summary().loc[[1516]]
    assert model.expected_purchases(customer, 52).item() == pytest.approx(25.45647, rel=1e-4)
    assert model.probability_alive(customer).item() == pytest.approx(0.997874, abs=1e-6)


def test_a_new_customer(model):
    """1.473434 repeat purchases in a year (BTYD)."""
    assert model.expected_purchases_new(52) == pytest.approx(1.473434, rel=1e-6)


def test_holdout_expectations_by_frequency(model):
    """Expected purchases in weeks 40 to 78 by calibration frequency 0..7+ (BTYD's table)."""
    customers = calibration_summary()
    expected = model.predict(customers).groupby(customers["frequency"].clip(upper=7)).mean()
    printed = [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403]
    # BTYD's estimates differ in the fourth digit.
    np.testing.assert_allclose(expected, printed, atol=1e-3)


def test_a_dropout_covariate_that_changes_nothing_is_found_to(model):
    """Noise as a covariate has a coefficient within three standard errors of nothing."""
    customers = calibration_summary()
    customers["noise"] = np.random.default_rng(0).normal(size=len(customers))
    both = ParetoNBD(purchase_covariates=["noise"], dropout_covariates=["noise"]).fit(customers)
    errors = both.standard_errors_[-2:].to_numpy()
    assert (np.abs(both.coef_.to_numpy()) < 3 * errors).all()
    assert model.log_likelihood_ <= both.log_likelihood_ < model.log_likelihood_ + 6


def test_tracking_by_week():
    """Purchases expected in weeks 20 to 25, and by their ends, as BTYD's walk-through has them."""
    # BTYD's estimates, recovered from six figures that it prints to seven digits.
    at = {"r": 0.55337084, "alpha": 10.57951886, "s": 0.60590725, "beta": 11.65811012}
    by_week = expected_by_week(ParetoNBD.from_params(at), 25)
    printed = [78.308, 76.419, 74.648, 72.983, 71.414, 69.933]
    np.testing.assert_allclose(np.diff(by_week)[18:], printed, atol=6e-4)
    printed = [1308.856, 1385.275, 1459.923, 1532.906, 1604.32, 1674.253]
    np.testing.assert_allclose(by_week[19:], printed, atol=2e-3)
