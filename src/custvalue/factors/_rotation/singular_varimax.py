"""Varimax by singular values, with the loose end that R gives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["SingularVarimax", "singular_varimax"]


@dataclass(frozen=True, slots=True)
class SingularVarimax:
    """Where the iteration ended.

    Attributes
    ----------
    rotation : ndarray of shape (k, k)
        Orthogonal.
    iterations : int
    converged : bool
        By its own rule.
    """

    rotation: FloatArray
    iterations: int
    converged: bool


def singular_varimax(
    loadings: FloatArray, *, tolerance: float = 1e-5, max_iterations: int = 1000
) -> SingularVarimax:
    """Iterate T = polar factor of A'(Z^3 - Z diag(Z'Z) / p), Z = A T, from the identity.

    The end comes when the sum of the singular values gains less than `tolerance` of itself. With
    1e-5, the value of R, the loadings are a few thousandths from the optimum.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        A, normalised or not.
    tolerance : float
    max_iterations : int

    Returns
    -------
    SingularVarimax
    """
    T, before, converged, iteration = np.eye(loadings.shape[1]), 0.0, False, 0
    while not converged and iteration < max_iterations:
        iteration += 1
        Z = loadings @ T
        U, sizes, V = np.linalg.svd(loadings.T @ (Z**3 - Z * (Z * Z).mean(axis=0)))
        T, now = U @ V, float(sizes.sum())
        converged, before = now < before * (1 + tolerance), now
    return SingularVarimax(T, iteration, converged)
