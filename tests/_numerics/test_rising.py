import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.rising import log_rising, log_rising_ratio, rising_slope

GENERATOR = np.random.default_rng(1)
C = np.concatenate([10 ** GENERATOR.uniform(-2, 6, 60), [19.999, 20.0, 20.001]])
N = np.concatenate([GENERATOR.integers(0, 10_000, 60), [0, 1, 5]]).astype(float)


def exactly(function, *columns):
    """Evaluate a function of mpmath row by row in 50 digits."""
    with mp.workdps(50):
        rows = zip(*(np.broadcast_to(column, C.shape) for column in columns), strict=True)
        return np.array([float(function(*map(mpf, map(float, row)))) for row in rows])


def test_rising_factorials_have_the_digits_of_mpmath():
    """Also where log Gamma(c) is a million times larger than what is left of it."""
    expected = exactly(lambda c, n: mp.loggamma(c + n) - mp.loggamma(c), C, N)
    np.testing.assert_allclose(log_rising(C, N), expected, rtol=1e-13, atol=1e-13)


def test_slopes_are_differences_of_digamma():
    """They are positive, so that their relative error is asked for."""
    expected = exactly(lambda c, n: mp.digamma(c + n) - mp.digamma(c), C, N)
    np.testing.assert_allclose(rising_slope(C, N), expected, rtol=1e-12)


@pytest.mark.parametrize("function", [log_rising, rising_slope])
def test_small_and_large_shapes_mix(function):
    """An array of both gives what each gives alone."""
    alone = [float(function(c, n)) for c, n in zip(C, N, strict=True)]
    np.testing.assert_allclose(function(C, N), alone, rtol=1e-14)


@pytest.mark.parametrize("e", [1e-100, 1e-9, -1e-9, -0.99, 0.3, 7.0, 1000.0])
def test_ratios_keep_their_relative_accuracy(e):
    """However small e is; the closed form is of the order of e itself.

    Beyond c = 2000 terms of order e leave a difference of order m e / c, with fewer digits.
    """
    c, m = np.minimum(C, 2000.0) + max(-e, 0.0), N
    with mp.workdps(150):
        expected = [
            float(mp.log(mp.gammaprod([a + e_ + k, a], [a + e_, a + k])))
            for a, k, e_ in ((mpf(x), mpf(y), mpf(e)) for x, y in zip(c, m, strict=True))
        ]
    np.testing.assert_allclose(log_rising_ratio(c, e, m), expected, rtol=2e-12)


def test_ratios_are_symmetric():
    """(c + e)_m / (c)_m is (c + m)_e / (c)_e."""
    np.testing.assert_array_equal(log_rising_ratio(C, 3.5, N), log_rising_ratio(C, N, 3.5))
