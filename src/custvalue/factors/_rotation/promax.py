"""Promax: an oblique rotation towards powers of the loadings of an orthogonal one."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray
from custvalue.factors._rotation.kaiser import row_lengths

__all__ = ["promax"]


def promax(loadings: FloatArray, *, power: float, normalised_target: bool) -> FloatArray:
    """Return T that brings orthogonally rotated loadings near their own powers.

    The target is Q = L |L|^(power - 1). U = (L'L)^-1 L'Q is scaled by the roots of
    diag((U'U)^-1), so that the factors have variance 1; T = inv(U)' (Hendrickson and White 1964).

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        L, after varimax, of full column rank.
    power : float
        Above 1; 4 is usual.
    normalised_target : bool
        Take the power of rows of length 1.

    Returns
    -------
    ndarray of shape (k, k)
        T with columns of length 1: the loadings are L inv(T)', the factor correlations T'T.
    """
    shape = loadings / row_lengths(loadings) if normalised_target else loadings
    goal = shape * np.abs(shape) ** (power - 1)
    U = np.linalg.lstsq(loadings, goal, rcond=None)[0]
    T = np.linalg.inv(U).T
    scaled: FloatArray = T / np.sqrt((T * T).sum(axis=0))
    return scaled
