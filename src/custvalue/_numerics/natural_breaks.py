"""Natural breaks: the classes of sorted numbers with the least squares inside (Fisher 1958, Jenks).

With weights w, classes of neighbours are chosen so that the sum over classes of
sum w (x - class mean)^2 is least. Fisher (1958, JASA 53, 789-798) shows that the best classes are
neighbours and solves by dynamic programming: the best k classes of the first j values end in a
class that begins where the best k - 1 classes of the values before it end. That beginning never
falls as j grows, so each step costs O(n log n) by halving (Wu 1991; Song & Zhong 2020), here all
halves of one depth at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custvalue._numerics.ranking import weighted_values
from custvalue._typing import FloatArray, IntArray

__all__ = ["MOST_VALUES", "natural_breaks"]

MOST_VALUES = 5000
"""Up to so many distinct values the classes are the best of all."""

_TIE = 1e-12
"""Classes whose squares differ by less, as a share of all squares, are equally good."""


def natural_breaks(
    values: FloatArray,
    n_bins: int,
    weights: FloatArray | None = None,
    *,
    position: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Return the values that a newcomer must exceed to stand one class higher.

    Of equally good classes those with the lower cut points are taken, so that the unit of the
    values, which moves the last bit, changes nothing. Where there are at most ``n_bins`` distinct
    values each is a class, and the classes are spread over the bins from the first to the last:
    cut points repeat, and the bins between stay empty. Above `MOST_VALUES` distinct values the
    classes are the best whose limits lie between that many groups of equal weight.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        At least one value, all finite.
    n_bins : int
        At least 2.
    weights : ndarray of shape (n_values,), optional
        Not negative, not all 0.
    position : callable, optional
        Takes distinct values in ascending order and gives where they lie, in the same order:
        squares are taken of distances there. Left out, the values themselves.

    Returns
    -------
    ndarray of shape (n_bins - 1,)
        Cut points in ascending order: the largest value of each class but the last.

    Examples
    --------
    >>> import numpy as np
    >>> natural_breaks(np.array([1.0, 2.0, 3.0, 20.0, 21.0, 90.0]), 3)
    array([ 3., 21.])
    >>> natural_breaks(np.array([0.0, 0.0, 0.0, 7.0]), 4)
    array([0., 0., 0.])
    """
    distinct, totals = weighted_values(values, weights)
    if len(distinct) <= n_bins:
        return distinct[_spread(len(distinct), n_bins)]
    x = _standardised(distinct if position is None else position(distinct), totals)
    moments = np.vstack([totals, totals * x, totals * x**2])
    last = np.arange(len(distinct))
    if len(distinct) > MOST_VALUES:
        groups = np.minimum(MOST_VALUES * _shares_before(totals), MOST_VALUES - 1).astype(np.int64)
        first = np.flatnonzero(np.diff(groups, prepend=-1))
        moments = np.add.reduceat(moments, first, axis=1)
        last = np.r_[first[1:], len(distinct)] - 1
    if len(last) <= n_bins:
        return distinct[last[_spread(len(last), n_bins)]]
    return distinct[last[_best_ends(moments, n_bins)]]


def _spread(count: int, n_bins: int) -> IntArray:
    """Return which of a few values is each cut point: the i-th stands in bin 1 + i (b-1) // (c-1).

    A single value is every cut point.
    """
    steps = np.arange(1, n_bins, dtype=np.int64)
    return np.maximum(-(-steps * (count - 1) // (n_bins - 1)) - 1, 0)


def _standardised(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the positions around their mean, so that differences of sums of squares keep digits.

    Distances are divided by the largest, lest their squares overflow.
    """
    half = x / 2
    largest = half[-1] - half[0]
    if largest == 0:
        return np.zeros_like(x)
    places = (half - half[0]) / largest
    centred: FloatArray = places - np.average(places, weights=weights)
    return centred


def _shares_before(totals: FloatArray) -> FloatArray:
    """Return the share of the weight that lies before each value."""
    reached = np.cumsum(totals)
    before: FloatArray = (reached - totals) / reached[-1]
    return before


def _best_ends(moments: FloatArray, n_bins: int) -> IntArray:
    """Return the position of the last value of each class but the last.

    Parameters
    ----------
    moments : ndarray of shape (3, n_values)
        Weight, weighted position and weighted square of each value; more values than bins.
    n_bins : int

    Returns
    -------
    ndarray of int of shape (n_bins - 1,)
    """
    sums = np.zeros((3, moments.shape[1] + 1))
    np.cumsum(moments, axis=1, out=sums[:, 1:])
    n = moments.shape[1]
    cost = np.full(n + 1, np.inf)
    cost[1:] = _squares(sums, np.zeros(n, dtype=np.int64), np.arange(1, n + 1))
    starts = np.zeros((n_bins + 1, n + 1), dtype=np.int64)
    for k in range(2, n_bins + 1):
        cost, starts[k] = _one_class_more(cost, sums, k)
    ends = np.empty(n_bins - 1, dtype=np.int64)
    end = n
    for k in range(n_bins, 1, -1):
        end = starts[k, end]
        ends[k - 2] = end - 1
    return ends


def _one_class_more(cost: FloatArray, sums: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
    """Return cost and last beginning of the best k classes of the first j values, for every j.

    Parameters
    ----------
    cost : ndarray of shape (n_values + 1,)
        Cost of the best k - 1 classes of the first j values, infinite where j < k - 1.
    sums : ndarray of shape (3, n_values + 1)
        Sums of the moments of the first j values.
    k : int

    Returns
    -------
    cost, start : ndarray of shape (n_values + 1,)
    """
    n = len(cost) - 1
    best, start = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    low, high = np.array([k]), np.array([n])  # ranges of j to do, of one depth
    least, most = np.array([k - 1]), np.array([n - 1])  # where their beginnings lie
    while len(low):
        middle = (low + high) // 2
        best[middle], start[middle] = _best_starts(cost, sums, middle, least, most)
        found = start[middle]
        low, high = np.r_[low, middle + 1], np.r_[middle - 1, high]
        least, most = np.r_[least, found], np.r_[found, most]
        left = low <= high
        low, high, least, most = low[left], high[left], least[left], most[left]
    return best, start


def _best_starts(
    cost: FloatArray, sums: FloatArray, j: IntArray, least: IntArray, most: IntArray
) -> tuple[FloatArray, IntArray]:
    """Return cost and beginning of the best last class of the first j values, for some j.

    Beginnings from ``least`` to ``most`` are tried, below j.
    """
    lengths = np.minimum(most, j - 1) - least + 1
    offsets = np.cumsum(lengths) - lengths
    starts = np.arange(lengths.sum()) - np.repeat(offsets - least, lengths)
    tried = cost[starts] + _squares(sums, starts, np.repeat(j, lengths))
    best = np.minimum.reduceat(tried, offsets)
    near = tried <= np.repeat(best + _TIE * _total_squares(sums), lengths)
    first = np.minimum.reduceat(np.where(near, starts, sums.shape[1]), offsets)
    return best, first


def _squares(sums: FloatArray, start: IntArray, end: IntArray) -> FloatArray:
    """Return the squares around the mean of the values from ``start`` up to before ``end``."""
    weight, first, second = sums[:, end] - sums[:, start]
    squares: FloatArray = np.maximum(second - first**2 / weight, 0.0)
    return squares


def _total_squares(sums: FloatArray) -> float:
    weight, first, second = sums[:, -1]
    return float(second - first**2 / weight)
