"""Eigenvalues, leading loadings and their signs."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._extraction.spectrum import (
    descending,
    half_squared_residuals,
    leading_loadings,
    squared_multiple_correlations,
    with_settled_signs,
)


def test_the_largest_eigenvalue_comes_first_with_its_vector(attitude, harman):
    """Each matrix of a stack is put together again from its values and vectors."""
    stack = np.stack([harman, 2 * harman])
    values, vectors = descending(stack)
    assert (np.diff(values, axis=1) <= 0).all()
    np.testing.assert_allclose((vectors * values[:, None, :]) @ vectors.swapaxes(1, 2), stack)
    # Known eigenvalues of the tests of ability are in test_principal.py.
    assert descending(attitude)[0].sum() == pytest.approx(7.0)


def test_a_negative_eigenvalue_gives_zeros_or_its_size():
    """Loadings are never imaginary."""
    matrix = np.diag([4.0, -9.0])
    np.testing.assert_allclose(np.abs(leading_loadings(matrix, 2)), [[2.0, 0.0], [0.0, 0.0]])
    found = np.abs(leading_loadings(matrix, 2, absolute_eigenvalues=True))
    np.testing.assert_allclose(found, [[2.0, 0.0], [0.0, 3.0]])


def test_columns_sum_to_zero_or_more():
    """Each column is turned or kept as a whole."""
    loadings = np.random.default_rng(1).normal(size=(9, 4))
    settled = with_settled_signs(loadings)
    assert (settled.sum(axis=0) >= 0).all()
    np.testing.assert_array_equal(np.abs(settled), np.abs(loadings))
    np.testing.assert_array_equal(with_settled_signs(-loadings), settled)


def test_a_sum_that_is_zero_but_for_rounding_decides_nothing():
    """A column that a reversal negates starts with a positive entry, whatever the rounding."""
    column = np.array([[-0.3], [-0.5], [0.5], [0.3]])
    for noise in (1e-17, -1e-16, 2e-16):
        settled = with_settled_signs(column + noise)
        assert settled[0, 0] > 0


def test_a_column_of_zeros_stays():
    """It gets no negative zeros either."""
    settled = with_settled_signs(np.array([[-1.0, -0.0], [-1.0, 0.0]]))
    assert not np.signbit(settled).any()


def test_multiple_correlations_of_the_tests_of_ability(ability):
    """The figures are those of psych 2.2.9, smc."""
    expected = [
        0.506646468628,
        0.370212706222,
        0.503509071031,
        0.225862665505,
        0.667286919170,
        0.636305913385,
    ]
    np.testing.assert_allclose(squared_multiple_correlations(ability), expected, atol=1e-11)


def test_multiple_correlations_are_those_of_a_regression(harman):
    """R squared of the first item on all others, by the normal equations."""
    others, with_first = harman[1:, 1:], harman[1:, 0]
    expected = with_first @ np.linalg.solve(others, with_first)
    assert squared_multiple_correlations(harman)[0] == pytest.approx(expected, abs=1e-12)


def test_items_that_repeat_each_other_have_a_multiple_correlation_of_one():
    """A singular matrix does not stop anything."""
    matrix = np.array([[1.0, 1.0, 0.2], [1.0, 1.0, 0.2], [0.2, 0.2, 1.0]])
    found = squared_multiple_correlations(matrix)
    np.testing.assert_allclose(found[:2], 1.0, atol=1e-12)
    assert ((found >= 0) & (found <= 1)).all()


def test_half_of_the_squares():
    """Worked by hand: (1 + 4 + 4 + 9) / 2."""
    assert half_squared_residuals(np.array([[1.0, 2.0], [2.0, 3.0]])) == 9.0
