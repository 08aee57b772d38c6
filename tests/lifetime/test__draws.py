"""The pieces of a simulation against their distributions."""

import numpy as np
from scipy.special import digamma
from scipy.stats import kstest

from custvalue.lifetime._draws import (
    chances_passed,
    events,
    log_interval_sums,
    time_of_event,
)


def test_chances_passed_are_geometric():
    """The mean is (1 - p) / p; who never leaves passes all, who always leaves passes none."""
    generator = np.random.default_rng(0)
    passed = chances_passed(np.full(100_000, 0.2), generator)
    assert abs(passed.mean() - 4) < 4 * np.sqrt(20 / 100_000)
    assert chances_passed(np.zeros(1), generator)[0] == np.inf
    assert chances_passed(np.ones(1), generator)[0] == 0


def test_events_are_poisson_and_bounded():
    """Mean and variance are rate times span; absurd rates do not raise."""
    generator = np.random.default_rng(0)
    drawn = events(np.full(100_000, 2.0), np.full(100_000, 3.0), generator)
    assert abs(drawn.mean() - 6) < 4 * np.sqrt(6 / 100_000)
    assert events(np.array([1e300]), np.array([1e300]), generator)[0] > 1e14


def test_the_last_of_some_events_is_their_maximum():
    """The third of three events within 2 is distributed like the maximum, (t / 2)^3."""
    generator = np.random.default_rng(0)
    times = time_of_event(np.full(4000, 3.0), np.full(4000, 3.0), np.full(4000, 2.0), generator)
    assert kstest(times, lambda t: (t / 2) ** 3).pvalue > 1e-3
    assert time_of_event(np.zeros(1), np.zeros(1), np.ones(1), generator)[0] == 0


def test_logarithms_of_gaps_have_the_mean_of_dirichlet_shares():
    """E[sum of log gaps] = x (log t_x + digamma(k) - digamma(k x)); one gap is t_x itself."""
    generator = np.random.default_rng(0)
    n, x, k = 50_000, 4.0, 3
    sums = log_interval_sums(np.full(n, x), np.full(n, 7.0), k, generator)
    expected = x * (np.log(7) + digamma(k) - digamma(k * x))
    assert abs(sums.mean() - expected) < 4 * sums.std() / np.sqrt(n)
    one = log_interval_sums(np.array([0.0, 1.0]), np.array([0.0, 7.0]), k, generator)
    np.testing.assert_allclose(one, [0, np.log(7)], atol=1e-15)
