"""The mathematics of RFM scores: three columns where larger is better, cut points, scores.

R looks at the time since the last purchase (T - recency), F at the number of repeat purchases, M
at money. Time since is negated, so that a customer is better in each column where the number is
larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from custvalue._numerics.ranking import cut_points_passed, quantile_cut_points
from custvalue._typing import FloatArray, IntArray

__all__ = [
    "MEASURES",
    "combined_score",
    "fitted_cut_points",
    "fixed_cut_points",
    "scores",
    "time_since_purchase",
]

MEASURES = ("recency", "frequency", "monetary")

# Whole days in any time unit leave float noise in T - recency far below a billionth of the unit;
# above a million units there is no ninth decimal to round.
_DECIMALS = 9
_LARGEST_ROUNDED = 1e6


def time_since_purchase(recency: FloatArray, T: FloatArray) -> FloatArray:
    """Return T - recency, free of the noise that would part customers who bought on one day.

    Parameters
    ----------
    recency, T : ndarray of shape (n_customers,)
        In one time unit, recency at most T.

    Returns
    -------
    ndarray of shape (n_customers,)
        Rounded to a billionth of the time unit.

    Examples
    --------
    >>> import numpy as np
    >>> T, recency = np.array([271.0, 171.0]) / 7, np.array([114.0, 14.0]) / 7
    >>> (T - recency)[0] == (T - recency)[1]
    np.False_
    >>> time_since_purchase(recency, T)
    array([22.42857143, 22.42857143])
    """
    return _rounded(T - recency)


def fitted_cut_points(
    since: FloatArray, frequency: FloatArray, money: FloatArray, n_bins: int
) -> dict[str, FloatArray]:
    """Return the cut points of each measure that put a share 1/n_bins between two scores.

    Parameters
    ----------
    since, frequency, money : ndarray of shape (n_customers,)
    n_bins : int

    Returns
    -------
    dict of str to ndarray of shape (n_bins - 1,)
        By measure, from the worst to the best.
    """
    # Adding 0.0 turns the -0.0 of a negated zero into 0.0.
    return {
        "recency": -quantile_cut_points(-since, n_bins) + 0.0,
        "frequency": quantile_cut_points(frequency, n_bins),
        "monetary": quantile_cut_points(money, n_bins),
    }


def fixed_cut_points(bins: Mapping[str, Any] | None, n_bins: int) -> dict[str, FloatArray]:
    """Check the cut points of the caller and return them from the worst to the best.

    Parameters
    ----------
    bins : mapping of str to sequence of float
        By measure, n_bins - 1 finite numbers, sorted in either direction.
    n_bins : int

    Returns
    -------
    dict of str to ndarray of shape (n_bins - 1,)

    Raises
    ------
    ValueError
        If a measure is missing or unknown, or its cut points are too many, too few, not finite
        numbers or not sorted.
    """
    found = None if bins is None else sorted(map(str, bins))
    if bins is None or found != sorted(MEASURES):
        raise ValueError(
            f"bins must be a dict with the keys {', '.join(MEASURES)} for method='fixed'; "
            f"found {'None' if found is None else ', '.join(found) or 'no key'}"
        )
    points = {name: np.sort(_numbers(name, bins[name], n_bins)) for name in MEASURES}
    points["recency"] = _rounded(points["recency"][::-1])
    return points


def scores(
    since: FloatArray,
    frequency: FloatArray,
    money: FloatArray,
    cut_points: Mapping[str, FloatArray],
) -> tuple[IntArray, IntArray, IntArray]:
    """Return 1 + the number of cut points that a customer is strictly better than, thrice.

    Parameters
    ----------
    since, frequency, money : ndarray of shape (n_customers,)
    cut_points : mapping of str to ndarray of shape (n_bins - 1,)
        By measure, from the worst to the best.

    Returns
    -------
    r, f, m : ndarray of int of shape (n_customers,)
        From 1 to n_bins, the best.
    """
    return (
        1 + cut_points_passed(-since, -cut_points["recency"]),
        1 + cut_points_passed(frequency, cut_points["frequency"]),
        1 + cut_points_passed(money, cut_points["monetary"]),
    )


def combined_score(r: IntArray, f: IntArray, m: IntArray, n_bins: int) -> IntArray:
    """Return the three scores side by side as one number, with as many digits as n_bins has.

    Parameters
    ----------
    r, f, m : ndarray of int of shape (n_customers,)
    n_bins : int

    Returns
    -------
    ndarray of int of shape (n_customers,)

    Examples
    --------
    >>> import numpy as np
    >>> combined_score(np.array([5]), np.array([1]), np.array([3]), 5)
    array([513])
    >>> combined_score(np.array([10]), np.array([1]), np.array([3]), 10)
    array([100103])
    """
    base = 10 ** len(str(n_bins))
    combined: IntArray = base * base * r + base * f + m
    return combined


def _rounded(times: FloatArray) -> FloatArray:
    small = np.abs(times) < _LARGEST_ROUNDED
    rounded: FloatArray = np.where(small, np.round(np.where(small, times, 0), _DECIMALS), times)
    return rounded


def _numbers(name: str, points: Sequence[Any], n_bins: int) -> FloatArray:
    """Return the cut points of one measure as floats, or say what is wrong with them."""
    values = list(points) if np.iterable(points) and not isinstance(points, str) else [points]
    if len(values) != n_bins - 1:
        raise ValueError(
            f"bins[{name!r}] must hold n_bins - 1 = {n_bins - 1} cut points; "
            f"found {len(values)}: {values!r}"
        )
    wrong = [v for v in values if isinstance(v, bool) or not isinstance(v, Real)]
    wrong = wrong or [v for v in values if not np.isfinite(v)]
    if wrong:
        raise ValueError(f"bins[{name!r}] must hold finite numbers; found {wrong[0]!r}")
    numbers = np.asarray(values, dtype=np.float64)
    steps = np.diff(numbers)
    if not ((steps >= 0).all() or (steps <= 0).all()):
        raise ValueError(f"bins[{name!r}] must be sorted; found {values!r}")
    return numbers
