"""The nearest correlation matrix is Higham's, feasible, and nearest."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._numerics.nearest_correlation import nearest_correlation


def symmetric(p: int, seed: int) -> np.ndarray:
    """Return a matrix of ones on the diagonal and any numbers between -1 and 1 beside it."""
    half = np.tril(np.random.default_rng(seed).uniform(-1, 1, size=(p, p)), -1)
    return half + half.T + np.eye(p)


def alternating_projections(matrix: np.ndarray, smallest: float) -> np.ndarray:
    """Return the same by Higham's own algorithm (2002, Algorithm 3.3), slowly."""
    Y, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(20_000):
        R = Y - correction
        d, V = np.linalg.eigh(R)
        X = (V * np.maximum(d, smallest)) @ V.T
        correction = X - R
        before, Y = Y, X.copy()
        np.fill_diagonal(Y, 1.0)
        if np.abs(Y - before).max() < 1e-13:
            break
    return Y


def test_the_example_of_higham():
    """Higham (2002), section 4, prints 0.7607 and 0.1573."""
    impossible = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    found = nearest_correlation(impossible, smallest=0.0)
    expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    np.testing.assert_allclose(found, expected, atol=5e-5)


@pytest.mark.parametrize(("p", "seed"), [(4, 0), (7, 1), (12, 2)])
def test_newton_and_alternating_projections_agree(p, seed):
    """The optimum is unique, and Higham's slower way leads there too."""
    matrix = symmetric(p, seed)
    expected = alternating_projections(matrix, 1e-3)
    np.testing.assert_allclose(nearest_correlation(matrix, 1e-3), expected, atol=1e-9)


@pytest.mark.parametrize(("p", "seed"), [(3, 3), (20, 4), (60, 5)])
def test_the_result_is_a_positive_definite_correlation_matrix(p, seed):
    """Ones on the diagonal, symmetric to the last bit, no eigenvalue below the smallest allowed."""
    found = nearest_correlation(symmetric(p, seed))
    assert (np.diag(found) == 1).all()
    assert (found == found.T).all()
    assert np.linalg.eigvalsh(found)[0] > 0.99e-8


def test_no_other_correlation_matrix_is_nearer():
    """The way to the optimum makes no sharp angle with the way from it to any other candidate."""
    matrix, rng = symmetric(4, 6), np.random.default_rng(7)
    found = nearest_correlation(matrix, 0.0)
    angles = []
    for _ in range(200):
        half = rng.normal(size=(4, 4))
        other = half @ half.T
        other /= np.sqrt(np.outer(np.diag(other), np.diag(other)))
        angles.append(((matrix - found) * (other - found)).sum())
    assert max(angles) < 1e-12
    assert np.linalg.norm(matrix - found) > 0.1


def test_a_good_matrix_is_left_alone():
    """A matrix that is positive definite is its own nearest."""
    matrix = np.array([[1.0, 0.5, -0.2], [0.5, 1.0, 0.3], [-0.2, 0.3, 1.0]])
    np.testing.assert_allclose(nearest_correlation(matrix), matrix, atol=1e-15)


def test_a_singular_matrix_moves_by_no_more_than_needed():
    """Two items that are one are parted by about the smallest eigenvalue allowed."""
    matrix = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 1.0]])
    found = nearest_correlation(matrix)
    assert 0 < np.abs(found - matrix).max() < 2.1e-8
