"""The delta method and intervals inside the parameter space."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from custvalue._typing import FloatArray

__all__ = ["covariance_of_exponentials", "intervals_on_log_scale"]


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


def intervals_on_log_scale(values: FloatArray, errors: FloatArray, level: float) -> FloatArray:
    """Return intervals of positive parameters that are symmetric on the log scale.

    Parameters
    ----------
    values, errors : ndarray of shape (k,)
        Estimates and their standard errors.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    ndarray of shape (k, 2)
        value * exp(-+ z error / value); never negative.
    """
    half = norm.ppf(0.5 + level / 2) * errors / values
    return np.column_stack([values * np.exp(-half), values * np.exp(half)])
