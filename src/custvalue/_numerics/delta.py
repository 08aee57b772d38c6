"""The delta method and intervals inside the parameter space."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from custvalue._typing import FloatArray

__all__ = ["covariance_of_exponentials", "draws_on_log_scale", "intervals_of_estimates"]


def covariance_of_exponentials(logs_covariance: FloatArray, values: FloatArray) -> FloatArray:
    """Return the covariance of exp(theta) from that of theta (delta method).

    Parameters
    ----------
    logs_covariance : ndarray of shape (k, k)
        Covariance of theta = log(values).
    values : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k, k)
        diag(values) C diag(values).
    """
    return logs_covariance * np.outer(values, values)


def intervals_of_estimates(
    values: FloatArray, errors: FloatArray, level: float, *, n_positive: int
) -> FloatArray:
    """Return intervals that are symmetric on the log scale for positive parameters.

    Parameters
    ----------
    values, errors : ndarray of shape (k,)
        Estimates and their standard errors.
    level : float
        Coverage, between 0 and 1.
    n_positive : int
        The first so many are positive parameters; the intervals of the others are symmetric.

    Returns
    -------
    ndarray of shape (k, 2)
        value * exp(-+ z error / value), or value -+ z error.
    """
    z = float(norm.ppf((1 + level) / 2)) * np.array([-1.0, 1.0])
    ends = values[:, None] + z * errors[:, None]
    positive = values[:n_positive, None]
    with np.errstate(over="ignore"):  # an error of hundreds of times the value has no upper end
        ends[:n_positive] = positive * np.exp(z * errors[:n_positive, None] / positive)
    return ends


def draws_on_log_scale(
    values: FloatArray,
    covariance: FloatArray,
    n_draws: int,
    generator: np.random.Generator,
    *,
    n_positive: int,
) -> FloatArray:
    """Return normal draws around estimates, on the log scale for positive parameters.

    Parameters
    ----------
    values : ndarray of shape (k,)
    covariance : ndarray of shape (k, k)
        Of the values, on their natural scale.
    n_draws : int
    generator : numpy.random.Generator
    n_positive : int
        The first so many are positive parameters.

    Returns
    -------
    ndarray of shape (n_draws, k)
    """
    sizes, centre = np.ones_like(values), values.copy()
    sizes[:n_positive] = values[:n_positive]
    centre[:n_positive] = np.log(values[:n_positive])
    of_logs = covariance / np.outer(sizes, sizes)
    draws = generator.multivariate_normal(centre, of_logs, n_draws, method="cholesky")
    draws[:, :n_positive] = np.exp(draws[:, :n_positive])
    return draws
