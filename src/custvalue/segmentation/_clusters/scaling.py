"""Numbers of one feature on a common footing: learned from some customers, applied to any.

x is a column in its own unit, money or time; its unit here is the median absolute
value over those that are not zero, so that no result depends on the currency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from custvalue._typing import FloatArray
from custvalue.segmentation._clusters.yeo_johnson import likeliest_exponent, yeo_johnson

__all__ = ["MEAN_DEVIATION", "METHODS", "Scaling", "learn_scaling", "scaled"]

METHODS = ("yeo_johnson", "log", "robust", "standard", "none")
"""Ways to scale a column of numbers."""

MEAN_DEVIATION = "robust (mean deviation)"
"""The method where the middle half of the values is one value."""

# The interquartile range and the mean deviation of a normal sample, in standard deviations.
_NORMAL_RANGE = 1.349
_NORMAL_DEVIATION = np.sqrt(2 / np.pi)
# Far beyond any customer, while squares and their sums are still numbers.
_LARGEST_RATIO = 1e300
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class Scaling:
    """How one column of numbers is scaled.

    Attributes
    ----------
    scale : str
        One of `METHODS`, or `MEAN_DEVIATION`.
    unit : float
        What x is divided by first, in the unit of x.
    exponent : float
        Of the power transform; NaN for the other methods.
    centre, spread : float
        Taken off the transformed values, and what they are then divided by.
    fill : float
        Median of x, in its unit, for those who are missing.
    constant : bool
        Whether all values are one, so that the feature tells nothing apart.
    """

    scale: str
    unit: float
    exponent: float
    centre: float
    spread: float
    fill: float
    constant: bool


def learn_scaling(x: FloatArray, method: str) -> Scaling:
    """Return the scaling of a column.

    "yeo_johnson": the power transform of x / unit with the likeliest exponent, then mean 0 and
    standard deviation 1. "log": log(1 + x / unit), mirrored for negative x, then the same.
    "standard": the same for x. "robust": median 0, and the interquartile range over 1.349 is 1;
    where that range is 0, the mean absolute deviation from the median times sqrt(pi / 2) is 1, and
    the name says so. "none": x.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Finite numbers, at least one, in any order.
    method : {"yeo_johnson", "log", "robust", "standard", "none"}

    Returns
    -------
    Scaling
        Exactly the same for any order of the values.

    Examples
    --------
    >>> import numpy as np
    >>> learn_scaling(np.array([0.0, 10.0, 20.0, 40.0]), "standard").unit
    20.0
    """
    x = np.sort(x) + 0.0  # + 0.0 makes 0.0 of -0.0, which sort as equals
    unit = 1.0 if method == "none" else _unit(x)
    plain = Scaling(method, unit, np.nan, 0.0, 1.0, _median(x), bool(x[0] == x[-1]))
    if method == "yeo_johnson":
        plain = replace(plain, exponent=likeliest_exponent(_ratio(x, unit)))
    y = _transformed(x, plain)
    if y[0] == y[-1]:
        return replace(plain, constant=True, centre=0.0 if method == "none" else float(y[0]))
    if method == "none":
        return plain
    if method == "robust":
        return _robust(y, plain)
    return _standardised(y, plain)


def scaled(x: FloatArray, scaling: Scaling) -> FloatArray:
    """Return the scaled values of a column.

    Parameters
    ----------
    x : ndarray of shape (n,)
        In the unit that the scaling was learned in; NaN is missing.
    scaling : Scaling

    Returns
    -------
    ndarray of shape (n,)
        0 for a constant column, the scaled median for those missing. Beyond 1e100, where squared
        distances would soon be no numbers, it is 1e100.
    """
    if scaling.constant:
        return np.zeros(len(x))
    y = _transformed(np.where(np.isnan(x), scaling.fill, x), scaling)
    with np.errstate(over="ignore"):
        z = (y - scaling.centre) / scaling.spread
    return np.clip(z, -_LARGEST, _LARGEST)


def _transformed(x: FloatArray, scaling: Scaling) -> FloatArray:
    ratio = _ratio(x, scaling.unit)
    if scaling.scale == "yeo_johnson":
        return yeo_johnson(ratio, scaling.exponent)
    if scaling.scale == "log":
        logs: FloatArray = np.sign(ratio) * np.log1p(np.abs(ratio))
        return logs
    return ratio


def _ratio(x: FloatArray, unit: float) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.clip(x / unit, -_LARGEST_RATIO, _LARGEST_RATIO)


def _unit(x: FloatArray) -> float:
    sizes = np.sort(np.abs(x[x != 0]))
    return _median(sizes) if len(sizes) else 1.0


def _median(x: FloatArray) -> float:
    """Return the median of sorted values; halves are added, as their sum may be no number."""
    middle = len(x) // 2
    if len(x) % 2:
        return float(x[middle])
    return float(x[middle - 1] / 2 + x[middle] / 2)


def _standardised(y: FloatArray, plain: Scaling) -> Scaling:
    peak = np.abs(y).max()
    part = y / peak
    centre = part.mean()
    spread = np.sqrt(((part - centre) ** 2).mean())
    return replace(plain, centre=float(centre * peak), spread=float(spread * peak))


def _robust(y: FloatArray, plain: Scaling) -> Scaling:
    lower, centre, upper = np.quantile(y, [0.25, 0.5, 0.75])
    found = replace(plain, centre=float(centre), spread=float((upper - lower) / _NORMAL_RANGE))
    if upper > lower:
        return found
    peak = np.abs(y - centre).max()
    deviation = (np.abs(y - centre) / peak).mean() * peak / _NORMAL_DEVIATION
    return replace(found, scale=MEAN_DEVIATION, spread=float(deviation))
