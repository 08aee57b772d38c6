import numpy as np
import pytest
from scipy.special import digamma, gammaln
from scipy.stats import gamma

from custvalue._numerics.optimisation import maximise, polish

LOWER, UPPER = np.full(2, 1e-6), np.full(2, 1e6)


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
    end = maximise(quadratic, np.array([[1.0, 1.0], [50.0, 0.1]]), lower=LOWER, upper=UPPER)
    np.testing.assert_allclose(end.parameters, [2.0, 5.0], rtol=1e-9)
    np.testing.assert_allclose(end.value, 3.0, rtol=1e-15)
    np.testing.assert_allclose(end.hessian, [[-2.0, -0.5], [-0.5, -1.0]], atol=1e-9)
    assert end.converged
    assert not end.at_boundary.any()


def test_gamma_likelihood_agrees_with_scipy():
    """The maximum is that of scipy.stats.gamma.fit, which solves one equation to 1e-8 or so."""
    values = np.random.default_rng(1).gamma(2.5, 1 / 0.7, size=500)
    end = maximise(gamma_objective(values), np.array([[1.0, 1.0]]), lower=LOWER, upper=UPPER)
    shape, _, scale = gamma.fit(values, floc=0)
    np.testing.assert_allclose(end.parameters, [shape, 1 / scale], rtol=1e-6)
    assert end.gradient_norm < 1e-9


def test_the_best_of_several_starts_wins():
    """Of two peaks the higher one is reported."""

    def peaks(theta):
        d = theta[0] - np.array([-1.0, 2.0])
        heights = np.array([1.0, 2.0]) * np.exp(-(d**2))
        return float(heights.sum()), np.array([float((-2 * d * heights).sum())])

    bounds = {"lower": np.array([1e-3]), "upper": np.array([1e3])}
    low = maximise(peaks, np.exp([[-1.2]]), **bounds)
    both = maximise(peaks, np.exp([[-1.2], [2.3]]), **bounds)
    assert low.value < 1.1
    assert both.value == pytest.approx(2.0, abs=1e-3)


def test_a_ridge_ends_at_the_boundary_and_says_so():
    """An objective that rises for ever stops at the bound of that parameter alone."""

    def ridge(theta):
        return -float((theta[0] - 1) ** 2) - np.exp(-theta[1]), np.array(
            [-2 * (theta[0] - 1), np.exp(-theta[1])]
        )

    end = maximise(ridge, np.array([[1.0, 1.0]]), lower=LOWER, upper=np.full(2, 10.0))
    np.testing.assert_array_equal(end.at_boundary, [False, True])
    assert end.converged


def test_a_borrowed_hessian_reaches_the_same_top():
    """Newton steps with the curvature of another sample converge to this sample's maximum."""
    generator = np.random.default_rng(2)
    objective = gamma_objective(generator.gamma(2.5, size=4000))
    near = maximise(
        gamma_objective(generator.gamma(2.5, size=400)), np.ones((1, 2)), lower=LOWER, upper=UPPER
    )
    bounds = np.log(np.column_stack([LOWER, UPPER]))
    borrowed = polish(objective, np.log(near.parameters), bounds, hessian=near.hessian)
    own = maximise(objective, np.ones((1, 2)), lower=LOWER, upper=UPPER)
    assert borrowed.converged
    np.testing.assert_allclose(borrowed.parameters, own.parameters, rtol=1e-7)


def test_a_failure_to_converge_is_reported():
    """A gradient that lies never vanishes; the report says that it did not converge."""

    def lying(theta):
        return float(-(theta**2).sum()), np.ones_like(theta)

    end = maximise(lying, np.ones((1, 2)) * 2.0, lower=LOWER, upper=UPPER)
    assert not end.converged
    assert "not below" in end.message
