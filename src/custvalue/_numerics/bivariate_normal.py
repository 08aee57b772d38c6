"""The standard bivariate normal law: density, distribution function, and small rectangles.

h and k are places of the two variables, rho their correlation, s = sqrt(1 - rho^2).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import log_ndtr, ndtr, owens_t

from custvalue._typing import FloatArray, Number

__all__ = [
    "bivariate_normal_cdf",
    "log_bivariate_normal_density",
    "log_bivariate_normal_rectangle",
    "log_density_slope",
]

LogIntegrand = Callable[[FloatArray], FloatArray]

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(12)
_PANELS = 12
"""Panels on each side of the peak, each half as wide as the next one out."""
_NEGLIGIBLE = 45.0
"""Fall of the log of the integrand where the tail is cut: e^-45 is 3e-20."""
_FARTHEST = 45.0
"""Places beyond have no probability in float64."""
_GOLDEN = (np.sqrt(5) - 1) / 2
_GOLDEN_STEPS = 60
_BISECTIONS = 40


def bivariate_normal_cdf(h: Number, k: Number, rho: Number) -> FloatArray:
    """Return P(X <= h, Y <= k) of standard normal variables with correlation rho.

    By Owen's T function (Owen 1956, Ann. Math. Stat. 27, 1075-1090) ::

        (Phi(h) + Phi(k)) / 2 - T(h, (k - rho h) / (h s)) - T(k, (h - rho k) / (k s)) - b

    with b = 1/2 where h and k have different signs, else 0. The error is near 1e-16, absolute.

    Parameters
    ----------
    h, k : ndarray
        Infinity is allowed.
    rho : ndarray
        From -1 to 1. The three shapes are broadcast.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> import numpy as np
    >>> bivariate_normal_cdf(0.0, np.array([0.0, np.inf, -np.inf]), 0.5)
    array([0.33333333, 0.5       , 0.        ])
    """
    # Adding 0.0 turns -0.0, which counts as negative below, into 0.0.
    h, k, rho = np.broadcast_arrays(
        np.asarray(h, float) + 0.0, np.asarray(k, float) + 0.0, np.asarray(rho, float)
    )
    inner = np.isfinite(h) & np.isfinite(k) & (np.abs(rho) < 1)
    safe_h, safe_k, safe_rho = (np.where(inner, v, fill) for v, fill in ((h, 1), (k, 1), (rho, 0)))
    by_owen = _by_owen(safe_h, safe_k, safe_rho)
    lower = np.minimum(ndtr(h), ndtr(k))
    # Where one place is infinite both limits are the other's probability.
    limit = np.where(rho >= 0, lower, np.maximum(ndtr(h) - ndtr(-k), 0.0))
    limit = np.where(np.isposinf(h) | np.isposinf(k), lower, limit)
    limit = np.where(np.isneginf(h) | np.isneginf(k), 0.0, limit)
    return np.clip(np.where(inner, by_owen, limit), 0.0, lower)


def _by_owen(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    s = np.sqrt((1 - rho) * (1 + rho))
    apart = (h < 0) != (k < 0)
    found: FloatArray = (
        (ndtr(h) + ndtr(k)) / 2
        - owens_t(h, _slope(h, k, rho, s))
        - owens_t(k, _slope(k, h, rho, s))
        - np.where(apart, 0.5, 0.0)
    )
    return found


def _slope(h: FloatArray, k: FloatArray, rho: FloatArray, s: FloatArray) -> FloatArray:
    """Return (k - rho h) / (h s), which is sqrt((1 - rho) / (1 + rho)) where h and k are 0."""
    # Written so that k - rho h keeps its digits where rho is near 1 or -1.
    above = np.where(rho >= 0, (k - h) + (1 - rho) * h, (k + h) - (1 + rho) * h)
    both_zero = (h == 0) & (k == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = above / (h * s)
    slope = np.where((h == 0) & ~both_zero, np.copysign(np.inf, above), slope)
    return np.where(both_zero, np.sqrt((1 - rho) / (1 + rho)), slope)


def log_bivariate_normal_density(h: Number, k: Number, rho: Number) -> FloatArray:
    """Return the log density at (h, k), which is the log of d P(X <= h, Y <= k) / d rho too.

    Parameters
    ----------
    h, k : ndarray
        -inf is returned where one is infinite.
    rho : ndarray
        Between -1 and 1. The three shapes are broadcast.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> log_bivariate_normal_density(0.0, 0.0, 0.6).round(6)
    np.float64(-1.614734)
    """
    far = np.isinf(h) | np.isinf(k)
    h, k = np.where(far, 0.0, h), np.where(far, 0.0, k)
    q = (1 - rho) * (1 + rho)
    # (h^2 - 2 rho h k + k^2) / q, as the sum of two squares.
    square = np.where(
        np.asarray(rho) >= 0,
        (h - k) ** 2 + 2 * (1 - rho) * h * k,
        (h + k) ** 2 - 2 * (1 + rho) * h * k,
    )
    log_density = -square / (2 * q) - np.log(2 * np.pi) - np.log(q) / 2
    return np.where(far, -np.inf, log_density)


def log_density_slope(h: Number, k: Number, rho: Number) -> FloatArray:
    """Return the derivative of the log density with respect to rho, 0 where h or k is infinite.

    Parameters
    ----------
    h, k : ndarray
    rho : ndarray
        Between -1 and 1. The three shapes are broadcast.

    Returns
    -------
    ndarray
        rho / q + (h k (1 + rho^2) - rho (h^2 + k^2)) / q^2 with q = 1 - rho^2.

    Examples
    --------
    >>> log_density_slope(1.0, 2.0, 0.0)
    array(2.)
    """
    far = np.isinf(h) | np.isinf(k)
    h, k = np.where(far, 0.0, h), np.where(far, 0.0, k)
    q = (1 - rho) * (1 + rho)
    slope = (rho + ((h - rho * k) * (k - rho * h)) / q) / q
    return np.where(far, 0.0, slope)


def log_bivariate_normal_rectangle(
    left: FloatArray, right: FloatArray, bottom: FloatArray, top: FloatArray, rho: FloatArray
) -> FloatArray:
    """Return log P(left < X <= right, bottom < Y <= top), right for the smallest rectangles too.

    Differences of the distribution function have an absolute error, which drowns a rectangle of
    10^-17. Here the density of X times the probability of Y given X is integrated, both taken as
    logarithms. It has one peak, for its logarithm is concave; Gauss-Legendre panels that grow away
    from the peak cover it down to e^-45 of its height. The relative error is below 1e-10.

    Parameters
    ----------
    left, right, bottom, top : ndarray of shape (n,)
        left < right, bottom < top; infinity is allowed.
    rho : ndarray of shape (n,)
        Between -1 and 1.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([1.0])
    >>> log_bivariate_normal_rectangle(-8 * one, -7 * one, 7 * one, 8 * one, 0.5 * one).round(6)
    array([-104.988829])
    """
    # Y is mirrored where rho is negative.
    mirrored = rho < 0
    bottom, top = np.where(mirrored, -top, bottom), np.where(mirrored, -bottom, top)
    rho = np.abs(rho)[:, None]
    low, high = bottom[:, None], top[:, None]
    s = np.sqrt((1 - rho) * (1 + rho))

    def log_integrand(x: FloatArray) -> FloatArray:
        upper, lower = (high - rho * x) / s, (low - rho * x) / s
        return -(x**2) / 2 + _log_between(lower, upper)

    start, end = np.clip(left, -_FARTHEST, _FARTHEST), np.clip(right, -_FARTHEST, _FARTHEST)
    start, end = start[:, None], end[:, None]
    peak = _peak(log_integrand, start, end)
    height = log_integrand(peak)
    total = np.zeros_like(height)
    for edge in (start, end):
        reach = _reach(log_integrand, peak, height, edge) - peak
        x, weights = _graded_nodes()
        inner = np.exp(log_integrand(peak + reach * x) - height)
        total += np.abs(reach) * (inner * weights).sum(axis=1, keepdims=True)
    found: FloatArray = (height + np.log(total))[:, 0] - np.log(2 * np.pi) / 2
    return found


def _log_between(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return log(Phi(upper) - Phi(lower)), taken in the lower tail, where no digit is lost."""
    with np.errstate(invalid="ignore"):
        swapped = lower + upper > 0
    lower, upper = np.where(swapped, -upper, lower), np.where(swapped, -lower, upper)
    above = log_ndtr(upper)
    with np.errstate(divide="ignore"):
        found: FloatArray = above + np.log(-np.expm1(log_ndtr(lower) - above))
    return found


def _graded_nodes() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1), in panels that halve in width towards 0."""
    edges = np.concatenate([[0.0], 0.5 ** np.arange(_PANELS - 1, -1, -1)])
    width = np.diff(edges)[:, None]
    nodes = edges[:-1, None] + width * (_NODES + 1) / 2
    return nodes.ravel(), (width * _NODE_WEIGHTS / 2).ravel()


def _peak(function: LogIntegrand, start: FloatArray, end: FloatArray) -> FloatArray:
    """Return where concave functions are largest, one a row, by golden section."""
    inner_left, inner_right = end - _GOLDEN * (end - start), start + _GOLDEN * (end - start)
    at_left, at_right = function(inner_left), function(inner_right)
    for _ in range(_GOLDEN_STEPS):
        falls = at_left >= at_right
        start, end = np.where(falls, start, inner_left), np.where(falls, inner_right, end)
        inner_left, inner_right = (
            np.where(falls, end - _GOLDEN * (end - start), inner_right),
            np.where(falls, inner_left, start + _GOLDEN * (end - start)),
        )
        asked = function(np.where(falls, inner_left, inner_right))
        at_left, at_right = np.where(falls, asked, at_right), np.where(falls, at_left, asked)
    return (start + end) / 2


def _reach(
    function: LogIntegrand, peak: FloatArray, height: FloatArray, edge: FloatArray
) -> FloatArray:
    """Return how far from the peak towards an edge a function is not negligible, one a row."""
    near, far = peak, edge
    for _ in range(_BISECTIONS):
        middle = (near + far) / 2
        counts = function(middle) > height - _NEGLIGIBLE
        near, far = np.where(counts, middle, near), np.where(counts, far, middle)
    return far
