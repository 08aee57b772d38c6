"""The trapezoidal rules against moments that are known."""

import numpy as np
import pytest
from mpmath import mp
from scipy.special import exp1

from custvalue._numerics.mixing_nodes import (
    beta_nodes,
    beta_range,
    gamma_nodes,
    gamma_range,
)

A = np.array([1e-3, 0.01, 0.8, 1.0, 30.0, 1000.0, 1e6])
B = np.array([1e6, 0.01, 2.4, 1.0, 1e4, 0.013, 1e-3])


def test_beta_moments():
    """The means of p, 1 - p and p (1 - p) have 11 digits at any parameters."""
    where = beta_range(A, B, np.zeros_like(A), np.ones_like(A))
    log_p, log_rest, weights = beta_nodes(A, B, where)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose((weights * np.exp(log_p)).sum(axis=1), A / (A + B), rtol=1e-12)
    np.testing.assert_allclose((weights * np.exp(log_rest)).sum(axis=1), B / (A + B), rtol=1e-11)
    moment = (weights * np.exp(log_p + log_rest)).sum(axis=1)
    np.testing.assert_allclose(moment, A * B / ((A + B) * (A + B + 1)), rtol=1e-11)


@pytest.mark.parametrize("step", [0.2, 0.05])
def test_gamma_moments(step):
    """The means of 1 and of the square root have 12 digits for any shape of at least 1."""
    shape = np.array([1.001, 1.3, 5.0, 100.0, 1e4, 1e6])
    levels, weights = gamma_nodes(shape, gamma_range(shape, np.full(6, -300.0), step=step))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-14)
    root = [float(mp.gammaprod([mp.mpf(s) + 0.5], [mp.mpf(s)])) for s in shape]
    np.testing.assert_allclose((weights * np.sqrt(levels)).sum(axis=1), root, rtol=1e-12)


def test_a_function_that_bends_far_below():
    """The mean of 1 / (g + c), g exponential, is exp(c) E_1(c), for c to 1e-20."""
    c = 10.0 ** np.arange(-20.0, 2.0)
    shape = np.ones_like(c) + 1e-12  # the shape is to exceed the power
    levels, weights = gamma_nodes(np.ones_like(c), gamma_range(shape, np.log(c)))
    found = (weights / (levels + c[:, None])).sum(axis=1)
    np.testing.assert_allclose(found, np.exp(c) * exp1(c), rtol=1e-11)


def test_rows_are_taken():
    """The range of some rows is that of the rows."""
    where = beta_range(A, B, np.zeros_like(A), np.ones_like(A))
    rows = np.array([3, 1])
    np.testing.assert_array_equal(where.take(rows).low, where.low[rows])
    np.testing.assert_array_equal(where.take(rows).n_nodes, where.n_nodes[rows])
