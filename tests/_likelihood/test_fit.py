import numpy as np
import pytest

from custvalue._likelihood import fit as fit_module
from custvalue._likelihood.fit import fit_law
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._gamma_gamma import GammaGammaLaw


def simulated(n, law=None, observed=52.0, seed=1):
    """Return x, t_x and T of simulated customers."""
    law = law or BetaGeoNBDLaw(0.243, 4.414, 0.793, 2.426)
    T = np.full(n, observed)
    return (*law.simulate(T, np.random.default_rng(seed)), T)


def test_covariance_is_the_inverse_of_the_observed_information():
    """It equals the inverse of second differences of the log-likelihood in the parameters."""
    columns = simulated(3000)
    fit = fit_law(BetaGeoNBDLaw, columns)
    at, steps = fit.parameters, fit.parameters * 1e-3

    def total(shift):
        return BetaGeoNBDLaw(*(at + shift)).log_likelihood(*columns).sum()

    information = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            a, b = np.eye(4)[i] * steps[i], np.eye(4)[j] * steps[j]
            corners = total(a + b) - total(a - b) - total(b - a) + total(-a - b)
            information[i, j] = -corners / (4 * steps[i] * steps[j])
    # Second differences with steps of a thousandth are good to about 1e-5.
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-3)


def test_the_sampled_start_changes_nothing(monkeypatch):
    """Going by way of a sample ends at the maximum of all rows."""
    columns = simulated(5000)
    columns = (columns[0], columns[1], columns[2] + np.random.default_rng(0).uniform(0, 9, 5000))
    direct = fit_law(BetaGeoNBDLaw, columns)
    monkeypatch.setattr(fit_module, "_MANY", 1000)
    monkeypatch.setattr(fit_module, "_SAMPLE", 500)
    monkeypatch.setattr(fit_module, "_LARGER_SAMPLE", 1200)
    sampled = fit_law(BetaGeoNBDLaw, columns)
    np.testing.assert_allclose(sampled.parameters, direct.parameters, rtol=1e-6)
    np.testing.assert_allclose(sampled.covariance, direct.covariance, rtol=1e-5)
    assert sampled.log_likelihood == pytest.approx(direct.log_likelihood, rel=1e-14)


def test_customers_who_never_leave_end_at_the_boundary_with_its_name():
    """Without dropout the model becomes an NBD, and the report says that it has."""
    generator = np.random.default_rng(2)
    T = np.full(2000, 50.0)
    x = generator.poisson(generator.gamma(2.0, 1 / 10.0, 2000) * T).astype(float)
    t_x = np.where(x > 0, T * generator.beta(np.maximum(x, 1), 1), 0.0)
    report = fit_law(BetaGeoNBDLaw, (x, t_x, T)).convergence
    assert report.at_boundary
    assert "NBD" in report.limiting_model
    assert not report.sound


def test_without_a_definite_hessian_there_are_no_standard_errors():
    """One customer cannot identify three parameters; the covariance is NaN, not a number."""
    fit = fit_law(GammaGammaLaw, (np.array([2.0]), np.array([10.0])))
    assert not fit.convergence.sound
    if not fit.convergence.hessian_definite:
        assert np.isnan(fit.covariance).all()


def test_rows_of_weight_zero_do_not_count():
    """They change neither the estimates nor the units in which these are sought."""
    columns = simulated(500)
    odd = tuple(
        np.append(column, value) for column, value in zip(columns, (9, 1e8, 1e9), strict=True)
    )
    fit = fit_law(BetaGeoNBDLaw, odd, np.append(np.ones(500), 0.0))
    np.testing.assert_allclose(
        fit.parameters, fit_law(BetaGeoNBDLaw, columns).parameters, rtol=1e-9
    )
