"""Discounted expectations against integrals of the flow, and at their ends."""

import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics import beta_geo_discounting
from custvalue._numerics.beta_geo_discounting import beta_geo_discounted
from custvalue._numerics.beta_geometric import beta_geo_expectation

# s, beta, a, b, rate, horizon
POINTS = [
    (0.24, 4.4, 0.79, 2.4, 0.002, 52.0),
    (0.24, 4.4, 1.0, 2.4, 0.002, np.inf),
    (26.2, 35.4, 0.79, 28.4, 0.0018, np.inf),
    (0.02, 0.01, 0.05, 0.1, 0.5, 1000.0),
    (10_000.3, 1004.0, 0.79, 10_002.0, 0.01, 300.0),
    (5.0, 0.1, 900.0, 0.02, 1e-5, np.inf),
]


def flow_integral(s, beta, a, b, rate, horizon):
    """Integrate exp(-rate u) s / beta 2F1(s + 1, a; a + b; -u / beta) over u by mpmath."""
    with mp.workdps(25):
        s, beta, a, b, rate = map(mpf, (s, beta, a, b, rate))

        def of_log(y):
            u = mp.exp(y)
            flow = s / beta * mp.hyp2f1(s + 1, a, a + b, -u / beta)
            return u * mp.exp(-rate * u) * flow

        end = mp.log(min(horizon, 60 / rate))
        return float(mp.quad(of_log, mp.linspace(end - 60, end, 31)))


@pytest.mark.parametrize("point", [POINTS[i] for i in (0, 1, 2, 3)])
def test_agrees_with_quadrature_of_the_flow(point):
    """Finite and infinite horizons reach 1e-11 of an integral that shares nothing with them."""
    np.testing.assert_allclose(beta_geo_discounted(*point), flow_integral(*point), rtol=1e-11)


@pytest.mark.parametrize(("every", "phase"), [(1, 0), (2, 1), (3, 0), (12, 7)])
def test_for_ever_is_the_limit_of_long_horizons(every, phase):
    """60 time constants of the discount are as good as all time, to 1e-10."""
    for s, beta, a, b, rate, _ in POINTS[:4]:
        state = (s + phase, beta, a, b, max(rate, 0.05))
        endless = beta_geo_discounted(*state, np.inf, every=every, phase=phase)
        long = beta_geo_discounted(*state, 60 / state[-1], every=every, phase=phase)
        np.testing.assert_allclose(long, endless, rtol=1e-10)


@pytest.mark.parametrize("every", [1, 3])
def test_without_discount_it_is_the_expectation(every):
    """A rate of 0 gives the plain expectation, row by row among others."""
    rate = np.array([0.0, 0.01, 0.0])
    horizon = np.array([52.0, 52.0, np.inf])
    found = beta_geo_discounted(0.24, 4.4, 1.5, 2.4, rate, horizon, every=every)
    plain = beta_geo_expectation(0.24, 4.4, 1.5, 2.4, horizon, every=every)
    np.testing.assert_array_equal(found[[0, 2]], plain[[0, 2]])
    assert 0 < found[1] < plain[1]


def test_all_points_together_are_the_points_alone():
    """Rows of any kind may come together, in any order."""
    columns = np.array(POINTS).T
    alone = [float(beta_geo_discounted(*point)) for point in POINTS]
    np.testing.assert_allclose(beta_geo_discounted(*columns), alone, rtol=1e-12)
    assert beta_geo_discounted(0.24, 4.4, 0.8, 2.4, 0.01, 0.0) == 0


def test_both_ways_to_discount_agree():
    """Ordinary rows go by parts, others by the double sum; where both serve, 12 digits agree."""
    generator = np.random.default_rng(1)
    s, beta = generator.uniform(0.2, 12, 60), generator.uniform(20, 90, 60)
    a, b, rate = generator.uniform(0.1, 3, 60), generator.uniform(0.5, 20, 60), np.full(60, 0.002)
    by_parts = beta_geo_discounted(s, beta, a, b, rate, 52.0)
    z, kappa = 52.0 / beta, rate * beta
    by_sums = beta_geo_discounting._integral(s, kappa, z, a, b, every=1, phase=0)
    np.testing.assert_allclose(by_parts, by_sums, rtol=1e-12)
