"""The kernel against integrals in 50 digits, against itself, and against simulation."""

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.stats import nbinom

from custvalue._numerics import beta_geometric
from custvalue._numerics.beta_geometric import (
    beta_geo_expectation,
    beta_geo_survival,
    stages_needed,
)

# s, beta, a, b, horizon: one row for the sum, the others for the integral.
POINTS = [
    (0.24, 4.4, 0.79, 2.4, 52.0),
    (0.24, 4.4, 1.0, 2.4, 1e4),
    (26.2, 35.4, 0.79, 28.4, 52.0),
    (10_000.3, 1004.0, 0.79, 10_002.0, 300.0),
    (5.0, 0.01, 900.0, 0.02, 10.0),
    (800.0, 2.0, 0.011, 0.013, 5000.0),
]


def integral(point, integrand):
    """Return the expectation over p by mpmath, in log p and log(1 - p) so that nothing is lost."""
    with mp.workdps(20):
        s, beta, a, b, t = (mpf(v) for v in point)
        z = t / beta

        def of_logit(u):
            p = 1 / (1 + mp.exp(-u))
            return mp.exp(-a * mp.log1p(mp.exp(-u)) - b * mp.log1p(mp.exp(u))) * integrand(p, s, z)

        wide = 80 / min(a, b, 1)
        ends = mp.linspace(-wide, wide, 41)
        return float(mp.quad(of_logit, ends) / mp.beta(a, b))


@pytest.mark.parametrize("point", POINTS[:5])
def test_expectation_agrees_with_quadrature(point):
    """Both forms reach 1e-11 of an integral that shares nothing with them."""
    expected = integral(point, lambda p, s, z: (1 - (1 + p * z) ** -s) / p)
    np.testing.assert_allclose(beta_geo_expectation(*point), expected, rtol=1e-11)


@pytest.mark.parametrize("point", POINTS[:5])
def test_survival_agrees_with_quadrature(point):
    """The probability to go on, likewise."""
    expected = integral(point, lambda p, s, z: (1 + p * z) ** -s)
    np.testing.assert_allclose(beta_geo_survival(*point), expected, rtol=1e-11)


@pytest.mark.parametrize("function", [beta_geo_expectation, beta_geo_survival])
def test_sum_and_integral_agree_where_both_serve(function, monkeypatch):
    """Rows that the sum takes come out alike from the integral, to 1e-12."""
    generator = np.random.default_rng(3)
    s, beta, a, b = np.exp(generator.uniform(np.log(0.05), np.log(20), size=(4, 200)))
    horizon = beta * generator.uniform(0.01, 3, size=200)
    by_sum = function(s, beta, a, b, horizon)
    monkeypatch.setattr(beta_geometric, "MOST_TERMS", -1)
    np.testing.assert_allclose(function(s, beta, a, b, horizon), by_sum, rtol=1e-12)


def test_nothing_happens_at_a_equal_to_one():
    """The expectation is continuous through a = 1, where the closed form divides by zero."""
    a = 1 + np.array([-1e-9, 0.0, 1e-9])
    low, middle, high = beta_geo_expectation(0.24, 4.4, a, 2.4, 52.0)
    assert low > middle > high
    np.testing.assert_allclose([low, high], middle, rtol=1e-8)


def test_for_ever_is_finite_where_the_mathematics_are():
    """(a + b - 1) / (a - 1) for a > 1, infinite for a <= 1, and nobody is left."""
    a = np.array([0.5, 1.0, 1.5, 3.0])
    np.testing.assert_allclose(
        beta_geo_expectation(0.24, 4.4, a, 2.4, np.inf), [np.inf, np.inf, 2.9 / 0.5, 4.4 / 2]
    )
    np.testing.assert_array_equal(beta_geo_survival(0.24, 4.4, a, 2.4, np.inf), 0)


def test_no_time_means_no_events():
    """At horizon 0 the expectation is 0 and everybody goes on."""
    assert beta_geo_expectation(0.24, 4.4, 0.8, 2.4, 0.0) == 0
    assert beta_geo_survival(0.24, 4.4, 0.8, 2.4, 0.0) == 1


@pytest.mark.parametrize("a", [0.5, 1.0, 1.5])
def test_absurd_horizons_stay_finite(a):
    """Up to 1e300 time units the expectation rises, without overflow or a hole."""
    values = beta_geo_expectation(0.24, 4.4, a, 2.4, 10.0 ** np.arange(-300, 301, 25))
    assert np.isfinite(values).all()
    # The limit is reached to rounding, from either side.
    assert (np.diff(values) >= -1e-13 * values[-1]).all()


def test_simulated_processes_average_to_the_expectation():
    """200,000 simulated customers come within four standard errors."""
    generator = np.random.default_rng(5)
    n, (s, beta, a, b, t) = 200_000, (0.9, 4.0, 0.8, 2.4, 20.0)
    would = generator.poisson(generator.gamma(s, 1 / beta, n) * t)
    stops = generator.geometric(generator.beta(a, b, n))
    events = np.minimum(would, stops)
    error = events.std() / np.sqrt(n)
    assert abs(events.mean() - beta_geo_expectation(s, beta, a, b, t)) < 4 * error
    going = (would < stops).mean()
    error = np.sqrt(going * (1 - going) / n)
    assert abs(going - beta_geo_survival(s, beta, a, b, t)) < 4 * error


@pytest.mark.parametrize(("every", "phase"), [(2, 0), (3, 2), (12, 0), (12, 11)])
@pytest.mark.parametrize("function", [beta_geo_expectation, beta_geo_survival])
def test_sum_and_integral_agree_on_stages(function, every, phase, monkeypatch):
    """Where every k-th stage is an event, and many are expected, they agree to 1e-11."""
    generator = np.random.default_rng(8)
    s, a, b = np.exp(generator.uniform(np.log(0.05), np.log(20), size=(3, 60)))
    horizon = generator.uniform(9, 13, size=60)
    cycle = {"every": every, "phase": phase}
    by_sum = function(s, 1.0, a, b, horizon, **cycle)
    monkeypatch.setattr(beta_geometric, "MOST_TERMS", -1)
    np.testing.assert_allclose(function(s, 1.0, a, b, horizon, **cycle), by_sum, rtol=1e-11)


def test_stages_needed_reach_far_enough():
    """Less than 1e-16 of the stages are beyond."""
    s, z = np.array([0.1, 3.0, 400.0]), np.array([10.0, 2.0, 0.3])
    assert (nbinom(s, 1 / (1 + z)).sf(stages_needed(s, z)) < 1e-16).all()


def test_simulated_stages_average_to_the_expectation():
    """200,000 simulated customers of Erlang-3 gaps come within four standard errors."""
    generator = np.random.default_rng(6)
    n, (s, beta, a, b, t) = 200_000, (1.9, 4.0, 0.8, 2.4, 20.0)
    would = (generator.poisson(generator.gamma(s, 1 / beta, n) * t) + 2) // 3
    events = np.minimum(would, generator.geometric(generator.beta(a, b, n)))
    error = events.std() / np.sqrt(n)
    expected = beta_geo_expectation(s, beta, a, b, t, every=3, phase=2)
    assert abs(events.mean() - expected) < 4 * error
