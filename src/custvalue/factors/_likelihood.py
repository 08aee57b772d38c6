"""How likely ratings are under a factor model, if they are normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular

from custvalue._estimator.ratings import Ratings
from custvalue._typing import FloatArray

__all__ = ["log_likelihoods", "mean_log_likelihood"]


def log_likelihoods(
    ratings: Ratings, implied: FloatArray, means: FloatArray, standard_deviations: FloatArray
) -> FloatArray:
    """Return the log-density of what each respondent answered.

    With z the m standardised answers and Sigma what the model says of their correlations ::

        -(m log(2 pi) + log |Sigma| + z' Sigma^-1 z) / 2 - sum of the logs of their scales

    Parameters
    ----------
    ratings : Ratings
        Of p items, with gaps or without.
    implied : ndarray of shape (p, p)
        Sigma, L Phi L' + diag(psi).
    means, standard_deviations : ndarray of shape (p,)

    Returns
    -------
    ndarray of shape (n,)
        NaN for respondents who answered nothing.

    Raises
    ------
    numpy.linalg.LinAlgError
        If Sigma is not positive definite.
    """
    found = np.empty(len(ratings))
    for rows, block in ratings.blocks():
        z = (block - means) / standard_deviations
        answered, inverse = np.unique(~np.isnan(z), axis=0, return_inverse=True)
        for number, pattern in enumerate(answered):
            alike = rows.start + np.flatnonzero(inverse == number)
            items = np.flatnonzero(pattern)
            known = z[np.ix_(alike - rows.start, items)]
            found[alike] = _densities(known, implied[np.ix_(items, items)])
            found[alike] -= np.log(standard_deviations[items]).sum()
    return found


def mean_log_likelihood(
    ratings: Ratings,
    weights: FloatArray,
    common: FloatArray,
    uniquenesses: pd.Series,
    means: FloatArray,
    standard_deviations: FloatArray,
    *,
    complete_only: bool,
) -> float:
    """Return the weighted mean of the log-likelihoods of respondents.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n,)
    common : ndarray of shape (p, p)
        L Phi L'.
    uniquenesses : pandas.Series
        By item.
    means, standard_deviations : ndarray of shape (p,)
    complete_only : bool
        Leave out those with a gap.

    Returns
    -------
    float
        NaN where nobody is left.

    Raises
    ------
    ValueError
        If L Phi L' + diag(psi) is not positive definite.
    """
    try:
        each = log_likelihoods(ratings, common + np.diag(uniquenesses), means, standard_deviations)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            f"uniquenesses must be above 0 for a likelihood; {uniquenesses.idxmin()!r} has "
            f"{uniquenesses.min():.3g}. Take fewer factors, or method='ml' or 'minres'"
        ) from error
    counted = np.isfinite(each) & (weights > 0)
    if complete_only:
        counted &= ~np.any([np.isnan(ratings[item]) for item in ratings.items], axis=0)
    if not counted.any():
        return float("nan")
    return float(np.average(each[counted], weights=weights[counted]))


def _densities(z: FloatArray, implied: FloatArray) -> FloatArray:
    if not z.shape[1]:
        return np.full(len(z), np.nan)
    factor = np.linalg.cholesky(implied)
    squares = np.sum(solve_triangular(factor, z.T, lower=True) ** 2, axis=0)
    constant = z.shape[1] * np.log(2 * np.pi) + 2 * np.log(np.diag(factor)).sum()
    densities: FloatArray = -(constant + squares) / 2
    return densities
