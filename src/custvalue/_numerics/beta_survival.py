"""Lives of whole numbers of periods, with a chance theta ~ Beta(g, d) to end before each.

P(to live through j periods) = E[(1 - theta)^j] = (d)_j / (g + d)_j. After n periods lived through,
theta is Beta(g, d + n): the same functions at d + n are those of the life that is left. Sums of the
survival over periods have positive terms and are taken in closed form,

    sum_{j=1}^{m} (d)_j / (g + d)_j = d / (g - 1) [1 - (d + 1)_m / (d + g)_m],

where the bracket is -expm1 of a logarithm that has full relative accuracy, so that nothing happens
at g = 1.
"""

from __future__ import annotations

import numpy as np

from custvalue._numerics.long_sums import long_sum, rows_summed_together
from custvalue._numerics.rising import log_rising, log_rising_ratio
from custvalue._typing import FloatArray, Number

__all__ = ["discounted_survivals", "expected_survivals", "survival"]

_NEXT_TO_ONE = 1e-100
"""Stands for g - 1 at g = 1: every term is proportional to it, and it cancels."""
_LONG_AFTER = 45.0
"""exp(-45) = 3e-20: what comes after 45 / rate does not show in double precision."""


def survival(g: Number, d: Number, m: Number) -> FloatArray:
    """Return P(to live through m periods).

    Parameters
    ----------
    g, d : ndarray of shape (n_rows,)
        Beta parameters of the chance to end before a period.
    m : ndarray of shape (n_rows,)
        Whole numbers of at least 0; infinite gives 0.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    finite, ever = _finite(m)
    return np.where(ever, 0.0, np.exp(-log_rising_ratio(d, g, finite)))


def expected_survivals(g: Number, d: Number, m: Number) -> FloatArray:
    """Return the expected number of the next m periods that are lived through.

    Parameters are those of `survival`; infinite m gives d / (g - 1) for g > 1 and infinity for
    g <= 1.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    finite, ever = _finite(m)
    excess = np.asarray(g, dtype=float) - 1
    excess = np.where(excess == 0, _NEXT_TO_ONE, excess)
    grown = -np.expm1(-log_rising_ratio(d + 1, excess, finite))
    with np.errstate(divide="ignore"):
        for_ever = np.where(excess > _NEXT_TO_ONE, 1.0, np.inf)
    return np.asarray(d * np.where(ever, for_ever / np.abs(excess), grown / excess))


def discounted_survivals(g: Number, d: Number, rate: float, m: Number) -> FloatArray:
    """Return sum_{j=1}^{m} exp(-rate j) P(to live through j periods).

    Parameters
    ----------
    g, d, m : ndarray of shape (n_rows,)
        As in `survival`; m may be infinite.
    rate : float
        Positive.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (g, d, m)))
    shape = rows[0].shape
    g, d, m = (row.ravel() for row in rows)
    n_terms = np.minimum(m, np.ceil(_LONG_AFTER / rate))
    out = np.zeros_like(g)
    for these in rows_summed_together(n_terms):
        out[these] = _discounted(g[these, None], d[these, None], rate, n_terms[these])
    return np.asarray(out.reshape(shape))


def _discounted(g: FloatArray, d: FloatArray, rate: float, n_terms: FloatArray) -> FloatArray:
    def near(n: int) -> FloatArray:
        j = np.arange(float(n))
        return np.cumprod(np.exp(-rate) * ((d + j) / (g + d + j)), axis=1)

    def far(j: FloatArray) -> FloatArray:
        return np.exp(log_rising(d, g) - log_rising(d + 1 + j, g) - rate * (j + 1))

    return long_sum(near, far, n_terms)


def _finite(m: Number) -> tuple[FloatArray, FloatArray]:
    """Return m with 0 for infinity, and where it was infinite."""
    m = np.asarray(m, dtype=float)
    ever = np.isinf(m)
    return np.where(ever, 0.0, m), ever
