"""The law of the number of discordant pairs: q-factorials and their slopes.

With q = exp(-theta), sum over all orders of n items of q^(discordant pairs) is the q-factorial
[n]_q! = prod_{j=1..n} (1 - q^j) / (1 - q), which is n! at theta = 0. The slope of -log [n]_q! in
theta is the mean number of discordant pairs of n items.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["discordant_variance", "log_q_factorials", "mean_discordant"]

_SERIES_BELOW = 0.3
_SERIES = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)
"""Of 1/(e^x - 1) - 1/x + 1/2: the terms x, x^3, ..., x^11; the next is below 1e-17 at 0.3."""


def log_q_factorials(concentrations: FloatArray, n_items: int) -> FloatArray:
    """Return log [b]_q! for b = 0, ..., n_items.

    Parameters
    ----------
    concentrations : ndarray of shape (k,)
        theta, at least 0.
    n_items : int

    Returns
    -------
    ndarray of shape (k, n_items + 1)

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(log_q_factorials(np.array([0.0, np.log(2)]), 3))
    array([[1.   , 1.   , 2.   , 6.   ],
           [1.   , 1.   , 1.5  , 2.625]])
    """
    theta, j = np.asarray(concentrations, dtype=float)[:, None], np.arange(1.0, n_items + 1)
    safe = np.where(theta > 0, theta, 1.0)
    ratio = np.where(theta > 0, np.expm1(-j * safe) / np.expm1(-safe), j)
    return _summed(np.log(ratio))


def mean_discordant(concentrations: FloatArray, n_items: int) -> FloatArray:
    """Return the mean number of discordant pairs of b = 0, ..., n_items items.

    With g(x) = 1/(e^x - 1) - 1/x + 1/2, which is small and smooth, it is
    sum_{j=1..b} ((j - 1)/2 + g(theta) - j g(j theta)).

    Parameters
    ----------
    concentrations : ndarray of shape (k,)
        theta, at least 0.
    n_items : int

    Returns
    -------
    ndarray of shape (k, n_items + 1)
        b (b - 1) / 4 at theta = 0, falling to 0.
    """
    theta, j = np.asarray(concentrations, dtype=float)[:, None], np.arange(1.0, n_items + 1)
    value = _centred(theta * j)
    return _summed((j - 1) / 2 + value[:, :1] - j * value)


def discordant_variance(concentrations: FloatArray, n_items: int) -> FloatArray:
    """Return the variance of the number of discordant pairs of b = 0, ..., n_items items.

    It is minus the slope of `mean_discordant` in theta.

    Parameters
    ----------
    concentrations : ndarray of shape (k,)
        theta, at least 0.
    n_items : int

    Returns
    -------
    ndarray of shape (k, n_items + 1)
    """
    theta, j = np.asarray(concentrations, dtype=float)[:, None], np.arange(1.0, n_items + 1)
    slope = _centred_slope(theta * j)
    return _summed(j * j * slope - slope[:, :1])


def _summed(terms: FloatArray) -> FloatArray:
    """Return the sums of the first 0, 1, ... terms."""
    return np.concatenate([np.zeros((len(terms), 1)), np.cumsum(terms, axis=1)], axis=1)


def _centred(x: FloatArray) -> FloatArray:
    """Return 1/(e^x - 1) - 1/x + 1/2 for x >= 0."""
    large = np.maximum(x, _SERIES_BELOW)
    with np.errstate(over="ignore"):
        direct = 1 / np.expm1(large) - 1 / large + 0.5
    return np.where(x < _SERIES_BELOW, x * _horner(_SERIES, np.minimum(x, _SERIES_BELOW)), direct)


def _centred_slope(x: FloatArray) -> FloatArray:
    """Return the derivative of `_centred`: 1/x^2 - 1/(2 sinh(x/2))^2."""
    large = np.maximum(x, _SERIES_BELOW)
    with np.errstate(over="ignore"):
        direct = 1 / large**2 - 1 / (2 * np.sinh(large / 2)) ** 2
    slopes = tuple((2 * i + 1) * term for i, term in enumerate(_SERIES))
    return np.where(x < _SERIES_BELOW, _horner(slopes, np.minimum(x, _SERIES_BELOW)), direct)


def _horner(terms: tuple[float, ...], x: FloatArray) -> FloatArray:
    """Return the polynomial in x^2."""
    square, total = x * x, np.full_like(x, terms[-1])
    for term in terms[-2::-1]:
        total = total * square + term
    return total
