import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.gamma_differences import first_difference, second_difference

GENERATOR = np.random.default_rng(0)
C, E, M = (10 ** GENERATOR.uniform(low, 9, 80) for low in (-3, -9, -9))
C[:3] = (11.999, 12.0, 12.001)


def exactly(order, c, *steps):
    """Return a difference of log Gamma or one of its derivatives in 120 digits."""
    with mp.workdps(120):
        of = mp.loggamma if order == 0 else lambda z: mp.psi(order - 1, z)
        c, *steps = map(mpf, (c, *steps))
        ends = of(c + sum(steps)) - of(c + steps[0])
        return float(ends if len(steps) == 1 else ends - of(c + steps[1]) + of(c))


@pytest.mark.parametrize("order", [1, 2])
def test_first_differences_keep_their_relative_accuracy(order):
    """However small the step or large the argument."""
    with mp.workdps(120):
        expected = [
            float(mp.psi(order - 1, mpf(c) + mpf(m)) - mp.psi(order - 1, mpf(c)))
            for c, m in zip(C, M, strict=True)
        ]
    np.testing.assert_allclose(first_difference(C, M, order), expected, rtol=1e-14)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_second_differences_keep_their_relative_accuracy(order):
    """Where log Gamma is up to 10^10 and what is left of it 10^-20."""
    expected = [exactly(order, *row) for row in zip(C, E, M, strict=True)]
    np.testing.assert_allclose(second_difference(C, E, M, order), expected, rtol=2e-14)


@pytest.mark.parametrize("e", [-0.999, -0.5, -1e-9])
def test_a_step_may_be_negative(e):
    """The ratio of rising factorials below one, as the sums of survivals next to alpha = 1 ask."""
    c = C + 1
    expected = [exactly(0, a, e, m) for a, m in zip(c, M, strict=True)]
    np.testing.assert_allclose(second_difference(c, e, M, 0), expected, rtol=2e-13)


def test_each_row_is_on_its_own():
    """Rows that need no recurrence give the same beside rows that do."""
    for order in (0, 1, 2):
        alone = [float(second_difference(*row, order)) for row in zip(C, E, M, strict=True)]
        np.testing.assert_allclose(second_difference(C, E, M, order), alone, rtol=1e-14)
    for order in (1, 2):
        alone = [float(first_difference(*row, order)) for row in zip(C, M, strict=True)]
        np.testing.assert_allclose(first_difference(C, M, order), alone, rtol=1e-14)


def test_no_step_is_no_difference():
    """Exactly zero, also of arguments of 1e100."""
    for c in (0.5, 30.0, 1e100):
        assert second_difference(c, 2.0, 0.0, 0) == 0
        assert first_difference(c, 0.0, 1) == 0
    assert np.isfinite(second_difference(1e100, 1e6, 1e100, 2))
