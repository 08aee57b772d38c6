"""The negative binomial distribution in z, the horizon over the scale of the rate.

Events come at rate lambda ~ Gamma(s, beta); n of them in the time z beta have the probability
(s)_n / n! w^n (1 - w)^s with w = z / (1 + z).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincc, gammaln

from custvalue._numerics.rising_derivatives import log_rising
from custvalue._typing import FloatArray

__all__ = ["at_least", "log_probability"]


def log_probability(n: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
    """Return log P(n events); minus infinity where that is 0.

    Parameters
    ----------
    n : ndarray of shape (n_rows,)
        Whole numbers, at least 0.
    s : ndarray of shape (n_rows,)
        Positive.
    z : ndarray of shape (n_rows,)
        At least 0, or infinite.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log_power = np.where(n > 0, -n * np.log1p(1 / z), 0.0)
    return np.asarray(log_rising(s, n) - gammaln(n + 1) + log_power - s * np.log1p(z))


def at_least(n: FloatArray, s: FloatArray, z: FloatArray) -> FloatArray:
    """Return P(n or more events); parameters are those of `log_probability`.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    some = np.maximum(n, 1.0)
    # w rounds to 1 for large z, 1 - w does not.
    large = betaincc(s, some, 1 / (1 + z))
    with np.errstate(invalid="ignore"):
        small = betainc(some, s, z / (1 + z))
    return np.where(n > 0, np.where(z > 1, large, small), 1.0)
