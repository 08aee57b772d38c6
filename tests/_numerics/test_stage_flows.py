"""Discounted flows against each other and against undiscounted expectations."""

import numpy as np
import pytest

from custvalue._numerics import stage_flows
from custvalue._numerics.beta_geo_discounting import beta_geo_discounted
from custvalue._numerics.beta_geometric import beta_geo_expectation
from custvalue._numerics.stage_flows import discounted_stages

CYCLES = [(2, 0), (3, 2), (12, 0), (12, 11)]


def states(n_rows):
    """Return s, beta, a, b, rate and horizon that panels can take."""
    generator = np.random.default_rng(4)
    s, a, b = 10 ** generator.uniform([[-1], [-2], [-2]], [[2], [3], [3]], (3, n_rows))
    rate, z = 10 ** generator.uniform([[-3], [-1]], [[0.5], [0.4]], (2, n_rows))
    return s, np.ones(n_rows), a, b, rate, z


@pytest.mark.parametrize(("every", "phase"), CYCLES)
def test_panels_agree_with_roots(every, phase, monkeypatch):
    """Where both serve, they agree to 1e-9 of a value that is not minute."""
    columns = states(12)
    by_panels = discounted_stages(*columns, every=every, phase=phase)
    monkeypatch.setattr(stage_flows, "MOST_TERMS", -1)
    by_roots = discounted_stages(*columns, every=every, phase=phase)
    np.testing.assert_allclose(by_roots, by_panels, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(("every", "phase"), CYCLES)
def test_a_rate_of_nearly_zero_discounts_nothing(every, phase):
    """At a rate of 1e-14 the expectation is that without discount, to 1e-11."""
    s, beta, a, b, _, horizon = states(20)
    found = discounted_stages(s, beta, a, b, np.full(20, 1e-14), horizon, every=every, phase=phase)
    expected = beta_geo_expectation(s, beta, a, b, horizon, every=every, phase=phase)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_nothing_flows_in_no_time():
    """A horizon of 0 gives 0."""
    ones = np.ones(2)
    found = discounted_stages(ones, ones, ones, ones, 0.1 * ones, 0 * ones, every=3, phase=1)
    np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("kappa", [20.0, 70.0, 200.0, 2000.0])
@pytest.mark.parametrize(("every", "phase"), [(2, 0), (5, 0), (12, 1), (12, 11)])
def test_a_quick_discount_makes_long_horizons_endless(every, phase, kappa):
    """Where the discount ends all before one cycle is over, long horizons still have 11 digits."""
    state = (np.array([0.3, 18.8, 150.0]) + phase, 1.0, 0.8, 2.4, kappa)
    endless = beta_geo_discounted(*state, np.inf, every=every, phase=phase)
    long = beta_geo_discounted(*state, 1000.0, every=every, phase=phase)
    np.testing.assert_allclose(long, endless, rtol=1e-11)
