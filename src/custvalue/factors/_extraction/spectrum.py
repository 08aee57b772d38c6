"""Eigenvalues and eigenvectors as factor analysis wants them: largest first, signs settled."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = [
    "descending",
    "half_squared_residuals",
    "leading_loadings",
    "squared_multiple_correlations",
    "with_settled_signs",
]

_NO_SUM = 1e-8
"""A column whose sum is below this part of the sum of its sizes has no sign by its sum."""


def descending(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return eigenvalues of shape (..., p), the largest first, and vectors (..., p, p) in columns.

    Parameters
    ----------
    matrices : ndarray of shape (..., p, p)
        Symmetric.
    """
    values, vectors = np.linalg.eigh(matrices)
    return values[..., ::-1], vectors[..., ::-1]


def leading_loadings(
    matrix: FloatArray, n_factors: int, *, absolute_eigenvalues: bool = False
) -> FloatArray:
    """Return V sqrt(lambda) of the largest eigenvalues, of shape (p, n_factors).

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
    n_factors : int
    absolute_eigenvalues : bool
        A negative eigenvalue counts by its size; else it gives a column of zeros.
    """
    values, vectors = descending(matrix)
    leading = values[:n_factors]
    sizes = np.abs(leading) if absolute_eigenvalues else np.maximum(leading, 0.0)
    return np.asarray(vectors[:, :n_factors] * np.sqrt(sizes))


def squared_multiple_correlations(matrix: FloatArray) -> FloatArray:
    """Return the R squared of each item from all others, 1 - 1 / diag(R^-1), of shape (p,).

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        Correlations. Eigenvalues below rounding are taken as rounding.

    Examples
    --------
    >>> import numpy as np
    >>> squared_multiple_correlations(np.array([[1.0, 0.5], [0.5, 1.0]]))
    array([0.25, 0.25])
    """
    values, vectors = np.linalg.eigh(matrix)
    least = len(matrix) * np.finfo(float).eps * values[-1]
    inverse = (vectors**2 / np.maximum(values, least)).sum(axis=1)
    return np.asarray(np.clip(1.0 - 1.0 / inverse, 0.0, 1.0))


def with_settled_signs(loadings: FloatArray) -> FloatArray:
    """Return the loadings with columns that sum to zero or more.

    Where a sum is zero but for rounding, the first entry of some size is positive.

    Parameters
    ----------
    loadings : ndarray of shape (p, n_factors)

    Examples
    --------
    >>> import numpy as np
    >>> with_settled_signs(np.array([[-0.8, -0.5], [-0.6, 0.5]]))
    array([[ 0.8,  0.5],
           [ 0.6, -0.5]])
    """
    sizes = np.abs(loadings)
    sums = loadings.sum(axis=0)
    first = np.argmax(sizes > 0.5 * sizes.max(axis=0), axis=0)
    entries = np.take_along_axis(loadings, first[None, :], axis=0)[0]
    leads = np.where(np.abs(sums) > _NO_SUM * sizes.sum(axis=0), sums, entries)
    return np.asarray(np.where(leads < 0, -loadings, loadings)) + 0.0


def half_squared_residuals(residuals: FloatArray) -> float:
    """Return half the sum of the squares of all entries."""
    return float((residuals**2).sum() / 2)
