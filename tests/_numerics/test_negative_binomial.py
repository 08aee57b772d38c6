"""The negative binomial distribution against scipy and at its ends."""

import numpy as np
from scipy.stats import nbinom

from custvalue._numerics.negative_binomial import at_least, log_probability


def test_probabilities_are_those_of_scipy():
    """Ordinary cases agree to 1e-11, which is what scipy reaches."""
    generator = np.random.default_rng(0)
    n = generator.integers(0, 60, 200).astype(float)
    s, z = np.exp(generator.uniform(-1, 3, (2, 200)))
    expected = nbinom(s, 1 / (1 + z))
    np.testing.assert_allclose(log_probability(n, s, z), expected.logpmf(n), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(at_least(n, s, z), expected.sf(n - 1), rtol=1e-9)


def test_no_time_and_all_time():
    """Without time there are no events, for ever there are more than any number."""
    n, s = np.array([0.0, 3.0]), np.full(2, 0.5)
    np.testing.assert_array_equal(np.exp(log_probability(n, s, np.zeros(2))), [1, 0])
    np.testing.assert_array_equal(at_least(n, s, np.zeros(2)), [1, 0])
    np.testing.assert_array_equal(np.exp(log_probability(n, s, np.full(2, np.inf))), 0)
    np.testing.assert_array_equal(at_least(n, s, np.full(2, np.inf)), 1)


def test_long_times_keep_the_chance_of_few_events():
    """At z = 1e15 a tenth of a shape leaves (1 + z)^-0.1 without an event."""
    rest = 1 - at_least(np.ones(1), np.full(1, 0.1), np.full(1, 1e15))
    np.testing.assert_allclose(rest, (1 + 1e15) ** -0.1, rtol=1e-13)
