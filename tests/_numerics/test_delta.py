import numpy as np

from custvalue._numerics.delta import covariance_of_exponentials, intervals_on_log_scale


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
    [[low, high]] = intervals_on_log_scale(np.array([2.0]), np.array([5.0]), 0.95)
    assert 0 < low < 2 < high
    np.testing.assert_allclose(low * high, 4.0)


def test_a_higher_level_is_wider():
    """99 per cent contains 90 per cent."""
    wide = intervals_on_log_scale(np.array([1.0]), np.array([0.2]), 0.99)[0]
    narrow = intervals_on_log_scale(np.array([1.0]), np.array([0.2]), 0.90)[0]
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
