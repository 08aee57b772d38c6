import numpy as np
from scipy.special import gammaln

from custvalue._likelihood.fit import prepare
from custvalue._likelihood.posterior import PosteriorDiagnostic, posterior_draws
from custvalue._likelihood.prior import default_prior
from custvalue._likelihood.specification import Process, Specification
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._nbd import NBDLaw


def posterior(specification, columns, n_draws=4000):
    """Return draws with the default prior."""
    training = prepare(specification, columns, None)
    prior = default_prior(specification, training.units, 0.0)
    generator = np.random.default_rng(0)
    return posterior_draws(training, prior, n_draws, generator, lambda items: items)


def few_customers():
    """Return 25 customers."""
    generator = np.random.default_rng(3)
    T = generator.uniform(10, 50, 25)
    x, t_x = NBDLaw(0.9, 10.0).simulate(T, generator)
    return x, t_x, T


def test_draws_have_the_moments_of_the_posterior_on_a_grid():
    """Two parameters, 25 customers, far from normal: means and deviations agree to 3 per cent."""
    x, t_x, T = few_customers()
    found = posterior(Specification(NBDLaw), (x, t_x, T))
    log_r, log_alpha = np.meshgrid(np.linspace(-4, 8, 301), np.linspace(-5, 13, 301))
    r, alpha = np.exp(log_r)[..., None], np.exp(log_alpha)[..., None]
    likelihood = gammaln(r + x) - gammaln(r) - r * np.log1p(T / alpha) - x * np.log(alpha + T)
    density = likelihood.sum(axis=-1)
    density -= 0.5 * (log_r / 2) ** 2 + 0.5 * ((log_alpha - np.log(T.mean())) / 2) ** 2
    weight = np.exp(density - density.max())
    logs = np.log(found.draws)
    assert found.diagnostic.reliable
    for i, grid in enumerate((log_r, log_alpha)):
        mean = np.average(grid, weights=weight)
        deviation = np.sqrt(np.average((grid - mean) ** 2, weights=weight))
        assert abs(logs[:, i].mean() - mean) < 0.06 * deviation
        np.testing.assert_allclose(logs[:, i].std(), deviation, rtol=0.06)


def test_coefficients_are_drawn_on_the_scale_of_the_user():
    """A covariate in thousands has a thousandth of the coefficient, draw by draw."""
    law, generator = BetaGeoNBDLaw(0.5, 5.0, 0.8, 2.4), np.random.default_rng(1)
    T = np.full(400, 50.0)
    x, t_x = law.simulate(T, generator)
    income = generator.normal(30, 5, 400)
    specification = Specification(
        BetaGeoNBDLaw, (Process("purchase", BetaGeoNBDLaw.links["purchase"], ("income",)),)
    )
    one = posterior(specification, (x, t_x, T, income), 100).draws
    other = posterior(specification, (x, t_x, T, income * 1000), 100).draws
    np.testing.assert_allclose(other[:, 4] * 1000, one[:, 4], rtol=1e-4, atol=1e-7)


def test_a_long_tail_is_not_reliable():
    """The limit is that of the literature, 0.7."""
    assert PosteriorDiagnostic(0.69, 100.0, 1000).reliable
    assert not PosteriorDiagnostic(0.71, 100.0, 1000).reliable
