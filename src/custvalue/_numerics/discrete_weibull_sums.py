"""Periods to expect of lives that end more or less readily with age: sums over the survival.

They are summed term by term and by the panels of `long_sums` up to 2^60 periods. Where the survival
S(k), which falls as k^(-a c) in the end, is summed without end and without a discount, an integral
over v = log (s + k)^c follows. The logarithm of its integrand, v / c - hazard, is concave for every
sum that such an integral adds to: it is integrated around its peak, from where it has fallen by 45
to where it has done so on the other side, or has become a power, whose integral is known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from custvalue._numerics.discrete_weibull import hazard
from custvalue._numerics.gamma_differences import first_difference, second_difference
from custvalue._numerics.long_sums import EVER, long_sum, rows_summed_together
from custvalue._typing import BoolArray, FloatArray, Number

__all__ = ["survivals_ahead"]

_LONG_AFTER = 45.0
"""exp(-45) = 3e-20: what comes after 45 / rate does not show in double precision."""
_POWER_FROM = 45.0
"""Where the power is so many logs larger than all parameters, the survival is a power."""
_PANELS = 80
_POINTS = 20
_BISECTIONS = 60
_ROWS = 256

Rows = tuple[FloatArray, ...]


def survivals_ahead(
    a: Number, b: Number, c: Number, start: Number, rate: float, m: Number
) -> FloatArray:
    """Return sum_{k=1}^{m} exp(-rate k) P(to live through k more periods).

    Parameters
    ----------
    a, b, c, start : ndarray of shape (n_rows,)
        As in `custvalue._numerics.discrete_weibull.hazard`.
    rate : float
        At least 0.
    m : ndarray of shape (n_rows,)
        Whole numbers; infinite gives infinity at rate 0 where a c <= 1.

    Returns
    -------
    ndarray of shape (n_rows,)
        Anything that broadcasts is accepted.
    """
    rows = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (a, b, c, start, m)))
    shape = rows[0].shape
    *own, m = (row.ravel() for row in rows)
    n_terms = np.minimum(m, np.ceil(_LONG_AFTER / rate) if rate > 0 else EVER)
    endless = np.isinf(m) & (rate == 0)
    infinite = endless & (own[0] * own[2] <= 1)
    n_terms[infinite] = 0
    out = np.where(infinite, np.inf, 0.0)
    for these in rows_summed_together(n_terms):
        out[these] = _summed(tuple(v[these, None] for v in own), rate, n_terms[these])
    beyond = np.flatnonzero(endless & ~infinite)
    for first in range(0, len(beyond), _ROWS):
        these = beyond[first : first + _ROWS]
        out[these] += _beyond(tuple(v[these] for v in own))
    return np.asarray(out.reshape(shape))


def _summed(own: Rows, rate: float, n_terms: FloatArray) -> FloatArray:
    a, b, c, start = own

    def terms(j: FloatArray) -> FloatArray:
        return np.exp(-hazard(a, b, c, start, j + 1) - rate * (j + 1))

    return long_sum(lambda n: terms(np.arange(float(n))), terms, n_terms)


def _beyond(own: Rows) -> FloatArray:
    """Return the integral of the survival from `EVER` periods ahead on, for a c > 1."""
    a, b, c, start = own
    begun = start**c
    w = b + begun
    first = c * np.log(EVER + start)
    last = np.maximum(first, np.log(a) + np.log(a + 2 * w) + _POWER_FROM)

    def height(v: FloatArray) -> FloatArray:
        columns = (value.reshape(-1, *[1] * (v.ndim - 1)) for value in (a, w, c, begun))
        a_, w_, c_, begun_ = columns
        return v / c_ - second_difference(w_, a_, np.exp(v) - begun_, 0)

    def rises(v: FloatArray) -> FloatArray:
        return np.asarray(1 / c - np.exp(v) * first_difference(b + np.exp(v), a, 1))

    peak = _crossing(lambda v: rises(v) > 0, first, last)
    top = height(peak)
    left = _crossing(lambda v: height(v) < top - _LONG_AFTER, first, peak)
    right = _crossing(lambda v: height(v) > top - _LONG_AFTER, peak, last)
    nodes, weights = _panels()
    heights = height(left[:, None] + (right - left)[:, None] * nodes)
    around = (right - left) / c * (np.exp(heights - top[:, None]) @ weights)
    rest = np.exp(height(last) - top) / (a * c - 1)
    with np.errstate(over="ignore"):
        return np.exp(top + np.log(around + rest))


def _crossing(
    below: Callable[[FloatArray], BoolArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return where a condition that holds up to some point ends, by bisection; or an end."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        holds = below(middle)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return high


@lru_cache(maxsize=1)
def _panels() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1): panels of equal width with a Gauss rule each."""
    x, weights = np.polynomial.legendre.leggauss(_POINTS)
    nodes = (np.arange(_PANELS)[:, None] + (x + 1) / 2) / _PANELS
    return nodes.ravel(), np.tile(weights / (2 * _PANELS), _PANELS)
