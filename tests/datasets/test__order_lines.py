"""The law behind simulated order lines."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from custvalue.datasets._order_lines import CRITERIA, failures, true_shares

CHANCES = np.array([0.12, 0.09, 0.015, 0.06])


def test_orders_of_one_line_are_a_normal_orthant():
    """P(all four criteria are met) equals that of four normal deviates, by another integration."""
    rho = 0.3
    covariance = np.where(np.eye(4, dtype=bool), 1.0, rho)
    expected = multivariate_normal(cov=covariance).cdf(norm.isf(CHANCES))
    assert true_shares(CHANCES, rho, 0.0)["perfect"] == pytest.approx(expected, abs=2e-5)


def test_simulated_failures_have_their_probabilities():
    """100,000 orders: every criterion and all of them within 4 standard errors of the truth."""
    rng = np.random.default_rng(0)
    n = 100_000
    order = np.repeat(np.arange(n), 1 + rng.poisson(2.0, n))
    failed = failures(np.tile(CHANCES, (len(order), 1)), order, 0.3, rng)
    assert np.abs(failed[:, :3].mean(axis=0) - CHANCES[:3]).max() < 0.003
    firsts = np.flatnonzero(np.r_[True, np.diff(order) > 0])
    orders = np.logical_or.reduceat(failed, firsts, axis=0)
    found = np.append(1 - orders.mean(axis=0), 1 - orders.any(axis=1).mean())
    truth = true_shares(CHANCES, 0.3, 2.0)
    for share, name in zip(found, (*CRITERIA, "perfect"), strict=True):
        assert abs(share - truth[name]) < 4 * np.sqrt(truth[name] * (1 - truth[name]) / n)


def test_dependence_raises_the_share_of_perfect_orders():
    """With the same components failures that come together spoil fewer orders."""
    apart, together = (true_shares(CHANCES, rho, 0.0) for rho in (0.0, 0.6))
    assert together["perfect"] > apart["perfect"]
    assert [together[c] for c in CRITERIA] == pytest.approx([apart[c] for c in CRITERIA])
