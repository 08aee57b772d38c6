"""Rising factorials against 40 digits."""

import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.rising_derivatives import log_rising, rising_derivatives

BASES = [1e-6, 0.013, 0.4, 1.0, 7.7, 60.0, 1000.0, 3.3e5, 1e6]
LENGTHS = np.array([0.0, 1, 2, 15, 16, 17, 40, 500, 10_000, 120_000])


@pytest.mark.parametrize("a", BASES)
def test_digits(a):
    """Logarithm and derivatives have 15 digits, the second 11, for any size of a and n."""
    found = rising_derivatives(a, LENGTHS, 2)
    with mp.workdps(40):
        a = mpf(a)
        for n, (log, first, second) in zip(LENGTHS[1:], found.T[1:], strict=True):
            exact = mp.loggamma(a + n) - mp.loggamma(a)
            assert abs(log - exact) <= 1e-15 * (1 + abs(exact))
            assert first == pytest.approx(float(mp.digamma(a + n) - mp.digamma(a)), rel=2e-15)
            assert second == pytest.approx(float(mp.psi(1, a + n) - mp.psi(1, a)), rel=2e-11)


def test_nothing_is_multiplied_for_length_zero():
    """(a)_0 is 1 for every a."""
    np.testing.assert_array_equal(rising_derivatives(0.3, np.zeros(3), 2), 0)


def test_any_order_and_shape():
    """Rows may come in any order, and whatever broadcasts is accepted."""
    generator = np.random.default_rng(2)
    a, n = generator.uniform(0.1, 50, 100), generator.integers(0, 60, 100).astype(float)
    expected = np.array([log_rising(*row) for row in zip(a, n, strict=True)])
    np.testing.assert_array_equal(log_rising(a, n), expected)
    np.testing.assert_array_equal(log_rising(a[:, None], n[:, None])[:, 0], expected)
    assert log_rising(a[:, None], n).shape == (100, 100)
