"""Shares of predictors in the R squared of a regression."""

from __future__ import annotations

from math import comb

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["MOST_PREDICTORS", "lmg_shares", "subset_r_squared"]

MOST_PREDICTORS = 15
"""All subsets are looked at: 32,768 of 15 predictors."""

_SINGULAR = 1e-12
"""Share of a predictor's variance that others leave, below which it adds nothing to them."""


def lmg_shares(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """Split R squared among the predictors: the gain of each, averaged over all orders of entry.

    LMG after Lindeman, Merenda and Gold (1980), the Shapley value of R squared ::

        LMG_j = 1/p sum over S without j of [R2(S and j) - R2(S)] / binomial(p - 1, |S|)

    Parameters
    ----------
    correlations : ndarray of shape (p, p)
        Of the predictors, at most 15.
    with_outcome : ndarray of shape (p,)
        Correlations of the predictors with the outcome.

    Returns
    -------
    ndarray of shape (p,)
        Their sum is the R squared of all predictors. A predictor that others determine shares with
        them.

    Raises
    ------
    ValueError
        If there are more than 15 predictors.

    Examples
    --------
    >>> import numpy as np
    >>> lmg_shares(np.array([[1, 0.5], [0.5, 1]]), np.array([0.6, 0.3]))
    array([0.315, 0.045])
    """
    p = len(with_outcome)
    r_squared = subset_r_squared(correlations, with_outcome)
    sizes = _sizes(p)
    weights = np.array([1 / (p * comb(p - 1, size)) for size in range(p)])
    shares = np.empty(p)
    for j in range(p):
        # Subsets by bits: axis 1 is bit j, whether predictor j is in.
        gains = r_squared.reshape(-1, 2, 2**j)
        without = sizes.reshape(-1, 2, 2**j)[:, 0]
        shares[j] = np.sum(weights[without] * (gains[:, 1] - gains[:, 0]))
    return shares


def subset_r_squared(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """Return R squared of the outcome on every subset of the predictors.

    Predictors are taken one by one. Each doubles the number of subsets: left out, its row and
    column are dropped; taken in, it is swept out of what the later ones and the outcome leave.

    Parameters
    ----------
    correlations : ndarray of shape (p, p)
        At most 15 predictors.
    with_outcome : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (2**p,)
        Entry b: of the predictors j whose bit ``b >> j & 1`` is set.

    Raises
    ------
    ValueError
        If there are more than 15 predictors.
    """
    p = len(with_outcome)
    if p > MOST_PREDICTORS:
        raise ValueError(
            f"shares of R squared look at every subset of the predictors, of which there may be "
            f"at most {MOST_PREDICTORS}; found {p}"
        )
    left = np.ones((1, p + 1, p + 1))
    left[0, :p, :p] = correlations
    left[0, :p, p] = left[0, p, :p] = with_outcome
    for _ in range(p):
        left = np.concatenate([left[:, 1:, 1:], _swept(left)])
    return 1 - left[:, 0, 0]


def _swept(left: FloatArray) -> FloatArray:
    """Return what the first variable leaves of the covariances of the others."""
    pivot, row = left[:, 0, 0], left[:, 0, 1:]
    scaled = row * np.where(pivot > _SINGULAR, 1 / np.maximum(pivot, _SINGULAR), 0.0)[:, None]
    return left[:, 1:, 1:] - scaled[:, :, None] * row[:, None, :]


def _sizes(p: int) -> IntArray:
    """Return how many predictors each subset has."""
    return np.bitwise_count(np.arange(2**p)).astype(np.int64)
