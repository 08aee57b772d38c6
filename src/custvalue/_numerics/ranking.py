"""Ranks and cut points that keep ties together and depend on the order of values alone."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["competition_rank", "cut_points_passed", "quantile_cut_points", "weighted_values"]

_SLACK = 1e-12


def competition_rank(
    values: FloatArray | IntArray, among: FloatArray | IntArray | None = None
) -> IntArray:
    """Return 1 + the number of values strictly smaller ("1224", standard competition ranking).

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        What to rank; the smallest comes first.
    among : ndarray of shape (n_others,), optional
        The values to count. Left out, the values are ranked among themselves.

    Returns
    -------
    ndarray of int of shape (n_values,)

    Examples
    --------
    >>> import numpy as np
    >>> competition_rank(np.array([12.0, 7.0, 12.0, 16.0]))
    array([2, 1, 2, 4])
    >>> competition_rank(np.array([10.0]), among=np.array([12.0, 7.0, 12.0, 16.0]))
    array([2])
    """
    others = np.sort(values if among is None else among)
    return 1 + np.searchsorted(others, values, side="left").astype(np.int64)


def quantile_cut_points(
    values: FloatArray, n_bins: int, weights: FloatArray | None = None
) -> FloatArray:
    """Return the values that a newcomer must exceed to stand one bin higher.

    Let W(v) be how many of the n values are strictly smaller than v. The number of cut points
    that are strictly smaller than v is then min(n_bins - 1, floor(n_bins W(v) / n)), exactly and
    for every v, among the values or not: floor(n_bins W / n) is at least k just where W is at least
    m = ceil(k n / n_bins), and so where v exceeds the m-th smallest value. All counts are whole
    numbers, so that no share is ever rounded.

    Weights count a value as often as they say. Whole weights give to the last bit what so many
    copies give; other weights are summed in floating point, and a share that falls short of a bin
    by less than 1e-12 of the whole has reached it.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        At least one value, all finite.
    n_bins : int
        At least 2.
    weights : ndarray of shape (n_values,), optional
        Not negative, not all 0.

    Returns
    -------
    ndarray of shape (n_bins - 1,)
        Cut points in ascending order; ties in the values can make some of them equal.

    Examples
    --------
    >>> import numpy as np
    >>> quantile_cut_points(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 8.0, 9.0]), 5)
    array([0., 1., 3., 8.])
    >>> quantile_cut_points(np.array([0.0, 1.0, 2.0]), 2, np.array([1.0, 1.0, 5.0]))
    array([2.])
    """
    steps = np.arange(1, n_bins, dtype=np.int64)
    if weights is None:
        needed = -(-steps * len(values) // n_bins)
        return np.sort(values)[needed - 1]
    distinct, totals = weighted_values(values, weights)
    reached = np.cumsum(totals)
    whole = bool((totals == np.floor(totals)).all())
    slack = 0.0 if whole else _SLACK * n_bins * reached[-1]
    first = np.searchsorted(n_bins * reached + slack, steps * reached[-1], side="left")
    points: FloatArray = distinct[first]
    return points


def weighted_values(
    values: FloatArray, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return the distinct values that have weight, in ascending order, and their weights.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    weights : ndarray of shape (n_values,) or None
        None counts every value once.

    Returns
    -------
    distinct, totals : ndarray of shape (n_distinct,)
        Sums to the last bit alike in any order of the values.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_values(np.array([2.0, 1.0, 2.0, 9.0]), np.array([0.5, 1.0, 1.0, 0.0]))
    (array([1., 2.]), array([1. , 1.5]))
    """
    if weights is None:
        distinct, counts = np.unique(values, return_counts=True)
        return distinct, counts.astype(np.float64)
    order = np.lexsort((weights, values))
    order = order[weights[order] > 0]
    ranked = values[order]
    first = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    return ranked[first], np.add.reduceat(weights[order], first)


def cut_points_passed(values: FloatArray, cut_points: FloatArray) -> IntArray:
    """Return how many cut points each value strictly exceeds.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    cut_points : ndarray of shape (n_cut_points,)
        In ascending order.

    Returns
    -------
    ndarray of int of shape (n_values,)

    Examples
    --------
    >>> import numpy as np
    >>> cut_points_passed(np.array([0.0, 1.5, 8.0, 99.0]), np.array([0.0, 1.0, 3.0, 8.0]))
    array([0, 2, 3, 4])
    """
    return np.searchsorted(cut_points, values, side="left").astype(np.int64)
