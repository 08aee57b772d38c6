"""Ranks and cut points that keep ties together and depend on the order of values alone."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, IntArray

__all__ = ["competition_rank", "cut_points_passed", "quantile_cut_points"]


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


def quantile_cut_points(values: FloatArray, n_bins: int) -> FloatArray:
    """Return the values that a newcomer must exceed to stand one bin higher.

    Let W(v) be how many of the n values are strictly smaller than v. The number of cut points
    that are strictly smaller than v is then min(n_bins - 1, floor(n_bins W(v) / n)), exactly and
    for every v, among the values or not: floor(n_bins W / n) is at least k just where W is at least
    m = ceil(k n / n_bins), and so where v exceeds the m-th smallest value. All counts are whole
    numbers, so that no share is ever rounded.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        At least one value, all finite.
    n_bins : int
        At least 2.

    Returns
    -------
    ndarray of shape (n_bins - 1,)
        Cut points in ascending order; ties in the values can make some of them equal.

    Examples
    --------
    >>> import numpy as np
    >>> quantile_cut_points(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 8.0, 9.0]), 5)
    array([0., 1., 3., 8.])
    """
    steps = np.arange(1, n_bins, dtype=np.int64)
    needed = -(-steps * len(values) // n_bins)
    return np.sort(values)[needed - 1]


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
