"""Gamma-Gamma on the CDNOW customers, and its rules for data."""

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.lifetime import GammaGamma
from support.cdnow import calibration_summary


@pytest.fixture(scope="module")
def model():
    """Return the model fitted to the 946 repeat buyers."""
    return GammaGamma().fit(calibration_summary())


def test_estimates_are_the_published_ones(model):
    """p 6.249690, q 3.744180, v 15.442988 (clvkit) and the log-likelihood of CLVTools.

    clvkit stops a little short: its vector has the lower likelihood, hence 4e-5 and not 1e-7.
    """
    published = {"p": 6.249690, "q": 3.744180, "v": 15.442988}
    for name, value in published.items():
        assert model.params_[name] == pytest.approx(value, rel=4e-5)
    theirs = GammaGamma.from_params(published).score(calibration_summary())
    assert theirs < model.score(calibration_summary())
    assert model.log_likelihood_ == pytest.approx(-4055.9177, abs=5e-5)
    assert model.n_customers_ == 946
    assert model.convergence_.sound


def test_expected_spends_are_the_published_ones(model):
    """The first ten customers, from lifetimes' documentation.

    Its spends are rounded to cents, which moves the parameters by 1e-4 and spends by 2e-4.
    """
    printed = [24.658619, 18.911489, 35.170981, 35.170981, 35.170981]
    printed += [71.462843, 18.911489, 35.170981, 27.282408, 35.170981]
    found = model.expected_spend(calibration_summary()).head(10)
    np.testing.assert_allclose(found, printed, rtol=2e-4)


def test_customers_without_a_repeat_get_the_mean_of_all(model):
    """p v / (q - 1) for every frequency of 0."""
    p, q, v = model.params_
    customers = calibration_summary()
    none = model.predict(customers)[customers["frequency"] == 0]
    np.testing.assert_allclose(none, p * v / (q - 1), rtol=1e-14)


def test_independence_check_finds_the_published_correlation(model):
    """.113884 between frequency and spend on CDNOW (lifetimes' documentation)."""
    check = model.independence_check(calibration_summary())
    assert check.loc["pearson", "correlation"] == pytest.approx(0.113884, abs=2e-5)
    assert (check["n_customers"] == 946).all()
    assert check.loc["pearson", "p_value"] < 0.001


def test_independence_check_needs_variation():
    """Two customers, or all alike, have no correlation."""
    rows = pd.DataFrame({"frequency": [1.0, 2.0, 0.0], "monetary_value": [3.0, 4.0, 0.0]})
    published = GammaGamma.from_params({"p": 6, "q": 4, "v": 15})
    with pytest.raises(DataError, match="at least three customers"):
        published.independence_check(rows)


@pytest.mark.parametrize("q", [0.5, 1.0])
def test_without_a_population_mean_there_is_no_prediction(q):
    """For q <= 1 the mean spend is infinite, and the error names q."""
    model = GammaGamma.from_params({"p": 6.0, "q": q, "v": 15.0})
    rows = pd.DataFrame({"frequency": [0.0, 3.0], "monetary_value": [0.0, 20.0]})
    with pytest.raises(ValueError, match=rf"q > 1 only; found q={q:g}"):
        model.expected_spend(rows)
    assert np.isfinite(model.log_likelihood(rows.iloc[1:])).all()


def test_customers_without_a_repeat_have_nothing_observed(model):
    """Their log-likelihood is 0, and the sum over all customers is that of the fit."""
    customers = calibration_summary()
    values = model.log_likelihood(customers)
    assert (values[customers["frequency"] == 0] == 0).all()
    assert values.sum() == pytest.approx(model.log_likelihood_)


def test_simulated_parameters_are_recovered():
    """From 20,000 simulated customers the truth lies within four standard errors."""
    truth = GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})
    generator = np.random.default_rng(3)
    x = generator.poisson(2, 20_000).astype(float)
    rows = pd.DataFrame({"frequency": x, "monetary_value": truth._fitted.simulate(x, generator)})
    fitted = GammaGamma().fit(rows)
    assert (((fitted.params_ - truth.params_) / fitted.standard_errors_).abs() < 4).all()


def test_money_in_cents_changes_only_v():
    """Spend a hundred times as large: v a hundred times, p and q the same."""
    customers = calibration_summary()
    cents = customers.assign(monetary_value=customers["monetary_value"] * 100)
    one, hundred = GammaGamma().fit(customers), GammaGamma().fit(cents)
    np.testing.assert_allclose(hundred.params_ / one.params_, [1, 1, 100], rtol=1e-6)
