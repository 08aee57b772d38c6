"""The power transform of Yeo and Johnson (2000) and its likeliest exponent, for any finite numbers.

With L = log(1 + |x|) and lambda the exponent, y = L phi(lambda L) for x >= 0 and
y = -L phi((2 - lambda) L) for x < 0, where phi(z) = (exp(z) - 1) / z.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.optimize import brentq

from custvalue._typing import BoolArray, FloatArray

__all__ = ["HIGHEST_EXPONENT", "LOWEST_EXPONENT", "likeliest_exponent", "yeo_johnson"]

# Mirror images of each other about 1, as lambda and 2 - lambda are for x and -x. Outside, all but
# the nearest values would be squeezed into one.
LOWEST_EXPONENT = -3.0
HIGHEST_EXPONENT = 5.0

# exp(690) is a number whose sums over a million rows are numbers too.
_LARGEST_LOG = 690.0
_SAMPLE = 100_000
# Values that differ by less than this, relative to the largest, have no shape beyond rounding.
_LEAST_DIFFERENCE = 1e-8
_ROUNDING = 1e-14
_NEAR_ZERO = 0.3
_PHI = [1 / factorial(k + 1) for k in range(14)]
_PHI_SLOPE = [(k + 1) / factorial(k + 2) for k in range(14)]


def yeo_johnson(x: FloatArray, exponent: float) -> FloatArray:
    """Return the transformed values.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Finite numbers.
    exponent : float
        Lambda; 1 leaves the values as they are.

    Returns
    -------
    ndarray of shape (n,)
        Finite; those that would exceed about 1e299 stay there.

    Examples
    --------
    >>> import numpy as np
    >>> yeo_johnson(np.array([-1.0, 0.0, 3.0]), 0.5)
    array([-1.21895142,  0.        ,  2.        ])
    """
    logs = np.log1p(np.abs(x))
    return np.where(x < 0, -_power(logs, 2 - exponent), _power(logs, exponent))


def likeliest_exponent(x: FloatArray) -> float:
    """Return the exponent whose transformed values look most like a normal sample.

    The log-likelihood is concave in lambda (Marchand et al. 2022), so that the sign of its slope
    leads to the maximum. The slope, not the likelihood itself, is solved: the answer is then good
    to rounding, not only to its square root.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Finite numbers in ascending order. Of more than 100,000 that many are taken, evenly.

    Returns
    -------
    float
        From -3 to 5; 1 where fewer than three different values have no shape to learn.

    References
    ----------
    Yeo, I.-K. and Johnson, R. A. (2000). A new family of power transformations to improve normality
    or symmetry. Biometrika 87, 954-959.

    Marchand, T., Muzellec, B., Beguier, C., Ogier du Terrail, J. and Andreux, M. (2022).
    SecureFedYJ: a safe feature Gaussianization protocol for federated learning. NeurIPS 35.
    """
    if len(x) > _SAMPLE:
        x = x[np.round(np.linspace(0, len(x) - 1, _SAMPLE)).astype(np.int64)]
    if _is_plain(x):
        return 1.0
    logs, negative = np.log1p(np.abs(x)), x < 0
    if _slope(LOWEST_EXPONENT, logs, negative) <= 0:
        return LOWEST_EXPONENT
    if _slope(HIGHEST_EXPONENT, logs, negative) >= 0:
        return HIGHEST_EXPONENT
    ends = LOWEST_EXPONENT, HIGHEST_EXPONENT
    return float(brentq(_slope, *ends, args=(logs, negative), xtol=1e-14, rtol=1e-15))


def _is_plain(x: FloatArray) -> bool:
    """Return whether sorted values differ too little, or in one place only."""
    if len(x) == 0 or x[-1] / 2 - x[0] / 2 <= _LEAST_DIFFERENCE * np.abs(x).max():
        return True
    return int((np.diff(x) > 0).sum()) < 2


def _power(logs: FloatArray, exponent: float) -> FloatArray:
    if exponent == 0:
        return logs
    powers: FloatArray = np.expm1(np.minimum(exponent * logs, _LARGEST_LOG)) / exponent
    return powers


def _slope(exponent: float, logs: FloatArray, negative: BoolArray) -> float:
    """Return the slope of the log-likelihood a row, where centre and spread fit best.

    It is mean(sign(x) L) - cov(y, dy/dlambda) / var(y). All y are divided by exp(shift), which
    cancels and keeps them finite.
    """
    z = np.where(negative, 2 - exponent, exponent) * logs
    shift = max(0.0, float(z.max()))
    signs = np.where(negative, -1.0, 1.0)
    y = signs * logs * _phi(z, shift)
    y_slope = logs**2 * _phi_slope(z, shift)
    largest = np.abs(y).max()
    y -= y.mean()
    variance = (y * y).mean()
    level = (signs * logs).mean()
    if variance <= (_ROUNDING * largest) ** 2:
        # All are at the limit of the transform; the way back to where they differ has this sign.
        return float(level)
    return float(level - (y * y_slope).mean() / variance)


def _phi(z: FloatArray, shift: float) -> FloatArray:
    """Return (exp(z) - 1) / z times exp(-shift)."""
    near = np.abs(z) < _NEAR_ZERO
    away = np.where(near, 1.0, z)
    one = np.exp(-shift)
    series: FloatArray = polyval(np.where(near, z, 0.0), _PHI) * one
    far: FloatArray = (np.exp(away - shift) - one) / away
    return np.where(near, series, far)


def _phi_slope(z: FloatArray, shift: float) -> FloatArray:
    """Return the slope of (exp(z) - 1) / z times exp(-shift)."""
    near = np.abs(z) < _NEAR_ZERO
    away = np.where(near, 1.0, z)
    one = np.exp(-shift)
    series: FloatArray = polyval(np.where(near, z, 0.0), _PHI_SLOPE) * one
    far: FloatArray = ((away - 1) * np.exp(away - shift) + one) / away**2
    return np.where(near, series, far)
