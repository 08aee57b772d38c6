"""Promax, from varimax loadings."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._rotation.promax import promax

LOADINGS = np.array([[0.8, 0.2], [0.7, 0.1], [0.3, 0.6], [0.2, 0.7], [0.1, 0.5]])


@pytest.mark.parametrize("normalised", [False, True])
def test_the_pattern_is_the_regression_on_the_powers_in_other_units(normalised):
    """L inv(T)' has the columns of the least squares fit to the target, scaled.

    The powers are written out with signs, as SPSS does: |a|^(m + 1) / a.
    """
    shape = LOADINGS / np.linalg.norm(LOADINGS, axis=1, keepdims=True) if normalised else LOADINGS
    goal = np.abs(shape) ** 4 / shape
    fit = LOADINGS @ np.linalg.solve(LOADINGS.T @ LOADINGS, LOADINGS.T @ goal)
    T = promax(LOADINGS, power=3, normalised_target=normalised)
    ratio = LOADINGS @ np.linalg.inv(T).T / fit
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape), rtol=1e-10)
    assert (ratio > 0).all()


def test_factors_have_variance_one():
    """The diagonal of T'T, the factor correlations, is 1."""
    T = promax(LOADINGS, power=4, normalised_target=False)
    np.testing.assert_allclose(np.diagonal(T.T @ T), 1, rtol=1e-14)


def test_power_one_changes_nothing():
    """The loadings are their own first power: T is the identity."""
    T = promax(LOADINGS, power=1, normalised_target=False)
    np.testing.assert_allclose(T, np.eye(2), atol=1e-14)
