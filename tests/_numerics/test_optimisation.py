import numpy as np
import pytest
from scipy.special import digamma, gammaln
from scipy.stats import gamma

from custvalue._numerics.optimisation import differences_of_gradient, maximise, polish

BOUNDS = np.log(np.tile([1e-6, 1e6], (2, 1)))


def quadratic(theta):
    """Return a bowl with its top, 3, at parameters (2, 5)."""
    shift = theta - np.log([2.0, 5.0])
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    return 3.0 - 0.5 * shift @ matrix @ shift, -matrix @ shift


def gamma_objective(values):
    """Return the mean log-likelihood of a gamma sample in log shape and log rate."""
    mean, mean_log = values.mean(), np.log(values).mean()

    def objective(theta):
        k, rate = np.exp(theta)
        value = k * np.log(rate) - gammaln(k) + (k - 1) * mean_log - rate * mean
        slope = np.array([np.log(rate) - digamma(k) + mean_log, k / rate - mean])
        return value, slope * np.exp(theta)

    return objective


def test_the_top_of_a_bowl_is_found_exactly():
    """Parameters, value and Hessian of a quadratic come out to rounding."""
    end = maximise(quadratic, np.log([[1.0, 1.0], [50.0, 0.1]]), BOUNDS)
    np.testing.assert_allclose(np.exp(end.theta), [2.0, 5.0], rtol=1e-9)
    np.testing.assert_allclose(end.value, 3.0, rtol=1e-15)
    np.testing.assert_allclose(end.hessian, [[-2.0, -0.5], [-0.5, -1.0]], atol=1e-9)
    assert end.converged
    assert not end.at_boundary.any()


def test_gamma_likelihood_agrees_with_scipy():
    """The maximum is that of scipy.stats.gamma.fit, which solves one equation to 1e-8 or so."""
    values = np.random.default_rng(1).gamma(2.5, 1 / 0.7, size=500)
    end = maximise(gamma_objective(values), np.zeros((1, 2)), BOUNDS)
    shape, _, scale = gamma.fit(values, floc=0)
    np.testing.assert_allclose(np.exp(end.theta), [shape, 1 / scale], rtol=1e-6)
    assert end.gradient_norm < 1e-9


def test_the_best_of_several_starts_wins():
    """Of two peaks the higher one is reported."""

    def peaks(theta):
        d = theta[0] - np.array([-1.0, 2.0])
        heights = np.array([1.0, 2.0]) * np.exp(-(d**2))
        return float(heights.sum()), np.array([float((-2 * d * heights).sum())])

    bounds = np.array([[-7.0, 7.0]])
    low = maximise(peaks, np.array([[-1.2]]), bounds)
    both = maximise(peaks, np.array([[-1.2], [2.3]]), bounds)
    assert low.value < 1.1
    assert both.value == pytest.approx(2.0, abs=1e-3)


def test_a_ridge_ends_at_the_boundary_and_says_so():
    """An objective that rises for ever stops at the bound of that parameter alone."""

    def ridge(theta):
        return -float((theta[0] - 1) ** 2) - np.exp(-theta[1]), np.array(
            [-2 * (theta[0] - 1), np.exp(-theta[1])]
        )

    end = maximise(ridge, np.zeros((1, 2)), np.tile([-14.0, 2.0], (2, 1)))
    np.testing.assert_array_equal(end.at_boundary, [False, True])
    assert end.converged


def test_a_borrowed_hessian_reaches_the_same_top():
    """Newton steps with the curvature of another sample converge to this sample's maximum."""
    generator = np.random.default_rng(2)
    objective = gamma_objective(generator.gamma(2.5, size=4000))
    near = maximise(gamma_objective(generator.gamma(2.5, size=400)), np.zeros((1, 2)), BOUNDS)
    borrowed = polish(objective, near.theta, BOUNDS, hessian=near.hessian)
    own = maximise(objective, np.zeros((1, 2)), BOUNDS)
    assert borrowed.converged
    np.testing.assert_allclose(borrowed.theta, own.theta, atol=1e-7)


def test_a_failure_to_converge_is_reported():
    """A gradient that lies never vanishes; the report says that it did not converge."""

    def lying(theta):
        return float(-(theta**2).sum()), np.ones_like(theta)

    end = maximise(lying, np.full((1, 2), 0.7), BOUNDS)
    assert not end.converged
    assert "not below" in end.message


def test_a_given_curvature_is_used_and_reported():
    """No differences are taken where the second derivatives are known."""
    asked = []

    def curvature(theta):
        asked.append(theta)
        return -np.array([[2.0, 0.5], [0.5, 1.0]])

    end = maximise(quadratic, np.zeros((1, 2)), BOUNDS, curvature=curvature)
    assert asked
    np.testing.assert_array_equal(end.hessian, curvature(None))


def test_differences_of_the_gradient_are_the_second_derivatives():
    """Of the gamma likelihood, to 1e-7; the matrix is symmetric."""
    objective = gamma_objective(np.random.default_rng(1).gamma(2.5, size=500))
    theta = np.log([2.0, 1.3])
    found = differences_of_gradient(objective, theta)
    k, _ = np.exp(theta)
    assert found[0, 1] == found[1, 0] == pytest.approx(k, rel=1e-7)
    assert found[1, 1] == pytest.approx(objective(theta)[1][1] - k, rel=1e-6)
