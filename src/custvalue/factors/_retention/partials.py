"""Minimum average partial (Velicer 1976; Velicer, Eaton and Fava 2000).

After the first m principal components are taken out of R, C_m = R - A_m A_m', the partial
correlations are D^-1/2 C_m D^-1/2 with D = diag(C_m). Their mean square over all pairs falls while
components are common to several items, and rises once they belong to one. The revised rule takes
fourth powers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["AveragePartials", "average_partials"]

_NOTHING_LEFT = 1e-12
"""An item with less variance left is all in the components, its partial correlations 0 / 0."""


@dataclass(frozen=True, slots=True)
class AveragePartials:
    """Mean powers of the partial correlations.

    Attributes
    ----------
    squared, fourth : ndarray of shape (p,)
        Without the first m = 0, 1, ..., p - 1 components; NaN where an item has no variance left.
    """

    squared: FloatArray
    fourth: FloatArray

    @property
    def number(self) -> int:
        """The number of components with the smallest mean square."""
        return int(np.nanargmin(self.squared))

    @property
    def number_fourth(self) -> int:
        """The number of components with the smallest mean fourth power."""
        return int(np.nanargmin(self.fourth))


def average_partials(matrix: FloatArray) -> AveragePartials:
    """Return the mean squares and fourth powers of partial correlations.

    Parameters
    ----------
    matrix : ndarray of shape (p, p)
        Correlations, p >= 2.

    Returns
    -------
    AveragePartials
    """
    values, vectors = np.linalg.eigh(matrix)
    axes = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    pairs = np.tril_indices(len(matrix), -1)
    squares = [_squared_partials(axes[:, m:], pairs) for m in range(len(matrix))]
    return AveragePartials(
        np.array([each.mean() for each in squares]),
        np.array([(each**2).mean() for each in squares]),
    )


def _squared_partials(rest: FloatArray, pairs: tuple[IntArray, IntArray]) -> FloatArray:
    """Return the squared partial correlations of all pairs, from the components that are left."""
    left = rest @ rest.T
    variances = np.diag(left)
    rows, columns = pairs
    if variances.min() <= _NOTHING_LEFT:
        return np.full(len(rows), np.nan)
    partials: FloatArray = left[rows, columns] ** 2 / (variances[rows] * variances[columns])
    return partials
