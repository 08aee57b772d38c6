import numpy as np
import pytest

from custvalue._likelihood import fit as fit_module
from custvalue._likelihood.fit import fit_rows
from custvalue._likelihood.specification import Process, Specification
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._gamma_gamma import GammaGammaLaw

BETA_GEO = Specification(BetaGeoNBDLaw)


def simulated(n, law=None, observed=52.0, seed=1):
    """Return x, t_x and T of simulated customers."""
    law = law or BetaGeoNBDLaw(0.243, 4.414, 0.793, 2.426)
    T = np.full(n, observed)
    return (*law.simulate(T, np.random.default_rng(seed)), T)


def test_covariance_is_the_inverse_of_the_observed_information():
    """It equals the inverse of second differences of the log-likelihood in the parameters."""
    columns = simulated(3000)
    fit = fit_rows(BETA_GEO, columns)
    at, steps = fit.estimates, fit.estimates * 1e-3

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
    direct = fit_rows(BETA_GEO, columns)
    monkeypatch.setattr(fit_module, "_SAMPLES", (500, 1200))
    sampled = fit_rows(BETA_GEO, columns)
    np.testing.assert_allclose(sampled.estimates, direct.estimates, rtol=1e-6)
    np.testing.assert_allclose(sampled.covariance, direct.covariance, rtol=1e-5)
    assert sampled.log_likelihood == pytest.approx(direct.log_likelihood, rel=1e-14)


def test_customers_who_never_leave_end_at_the_boundary_with_its_name():
    """Without dropout the model becomes an NBD, and the report says that it has."""
    generator = np.random.default_rng(2)
    T = np.full(2000, 50.0)
    x = generator.poisson(generator.gamma(2.0, 1 / 10.0, 2000) * T).astype(float)
    t_x = np.where(x > 0, T * generator.beta(np.maximum(x, 1), 1), 0.0)
    report = fit_rows(BETA_GEO, (x, t_x, T)).convergence
    assert report.at_boundary
    assert "NBD" in report.limiting_model
    assert not report.sound


def test_without_a_definite_hessian_there_are_no_standard_errors():
    """One customer cannot identify three parameters; the covariance is NaN, not a number."""
    fit = fit_rows(Specification(GammaGammaLaw), (np.array([2.0]), np.array([10.0])))
    assert not fit.convergence.sound
    if not fit.convergence.hessian_definite:
        assert np.isnan(fit.covariance).all()


def test_rows_of_weight_zero_do_not_count():
    """They change neither the estimates nor the units in which these are sought."""
    columns = simulated(500)
    odd = tuple(
        np.append(column, value) for column, value in zip(columns, (9, 1e8, 1e9), strict=True)
    )
    fit = fit_rows(BETA_GEO, odd, np.append(np.ones(500), 0.0))
    np.testing.assert_allclose(fit.estimates, fit_rows(BETA_GEO, columns).estimates, rtol=1e-9)


def drawn_with_covariate(n=20_000):
    """Return rows whose dropout depends on a covariate in an awkward unit, and its coefficient."""
    generator = np.random.default_rng(4)
    income = generator.normal(30_000, 8_000, n)
    process = Process("dropout", BetaGeoNBDLaw.links["dropout"], ("income",))
    specification = Specification(BetaGeoNBDLaw, (process,))
    law = specification.law_at((0.8, 4.4, 0.8, 2.4), (1e-4,), (income - 30_000,))
    T = np.full(n, 52.0)
    return specification, (*law.simulate(T, generator), T, income)


def test_a_coefficient_is_recovered_on_the_scale_of_the_user():
    """Per unit of income, within four standard errors, whatever the unit."""
    specification, columns = drawn_with_covariate()
    fit = fit_rows(specification, columns)
    error = np.sqrt(fit.covariance[4, 4])
    assert fit.convergence.sound
    assert abs(fit.estimates[4] - 1e-4) < 4 * error
    assert error < 2e-5
    thousands = fit_rows(specification, (*columns[: 4 - 1], columns[3] / 1000))
    np.testing.assert_allclose(thousands.estimates[4], fit.estimates[4] * 1000, rtol=1e-6)
    np.testing.assert_allclose(thousands.estimates[:4], fit.estimates[:4], rtol=1e-6)


def test_a_penalty_shrinks_and_leaves_the_log_likelihood_what_it_is():
    """The coefficient is smaller, the log-likelihood that of the estimates, the covariance gone."""
    specification, columns = drawn_with_covariate(4000)
    free, bound = (fit_rows(specification, columns, l2=l2) for l2 in (0.0, 500.0))
    assert abs(bound.estimates[4]) < abs(free.estimates[4])
    law = specification.law_at(bound.estimates[:4], bound.estimates[4:], columns[3:])
    total = law.log_likelihood(*columns[:3]).sum()
    assert bound.log_likelihood == pytest.approx(total, rel=1e-12)
    assert bound.log_likelihood < free.log_likelihood
    assert bound.covariance is None
    assert free.covariance is not None


def test_a_penalty_does_not_depend_on_units():
    """Time in days and income in thousands give the same predictions."""
    specification, (x, t_x, T, income) = drawn_with_covariate(3000)
    one = fit_rows(specification, (x, t_x, T, income), l2=50.0)
    other = fit_rows(specification, (x, 7 * t_x, 7 * T, income / 1000), l2=50.0)
    scale = np.array([1, 7, 1, 1, 1000])
    np.testing.assert_allclose(other.estimates, one.estimates * scale, rtol=1e-5)


@pytest.mark.parametrize(
    ("limits", "common"),
    [
        (["NBD", "NBD"], "NBD"),
        (["NBD, or one rate for all", "one rate for all"], "one rate for all"),
        (["nobody leaves", "everybody leaves"], "nobody leaves; everybody leaves"),
        ([], None),
    ],
)
def test_the_limit_that_parameters_have_in_common_is_named(limits, common):
    """Each says its alternatives; where none is shared, all are said."""
    assert fit_module._in_common(limits) == common
