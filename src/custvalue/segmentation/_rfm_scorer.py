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

from custvalue._numerics.natural_breaks import natural_breaks
from custvalue._numerics.ranking import cut_points_passed, quantile_cut_points
from custvalue._typing import FloatArray, IntArray

__all__ = [
    "MEASURES",
    "check_score_weights",
    "combined_score",
    "fitted_cut_points",
    "fixed_cut_points",
    "scores",
    "time_since_purchase",
    "weighted_score",
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
    since: FloatArray,
    frequency: FloatArray,
    money: FloatArray,
    n_bins: int,
    *,
    method: str = "quantile",
    weights: FloatArray | None = None,
    positive_money: bool = False,
) -> dict[str, FloatArray]:
    """Return the cut points of each measure.

    Parameters
    ----------
    since, frequency, money : ndarray of shape (n_customers,)
    n_bins : int
    method : {"quantile", "breaks"}
        "quantile" puts a share 1/n_bins between two scores; "breaks" the natural breaks of the
        logarithms.
    weights : ndarray of shape (n_customers,), optional
        How many customers each row stands for.
    positive_money : bool
        Learn the cut points of money from those whose money is positive.

    Returns
    -------
    dict of str to ndarray of shape (n_bins - 1,)
        By measure, from the worst to the best.
    """
    cut = quantile_cut_points if method == "quantile" else _log_breaks
    paid = money > 0 if positive_money else np.ones(len(money), dtype=bool)
    # Adding 0.0 turns the -0.0 of a negated zero into 0.0.
    return {
        "recency": -cut(-since, n_bins, weights) + 0.0,
        "frequency": cut(frequency, n_bins, weights),
        "monetary": cut(money[paid], n_bins, None if weights is None else weights[paid]),
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
    *,
    positive_money: bool = False,
) -> tuple[IntArray, IntArray, IntArray]:
    """Return 1 + the number of cut points that a customer is strictly better than, thrice.

    Parameters
    ----------
    since, frequency, money : ndarray of shape (n_customers,)
    cut_points : mapping of str to ndarray of shape (n_bins - 1,)
        By measure, from the worst to the best.
    positive_money : bool
        Money that is not positive betters no cut point.

    Returns
    -------
    r, f, m : ndarray of int of shape (n_customers,)
        From 1 to n_bins, the best.
    """
    money = np.where(money > 0, money, -np.inf) if positive_money else money
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


def check_score_weights(weights: Mapping[str, Any] | None) -> dict[str, float] | None:
    """Check the weights of the three scores and return them with the sum 1.

    Parameters
    ----------
    weights : mapping of str to float, or None
        One for each measure.

    Returns
    -------
    dict of str to float, or None
        In the order of the measures.

    Raises
    ------
    ValueError
        If a measure is missing or unknown, or a weight is no finite number of at least 0, or all
        are 0.

    Examples
    --------
    >>> check_score_weights({"recency": 2, "frequency": 1, "monetary": 1})
    {'recency': 0.5, 'frequency': 0.25, 'monetary': 0.25}
    """
    if weights is None:
        return None
    if sorted(map(str, weights)) != sorted(MEASURES):
        raise ValueError(
            f"weights must have the keys {', '.join(MEASURES)}; "
            f"found {', '.join(sorted(map(str, weights))) or 'no key'}"
        )
    for name, value in weights.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or value < 0:
            raise ValueError(
                f"weights[{name!r}] must be a finite number of at least 0; found {value!r}"
            )
    largest = max(float(weights[name]) for name in MEASURES)
    if largest == 0:
        raise ValueError("weights must not all be 0; found 0 for every score")
    shares = {name: float(weights[name]) / largest for name in MEASURES}
    return {name: share / sum(shares.values()) for name, share in shares.items()}


def weighted_score(
    r: IntArray, f: IntArray, m: IntArray, weights: Mapping[str, float]
) -> FloatArray:
    """Return the weighted mean of the three scores.

    Parameters
    ----------
    r, f, m : ndarray of int of shape (n_customers,)
    weights : mapping of str to float
        By measure, with the sum 1.

    Returns
    -------
    ndarray of shape (n_customers,)
        Between the smallest and the largest of the three.
    """
    shares = [weights[name] for name in MEASURES]
    mean = shares[0] * r + shares[1] * f + shares[2] * m
    smallest, largest = np.minimum(np.minimum(r, f), m), np.maximum(np.maximum(r, f), m)
    clipped: FloatArray = np.clip(mean, smallest, largest)
    return clipped


def _log_breaks(values: FloatArray, n_bins: int, weights: FloatArray | None) -> FloatArray:
    """Return natural breaks of sign(x) log(1 + |x| / typical |x|).

    Days, counts and money are skewed: squares of the raw values would spend most scores on a few
    large customers. Divided by the median of those that are not 0 they have no unit.
    """
    size = np.abs(values)
    sized = size > 0
    if not sized.any():
        return natural_breaks(values, n_bins, weights)
    known = None if weights is None else weights[sized]
    if known is not None and not known.any():
        return natural_breaks(values, n_bins, weights)
    typical = float(np.log(quantile_cut_points(size[sized], 2, known)[0]))

    def position(distinct: FloatArray) -> FloatArray:
        logs = np.full(len(distinct), -np.inf)
        np.log(np.abs(distinct), out=logs, where=distinct != 0)
        # log(1 + e^d), which is not spoilt where |x| / typical overflows.
        places: FloatArray = np.sign(distinct) * np.logaddexp(0.0, logs - typical)
        return places

    return natural_breaks(values, n_bins, weights, position=position)


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
