import numpy as np

from custvalue._numerics.delta import (
    covariance_of_exponentials,
    draws_on_log_scale,
    intervals_of_estimates,
)


def test_covariance_agrees_with_simulation():
    """For small variances the covariance of exp(theta) is that of simulated values."""
    logs = np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
    theta = np.log([2.0, 5.0])
    draws = np.exp(np.random.default_rng(0).multivariate_normal(theta, logs, size=400_000))
    # Second-order terms and Monte Carlo error are both below one per cent here.
    np.testing.assert_allclose(
        covariance_of_exponentials(logs, np.exp(theta)), np.cov(draws.T), rtol=0.01
    )


def test_intervals_are_positive_and_symmetric_in_the_logarithm():
    """An error larger than the estimate still gives a positive lower end."""
    [[low, high]] = intervals_of_estimates(np.array([2.0]), np.array([5.0]), 0.95, n_positive=1)
    assert 0 < low < 2 < high
    np.testing.assert_allclose(low * high, 4.0)


def test_a_higher_level_is_wider():
    """99 per cent contains 90 per cent."""
    wide = intervals_of_estimates(np.array([1.0]), np.array([0.2]), 0.99, n_positive=1)[0]
    narrow = intervals_of_estimates(np.array([1.0]), np.array([0.2]), 0.90, n_positive=1)[0]
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_what_may_be_negative_has_a_symmetric_interval():
    """Coefficients come after the positive parameters."""
    ends = intervals_of_estimates(np.array([2.0, -0.1]), np.array([5.0, 0.2]), 0.9, n_positive=1)
    np.testing.assert_allclose(ends[1], -0.1 + 0.2 * 1.6448536 * np.array([-1, 1]), rtol=1e-7)


def test_draws_have_the_covariance_and_stay_positive():
    """On the log scale for the first, on its own for the second, correlated as stated."""
    values, covariance = np.array([2.0, -0.5]), np.array([[0.01, 0.004], [0.004, 0.04]])
    generator = np.random.default_rng(0)
    draws = draws_on_log_scale(values, covariance, 400_000, generator, n_positive=1)
    assert (draws[:, 0] > 0).all()
    transformed = np.column_stack([2.0 * np.log(draws[:, 0]), draws[:, 1]])
    np.testing.assert_allclose(np.cov(transformed.T), covariance, rtol=0.02)
