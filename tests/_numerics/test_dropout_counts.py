"""How many purchases before a customer leaves."""

import numpy as np
import pytest
from scipy.special import gammaln

from custvalue._numerics.dropout_counts import count_probability
from custvalue._numerics.dropout_integral import Silence, silence_probability, survival_integral
from custvalue._numerics.dropout_lifetimes import GompertzLifetime, ParetoLifetime

LIFETIMES = [
    ParetoLifetime(0.6, 11.7),
    ParetoLifetime(40.0, 0.5),
    GompertzLifetime(0.05, 0.8, 0.2),
    GompertzLifetime(2.0, 0.5, 500.0),
]


@pytest.mark.parametrize("lifetime", LIFETIMES)
@pytest.mark.parametrize("shape", [0.3, 20.0])
def test_probabilities_add_up_and_have_the_mean_of_the_integral(lifetime, shape):
    """Over n they sum to 1, n P(n) to shape / pole times the expected time; 12 digits."""
    n = np.arange(4_000.0)
    span = np.full(len(n), 6.0)
    each = count_probability(Silence(shape, 3.0, lifetime, span), n)
    assert each.sum() == pytest.approx(1, rel=1e-12)
    mean = shape / 3.0 * survival_integral(lifetime, span[:1], 0.0)[0]
    assert each @ n == pytest.approx(mean, rel=1e-11)


def test_for_ever_equal_scales_have_a_closed_form():
    """With pole = beta, n come before leaving with s (shape)_n Gamma(shape + s) / Gamma(...)."""
    n, shape, s = np.array([0.0, 1, 5, 200]), 0.55, 0.6
    span = np.full(4, np.inf)
    found = count_probability(Silence(shape, 11.7, ParetoLifetime(s, 11.7), span), n)
    # Integrate s x^n (1 - x)^(shape + s - 1) (shape)_n / n! over x = u / (pole + u).
    logs = gammaln(shape + n) - gammaln(shape) + gammaln(shape + s) - gammaln(shape + s + n + 1)
    np.testing.assert_allclose(found, s * np.exp(logs), rtol=1e-12)


def test_without_dropout_it_is_the_negative_binomial():
    """With s = 1e-300 nobody leaves."""
    n, span = np.array([1.0, 7, 500]), np.full(3, 30.0)
    found = count_probability(Silence(2.5, 4.0, ParetoLifetime(1e-300, 1.0), span), n)
    logs = gammaln(2.5 + n) - gammaln(2.5) - gammaln(n + 1) - 2.5 * np.log1p(7.5)
    np.testing.assert_allclose(found, np.exp(logs - n * np.log1p(1 / 7.5)), rtol=1e-12)


def test_no_purchase_is_a_silence():
    """n = 0, alone or among others, is what the silence gives; no span, no purchase."""
    silence = Silence(2.5, 4.0, ParetoLifetime(0.6, 11.7), np.array([0.0, 9.0, np.inf]))
    stay, left = silence_probability(silence)
    np.testing.assert_array_equal(count_probability(silence, np.zeros(3)), stay + left)
    mixed = count_probability(silence, np.array([1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(mixed, [0.0, *(stay + left)[1:]])
