"""q-factorials and the number of discordant pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from custvalue.segmentation._rankings.inversions import (
    discordant_variance,
    log_q_factorials,
    mean_discordant,
)
from support.strict_orders import all_orders

THETA = np.array([0.0, 1e-12, 1e-6, 0.01, 0.299, 0.301, 1.0, 5.0, 40.0, 800.0])


def counts(m):
    orders = all_orders(m)
    pairs = np.triu_indices(m, 1)
    return (orders[:, pairs[0]] > orders[:, pairs[1]]).sum(axis=1)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 6])
def test_q_factorials_and_moments_are_the_sums_over_all_orders(m):
    """Sum of q^d, mean and variance of d over all m! orders, from theta 0 to 800."""
    d = counts(m)
    weights = np.exp(-THETA[:, None] * d)
    law = weights / weights.sum(axis=1, keepdims=True)
    mean = law @ d
    variance = (law * (d - mean[:, None]) ** 2).sum(axis=1)
    np.testing.assert_allclose(
        log_q_factorials(THETA, m)[:, m], np.log(weights.sum(axis=1)), rtol=1e-13, atol=1e-15
    )
    # Terms of size 1/theta cancel; what is left is right to a few units of rounding of m^2.
    np.testing.assert_allclose(mean_discordant(THETA, m)[:, m], mean, rtol=1e-12, atol=2e-14)
    np.testing.assert_allclose(
        discordant_variance(THETA, m)[:, m], variance, rtol=1e-11, atol=2e-13
    )


def test_without_concentration_they_are_those_of_the_uniform_law():
    """At theta = 0: b!, b (b - 1) / 4 and b (b - 1) (2 b + 5) / 72 (Kendall 1938)."""
    zero, b = np.zeros(1), np.arange(21.0)
    factorials = [math.lgamma(n + 1) for n in b]
    np.testing.assert_allclose(log_q_factorials(zero, 20)[0], factorials, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(mean_discordant(zero, 20)[0], b * (b - 1) / 4, rtol=1e-14)
    np.testing.assert_allclose(
        discordant_variance(zero, 20)[0], b * (b - 1) * (2 * b + 5) / 72, rtol=1e-13
    )
