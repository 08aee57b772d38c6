"""Shares of customers kept: what the formula says, and what is not defined."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from custvalue.retention._rates import kept_rates


def test_the_share_and_its_interval():
    """Wilson's ends are the shares from which the one found lies z standard errors away.

    They are the roots of (p - x)^2 = z^2 x (1 - x) / n, here found from its coefficients.
    """
    found = kept_rates(np.array([15.0, 81.0]), np.array([148.0, 263.0]), 0.95)
    np.testing.assert_allclose(found.rate, [15 / 148, 81 / 263])
    for n, share, lower, upper in zip(
        (148, 263), found.rate, found.lower, found.upper, strict=True
    ):
        spread = norm.ppf(0.975) ** 2 / n
        ends = np.sort(np.roots([1 + spread, -2 * share - spread, share**2]))
        np.testing.assert_allclose([lower, upper], ends, rtol=1e-12)


def test_nobody_to_lose_is_missing():
    """0 of 0 is neither 0 nor 1."""
    found = kept_rates(np.zeros(1), np.zeros(1), 0.95)
    assert np.isnan([found.rate[0], found.lower[0], found.upper[0]]).all()


def test_the_complement_exchanges_the_ends():
    """The share lost is what is left of one, and so is its interval."""
    found = kept_rates(np.array([7.0]), np.array([10.0]), 0.9)
    lost = found.complement()
    assert lost.rate[0] == pytest.approx(0.3)
    assert lost.lower[0] == pytest.approx(1 - found.upper[0])
    assert lost.lower[0] < lost.rate[0] < lost.upper[0]
