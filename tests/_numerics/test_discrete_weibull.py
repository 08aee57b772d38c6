import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.discrete_weibull import (
    hazard,
    hazard_with_gradient,
    hazard_with_hessian,
)
from support.oracle.contracts import log_survival

GENERATOR = np.random.default_rng(5)
N = 60
A, B = 10 ** GENERATOR.uniform(-3, 3, (2, N))
C = 10 ** GENERATOR.uniform(-1.3, 0.7, N)
START = np.where(np.arange(N) % 3 == 0, 0.0, np.floor(10 ** GENERATOR.uniform(0, 9, N)))
AHEAD = np.where(np.arange(N) % 2 == 0, 1.0, np.floor(10 ** GENERATOR.uniform(0, 6, N)))


def exactly(a, b, c, start, ahead):
    """Return the hazard in 150 digits."""
    with mp.workdps(150):
        a, b, c, start, ahead = map(mpf, (a, b, c, start, ahead))
        return log_survival(a, b, c, start) - log_survival(a, b, c, start + ahead)


def test_hazards_keep_their_relative_accuracy():
    """Of one period after a billion as well, where powers differ in the tenth digit or later."""
    expected = [float(exactly(*row)) for row in zip(A, B, C, START, AHEAD, strict=True)]
    np.testing.assert_allclose(hazard(A, B, C, START, AHEAD), expected, rtol=1e-13)


def test_gradient_and_hessian_are_derivatives():
    """Central differences of the definition in 150 digits, relative to the parameters."""
    values, gradient, hessian = hazard_with_hessian(A, B, C, START, AHEAD)
    np.testing.assert_array_equal(hazard_with_gradient(A, B, C, START, AHEAD)[1], gradient)
    np.testing.assert_array_equal(hazard(A, B, C, START, AHEAD), values)
    for row in range(0, N, 2):
        own, times = (A[row], B[row], C[row]), (START[row], AHEAD[row])
        for i in range(3):
            with mp.workdps(150):
                h = mpf(own[i]) * mpf(10) ** -30
                ends = [exactly(*_shifted(own, i, sign * h), *times) for sign in (1, -1)]
                slope = (ends[0] - ends[1]) / (2 * h)
            assert gradient[row, i] == pytest.approx(float(slope), rel=1e-11)
            # By differences of the gradient, which has just been checked.
            h = 1e-5 * own[i]
            sides = [
                hazard_with_gradient(*_shifted(own, i, sign * h), *times)[1] for sign in (1, -1)
            ]
            scale = np.abs(gradient[row]).max() / min(own)
            expected = (sides[0] - sides[1]) / (2 * h)
            np.testing.assert_allclose(hessian[row, i], expected, rtol=1e-6, atol=1e-9 * scale)


def _shifted(own, i, by):
    return [value + by if j == i else value for j, value in enumerate(own)]


def test_powers_without_bound_are_powers():
    """Beyond 1e100 the hazard is a times the growth of the logarithm of the power."""
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        values, gradient, hessian = hazard_with_hessian(0.5, 3.0, 1e4, np.array([2.0, 9.0]), 1.0)
        late = hazard_with_hessian(0.5, 3.0, 1e6, np.array([0.0, 1.0]), np.array([8.0, 7.0]))
    np.testing.assert_allclose(values, 0.5 * 1e4 * np.log([1.5, 10 / 9]), rtol=1e-12)
    np.testing.assert_allclose(gradient[:, 2], 0.5 * np.log([1.5, 10 / 9]), rtol=1e-12)
    assert np.isfinite(hessian).all()
    assert all(np.isfinite(part).all() for part in late)
    with mp.workdps(60):
        begun = mp.loggamma(3.5) - mp.loggamma(3)
        expected = float(mpf("0.5") * 1e6 * mp.log(8) - begun)
    assert late[0][0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("start", [0.0, 2.0, 1e9])
def test_hazards_are_continuous_where_powers_are_no_longer_formed(start):
    """Either side of 1e100, within the derivative times the step."""
    c = 230 / np.log(start + 3.0) * (1 + np.array([-1e-10, 1e-10]))
    values, gradient = hazard_with_gradient(2.0, 5.0, c, np.full(2, start), np.full(2, 3.0))
    assert values[1] - values[0] == pytest.approx(gradient[0, 2] * (c[1] - c[0]), rel=1e-4)
    np.testing.assert_allclose(gradient[1], gradient[0], rtol=1e-8, atol=1e-40)
