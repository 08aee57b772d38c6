"""Rising factorials of real numbers, without the cancellation of large log-Gammas.

(c)_n = Gamma(c + n) / Gamma(c) = c (c + 1) ... (c + n - 1), also where n is not whole. For large c
the difference of two log-Gammas loses digits: they are far larger than what is left. From c = 20 on
Stirling's series is subtracted term by term instead.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from custvalue._typing import FloatArray, Number

__all__ = ["log_rising", "log_rising_ratio", "rising_curvature", "rising_slope"]

_LARGE = 20.0
"""From here on four terms of the series leave less than 1e-15."""
_SHIFT = 20


def log_rising(c: Number, n: Number) -> FloatArray:
    """Return log (c)_n.

    Parameters
    ----------
    c : ndarray of shape (n_rows,)
        Positive.
    n : ndarray of shape (n_rows,)
        Above -c, whole or not.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    large = np.asarray(c) > _LARGE
    if not large.any():
        return np.asarray(gammaln(c + n) - gammaln(c))
    by_series = (c - 0.5) * np.log1p(n / c) + n * (np.log(c + n) - 1) + _series_change(c, n)
    if large.all():
        return np.asarray(by_series)
    return np.where(large, by_series, gammaln(c + n) - gammaln(c))


def rising_slope(c: Number, n: Number) -> FloatArray:
    """Return the derivative of log (c)_n in c: digamma(c + n) - digamma(c).

    Parameters are those of `log_rising`.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    large = np.asarray(c) > _LARGE
    if not large.any():
        return np.asarray(digamma(c + n) - digamma(c))
    if large.all():
        return _slope_by_series(c, n)
    return np.where(large, _slope_by_series(c, n), digamma(c + n) - digamma(c))


def rising_curvature(c: Number, n: Number) -> FloatArray:
    """Return the second derivative of log (c)_n in c: trigamma(c + n) - trigamma(c).

    Parameters and result are those of `rising_slope`.
    """
    return np.asarray(polygamma(1, c + n) - polygamma(1, c))


def log_rising_ratio(c: Number, e: Number, m: Number) -> FloatArray:
    """Return log of (c + e)_m / (c)_m, which is also (c + m)_e / (c)_e.

    To full relative accuracy, however small e or m: it is built of terms that all have the sign of
    e times m. Near e = 0 it is e (digamma(c + m) - digamma(c)).

    Parameters
    ----------
    c : ndarray of shape (n_rows,)
        Positive.
    e : ndarray of shape (n_rows,)
        Above -c.
    m : ndarray of shape (n_rows,)
        At least 0, finite.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    c, e, m = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (c, e, m)))
    swapped = np.abs(e) > m
    e, m = np.where(swapped, m, e), np.where(swapped, e, m)
    total = np.zeros(c.shape)
    for i in range(_SHIFT):
        total += np.log1p(e * m / ((c + i) * (c + i + e + m)))
    return np.asarray(total + _ratio_by_series(c + _SHIFT, e, m))


def _ratio_by_series(c: FloatArray, e: FloatArray, m: FloatArray) -> FloatArray:
    """Return log of (c + e)_m / (c)_m for large c, c + e and c + m."""
    ends = (c + m - 0.5) * np.log1p(e / (c + m)) - (c - 0.5) * np.log1p(e / c)
    change = _series_change(c + m, e) - _series_change(c, e)
    return np.asarray(e * np.log1p(m / (c + e)) + ends + change)


def _series_change(c: Number, n: Number) -> FloatArray:
    """Return s(c + n) - s(c), where s(z) = 1/(12 z) - 1/(360 z^3) + 1/(1260 z^5) - 1/(1680 z^7)."""
    v = 1 / np.asarray(c, dtype=float)
    u = 1 / np.asarray(c + n, dtype=float)
    bracket = 1 / 12 - _powers(u, v, 2) / 360 + _powers(u, v, 4) / 1260 - _powers(u, v, 6) / 1680
    return np.asarray(-n * u * v * bracket)


def _slope_by_series(c: Number, n: Number) -> FloatArray:
    """Return digamma(c + n) - digamma(c) for large c."""
    v = 1 / np.asarray(c, dtype=float)
    u = 1 / np.asarray(c + n, dtype=float)
    bracket = 1 / 12 - _powers(u, v, 2, 2) / 120 + _powers(u, v, 4, 2) / 252
    bracket = 1 / 2 + (u + v) * (bracket - _powers(u, v, 6, 2) / 240)
    return np.asarray(np.log1p(n / c) + n * u * v * bracket)


def _powers(u: FloatArray, v: FloatArray, degree: int, step: int = 1) -> FloatArray:
    """Return the sum of u^i v^(degree - i) over i = 0, step, ..., degree, by Horner's rule."""
    u, v = u**step, v**step
    total, power = np.ones_like(v), np.ones_like(v)
    for _ in range(degree // step):
        power = power * v
        total = total * u + power
    return total
