"""Bring factors into the order and signs of others, and say how alike they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from custvalue._typing import FloatArray, IntArray

__all__ = ["Alignment", "align", "alignment", "congruence"]


@dataclass(frozen=True, slots=True)
class Alignment:
    """An order and signs of k factors.

    Attributes
    ----------
    order : ndarray of int of shape (k,)
        Which factor comes first, second and so on.
    signs : ndarray of shape (k,)
        1 or -1, in the new order.
    """

    order: IntArray
    signs: FloatArray

    def columns(self, table: FloatArray) -> FloatArray:
        """Return loadings, or a rotation matrix, with its columns of shape (..., k) in place."""
        return table[..., self.order] * self.signs

    def factor_correlations(self, phi: FloatArray) -> FloatArray:
        """Return correlations of shape (k, k) of the factors in place."""
        placed: FloatArray = phi[np.ix_(self.order, self.order)]
        return placed * np.outer(self.signs, self.signs)


def congruence(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return Tucker's coefficients of congruence of factors.

    phi_jl = sum_i a_ij b_il / sqrt(sum_i a_ij^2 sum_i b_il^2) (Tucker 1951).

    Parameters
    ----------
    A : ndarray of shape (..., p, k)
    B : ndarray of shape (..., p, m)

    Returns
    -------
    ndarray of shape (..., k, m)
        From -1 to 1; 0 where all loadings of a factor are 0.

    Examples
    --------
    >>> import numpy as np
    >>> congruence(np.array([[0.6], [0.8]]), np.array([[1.2], [1.6]]))
    array([[1.]])
    """
    inner: FloatArray = np.swapaxes(_unit(A), -1, -2) @ _unit(B)
    return inner


def alignment(loadings: FloatArray, target: FloatArray) -> Alignment:
    """Return the order and signs of factors that make them most congruent with a target's.

    The sum of the absolute congruences of the pairs is as large as any matching makes it.

    Parameters
    ----------
    loadings, target : ndarray of shape (p, k)

    Returns
    -------
    Alignment

    Examples
    --------
    >>> import numpy as np
    >>> found = alignment(np.array([[0.0, -0.9], [0.7, 0.1]]), np.eye(2))
    >>> found.order, found.signs
    (array([1, 0]), array([-1.,  1.]))
    """
    alike = congruence(loadings, target)
    places, order = linear_sum_assignment(np.abs(alike).T, maximize=True)
    signs = np.where(alike[order, places] < 0, -1.0, 1.0)
    return Alignment(np.asarray(order, dtype=np.int64), signs)


def align(
    loadings: FloatArray, factor_correlations: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return loadings and factor correlations in the order and with the signs of a target.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    target : ndarray of shape (p, k)
        Loadings to be like.

    Returns
    -------
    loadings : ndarray of shape (p, k)
    factor_correlations : ndarray of shape (k, k)
    """
    found = alignment(loadings, target)
    return found.columns(loadings), found.factor_correlations(factor_correlations)


def _unit(loadings: FloatArray) -> FloatArray:
    """Return columns of length 1; a column of zeros stays."""
    lengths = np.sqrt((loadings * loadings).sum(axis=-2, keepdims=True))
    unit: FloatArray = loadings / np.where(lengths > 0, lengths, 1.0)
    return unit
