"""Shares of orders, lines and units from their sums, with intervals; and the order cycle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import FloatArray

__all__ = [
    "Cycle",
    "Share",
    "Sums",
    "complement",
    "cycle_of",
    "ratio",
    "ratio_share",
    "settled",
    "simple_share",
]

_DIGITS = 12
_LARGEST_EXPONENT = 300.0


@dataclass(frozen=True, slots=True)
class Share:
    """A share of each group, with its interval.

    Attributes
    ----------
    share, lower, upper : ndarray of shape (n_groups,)
        NaN, 0 and 1 where there is nothing to judge.
    n : ndarray of shape (n_groups,)
        How many orders or lines it rests on.
    """

    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: FloatArray


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the orders of each group, w trials and s successes an order.

    Attributes
    ----------
    m : ndarray of shape (n_groups,)
        Orders with a trial.
    w, s, ww, ws, ss : ndarray of shape (n_groups,)
        Sums of w, s, w^2, w s and s^2.
    """

    m: FloatArray
    w: FloatArray
    s: FloatArray
    ww: FloatArray
    ws: FloatArray
    ss: FloatArray


@dataclass(frozen=True, slots=True)
class Cycle:
    """The order cycle of each group, in days.

    Attributes
    ----------
    n, mean, sd, cv, p90 : ndarray of shape (n_groups,)
        Orders, mean, sample standard deviation, the two as a ratio, and the 90 % quantile.
    """

    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    cv: FloatArray
    p90: FloatArray


def simple_share(good: FloatArray, known: FloatArray, level: float) -> Share:
    """Return the share of orders that are good among those of which it is known.

    Parameters
    ----------
    good, known : ndarray of shape (n_groups,)
    level : float

    Returns
    -------
    Share
        With the interval of Wilson.

    Examples
    --------
    >>> import numpy as np
    >>> found = simple_share(np.array([9.0, 0.0]), np.array([10.0, 0.0]), 0.95)
    >>> found.share, found.lower.round(4), found.upper.round(4)
    (array([0.9, nan]), array([0.5958, 0.    ]), array([0.9821, 1.    ]))
    """
    lower, upper = wilson_interval(good, known, level)
    return Share(ratio(good, known), lower, upper, known)


def ratio_share(sums: Sums, most: FloatArray, level: float) -> Share:
    """Return a share of lines or units, whose interval knows that those of one order go together.

    With p = sum s / sum w, the variance of this ratio, orders drawn as a whole, is ::

        v = m / (m - 1) sum (s - p w)^2 / (sum w)^2

    and the interval is that of Wilson for p (1 - p) / v trials, at most the number of lines (the
    effective number of Korn & Graubard 1998, Survey Methodology 24, 193-201, with Wilson's
    interval after Dean & Pagano 2015, J. Survey Statistics and Methodology 3, 484-503). Where all
    are good or none is, and for a single order, v says nothing: then orders count as if all of
    their lines shared one fate, (sum w)^2 / sum w^2 trials (Kish 1965).

    Parameters
    ----------
    sums : Sums
    most : ndarray of shape (n_groups,)
        Number of lines.
    level : float

    Returns
    -------
    Share

    Examples
    --------
    Of 40 lines 30 are filled: in each order three of four, or all of some orders.

    >>> import numpy as np
    >>> one = lambda *values: (np.array([value], dtype=float) for value in values)
    >>> alike = ratio_share(Sums(*one(10, 40, 30, 160, 120, 90)), np.array([40.0]), 0.95)
    >>> together = ratio_share(Sums(*one(10, 40, 30, 160, 120, 116)), np.array([40.0]), 0.95)
    >>> alike.lower.round(3), together.lower.round(3)
    (array([0.598]), array([0.448]))
    """
    p = ratio(sums.s, sums.w)
    with np.errstate(divide="ignore", invalid="ignore"):
        together = sums.w**2 / sums.ww
        spread = np.maximum(sums.ss - 2 * p * sums.ws + p**2 * sums.ww, 0.0)
        variance = sums.m / (sums.m - 1) * spread / sums.w**2
        effective = np.minimum(p * (1 - p) / variance, most)
    says_something = (p > 0) & (p < 1) & (sums.m > 1)
    trials = np.where(says_something, effective, together)
    trials = np.where(sums.w > 0, trials, 0.0)
    lower, upper = wilson_interval(np.where(trials > 0, p, 0.0) * trials, trials, level)
    return Share(p, lower, upper, most)


def complement(share: Share) -> Share:
    """Return the share of what is not.

    Examples
    --------
    >>> import numpy as np
    >>> one = complement(simple_share(np.array([9.0]), np.array([10.0]), 0.95))
    >>> one.share.round(4), one.upper.round(4)
    (array([0.1]), array([0.4042]))
    """
    return Share(1 - share.share, 1 - share.upper, 1 - share.lower, share.n)


def cycle_of(n: FloatArray, total: FloatArray, squares: FloatArray, p90: FloatArray) -> Cycle:
    """Return mean, spread and quantile of order cycles.

    The days are whole numbers, so that their sums are exact in any order.

    Parameters
    ----------
    n, total, squares, p90 : ndarray of shape (n_groups,)
        Number, sum and sum of squares of the days; their 90 % quantile.

    Returns
    -------
    Cycle
        NaN where there is no order, or one alone for the spread.

    Examples
    --------
    Days of 2, 3, 3, 4 and 8:

    >>> import numpy as np
    >>> cycle = cycle_of(*(np.array([value]) for value in (5.0, 20.0, 102.0, 6.4)))
    >>> cycle.mean, cycle.sd.round(6), cycle.cv.round(6)
    (array([4.]), array([2.345208]), array([0.586302]))
    """
    mean = ratio(total, n)
    known = np.where(n > 1, n, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(np.maximum(squares - total * mean, 0.0) / (known - 1))
        cv = np.where(mean > 0, sd / mean, np.nan)
    return Cycle(n, mean, sd, cv, np.where(n > 0, p90, np.nan))


def settled(values: FloatArray) -> FloatArray:
    """Return numbers to twelve significant digits: engines add in any order.

    Examples
    --------
    >>> import numpy as np
    >>> settled(np.array([0.1 + 0.2, 0.0, 3e8])).tolist()
    [0.3, 0.0, 300000000.0]
    """
    size = np.floor(np.log10(np.where(values == 0, 1.0, np.abs(values))))
    scale = 10.0 ** np.clip(_DIGITS - 1 - size, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)
    return np.asarray(np.round(values * scale) / scale)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, NaN where the whole is 0.

    Parameters
    ----------
    part : ndarray
    whole : ndarray
        Of the same shape, or one that repeats to it.

    Returns
    -------
    ndarray of the shape of ``part``

    Examples
    --------
    >>> import numpy as np
    >>> ratio(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[4.0], [0.0]]))
    array([[0.25, 0.5 ],
           [ nan,  nan]])
    """
    wholes = np.broadcast_to(whole, part.shape)
    found: FloatArray = np.full(part.shape, np.nan)
    return np.divide(part, wholes, out=found, where=wholes > 0)
